#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The process that reads: what it can do, and what becomes of a verdict when it cannot go on.
. "$(dirname "$0")/tap.sh"
make_knowledge

mkdir "$dir/given"
echo secret >"$dir/given/in"
"${BUILD:-$top/build}/tools/confined" "$dir/given" 2>&1 | cat >"$dir/confined"
while IFS= read -r line; do
	case $line in
	"ok "*) ok "taken over: ${line#ok * - }" true ;;
	"not ok "*) ok "taken over: ${line#not ok * - }" false ;;
	"#"*) echo "$line" ;;
	esac
done <"$dir/confined"
has "it came to its end" "$dir/confined" '^1\.\.(5[5-9]|6[0-9])$'
is "nothing was made" "$(ls "$dir/given")" in
is "nothing was changed" "$(cat "$dir/given/in")" secret

# In earnest.
make_kernel old 5.1.0 FORT_OLD
mkdir "$dir/slow"
cp "$dir/old" "$dir/slow/config-5.1.0"
"$HVCOMPAT" query --on fort "$dir/slow/config-5.1.0" >"$out" 2>"$err"
is "a plain kernel is read" "$?" 0
if command -v strace >/dev/null; then
	strace -f -e trace=execve,socket,connect -o "$dir/trace" "$HVCOMPAT" query --on fort "$dir/slow/config-5.1.0" >"$out" 2>&1
	is "one program, and no other" "$(grep -c execve "$dir/trace")" 1
fi
run --version
has "--version tells what reading is confined by" "$out" '^reading is confined by .*resource limits'
done_testing
