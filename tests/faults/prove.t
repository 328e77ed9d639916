#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A boot and its record, with each call made to fail in turn, and killed at each change of what is kept: never another outcome
# than the one that was, and --resume goes on. The guest is a script.
. "$(dirname "$0")/world.sh"
make_image vmlinux 6.1.0-fort
mkdir -p "$dir/data/proofs"
cat >"$dir/data/proofs/lab.yaml" <<-'END'
	proof: lab
	about: A guest that is none.
	source: made up
	common:
	  runner: site
	  arch: [x86_64]
	  append: [console=fort, "hv.disk={nonce}"]
	  devices: [disk]
	  seconds: 60
	recipes:
	  - name: lab-1
	    about: A guest on fort 1.
	    expect: [{seen: hypervisor, is: "Fort*"}]
	    stands-for:
	      - {hypervisor: fort, versions: "1", modes: [gate], through: [fort-old]}
END
cat >"$dir/site" <<-'END'
	#!/bin/bash
	printf 'HV 0.1 begin 1\nHV 0.2 detected Fort\nHV 0.3 disk fda fort:disk written\nHV 0.5 end\n'
END
# What a failed run has recorded is that it failed; that the guest did not boot was not seen.
cat >"$dir/look" <<-END
	#!/bin/bash
	"\$@"
	status=\$?
	for record in "$world"/records/*.json; do
		[ ! -e "\$record" ] || jq -e '.outcome == "booted" or .outcome == "failed"' "\$record" >/dev/null || exit 99
	done
	[ \$status -le 128 ] || kill -\$((status - 128)) \$\$
	exit \$status
END
chmod +x "$dir/site" "$dir/look"
proves=(prove --on lab-1 --runner "$dir/site" --records "$world/records" --resume "$dir/vmlinux")
"$HVCOMPAT" "${proves[@]}" >/dev/null
record=records/$(ls "$world/records")
rm -r "$world/records"
options=(--by "$dir/look" --always-reset --between '^records' --remains '^records/' --log "$record")
[ "$FAULTS" = 0 ] || options+=(--most 2) # each is followed by another boot
faults "a boot is recorded" "${options[@]}" -- "${proves[@]}"
"$HVCOMPAT" "${proves[@]}" >/dev/null
faults "one that is on record is not repeated" "${options[@]}" -- "${proves[@]}"
done_testing
