#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the program and the plugin of rpm were built with, read out of them. A sanitizer brings its own.
. "$(dirname "$0")/tap.sh"
case ${BUILD:-build} in
*-sanitize*)
	echo "1..0 # SKIP built with sanitizers"
	exit 0 ;;
esac
plugin=${BUILD:-$top/build}/hooks/hvcompat.so

readelf -hW "$HVCOMPAT" >"$out"
has "the program is position-independent" "$out" 'Type: +DYN '
for file in "$HVCOMPAT" "$plugin"; do
	name=${file##*/}
	readelf -lW "$file" >"$out"
	has "$name: what is relocated is made read-only" "$out" '^ +GNU_RELRO'
	has "$name: the stack is told to be plain" "$out" '^ +GNU_STACK'
	hasnt "$name: no stack that can be executed" "$out" 'GNU_STACK.* RWE '
	hasnt "$name: nothing is writable and executable" "$out" ' RWE '
	readelf -dW "$file" >"$out"
	has "$name: all is bound at the start" "$out" 'BIND_NOW|FLAGS.*NOW'
	hasnt "$name: no text relocations" "$out" 'TEXTREL'
	hasnt "$name: no path of libraries of its own" "$out" 'RPATH|RUNPATH'
	nm -D --undefined-only "$file" >"$out"
	has "$name: stacks are guarded" "$out" '__stack_chk_fail'
	has "$name: calls are fortified" "$out" '_chk(@|$)'
done
if [ "$(uname -m)" = x86_64 ]; then
	# The note that all of it can do so would need a C library that is built so too; the code is there.
	objdump -d --no-show-raw-insn --disassemble=main "$HVCOMPAT" >"$out"
	has "main may be branched to" "$out" 'endbr64'
	for object in "${BUILD:-$top/build}"/src/base/*.o "${BUILD:-$top/build}"/src/kernel/*.o; do
		readelf -nW "$object" >"$out"
		grep -q 'IBT.*SHSTK' "$out" || echo "${object##*/}"
	done >"$dir/unmarked"
	is "each reader checks indirect branches and returns, where the processor does" "$(cat "$dir/unmarked")" ""
fi
done_testing
