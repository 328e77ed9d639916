#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots on record of kernels in repositories (check and gate --repo) and on their way to be installed (host gate), under a policy
# that requires proof.
. "$(dirname "$0")/repo.sh"
. "$(dirname "$0")/record.sh"
cat >"$dir/data/proven.yaml" <<-'EOF'
	policy: proven
	version: 1
	unknown: report
	requires:
	  - {hypervisor: fort, versions: "1", modes: [gate], proof: required}
EOF
five=$(make_deb 5.1.0-1-fort 5.1-1 "" FORT_OLD FORT_NEW)
later=$(make_deb 5.1.0-2-fort 5.1-2 "" FORT_OLD FORT_NEW)
meta() { "$repo" toydeb "$dir" linux-image-fort "$2" amd64 "Depends: linux-image-$1 (= $2)" 2>/dev/null; }
m5=$(meta 5.1.0-1-fort 5.1-1) m52=$(meta 5.1.0-2-fort 5.1-2)
"$repo" deb "$dir/key" "$dir/old" stable main amd64 "$five" "$m5" >"$dir/log" 2>&1
"$repo" deb "$dir/key" "$dir/new" stable main amd64 "$five" "$later" "$m5" "$m52" >"$dir/log" 2>&1
mkdir "$dir/records" "$dir/none"
record_into "$dir/records" "$five" 1 gate booted yes

# --- check --repo
checks() { run check --policy proven --keyring "$ring" --repo "$dir/new stable main" "$@"; }
checks
is "check --repo without records: undecided" "$status" 3
has "none is proven" "$out" '^2 kernels, 0 of them ruled before; newest allowed: none$'
has "which is told" "$out" 'requires proof that it runs on fort:1/gate, and'
checks --records "$dir/none"
is "with records of none of them" "$status" 3
has "nothing that was ruled without counts" "$out" '^2 kernels, 0 of them ruled before;'
checks --records "$dir/records"
is "with records of one" "$status" 3
has "that one is allowed" "$out" '^  5\.1\.0-1-fort  allowed    5\.1-1$'
has "and the other not" "$out" '^  5\.1\.0-2-fort  undecided  5\.1-2$'
has "the newest that is allowed" "$out" 'newest allowed: 5\.1\.0-1-fort$'
checks --records "$dir/records"
has "rulings with records are kept, too" "$out" '^2 kernels, 2 of them ruled before'
record_into "$dir/records" "$later" 1 gate booted yes
checks --records "$dir/records"
is "with one record more they are made anew" "$status" 0
has "and both are allowed" "$out" '^2 kernels, 0 of them ruled before; newest allowed: 5\.1\.0-2-fort$'
record_into "$dir/records" "$later" 1 gate panicked no
checks --records "$dir/records"
is "a boot that contradicts what is read: undecided" "$status" 3
has "and why" "$out" 'reads as supported on fort:1/gate, but the boot by fort-1-gate ended'
checks --records "$dir/nowhere"
is "records that are not there" "$status" 2
has "are named" "$err" 'nowhere'
echo '{' >"$dir/none/$(basename "$(ls "$dir"/records/*.json | head -n 1)")"
checks --records "$dir/none"
is "a damaged record" "$status" 2
has "is told" "$err" '\.json'
rm "$dir"/none/*

# --- gate --repo
gates() { run gate --policy proven --keyring "$ring" --repo "$dir/new stable main" "$@"; }
gates --repo-old "$dir/old stable main"
is "gate --repo without records: undecided" "$status" 3
gates --repo-old "$dir/old stable main" --records "$dir/records"
is "with a boot of the update that contradicts" "$status" 3
record_into "$dir/records" "$later" 1 gate booted yes
gates --repo-old "$dir/old stable main" --records "$dir/records"
is "with the proof of the update" "$status" 0
has "it is allowed" "$out" '^  5\.1\.0-2-fort  allowed '
# what is installed is in no package, so that nothing can be on record of it
root=$dir/root
mkdir -p "$root/var/lib/dpkg" "$root/boot" "$root/etc/hvcompat" "$root/etc/apt/preferences.d"
dpkg-deb -x "$five" "$root"
printf 'Package: %s\nStatus: install ok installed\nVersion: 5.1-1\nArchitecture: amd64\nMaintainer: n <n@localhost>\nDescription: toy\n%s\n' \
	linux-image-5.1.0-1-fort "" linux-image-fort "Depends: linux-image-5.1.0-1-fort (= 5.1-1)
" >"$root/var/lib/dpkg/status"
sed 's/^policy: proven/policy: proven-block/; 2a drops: block' "$dir/data/proven.yaml" >"$dir/data/proven-block.yaml"
for policy in proven proven-block; do
	run gate --policy $policy --keyring "$ring" --repo "$dir/new stable main" --installed "$root" --records "$dir/records"
	is "$policy: against what is installed" "$status" 0
	has "$policy: the update is allowed" "$out" '^  5\.1\.0-2-fort  allowed '
done

# --- host gate: beside the policy of the administrator
ln -s "$dir/data/proven.yaml" "$root/etc/hvcompat/policy.yaml"
gate_is() { # STATUS WHAT PACKAGE...
	local want=$1 what=$2
	shift 2
	run host gate --root "$root" "$@"
	is "host gate, $what" "$status" "$want"
}
gate_is 3 "without records: refused" --from apt "$later" </dev/null
has "as what was not proven" "$err" 'requires proof that it runs on fort:1/gate'
ok "and learned" grep -q linux-image-5.1.0-2-fort "$root/var/lib/hvcompat/learned.json"
mkdir "$root/etc/hvcompat/records"
gate_is 3 "with records of others" "$later"
run host learned write --root "$root"
ok "host gate: what was learned with them is not forgotten" [ -e "$root/etc/apt/preferences.d/hvcompat.pref" ]
cp "$dir/records"/*.json "$root/etc/hvcompat/records/"
run host learned write --root "$root"
ok "host gate, with its records: what was learned without them is forgotten" [ ! -e "$root/etc/apt/preferences.d/hvcompat.pref" ]
gate_is 0 "with its records: allowed" "$later"
for f in "$root"/etc/hvcompat/records/*.json; do echo '{' >"$f"; done
gate_is 2 "with damaged records: not judged" "$later"
ok "and no more is left behind than there was" [ "$(ls "$root/etc/hvcompat")" = "$(printf 'policy.yaml\nrecords')" ]
done_testing
