#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What Debian's kernels really dropped, series by series: exactly that, with its evidence, and nothing else."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import debs, document, done, note, ok, same  # noqa: E402


def losses(doc, kind):
    """{(host, interface): {versions}} of the findings of that kind; Xen's PV-GRUB is told apart as a host of its own."""
    found = {}
    for f in doc["findings"]:
        if f["kind"] == kind and f["state"] == "new":
            host = f["hypervisor"] + (":pv-grub" if f["mode"] == "pv-grub" else "")
            found.setdefault((host, f["through"]), set()).add(f["version"])
    return found


def versions_of(found, host):
    return {version for (h, _), versions in found.items() if h == host for version in versions}


def minors(first, last):
    return {f"4.{minor}" for minor in range(first, last + 1)}


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
    xen = versions_of(dropped, "xen") | versions_of(dropped, "xen:pv-grub")
    ok(xen <= {"3.1", "3.2", "3.3"}, f"{name}: of Xen only what is older than 3.4", xen)
    if flavour == "amd64":
        same(versions_of(dropped, "xen:pv-grub"), {"3.1", "3.2", "3.3"}, f"{name}: PV on Xen without features 5 and 7")
    same(versions_of(dropped, "xen"), {"3.1"}, f"{name}: HVM on Xen without VCPU info placement")
    same(hosts(dropped) - {"hyperv", "xen", "xen:pv-grub"}, set(), f"{name}: no other hypervisor, no userspace")
    same(narrowed, {}, f"{name}: nothing is narrowed")

status, dropped, narrowed = diff("6.1-amd64", "6.12-amd64")
same(status, 1, "6.1 -> 6.12 amd64: diff exits 1")
same(versions_of(dropped, "xen"), minors(2, 14), "6.1 -> 6.12 amd64: direct boot of Xen 4.2 to 4.14 (xz to zstd)")
# GRUB reads gzip, xz and lzo (its include/grub/file.h), so its PV build is lost whatever the Xen below it can do
same(versions_of(dropped, "xen:pv-grub"), {"3.4", "4.0", "4.1"} | minors(2, 22), "6.1 -> 6.12 amd64: PV-GRUB on every Xen")
same(hosts(dropped) - {"xen", "xen:pv-grub"}, {"cgroup1-memory", "cgroup1-cpuset", "aws-xen"},
     "6.1 -> 6.12 amd64: cgroup v1 memory and cpuset, and EC2's PV loader")
same(set(narrowed), {("hyperv", "hv-fcopy")},
     "6.1 -> 6.12 amd64: Hyper-V's file copy left the kernel, nothing else is narrowed")

status, dropped, narrowed = diff("6.1-cloud-amd64", "6.12-cloud-amd64")
same(versions_of(dropped, "xen"), minors(4, 14), "6.1 -> 6.12 cloud: direct boot of Xen 4.4 to 4.14 (lz4 to zstd)")
same(hosts(dropped) - {"xen"}, {"cgroup1-memory", "cgroup1-cpuset"}, "6.1 -> 6.12 cloud: cgroup v1, and nothing else")

status, dropped, narrowed = diff("6.12-amd64", "newest-amd64")
# uselib(), which a.out loaders call, left the kernel
same((status, hosts(dropped), narrowed), (1, {"libc5"}, {}), "6.12 -> newest amd64: libc5 and nothing else, nothing narrowed")
status, dropped, narrowed = diff("6.12-cloud-amd64", "newest-cloud-amd64")
same((status, hosts(dropped)), (1, {"libc5"}), "6.12 -> newest cloud: libc5, and nothing else")
same({through for _, through in narrowed}, {"hv-synthvid", "hv-mouse"},
     "6.12 -> newest cloud: Hyper-V's video and mouse are narrowed, and nothing else")
CGROUP1 = {"cgroup1-memory", "cgroup1-cpuset"}
for old, new, lost, less in (("5.10", "6.1", set(), set()), ("6.1", "6.12", CGROUP1, {"hv-fcopy"}), ("6.12", "newest", set(), set())):
    status, dropped, narrowed = diff(f"{old}-arm64", f"{new}-arm64")
    name = f"{old} -> {new} arm64"
    same((status, hosts(dropped)), (1 if lost else 0, lost), f"{name}: dropped {sorted(lost)}, nothing else")
    same({through for _, through in narrowed}, less, f"{name}: narrowed {sorted(less)}, nothing else")

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
