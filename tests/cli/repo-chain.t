#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Signature, index, digest, file: whatever is tampered with on the way, nothing is called allowed.
. "$(dirname "$0")/repo.sh"
"$repo" key "$dir/stranger" >/dev/null 2>&1
five=$(make_deb 5.1.0-1-fort 5.1-1 "" FORT_OLD FORT_NEW)
"$repo" deb "$dir/key" "$dir/good" stable main amd64 "$five" >"$dir/log" 2>&1
suite=dists/stable
packages=$suite/main/binary-amd64/Packages
checks() { run check --policy keep --keyring "$ring" --no-cache --repo "$dir/r stable main" "$@"; }
gates() { run gate --policy keep --keyring "$ring" --no-cache --repo "$dir/r stable main" --repo-old "$dir/r stable main" "$@"; }
fresh() {
	rm -rf "$dir/r"
	cp -a "$dir/good" "$dir/r"
	for f in "$@"; do rm "$dir/r/$f"; done
}
sign() { "$repo" sign "$dir/key" "$dir/r/$suite" >>"$dir/log" 2>&1; }
flip() { # FILE OFFSET: one bit of one byte
	/usr/bin/python3 -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); b = f.read(1); f.seek(-1, 1); f.write(bytes([b[0] ^ 1]))' "$1" "$2"
}
# Neither verb says yes, nor anything at all where the index could not be trusted.
refused() { # WHAT REGEX
	checks
	is "$1: check fails" "$status" 2
	has "$1: and says why" "$err" "$2"
	is "$1: and shows nothing" "$(wc -c <"$out")" 0
	gates
	is "$1: so does gate" "$status" 2
	is "$1: which shows nothing either" "$(wc -c <"$out")" 0
}

fresh
checks
is "all is well" "$status" 0
has "and the kernel allowed" "$out" '^  5\.1\.0-1-fort  allowed '

# --- the signature ------------------------------------------------------------------------------
for at in 60 200 -40; do
	fresh
	flip "$dir/r/$suite/InRelease" "$([ "$at" -gt 0 ] && echo "$at" || echo $(($(wc -c <"$dir/r/$suite/InRelease") + at)))"
	refused "InRelease, a byte at $at" 'InRelease: '
done
fresh $suite/InRelease
flip "$dir/r/$suite/Release" 30
refused "Release, a byte" 'Release\.gpg: its signature is not right'
fresh $suite/InRelease
flip "$dir/r/$suite/Release.gpg" 150
refused "Release.gpg, a byte" 'Release\.gpg: '
fresh $suite/InRelease $suite/Release.gpg
refused "no signature" 'nobody signed it'
fresh
"$repo" sign "$dir/stranger" "$dir/r/$suite" >>"$dir/log" 2>&1
refused "a stranger's key" 'none of the keyrings has'
fresh
VALID_UNTIL='Sat, 07 Nov 2020 08:00:00 UTC' sign
refused "valid until a day that is past" 'was valid until 2020-11-07: fetch it again'
run check --policy keep --keyring "$ring" --no-cache --today 2020-11-07 --repo "$dir/r stable main"
is "on its last day it was" "$status" 0
fresh
VALID_UNTIL='soon' sign
refused "valid until no day" 'which is no date'

# --- the index ----------------------------------------------------------------------------------
for end in '' .xz .gz; do
	fresh
	for f in "$dir/r/$packages"*; do [ "$f" = "$dir/r/$packages$end" ] || rm "$f"; done
	flip "$dir/r/$packages$end" 40
	refused "Packages$end, a byte" 'not the file that its Release file lists'
done
fresh
sed -i "s/^\( [0-9a-f]\{64\}\) [0-9]* \(main.binary-amd64.Packages\)$/\1 5 \2/" "$dir/r/$suite/Release"
rm "$dir/r/$suite/InRelease" "$dir/r/$suite/Release.gpg"
gpg --homedir "$dir/key" --batch -q --yes --pinentry-mode loopback --passphrase '' --armor --clearsign \
	--output "$dir/r/$suite/InRelease" "$dir/r/$suite/Release" 2>>"$dir/log"
rm -f "$dir/r/$packages".*
refused "Release, signed, with a size that lies" 'not the file that its Release file lists'
fresh
# What apt may fetch by its digest is the same file, or a lie that nobody reads.
mkdir -p "$dir/r/$suite/main/binary-amd64/by-hash/SHA256"
sum=$(sha256sum <"$dir/r/$packages" | cut -d' ' -f1)
sed 's/^SHA256: ./SHA256: 0/' "$dir/r/$packages" >"$dir/r/$suite/main/binary-amd64/by-hash/SHA256/$sum"
checks
is "a by-hash copy that lies is not what is read" "$status" 0
rm "$dir/r/$packages"*
refused "nor is it in the index's place" 'no such index'

# --- the package --------------------------------------------------------------------------------
fails() { # WHAT REGEX: the index is read, the kernel is not
	checks
	is "$1: check fails" "$status" 2
	has "$1: the kernel did" "$out" '^  5\.1\.0-1-fort  failed '
	has "$1: and why" "$out" "$2"
	is "$1: nothing is allowed" "$(grep -cw allowed <(grep -v 'newest allowed: none' "$out"))" 0
}
deb=pool/main/${five##*/}
for at in 10 100 900; do
	fresh
	flip "$dir/r/$deb" $at
	fails "the package, a byte at $at" 'its digest is not'
done
fresh
truncate -s -1 "$dir/r/$deb"
fails "the package, cut" 'the repository.s index says'
fresh
sed -i 's/^Size: .*/Size: 5/' "$dir/r/$packages"
rm "$dir/r/$packages".*
sign
fails "an index, signed, with a size that lies" 'index says 5: another file'
fresh
mv "$dir/r/$deb" "$dir/elsewhere.deb"
ln -s "$dir/elsewhere.deb" "$dir/r/$deb"
checks
is "a link to the very file will do" "$status" 0
flip "$dir/elsewhere.deb" 300
fails "a link to another" 'its digest is not'
fresh
(while [ ! -e "$dir/stop" ]; do chmod 640 "$dir/r/$deb"; chmod 644 "$dir/r/$deb"; done) &
fails "a package that somebody writes to" 'was changed while it was being read'
touch "$dir/stop"
wait

# --- one name, two files ------------------------------------------------------------------------
fresh
mkdir "$dir/second"
printf x >"$dir/x"
cp "$five" "$dir/second/"
(cd "$dir/second" && ar r "${five##*/}" "$dir/x" 2>/dev/null)
"$repo" deb "$dir/key" "$dir/twin" stable main amd64 "$dir/second/${five##*/}" >>"$dir/log" 2>&1
run check --policy keep --keyring "$ring" --no-cache --repo "$dir/r stable main" --repo "$dir/twin stable main"
is "in two repositories with two digests" "$status" 2
has "is told, with both" "$err" 'linux-image-5\.1\.0-1-fort 5\.1-1 amd64 is in .*/r stable/main and in .*/twin stable/main with different digests'
is "and nothing shown" "$(wc -c <"$out")" 0
run gate --policy keep --keyring "$ring" --no-cache --repo "$dir/twin stable main" --repo-old "$dir/r stable main"
is "nor is one in the old and in the new" "$status" 2
has "which would look as if nothing came" "$err" 'with different digests'
cp -a "$dir/r" "$dir/mirror"
run check --policy keep --keyring "$ring" --no-cache --repo "$dir/r stable main" --repo "$dir/mirror stable main"
is "the same file twice is one" "$status" 0

# --- rpm-md -------------------------------------------------------------------------------------
tree=$dir/rpmtree
mkdir -p "$tree/boot"
make_kernel config 5.1.0 FORT_OLD FORT_NEW
mv "$dir/config" "$tree/boot/config-5.1.0-1.x86_64"
make_image image 5.1.0-1.x86_64
mv "$dir/image" "$tree/boot/vmlinuz-5.1.0-1.x86_64"
cat >"$dir/kernel.spec" <<-EOT
	Name: kernel-core
	Version: 5.1.0
	Release: 1
	Summary: toy
	License: MIT
	%description
	toy
	%install
	mkdir -p %{buildroot}
	cp -a $tree/. %{buildroot}/
	%files
	/boot
EOT
rpmbuild -bb --quiet --target x86_64 --define "_topdir $dir/rb" --define '_build_id_links none' "$dir/kernel.spec" >>"$dir/log" 2>&1
"$repo" rpm "$dir/key" "$dir/rpm-good" "$(find "$dir/rb" -name '*.rpm')" >>"$dir/log" 2>&1
checks_rpm() { run check --policy keep --keyring "$ring" --no-cache --repo "$dir/rpm" "$@"; }
fresh_rpm() { rm -rf "$dir/rpm"; cp -a "$dir/rpm-good" "$dir/rpm"; }
refused_rpm() { # WHAT REGEX
	checks_rpm
	is "rpm: $1: fails" "$status" 2
	has "rpm: $1: and says why" "$err" "$2"
	is "rpm: $1: and shows nothing" "$(wc -c <"$out")" 0
}
fresh_rpm
checks_rpm
is "rpm: all is well" "$status" 0
flip "$dir/rpm/repodata/repomd.xml" 60
refused_rpm "repomd.xml, a byte" 'repomd\.xml\.asc: its signature is not right'
fresh_rpm
flip "$dir/rpm/repodata/repomd.xml.asc" 120
refused_rpm "its signature, a byte" 'repomd\.xml\.asc: '
fresh_rpm
flip "$(echo "$dir"/rpm/repodata/*primary.xml.gz)" 60
refused_rpm "primary.xml.gz, a byte" 'not the file that repomd\.xml lists'
fresh_rpm
gpg --homedir "$dir/stranger" --batch -q --yes --pinentry-mode loopback --passphrase '' --armor --detach-sign \
	--output "$dir/rpm/repodata/repomd.xml.asc" "$dir/rpm/repodata/repomd.xml" 2>>"$dir/log"
refused_rpm "a stranger's key" 'none of the keyrings has'
fresh_rpm
flip "$(echo "$dir"/rpm/*.rpm)" 3000
checks_rpm
is "rpm: the package, a byte: fails" "$status" 2
has "rpm: the package, a byte: and why" "$out" 'its digest is not'
done_testing
