#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat check, diff and gate: decisions and their exit statuses.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels

run_is 0 "check, allowed" check --policy keep "$old"
has "says so" "$out" '^ALLOWED  '
has "names the policy and its version" "$out" '^policy keep, version 7'
run_is 1 "check, blocked" check --policy keep "$new"
has "says so" "$out" '^BLOCKED  .* does not run on fort 1 \(gate tower\)$'
has "the finding has an id" "$out" 'fort-1-gate-fort-old'
has "and says what helps" "$out" 'help: .*fort-revival'
run_is 3 "check, undecided" check --policy moated "$new"
has "says so" "$out" '^UNDECIDED  '
run_is 1 "blocked before undecided" check --policy keep "$new" "$old"
run_is 2 "failed before blocked" check --policy keep "$new" "$dir/none"
has "the other was decided all the same" "$out" '^BLOCKED'
run_is 2 "no such policy" check --policy castle "$old"
has "is named" "$err" 'castle'
run_is 1 "a policy by its file" check --policy "$dir/data/keep.yaml" "$new"

run_is 1 "diff, dropped" diff "$old" "$new"
has "headline" "$out" '^DROPPED  .* no longer runs on fort 1 \(gate tower\)$'
has "one entry for two modes" "$out" '^  dropped  fort 1 \(gate tower\) through fort-old$'
is "and no second" "$(grep -c '^  dropped' "$out")" 1
has "evidence of the old kernel" "$out" '^        old '
has "and of the new" "$out" '^        new '
has "what is less bad is folded" "$out" '^  narrowed +[0-9]+ '
run_is 1 "diff -v" diff -v "$old" "$new"
has "unfolds it" "$out" '^  narrowed  (fort|ancients)'
run_is 0 "diff, nothing dropped" diff "$new" "$old"
has "says so" "$out" '^KEPT  .* drops nothing$'
run_is 0 "diff with itself" diff "$old" "$old"
run_is 2 "diff with nothing" diff "$old" "$dir/none"

run_is 0 "gate, allowed" gate --policy new-only "$old" "$new"
has "the newest allowed is the new one" "$out" 'allows: 6\.1\.0'
run_is 1 "gate, blocked" gate --policy keep "$old" "$new"
has "headline" "$out" '^BLOCKED  .* would drop fort 1 \(gate tower\)$'
has "the newest allowed is the old one" "$out" 'allows: 5\.1\.0'
run_is 1 "gate, with an old loss" gate --policy keep "$new" "$newer"
has "headline tells it from a new one" "$out" '^BLOCKED  .* still does not run on fort 1'
has "so does the finding" "$out" '^  dropped \(existing\)  fort 1'
has "no kernel is allowed" "$out" 'allows none'
run_is 1 "gate, several old ones in any order" gate --policy keep "$new" "$old" "$newer"
has "the newest of them is compared" "$out" '^ *old: .*6\.1\.0'
has "an older one is the newest that is allowed" "$out" 'allows: 5\.1\.0'
run gate --policy keep "$old" "$newer" "$newer" "$new"
is "gate, one release among the old ones twice: exit status" "$status" 2
has "it is refused, for one may be a part of the other" "$err" 'is of the release 6\.2\.0.*join the packages of one kernel with a comma'
make_image image 6.1.5
cp "$new" "$dir/settings"
run_is 0 "gate, an old kernel without a release in its path" gate --policy new-only "$dir/settings,$dir/image" "$old" "$newer"
has "the release that it states counts" "$out" '^6\.1\.5, x86_64; read deep: config, head of the image, no modules$'
hasnt "so the other is not compared" "$out" '5\.1\.0'
run_is 2 "gate, an old kernel of which nothing tells the release" gate --policy new-only "$dir/settings" "$old" "$newer"
has "is named" "$err" 'settings: nothing tells its release'
run_is 0 "which does not matter where it is the only one" gate --policy new-only "$dir/settings" "$newer"
run_is 3 "gate, undecided" gate --policy moated "$old" "$new"

cat >"$dir/data/waived.yaml" <<-'EOF'
	policy: waived
	version: 1
	about: For tests.
	requires:
	  - {hypervisor: fort, versions: "1", modes: [gate]}
	waivers:
	  - {finding: fort-1-gate-fort-old, reason: Nobody is left there., by: The warden, until: 2030-01-31}
EOF
run_is 0 "waived" gate --policy waived --today 2030-01-31 "$old" "$new"
has "a waived finding is shown" "$out" '^  dropped \(waived\)  fort 1 \(gate\)'
has "with who and why" "$out" 'waived by The warden until 2030-01-31: Nobody is left there'
run_is 1 "a day later it has expired" gate --policy waived --today 2030-02-01 "$old" "$new"

ln -s /dev/null "$dir/mask" && mkdir "$dir/etc" && sed 's/version: 7/version: 8/' "$dir/data/keep.yaml" >"$dir/etc/keep.yaml"
run_is 0 "--policy-dir wins" check --policy-dir "$dir/etc" --policy keep "$old"
has "over the data directory" "$out" 'policy keep, version 8'
run_is 2 "--policy-dir that is none" check --policy-dir "$dir/nowhere" --policy keep "$old"

mkdir "$dir/many" && cp "$old" "$new" "$dir/many" 2>/dev/null
run_is 2 "diff of a directory with several kernels" diff "$dir/many" "$new"

# A policy may ask the config only; what stands in the image's place must be an image all the same.
mkdir -p "$dir/tree/boot" && cp "$old" "$dir/tree/boot/config-5.1.0" && echo garbage >"$dir/tree/boot/vmlinuz-5.1.0"
for verb in "check --policy keep" "gate --policy keep $old" "query --on fort:1"; do
	run_is 2 "garbage for an image: ${verb%% *}" $verb "$dir/tree"
	has "is named" "$err" 'boot/vmlinuz-5\.1\.0: .*not a kernel image'
done
make_image tree/boot/vmlinuz-5.1.0 5.1.0
run_is 0 "an image: check" check --policy keep "$dir/tree"
has "its head was read" "$out" 'read deep: config, head of the image, no module$'
run_is 0 "no image: check" check --policy keep "$old"
has "says so" "$out" 'read deep: config, no image, no modules$'

mkdir "$dir/open" && printf 'policy: open\nversion: 1\nabout: For tests.\n' >"$dir/open/open.yaml"
run_is 2 "a policy that requires nothing: check" check --policy-dir "$dir/open" --policy open "$old"
has "says so" "$err" 'open\.yaml:1:1: it requires nothing'
run policy lint "$dir/open/open.yaml"
is "and lint: exit status" "$status" 1
has "says the same" "$out" 'open\.yaml:1:1: it requires nothing'
echo 'drops: block' >>"$dir/open/open.yaml"
run_is 0 "it may keep what there is" policy lint "$dir/open/open.yaml"
done_testing
