#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One command, a 32-bit kernel with VMI and the compat vDSO: the packages install, and say what the kernel is."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import TOP, done, hvcompat, ok, same  # noqa: E402

made = subprocess.run([TOP / "tests/build/make-kernel", "i386"], stdout=subprocess.PIPE, text=True, check=False)
if made.returncode != 0:
    raise SystemExit(f"Bail out! make-kernel i386: exit {made.returncode}")
top = pathlib.Path(made.stdout.strip().splitlines()[-1])
debs, rpms = sorted((top / "out").glob("*.deb")), sorted((top / "out").glob("*.rpm"))
ok(debs and rpms, "one command made .deb and .rpm packages", os.listdir(top / "out"))
summary = (top / "summary").read_text()
for shim in ("vmi", "compat-vdso"):
    ok(f"\n  {shim}: " in summary, f"the summary has the evidence of {shim}", summary)


def speaks(what, argument, host, evidence):
    """It runs there, and the report shows by what."""
    status, text, err = hvcompat("query", "--verify", "--facts", "--verbose", "--on", host, argument)
    same(status, 0, f"{what}: runs on {host}")
    ok(re.search(evidence, text), f"{what}: the evidence for {host} is shown", text + err)


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    root = scratch / "deb"
    for name in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "boot", "etc"):
        (root / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    # Scripts are installed and not run: there is no shell in there. tests/build/package.t runs them.
    done_ = subprocess.run(["dpkg", "--root", root, "--force-not-root,architecture,depends,script-chrootless,bad-path",
                            "--force-unsafe-io", "--unpack", *debs], capture_output=True, text=True, check=False,
                           env={**os.environ, "DPKG_FORCE": "all", "DPKG_ROOT": str(root), "INITRD": "No",
                                "DEBIAN_FRONTEND": "noninteractive"})
    same(done_.returncode, 0, "dpkg --root unpacks the .deb packages")
    ok(list((root / "boot").glob("vmlinuz-*-hvcompat")), "with a kernel in /boot", done_.stdout + done_.stderr)
    deb_root = str(root)
    root = scratch / "rpm"
    root.mkdir()
    done_ = subprocess.run(["rpm", "--root", root, "--dbpath", "/var/lib/rpm", "-i", "--ignorearch", "--nodeps",
                            "--noscripts", *rpms], capture_output=True, text=True, check=False)
    same(done_.returncode, 0, "rpm --root installs the .rpm packages")
    ok(list(root.glob("lib/modules/*/vmlinuz")) + list(root.glob("boot/vmlinuz-*")), "with a kernel",
       done_.stdout + done_.stderr)
    kernels = {"the .deb packages": ",".join(map(str, debs)), "the .rpm packages": ",".join(map(str, rpms)),
               "the root that dpkg made": deb_root, "the root that rpm made": str(root)}
    for what, argument in kernels.items():
        speaks(what, argument, "vmware:esx-3.5/vmi", r"vmi.*3\.0|VMI.*3\.0")
        speaks(what, argument, "vmware:esx-3.5/vmi", "vmi_init")
        speaks(what, argument, "glibc-2.3.2-suse9", "vdso32_enabled")
done()
