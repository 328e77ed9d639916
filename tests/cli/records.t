#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --records: boots on record beside what was read, contradictions, and policies that require proof.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/record.sh"
make_knowledge
make_kernels
records=$dir/records
mkdir "$records"

record() { record_into "$records" "$@"; }

record "$old" 1 gate booted yes
ok "a record is as its schema says" json_valid record "$(echo "$records"/*.json)"
run_is 0 "query with records" query --records "$records" "$old"
has "booted stands beside the status" "$out" '^  fort +1 +gate +supported, booted$'
has "with the recipe" "$out" '^ +booted by fort-1-gate$'
has "what was not booted stands as before" "$out" '^ +.*tower +supported$'
run query --records "$records" -f json "$old"
ok "JSON is as its schema says" json_valid report "$out"
is "and has the boots" "$(json_get "$out" '[(h["version"], h["mode"], b["recipe"], b["runs"], b["contradicts"]) for h in doc["hypervisors"] for b in h.get("boots", [])]')" \
	"[('1', 'gate', 'fort-1-gate', 'yes', False)]"
run query --records "$records" -f html "$old"
has "so has the page" "$out" '<span class="quiet">booted</span>'
run_is 0 "records of another kernel say nothing" query --records "$records" "$newer"
hasnt "of this one" "$out" 'booted'

cat >"$dir/data/proven.yaml" <<-'EOF'
	policy: proven
	version: 1
	unknown: report
	requires:
	  - {hypervisor: fort, versions: "1", modes: [gate], proof: required}
EOF
run_is 0 "a policy that requires proof, and there is" check --policy proven --records "$records" "$old"
run_is 3 "without records" check --policy proven "$old"
has "it is undecided" "$out" '^UNDECIDED '
has "says what is missing" "$out" 'requires proof that it runs on fort:1/gate, and'
has "and what helps" "$out" 'help: .*hvcompat prove --on fort:1/gate'
has "under its id" "$out" 'unproven-fort-1-gate'
run_is 1 "no proof makes good what is missing" check --policy proven --records "$records" "$new"
cp "$old" "$dir/twin" && echo "# another" >>"$dir/twin"
run_is 3 "gate: the new kernel must be proven, not the old one" gate --policy proven --records "$records" "$old" "$dir/twin"
has "and that is new" "$out" '^  unknown  fort 1 \(gate\)'
run_is 0 "explain tells the finding" explain unproven-fort-1-gate
has "in words" "$out" 'requires that a boot shows it'
run policy show proven
has "policy show says it" "$out" 'proven by a boot'

record "$old" 1 tower refused no
run_is 0 "query, contradicted" query --records "$records" "$old"
has "both sides are shown" "$out" '^ +.*tower +supported, contradicted$'
has "and why" "$out" '^ +fort-1-tower: refused, the gate stayed shut$'
run_is 3 "check, contradicted: undecided" check --policy keep --records "$records" "$old"
has "a finding of its own" "$out" '^  contradiction  fort 1 \(tower\)'
has "with both" "$out" 'reads as supported on fort:1/tower, but the boot by fort-1-tower ended'
run check --policy keep --records "$records" -f json "$old"
ok "JSON is as its schema says" json_valid report "$out"
is "evidence of a boot" "$(json_get "$out" '[(f["id"], f["evidence"][0]["kind"], f["evidence"][0]["place"]) for f in findings if f["kind"] == "contradiction"]')" \
	"[('contradiction-fort-1-tower', 'boot', 'fort-1-tower')]"
for format in junit sarif html; do
	run_is 3 "$format with a contradiction" check --policy keep --records "$records" -f $format -o "$dir/r.$format" "$old"
	is "$format: is well formed" "$(/usr/bin/python3 "$top/tests/lib/report_check.py" $format 3 "$dir/r.$format")" ""
done
run_is 0 "explain tells it too" explain contradiction-fort-1-tower
has "in words" "$out" 'what was read of the kernel and what a boot of it'
record "$old" 1 tower silent unknown
run_is 0 "silence contradicts nothing" check --policy keep --records "$records" "$old"

# What is no record is no answer.
run_is 2 "no such directory" query --records "$dir/none" "$old"
has "is named" "$err" "$dir/none"
run_is 2 "a tree has no digest" query --records "$records" "$dir"
damaged() { # WHAT ARG...
	record "$old" "${@:2}"
	run_is 2 "a record with $1" query --records "$records" "$old"
	has "is named" "$err" 'fort-1-gate-[0-9a-f]*-1[.]json'
}
damaged "another schema" 1 gate booted yes 'schema="hvcompat-record/2"'
damaged "an outcome of its own" 1 gate marvellous yes
damaged "more than its outcome says" 1 gate silent yes
damaged "inputs that its digest is not of" 1 gate booted yes 'kernel={"digest": "'"$(json_get "$(echo "$records"/*-fort-1-tower-*.json)" "doc[\"kernel\"][\"digest\"]")"'", "release": null, "arch": null, "inputs": []}'
record "$old" 1 gate booted yes 'stands_for=[{"hypervisor": "fort", "version": null, "mode": null, "through": [], "holds": "yes"}]'
run_is 0 "a place that has no name is passed over" query --records "$records" "$old"
hasnt "it is nowhere" "$out" 'booted by fort-1-gate'
damaged "a key too many" 1 gate booted yes 'extra=1'
damaged "a number for a name" 1 gate booted yes 'hvcompat=7'
damaged "another kernel's digest" 1 gate booted yes 'kernel={"digest": "'"$(printf '0%.0s' {1..64})"'", "release": null, "arch": null, "inputs": []}'
record "$old" 1 gate booted yes
truncate -s 100 "$records"/*-fort-1-gate-*.json
run_is 2 "a record that was cut" query --records "$records" "$old"
done_testing
