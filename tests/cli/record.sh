# SPDX-License-Identifier: GPL-2.0-or-later
# Records of boots that were none.

# record_into DIR KERNEL VERSION MODE OUTCOME HOLDS [NAME=VALUE]: a record as hvcompat-record/1 says; the last changes a key of it.
record_into() {
	/usr/bin/python3 - "$@" <<-'EOF'
		import hashlib, json, sys
		where, kernel, version, mode, outcome, holds, *change = sys.argv[1:]
		sha = hashlib.sha256(open(kernel, "rb").read()).hexdigest()
		digest = hashlib.sha256((sha + "\n").encode()).hexdigest()
		recipe = f"fort-{version}-{mode}"
		of = hashlib.sha256(recipe.encode()).hexdigest()
		doc = {"schema": "hvcompat-record/1", "hvcompat": "0", "when": "2026-11-23T12:00:00Z",
		       "kernel": {"digest": digest, "release": None, "arch": None,
		                  "inputs": [{"package": None, "version": None, "arch": None, "sha256": sha}]},
		       "recipe": {"family": "lab", "name": recipe, "digest": of},
		       "ran_on": {"program": "fort", "version": None, "files": []},
		       "stands_for": [{"hypervisor": "fort", "version": version, "mode": mode,
		                       "through": [], "holds": holds}],
		       "outcome": outcome, "why": None if outcome == "booted" else "the gate stayed shut", "seconds": 1.5,
		       "attempt": 1,
		       "seen": {"hypervisor": None, "clocksource": None, "console": None, "disk": None, "net": None, "probes": {}},
		       "command": ["fort"], "append": "quiet", "console": "HV 1.0 begin 1\n"}
		for key, value in (c.split("=", 1) for c in change):
		    doc[key] = json.loads(value)
		with open(f"{where}/{digest[:16]}-lab-{recipe}-{of[:16]}-1.json", "w") as f:
		    json.dump(doc, f)
	EOF
}
