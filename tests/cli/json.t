#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The JSON of every verb, with and without something to tell, is what docs/report.schema.json says.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels
valid() { json_valid report "$1"; }
not_valid() { ! valid "$1"; }
get() { json_get "$out" "$1"; }

json_is() { # STATUS WHAT ARG...
	local want=$1 what=$2
	shift 2
	run "$@" --format json
	is "$what: exit status" "$status" "$want"
	ok "$what: valid" valid "$out"
	is "$what: says what it exits with" "$(get exit)" "$want"
}

json_is 0 "query" query "$old"
is "what was read of it" "$(get 'kernels[0]["read"]')" "{'config': True, 'image': 'none', 'listed': False, 'modules': 0}"
is "one kernel" "$(get 'len(kernels)')" 1
is "seven verdicts and an old userspace" "$(get 'len(hypervisors)')" 8
is "the digest of the input" "$(get 'inputs[0]["sha256"]')" "$(sha256sum <"$old" | cut -d' ' -f1)"
is "the release" "$(get 'inputs[0]["release"], inputs[0]["arch"]')" "('5.1.0', 'x86_64')"
is "a verdict" "$(get '[v["status"] for v in hypervisors if (v["id"], v["version"], v["mode"]) == ("fort", "1", "gate")]')" "['supported']"
is "unknown has a reason" "$(get '[len(v["reasons"]) > 0 for v in hypervisors if v["status"] == "unknown"]')" "[True]"
json_is 0 "query --no-digest" query --no-digest "$old"
is "no digest" "$(get 'inputs[0]["sha256"]')" None
json_is 0 "query --facts" query --facts "$old"
is "a fact" "$(get '[(f["state"], f["text"]) for f in kernels[0]["facts"] if f["name"] == "FORT_OLD"]')" "[('present', 'y')]"
is "a way" "$(get '[p["status"] for v in hypervisors for p in v["paths"] if p["interface"] == "fort-old"][0]')" supported
json_is 1 "query --on" query --on fort:1 "$old" "$new"
is "nothing else" "$(get '{v["id"] for v in hypervisors}, len(hypervisors)')" "({'fort'}, 4)"
is "the kernels by index" "$(get '[(v["kernel"], v["status"]) for v in hypervisors if v["mode"] == "gate"]')" \
	"[(0, 'supported'), (1, 'unsupported')]"
json_is 2 "query of nothing" query "$dir/none"
is "the error is in it" "$(get 'len(errors), errors[0]["kernel"].endswith("/none"), kernels, hypervisors')" "(1, True, [], [])"

mkdir "$dir/many" && cp "$old" "$new" "$dir/many" && mkdir -p "$dir/many/boot" && mv "$dir/many"/config-* "$dir/many/boot"
json_is 2 "diff of two kernels in one directory" diff "$dir/many" "$new"
is "the error is in it" "$(get '[(e["kernel"].endswith("/many"), "holds 2 kernels" in e["message"]) for e in errors]')" "[(True, True)]"
json_is 0 "check, allowed" check --policy keep "$old"
is "decision" "$(get 'decision, policy["name"], policy["version"], findings')" "('allowed', 'keep', 7, [])"
is "the requirement is met" "$(get '[r["result"] for r in requirements]')" "['met']"
json_is 1 "check, blocked" check --policy keep "$old" "$new"
is "decision" "$(get 'decision, [k["decision"] for k in kernels]')" "('blocked', ['allowed', 'blocked'])"
is "findings" "$(get 'sorted((f["id"], f["kernel"], f["blocking"]) for f in findings)[0]')" "('fort-1-gate-fort-old', 1, True)"
json_is 3 "check, undecided" check --policy moated "$old"
is "decision" "$(get decision)" undecided
json_is 2 "check of nothing" check --policy keep "$dir/none"
is "is no permission" "$(get decision)" undecided

json_is 1 "diff" diff "$old" "$new"
is "a finding" "$(get '[(f["kind"], f["state"], f["hypervisor"], f["version"], f["mode"], f["through"]) for f in findings if f["id"] == "fort-1-tower-fort-old"]')" \
	"[('dropped', 'new', 'fort', '1', 'tower', 'fort-old')]"
is "evidence of both" "$(get 'sorted({e["side"] for f in findings if f["kind"] == "dropped" for e in f["evidence"]})')" "['new', 'old']"
is "help" "$(get 'any("fort-revival" in h for f in findings for h in f["help"])')" True
json_is 0 "diff of nothing" diff "$old" "$old"
is "is an empty list" "$(get findings)" "[]"

json_is 1 "gate" gate --policy keep "$old" "$new"
is "decision" "$(get 'decision, newest_allowed')" "('blocked', '5.1.0')"
json_is 0 "gate, allowed" gate --policy new-only "$old" "$new"
is "decision" "$(get 'decision, newest_allowed')" "('allowed', '6.1.0')"
json_is 1 "gate, nothing allowed" gate --policy keep "$new" "$newer"
is "newest allowed" "$(get 'newest_allowed')" None
json_is 1 "gate, several" gate --policy keep "$old" "$new" "$newer"
is "every kernel that was looked at is an input" "$(get '[i["release"] for i in inputs]')" "['6.1.0', '6.2.0', '5.1.0']"

# Names are bytes on a file system and text in JSON.
odd=$dir/$(printf 'config-\377\033"odd')
cp "$old" "$odd"
json_is 0 "a name that is no UTF-8" query "$odd"

# A schema that lets everything pass would prove nothing.
run query --format json "$old"
sed 's/"status":"supported"/"status":"fine"/' "$out" >"$dir/bad"
ok "another word is refused" not_valid "$dir/bad"
sed 's/"exit":0/"exit":0, "more":1/' "$out" >"$dir/bad"
ok "another key is refused" not_valid "$dir/bad"
sed '/"inferred"/d' "$out" >"$dir/bad"
ok "a missing key is refused" not_valid "$dir/bad"
done_testing
