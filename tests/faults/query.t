#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reading kernels, with each call made to fail in turn: an error, or the answer of a run without faults.
. "$(dirname "$0")/world.sh"
old=$(make_deb 5.1.0-1-fort 5.1-1 xz FORT_OLD FORT_NEW OLD_ABI)
new=$(make_deb 6.1.0-1-fort 6.1-1 zstd FORT_NEW OLD_ABI_OFF)
rpm=$(make_rpm 5.1.0-1 FORT_OLD FORT_NEW OLD_ABI 2>/dev/null)

faults "query of a .deb" -- query --verify --facts "$old"
faults "query of an .rpm, as JSON" --error-text '"exit":2' -- query --verify --facts --format json "$rpm"
faults "query of a directory" -- query --deep "$dir/tree"
faults "gate of two" --expect 1 --error-text '(?s)\A(?!.*ALLOWED)' -- gate --policy keep "$old" "$new"
faults "check of two, one of them bad" --expect 2 --error-text "none.deb" -- check --policy keep "$old" "$dir/none.deb"
echo "the old one" >"$world/report"
faults "a report into a file" --expect 1 --error-text 'Exit status 2' --error-file report --remains 'report\.[A-Za-z0-9]{6}$' -- diff -o "$world/report" --format html "$old" "$new"
done_testing
