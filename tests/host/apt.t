#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate under apt, dpkg and unattended-upgrades, in a root of its own, with real kernels in a signed repository."""
import atexit
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import HVCOMPAT, debs, done, ok, same  # noqa: E402

ROOT_TOOL = TOP / "tests/host/lib/root"
NEEDS = ("libarchive13,libcyaml1,libelf1,libjson-c5,liblzo2-2,libyaml-0-2,librpm9,"
         "unattended-upgrades,kmod,linux-base")
work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-apt."))
atexit.register(shutil.rmtree, work, ignore_errors=True)
root = work / "root"
repo = root / "repo"
env = {"DEBIAN_FRONTEND": "noninteractive"}


def run(*command, more=None, timeout=600):
    """Exit status, and all that was said, of a command in the root."""
    child = subprocess.run([ROOT_TOOL, "run", root, "env", *[f"{k}={v}" for k, v in (more or {}).items()], *command],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                           stdin=subprocess.DEVNULL, timeout=timeout, check=False)
    return child.returncode, child.stdout


def apt(*words, more=None):
    return run("apt-get", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", *words, more=more)


def versions():
    """What is installed, and in which state: NAME to (VERSION, STATE)."""
    _, text = run("dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n")
    return {line.split()[0]: tuple(line.split()[1:3]) for line in text.splitlines()}


def version(name):
    found = versions().get(name)
    return found[0] if found and found[1] == "ii" else None


def clean(what):
    """dpkg has nothing half done, and apt nothing to mend."""
    same(run("dpkg", "--audit"), (0, ""), f"{what}: dpkg has nothing to complain of")
    same(run("apt-get", "check", "-qq")[0], 0, f"{what}: nor has apt")


def toy(name, ver, depends="", provides="", files=()):
    """A package with these files, or none, in the repository."""
    tree = work / "toy"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "DEBIAN").mkdir(parents=True)
    for path, text in files:
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")
    control = f"Package: {name}\nVersion: {ver}\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\n"
    control += f"Depends: {depends}\n" if depends else ""
    control += f"Provides: {provides}\n" if provides else ""
    (tree / "DEBIAN/control").write_text(control + "Description: toy\n", encoding="utf-8")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, repo / f"{name}_{ver}_amd64.deb"],
                   check=True, stdout=subprocess.DEVNULL)


def publish():
    """Signs what the repository holds."""
    gnupg = work / "gnupg"
    if not gnupg.exists():
        gnupg.mkdir(mode=0o700)
        gpg("--passphrase", "", "--quick-gen-key", "tester", "ed25519", "sign", "never")
        gpg("--output", repo / "key.gpg", "--export")
    packages = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=repo, check=True, capture_output=True)
    (repo / "Packages").write_bytes(packages.stdout)
    digest = subprocess.run(["sha256sum", repo / "Packages"], check=True, capture_output=True, text=True).stdout.split()[0]
    (repo / "Release").write_text(
        "Origin: HvTest\nLabel: HvTest\nSuite: stable\nCodename: stable\nDate: " +
        subprocess.run(["date", "-Ru"], check=True, capture_output=True, text=True).stdout +
        f"SHA256:\n {digest} {len(packages.stdout)} Packages\n", encoding="utf-8")
    gpg("--yes", "--clearsign", "--output", repo / "InRelease", repo / "Release")


def gpg(*words):
    subprocess.run(["gpg", "--homedir", work / "gnupg", "--batch", "-q", *map(str, words)], check=True,
                   stderr=subprocess.DEVNULL)


def install_hvcompat():
    """As its package would (the build's program says itself where its data are)."""
    lib, hooks = root / "usr/lib/hvcompat", TOP / "pkg/hooks"
    lib.mkdir(parents=True, exist_ok=True)
    for file in ("apt/apt-gate", "apt/gate-common", "dpkg/dpkg-gate"):
        shutil.copy(hooks / file, lib)
    shutil.copy(hooks / "apt/60hvcompat", root / "etc/apt/apt.conf.d/60hvcompat")
    shutil.copy(hooks / "dpkg/hvcompat", root / "etc/dpkg/dpkg.cfg.d/hvcompat")
    (root / "usr/share/hvcompat").mkdir(parents=True, exist_ok=True)
    shutil.copytree(TOP / "policies", root / "usr/share/hvcompat", dirs_exist_ok=True)
    shutil.copy(HVCOMPAT, lib / "hvcompat")
    program = root / "usr/bin/hvcompat"
    program.write_text("#!/bin/sh\nHVCOMPAT_DATADIR=/usr/share/hvcompat exec /usr/lib/hvcompat/hvcompat \"$@\"\n",
                       encoding="utf-8")
    program.chmod(0o755)
    (root / "etc/hvcompat").mkdir(exist_ok=True)


def set_policy(number=1, host="{hypervisor: hyperv, versions: 2008r2}"):
    (root / "etc/hvcompat/policy.yaml").write_text(
        f"policy: policy\nversion: {number}\nabout: For this test.\nrequires:\n  - {host}\n", encoding="utf-8")


def deb_of(label):
    file = pathlib.Path(debs(label))
    name, ver, _ = file.stem.split("_")
    target = repo / file.name
    if not target.exists():
        shutil.copy(file, target)
    return name, ver, "/repo/" + file.name


subprocess.run([ROOT_TOOL, "new", "-i", NEEDS, root], check=True)
repo.mkdir()
OLD, OLD_VER, OLD_DEB = deb_of("5.10-amd64")
NEW, NEW_VER, NEW_DEB = deb_of("6.1-amd64")
META = "linux-image-amd64"
toy("toy-initramfs", "1", provides="linux-initramfs-tool")
toy(META, "5.9-1")
toy(META, OLD_VER, depends=f"{OLD} (= {OLD_VER})")
toy("toy-a", "1.0")
toy("zz-toy", "1.0")
(root / "etc/apt/sources.list").write_text("deb [signed-by=/repo/key.gpg] file:/repo ./\n", encoding="utf-8")
(root / "etc/apt/apt.conf.d/50test").write_text(
    'Unattended-Upgrade::Origins-Pattern { "origin=HvTest"; };\nAcquire::Languages "none";\n', encoding="utf-8")
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
