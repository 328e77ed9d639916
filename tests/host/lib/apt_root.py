# SPDX-License-Identifier: GPL-2.0-or-later
"""A throw-away root with apt in it, hvcompat's hooks, and a signed repository."""
import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import HVCOMPAT, same  # noqa: E402

ROOT_TOOL = TOP / "tests/host/lib/root"
NEEDS = ("libarchive13,libcyaml1,libelf1,libjson-c5,liblzo2-2,libyaml-0-2,librpm9,"
         "unattended-upgrades,kmod,linux-base")
work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-apt."))
atexit.register(shutil.rmtree, work, ignore_errors=True)
root = work / "root"
repo = root / "repo"


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


def toy(name, ver, depends="", provides="", more="", files=()):
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
    control += more
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


def begin():
    """Makes it, with an empty repository that it knows."""
    subprocess.run([ROOT_TOOL, "new", "-i", NEEDS, root], check=True)
    repo.mkdir()
    (root / "etc/apt/sources.list").write_text("deb [signed-by=/repo/key.gpg] file:/repo ./\n", encoding="utf-8")
    (root / "etc/apt/apt.conf.d/50test").write_text(
        'Unattended-Upgrade::Origins-Pattern { "origin=HvTest"; };\nAcquire::Languages "none";\n', encoding="utf-8")
