#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat policy and explain: what the knowledge says of itself.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels

run_is 0 "lint" policy lint
is "has nothing to say" "$(cat "$out" "$err")" ""
run_is 0 "lint -v" policy lint -v
has "says how much it looked at" "$out" '7 files'
run_is 0 "lint of a file" policy lint "$dir/data/keep.yaml"
printf 'policy: broken\nversion: 1\nrequires:\n  - {hypervisor: castle}\n  - {hypervisor: fort, versions: "9"}\n' \
	>"$dir/data/broken.yaml"
run_is 1 "lint with flaws" policy lint
has "the first, with file and line" "$out" 'broken\.yaml:4(:[0-9]+)?: .*castle'
has "the second too" "$out" 'broken\.yaml:5(:[0-9]+)?: '
run_is 1 "lint of the flawed file" policy lint "$dir/data/broken.yaml"
run_is 0 "lint of another" policy lint "$dir/data/keep.yaml"
run_is 2 "lint of what is not there" policy lint "$dir/data/none.yaml"
rm "$dir/data/broken.yaml"
cp "$dir/data/hypervisors/fort.yaml" "$dir/fort.yaml"
echo 'colour: red' >>"$dir/data/hypervisors/fort.yaml"
run_is 1 "lint of flawed knowledge" policy lint
has "with file, line and column" "$out" 'fort\.yaml:[0-9]+:[0-9]+: '
run_is 2 "nothing is judged by flawed knowledge" query "$old"
has "and it is named" "$err" '^hvcompat: .*fort\.yaml:[0-9]+:[0-9]+: '
mv "$dir/fort.yaml" "$dir/data/hypervisors/fort.yaml"

run_is 0 "list" policy list
is "every policy, sorted" "$(grep -v '^ ' "$out" | tr '\n' ' ')" "keep 7 moated 1 new-only 1 "
has "with its first sentence" "$out" '^    For tests\.$'
run_is 0 "show" policy show keep
has "what it requires" "$out" '^  - fort all'
has "and why" "$out" 'It stands'
run_is 0 "show all" policy show
has "of them" "$out" '^new-only, version 1'
run_is 2 "show what is not there" policy show castle
mkdir -p "$dir/etc/keep.yaml.d"
echo '# of the administrator' | cat - "$dir/data/keep.yaml" >"$dir/etc/keep.yaml"
printf 'waivers:\n  - {finding: fort-1-gate-fort-old, reason: r, by: b, until: 2030-01-01}\n' >"$dir/etc/keep.yaml.d/10-waive.yaml"
run_is 0 "cat" policy cat --policy-dir "$dir/etc" keep
has "what is replaced" "$out" "^# $dir/data/keep.yaml \(replaced\)"
has "what is in force" "$out" "^# $dir/etc/keep.yaml\$"
has "its text" "$out" '^# of the administrator'
has "the drop-in" "$out" "^# $dir/etc/keep.yaml.d/10-waive.yaml\$"
run_is 0 "the merge is in force" policy show --policy-dir "$dir/etc" keep
has "waiver and all" "$out" 'fort-1-gate-fort-old'
run policy cat fort
is "cat of a hypervisor: exit status" "$status" 0
has "its file" "$out" "^# $dir/data/hypervisors/fort.yaml\$"
run_is 2 "cat of nothing" policy cat castle

run_is 0 "explain a host" explain fort
has "its name" "$out" 'Fort Visor'
has "a version with its dates" "$out" '^  - 1, released 2001-02-03, supported until 2011-02-03'
has "what it offers, from when on" "$out" '^  - disk fort-new: 2 - 3 \(gate tower\)'
run_is 0 "explain an interface" explain fort-old
has "what shows it" "$out" 'CONFIG_FORT_OLD is set'
has "where it is offered" "$out" '^  - fort 1 - 3 \(gate tower\)'
has "what helps" "$out" 'fort-revival'
has "a source" "$out" 'this test'
run_is 0 "explain a verdict" explain fort:2/gate
has "the need" "$out" '^disk \(required\)'
has "the ways" "$out" '^  - fort-new'
run_is 0 "explain a finding" explain fort-1-gate-fort-old
has "where" "$out" 'fort:1/gate'
has "what" "$out" 'The first disk of Fort'
run_is 0 "explain old userspace" explain ancients
run_is 2 "explain what nobody knows" explain castle
has "is named" "$err" '^hvcompat: castle: '
run_is 2 "the others are explained all the same" explain castle fort
has "as asked" "$out" 'Fort Visor'

# Every id that a report shows can be explained.
"$HVCOMPAT" diff --format json "$old" "$new" >"$dir/diff.json"
for id in $(sed -n 's/^ *"id":"\(.*\)",$/\1/p' "$dir/diff.json"); do
	run_is 0 "explain $id" explain "$id"
done
ok "there were some" grep -q '"id":"fort-1-gate-fort-old"' "$dir/diff.json"
done_testing
