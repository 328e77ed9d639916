#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# explain knows every id that any report can show. Which these are is told by the shipped knowledge and by src/policy/ids.c.
. "$(dirname "$0")/tap.sh"
export HVCOMPAT_DATADIR=$top/policies

# A config of no architecture: everything that the knowledge has is judged, on any.
echo '# CONFIG_NOTHING is not set' >"$dir/config"
"$HVCOMPAT" query --deep --facts -f json "$dir/config" >"$dir/all.json" 2>/dev/null
cat >"$dir/ids.py" <<'EOF'
import json, re, sys
doc = json.load(open(sys.argv[1]))
table = re.findall(r'\[ID_(\w+)\] = \{ "([a-z-]+)", (true|false) \}', open(sys.argv[2]).read())
assert table, "src/policy/ids.c has no table any more"
rows, ids, hosts, interfaces = [], [], set(), set()
for h in doc["hypervisors"]:
    place = "-".join(x for x in (h["id"], h["version"] if h["version"] != "any" else "", h["mode"]) if x).lower()
    rows.append(place)
    hosts.add(h["id"])
    for p in h["paths"]:
        interfaces.add(p["interface"])
        ids.append(f"{place}-{p['interface']}")
with_interface = list(ids)
ids += rows + [f"{h}-{a}" for h in hosts for a in ("x86_64", "i686", "aarch64")]
about = {
    "CONTRADICTION": rows + sorted(interfaces) + ["kernel", "kernel-2", sorted(interfaces)[0] + "-3"],
    "UNPROVEN": rows + with_interface,
    "WAIVER": rows[:3] + with_interface[:3] + ["contradiction-kernel", "unproven-" + rows[0]],
    "DRIVER": ["virtio_blk"],
}
for kind, word, more in table:
    assert (more == "true") == (kind in about), f"what stands behind {word}- is for this test to know"
    ids += [f"{word}-{rest}" for rest in about[kind]] if more == "true" else [word]
print("\n".join(dict.fromkeys(ids)))
EOF
ok "the ids are enumerated" sh -c '/usr/bin/python3 "$1" "$2" "$3" >"$4"' sh "$dir/ids.py" "$dir/all.json" "$top/src/policy/ids.c" "$dir/ids"
n=$(wc -l <"$dir/ids")
ok "there are thousands ($n)" [ "$n" -gt 2000 ]
xargs -n 500 "$HVCOMPAT" explain <"$dir/ids" >"$out" 2>"$err"
is "each is explained: exit status" "$?" 0
is "and none is unknown" "$(head -n 3 "$err")" ""
is "80 columns" "$(grep -E '^.{81,}' "$out" | grep -v '://' | head -n 3)" ""

# A place of the host "tdx" has the name of an interface.
run_is 0 "an id of two things" explain tdx-guest
has "the interface" "$out" '^tdx-guest: interface of class'
has "and the place" "$out" '^tdx/guest'

# No other place makes ids, but for the rows of findings and HOST-ARCH, which are above.
is "ids are made in src/policy/ids.c" \
	"$(grep -nE '(\.|->)id = |"(contradiction|unproven|waiver|this-machine-driver)-%' -r "$top/src/policy" "$top/src/gate" "$top/src/cmd" \
		"$top/src/report" --include=*.c | grep -vE '/policy/ids.c:|id_of_row\(|id_make\(|xstrdup\(f->id\)|f\.id = id;|\.id = (id|name|rule)\b')" ""

for id in contradiction-nothing contradiction- unproven-nothing waiver-nothing this-machine-driver xen-z80 failed-x nothing; do
	run_is 2 "no report shows $id" explain "$id"
	has "which is said" "$err" 'neither an interface, nor a host'
done
done_testing
