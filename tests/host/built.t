#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of a kernel of `hvcompat build` (tests/build/make-kernel; BUILT names another than the smallest) under the gates
of apt, dpkg, rpm, dnf and zypper: they pass without a finding where the kernel has what is required, and are refused where it lacks it."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import apt_root  # noqa: E402
import rpm_root  # noqa: E402
from tap import TOP, done, note, ok, same  # noqa: E402

# What each kernel has, and what not, and how the refusal names that.
KERNELS = {
    "tiny": ("{userspace: vdso-abi, modes: ['64']}", "{userspace: cgroup1-memory}", "cgroup1-memory"),
    "amd64": ("{hypervisor: hyperv, versions: 2008r2}", "{userspace: x32}", "x32"),
    "i386": ("{hypervisor: vmware, versions: esx-3.5, modes: [vmi]}", "{hypervisor: hyperv, versions: 2008r2}", "hyperv:2008r2"),
}
NAME = os.environ.get("BUILT", "tiny")
HAS, LACKS, LOST = KERNELS[NAME]
made = subprocess.run([TOP / "tests/build/make-kernel", NAME], stdout=subprocess.PIPE, text=True, check=False)
if made.returncode:
    raise SystemExit(f"Bail out! make-kernel {NAME}: exit {made.returncode}")
out = pathlib.Path(made.stdout.strip().splitlines()[-1]) / "out"
DEBS, RPMS = sorted(out.glob("*.deb")), sorted(p for p in out.glob("*.rpm") if not p.name.endswith(".src.rpm"))
note(" ".join(p.name for p in [*DEBS, *RPMS]))


def passes(status, said, there, what):
    ok(status == 0 and there and not re.search(r"^(error: )?hvcompat: ", said, re.M), f"{what}: installed, and the gate says nothing", f"{status} {there}\n{said}")


def refused(status, said, there, what):
    ok(status != 0 and not there and f"would lose {LOST}" in said, f"{what}: refused, with what was found", f"{status} {there}\n{said}")


# --- apt and dpkg -------------------------------------------------------------------------------
apt_root.begin()
for deb in DEBS:
    shutil.copy(deb, apt_root.repo)
apt_root.toy("toy-initramfs", "1", provides="linux-initramfs-tool", more="Multi-Arch: foreign\n")
apt_root.publish()
apt_root.install_hvcompat()
image = next(p.name.split("_")[0] for p in DEBS if p.name.startswith("linux-image-"))
if any(p.name.endswith("_i386.deb") for p in DEBS):
    apt_root.run("dpkg", "--add-architecture", "i386")
    image += ":i386"
apt_root.apt("update")
apt_root.apt("install", "toy-initramfs")
file = next("/repo/" + p.name for p in DEBS if p.name.startswith("linux-image-"))
install = {"apt-get install": lambda: apt_root.apt("install", image), "dpkg -i": lambda: apt_root.run("dpkg", "-i", file)}


def there():
    return apt_root.run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", image)[1].strip() == "ii"


for number, (what, command) in enumerate(install.items(), 1):
    apt_root.set_policy(2 * number, LACKS)
    refused(*command(), there(), f"{what}, of what the kernel lacks")
    apt_root.clean(f"{what}, refused")
    apt_root.set_policy(2 * number + 1, HAS)
    apt_root.apt("update")  # forgets what was refused by another policy
    passes(*command(), there(), f"{what}, of what it has")
    apt_root.clean(f"{what}, installed")
    apt_root.apt("purge", image)

# --- rpm, dnf and zypper ------------------------------------------------------------------------
rpm_root.make("bookworm", f"{rpm_root.LIBRARIES},rpm,dnf,zypper")
for rpm in RPMS:
    shutil.copy(rpm, rpm_root.repo)
plugins = rpm_root.root / "usr/lib/python3/dist-packages/dnf-plugins"
plugins.mkdir(parents=True, exist_ok=True)
shutil.copy(TOP / "pkg/hooks/dnf4/hvcompat.py", plugins)
parts = [f"/repo/{p.name}" for p in RPMS if re.match(r"kernel-(core|modules)-", p.name)]


def zypper(*words):
    """What a busy machine lets it forget is in the log (rpm.t)."""
    status, said = rpm_root.zypper(*words)
    log = rpm_root.root / "var/lib/hvcompat/log"
    last = log.read_text(encoding="utf-8").splitlines()[-1] if status and log.exists() else ""
    return status, f"{said}\nwould lose {LOST}" if "refused: kernel" in last and LOST in last else said


def images():
    """Where zypper hands rpm one package after the other, that of the modules is there before the image is refused."""
    return [name for name in rpm_root.kernels() if name.startswith("kernel-core-")]


install = {"rpm -i": lambda: rpm_root.rpm("-i", "--nodeps", *parts), "dnf install": lambda: rpm_root.dnf("install", "kernel"),
           "zypper install": lambda: zypper("install", "kernel")}
# Debian's tools are known to its dpkg, not to rpm.
rpm_root.build("tools", "1", "1", "Provides: coreutils kmod /bin/sh")
rpm_root.install_repository()
rpm_root.zypper("addrepo", "-f", "file:///repo", "test")
for number, (what, command) in enumerate(install.items(), 1):
    rpm_root.set_policy(2 * number, LACKS)
    refused(*command(), images(), f"{what}, of what the kernel lacks")
    rpm_root.set_policy(2 * number + 1, HAS)
    rpm_root.run("hvcompat", "host", "learned", "write")
    passes(*command(), images(), f"{what}, of what it has")
    rpm_root.rpm("-e", "--nodeps", *rpm_root.kernels())
done()
