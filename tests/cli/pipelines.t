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
    "osc": 'echo "$@" >"$WORLD/released"',
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
    script, args = top / "script", [str(a) for a in args]
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


# --- repositories ---------------------------------------------------------------------------------

REPO = TOP / "tests/lib/repo"


def made(*command, **env):
    subprocess.run([str(c) for c in command], check=True, capture_output=True, env={**os.environ, **env})


def meta(top, release):
    """What brings that kernel to hosts."""
    out = subprocess.run([REPO, "toydeb", top / "metas", "linux-image-test", f"{release}-1", "amd64",
                          f"Depends: linux-image-{release} (= {release}-1)"], check=True, capture_output=True, text=True)
    return out.stdout.strip()


def repositories(top):
    """public has the old kernel; staged/old too, staged/new has both; the same as suites of one mirror, and as rpm-md."""
    key = top / "key"
    made(REPO, "key", key)
    both = {}
    for side, release in (("old", "5.1.0-1-test"), ("new", "6.1.0-1-test")):
        package = top / "named" / f"linux-image-{release}_{release}-1_amd64.deb"
        package.parent.mkdir(exist_ok=True)
        shutil.copy(top / f"{side}.deb", package)
        both[side] = [package, meta(top, release)]
    for where, sides in (("public", ["old"]), ("staged/old", ["old"]), ("staged/new", ["old", "new"])):
        (top / where).parent.mkdir(exist_ok=True)
        made(REPO, "deb", key, top / where, "stable", "main", "amd64", *[p for side in sides for p in both[side]])
        made(REPO, "rpm", key, top / f"{where}-rpm", *[p for side in sides for p in (top / side).glob("*.rpm")])
    for side in both:
        made(REPO, "deb", key, top / f"mirror/{side}", "testing", "main", "amd64", *both["old"])
        made(REPO, "deb", key, top / f"mirror/{side}", "unstable", "main", "amd64", *both["old"], *(both["new"] if side == "new" else []))


def staged(top, name, new):
    """A runner's directory with both trees in it."""
    cwd = top / f"{name}-{new}"
    cwd.mkdir()
    (cwd / "public").symlink_to(top / "public")
    (cwd / "staging").symlink_to(top / "staged" / new)
    shutil.copy(top / "key/keyring.gpg", cwd / "archive.gpg")
    return cwd


def gitlab_repository(top, text, new):
    job = yaml.safe_load(text)["repository"]
    cwd = staged(top, "gitlab-repository", new)
    status, out = shell(top, "set -e\n" + "\n".join(job["script"]) + "\n", cwd=cwd, POLICY=job["variables"]["POLICY"])
    ok(there(cwd / job["artifacts"]["reports"]["junit"]), f"GitLab, repository, {new}: the test report is there", out)
    return status


def github_repository(top, text, new):
    steps = yaml.safe_load(text)["jobs"]["gate"]["steps"]
    upload = next(s for s in steps if "upload-sarif" in s.get("uses", ""))
    cwd = staged(top, "github-repository", new)
    status, out = shell(top, "set -e\n" + next(s for s in steps if "run" in s)["run"], cwd=cwd)
    sarif = cwd / upload["with"]["sarif_file"]
    if ok(there(sarif), f"GitHub, repository, {new}: there is something to upload", out):
        same(bool(json.loads(sarif.read_text())["runs"][0]["results"]), status != 0, "results where it fails")
    return status


def build_service_repository(top, text, new):
    status, out = shell(top, text, "updates/standard", top / "staged" / f"{new}-rpm", cwd=top, KEYRING=top / "key/keyring.gpg",
                        RULINGS=top / "rulings", RELEASED=top / "public-rpm")
    released = (top / "released").read_text() if (top / "released").exists() else ""
    same(released, "release updates\n" if new == "old" else "", f"OBS, repository, {new}: it is released, or is not") or print(f"# {out}")
    (top / "released").unlink(missing_ok=True)
    return status


def koji_repository(top, text, new):
    status, out = shell(top, text, f"compose-{new}", top / "staged" / f"{new}-rpm", top / "public-rpm", cwd=top,
                        KEYRING=top / "key/keyring.gpg", RULINGS=top / "rulings", REPORTS=top, REPORTS_URL="http://example.org",
                        RESULTSDB="http://example.org")
    sent = json.loads((top / "sent").read_text())
    same((status, sent["outcome"], sent["data"]["item"]), (0, {"old": "PASSED", "new": "FAILED"}[new], f"compose-{new}"),
         f"Koji, repository, {new}: the result is sent") or print(f"# {out}")
    ok(there(top / f"compose-{new}.html"), "and the page is there")
    return int(sent["outcome"] != "PASSED")


def britney_repository(top, text, new):
    # A mirror's key is one that apt trusts.
    text = text.replace("--policy", f"--keyring {top}/key/keyring.gpg --policy")
    _, out = shell(top, text, top / "mirror" / new, cwd=top, XDG_CACHE_HOME=top / "cache")
    same(out, "" if new == "old" else "block linux linux-signed-amd64\n", f"britney, archive, {new}: the hint")
    _, out = shell(top, text, top / "nowhere", cwd=top)
    ok("block linux" in out, "and when nothing can be read", out)
    return 0 if new == "old" else 1


SYSTEMS = {
    ".gitlab-ci.yml": gitlab,
    ".github/workflows/hypervisors.yml": github,
    "/usr/lib/build/post-build-checks/50-hypervisors": build_service,
    "gate-build": koji,
    "debian/tests/hypervisors": autopkgtest,
    "hints-for-kernel": britney,
    ".gitlab-ci-repository.yml": gitlab_repository,
    ".github/workflows/repository.yml": github_repository,
    "released-if-allowed": build_service_repository,
    "gate-compose": koji_repository,
    "hints-for-archive": britney_repository,
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
        shutil.copytree(TOP / "policies/packaging", top / "data/packaging")
        repositories(top)
        for name, system in SYSTEMS.items():
            same(system(top, found[name][1], "old"), 0, f"{name}: the kernel that keeps all passes")
            same(system(top, found[name][1], "new"), 1, f"{name}: the one that drops a host does not")
    done()


main()
