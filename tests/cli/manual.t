#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The man page and the completions know what the program knows, and no more.
. "$(dirname "$0")/tap.sh"
make_knowledge
man=$top/docs/man/hvcompat.1.scd

# Exit statuses: the five of status.h, under that heading of the page.
sed -n '/^# EXIT STATUS/,/^# ENV/p' "$man" | sed -n 's/^\*\([0-9]*\)\*$/\1/p' | sort -n >"$dir/in-man"
sed -n 's/^\tEXIT_[A-Z]* = \([0-9]*\),.*/\1/p' "$top/src/base/status.h" | sort -n >"$dir/in-header"
ok "exit statuses are those of status.h" diff "$dir/in-header" "$dir/in-man"
is "five of them" "$(wc -l <"$dir/in-man")" 5

for verb in $("$HVCOMPAT" --list-verbs | cut -f1); do
	ok "$verb is in the man page" grep -Eq "^\*$verb( [a-z]+)?\*\$" "$man"
	"$HVCOMPAT" --list-options "$verb" | cut -f1 | tr -d = >"$dir/list"
	"$HVCOMPAT" "$verb" --help >"$dir/help"
	while read -r option; do
		grep -Eq -- " $option( |\$)" "$dir/help" || echo "$option"
	done <"$dir/list" >"$dir/missing"
	is "$verb --help shows each of its options" "$(cat "$dir/missing")" ""
	cat "$dir/list" >>"$dir/all"
done
sort -u "$dir/all" >"$dir/options"
ok "there are options" [ "$(wc -l <"$dir/options")" -ge 15 ]

sed -n '/^# OPTIONS/,/^# EXIT/p' "$man" | grep '^\*' | grep -o -- '\*--[a-z-]*\*' | tr -d '*' | sort -u >"$dir/in-man"
ok "the options of the man page are those of the program" diff "$dir/options" "$dir/in-man"
if command -v scdoc >/dev/null; then
	ok "the man page can be made" sh -c 'scdoc <"$1" >"$2"' sh "$man" "$dir/hvcompat.1"
fi

# Completions: bash runs here, the others ask the same hidden verbs.
mkdir "$dir/bin" && ln -s "$(realpath "$HVCOMPAT")" "$dir/bin/hvcompat"
complete_bash() { # WORD...
	PATH=$dir/bin:$PATH bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hvcompat
		printf "%s\n" "${COMPREPLY[@]}"' "$top/completions/hvcompat.bash" hvcompat "$@" | sort
}
"$HVCOMPAT" --list-verbs | cut -f1 | sort >"$dir/verbs"
for verb in $(cat "$dir/verbs"); do
	is "bash completes $verb" "$(complete_bash "$verb" | grep -x "$verb")" "$verb"
	"$HVCOMPAT" --list-options "$verb" | cut -f1 | tr -d = | sort >"$dir/options"
	complete_bash "$verb" -- >"$dir/completed"
	ok "bash completes its options" diff "$dir/options" "$dir/completed"
done
is "bash completes policies" "$(complete_bash check --policy '' | tr '\n' ' ')" "keep moated new-only "
is "bash completes formats" "$(complete_bash query --format '' | tr '\n' ' ')" "html json junit sarif text "
is "bash completes what policy does" "$(complete_bash policy '' | tr '\n' ' ')" "cat lint list package show "
is "bash completes what host does" "$(complete_bash host '' | tr '\n' ' ')" "allow gate learned policy "
for shell in _hvcompat hvcompat.fish; do
	ok "$shell asks for verbs" grep -q -- --list-verbs "$top/completions/$shell"
	ok "$shell asks for options" grep -q -- --list-options "$top/completions/$shell"
	ok "$shell asks for words" grep -q -- --list-words "$top/completions/$shell"
done
done_testing
