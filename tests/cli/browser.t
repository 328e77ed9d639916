#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page of --format html in a real browser; skipped where there is none.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels

evil=$dir/$(printf 'config-"\047><script>pwned=1<\\script>]]>&amp;-\342\200\250\377')
cp "$new" "$evil"
"$HVCOMPAT" gate --policy keep --format html -o "$dir/gate.html" "$old" "$new"
"$HVCOMPAT" gate --policy keep --format html -o "$dir/evil.html" "$old" "$evil"
/usr/bin/python3 "$top/tests/lib/browser.py" "$dir/gate.html" "$dir/evil.html"
