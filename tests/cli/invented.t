#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A hypervisor that does not exist, with a bus, a disk and a protocol table of its own, added by files alone."""
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import document, done, hvcompat, ok, same  # noqa: E402

INTERFACE = """
interface: zorkbus
class: bus
kind: paravirtual
about: The channel bus of Zorkvisor, which nobody ever shipped.
source: "this test"
drivers:
  - {driver: zork_bus, config: [ZORK_BUS]}
speaks:
  - {table: zork_protocols, of: zork_bus, element: u32, format: hi16.lo16, ends: not-descending}
  - {driver: zork_bus, unknown-versions: true}
help: {config: ["ZORK_BUS=m"]}
"""
DISK = """
interface: zork-disk
class: disk
kind: paravirtual
about: Its disk.
source: "this test"
drivers:
  - {driver: zork_disk, config: [ZORK_DISK]}
speaks:
  - {driver: zork_disk}
"""
HOST = """
hypervisor: zorkvisor
name: Frobozz Zorkvisor
about: A hypervisor for tests.
source: "this test"
versions:
  - {id: "1", released: 1980-01-01, source: "this test"}
  - {id: "2", released: 1981-01-01, source: "this test"}
modes:
  - {id: guest, needs: {bus: required, disk: required}}
offers:
  - interface: zorkbus
    meets: host-maximum
    at:
      - {since: "1", versions: ["1.1"]}
      - {since: "2", versions: ["2.4"]}
  - {interface: zork-disk}
"""
POLICY = """
policy: dungeon
version: 1
about: For adventurers.
requires:
  - {hypervisor: zorkvisor, versions: "%s"}
"""
MODULE = """
#include <stdint.h>
static const uint32_t zork_protocols[] __attribute__((used)) = { %s };
__attribute__((section(".modinfo"), used)) static const char license[] = "license=GPL";
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def package(top, release, protocols, disk="m"):
    """A .deb with two modules and a config, built by the distro's own tools."""
    root = top / f"root-{release}"
    modules = root / "usr/lib/modules" / release / "kernel/drivers/zork"
    modules.mkdir(parents=True)
    for name, table in (("zork_bus", protocols), ("zork_disk", "0")):
        write(top / f"{name}.c", MODULE % table)
        subprocess.run(["gcc", "-c", "-o", modules / f"{name}.ko", top / f"{name}.c"], check=True)
    write(root / "boot" / f"config-{release}", f"CONFIG_X86_64=y\nCONFIG_ZORK_BUS=m\nCONFIG_ZORK_DISK={disk}\n")
    files = sorted(p for p in root.rglob("*") if p.is_file())
    sums = subprocess.run(["md5sum", *[p.relative_to(root) for p in files]], cwd=root, capture_output=True, text=True,
                          check=True).stdout
    write(root / "DEBIAN/md5sums", sums)
    write(root / "DEBIAN/control", f"Package: linux-image-{release}\nVersion: {release}-1\nArchitecture: amd64\n"
          "Maintainer: Nobody <nobody@example.org>\nDescription: test\n")
    deb = top / f"linux-image-{release}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, deb], check=True, stdout=subprocess.DEVNULL)
    return deb


with tempfile.TemporaryDirectory() as scratch:
    top = pathlib.Path(scratch)
    know = top / "knowledge"
    write(know / "interfaces/zorkbus.yaml", INTERFACE)
    write(know / "interfaces/zork-disk.yaml", DISK)
    write(know / "hypervisors/zorkvisor.yaml", HOST)
    write(know / "dungeon.yaml", POLICY % "all")
    write(know / "dungeon-new.yaml", (POLICY % ">= 2").replace("dungeon", "dungeon-new"))
    old = package(top, "5.0.0-1-test", "0x20004, 0x10001")
    new = package(top, "6.0.0-1-test", "0x30000, 0x20004")

    status, out, err = hvcompat("policy", "lint", "--policy-dir", know)
    same(status, 0, "the linter accepts the files") or print(f"# {out}{err}")
    status, doc = document("query", "--policy-dir", know, "--on", "zorkvisor", old)
    rows = {v["version"]: v["status"] for v in doc["hypervisors"]}
    same((status, rows), (0, {"1": "supported", "2": "supported"}), "the old kernel runs on both versions")
    status, doc = document("query", "--policy-dir", know, "--on", "zorkvisor", new)
    rows = {v["version"]: v["status"] for v in doc["hypervisors"]}
    same((status, rows), (1, {"1": "unsupported", "2": "supported"}), "the new one on the newer version only")

    status, doc = document("gate", "--policy-dir", know, "--policy", "dungeon", old, new)
    blocking = [f["id"] for f in doc["findings"] if f["kind"] == "dropped"]
    same((status, doc["decision"]), (1, "blocked"), "the gate blocks the update")
    same(blocking, ["zorkvisor-1-guest-zorkbus"], "for the bus, on version 1, and nothing else")
    evidence = [e for f in doc["findings"] for e in f["evidence"]]
    ok(any("zork_protocols" in (e["place"] or "") and e["found"] == "3.0 2.4" for e in evidence),
       "the evidence names the table and what is in it", evidence)
    status, doc = document("gate", "--policy-dir", know, "--policy", "dungeon-new", old, new)
    same((status, doc["decision"]), (0, "allowed"), "a policy without version 1 lets it through")
    status, _, _ = hvcompat("diff", "--policy-dir", know, old, new)
    same(status, 1, "diff tells the drop by its exit status")

    status, out, _ = hvcompat("explain", "--policy-dir", know, "zorkvisor-1-guest-zorkbus")
    ok(status == 0 and "zork_protocols" in out, "explain knows the finding from the same files", out)
    odd = package(top, "6.1.0-1-test", "0x20004, 0x10001", disk="n")
    _, doc = document("check", "--policy-dir", know, "--policy", "dungeon", odd)
    ok(any(f["kind"] == "contradiction" for f in doc["findings"]), "a module that its own config denies is told",
       doc["findings"])
done()
