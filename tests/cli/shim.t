#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat shim: the shims that come with us, and one of a world of its own on a source of three files.
. "$(dirname "$0")/tap.sh"

# --- the real ones ---
unset HVCOMPAT_DATADIR
run_is 0 "list" shim list
grep -v '^ ' "$out" >"$dir/names"
ls -d "$top"/compat-shims/*/ | xargs -n1 basename >"$dir/dirs"
ok "names every directory of compat-shims" diff "$dir/dirs" "$dir/names"
has "says for which kernels" "$out" '^    any architecture, kernels 3\.6 \.\. 6\.10\.999'
run shim lint
is "lint: exit status" "$status" 0
is "of all of them has nothing to say" "$(cat "$out" "$err")" ""
for name in $(cat "$dir/names"); do
	run_is 0 "show $name" shim show "$name"
	has "begins with its name" "$out" "^$name, for "
	for head in Keeps 'Proof: the built kernel' Cost Risk Source; do
		has "$name: $head" "$out" "^$head\$"
	done
	ok "$name is documented" test -s "$top/compat-shims/$name/README.md"
	ok "$name: its README says what it costs" grep -qi cost "$top/compat-shims/$name/README.md"
done
run_is 0 "show of two" shim show cgroup-v1 xen-direct-boot
has "shows the second too" "$out" '^xen-direct-boot, for '
run shim show --format json cgroup-v1
ok "JSON can be read" python3 -c 'import json, sys; s = json.load(sys.stdin)["shims"]
assert [x["shim"] for x in s] == ["cgroup-v1"] and s[0]["series"][2]["config"] == ["MEMCG_V1=y", "CPUSETS_V1=y"]' <"$out"
run_is 2 "show of what is not there" shim show nothing
has "names those there are" "$err" "no shim 'nothing'; there is cgroup-v1, .* and xen-direct-boot"

# --- a world of its own ---
export HVCOMPAT_DATADIR=$dir/data
make_knowledge
run_is 0 "there need not be any" shim list
is "then none is listed" "$(cat "$out")" ""
run shim lint
is "but the knowledge says that one helps: lint's exit status" "$status" 1
has "which lint tells" "$out" "fort-old\.yaml: says that the shim 'fort-revival' helps where 'fort-old' is missing"
shim=$dir/data/compat-shims/fort-revival
mkdir -p "$shim/6.1/new/drivers/fort" "$dir/tree/drivers"
echo "It is back." >"$shim/README.md"
cat >"$shim/shim.yaml" <<-'EOF'
	shim: fort-revival
	about: The first disk. It is old.
	keeps: ["fort:1"]
	arch: [x86_64]
	config: [FORT_OLD=m]
	series:
	  - kernels: 6.1 .. 6.1.999
	    patches: [6.1/1.patch]
	    sources: 6.1/new
	    checks: [{file: drivers/Makefile, lacks: fort}]
	    config: [FORT_WALL=y]
	proof: [{interface: fort-old}]
	cost: none
	risk: none
	source: this test
EOF
echo 'int old;' >"$shim/6.1/new/drivers/fort/old.c"
printf -- '--- a/drivers/Makefile\n+++ b/drivers/Makefile\n@@ -1,2 +1,3 @@\n obj-y += a/\n+obj-y += fort/\n obj-y += b/\n' \
	>"$shim/6.1/1.patch"
make_tree() {
	printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n' >"$dir/tree/Makefile"
	printf 'obj-y += a/\nobj-y += b/\n' >"$dir/tree/drivers/Makefile"
	rm -rf "$dir/tree/drivers/fort"
}
make_tree
cp -a "$dir/tree" "$dir/pristine"
same_as_pristine() {
	ok "$1: the tree is as before" diff -r "$dir/pristine" "$dir/tree"
}

run_is 0 "lint" shim lint -v
is "no flaws" "$(cat "$out")" "no flaws"
run_is 0 "lint of a name" shim lint fort-revival
run_is 0 "lint of its directory" shim lint "$shim"
run_is 0 "lint of a directory of shims" shim lint "$dir/data/compat-shims"
run_is 0 "list" shim list
has "with the first sentence" "$out" '^    The first disk\.$'

run_is 0 "apply --dry-run" shim apply --dry-run fort-revival "$dir/tree"
has "says that it applies" "$out" 'fort-revival: applies to .*6\.1\.9\): 1 patch and new'
same_as_pristine "dry run"
run_is 2 "apply for another architecture" shim apply --arch i386 fort-revival "$dir/tree"
has "is told" "$err" 'shim fort-revival is for x86_64, not for i686'
same_as_pristine "another architecture"
run_is 0 "apply" shim apply --arch amd64 fort-revival "$dir/tree"
is "says what is to be set" "$(tr '\n' ' ' <"$out" | grep -o 'to be set in the config: FORT_OLD=m FORT_WALL=y')" \
	"to be set in the config: FORT_OLD=m FORT_WALL=y"
ok "the patch is applied" grep -qx 'obj-y += fort/' "$dir/tree/drivers/Makefile"
ok "the new file is there" grep -qx 'int old;' "$dir/tree/drivers/fort/old.c"
run_is 2 "apply once more" shim apply fort-revival "$dir/tree"
has "is told" "$err" 'is applied already'
make_tree
printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 9\n' >"$dir/tree/Makefile"
run_is 2 "apply to another series" shim apply fort-revival "$dir/tree"
has "is told" "$err" 'is for kernels 6\.1 \.\. 6\.1\.999; this source is 6\.12\.9'
make_tree
sed -i 's,a/,c/,' "$dir/tree/drivers/Makefile"
run_is 2 "a conflict" shim apply fort-revival "$dir/tree"
has "names patch, hunk and file" "$err" '6\.1/1\.patch does not apply: hunk 1 .* in drivers/Makefile near line 1'
ok "and brings no new file" test ! -e "$dir/tree/drivers/fort"
make_tree
same_as_pristine "after all that"
run_is 2 "apply to what is no kernel source" shim apply fort-revival "$dir"
has "is told" "$err" 'is no kernel source'
run_is 2 "apply of what is not there" shim apply nothing "$dir/tree"

# Another directory of shims wins.
mkdir -p "$dir/more"
cp -a "$shim" "$dir/more/fort-revival"
sed -i 's/The first disk/The other disk/' "$dir/more/fort-revival/shim.yaml"
run_is 0 "list with --shim-dir" shim list -v --shim-dir "$dir/more"
has "is that one" "$out" 'The other disk'
has "from there" "$out" "$dir/more/fort-revival"
run_is 2 "--shim-dir that is not there" shim list --shim-dir "$dir/none"
echo 'colour: red' >>"$dir/more/fort-revival/shim.yaml"
run_is 1 "lint with a flaw" shim lint "$dir/more"
has "with file, line and column" "$out" 'more/fort-revival/shim\.yaml:[0-9]+:[0-9]+: unknown key .colour.'
has "and their number" "$out" '^1 flaw$'
run_is 2 "a flawed one is not shown" shim show --shim-dir "$dir/more" fort-revival

# Completion knows them.
mkdir "$dir/bin" && ln -s "$(realpath "$HVCOMPAT")" "$dir/bin/hvcompat"
complete_bash() { # WORD...
	PATH=$dir/bin:$PATH bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hvcompat
		printf "%s\n" "${COMPREPLY[@]}"' "$top/completions/hvcompat.bash" hvcompat "$@" | sort | tr '\n' ' '
}
is "bash completes what shim does" "$(complete_bash shim '')" "apply lint list show "
is "bash completes names to show" "$(complete_bash shim show fo)" "fort-revival "
is "bash completes names to apply" "$(complete_bash shim apply '')" "fort-revival "
is "bash completes the tree to apply to" "$(complete_bash shim apply fort-revival "$dir/tr")" "$dir/tree "

for args in "" conquer "list x" show apply "apply x" "list --dry-run" "show --arch i686 x" "apply --arch mips x y" "show -f xml x"; do
	run shim $args
	is "'shim $args' is wrong usage" "$status" 64
	is "'shim $args' prints nothing" "$(cat "$out")" ""
done
done_testing
