#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of docs/pipelines.md work: their YAML is YAML, and their scripts are run, on kernels of a small world.

What fetches kernels or sends results is replaced; hvcompat is the real one.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import HVCOMPAT, TOP, done, ok, same  # noqa: E402

WORLD = {
    "interfaces/fort-disk.yaml": """
interface: fort-disk
class: disk
kind: paravirtual
about: The disk of Fort.
source: "this test"
drivers:
  - {driver: fort_disk, config: [FORT_DISK]}
speaks:
  - {driver: fort_disk}
""",
    "hypervisors/fort.yaml": """
hypervisor: fort
name: Fort Visor
about: Only this test knows it.
source: "this test"
versions:
  - {id: "1", source: "this test"}
modes:
  - {id: gate, needs: {disk: required}}
offers:
  - {interface: fort-disk, source: "this test"}
""",
}
POLICY = "policy: %s\nversion: 1\nabout: For tests.\nrequires:\n  - {hypervisor: fort}\n"
FAKES = {
    "apt-cache": """case $1 in
depends) printf 'linux-image-amd64\\n  Depends: linux-image-old\\n' ;;
show) case $2 in */testing) p=old ;; *) p=${NEW:-new} ;; esac
	printf 'Package: linux-image-amd64\\nDepends: linux-image-%s (= 1), other\\n' $p ;;
esac""",
    "apt-get": 'case $2 in *old | *old/*) cp "$WORLD/old.deb" . ;; *) cp "$WORLD/new.deb" . ;; esac',
    "koji": 'case $3 in kernel-1*) cp "$WORLD"/old/*.rpm . ;; *) cp "$WORLD"/new/*.rpm . ;; esac',
    "curl": 'cat >"$WORLD/sent"',
}


def examples():
    """(language, name in the first comment, text) of each fenced block."""
    text = (TOP / "docs/pipelines.md").read_text()
    found = {}
    for language, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        name = re.search(r"^# (\S+)", body, re.M).group(1).rstrip(":,")
        found[name] = (language, body)
    return found


class Loader(yaml.SafeLoader):
    """Greenwave's tags are read as what they mark."""


for tag in ("!Policy", "!PassingTestCaseRule"):
    Loader.add_constructor(tag, lambda loader, node: loader.construct_mapping(node, deep=True))


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def tree(top, release, disk):
    root = top / f"root-{release}"
    write(root / "boot" / f"config-{release}", f"CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_FORT_DISK={disk}\n")
    write(root / "usr/lib/modules" / release / "modules.builtin", "")
    return root


def deb(top, name, release, disk):
    root = tree(top, release, disk)
    write(root / "DEBIAN/control", f"Package: linux-image-{release}\nVersion: {release}-1\nArchitecture: amd64\n"
          "Maintainer: Nobody <nobody@example.org>\nDescription: test\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, top / name], check=True, stdout=subprocess.DEVNULL)


def rpm(top, side, release, disk):
    """A kernel in two packages, of which one alone has nothing to say."""
    root = tree(top / "rpm", release, disk)
    (root / "usr/lib/modules" / release / "kernel").mkdir(parents=True, exist_ok=True)
    write(root / "usr/lib/modules" / release / "kernel/extra.ko", "no module\n")
    spec = top / f"{side}.spec"
    write(spec, f"Name: kernel-default\nVersion: {release.partition('-')[0]}\nRelease: 1\nSummary: test\nLicense: GPL\n"
          f"%description\ntest\n%package base\nSummary: test\n%description base\ntest\n"
          f"%install\ncp -a {root}/. %{{buildroot}}/\n%files\n/boot\n%files base\n/usr\n")
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", f"_topdir {top}/rpmbuild-{side}",
                    "--define", "_build_id_links none", spec], check=True, capture_output=True)
    (top / side).mkdir()
    for package in (top / f"rpmbuild-{side}").rglob("*.x86_64.rpm"):
        shutil.copy(package, top / side)


def shell(top, text, *args, cwd, **env):
    script = top / "script"
    write(script, text, 0o755)
    environment = {**os.environ, "PATH": f"{top}/bin:{os.environ['PATH']}", "WORLD": str(top),
                   "HVCOMPAT_DATADIR": str(top / "data"), **{k: str(v) for k, v in env.items()}}
    cwd.mkdir(parents=True, exist_ok=True)
    child = subprocess.run(["sh", script, *args], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return child.returncode, child.stdout + child.stderr


def there(path):
    return path.is_file() and path.stat().st_size > 100


def gitlab(top, text, new):
    job = yaml.safe_load(text)["hypervisors"]
    cwd = top / f"gitlab-{new}"
    write(cwd / "debs/.keep", "")
    shutil.copy(top / f"{new}.deb", cwd / "debs/linux-image-x.deb")
    status, out = shell(top, "set -e\n" + "\n".join(job["script"]) + "\n", cwd=cwd, POLICY=job["variables"]["POLICY"])
    ok(there(cwd / job["artifacts"]["reports"]["junit"]), f"GitLab, {new}: the test report is there", out)
    ok(there(cwd / job["artifacts"]["paths"][0]), "the page too")
    return status


def github(top, text, new):
    steps = yaml.safe_load(text)["jobs"]["gate"]["steps"]
    step = next(s for s in steps if "run" in s)
    upload = next(s for s in steps if "upload-sarif" in s.get("uses", ""))
    cwd = top / f"github-{new}"
    for side, name in (("old", "old"), ("new", new)):
        write(cwd / side / ".keep", "")
        shutil.copy(top / f"{name}.deb", cwd / side)
    status, out = shell(top, "set -e\n" + step["run"], cwd=cwd)
    sarif = cwd / upload["with"]["sarif_file"]
    if ok(there(sarif), f"GitHub, {new}: there is something to upload", out):
        same(bool(json.loads(sarif.read_text())["runs"][0]["results"]), status != 0, "results where it fails")
    return status


def build_service(top, text, new):
    made = top / f"obs-{new}"
    (made / "RPMS").mkdir(parents=True)
    status, out = shell(top, text, cwd=made, TOPDIR=made, OLD_KERNELS=top / "old")
    same(status, 0, "OBS: a build without a kernel passes") or print(f"# {out}")
    shutil.copytree(top / new, made / "RPMS", dirs_exist_ok=True)
    status, out = shell(top, text, cwd=made, TOPDIR=made, OLD_KERNELS=top / "old")
    ok(there(made / "OTHER/hvcompat.xml"), f"OBS, {new}: the report is among the results", out)
    return status


def koji(top, text, new):
    nvr, outcome = {"old": ("kernel-1b", "PASSED"), "new": ("kernel-2", "FAILED")}[new]
    status, out = shell(top, text, nvr, "kernel-1", cwd=top, RESULTSDB="http://example.org", REPORTS=top,
                        REPORTS_URL="http://example.org")
    sent = json.loads((top / "sent").read_text() if (top / "sent").exists() else '{"outcome": "", "data": {"item": ""}}')
    same((status, sent["outcome"], sent["data"]["item"]), (0, outcome, nvr), f"Koji, {new}: the result is sent") or print(f"# {out}")
    ok(there(top / f"{nvr}.html"), "and the page is there")
    return int(sent["outcome"] != "PASSED")


def autopkgtest(top, text, new):
    cwd = top / f"adt-{new}"
    status, out = shell(top, text, cwd=cwd, AUTOPKGTEST_TMP=cwd, AUTOPKGTEST_ARTIFACTS=cwd, NEW=new)
    ok(there(cwd / "hvcompat.html"), f"autopkgtest, {new}: the page is among the artifacts", out)
    return status


def britney(top, text, new):
    _, out = shell(top, text, str(top / "old.deb"), str(top / f"{new}.deb"), cwd=top)
    same(out, "" if new == "old" else "block linux\n", f"britney, {new}: the hint")
    _, out = shell(top, text, str(top / "old.deb"), str(top / "none.deb"), cwd=top)
    ok("block linux\n" in out, "and when nothing can be read", out)
    return 0 if new == "old" else 1


SYSTEMS = {
    ".gitlab-ci.yml": gitlab,
    ".github/workflows/hypervisors.yml": github,
    "/usr/lib/build/post-build-checks/50-hypervisors": build_service,
    "gate-build": koji,
    "debian/tests/hypervisors": autopkgtest,
    "hints-for-kernel": britney,
}


def main():
    found = examples()
    same(sorted(found), sorted([*SYSTEMS, "gating.yaml", "debian/tests/control"]), "the examples are those that are tried")
    for name, (language, body) in found.items():
        if language == "yaml":
            ok(list(yaml.load_all(body, Loader)), f"{name} is YAML")
    gating = yaml.load(found["gating.yaml"][1], Loader)
    result = re.search(r'"testcase": "([^"]+)"', found["gate-build"][1]).group(1)
    same(gating["rules"][0]["test_case_name"], result, "the test case that gates is the one that is sent")
    used = set(re.findall(r"--policy ([a-z-]+)", "".join(body for _, body in found.values())) + ["enterprise-long-tail"])
    same(sorted(p for p in used if not (TOP / "policies" / f"{p}.yaml").exists()), [], "the policies come with hvcompat")
    with tempfile.TemporaryDirectory() as scratch:
        top = pathlib.Path(scratch)
        for name, text in WORLD.items():
            write(top / "data" / name, text)
        for name in used:
            write(top / "data" / f"{name}.yaml", POLICY % name)
        for name, text in FAKES.items():
            write(top / "bin" / name, f"#!/bin/sh\n{text}\n", 0o755)
        (top / "bin/hvcompat").symlink_to(HVCOMPAT)
        for side, release, disk in (("old", "5.1.0-1-test", "y"), ("new", "6.1.0-1-test", "n")):
            deb(top, f"{side}.deb", release, disk)
            rpm(top, side, release, disk)
        for name, system in SYSTEMS.items():
            same(system(top, found[name][1], "old"), 0, f"{name}: the kernel that keeps all passes")
            same(system(top, found[name][1], "new"), 1, f"{name}: the one that drops a host does not")
    done()


main()
