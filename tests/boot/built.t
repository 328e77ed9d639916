#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The i386 kernel that `hvcompat build` made with the shims vmi and compat-vdso, proven out of its packages by `hvcompat prove`:
on the VMI ROM of the tests, and by what an old libc finds. And that the proof can fail: without a ROM that may be trusted, and
Debian's kernel."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import TOP, build, rom  # noqa: E402
from tap import debs, done, hvcompat, ok, same  # noqa: E402

build()
made = subprocess.run([TOP / "tests/build/make-kernel", "i386"], stdout=subprocess.PIPE, text=True, check=False)
if made.returncode != 0:
    raise SystemExit(f"Bail out! make-kernel i386: exit {made.returncode}")
packages = pathlib.Path(made.stdout.strip().splitlines()[-1]) / "out"
DEB, RPM = (",".join(map(str, sorted(packages.glob(f"*.{suffix}")))) for suffix in ("deb", "rpm"))
SITE = TOP / "docs/examples/site-qemu"


def prove(kernel, recipe, *options, variant="good"):
    """Exit status, the boot of the report, and all that was said."""
    env = dict(os.environ, VMI_ROM=str(rom(variant)))
    with tempfile.TemporaryDirectory() as records:
        status, out, err = hvcompat("prove", "--on", recipe, "--records", records, *options, "--format", "json", kernel, env=env)
        boots = json.loads(out)["kernels"][0]["boots"] if out else []
        files = list(pathlib.Path(records).glob("*.json"))
        same((len(boots), len(files)), (1, 1), f"{recipe}: one boot, one record")
        if not boots:
            raise SystemExit(f"Bail out! {recipe}: {err}")
        # what is asked of records is answered by this one
        _, said, _ = hvcompat("query", "--records", records, "--on", "vmware:esx-3.5/vmi", "--on", "glibc-2.3.2-suse9", "--verbose",
                              "--format", "json", kernel)
    return status, boots[0], json.loads(said)


def held(boot):
    """What it says of each place: booting, reading, and whether they agree."""
    return {p["place"]: (p["holds"], p["read"], p["agreement"]) for p in boot["places"]}


def brief(boot):
    return json.dumps({k: boot["record"][k] for k in ("outcome", "why", "seen", "append")}) + (boot["record"]["console"] or "")[-3000:]


for name, kernel in (("the .deb packages", DEB), ("the .rpm packages", RPM)):
    status, boot, query = prove(kernel, "site-vmi", "--runner", SITE)
    seen = boot["record"]["seen"]
    ok(status == 0 and boot["record"]["outcome"] == "booted", f"{name}, VMI ROM: boots", brief(boot))
    same((seen["hypervisor"], seen["clocksource"]), ("VMI", "vmi-timer"), f"{name}, VMI ROM: the kernel is on VMI, and so is its clock")
    same((seen["disk"]["driver"], seen["disk"]["verified"]), ("scsi:sd<pci:vmw_pvscsi", True),
         f"{name}, VMI ROM: and its disk works, whose drivers are modules of the package")
    found = held(boot)
    ok(found and set(found.values()) == {("yes", "supported", "agrees")} and "vmware:esx-3.5/vmi" in found,
       f"{name}, VMI ROM: which proves what was read", found)
    ok('"booted"' in json.dumps(query), f"{name}, VMI ROM: query shows it beside what it reads", query)

status, boot, _ = prove(DEB, "userspace-32-default")
ok(status == 0 and boot["record"]["outcome"] == "booted", "compat-vdso: boots", brief(boot))
same(held(boot)["glibc-2.3.2-suse9:any/i686"], ("yes", "supported", "agrees"),
     "compat-vdso: an old libc finds no vDSO without any parameter, as read")

# --- a proof that could not fail would be none

status, boot, _ = prove(DEB, "site-vmi", "--runner", SITE, variant="bad-sum")
same((status, boot["record"]["outcome"], boot["record"]["seen"]["hypervisor"]), (1, "booted", None),
     "a ROM with a bad sum: the kernel boots, natively")
same(set(held(boot).values()), {("no", "supported", "contradicts")}, "a ROM with a bad sum: that is no proof, and it is told")
debian = debs("6.1-686-pae")
status, boot, _ = prove(debian, "site-vmi", "--runner", SITE)
same((status, set(held(boot).values())), (0, {("no", "unsupported", "agrees")}), "Debian's 6.1: not on VMI, as read")
status, boot, _ = prove(debian, "userspace-32-default")
same((status, held(boot)["glibc-2.3.2-suse9:any/i686"]), (0, ("no", "degraded", "agrees")),
     "Debian's 6.1: an old libc finds a vDSO, as read: it must be switched off")
status, boot, _ = prove(debian, "userspace-32-vdso32")
same((status, held(boot)["glibc-2.3.2-suse9:any/i686"]), (0, ("yes", "degraded", "agrees")),
     "Debian's 6.1: and it finds none once it is")
done()
