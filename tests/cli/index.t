#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Indexes of Debian archives: what is taken, and every way in which one can be wrong.
shopt -s lastpipe # what stands behind a pipe counts, too
. "$(dirname "$0")/tap.sh"

repo=$top/tests/lib/repo
show=${BUILD:-$top/build}/tools/index-show
key=$dir/key other=$dir/other
"$repo" key "$key" >/dev/null 2>&1
"$repo" key "$other" >/dev/null 2>&1
one=$("$repo" toydeb "$dir" aa 1.0-1 amd64 "Source: src (2.0)")
two=$("$repo" toydeb "$dir" bb 1:2.0 all "Depends: aa (>= 1) | cc, dd")
"$repo" deb "$key" "$dir/good" stable main amd64 "$one" "$two" >"$dir/log" 2>&1
"$repo" flat "$key" "$dir/flat" "$one" "$two" >>"$dir/log" 2>&1
packages=dists/stable/main/binary-amd64/Packages

show() {
	"$show" "$@" >"$out" 2>"$err" </dev/null
	status=$?
}
# STATUS is the errno.
refused() { # ERRNO REGEX WHAT ARG...
	local want=$1 regex=$2 what=$3
	shift 3
	show "$@"
	is "$what: refused" "$status" "$want"
	has "$what: and why" "$err" "$regex"
	is "$what: nothing is handed on" "$(wc -c <"$out")" 0
}
fresh() { # a copy of the good one, of which only the plain index is left
	rm -rf "$dir/bent"
	cp -a "$dir/good" "$dir/bent"
	rm -f "$dir"/bent/$packages.*
}
signed() { # signs what was bent
	"$repo" sign "$key" "$dir/bent/dists/stable" >>"$dir/log" 2>&1
}
EBADMSG=74 ENOKEY=126 EKEYREJECTED=129 ESTALE=116 E2BIG=7 EEXIST=17 ENOENT=2 EINVAL=22

show -a -k "$key/keyring.gpg" "$dir/good stable main"
is "an archive is read" "$status" 0
has "signed" "$out" '^index .*: 2 packages, .* signed by [0-9A-F]{40}$'
has "a source of its own" "$out" "^aa 1\\.0-1 amd64 src 2\\.0 pool/[^ ]* [0-9]+ $(sha256sum <"$one" | cut -d' ' -f1)\$"
has "and none" "$out" '^bb 1:2\.0 all bb 1:2\.0 '
show -k "$key/keyring.gpg" "$dir/good"
is "the only suite, and its components" "$status" 0
show -k "$key/keyring.gpg" "$dir/flat"
is "a flat one" "$status" 0
has "has both" "$out" ': 2 packages'
show -k "$key/keyring.gpg" -f aa "$dir/good"
is "the file of a package" "$(sed -n 2p "$out" | sed 's|.*/||')" "${one##*/}"

# --- who vouches --------------------------------------------------------------------------------
refused $ENOKEY 'none of the keyrings has' "another key" -k "$other/keyring.gpg" "$dir/good"
refused $ENOENT 'no such keyring' "no such keyring" -k "$dir/none.gpg" "$dir/good"
(cd "$key" && "$show" -k keyring.gpg "$dir/good" >"$out" 2>"$err")
is "a keyring in the directory where one is" "$?" 0
gpg --homedir "$key" --batch -q --armor --export >"$dir/armour.asc" 2>/dev/null
refused $EINVAL 'gpg --dearmor' "a keyring in armour" -k "$dir/armour.asc" "$dir/good"
fresh
sed -i 's/^Codename:.*/Codename: evil/; s/^Origin:.*/Origin: evil/; s/^Suite:.*/Suite: stable /' "$dir/bent/dists/stable/InRelease"
refused $EKEYREJECTED 'signature is not right' "a changed InRelease" -k "$key/keyring.gpg" "$dir/bent"
refused $EKEYREJECTED 'signature is not right' "even where unsigned would do" -u -k "$key/keyring.gpg" "$dir/bent"
fresh
{ printf 'SHA256:\n %064d 5 main/binary-amd64/Packages\n' 0; cat "$dir/bent/dists/stable/InRelease"; } >"$dir/new"
mv "$dir/new" "$dir/bent/dists/stable/InRelease"
show -k "$key/keyring.gpg" "$dir/bent"
is "text before what is signed counts for nothing" "$status" 0
fresh
rm "$dir/bent/dists/stable/InRelease"
show -k "$key/keyring.gpg" "$dir/bent"
is "Release with Release.gpg" "$status" 0
echo "Origin: evil" >>"$dir/bent/dists/stable/Release"
refused $EKEYREJECTED 'signature is not right' "a changed Release" -k "$key/keyring.gpg" "$dir/bent"
fresh
rm "$dir/bent/dists/stable/InRelease" "$dir/bent/dists/stable/Release.gpg"
refused $ENOKEY 'nobody signed it' "unsigned" -k "$key/keyring.gpg" "$dir/bent"
show -u "$dir/bent"
is "unsigned, and that will do" "$status" 0
has "is told" "$out" 'signed by nobody'
# Each line was once measured to the end of the file: minutes.
{ sed -n '/^SHA256:/q; p' "$dir/bent/dists/stable/Release"; echo SHA256:; yes "$(printf ' %064d 7 other' 0)" | head -c 12000000
  echo; sed -n '/^SHA256:/,$ { /^ /p }' "$dir/bent/dists/stable/Release"; } >"$dir/new"
mv "$dir/new" "$dir/bent/dists/stable/Release"
ok "a Release of 12 MB takes less than ten seconds" sh -c 'ulimit -t 9; "$0" -u "$1"' "$show" "$dir/bent"
sed -i '/^SHA256:/,$d' "$dir/bent/dists/stable/Release"
refused $EBADMSG 'does not list it' "unsigned, and cut before its digests" -u "$dir/bent"
refused $EBADMSG 'is of suite' "a suite under another's name" -k "$key/keyring.gpg" \
	"$(cp -a "$dir/good" "$dir/renamed" && mv "$dir/renamed/dists/stable" "$dir/renamed/dists/testing" && echo "$dir/renamed") testing main"
fresh
VALID_UNTIL='Sat, 07 Nov 2026 08:00:00 UTC' signed
refused $ESTALE 'valid until 2026-11-07' "too old" -t 2026-11-08 -k "$key/keyring.gpg" "$dir/bent"
show -t 2026-11-07 -k "$key/keyring.gpg" "$dir/bent"
is "on its last day" "$status" 0
refused $ENOENT 'no component' "a component that it has not" -k "$key/keyring.gpg" "$dir/good stable contrib"
refused $ENOENT 'no such repository' "nothing there" "$dir/nowhere"

# --- the digests --------------------------------------------------------------------------------
for end in '' .xz .gz; do
	rm -rf "$dir/bent"
	cp -a "$dir/good" "$dir/bent"
	[ -e "$dir/bent/$packages$end" ] || continue
	for f in "$dir/bent/$packages"*; do [ "$f" = "$dir/bent/$packages$end" ] || rm "$f"; done
	show -k "$key/keyring.gpg" "$dir/bent"
	is "Packages$end" "$status" 0
	truncate -s -4 "$dir/bent/$packages$end"
	refused $EBADMSG 'not the file that its Release' "Packages$end, cut" -k "$key/keyring.gpg" "$dir/bent"
done
fresh
echo >>"$dir/bent/$packages"
refused $EBADMSG 'not the file that its Release' "one byte more" -k "$key/keyring.gpg" "$dir/bent"
fresh
printf x | dd of="$(find "$dir/bent/pool" -name 'aa_*')" bs=1 seek=100 conv=notrunc 2>/dev/null
show -k "$key/keyring.gpg" -f aa "$dir/bent"
is "a package whose digest is another" "$status" 2
has "is told" "$err" 'its digest is not that'
printf x >>"$(find "$dir/bent/pool" -name 'aa_*')"
show -k "$key/keyring.gpg" -f aa "$dir/bent"
has "so is its size" "$err" "the repository's index says"
rm -r "$dir/bent/pool"
show -k "$key/keyring.gpg" -f aa "$dir/bent"
has "and that it is not there" "$err" 'is not there'
show -k "$key/keyring.gpg" -p "$dir" -f aa "$dir/bent"
is "but in a pool of ours" "$status" 0

# --- packed, where nobody vouches for them ------------------------------------------------------
mkdir "$dir/packed"
"$show" >/dev/null 2>&1
for i in $(seq 2000); do
	printf 'Package: pp%s\nVersion: %s\nArchitecture: amd64\nFilename: pool/p%s.deb\nSize: 5\nSHA256: %064d\n\n' "$i" "$i" "$i" "$i"
done >"$dir/packed/Packages"
half=$(($(wc -c <"$dir/packed/Packages") / 2))
for z in "xz xz" "gz gzip" "bz2 bzip2" "zst zstd"; do
	end=${z%% *} program=${z##* }
	$program -q <"$dir/packed/Packages" >"$dir/packed/Packages.$end"
	show -u "$dir/packed/Packages.$end"
	has "$end" "$out" ': 2000 packages'
	{ head -c "$half" "$dir/packed/Packages" | $program -q; tail -c +$((half + 1)) "$dir/packed/Packages" | $program -q; } \
		>"$dir/packed/Packages.two.$end"
	show -u "$dir/packed/Packages.two.$end"
	is "$end of two streams: all or nothing" "$(sed 's/.*: \(.*\) packages.*/\1/' "$out")$status" 20000
	for cut in 1 4 12 600; do
		head -c "-$cut" "$dir/packed/Packages.$end" >"$dir/packed/Packages.cut.$end"
		refused $EBADMSG 'truncated|corrupt' "$end without its last $cut bytes" -u "$dir/packed/Packages.cut.$end"
	done
done
head -c "$half" "$dir/packed/Packages" >"$dir/packed/Packages.half"
refused $EBADMSG 'truncated|has no|neither' "plain, cut" -u "$dir/packed/Packages.half"
cp "$dir/packed/Packages" "$dir/packed/Packages.mis.xz"
refused $EBADMSG 'corrupt|not of the compression|xz' "plain text that is called .xz" -u "$dir/packed/Packages.mis.xz"
refused $ENOKEY 'nobody signed' "a single file, unless that will do" "$dir/packed/Packages"

# --- stanzas ------------------------------------------------------------------------------------
stanza() { # FIELD... (SED)
	printf 'Package: aa\nVersion: 1\nArchitecture: amd64\nDepends: bb\nFilename: pool/a.deb\nSize: 5\nSHA256: %064d\n' 7
}
wrong() { # ERRNO REGEX WHAT, text on standard input
	cat >"$dir/Packages.wrong"
	refused "$1" "$2" "$3" -u "$dir/Packages.wrong"
}
stanza | sed 's/^Depends: bb/Depends: bb,\n cc/' >"$dir/Packages.fold"
show -u "$dir/Packages.fold"
is "a folded field" "$status" 0
for f in Package Version Architecture Filename Size SHA256; do
	stanza | sed "/^$f:/d" | wrong $EBADMSG "has no $f" "no $f"
	stanza | sed "s/^\\($f:.*\\)/\\1\\n\\1/" | wrong $EBADMSG 'has already' "$f twice"
done
stanza | sed 's/$/\r/' | wrong $EBADMSG 'control character' "carriage returns"
{ stanza; echo ' '; stanza; } | wrong $EBADMSG 'line of blanks' "stanzas joined by a blank"
stanza | sed 's/bb/b\x00b/' | wrong $EBADMSG 'control character' "NUL"
stanza | sed 's/bb/b\x1b[31mb/' | wrong $EBADMSG 'control character' "an escape"
stanza | sed 's/^Package: aa/Package: aa\n bb/' | wrong $EBADMSG 'name that no package' "a name of two lines"
for name in a A.B ../x 'a b' '-a' 'a;b' 'a$(id)'; do
	stanza | sed "s|^Package: aa|Package: $name|" | wrong $EBADMSG 'name that no package' "the name $name"
done
stanza | sed 's/^Version: 1/Version: 1 (2)/' | wrong $EBADMSG 'version that is none' "a version with blanks"
for f in /etc/passwd ../../x pool/../../x http://x/y; do
	stanza | sed "s|^Filename: .*|Filename: $f|" | wrong $EBADMSG 'Filename outside' "Filename $f"
done
stanza | sed 's/^SHA256: ./SHA256: /' | wrong $EBADMSG 'SHA256 that is none' "a short digest"
stanza | sed 's/^Size: 5/Size: -5/' | wrong $EBADMSG 'Size that is none' "a negative size"
{ stanza; echo; stanza | sed 's/7$/8/'; } | wrong $EEXIST 'twice, with different' "one name and version twice"
{ stanza; echo; stanza; } >"$dir/Packages.same"
show -u "$dir/Packages.same"
is "the same twice" "$status" 0
{ stanza | sed '/^Depends/d'; printf 'Depends: a'; yes ' | a' | head -100000 | tr -d '\n'; echo; } |
	wrong $E2BIG 'alternatives' "100,000 alternatives"
{ stanza; printf 'X: '; head -c 2000000 /dev/zero | tr '\0' x; echo; } | wrong $E2BIG 'more than 1048576 bytes' "an endless line"
echo '<html><body>Not found</body></html>' | wrong $EBADMSG 'neither a field' "a page of a proxy"
head -c 3000 /dev/urandom | wrong $EBADMSG '.' "noise"

# --- rpm-md -------------------------------------------------------------------------------------
rpm1=$("$repo" toyrpm "$dir" rr 1.0-1 x86_64 "Epoch: 2" "Provides: x = 1" 2>/dev/null)
rpm2=$("$repo" toyrpm "$dir" ss 3-1.fc1 noarch 2>/dev/null)
for z in gz xz bz2; do
	COMPRESS=$z "$repo" rpm "$key" "$dir/rpm-$z" "$rpm1" "$rpm2" >>"$dir/log" 2>&1
	show -a -k "$key/keyring.gpg" "$dir/rpm-$z"
	is "rpm-md packed with $z" "$status" 0
	has "$z: a package with an epoch" "$out" "^rr 2:1\\.0-1 x86_64 rr 1\\.0-1 rr-1\\.0-1\\.x86_64\\.rpm [0-9]+ $(sha256sum <"$rpm1" | cut -d' ' -f1)\$"
	has "$z: and one without" "$out" '^ss 3-1\.fc1 noarch '
	has "$z: signed" "$out" '2 packages, .* signed by [0-9A-F]{40}$'
	primary=$(ls "$dir/rpm-$z"/repodata/*primary.xml.*)
	truncate -s -1 "$primary"
	refused $EBADMSG 'not the file that repomd' "$z, cut" -k "$key/keyring.gpg" "$dir/rpm-$z"
done
cp -a "$dir/rpm-gz" "$dir/rpm-evil"
sed -i 's/<revision>/<revision>1/' "$dir/rpm-evil/repodata/repomd.xml"
refused $EKEYREJECTED 'signature is not right' "a changed repomd.xml" -k "$key/keyring.gpg" "$dir/rpm-evil"
rm "$dir/rpm-evil/repodata/repomd.xml.asc"
refused $ENOKEY 'nobody signed it' "an unsigned one" -k "$key/keyring.gpg" "$dir/rpm-evil"

primary() { # [PACKAGES]: two packages
	printf '<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="%s">\n' "${1:-2}"
	for n in aa bb; do
		printf '<package type="rpm"><name>%s</name><arch>x86_64</arch><version epoch="0" ver="1" rel="2"/><checksum type="sha256" pkgid="YES">%064d</checksum><size package="5"/><location href="%s.rpm"/><format><rpm:sourcerpm>src-9-8.src.rpm</rpm:sourcerpm><rpm:requires><rpm:entry name="dep"/></rpm:requires></format></package>\n' $n 7 $n
	done
	echo '</metadata>'
}
made() { # makes a repository of the primary.xml on standard input
	rm -rf "$dir/made"
	mkdir -p "$dir/made/repodata"
	cat >"$dir/made/repodata/primary.xml"
	printf '<repomd><data type="primary"><checksum type="sha256">%s</checksum><location href="repodata/primary.xml"/><size>%s</size></data></repomd>' \
		"$(sha256sum <"$dir/made/repodata/primary.xml" | cut -d' ' -f1)" "$(wc -c <"$dir/made/repodata/primary.xml")" \
		>"$dir/made/repodata/repomd.xml"
}
made_packed() { # FILE: makes a repository of this primary.xml.*, whose digest and size are right
	rm -rf "$dir/made"
	mkdir -p "$dir/made/repodata"
	cp "$1" "$dir/made/repodata/"
	printf '<repomd><data type="primary"><checksum type="sha256">%s</checksum><location href="repodata/%s"/><size>%s</size></data></repomd>' \
		"$(sha256sum <"$1" | cut -d' ' -f1)" "${1##*/}" "$(wc -c <"$1")" >"$dir/made/repodata/repomd.xml"
}
wrong_rpm() { # ERRNO REGEX WHAT
	made
	refused "$1" "$2" "$3" -u "$dir/made"
}
primary | made
show -a -u "$dir/made"
is "a made one" "$status" 0
has "with its source" "$out" '^aa 1-2 x86_64 src 9-8 aa\.rpm 5 '
# Packed and cut where every digest is right: whoever made the repository cut it.
{
	primary 3000 | sed -n 1,2p
	for i in $(seq 1500); do primary | sed -n 3,4p | sed "s/aa/aa$i/g; s/bb/bb$i/g; s/<rpm:entry/<rpm:entry flags=\"EQ\" ver=\"$RANDOM$RANDOM\"/"; done
	echo '</metadata>'
} >"$dir/packed/primary.xml"
half=$(($(wc -c <"$dir/packed/primary.xml") / 2))
for z in "xz xz" "gz gzip" "bz2 bzip2" "zst zstd"; do
	end=${z%% *} program=${z##* }
	$program -q <"$dir/packed/primary.xml" >"$dir/packed/primary.xml.$end"
	made_packed "$dir/packed/primary.xml.$end"
	show -u "$dir/made"
	has "primary.xml.$end" "$out" ': 3000 packages'
	{ head -c "$half" "$dir/packed/primary.xml" | $program -q; tail -c +$((half + 1)) "$dir/packed/primary.xml" | $program -q; } \
		>"$dir/packed/primary.two.xml.$end"
	made_packed "$dir/packed/primary.two.xml.$end"
	show -u "$dir/made"
	is "primary.xml.$end of two streams: all or nothing" "$(sed 's/.*: \(.*\) packages.*/\1/' "$out")$status" 30000
	for cut in 1 4 12 600; do
		head -c "-$cut" "$dir/packed/primary.xml.$end" >"$dir/packed/primary.cut.xml.$end"
		made_packed "$dir/packed/primary.cut.xml.$end"
		refused $EBADMSG 'truncated|corrupt' "primary.xml.$end without its last $cut bytes" -u "$dir/made"
	done
done
for cut in 1 2 12 600; do
	head -c "-$cut" "$dir/packed/primary.xml" >"$dir/packed/primary.cut.xml"
	made_packed "$dir/packed/primary.cut.xml"
	# What is cut off at first is the line's end.
	if [ "$cut" -eq 1 ]; then
		show -u "$dir/made"
		is "primary.xml without its last newline" "$status" 0
	else
		refused $EBADMSG 'line [0-9]+, column' "primary.xml without its last $cut bytes" -u "$dir/made"
	fi
done
for cut in 1 10 40 100; do
	primary | made
	truncate -s "-$cut" "$dir/made/repodata/repomd.xml"
	refused $EBADMSG 'repomd\.xml: line [0-9]+, column' "repomd.xml without its last $cut bytes" -u "$dir/made"
done
: >"$dir/made/repodata/repomd.xml"
refused $EBADMSG 'repomd\.xml: ' "an empty repomd.xml" -u "$dir/made"
primary 3 | wrong_rpm $EBADMSG 'says that it has 3 packages, and has 2' "a count that lies"
primary | sed 's/<metadata/<!DOCTYPE x [<!ENTITY a "b">]><metadata/' | wrong_rpm $EBADMSG 'document type' "entities"
primary | head -c 500 | wrong_rpm $EBADMSG 'line [0-9]+, column' "cut"
primary | sed 's/<metadata/<foo/; s/metadata>$/foo>/' | wrong_rpm $EBADMSG 'no list of packages' "another root"
primary | sed 's/href="aa/href="..\/aa/' | wrong_rpm $EBADMSG 'outside of the repository' "a location outside"
primary | sed 's/href="aa/xml:base="http:\/\/x\/" href="aa/' | wrong_rpm $EBADMSG 'another repository' "xml:base"
primary | sed 's/type="sha256" pkgid/type="md5" pkgid/' | wrong_rpm $EBADMSG 'not all of' "md5"
primary | sed 's/<size[^>]*>//' | wrong_rpm $EBADMSG 'not all of' "no size"
primary | sed 's/package="5"/package="-5"/' | wrong_rpm $EBADMSG 'size that is none' "a negative size"
primary | sed 's/>aa</>a a</' | wrong_rpm $EBADMSG 'no package has' "a name with a blank"
primary | sed 's/>aa</>a\nb</' | wrong_rpm $EBADMSG 'no package has' "a name of two lines"
primary | sed 's/ver="1"/ver="1-1"/' | wrong_rpm $EBADMSG 'version that is none' "a version with a hyphen"
primary | sed 's/>bb</>aa</; s/0*7</8&/; s/80*\(0\{63\}7<\)/\1/' | sed '0,/>aa</!s/checksum type="sha256" pkgid="YES">0/checksum type="sha256" pkgid="YES">1/' |
	wrong_rpm $EEXIST 'twice, with different' "one name and version twice"
{ primary | sed '$d' | sed 's/<rpm:entry name="dep"/<rpm:entry name="@@"/'; echo '</metadata>'; } |
	sed "s/@@/$(yes '(' | head -100000 | tr -d '\n')/" | wrong_rpm $E2BIG 'more than 1000 parts' "100,000 parentheses" 2>/dev/null
{ primary | sed '$d'; yes '<a>' | head -100; } | wrong_rpm $E2BIG 'inside of each other' "100 elements inside of each other"
primary | made
sed -i 's/type="primary"/type="other"/' "$dir/made/repodata/repomd.xml"
refused $EBADMSG 'no primary index' "no primary" -u "$dir/made"
done_testing
