#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gate --repo over rpm-md: the update that libsolv works out is the one that dnf does, with kernels side by side."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import tap  # noqa: E402

REPO = tap.TOP / "tests/lib/repo"
PARTS = ["kernel", "kernel-core", "kernel-modules-core", "kernel-modules", "kernel-modules-extra"]


def run(*command, check=True):
    child = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if check and child.returncode:
        raise SystemExit(f"Bail out! {' '.join(map(str, command))}: {child.stdout}{child.stderr}")
    return child


def packages(work, version):
    """The split of Fedora, without contents."""
    core = f"kernel-core-uname-r = {version}"
    lines = {
        "kernel": [f"Requires: kernel-core-uname-r = {version}", f"Requires: kernel-modules-uname-r = {version}"],
        "kernel-core": ["Provides: installonlypkg(kernel)", f"Provides: {core}",
                        f"Requires: kernel-modules-core-uname-r = {version}"],
        "kernel-modules-core": ["Provides: installonlypkg(kernel-module)",
                                f"Provides: kernel-modules-core-uname-r = {version}"],
        "kernel-modules": ["Provides: installonlypkg(kernel-module)", f"Provides: kernel-modules-uname-r = {version}",
                           f"Requires: kernel-modules-core-uname-r = {version}"],
        "kernel-modules-extra": ["Provides: installonlypkg(kernel-module)",
                                 f"Requires: kernel-modules-uname-r = {version}"],
    }
    lines["kernel"].append("Provides: installonlypkg(kernel)")
    return {name: toy(work, name, f"{version}-1", lines[name]) for name in PARTS}


def toy(work, name, version, lines=()):
    return pathlib.Path(run(REPO, "toyrpm", work, name, version, "x86_64", *lines).stdout.split()[-1])


def theirs(root, repository, *options):
    """NAME VERSION of what dnf would install."""
    out = run("dnf", "--installroot", root, "--releasever=1", "--nogpgcheck", "--setopt=reposdir=/nowhere",
              f"--setopt=cachedir={root}/cache", f"--repofrompath=new,file://{repository}", "--repo=new", *options, "upgrade",
              "--assumeno", check=False)
    found, wanted = set(), False
    for line in out.stdout.splitlines():
        if line and not line.startswith(" "):
            wanted = bool(re.match(r"(Installing|Upgrading)", line))
        m = re.match(r" (\S+) +(?:x86_64|noarch) +(\S+) +new ", line)
        if wanted and m:
            found.add(f"{m[1]} {m[2]}")
    return found, out.stdout + out.stderr


def one(work, title, has, offered):
    root, repository = work / "root", work / "repository"
    run("rm", "-rf", root, repository)
    root.mkdir()
    run("rpm", "--root", root, "--initdb")
    run("rpm", "--root", root, "-i", "--nodeps", *has)
    run(REPO, "rpm", "-", repository, *offered)
    expected, output = theirs(root, repository)
    child = run(tap.HVCOMPAT, "gate", "--policy", "distro-stable", "--allow-unsigned", "--repo", repository, "--installed", root,
                "--no-cache", "--format", "json", check=False)
    if not tap.ok(child.stdout, f"an update is worked out: {title}", child.stderr):
        return
    update, = json.loads(child.stdout)["updates"]
    ours = {f"{s['name']} {s['version']}" for s in update["update"]}
    tap.ok(ours == expected, f"the same {len(expected)} packages: {title}",
           f"only dnf:      {sorted(expected - ours)}\nonly hvcompat: {sorted(ours - expected)}\n{output}")
    tap.same(sorted({k["packages"][0]["version"] for k in update["kernels"] if k["wanted"]}),
             sorted({s.split()[1] for s in ours if s.split()[0] in PARTS}), "every kernel in it was asked about")


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        one_, two, three = (packages(work, v) for v in ("1.0", "2.0", "3.0"))
        tool = [toy(work, "tool", v) for v in ("1-1", "2-1")]
        everything = [*one_.values(), *two.values(), *three.values(), *tool]
        one(work, "all parts of a kernel", [*one_.values(), tool[0]], everything)
        one(work, "the core alone", [one_["kernel-core"], one_["kernel-modules-core"]], everything)
        one(work, "without modules-extra", [one_[p] for p in PARTS[:4]], everything)
        one(work, "two kernels side by side", [*one_.values(), *two.values()], everything)
        one(work, "the newest lacks what the host has", one_.values(), [p for p in everything if p != three["kernel-modules-extra"]])
        one(work, "the newest lacks its modules", [one_[p] for p in PARTS[:4]], [p for p in everything if p != three["kernel-modules"]])
        one(work, "nothing newer", three.values(), everything)
        one(work, "other packages only", [tool[0]], everything)
    tap.done()


main()
