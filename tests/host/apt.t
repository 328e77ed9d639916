#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate under apt, dpkg and unattended-upgrades, in a root of its own, with real kernels in a signed repository."""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from apt_root import (apt, begin, clean, install_hvcompat, publish, repo, root, run, set_policy, toy, version, versions)  # noqa: E402
from tap import debs, done, note, ok, same  # noqa: E402


def deb_of(label):
    file = pathlib.Path(debs(label))
    name, ver, _ = file.stem.split("_")
    target = repo / file.name
    if not target.exists():
        shutil.copy(file, target)
    return name, ver, "/repo/" + file.name


begin()
OLD, OLD_VER, OLD_DEB = deb_of("5.10-amd64")
NEW, NEW_VER, NEW_DEB = deb_of("6.1-amd64")
META = "linux-image-amd64"
toy("toy-initramfs", "1", provides="linux-initramfs-tool")
toy(META, "5.9-1")
toy(META, OLD_VER, depends=f"{OLD} (= {OLD_VER})")
toy("toy-a", "1.0")
toy("zz-toy", "1.0")
publish()
same(apt("update")[0], 0, "the signed repository is taken")
same(apt("install", "toy-initramfs", f"{META}=5.9-1", "toy-a", "zz-toy")[0], 0, "packages before the update")
toy(META, NEW_VER, depends=f"{NEW} (= {NEW_VER})")
toy("toy-a", "2.0")
publish()
install_hvcompat()
set_policy()
apt("update")

# --- refused, and the way goes on ---------------------------------------------------------------
before = versions()
status, said = run("/usr/bin/python3", "-c", f"import apt; c = apt.Cache(); c['{META}'].mark_upgrade(); c.commit()")
ok(status != 0 and "would lose hyperv:2008r2" in said, "python-apt is kept from a kernel that loses Hyper-V 2008 R2", said)
same(versions(), before, "nothing has changed")
same(run("hvcompat", "host", "learned", "clear")[0], 0, "and nothing is left of it")
status, said = apt("dist-upgrade")
same(status, 100, "dist-upgrade to a kernel that loses Hyper-V 2008 R2 is refused")
ok("would lose hyperv:2008r2" in said and "accepts at most 1.1" in said, "with what was found", said)
ok(NEW in said and f"{META}={NEW_VER}" in said, "the packages, and the way to have it all the same", said)
same(versions(), before, "nothing has changed")
clean("after the refusal")
pins = (root / "etc/apt/preferences.d/hvcompat.pref").read_text(encoding="utf-8")
ok(f"Package: {NEW}\nPin: version {NEW_VER}\n" in pins and f"Package: {META}\nPin: version {NEW_VER}\n" in pins,
   "image and meta package are pinned", pins)
toy("zz-toy", "2.0")
publish()
apt("update")
status, said = run("unattended-upgrade", "-v")
same(status, 0, "unattended-upgrades goes on")
same((version(META), version(OLD), version(NEW)), (OLD_VER, OLD_VER, None), "it took the allowed kernel")
same((version("toy-a"), version("zz-toy")), ("2.0", "2.0"), "and all unrelated upgrades")
toy("toy-a", "3.0")
publish()
apt("update")
status, said = apt("dist-upgrade")
same(status, 0, "so does the second dist-upgrade")
same((version(META), version("toy-a")), (OLD_VER, "3.0"), "which leaves the kernel where it may be")
clean("after the updates")

# --- dpkg by itself -----------------------------------------------------------------------------
status, said = run("dpkg", "-i", NEW_DEB)
ok(status != 0 and "would lose hyperv:2008r2" in said, "dpkg -i of the refused kernel is refused too", said)
same(version(NEW), None, "it was not unpacked")
clean("after dpkg's refusal")
status, said = run("dpkg", "-i", "-R", "/repo", "--no-act")
ok(status != 0 and "would lose hyperv:2008r2" in said, "in a directory as well", said)
same(run("dpkg", "-i", "/repo/toy-a_3.0_amd64.deb")[0], 0, "an unrelated package is installed")

# --- overrides ----------------------------------------------------------------------------------
both = (f"{META}={NEW_VER}", f"{NEW}={NEW_VER}")
status, said = apt("install", *both)
same(status, 100, "named by version, past the pin, it is refused")
status, said = apt("-o", "HvCompat::Allow=xen:4.2", "install", *both)
same(status, 100, "an override for another loss does not help")
status, said = apt("-o", "HvCompat::Allow=hyperv:2008r2", "-s", "install", *both)
same(status, 0, "the simulation of it succeeds")
status, said = run("sh", "-c", "hvcompat host allow hyperv:2008r2 && apt-get -y -qq --download-only install " +
                   " ".join(both) + " && /usr/lib/hvcompat/apt-gate </dev/null")
same(status, 0, "host allow, and nothing that uses it up")
status, said = apt("install", *both)
same((status, version(NEW), version(META)), (0, NEW_VER, NEW_VER), "with it the kernel is installed, once")
same(apt("--allow-downgrades", "install", f"{META}={OLD_VER}", f"{OLD}={OLD_VER}")[0], 0, "back to the old one")
apt("purge", NEW)
status, said = apt("install", *both)
same(status, 100, "the next time it is refused again")
log = (root / "var/lib/hvcompat/log").read_text(encoding="utf-8")
ok("allowed by override" in log and "one transaction may lose hyperv:2008r2" in log, "and the log tells of it", log)
status, said = apt("-o", "HvCompat::Allow=hyperv:2008r2", "install", *both)
same((status, version(NEW)), (0, NEW_VER), "apt's own option allows it as well")
apt("--allow-downgrades", "install", f"{META}={OLD_VER}", f"{OLD}={OLD_VER}")
apt("purge", NEW)
clean("after the overrides")

# --- whatever is broken: no kernel, and everything else -------------------------------------------
program = root / "usr/bin/hvcompat"
good = program.read_text(encoding="utf-8")
number = 3


def broken(what, text, words):
    """With such a program no kernel is installed, and the other packages are."""
    global number
    number += 1
    if text is None:
        program.unlink()
    else:
        program.write_text("#!/bin/sh\n" + text, encoding="utf-8")
        program.chmod(0o755)
    toy("toy-a", f"{number}.0")
    publish()
    apt("update")
    code, text = apt("install", *both)
    ok(code == 100 and words in text, f"{what}: no kernel, and why", f"{code}\n{text}")
    code, text = apt("dist-upgrade")
    same((code, version("toy-a")), (0, f"{number}.0"), f"{what}: other packages go on")
    code, text = run("dpkg", "-i", NEW_DEB)
    ok(code != 0 and words in text, f"{what}: nor by dpkg", f"{code}\n{text}")
    program.write_text(good, encoding="utf-8")
    program.chmod(0o755)


(root / "etc/hvcompat/hooks.conf").write_text("SECONDS_MAX=3\n", encoding="utf-8")
broken("no program", None, "cannot be run")
broken("a program that crashes", "kill -SEGV $$\n", "failed (status 139)")
broken("a program that is killed", "kill -KILL $$\n", "cannot be judged")
broken("a program that hangs", "exec sleep 60\n", "within 3 seconds")
broken("no data", "HVCOMPAT_DATADIR=/nowhere exec /usr/lib/hvcompat/hvcompat \"$@\"\n", "cannot be judged")
clean("after the faults")
same(list((root / "tmp").iterdir()), [], "no temporary file is left behind")


def misconfigured(what, line, words):
    """With such a line in hooks.conf the gate is as it was without the file, and says so."""
    (root / "etc/hvcompat/hooks.conf").write_text(line + "\n", encoding="utf-8")
    code, text = apt("install", *both)
    ok(code == 100 and words in text and "would lose hyperv:2008r2" in text, f"{what}: the kernel is refused", f"{code}\n{text}")
    code, text = run("dpkg", "-i", NEW_DEB)
    ok(code != 0 and words in text and "would lose hyperv:2008r2" in text, f"{what}: by dpkg, too", f"{code}\n{text}")
    same(run("dpkg", "-i", f"/repo/toy-a_{number}.0_amd64.deb")[0], 0, f"{what}: another package goes on")
    (root / "etc/hvcompat/hooks.conf").unlink()


misconfigured("names that are no regular expression", "KERNEL_PACKAGES='linux-image-((.*'", "no regular expression")
misconfigured("no names at all", "KERNEL_PACKAGES=", "no regular expression")
misconfigured("a configuration that sh cannot read", "KERNEL_PACKAGES='", "is not heeded")
shutil.copy(root / NEW_DEB[1:], root / "tmp/a\n.deb")
for what, line in (("a path with the end of a line in it", "cd /tmp && dpkg -i a*.deb"),
                   ("a directory with such a file", "dpkg -i -R /tmp"),
                   ("dpkg without /proc", f"umount /proc && dpkg -i {NEW_DEB}"),
                   ("children whose end is ignored", f"trap '' CHLD; exec dpkg -i {NEW_DEB}")):
    status, said = run("sh", "-c", line)
    ok(status != 0 and version(NEW) is None and "hvcompat: " in said, f"{what}: no kernel", said)
(root / "tmp/a\n.deb").unlink()
for what, options in (("a full /tmp", "size=4k,nr_inodes=1"), ("a /tmp that cannot be written to", "ro")):
    disk = f"mount -t tmpfs -o {options} none /tmp"
    status, said = run("sh", "-c", f"{disk} && dpkg -i {NEW_DEB}")
    ok(status != 0 and version(NEW) is None and "hvcompat: " in said, f"nor with {what}", said)
    status, said = run("sh", "-c", f"{disk} && dpkg -i /repo/toy-a_{number}.0_amd64.deb")
    same(status, 0, f"{what}: another package goes on")
    line = f"{disk} && apt-get -y -qq -o Dpkg::Use-Pty=0"
    status, said = run("sh", "-c", f"{line} install {' '.join(both)}")
    ok(status != 0 and version(NEW) is None and "hvcompat: " in said, f"nor by apt with {what}", said)
    status, said = run("sh", "-c", f"{line} --reinstall install toy-a")
    same(status, 0, f"{what}: apt goes on with another package") or note(said)
status, said = run("sh", "-c", f"trap '' CHLD; exec apt-get -y -qq -o Dpkg::Use-Pty=0 install {' '.join(both)}")
ok(status == 100 and version(NEW) is None, "nor by an apt that ignores how its children end", said)
clean("after the misconfigurations")
broken("a hook that is killed", "kill -KILL $(sed 's/.*) [A-Z] \\([0-9]*\\).*/\\1/' /proc/$PPID/stat)\n", " code")

gate = "/usr/lib/hvcompat/apt-gate"
line = f"{NEW} - - none < {NEW_VER} amd64 none {NEW_DEB}"
head = "VERSION 3\nAPT::Architecture=amd64\n\n"


def fed(what, text, want):
    (root / "tmp/fed").write_bytes(text)
    code, text = run("sh", "-c", f"{gate} </tmp/fed")
    same(code == 0, want == 0, f"the hook fed {what}: {'passes' if want == 0 else 'refuses'}")


fed("a refused kernel", (head + line + "\n").encode(), 1)
fed("nothing", b"", 0)
fed("garbage", os.urandom(100000), 0)
fed("protocol 1 with a kernel", f"{NEW_DEB}\n".encode(), 1)
fed("protocol 1 without one", b"/repo/toy-a_3.0_amd64.deb\n", 0)
fed("a cut line of a kernel", (head + line[:-30] + "\n").encode(), 1)
fed("steps that install nothing", (head + f"{NEW} {NEW_VER} amd64 none > - - none **REMOVE**\n").encode(), 0)
fed("a path that is not told", (head + f"{NEW} - - none < {NEW_VER} amd64 none **ERROR**\n").encode(), 1)
conf = root / "etc/apt/apt.conf.d/60hvcompat"
text = conf.read_text(encoding="utf-8")
conf.write_text(text.replace('"/usr/lib/hvcompat/apt-gate ||', '"true && /usr/lib/hvcompat/apt-gate ||'), encoding="utf-8")
status, said = apt("install", *both)
ok(status == 100 and "misconfigured" in said, "a guard before the command, for which apt speaks protocol 1, refuses", said)
conf.write_text(text, encoding="utf-8")

# --- a change of policy, and no hvcompat --------------------------------------------------------
set_policy(2, "{hypervisor: hyperv, versions: \">= 2012\"}")
apt("update")
ok(not (root / "etc/apt/preferences.d/hvcompat.pref").exists(), "another policy: what was learned is forgotten")
status, said = apt("dist-upgrade")
same((status, version(NEW)), (0, NEW_VER), "and the kernel is installed")
apt("--allow-downgrades", "install", f"{META}={OLD_VER}", f"{OLD}={OLD_VER}")
apt("purge", NEW)
set_policy(3)
for file in ("usr/lib/hvcompat", "usr/share/hvcompat"):
    shutil.rmtree(root / file)
program.unlink()
status, said = apt("dist-upgrade")
same((status, version(NEW)), (0, NEW_VER), "hvcompat removed, its configuration left: updates go on")
status, said = run("dpkg", "-i", NEW_DEB)
same(status, 0, "by dpkg, too")
done()
