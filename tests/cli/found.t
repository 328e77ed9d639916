#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What fuzzing found once must not break again; and each target still takes the seeds.
. "$(dirname "$0")/tap.sh"

build=${BUILD:-build}
found=$(cd "$(dirname "$0")/../fuzz" && pwd)
HVCOMPAT_POLICIES=$found/../../policies
export HVCOMPAT_POLICIES
ok "the seeds are made" "$found/seeds" "$dir/seeds" "$build/tools"
for target in "$dir"/seeds/*; do
	name=${target##*/}
	ok "$name: the seeds" sh -c '"$0" "$@" >/dev/null' "$build/fuzz/$name" "$target"/*
	[ -d "$found/found/$name" ] || continue
	ok "$name: what was found" sh -c '"$0" "$@" >/dev/null' "$build/fuzz/$name" "$found/found/$name"/*
done
for target in "$found"/found/*; do
	ok "${target##*/}: what was found there has a target" test -f "$found/fuzz_${target##*/}.c"
done
done_testing
