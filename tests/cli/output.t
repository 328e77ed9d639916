#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a report goes: all of it or nothing; and in what colour.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels
mkdir "$dir/in"

run_is 0 "plain" query "$old"
cp "$out" "$dir/plain"
run_is 0 "--output" query --output "$dir/in/report" "$old"
is "nothing on stdout" "$(cat "$out")" ""
ok "the file is the report" cmp "$dir/in/report" "$dir/plain"
run_is 1 "the exit status stays" check --policy keep -o "$dir/in/report" "$new"
has "an old file is replaced" "$dir/in/report" '^BLOCKED'
is "nothing is left beside it" "$(ls "$dir/in")" "report"
chmod 640 "$dir/in/report"
run query -o "$dir/in/report" "$old"
is "the mode of an old file is kept" "$(stat -c %a "$dir/in/report")" 640
(umask 077 && "$HVCOMPAT" query -o "$dir/in/private" "$old")
is "a new file obeys the umask" "$(stat -c %a "$dir/in/private")" 600
ln -s report "$dir/in/link"
run_is 1 "through a link" check --policy keep -o "$dir/in/link" "$new"
ok "the link stays" [ -L "$dir/in/link" ]
has "its target is replaced" "$dir/in/report" '^BLOCKED'

run_is 2 "a directory" query -o "$dir/in" "$old"
has "is refused by name" "$err" "$dir/in: "
run_is 2 "a place that is not there" query -o "$dir/none/report" "$old"
has "is named" "$err" "$dir/none/report: "
run_is 2 "a full device as --output" query -o /dev/full "$old"
has "is named" "$err" '^hvcompat: /dev/full: '
ok "and is a device still" [ -c /dev/full ]

for args in "query $old" "query --format json $old" "diff $old $old" "policy list" "explain fort" "--help" "query --help"; do
	"$HVCOMPAT" $args >/dev/full 2>"$err"
	is "'${args%% *}' to a full disk exits 2" $? 2
	has "and says so" "$err" '^hvcompat: standard output: '
done
"$HVCOMPAT" query "$old" >&- 2>"$err"
is "a closed stdout exits 2" $? 2
has "and says so" "$err" '^hvcompat: standard output: '
status=$( { "$HVCOMPAT" query "$old" 2>"$err"; echo $? >"$dir/status"; } | true; cat "$dir/status")
is "a reader that went away is not complained about" "$(cat "$err")" ""
ok "and no success" [ "$(cat "$dir/status")" != 1 ]

# A file system that is full: the old report stays, and nothing is left beside it.
if [ "$(id -u)" -eq 0 ] && mkdir "$dir/full" && mount -t tmpfs -o size=64k none "$dir/full" 2>/dev/null; then
	echo "the old one" >"$dir/full/report"
	dd if=/dev/zero of="$dir/full/ballast" bs=4k 2>/dev/null
	run_is 2 "a full file system" query -v --format json -o "$dir/full/report" "$old"
	is "the old report stays" "$(cat "$dir/full/report")" "the old one"
	is "nothing is left" "$(ls "$dir/full" | tr '\n' ' ')" "ballast report "
	umount "$dir/full"
else
	echo "# no right to mount a small file system: not tried"
fi

escape=$(printf '\033')
run_is 0 "no colour in a pipe" query "$old"
hasnt "at all" "$out" "$escape"
"$HVCOMPAT" query --color always "$old" >"$out"
has "--color always" "$out" "$escape\[32msupported$escape\[0m"
NO_COLOR=1 "$HVCOMPAT" query --color always "$old" >"$out"
has "--color always wins over NO_COLOR" "$out" "$escape"
if command -v script >/dev/null; then
	in_terminal() { script -qec "$*" /dev/null </dev/null >"$out" 2>&1; }
	TERM=xterm in_terminal "$HVCOMPAT" query "$old"
	has "colour on a terminal" "$out" "$escape\[32m"
	NO_COLOR=1 TERM=xterm in_terminal "$HVCOMPAT" query "$old"
	hasnt "none with NO_COLOR" "$out" "$escape\[32m"
	TERM=xterm in_terminal "$HVCOMPAT" query --color never "$old"
	hasnt "none with --color never" "$out" "$escape\[32m"
fi

# A name from elsewhere must not reach the terminal as it is.
evil=$dir/$(printf 'config-\033[2Jevil')
cp "$old" "$evil"
run query "$evil"
hasnt "no control character of a file's name in the report" "$out" "$escape"
run query "$evil.none"
hasnt "nor in an error" "$err" "$escape"
done_testing
