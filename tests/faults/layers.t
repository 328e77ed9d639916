#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that lack a layer of what reading is confined by: it is named once, the others hold, and the answer is the same.
. "$(dirname "$0")/world.sh"
make_kernels
run query "$old"
cp "$out" "$dir/plain"
truncate -s 4096 "$dir/page"

without() { # NUMBER ARG...
	local n=$1
	shift
	FAULT=confine:$n:absent FAULT_PAGE=$dir/page FAULT_PROGRAM=hvcompat LD_PRELOAD=$build/faults/fault.so \
		"$HVCOMPAT" "$@" >"$out" 2>"$err" </dev/null
	status=$?
}
n=0
for layer in seccomp landlock; do
	n=$((n + 1))
	"$HVCOMPAT" --version | grep -q "$layer" || {
		echo "# this machine has no $layer: not taken away"
		continue
	}
	without "$n" --version
	hasnt "without $layer: --version does not name it" "$out" "$layer"
	has "but the others" "$out" 'no_new_privs, resource limits'
	without "$n" query -v "$old"
	is "query -v: exit status" "$status" 0
	is "names what is missing, once" "$(grep -c "this machine lacks $layer" "$err")" 1
	without "$n" query "$old"
	ok "the answer is the same" cmp "$out" "$dir/plain"
	is "and nothing else is said" "$(cat "$err")" ""
done
done_testing
