#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat query: what it shows, in what form, and what it exits with.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels

run_is 0 "overview" query "$old"
is "nothing on stderr" "$(cat "$err")" ""
has "a range of versions and two modes on one line" "$out" '^  fort  1 - 3  gate tower  supported$'
has "unknown is said" "$out" '^  moat .* guest +unknown$'
has "and why" "$out" '^      '
has "old userspace comes apart" "$out" '^old userspace$'
has "the depth is in the head" "$out" '5\.1\.0.*read normal'

run_is 0 "the new kernel" query "$new"
has "versions split where the answer changes" "$out" '^  fort  1 +gate tower  unsupported$'
has "the rest stays a range" "$out" '^ +2 - 3 +gate tower  supported$'
has "the interface that is missing is named" "$out" '^      .*fort-old'
has "a boot parameter is a lesser way" "$out" 'ancients +any-arch +degraded'

run_is 0 "--on, supported" query --on fort:2 "$new"
hasnt "nothing else is shown" "$out" 'moat|ancients'
run_is 1 "--on, not supported" query --on fort:1 "$new"
run_is 1 "--on, one of several" query --on fort:1 --on fort:2 "$new"
run_is 3 "--on, unknown" query --on moat "$new"
run_is 0 "--on, degraded" query --on ancients "$new"
run_is 1 "--on, not supported before unknown" query --on moat --on fort:1 "$new"
run_is 1 "the worst of two kernels" query --on fort:1 "$old" "$new"
run_is 0 "a mode" query --on fort:1/gate "$old"
hasnt "and only that" "$out" 'tower'

run_is 64 "--on what nobody knows" query --on castle "$old"
has "says what" "$err" 'castle'
run_is 64 "--on a version that is none" query --on fort:9 "$old"

mkdir "$dir/only" && cp -r "$dir/data/." "$dir/only" && rm "$dir/only/hypervisors/fort.yaml" "$dir/only/userspace/"* \
	"$dir/only/interfaces/"{fort-old,fort-new,old-abi}.yaml "$dir/only/"*.yaml
HVCOMPAT_DATADIR=$dir/only run_is 3 "when all is unknown" query "$old"

run_is 2 "a kernel that is not there" query "$dir/none"
has "is named" "$err" "^hvcompat: .*$dir/none"
run_is 2 "the others are looked at all the same" query "$dir/none" "$old"
has "and shown" "$out" '^  fort'
printf 'this is no kernel' >"$dir/junk"
run_is 2 "a file that is no kernel" query "$dir/junk"
has "says so" "$err" 'junk'
run_is 2 "a cut package" query <(printf '!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0')
if [ "$(id -u)" -ne 0 ]; then
	cp "$old" "$dir/locked" && chmod 0 "$dir/locked"
	run_is 2 "a file that cannot be read" query "$dir/locked"
fi

run_is 0 "facts" query --facts "$old"
has "with what was found" "$out" 'config FORT_OLD: y'
has "and where" "$out" 'CONFIG_FORT_OLD'
run_is 0 "verbose" query -v "$old"
has "tells what reading is confined by" "$err" '^hvcompat: reading is confined by no_new_privs, resource limits'
is "once" "$(wc -l <"$err")" 1
has "tells the interfaces" "$out" 'disk fort-old: supported'
run_is 0 "quiet" query -q "$old"
is "says nothing" "$(cat "$out" "$err")" ""
run_is 1 "quiet --on" query -q --on fort:1 "$new"
for depth in quick deep verify; do
	run_is 0 "--$depth" query --$depth "$old"
	has "--$depth is in the head" "$out" "read $depth"
done
HVCOMPAT_DATADIR=$dir/gone run_is 2 "no knowledge" query "$old"
has "names the directory" "$err" "$dir/gone"
done_testing
