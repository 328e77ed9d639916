#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of hvcompat itself, as `make deb` and `make rpm` build them (or those in DEBS and RPMS), in roots of
their own: installed with what they depend on, at work on real kernels, and gone without a trace."""
import atexit
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import debs, done, hvcompat, ok, rpms, same  # noqa: E402

ROOT_TOOL = TOP / "tests/host/lib/root"
REPO_TOOL = TOP / "tests/lib/repo"
# Of what package managers do all day, wherever it is done.
NOISE = re.compile(r"/(proc|dev|tmp|repo|var/(log|cache|lib/(apt|dpkg|rpm)))(/|$)|/root/\.gnupg")
# What points to the tree that is tested means nothing in a root, and how that is made nothing to how packages are.
CLEAN = {k: v for k, v in os.environ.items()
         if not k.startswith("HVCOMPAT") and k not in ("BUILD", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}
work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-packages."))
atexit.register(shutil.rmtree, work, ignore_errors=True)


class Root:
    """A throw-away root with a repo/ that holds packages."""

    def __init__(self, name, *options):
        self.dir = work / name
        subprocess.run([ROOT_TOOL, "new", *options, self.dir], check=True)
        self.repo = self.dir / "repo"
        self.repo.mkdir()

    def run(self, *command):
        """Exit status, and all that was said."""
        child = subprocess.run([ROOT_TOOL, "run", self.dir, *map(str, command)], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", stdin=subprocess.DEVNULL,
                               timeout=900, check=False, env=CLEAN)
        return child.returncode, child.stdout

    def must(self, *command):
        status, said = self.run(*command)
        if status != 0:
            print(f"Bail out! {' '.join(map(str, command))}: exit {status}\n{said}")
            sys.exit(1)
        return said

    def apt(self, *words):
        return self.run("apt-get", "-y", "-qq", "-o", "Dpkg::Use-Pty=0", *words)

    def add(self, file):
        target = self.repo / pathlib.Path(file).name
        if not target.exists():
            shutil.copy(file, target)
        return f"/repo/{target.name}"

    def policy(self, number, host):
        (self.dir / "etc/hvcompat").mkdir(exist_ok=True)
        (self.dir / "etc/hvcompat/policy.yaml").write_text(
            f"policy: policy\nversion: {number}\nabout: For this test.\nrequires:\n  - {host}\n", encoding="utf-8")

    def files(self):
        """Every path there is, but for the noise."""
        found = set()
        for at, dirs, names in os.walk(self.dir):
            below = "/" + os.path.relpath(at, self.dir) if at != str(self.dir) else ""
            dirs[:] = [d for d in dirs if not NOISE.match(f"{below}/{d}") or os.path.islink(os.path.join(at, d))]
            found |= {f"{below}/{n}" for n in dirs + names if not NOISE.match(f"{below}/{n}")}
        return found

    def settings(self):
        """What is in /etc, but for caches that name every library."""
        return {str(f.relative_to(self.dir)): f.read_bytes() for f in (self.dir / "etc").rglob("*")
                if f.is_file() and not f.is_symlink() and f.name != "ld.so.cache" and not f.name.endswith("-")}

    def dry(self, words, name):
        """The program says the same of a kernel as the one that was built here."""
        kernel = self.add(words[-1])
        theirs = hvcompat(*words[:-1], self.dir / kernel[1:])
        status, said = self.run("hvcompat", *words[:-1], kernel)
        mine = theirs[1].replace(str(self.dir), "")
        return ok((status, said) == (theirs[0], mine) and theirs[1], name, f"{status} {theirs}\n{said}")


def packages(kind, variable):
    """Those of the directory that the variable names, or built now: NAME to file."""
    where = os.environ.get(variable)
    if not where:
        where = TOP / "build-host-packages/packages" / kind
        built = subprocess.run(["make", "-C", TOP, kind, "B=build-host-packages"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace", env=CLEAN, check=False)
        if not ok(built.returncode == 0, f"make {kind}", "\n".join(built.stdout.splitlines()[-20:])):
            done()
    files = [f for f in pathlib.Path(where).glob(f"*.{kind}") if not re.search(r"dbgsym|\.src\.rpm", f.name)]
    return {re.split(r"_|-\d", f.name)[0]: f for f in files}, pathlib.Path(where)


def left(before, after):
    return sorted(after - before), sorted(before - after)


def versions_agree():
    told = {
        "Makefile": re.search(r"^VERSION := (.*)$", (TOP / "Makefile").read_text(encoding="utf-8"), re.M).group(1),
        "debian": re.search(r"\((.*?)\)", (TOP / "debian/changelog").read_text(encoding="utf-8")).group(1),
        "spec": re.search(r"^Version: (.*)$", (TOP / "spec/hvcompat.spec").read_text(encoding="utf-8"), re.M).group(1),
    }
    same(len(set(told.values())), 1, f"all have one version: {told}")


# --- debs -----------------------------------------------------------------------------------------

versions_agree()
OLD_LABEL, NEW_LABEL = "5.10-amd64", "6.1-amd64"
OLD, NEW = debs(OLD_LABEL), debs(NEW_LABEL)
OLD_NAME, NEW_NAME = (pathlib.Path(f).name.split("_")[0] for f in (OLD, NEW))
DEBS, deb_dir = packages("deb", "DEBS")
same(sorted(DEBS), ["dh-hvcompat", "hvcompat", "hvcompat-apt", "hvcompat-policies"], "four .deb packages")
changes = list(deb_dir.glob("*.changes"))
if changes:
    found = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", *changes], capture_output=True,
                           text=True, check=False)
    ok(found.returncode == 0 and not found.stdout, "lintian finds nothing", found.stdout + found.stderr)

root = Root("debian")
for name in DEBS.values():
    root.add(name)
TOYS = [["toy-initramfs", "1", "all", "Provides: linux-initramfs-tool"], ["toy", "1", "all"], ["toy", "2", "all"]]
for toy in TOYS:
    subprocess.run([REPO_TOOL, "toydeb", root.repo, *toy], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
old, new = root.add(OLD), root.add(NEW)
subprocess.run([REPO_TOOL, "key", work / "key"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
subprocess.run([REPO_TOOL, "flat", work / "key", root.repo], check=True)
shutil.copy(work / "key/keyring.gpg", root.repo / "keyring.gpg")
(root.dir / "etc/apt/sources.list.d/hvcompat.list").write_text("deb [signed-by=/repo/keyring.gpg] file:/repo ./\n",
                                                            encoding="utf-8")
root.must("apt-get", "-qq", "update")
root.must("apt-get", "-y", "-qq", "install", "toy=1", "toy-initramfs")
before, settings = root.files(), root.settings()
ok("/usr/bin/apt-get" in before and not any("hvcompat" in f and "/etc/apt/" not in f for f in before),
   "a root without hvcompat")

status, said = root.apt("install", "hvcompat", "hvcompat-policies", "hvcompat-apt")
ok(status == 0, "apt installs them with all that they depend on", said)
same(root.run("dpkg", "--audit"), (0, ""), "and dpkg has nothing to complain of")
root.dry(["query", "--deep", OLD], "query of a real kernel: as the built tree")
root.dry(["query", "--on", "hyperv:2008r2", NEW], "query --on")
status, said = root.run("hvcompat", "gate", "--policy", "enterprise-long-tail", old, new)
ok(status == 1 and said.startswith("BLOCKED"), "gate blocks 5.10 to 6.1", said)
status, said = root.run("hvcompat", "gate", "--policy", "enterprise-long-tail", "--repo", "/repo", "--keyring",
                        "/repo/keyring.gpg", "--no-cache")
ok(status == 0 and "the update brings no kernel" in said, "gate --repo has the library that works an update out", said)
status, said = root.run("hvcompat", "policy", "lint")
ok(status == 0, "the knowledge is whole", said)
status, said = root.run("hvcompat", "shim", "lint")
ok(status == 0, "so are the shims", said)
for path in ("usr/bin/hvcompat", "usr/lib/hvcompat/apt-gate", "usr/share/hvcompat/spec/stage"):
    ok((root.dir / path).stat().st_mode & 0o111, f"{path} can be run")
for page in sorted((TOP / "docs/man").glob("*.scd")):
    page = page.stem
    owner = "hvcompat-apt" if page.startswith("hvcompat-apt") else "hvcompat"
    listed = root.run("dpkg-query", "-L", owner)[1].split()
    ok(f"/usr/share/man/man{page[-1]}/{page}.gz" in listed, f"{page} is in {owner}")
for path in ("bash-completion/completions/hvcompat", "zsh/vendor-completions/_hvcompat",
             "fish/vendor_completions.d/hvcompat.fish"):
    ok((root.dir / "usr/share" / path).stat().st_size, f"{path} is there")
owned = set(root.run("dpkg-query", "-L", "hvcompat")[1].split())
ok({"/usr/lib/hvcompat/init-x86_64", "/usr/lib/hvcompat/init-i686"} <= owned, "so are the programs of guests", owned)
status, said = root.run("hvcompat", "prove", "--list")
ok(status == 0 and "qemu-q35" in said, "prove has its recipes", said)
COMPLETE = (". /usr/share/bash-completion/completions/hvcompat; COMP_WORDS=(hvcompat que); COMP_CWORD=1; _hvcompat; "
            "echo ${COMPREPLY[@]}")
same(root.run("bash", "-c", COMPLETE), (0, "query\n"), "and bash completes")

root.policy(1, "{hypervisor: hyperv, versions: 2008r2}")
status, said = root.apt("install", NEW_NAME)
ok(status == 100 and "would lose hyperv:2008r2" in said, "apt is kept from a kernel that drops what the policy demands",
   said)
ok((root.dir / "etc/apt/preferences.d/hvcompat.pref").exists(), "which is pinned")
status, said = root.apt("install", OLD_NAME, "toy")
ok(status == 0, "another kernel, and another package, go in", said)
status, said = root.run("dpkg", "-i", new)
ok(status != 0 and "would lose" in said, "dpkg by itself is kept from it, too", said)
root.run("hvcompat", "host", "allow", "hyperv:2008r2")

status, said = root.apt("remove", "hvcompat", "hvcompat-apt", "hvcompat-policies")
ok(status == 0, "they are removed", said)
ok(not (root.dir / "etc/apt/preferences.d/hvcompat.pref").exists(), "nothing is pinned any more")
ok((root.dir / "etc/apt/apt.conf.d/60hvcompat").exists(), "their configuration stays")
same(root.run("apt-get", "-qq", "update")[0], 0, "apt update works")
status, said = root.apt("install", NEW_NAME)
ok(status == 0, "and the kernel goes in", said)
same(root.run("dpkg", "-i", "/repo/toy_2_all.deb")[0], 0, "so does a package by dpkg")

(root.dir / "etc/hvcompat/policy.yaml").unlink()
status, said = root.apt("purge", "hvcompat", "hvcompat-apt", "hvcompat-policies", OLD_NAME, NEW_NAME)
ok(status == 0, "they are purged", said)
root.must("apt-get", "-y", "-qq", "autoremove", "--purge")
same(left(before, root.files()), ([], []), "no file is left that was not there, and none is missing")
after = root.settings()
same([f for f in settings if after.get(f) != settings[f]], [], "and all in /etc is as it was")

# --- dh-hvcompat ----------------------------------------------------------------------------------

status, said = root.apt("install", "dh-hvcompat")
ok(status == 0, "dh-hvcompat goes in", said)
source = root.dir / "tmp/source"
shutil.copytree(TOP / "debian/source", source / "debian/source")
CONTROL = """Source: toy-kernel
Section: kernel
Priority: optional
Maintainer: A Tester <tester@example.org>
Build-Depends: debhelper-compat (= 13), dh-sequence-hvcompat
Standards-Version: 4.6.2

Package: linux-image-toy
Architecture: amd64
Description: image
 Image.
"""
RULES = """#!/usr/bin/make -f
%:
	dh $@
override_dh_strip override_dh_strip_nondeterminism override_dh_shlibdeps override_dh_dwz override_dh_compress:
override_dh_auto_install:
	mkdir -p debian/linux-image-toy
	dpkg-deb -x KERNEL debian/linux-image-toy
	rm -r debian/linux-image-toy/usr
override_dh_builddeb:
	dh_builddeb -- -Znone
"""
(source / "debian/control").write_text(CONTROL, encoding="utf-8")
(source / "debian/rules").write_text(RULES.replace("KERNEL", old), encoding="utf-8")
(source / "debian/rules").chmod(0o755)
(source / "debian/changelog").write_text(
    "toy-kernel (1) unstable; urgency=medium\n\n  * Test.\n\n -- A Tester <tester@example.org>  "
    "Thu, 01 Jan 2026 00:00:00 +0000\n", encoding="utf-8")
status, said = root.run("sh", "-c", "cd /tmp/source && dpkg-buildpackage -b -us -uc -d")
built = next((root.dir / "tmp").glob("linux-image-toy_*.deb"), None)
if ok(status == 0 and built, "a kernel is packaged with it", said):
    provides = root.run("dpkg-deb", "-f", f"/tmp/{built.name}", "Provides")[1]
    ok("hypervisor-vmbus (= 1.1)" in provides, "what it supports is in Provides", provides)
    status, said = root.run("hvcompat", "query", "--provides", "check", f"/tmp/{built.name}")
    same(status, 0, "all of it")
subprocess.run([ROOT_TOOL, "rm", root.dir], check=False)

# --- rpms -----------------------------------------------------------------------------------------

RPMS, rpm_dir = packages("rpm", "RPMS")
same(sorted(RPMS), ["hvcompat", "hvcompat-policies", "hvcompat-rpm", "hvcompat-rpm-build"], "four .rpm packages")
found = subprocess.run(["rpmlint", "-c", TOP / "spec/hvcompat-rpmlint.toml", *rpm_dir.glob("*.rpm"),
                        TOP / "spec/hvcompat.spec"], capture_output=True, text=True, check=False)
ok(re.search(r" 0 errors, 0 warnings", found.stdout), "rpmlint finds nothing", found.stdout)

# What is needed is what tests/host/rpm.t needs, so that they share one tarball; Debian's rpm could not ask for it.
root = Root("rpm", "-i", "libarchive13,libcyaml1,libelf1,libjson-c5,liblzo2-2,libyaml-0-2,librpm9,libseccomp2,"
            "libexpat1,rpm,dnf,zypper")
(root.dir / "etc/rpm").mkdir(exist_ok=True)
(root.dir / "etc/rpm/macros.dbpath").write_text("%_dbpath /var/lib/rpm\n", encoding="utf-8")


def rpm(*words):
    return root.run("rpm", "--force-debian", *words)


def unmet(ours):
    """What the packages require and neither they have, nor rpm, nor the root: it is Debian's, without a database."""
    libraries = root.run("ldconfig", "-p")[1]
    provided = set(rpm("-qp", "--provides", *ours)[1].splitlines())
    for need in sorted(set(rpm("-qp", "--requires", *ours)[1].splitlines()) - provided):
        library = re.match(r"(lib\S*?\.so\.[\d.]*)\(", need)
        if library and library.group(1) in libraries or need.startswith(("rpmlib(", "rtld(")):
            continue
        if not (need.startswith("/") and (root.dir / need[1:]).exists()):
            yield need


# Where rpm is at home, it and the distribution bring these.
for path in ("usr/lib64/rpm-plugins", "usr/share/licenses"):
    (root.dir / path).mkdir(parents=True, exist_ok=True)
ours = [root.add(f) for f in RPMS.values()]
rpm("--initdb")
root.run("dnf", "--version")
before, settings = root.files(), root.settings()
same(list(unmet(ours)), ["rpm-build"], "what they require is there, but for rpm-build, which is a name")
needed = rpm("-qp", "--requires", f"/repo/{RPMS['hvcompat'].name}")[1].split()
ok({"librpm.so.9()(64bit)", "libarchive.so.13()(64bit)", "libsolvext.so.1()(64bit)"} <= set(needed),
   "the libraries that are loaded when needed are among it")
status, said = rpm("-i", "--nodeps", *ours)
ok(status == 0, "rpm installs them", said)
same(rpm("-V", "--nodeps", *RPMS), (0, ""), "and finds all as it should be")
root.dry(["query", "--deep", OLD], "query of a real kernel: as the built tree")
status, said = root.run("hvcompat", "gate", "--policy", "enterprise-long-tail", root.add(OLD), root.add(NEW))
ok(status == 1 and said.startswith("BLOCKED"), "gate blocks 5.10 to 6.1", said)
pages = {f.split("/")[-1] for f in rpm("-ql", *RPMS)[1].splitlines() if "/man/" in f}
same(sorted(p.stem for p in (TOP / "docs/man").glob("*.scd")), sorted([*pages, "hvcompat-apt.8"]),
     "all pages but apt's are there")
kernel = [root.add(f) for f in sorted(rpms("6.12-amd64", "zstd").glob("kernel-*.rpm"))]
root.policy(1, "{hypervisor: hyperv, versions: 2008r2}")
status, said = rpm("-i", "--nodeps", *kernel)
ok(status != 0 and "would lose hyperv:2008r2" in said, "rpm is kept from a kernel that drops what the policy demands",
   said)
root.policy(2, "{hypervisor: kvm}")
status, said = rpm("-i", "--nodeps", "--test", *kernel)
ok(status == 0, "where it is not demanded the kernel passes", said)
plugins = re.search(r"Loaded plugins: (.*)", root.run("dnf", "-v", "--releasever=1", "repolist")[1])
ok(plugins and "hvcompat" in plugins.group(1), "dnf loads its plugin", plugins)
attribute = rpm("-E", "%{?__transaction_hvcompat}")[1].split()
same(attribute[1:], ["helper=/usr/bin/hvcompat"], "the plugin is told where the program is")
ok((root.dir / "usr/libexec/hvcompat-rpmprov").stat().st_mode & 0o111, "rpmbuild's generator can be run")
owned = {name: set(rpm("-ql", name)[1].split()) for name in RPMS}
ok({"/usr/lib/hvcompat/init-x86_64", "/usr/lib/hvcompat/init-i686"} <= owned["hvcompat"], "the programs of guests are there", owned)
ACTIONS = "/etc/dnf/libdnf5-plugins/actions.d/hvcompat.actions"
ok({ACTIONS, "/usr/libexec/hvcompat-dnf5"} <= owned["hvcompat-rpm"], "so is what dnf5 calls", owned)
same(rpm("-qc", "hvcompat-rpm")[1].split(), [ACTIONS], "what an administrator may change is marked so")
action = next(line for line in (root.dir / ACTIONS[1:]).read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
program = action.split(":")[-1]
ok((root.dir / program[1:]).stat().st_mode & 0o111, f"the action's program can be run: {program}")
(root.dir / "etc/hvcompat/policy.yaml").unlink()
(root.dir / "etc/hvcompat").rmdir()
status, said = rpm("-e", *RPMS)
ok(status == 0, "they are erased", said)
same(left(before, root.files()), ([], []), "no file is left that was not there, and none is missing")
after = root.settings()
same([f for f in settings if after.get(f) != settings[f]], [], "and all in /etc is as it was")
done()
