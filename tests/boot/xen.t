#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's kernels on Debian's Xen, by `hvcompat prove`: booted, refused, and packages that are not there. XEN=1 adds guests that
xl starts, which take several minutes."""
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import KERNELS, debs, done, hvcompat, hypervisor, ok, same  # noqa: E402


def prove(recipe, kernel, *with_dirs, records=None):
    """Exit status, what was said, and the record if there is one."""
    with tempfile.TemporaryDirectory() as own:
        where = records or own
        status, out, err = hvcompat("prove", "--on", recipe, *(w for d in with_dirs for w in ("--with", d)), "--records", where, kernel)
        files = sorted(pathlib.Path(where).glob("*.json"))
        return status, out + err, json.loads(files[0].read_text(encoding="utf-8")) if len(files) == 1 else None


def boots(recipe, label, version, mode, through, detected, guest_type):
    name = f"{label}, {recipe}"
    status, said, record = prove(recipe, debs(label), hypervisor(f"xen-{version}"))
    if not ok(record is not None, f"{name}: there is a record", said):
        return
    same((status, record["outcome"], record["why"]), (0, "booted", None), f"{name}: boots")
    same([(c["version"], c["mode"], c["through"], c["holds"]) for c in record["stands_for"]],
         [(version, mode, through, "yes")], f"{name}: which proves that place, and no other")
    seen = record["seen"]
    same((seen["hypervisor"], seen["probes"].get("xen.guest_type"), seen["probes"].get("xen.version")),
         (detected, guest_type, version), f"{name}: the kernel says that this is Xen, and which")
    ok(seen["disk"]["verified"] and seen["net"]["verified"], f"{name}: disk and network work", seen)
    ok(record["ran_on"]["version"].startswith(f"xen-hypervisor-{version}-amd64 {version}."),
       f"{name}: the record has the package of Xen", record["ran_on"]["version"])
    names = [f["name"] for f in record["ran_on"]["files"]]
    ok("xen" in names and len(names) == len(set(names)), f"{name}: and its file", names)
    return names


boots("xen-4.17-dom0", "6.1-amd64", "4.17", "dom0", ["xen-dom0"], "Xen PV", "PV")

# zstd came to Xen with 4.15
status, said, record = prove("xen-4.14-dom0", debs("6.12-amd64"), hypervisor("xen-4.14"))
if ok(record is not None, "6.12, Xen 4.14: there is a record", said):
    same(record["outcome"], "refused", "6.12, Xen 4.14: is refused")
    ok("(XEN) ELF: not an ELF binary" in record["why"], "6.12, Xen 4.14: in Xen's own words", record["why"])
    same([c["holds"] for c in record["stands_for"]], ["no"], "6.12, Xen 4.14: which proves that it does not run there")
    ok("contradict" not in said.lower(), "6.12, Xen 4.14: as was read", said)

# what is missing is named
status, said, record = prove("xen-4.17-dom0", debs("6.1-amd64"))
ok(status == 2 and record is None and "--with" in said, "without packages of Xen it says what it wants", said)
status, said, record = prove("xen-4.17-dom0", debs("6.1-amd64"), KERNELS / "6.1-amd64")
ok(status == 2 and record is None and "no package xen-hypervisor-4.17-amd64" in said, "with others it says which is missing", said)

if os.environ.get("XEN"):
    for guest, interface, detected, guest_type in (("pv", "xen-pv", "Xen PV", "PV"), ("pvh", "xen-pvh", "Xen HVM", "PVH")):
        files = boots(f"xen-4.17-{guest}", "6.1-amd64", "4.17", guest, [interface, "xen-blkfront", "xen-netfront"], detected, guest_type)
        ok(files and {"/bin/xl", "/usr/lib/x86_64-linux-gnu/libxenlight.so.4.17", "outer-kernel"} <= set(files),
           f"guest {guest}: the record has the tools that started it, their libraries, and the kernel that they ran on", files)
    status, said, record = prove("xen-4.14-pv", debs("6.12-amd64"), hypervisor("xen-4.14"))
    ok(record is not None and record["outcome"] == "refused" and "unknown compression format" in record["why"],
       "6.12, tools of Xen 4.14: are refused by the tools, in their words", record["why"] if record else said)

done()
