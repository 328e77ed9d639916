#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What every run pays for: libraries that only few runs need are not loaded by the others.
. "$(dirname "$0")/tap.sh"

readelf -d "$HVCOMPAT" >"$out"
has "the libraries are listed" "$out" 'NEEDED.*liblzma'
for lib in librpm libarchive libcrypto libsqlite3 libxml2; do
	hasnt "$lib is loaded when it is needed" "$out" "NEEDED.*$lib"
done
done_testing
