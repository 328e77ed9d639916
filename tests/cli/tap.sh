# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of the command line: TAP, and a world of their own, which is small enough to know all of it.
#   run ARG...        runs hvcompat; sets $status, $out and $err (the names of the files that hold them)
#   is WHAT GOT WANT  ok when the two are the same text
#   has WHAT FILE REGEX, hasnt WHAT FILE REGEX
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
HVCOMPAT=${HVCOMPAT:-$top/build/hvcompat}
[ -x "$HVCOMPAT" ] || { echo "Bail out! there is no $HVCOMPAT"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
out=$dir/out err=$dir/err count=0 failed=0
export HVCOMPAT_DATADIR=$dir/data LC_ALL=C.UTF-8
unset NO_COLOR

ok() { # WHAT, then a command
	local what=$1
	shift
	count=$((count + 1))
	if "$@" >"$dir/ok.log" 2>&1; then
		echo "ok $count - $what"
		return
	fi
	failed=1
	echo "not ok $count - $what"
	{ echo "failed: $*"; cat "$dir/ok.log"; } | sed 's/^/# /'
}

is() {
	local what=$1
	ok "$what" [ "$2" = "$3" ]
	[ "$2" = "$3" ] || printf 'got:  %s\nwant: %s\n' "$2" "$3" | sed 's/^/# /'
}

has() {
	ok "$1" grep -Eq -- "$3" "$2"
	grep -Eq -- "$3" "$2" || { echo "no line matches $3 in:"; cat "$2"; } | sed 's/^/# /'
}

hasnt() {
	ok "$1" sh -c '! grep -Eq -- "$1" "$2"' sh "$3" "$2"
}

run() {
	"$HVCOMPAT" "$@" >"$out" 2>"$err" </dev/null
	status=$?
}

# A document of JSON that is as docs/SCHEMA.schema.json says.
json_valid() { # SCHEMA FILE
	/usr/bin/python3 "$top/tests/lib/json_valid.py" "$top/docs/$1.schema.json" "$2"
}

# What a Python expression gives, in which the keys of the document are variables.
json_get() { # FILE EXPRESSION
	/usr/bin/python3 -c 'import json, sys; doc = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"doc": doc, **doc}))' \
		"$1" "$2" 2>&1
}

# What it exits with, and that every line of the report fits.
run_is() { # STATUS WHAT ARG...
	local want=$1 what=$2
	shift 2
	run "$@"
	is "$what: exit status" "$status" "$want"
	is "$what: 80 columns" "$(grep -E "^.{81,}" "$out")" ""
}

done_testing() {
	echo "1..$count"
	exit $failed
}

# One hypervisor, "fort", with versions 1 to 3; the first offers the old disk only, all modes need a disk; and one old
# userspace. A kernel is a config file here, which is all that this knowledge asks about.
make_knowledge() {
	mkdir -p "$dir/data/interfaces" "$dir/data/hypervisors" "$dir/data/userspace"
	cat >"$dir/data/interfaces/fort-old.yaml" <<-'EOF'
		interface: fort-old
		class: disk
		kind: paravirtual
		about: The first disk of Fort.
		source: "this test"
		speaks:
		  - {config: FORT_OLD}
		help: {config: [FORT_OLD=m], shim: [fort-revival]}
	EOF
	cat >"$dir/data/interfaces/fort-new.yaml" <<-'EOF'
		interface: fort-new
		class: disk
		kind: paravirtual
		about: The second disk of Fort.
		source: "this test"
		speaks:
		  - {config: FORT_NEW}
	EOF
	cat >"$dir/data/interfaces/fort-image.yaml" <<-'EOF'
		interface: fort-image
		class: boot
		kind: boot
		about: How a kernel boots on Fort Moat, which only its image tells.
		source: "this test"
		speaks:
		  - {symbol: fort_entry}
	EOF
	cat >"$dir/data/interfaces/old-abi.yaml" <<-'EOF'
		interface: old-abi
		class: abi
		kind: abi
		about: What old programs call.
		source: "this test"
		speaks:
		  - any: [{config: OLD_ABI}, {config: OLD_ABI_OFF}]
		refused-by:
		  - when: {config: OLD_ABI_OFF}
		    why: keeps it off unless told otherwise at boot
		    way-out: {boot-parameter: [abi=old]}
		    source: "this test"
	EOF
	cat >"$dir/data/hypervisors/fort.yaml" <<-'EOF'
		hypervisor: fort
		name: Fort Visor
		about: Only this test knows it.
		source: "this test"
		versions:
		  - {id: "1", released: 2001-02-03, support-until: 2011-02-03, source: "this test"}
		  - {id: "2", source: "this test"}
		  - {id: "3", source: "this test"}
		modes:
		  - {id: gate, needs: {disk: required}}
		  - {id: tower, needs: {disk: required}}
		offers:
		  - {interface: fort-old, source: "this test"}
		  - {interface: fort-new, since: "2", source: "this test"}
	EOF
	cat >"$dir/data/hypervisors/moat.yaml" <<-'EOF'
		hypervisor: moat
		name: Fort Moat
		about: Only this test knows it.
		source: "this test"
		modes:
		  - {id: guest, needs: {boot: required}}
		offers:
		  - {interface: fort-image, source: "this test"}
	EOF
	cat >"$dir/data/userspace/ancients.yaml" <<-'EOF'
		userspace: ancients
		name: Programs of the ancients
		about: Only this test knows them.
		source: "this test"
		modes:
		  - {id: any-arch, needs: {abi: required}}
		offers:
		  - {interface: old-abi, source: "this test"}
	EOF
	cat >"$dir/data/keep.yaml" <<-'EOF'
		policy: keep
		version: 7
		about: For tests. All of Fort.
		requires:
		  - {hypervisor: fort, versions: all, reason: It stands.}
		waivers: []
	EOF
	cat >"$dir/data/new-only.yaml" <<-'EOF'
		policy: new-only
		version: 1
		about: For tests.
		requires:
		  - {hypervisor: fort, versions: ">= 2"}
	EOF
	cat >"$dir/data/moated.yaml" <<-'EOF'
		policy: moated
		version: 1
		about: For tests. What a config cannot tell.
		requires:
		  - {hypervisor: moat}
	EOF
}

make_kernel() { # NAME VERSION SYMBOL...
	local file=$dir/$1 version=$2
	shift 2
	{
		printf '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 %s Kernel Configuration\n#\n' "$version"
		printf 'CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_LOCALVERSION=""\n'
		for symbol; do echo "CONFIG_$symbol=y"; done
	} >"$file"
}

# What two kernels of one vendor could be: the new one lost the old disk.
make_kernels() {
	make_kernel config-5.1.0 5.1.0 FORT_OLD FORT_NEW OLD_ABI
	make_kernel config-6.1.0 6.1.0 FORT_NEW OLD_ABI_OFF
	make_kernel config-6.2.0 6.2.0 FORT_NEW OLD_ABI
	old=$dir/config-5.1.0 new=$dir/config-6.1.0 newer=$dir/config-6.2.0
}

# A kernel image that says its release and nothing else: an ELF file with a banner and an empty note.
make_image() { # FILE RELEASE
	/usr/bin/python3 - "$dir/$1" "$2" <<-'EOF'
		import struct, sys
		body = b"Linux version %s (nobody) 1\0" % sys.argv[2].encode()
		body += b"\0" * (-len(body) % 4)
		at, note = 64 + 2 * 56, struct.pack("<III4s", 4, 0, 1, b"Any\0")
		end = at + len(body) + len(note)
		head = struct.pack("<4s5B7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 0, 2, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
		load = struct.pack("<IIQQQQQQ", 1, 5, 0, 1 << 20, 1 << 20, end, end, 4096)
		notes = struct.pack("<IIQQQQQQ", 4, 4, at + len(body), (1 << 20) + at + len(body), 0, len(note), len(note), 4)
		open(sys.argv[1], "wb").write(head + load + notes + body + note)
	EOF
}
