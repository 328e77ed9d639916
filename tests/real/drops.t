#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kernels really dropped, series by series: exactly that, with its evidence, and nothing else."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import debs, document, done, note, ok, same  # noqa: E402


def losses(doc, kind):
    """{(host, interface): {versions}} of the findings of that kind."""
    found = {}
    for f in doc["findings"]:
        if f["kind"] == kind and f["state"] == "new":
            found.setdefault((f["hypervisor"], f["through"]), set()).add(f["version"])
    return found


def diff(old, new):
    status, doc = document("diff", debs(old), debs(new))
    note(f"{old} -> {new}: exit {status}, {len(doc['findings'])} findings")
    bare = [f["id"] for f in doc["findings"] if f["kind"] in ("dropped", "narrowed") and not f["evidence"]]
    same(bare, [], f"{old} -> {new}: every loss comes with evidence")
    same([f["id"] for f in doc["findings"] if f["kind"] in ("unknown", "contradiction")], [],
         f"{old} -> {new}: nothing unknown, no contradiction")
    return status, losses(doc, "dropped"), losses(doc, "narrowed")


def hosts(found):
    return {host for host, _ in found}


OLD_HYPERV = {"2008", "2008r2"}

for flavour in ("amd64", "cloud-amd64", "686-pae"):
    status, dropped, narrowed = diff(f"5.10-{flavour}", f"6.1-{flavour}")
    name = f"5.10 -> 6.1 {flavour}"
    same(status, 1, f"{name}: diff exits 1")
    hyperv = {through: versions for (host, through), versions in dropped.items() if host == "hyperv"}
    same(hyperv, {"vmbus": OLD_HYPERV, "hv-storvsc": OLD_HYPERV},
         f"{name}: Hyper-V 2008 and 2008 R2, by the tables of vmbus and storvsc")
    xen = {v for (host, _), versions in dropped.items() if host == "xen" for v in versions}
    ok(all(tuple(map(int, v.split("."))) < (3, 4) for v in xen), f"{name}: of Xen at most what is older than 3.4", xen)
    same(hosts(dropped) - {"hyperv", "xen"}, set(), f"{name}: no other hypervisor, no userspace")

status, dropped, narrowed = diff("6.1-amd64", "6.12-amd64")
same(status, 1, "6.1 -> 6.12 amd64: diff exits 1")
codec = {f"4.{minor}" for minor in range(2, 15)}
xen = {v for (host, _), versions in dropped.items() if host == "xen" for v in versions}
same(xen, codec, "6.1 -> 6.12 amd64: direct boot of Xen 4.2 to 4.14")
same(hosts(dropped) - {"xen"}, {"cgroup1-memory", "cgroup1-cpuset"}, "6.1 -> 6.12 amd64: cgroup v1 memory and cpuset")
ok(("hyperv", "hv-fcopy") in narrowed, "6.1 -> 6.12 amd64: Hyper-V file copy left the kernel", narrowed)
same(hosts(narrowed) - {"hyperv"}, set(), "6.1 -> 6.12 amd64: nothing else is narrowed")

status, dropped, narrowed = diff("6.1-cloud-amd64", "6.12-cloud-amd64")
xen = {v for (host, _), versions in dropped.items() if host == "xen" for v in versions}
same(xen, {f"4.{minor}" for minor in range(4, 15)}, "6.1 -> 6.12 cloud: direct boot of Xen 4.4 to 4.14 (lz4 to zstd)")

status, dropped, narrowed = diff("6.12-amd64", "newest-amd64")
same((status, dropped), (0, {}), "6.12 -> newest amd64: nothing dropped")
status, dropped, narrowed = diff("6.12-cloud-amd64", "newest-cloud-amd64")
same((status, dropped), (0, {}), "6.12 -> newest cloud: nothing dropped")
same({through for (host, through) in narrowed if host == "hyperv"}, {"hv-synthvid", "hv-mouse"},
     "6.12 -> newest cloud: Hyper-V's video and mouse are narrowed")
status, dropped, _ = diff("5.10-arm64", "6.1-arm64")
same((status, dropped), (0, {}), "5.10 -> 6.1 arm64: nothing dropped")

# The enterprise policy, as a gate
status, doc = document("gate", "--policy", "enterprise-long-tail", debs("5.10-amd64"), debs("6.1-amd64"))
same((status, doc["decision"]), (1, "blocked"), "gate 5.10 -> 6.1: blocked")
new = {f["id"] for f in doc["findings"] if f["state"] == "new" and f["kind"] == "dropped"}
ok(any(i.startswith("hyperv-2008r2-") and i.endswith("-vmbus") for i in new), "by the bus of Hyper-V 2008 R2", new)
ok(any(i.startswith("hyperv-2008r2-") and i.endswith("-hv-storvsc") for i in new), "and its disk", new)
tables = {e["place"] for f in doc["findings"] for e in f["evidence"] if e["kind"] == "table"}
ok(any("vmbus_versions" in t for t in tables) and any("protocol" in t for t in tables), "the evidence is two tables", tables)
vsyscall = [f for f in doc["findings"] if f["hypervisor"] == "glibc-before-2.14" and f["state"] == "new"]
same(vsyscall, [], "the vsyscall default is no new loss")
status, doc = document("gate", "--policy", "enterprise-long-tail", debs("6.1-amd64"), debs("6.12-amd64"))
same((status, doc["decision"]), (1, "blocked"), "gate 6.1 -> 6.12: blocked")
new = {f["id"] for f in doc["findings"] if f["state"] == "new" and f["kind"] == "dropped"}
ok(any(i.startswith("xen-4.2-pv-payload") for i in new), "by the payload on Xen 4.2's direct boot", new)
status, doc = document("gate", "--policy", "distro-stable", debs("5.10-amd64"), debs("6.1-amd64"))
same((status, doc["decision"]), (0, "allowed"), "gate 5.10 -> 6.1 under a policy that lists none of it: allowed")
done()
