#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong usage is one line, a hint, and 64; help is help.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels

wrong() { # HINT ARG...
	local hint=$1
	shift
	run "$@"
	is "'$*' exits 64" "$status" 64
	is "'$*' prints nothing" "$(cat "$out")" ""
	is "'$*' says it in two lines" "$(wc -l <"$err")" 2
	has "'$*' names itself" "$err" '^hvcompat: '
	has "'$*' hints" "$err" "^Try 'hvcompat $hint--help'\.\$"
}
wrong ""
wrong "" conquer
wrong "" --conquer
wrong "" help conquer
wrong "query " query --conquer "$old"
wrong "query " query -z "$old"
wrong "query " query --policy keep "$old"
wrong "query " query --form json "$old"
wrong "query " query --format xml "$old"
wrong "query " query --quick=yes "$old"
wrong "query " query --on
wrong "query " query --color sometimes "$old"
wrong "query " query --jobs 0 "$old"
wrong "query " query --jobs 2x "$old"
wrong "query " query --jobs -3 "$old"
wrong "query " query --today 2026-02-30 "$old"
wrong "query " query --today tomorrow "$old"
wrong "query " query -q -v "$old"
wrong "check " check "$old"
wrong "check " check --policy keep
wrong "check " check --on fort "$old"
wrong "diff " diff "$old"
wrong "diff " diff "$old" "$new" "$newer"
wrong "gate " gate "$old" "$new"
wrong "gate " gate --policy keep "$new"
wrong "explain " explain
wrong "policy " policy
wrong "policy " policy conquer
wrong "policy " policy list keep
wrong "policy " policy cat

for verb in $("$HVCOMPAT" --list-verbs | cut -f1); do
	run_is 0 "$verb --help" "$verb" --help
	has "$verb --help shows how" "$out" "^Usage: hvcompat $verb "
	cp "$out" "$dir/help"
	run_is 0 "help $verb" help "$verb"
	ok "help $verb is the same" cmp "$out" "$dir/help"
	run_is 0 "$verb --version" "$verb" --version
done
run_is 0 "--help" --help
for verb in query check diff gate explain policy; do
	has "--help names $verb" "$out" "^  $verb "
done
run_is 0 "--version" --version
has "--version" "$out" '^hvcompat [0-9]+\.[0-9]+\.[0-9]+$'
run_is 0 "options behind arguments" query "$old" --on fort:1
run_is 2 "behind -- all is an argument" query -- --on
done_testing
