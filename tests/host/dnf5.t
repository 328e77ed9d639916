#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate under dnf5, rpm 6 and a zypper of today, in a root of Debian's testing suite: they are in no older one."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from rpm_root import (TOP, begin, dnf, install_repository, installed, root, rpm, run, set_policy, set_program, zypper,  # noqa: E402
                      REAL)
from tap import done, note, ok, same  # noqa: E402

GOOD, BETTER, BAD, TOY1, TOY2 = begin("forky", "rpm,dnf5,zypper,gcc,libc6-dev,librpm-dev", foreign=True)
ACTIONS = root / "etc/dnf/libdnf5-plugins/actions.d/hvcompat.actions"
shutil.copy(TOP / "pkg/hooks/dnf5/hvcompat.actions", ACTIONS)
shutil.copy(TOP / "pkg/hooks/dnf5/hvcompat-dnf5", root / "usr/libexec")
install_repository()
# It makes a repository of all that is downloaded, and fails where createrepo_c is missing.
run("sed", "-i", "s/^enabled *=.*/enabled = 0/", "/etc/dnf/libdnf5-plugins/local.conf")
for program in ("rpm", "dnf5", "zypper"):
    note(" ".join(run(program, "--version")[1].split()[:3]))


def dnf5(*words):
    return dnf(*words, program="dnf5")


def upgrade_takes_another(upgrade, what):
    """The first is refused, the second goes on."""
    before = installed()
    status, said = upgrade()
    ok(status != 0 and "would lose hyperv:2008r2" in said, f"{what} to that kernel is refused, with what was found", said)
    same(installed(), before, "nothing has changed")
    ok("kernel-core-6.1.0-1.x86_64" in run("hvcompat", "host", "learned", "exclude")[1], "it is learned")
    status, said = upgrade()
    same(status, 0, f"the next {what} goes on")
    ok(set(installed()) >= {"kernel-core-5.10.1-2", "toy-2-1"} and "kernel-core-6.1.0-1" not in installed(),
       "it takes the newest kernel that is allowed, and all else", f"{said}\n{installed()}")


# --- rpm ----------------------------------------------------------------------------------------
same(rpm("-i", *GOOD, TOY1)[0], 0, "rpm: a kernel that keeps what is required is installed")
before = installed()
status, said = rpm("-U", *BAD, TOY2)
ok(status != 0 and "would lose hyperv:2008r2" in said, "rpm -U of one that loses Hyper-V 2008 R2 is refused", said)
same(installed(), before, "nothing has changed")
run("hvcompat", "host", "learned", "clear")

# --- dnf5 ---------------------------------------------------------------------------------------
upgrade_takes_another(lambda: dnf5("upgrade"), "dnf5 upgrade")
for words in (["kernel-core-6.1.0-1"], BAD):
    status, said = dnf5("install", *words)
    ok(status != 0 and "kernel-core-6.1.0-1" not in installed(), f"to ask for {words[0]} does not help", said)
with open(root / "etc/dnf/dnf.conf", "a", encoding="utf-8") as conf:
    conf.write("\nexcludepkgs=toy-2*\n")
rpm("-U", "--oldpackage", TOY1)
rpm("-e", "kernel-core-5.10.1-2", "kernel-modules-5.10.1-2")
status, said = dnf5("upgrade")
ok(status == 0 and "toy-1-1" in installed() and "kernel-core-5.10.1-2" in installed(),
   "what the administrator excludes stays excluded", f"{said}\n{installed()}")
run("sed", "-i", "/excludepkgs/d", "/etc/dnf/dnf.conf")
same(run("hvcompat", "host", "allow", "hyperv:2008r2")[0], 0, "an override is taken")
status, said = dnf5("install", *BAD)
ok(status == 0 and "kernel-core-6.1.0-1" in installed(), "and lets the kernel in, though dnf5 asks twice", said)
rpm("-e", "kernel-core-6.1.0-1", "kernel-modules-6.1.0-1")
set_program("exit 2")
status, said = dnf5("upgrade", "toy")
ok(status == 0 and "toy-2-1" in installed(), "with a broken hvcompat, what is no kernel goes on", said)
(root / "usr/libexec/hvcompat-dnf5").rename(root / "usr/libexec/gone")
rpm("-U", "--oldpackage", TOY1)
status, said = dnf5("upgrade", "toy")
ok(status == 0 and "toy-2-1" in installed(), "and without the program that the actions name", said)
(root / "usr/libexec/gone").rename(root / "usr/libexec/hvcompat-dnf5")
set_program(REAL)

# --- zypper, which installs one by one unless it is told to make one transaction of it -----------
def start_zypper():
    for name in [n for n in installed() if n.startswith("kernel") and not n.endswith("5.10.1-1")]:
        rpm("-e", "--nodeps", name)
    rpm("-U", "--oldpackage", TOY1)
    run("hvcompat", "host", "learned", "clear")


(root / "etc/zypp").mkdir(exist_ok=True)
with open(root / "etc/zypp/zypp.conf", "a", encoding="utf-8") as conf:
    conf.write("[main]\nmultiversion = provides:multiversion(kernel)\n")
zypper("addrepo", "-f", "file:///repo", "test")
start_zypper()
status, said = run("env", "ZYPP_SINGLE_RPMTRANS=0", "zypper", "--non-interactive", "--no-gpg-checks", "update")
ok(status != 0 and "would lose hyperv:2008r2" in said, "zypper, one by one: refused, with what was found", said)
ok("kernel-core-6.1.0-1" not in installed(), "the image is not installed", installed())
note(f"one by one, these were: {sorted(set(installed()) - set(before))}")
start_zypper()
status, said = run("env", "ZYPP_SINGLE_RPMTRANS=1", "zypper", "--non-interactive", "--no-gpg-checks", "update")
ok(status != 0 and "would lose hyperv:2008r2" in said, "zypper, one transaction: refused, with what was found", said)
same(installed(), before, "nothing has changed")
status, said = zypper("update")
same(status, 0, "the next zypper update goes on")
ok(set(installed()) >= {"kernel-core-5.10.1-2", "toy-2-1"} and "kernel-core-6.1.0-1" not in installed(),
   "it takes the newest kernel that is allowed, and all else", f"{said}\n{installed()}")
done()
