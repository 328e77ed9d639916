#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# prove, with guests that a site runs: here scripts that say what a guest would say. Boots are in tests/boot/prove.t.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_image vmlinux 6.1.0-fort
kernel=$dir/vmlinux records=$dir/records
mkdir -p "$dir/data/proofs" "$dir/run" "$dir/tmp"
export TMPDIR=$dir/tmp
cat >"$dir/data/proofs/lab.yaml" <<'END'
proof: lab
about: Guests of a laboratory that is none.
source: made up
common:
  runner: site
  arch: [x86_64]
  append: [console=fort, "hv.disk={nonce}"]
  devices: [disk]
  watch:
    - {text: "no room for [a-z]+", outcome: refused, why: the moat is full}
    - {text: "Kernel panic", outcome: panicked, why: the kernel panicked}
  seconds: 60
recipes:
  - name: lab-1
    about: A guest on fort 1.
    expect: [{seen: hypervisor, is: "Fort*"}]
    stands-for:
      - {hypervisor: fort, versions: "1", modes: [gate], through: [fort-old]}
  - name: lab-quiet
    about: A guest that says nothing.
    like: lab-1
    seconds: 1
    retries: 1
END
runner() { # writes the command of the site, whose words are on stdin
	{ echo '#!/bin/bash'; echo 'cd "$2" || exit 1'; cat; } >"$dir/run/site"
	chmod +x "$dir/run/site"
}
clean() { # WHAT
	is "$1: nothing is left behind" "$(ls -A "$TMPDIR")" ""
}
prove_is() { # STATUS OUTCOME WHAT
	rm -rf "$records"
	run prove --on lab-1 --runner "$dir/run/site" --records "$records" "$kernel"
	is "$3: exit status" "$status" "$1"
	has "$3: is $2" "$out" "^  $2 +lab-1 "
	is "$3: one record" "$(cat "$records"/*.json | jq -r .outcome)" "$2"
	ok "$3: its record is one" json_valid record "$(echo "$records"/*.json)"
	clean "$3"
}

# usage
run prove --on all
is "no kernel" "$status" 64
run prove "$kernel"
is "no --on" "$status" 64
run prove --on nowhere "$kernel"
is "no such place" "$status" 64
has "is said" "$err" "nowhere: is no recipe"
run prove --on lab-1 --format html "$kernel"
is "a format that it has not" "$status" 64
run prove --on lab-1 --timeout 0 "$kernel"
is "no time at all" "$status" 64
run prove --list "$kernel"
is "--list stands alone" "$status" 64
run prove --list
is "--list" "$status" 0
has "names the recipe" "$out" "^lab-1\$"
has "its place" "$out" "fort 1 as gate through fort-old"
has "and what it lacks" "$out" "--runner"
run prove --on lab-1 "$kernel"
is "without a runner" "$status" 2
has "is said" "$err" "--runner"
run prove --on fort:1 "$kernel"
is "no recipe that is possible" "$status" 2

# a guest as it should be
runner <<'END'
[ -s kernel ] && [ -s initrd ] && [ "$(stat -c %s disk)" -gt 1000 ] || exit 1
echo "Fortress 9" >version
read -r line <append
[[ $line == "console=fort hv.disk="* && $(head -c 24 disk) == *"${line##*hv.disk=}"* || $line == *hv.disk=$(head -c 24 disk)\ * ]] || exit 1
printf 'Linux version 6.1\r\n\nHV 0.1 begin 1\r\n\nHV 0.2 detected Fortress\n\nHV 0.3 disk fda fort:disk<moat:bridge written\n\nHV 0.4 cgroup memory errno 22\nHV 0.5 end\n'
END
prove_is 0 booted "a guest that boots"
record=$(echo "$records"/*.json)
is "what was seen" "$(jq -c '[.seen.hypervisor, .seen.disk.driver, .seen.disk.verified, .seen.probes["cgroup.memory"]]' "$record")" \
	'["Fortress","fort:disk<moat:bridge",true,"errno 22"]'
is "what it ran on" "$(jq -c '[.ran_on.program, .ran_on.version]' "$record")" '["site","Fortress 9"]'
is "what it stands for" "$(jq -c '.stands_for' "$record")" \
	'[{"hypervisor":"fort","version":"1","mode":"gate","through":["fort-old"],"holds":"yes"}]'
is "its kernel" "$(jq -r .kernel.digest "$record")" "$(sha256sum <"$kernel" | cut -d' ' -f1 | sha256sum | cut -d' ' -f1)"
is "the digest of the kernel that it ran" "$(jq -r '.ran_on.files[] | select(.name == "kernel").sha256' "$record")" \
	"$(sha256sum <"$kernel" | cut -d' ' -f1)"
run prove --on fort:1/gate --runner "$dir/run/site" --records "$records" --format json -v "$kernel"
ok "the JSON is as its schema says" json_valid prove "$out"
is "a second boot is a second record" "$(jq -r .attempt "$records"/*-2.json)" 2
is "reading knows too little of this image to agree" "$(json_get "$out" 'kernels[0]["boots"][0]["agreement"]')" undecided

# and those that are not
runner <<<'printf "HV 0.1 begin 1\nHV 0.3 disk fda fort:disk written\nHV 0.5 end\n"'
prove_is 1 booted-without-device "one that does not detect its host"
has "says what is missing" "$out" "hypervisor is not there, expected Fort"
runner <<<'printf "HV 0.1 begin 1\nHV 0.2 detected Fort\nHV 0.5 end\n"'
prove_is 1 booted-without-device "one without a disk"
has "says what is missing" "$out" "no disk device came up"
runner <<<'printf "HV 0.1 begin 1\nKernel panic - not syncing: no bridge\n"; sleep 100'
prove_is 1 panicked "one that panics"
has "says with what words" "$out" "no bridge"
is "so that the place does not hold" "$(jq -r '.stands_for[].holds' "$records"/*.json)" no
runner <<<'echo "no room for guests" >&2; exit 3'
prove_is 1 refused "one that is not let in"
runner <<<'for i in 1 2 3; do printf "HV 0.1 begin 1\n"; sleep 0.3; done; sleep 100'
prove_is 1 panicked "one that resets itself"
has "is a loop" "$out" "began more than once"
runner <<<'echo "no such machine" >&2; exit 3'
prove_is 2 failed "a runner that fails"
has "with what it said" "$out" "site ended with status 3: no such machine"
is "which says nothing of the place" "$(jq -r '.stands_for[].holds' "$records"/*.json)" unknown
runner <<<'kill -9 $$'
prove_is 2 failed "a runner that is killed"
runner <<<'printf "HV 0.1 begin 1\n"'
prove_is 1 panicked "one that goes off in between"
runner <<<'printf "\033[2J\000\377HV 0.1 begin 1\nHV 0.1 begin\nHV x end\nHV 1 \nHV 1 disk\nHV 2 detected Fort\377\nHV 0.5 end\n"; head -c 3000000 /dev/zero | tr "\0" x; echo'
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/noise" "$kernel"
is "one that floods the console with noise" "$status" 1
ok "makes a record that is one" json_valid record "$(echo "$dir"/noise/*.json)"
ok "of bounded size" [ "$(stat -c %s "$dir"/noise/*.json)" -lt 600000 ]

runner <<<'sleep 100 & sleep 100'
run prove --on lab-quiet --runner "$dir/run/site" --records "$dir/quiet" "$kernel"
is "silence is undecided" "$status" 3
is "and was tried twice" "$(cat "$dir"/quiet/*.json | jq -r '[.outcome, .attempt] | join(" ")' | tr '\n' ' ')" "silent 1 silent 2 "
clean "silence"

# what was read against what was seen: one kernel is read as speaking fort-old, the other as not
make_kernels
make_image vmlinux-5.1.0 5.1.0
make_image vmlinux-6.1.0 6.1.0
agrees() { # STATUS AGREEMENT HOLDS READ KERNEL WHAT
	run prove --on lab-1 --runner "$dir/run/site" --format json "$5"
	is "$6: exit status" "$status" "$1"
	is "$6: $2" "$(json_get "$out" '[(p["agreement"], p["holds"], p["read"]) for p in kernels[0]["boots"][0]["places"]]')" \
		"[('$2', '$3', '$4')]"
}
runner <<<'printf "HV 0.1 begin 1\nHV 0.2 detected Fort\nHV 0.3 disk fda fort:disk written\nHV 0.5 end\n"'
agrees 0 agrees yes supported "$dir/vmlinux-5.1.0,$old" "it boots, as read"
agrees 1 contradicts yes unsupported "$dir/vmlinux-6.1.0,$new" "it boots, though read as not running there"
run prove --on lab-1 --runner "$dir/run/site" "$dir/vmlinux-6.1.0,$new"
has "it is told" "$out" "CONTRADICTION"
runner <<<'echo "no room for guests" >&2'
agrees 1 agrees no unsupported "$dir/vmlinux-6.1.0,$new" "it is refused, as read"
agrees 1 contradicts no supported "$dir/vmlinux-5.1.0,$old" "it is refused, though read as running there"
runner <<<'exit 7'
agrees 2 undecided unknown supported "$dir/vmlinux-5.1.0,$old" "there was no boot"

# what is recorded need not be booted again
runner <<<'printf "HV 0.1 begin 1\nHV 0.2 detected Fort\nHV 0.3 disk fda fort:disk written\nHV 0.5 end\n"'
run prove --on lab-1 --runner "$dir/run/site" --resume "$kernel"
is "--resume without records" "$status" 64
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/resumed" --resume "$kernel"
is "--resume with none yet" "$status" 0
runner <<<'exit 1'
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/resumed" --resume "$kernel"
is "--resume takes the one that is there" "$status" 0
sed -i 's/  seconds: 60/  seconds: 59/' "$dir/data/proofs/lab.yaml"
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/resumed" --resume "$kernel"
is "but not of another recipe" "$status" 2
sed -i 's/  seconds: 59/  seconds: 60/' "$dir/data/proofs/lab.yaml"
echo '{' >"$(echo "$dir"/resumed/*-1.json | cut -d' ' -f1)"
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/resumed" --resume "$kernel"
is "a damaged record is an error" "$status" 2
has "that is named" "$err" "resumed/.*-1.json.*it is no record"

# Gone, or waiting for somebody to reap it.
dead() { # PID
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"
}

# signals: nothing stays, whatever ends us
for signal in INT TERM KILL; do
	runner <<<"echo \$\$ >$dir/pid; sleep 100 & echo \$! >$dir/pid2; wait"
	rm -f "$dir/pid" "$dir/pid2"
	# what a shell starts in the background would not hear of SIGINT
	env --default-signal=INT "$HVCOMPAT" prove --on lab-1 --runner "$dir/run/site" --records "$dir/stopped" "$kernel" \
		>"$out" 2>"$err" &
	child=$!
	for ((i = 0; i < 600; i++)); do [ -s "$dir/pid2" ] && break; sleep 0.1; done
	kill -$signal "$child"
	{ wait "$child"; } 2>/dev/null
	got=$?
	case $signal in
	KILL) is "SIG$signal ends it" "$got" 137 ;;
	*) is "SIG$signal is an error" "$got" 2 ;;
	esac
	for ((i = 0; i < 100; i++)); do [ -z "$(ls -A "$TMPDIR")" ] && break; sleep 0.1; done
	clean "SIG$signal"
	for file in pid pid2; do
		ok "SIG$signal: what it ran is gone" dead "$(cat "$dir/$file")"
	done
	ok "SIG$signal: there is no record" [ ! -e "$dir/stopped" ]
done

# what cannot be written, or is not there
runner <<<'printf "HV 0.1 begin 1\nHV 0.2 detected Fort\nHV 0.3 disk fda fort:disk written\nHV 0.5 end\n"'
: >"$dir/file"
run prove --on lab-1 --runner "$dir/run/site" --records "$dir/file/records" "$kernel"
is "records that cannot be written" "$status" 2
has "are named" "$err" "$dir/file"
clean "records that cannot be written"
mkdir "$dir/small"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	for how in "-o size=4k none '$dir/small' && dd if=/dev/zero of='$dir/small/fill' 2>/dev/null" "-o ro none '$dir/small'"; do
		unshare -m sh -c "mount -t tmpfs $how; '$HVCOMPAT' prove --on lab-1 --runner '$dir/run/site' --records '$dir/small' '$kernel'
			s=\$?; ls -A '$dir/small'; exit \$s" >"$out" 2>"$err" </dev/null
		is "records on a disk that is full, or not to be written to: exit status" "$?" 2
		has "are named" "$err" "$dir/small"
		hasnt "no half of one is left" "$out" 'json'
	done
	clean "a disk that takes no record"
else
	echo "# no right to a mount namespace of its own: not tried on a disk that is full, or not to be written to"
fi
run prove --on lab-1 --runner "$dir/run/none" "$kernel"
is "a runner that is not there" "$status" 2
clean "a runner that is not there"
TMPDIR=$dir/none run prove --on lab-1 --runner "$dir/run/site" "$kernel"
is "no place for files" "$status" 2
has "is named" "$err" "$dir/none"
run prove --on lab-1 --runner "$dir/run/site" "$old"
is "a kernel without an image" "$status" 2
sed -i 's/runner: site/program: no-such-hypervisor/; s/  arch:/  install: [fort-utils]\n  arch:/' "$dir/data/proofs/lab.yaml"
run prove --on lab-1 "$kernel"
is "a program that is not there" "$status" 2
has "and what brings it" "$err" "no-such-hypervisor.*fort-utils"

# recipes with flaws
flaw() { # WHAT SED REGEX
	cp "$dir/data/proofs/lab.yaml" "$dir/lab.yaml"
	sed -i "$2" "$dir/data/proofs/lab.yaml"
	run policy lint
	is "$1: lint" "$status" 1
	has "$1: is told" "$out" "proofs/lab.yaml:[0-9]+:[0-9]+: .*$3"
	cp "$dir/lab.yaml" "$dir/data/proofs/lab.yaml"
}
flaw "an unknown key" 's/append:/apend:/' "unknown key 'apend'"
flaw "an unknown interface" 's/fort-old/fort-odd/' "unknown interface 'fort-odd'"
flaw "an unknown host" 's/hypervisor: fort/hypervisor: fart/' "unknown hypervisor 'fart'"
flaw "an unknown version" 's/versions: "1"/versions: "77"/' "77"
flaw "no regular expression" 's/\[a-z\]+/[a-z+/' "no regular expression"
flaw "a mark for nothing" 's/{nonce}/{nonsense}/' "nothing is put in the place of '.nonsense.'"
flaw "a name twice" 's/name: lab-quiet/name: lab-1/' "another recipe 'lab-1'"
flaw "the name of a host" 's/name: lab-quiet/name: fort/' "name of a hypervisor"
flaw "like nothing" 's/like: lab-1/like: lab-2/' "no recipe 'lab-2'"
flaw "an unknown device" 's/devices: .disk./devices: [floppy]/' "unknown device 'floppy'"
flaw "another file's name" 's/proof: lab/proof: lap/' 'proof: lab'
flaw "no time" 's/seconds: 60/seconds: 0/' "'seconds' must be"
done_testing
