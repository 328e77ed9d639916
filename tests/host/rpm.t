#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate under rpm, dnf and zypper, in a root of its own, with real kernels in packages as Fedora cuts them."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from rpm_root import (LIBRARIES, MACRO, PLUGINS, REAL, TOP, begin, dnf, install_repository, installed, kernels, root, rpm, run,  # noqa: E402
                      set_macro, set_policy, set_program, work, zypper)
from tap import done, ok, same  # noqa: E402

GOOD, BETTER, BAD, TOY1, TOY2 = begin("bookworm", f"{LIBRARIES},rpm,dnf,zypper")
plugins = next((root / "usr/lib/python3").glob("dist-packages/dnf-plugins"), None)
if plugins is None:
    plugins = root / "usr/lib/python3/dist-packages/dnf-plugins"
    plugins.mkdir(parents=True)
shutil.copy(TOP / "pkg/hooks/dnf4/hvcompat.py", plugins)

# --- rpm ----------------------------------------------------------------------------------------
status, said = rpm("-i", *GOOD, TOY1)
same((status, installed()), (0, ["kernel-core-5.10.1-1", "kernel-modules-5.10.1-1", "toy-1-1"]),
     "a kernel that keeps what is required is installed")
before = installed()
for words in (["-U"], ["-i"], ["-U", "--nodeps", "--force", "--nosignature", "--nodigest", "--noscripts"]):
    status, said = rpm(*words, *BAD, TOY2)
    ok(status != 0, f"rpm {' '.join(words)} of a kernel that loses Hyper-V 2008 R2 is refused", said)
    ok("would lose hyperv:2008r2" in said and "accepts at most 1.1" in said, "with what was found", said)
    same(installed(), before, "and nothing has changed")
status, said = run("sh", "-c", f"trap '' CHLD; exec rpm --force-debian -i {' '.join(BAD)}")
ok(status != 0 and "would lose hyperv:2008r2" in said, "so it is where the end of children is ignored", said)
same(installed(), before, "and nothing has changed")
status, said = run("sh", "-c", f"trap '' CHLD; exec rpm --force-debian -U {TOY2}")
same(status, 0, "where another package goes on")
rpm("-U", "--oldpackage", TOY1)
status, said = rpm("-U", "--test", *BAD)
ok(status != 0, "--test says so, too", said)
status, said = rpm("-i", BAD[0], "--nodeps")
ok(status != 0, "the image without its modules is no better", said)
same(rpm("-U", TOY2)[0], 0, "another package goes on")
same(rpm("-U", "--oldpackage", TOY1)[0], 0, "and back")
status, said = rpm("-i", "--justdb", *BAD)
same(status, 0, "what changes the database only is let through")
rpm("-e", "--justdb", "kernel-core-6.1.0-1", "kernel-modules-6.1.0-1")

status, said = rpm("-U", "--replacepkgs", GOOD[0])
same(status, 0, "the same kernel once more, over the modules that are installed")

# --- overrides ----------------------------------------------------------------------------------
run("hvcompat", "host", "allow", "xen:4.4")
status, said = rpm("-i", *BAD)
ok(status != 0, "an override of something else does not help", said)
same(run("hvcompat", "host", "allow", "hyperv:2008r2")[0], 0, "an override is taken")
status, said = rpm("-i", *BAD)
same(status, 0, "and lets the kernel in")
ok("was allowed" in said, "saying so", said)
same(kernels(), ["kernel-core-5.10.1-1", "kernel-core-6.1.0-1", "kernel-modules-5.10.1-1", "kernel-modules-6.1.0-1"],
     "beside the other")
same(rpm("-e", "kernel-core-6.1.0-1", "kernel-modules-6.1.0-1")[0], 0, "a kernel can be removed")
status, said = rpm("-i", *BAD)
ok(status != 0, "the override was for one transaction", said)
same(rpm("-i", "--noplugins", *BAD)[0], 0, "--noplugins leaves the gate out")
rpm("-e", "kernel-core-6.1.0-1", "kernel-modules-6.1.0-1")

# --- a broken hvcompat --------------------------------------------------------------------------
BROKEN = {
    "crashes": ("kill -SEGV $$", "", "signal 11"),
    "fails": ("exit 2", "", "status 2"),
    "hangs": ("sleep 60", "seconds=2", "no answer"),
    "is not runnable": (None, "", "cannot be run"),
}
for how, (line, more, words) in BROKEN.items():
    if line is None:
        (root / "usr/bin/hvcompat").unlink()
    else:
        set_program(line)
    set_macro(more)
    status, said = rpm("-i", *BETTER)
    ok(status != 0 and words in said, f"a program that {how}: even an allowed kernel is refused, saying so", said)
    same(rpm("-U", TOY2)[0], 0, f"a program that {how}: another package goes on")
    rpm("-U", "--oldpackage", TOY1)
set_program(REAL)
shutil.move(root / "usr/share/hvcompat", root / "usr/share/gone")
set_macro("")
status, said = rpm("-i", *BETTER)
ok(status != 0, "without its data it refuses a kernel", said)
same(rpm("-U", TOY2)[0], 0, "and nothing else")
rpm("-U", "--oldpackage", TOY1)
shutil.move(root / "usr/share/gone", root / "usr/share/hvcompat")
(work / "cut.rpm").write_bytes((root / BAD[0][1:]).read_bytes()[:4000000])
shutil.copy(work / "cut.rpm", root / "cut.rpm")
status, said = rpm("-i", "--nodeps", "/cut.rpm")
ok(status != 0, "a kernel package that is cut is refused", said)
shutil.move(PLUGINS / "hvcompat.so", work / "hvcompat.so")
same(rpm("-U", TOY2)[0], 0, "without the plugin rpm goes on")
shutil.move(work / "hvcompat.so", PLUGINS / "hvcompat.so")
rpm("-U", "--oldpackage", TOY1)
run("hvcompat", "host", "learned", "clear")

# --- dnf ----------------------------------------------------------------------------------------
install_repository()
status, said = dnf("upgrade")
ok(status != 0 and "would lose hyperv:2008r2" in said, "dnf upgrade to that kernel is refused, with what was found", said)
same(installed(), before, "nothing has changed")
ok("kernel-core-6.1.0-1.x86_64" in run("hvcompat", "host", "learned", "exclude")[1], "it is learned")
status, said = dnf("upgrade")
same(status, 0, "the next dnf upgrade goes on")
ok(set(installed()) >= {"kernel-core-5.10.1-2", "toy-2-1"} and "kernel-core-6.1.0-1" not in installed(),
   "it takes the newest kernel that is allowed, and all else", f"{said}\n{installed()}")
status, said = dnf("install", "kernel-core-6.1.0-1")
ok(status != 0, "to ask for the refused one by name does not help", said)
status, said = dnf("install", *BAD)
ok(status != 0 and "kernel-core-6.1.0-1" not in installed(), "nor by file", said)
run("hvcompat", "host", "allow", "hyperv:2008r2")
status, said = dnf("install", *BAD)
ok(status == 0 and "kernel-core-6.1.0-1" in installed(), "but an override does, though dnf asks twice", said)
rpm("-e", "kernel-core-6.1.0-1", "kernel-modules-6.1.0-1")
shutil.move(PLUGINS / "hvcompat.so", work / "hvcompat.so")
MACRO.rename(work / "macro")
run("hvcompat", "host", "learned", "clear")
status, said = dnf("upgrade")
ok(status != 0 and "would lose hyperv:2008r2" in said, "where rpm has no plugin, dnf's asks by itself", said)
(work / "macro").rename(MACRO)
shutil.move(work / "hvcompat.so", PLUGINS / "hvcompat.so")

# --- zypper -------------------------------------------------------------------------------------
rpm("-e", "kernel-core-5.10.1-2", "kernel-modules-5.10.1-2")
rpm("-U", "--oldpackage", TOY1)
run("hvcompat", "host", "learned", "clear")
(root / "etc/zypp").mkdir(exist_ok=True)
with open(root / "etc/zypp/zypp.conf", "a", encoding="utf-8") as conf:
    conf.write("[main]\nmultiversion = provides:multiversion(kernel)\n")
zypper("addrepo", "-f", "file:///repo", "test")
status, said = zypper("update")
# This libzypp looks every five seconds whether rpm still runs, and forgets what it said last where it does not: a machine that
# is too busy to judge in that time leaves the words to the log.
logged = (root / "var/lib/hvcompat/log").read_text(encoding="utf-8").splitlines()[-1]
ok(status != 0 and ("would lose hyperv:2008r2" in said or "refused: kernel 6.1.0" in logged and "hyperv:2008r2" in logged),
   "zypper update to that kernel is refused, with what was found", f"{said}\n{logged}")
ok("kernel-core-6.1.0-1" not in installed(), "it is not installed", installed())
status, said = zypper("update")
same(status, 0, "the next zypper update goes on")
ok(set(installed()) >= {"kernel-core-5.10.1-2", "toy-2-1"} and "kernel-core-6.1.0-1" not in installed(),
   "it takes the newest kernel that is allowed, and all else", f"{said}\n{installed()}")
set_policy(2, "{hypervisor: hyperv, versions: 2012r2}")
run("hvcompat", "host", "learned", "write")
locks = root / "etc/zypp/locks"
ok(not locks.exists() or "kernel" not in locks.read_text(encoding="utf-8"), "a changed policy takes the locks away")
status, said = zypper("update")
ok("kernel-core-6.1.0-1" in installed(), "and the kernel is taken, as it says now", f"{said}\n{installed()}")
done()
