#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gate --repo with a libsolv that knows one family only, as distributions of the other build it.
. "$(dirname "$0")/repo.sh"
"$repo" rpm "$dir/key" "$dir/rpm" "$("$repo" toyrpm "$dir" kernel-core 5.1-1 x86_64 2>/dev/null)" >"$dir/log" 2>&1
"$repo" deb "$dir/key" "$dir/deb" stable main amd64 "$(make_deb 5.1.0-1-fort 5.1-1 "" FORT_OLD FORT_NEW)" \
	"$("$repo" toydeb "$dir" linux-image-fort 5.1-1 amd64 "Depends: linux-image-5.1.0-1-fort (= 5.1-1)" 2>/dev/null)" >>"$dir/log" 2>&1
gates() { run gate --policy keep --keyring "$ring" --no-cache --repo "$1" --repo-old "$1"; }
gates "$dir/deb stable main"
is "with both: Debian" "$status" 0
gates "$dir/rpm"
is "with both: rpm" "$status" 0

library=$(ldconfig -p | sed -n 's/.*libsolvext\.so\.1 .* => //p' | head -n 1)
[ -e "$library" ] || { echo "Bail out! there is no libsolvext"; exit 1; }
# A library in which nobody finds a function but the library itself: "sD" and "re" have the same hash in such a name.
without() { # FUNCTION
	rm -rf "$dir/lib"
	mkdir "$dir/lib"
	sed "s/\x00$1\x00/\x00sD${1#re}\x00/" "$library" >"$dir/lib/${library##*/}"
	ok "it is another library" sh -c '! cmp -s "$1" "$2"' sh "$library" "$dir/lib/${library##*/}"
}
export LD_LIBRARY_PATH=$dir/lib
without repo_add_debpackages
gates "$dir/rpm"
is "without Debian's format: rpm works" "$status" 0
gates "$dir/deb stable main"
is "and Debian does not" "$status" 2
has "which is told" "$err" 'built without the format of Debian archives'
is "with no report" "$(wc -c <"$out")" 0
without repo_add_rpmmd
gates "$dir/deb stable main"
is "without rpm's: Debian works" "$status" 0
gates "$dir/rpm"
is "and rpm does not" "$status" 2
has "which is told" "$err" 'built without the format of rpm repositories'
rm -rf "$dir/lib"
mkdir "$dir/lib"
: >"$dir/lib/${library##*/}"
gates "$dir/rpm"
is "a library that is none" "$status" 2
has "is named" "$err" 'libsolvext\.so\.1 cannot be used: .*install the package'
done_testing
