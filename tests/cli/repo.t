#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check --repo: every kernel of a repository, and the rulings that are kept.
. "$(dirname "$0")/repo.sh"
five=$(make_deb 5.1.0-1-fort 5.1-1 "" FORT_OLD FORT_NEW)
six=$(make_deb 6.1.0-1-fort 6.1-1 "" FORT_NEW)
toy=$("$repo" toydeb "$dir" linux-image-fort-dbg 1 amd64 2>/dev/null)
other=$("$repo" toydeb "$dir" toy 1 amd64 2>/dev/null)
fresh() {
	rm -rf "$dir/r"
	"$repo" deb "$dir/key" "$dir/r" stable main amd64 "$five" "$six" "$toy" "$other" >"$dir/log" 2>&1
}
fresh
checks() { run check --policy keep --keyring "$ring" --repo "$dir/r stable main" "$@"; }

checks
is "one that blocks is in it" "$status" 1
has "an allowed kernel" "$out" '^  5\.1\.0-1-fort  allowed    5\.1-1$'
has "and one that is not" "$out" '^  6\.1\.0-1-fort  blocked    6\.1-1$'
has "with what it would lose" "$out" '^    fort:1: '
has "who signed it" "$out" '^  signed by [0-9A-F]{40}$'
has "the newest that is allowed" "$out" '^2 kernels, 0 of them ruled before; newest allowed: 5\.1\.0-1-fort$'
is "80 columns" "$(sed 1d "$out" | grep -E '^.{81,}')" ""

# --- rulings are kept ---------------------------------------------------------------------------
is "two were kept" "$(ls "$dir/cache/hvcompat/rulings" | wc -l)" 2
rm -r "$dir/r/pool"
checks
is "a second run says the same" "$status" 1
has "without a package" "$out" '^2 kernels, 2 of them ruled before'
checks --no-cache
is "without them the packages must be there" "$status" 2
has "which is told" "$out" 'is not there'
has "and no package is called allowed that was not read" "$out" '5\.1\.0-1-fort  failed'
fresh
for damage in 'printf x >>' ': >' 'truncate -s 20' 'sed -i s/blocked/allowed/' 'chmod 000'; do
	for f in "$dir"/cache/hvcompat/rulings/*; do eval "$damage \"\$f\""; done
	checks
	is "kept rulings after $damage: the same answer" "$status" 1
	has "after $damage: the same ruling" "$out" '6\.1\.0-1-fort  blocked'
	rm -rf "$dir/cache"
	checks
done
set -- "$dir"/cache/hvcompat/rulings/*
cp "$1" "$dir/swap"; cp "$2" "$1"; cp "$dir/swap" "$2"
checks
has "swapped rulings count for nothing" "$out" '^2 kernels, 0 of them ruled before'
has "and the answer stays" "$out" '6\.1\.0-1-fort  blocked'
sed -i 's/^version: 7/version: 8/' "$dir/data/keep.yaml"
checks
has "another policy is another ruling" "$out" '^2 kernels, 0 of them ruled before'
echo '# a word' >>"$dir/data/interfaces/fort-old.yaml"
checks
has "so is other knowledge" "$out" '^2 kernels, 0 of them ruled before'
checks --cache /proc/none/there
is "a cache that cannot be: the answer all the same" "$status" 1
has "and a word about it" "$err" 'rulings are not kept'
# In a mount namespace, since root writes to what is read-only.
namespace() { # OPTIONS: check with its cache on a file system of these
	local how=-m
	[ "$(id -u)" -eq 0 ] || how=-rm
	mkdir -p "$dir/mounted"
	unshare $how sh -c 'mount -t tmpfs -o "$1" none "$2" || exit 99
		while ! [ "$1" = ro ] && printf x >>"$2/filler" 2>/dev/null; do head -c 4000 /dev/zero >>"$2/filler" 2>/dev/null || break; done
		shift; d=$1; shift; exec "$@"' sh "$1" "$dir/mounted" "$HVCOMPAT" check --policy keep --keyring "$ring" \
		--repo "$dir/r stable main" --cache "$dir/mounted/rulings" >"$out" 2>"$err" </dev/null
	status=$?
}
for kind in size=16k ro; do
	namespace $kind
	is "a cache on a file system that is $kind: the answer all the same" "$status" 1
	has "$kind: what is allowed" "$out" '^  5\.1\.0-1-fort  allowed '
	has "$kind: what is not" "$out" '^  6\.1\.0-1-fort  blocked '
	has "$kind: and a word about it" "$err" 'rulings are not kept'
done
is "it is said once" "$(grep -c 'rulings are not kept' "$err")" 1
rm -rf "$dir/cache"
checks --no-cache
is "nothing is kept then" "$(ls "$dir/cache" 2>/dev/null)" ""

# --- for pipelines ------------------------------------------------------------------------------
formats_are 1 "one that blocks" checks
has "junit: a case for each kernel" "$dir/report.junit" 'tests="2" failures="1" errors="0"'
has "junit: which is named" "$dir/report.junit" '<testcase name="6\.1\.0-1-fort" classname="hvcompat\.keep\.'
has "junit: with what it loses" "$dir/report.junit" '>fort:1: '
has "junit: its package" "$dir/report.junit" "^linux-image-6\\.1\\.0-1-fort 6\\.1-1 .* sha256:$(sha256sum <"$six" | cut -d' ' -f1)"
has "junit: who signed" "$dir/report.junit" '<property name="repository-1" value=".*, signed by [0-9A-F]{40}"/>'
has "sarif: a rule for what is lost" "$dir/report.sarif" '"ruleId":"blocked/fort"'
has "sarif: what is allowed passes" "$dir/report.sarif" '"ruleId":"allowed/kernel"'
has "sarif: the package is an artifact" "$dir/report.sarif" "\"sha-256\":\"$(sha256sum <"$six" | cut -d' ' -f1)\""
has "html: the matrix has what is lost" "$dir/report.html" '<tr><th scope="row">fort:1</th>'
has "html: a cell opens to the reason" "$dir/report.html" '✕</span> lost</span></summary>'
has "html: the newest that is allowed" "$dir/report.html" '<p>newest allowed: 5\.1\.0-1-fort</p>'
checks --format json
for bend in 's/"result": *"blocked"/"result": "fine"/' 's/"cached"/"cashed"/' 's/"exit": *1/"exit": 64/' 's/"policy_version"/"version"/'; do
	sed "$bend" "$out" >"$dir/bad"
	ok "refused by the schema: $bend" sh -c '! cmp -s "$1" "$2" && ! /usr/bin/python3 "$3" "$4" "$2"' sh "$out" "$dir/bad" \
		"$top/tests/lib/json_valid.py" "$top/docs/repository.schema.json"
done
cp "$dir/report.sarif" "$dir/first"
checks --format sarif
ok "of the cache: the same bytes" cmp "$dir/first" "$out"
"$HVCOMPAT" check --policy keep --keyring "$ring" --repo "$dir/r stable main" --format html >/dev/full 2>"$err"
is "a full disk fails" "$?" 2
mv "$dir/r/pool" "$dir/away"
uncached() { checks --no-cache "$@"; }
formats_are 2 "packages that are not there" uncached
has "junit: are errors" "$dir/report.junit" 'tests="2" failures="0" errors="2"'
is "sarif: are notifications" "$(jq '.runs[0].invocations[0].toolExecutionNotifications | length' "$dir/report.sarif")" 2
has "html: are not called kept" "$dir/report.html" 'No kernel was found to lose'
mv "$dir/away" "$dir/r/pool"
"$repo" deb "$dir/key" "$dir/plain" stable main amd64 "$other" >>"$dir/log" 2>&1
nothing() { run check --policy keep --keyring "$ring" --repo "$dir/plain stable main" "$@"; }
formats_are 2 "no kernel in it" nothing
# Of a directory's name, or of one that has such a word of sources.list in it, nothing may become markup.
hostile=$dir/$(printf 'r"<script>pwned=1<script>&\302\205\342\200\256')
cp -a "$dir/r" "$hostile"
hostile() { run check --policy keep --keyring "$ring" --repo "$hostile" "$@"; }
formats_are 1 "a hostile name" hostile
for format in junit html; do
	ok "$format: no tag of its own" sh -c '! grep -q "<script>pwned" "$1"' sh "$dir/report.$format"
	ok "$format: nothing turns around" sh -c '! LC_ALL=C grep -q "$(printf "\342\200\256")" "$1"' sh "$dir/report.$format"
done
rm -rf "$dir/cache"
checks

# --- what is wrong ------------------------------------------------------------------------------
checks --format json
is "json: exit status" "$status" 1
ok "json" sh -c 'jq -e "$1" "$2" >/dev/null' sh '.schema == "hvcompat-repository/1" and .newest_allowed == "5.1.0-1-fort" and
	(.kernels | length) == 2 and .kernels[1].ruling.result == "blocked" and .kernels[1].ruling.findings[0].lost == "fort:1" and
	(.kernels[0].packages[0].sha256 | length) == 64' "$out"
printf x | dd of="$(find "$dir/r/pool" -name 'linux-image-5*')" bs=1 seek=200 conv=notrunc 2>/dev/null
rm -rf "$dir/cache"
checks
is "a package that is not that of the index" "$status" 2
has "is not judged" "$out" '5\.1\.0-1-fort  failed'
has "and told" "$out" 'its digest is not that'
fresh
printf x >>"$dir/r/dists/stable/main/binary-amd64/Packages"
rm "$dir"/r/dists/stable/main/binary-amd64/Packages.*
checks
is "a changed index" "$status" 2
has "is refused" "$err" 'not the file that its Release file lists'
is "and nothing said" "$(wc -c <"$out")" 0
run check --policy keep --keyring "$ring" --repo "$dir/none"
is "no such repository" "$status" 2
run check --policy keep --repo "$dir/r" "$five"
is "kernels and a repository" "$status" 64
checks --format xml
is "no such format" "$status" 64
run check --repo "$dir/r"
is "no policy" "$status" 64
fresh
echo 'parts: 5' >"$dir/data/packaging/debian.yaml"
checks
is "wrong packaging" "$status" 2
has "is named" "$err" 'packaging/debian\.yaml:[0-9]+'
done_testing
