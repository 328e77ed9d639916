# SPDX-License-Identifier: GPL-2.0-or-later
"""A throw-away root with rpm in it, hvcompat's plugin, and a repository of real kernels in packages as Fedora cuts them."""
import atexit
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import BUILD, HVCOMPAT, debs  # noqa: E402

ROOT_TOOL = TOP / "tests/host/lib/root"
LIBRARIES = ("libarchive13,libcyaml1,libelf1,libjson-c5,liblzo2-2,libyaml-0-2,librpm9,libseccomp2,libexpat1")
work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-rpm."))
atexit.register(shutil.rmtree, work, ignore_errors=True)
root = work / "root"
repo = root / "repo"
PLUGINS = root / "usr/lib64/rpm-plugins"
MACRO = root / "usr/lib/rpm/macros.d/macros.transaction_hvcompat"
MODULES = "hv scsi ata hid input pci video gpu/drm/hyperv net/hyperv"  # all of them are 400 MB
DEBIAN = []  # what rpm wants to hear before it installs anything on a Debian system
REAL = ("LD_LIBRARY_PATH=/usr/lib/hvcompat/lib HVCOMPAT_DATADIR=/usr/share/hvcompat exec /usr/lib/hvcompat/hvcompat "
        "\"$@\"")


def run(*command, timeout=600):
    child = subprocess.run([ROOT_TOOL, "run", root, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           errors="replace", stdin=subprocess.DEVNULL, timeout=timeout, check=False)
    return child.returncode, child.stdout


def rpm(*words):
    return run("rpm", *DEBIAN, *words)


def installed():
    """All that the database of rpm has, by name-version-release."""
    return sorted(rpm("-qa", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}\n")[1].split())


def kernels():
    return [name for name in installed() if name.startswith("kernel")]


SPEC = """
Name: {name}
Version: {version}
Release: {release}
Summary: s
License: n
AutoReqProv: no
{more}
%global debug_package %{{nil}}
%global __os_install_post %{{nil}}
%global _build_id_links none
%global _binary_payload w1.zstdio
%description
s
%install
{install}
%files
{files}
"""


def build(name, version, release, more="", install="", files=""):
    """A package, in repo/."""
    spec = work / "a.spec"
    spec.write_text(SPEC.format(**locals()), encoding="utf-8")
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--target", "x86_64", "--define", f"_topdir {work}/rpm", "--define",
                    f"_rpmdir {repo}", "--define", "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.rpm", spec], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return f"/repo/{name}-{version}-{release}.rpm"


def kernel(label, version, release):
    """The kernel of a Debian package as kernel-core and kernel-modules, with those modules that a Hyper-V guest may want."""
    tree = work / label
    if not tree.exists():
        subprocess.run(["dpkg-deb", "-x", debs(label), tree], check=True)
    uname = next((tree / "boot").glob("config-*")).name[len("config-"):]
    modules = f"/lib/modules/{uname}"
    both = "Provides: installonlypkg(kernel)\nProvides: multiversion(kernel)"
    core = build("kernel-core", version, release, f"{both}\nRequires: kernel-modules = {version}-{release}",
                 f"mkdir -p %{{buildroot}}{modules}\ncp {tree}/boot/vmlinuz-{uname} %{{buildroot}}{modules}/vmlinuz\n"
                 f"cp {tree}/boot/config-{uname} %{{buildroot}}{modules}/config",
                 f"{modules}/vmlinuz\n{modules}/config")
    rest = build("kernel-modules", version, release,
                 f"Provides: installonlypkg(kernel-module)\nProvides: multiversion(kernel)",
                 f"mkdir -p %{{buildroot}}{modules}\ncd {tree}{modules}\nfor d in {MODULES}; do\n"
                 f"[ ! -d kernel/drivers/$d ] || cp -a --parents kernel/drivers/$d %{{buildroot}}{modules}/\ndone\n"
                 f"cp -a modules.builtin* %{{buildroot}}{modules}/", f"{modules}/kernel\n{modules}/modules.builtin*")
    return core, rest


def dnf(*words, program="dnf"):
    return run(program, "-y", "--setopt=module_platform_id=platform:test", "--releasever=1", *words)


def zypper(*words):
    return run("zypper", "--non-interactive", "--no-gpg-checks", *words)


def set_program(line):
    program = root / "usr/bin/hvcompat"
    program.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    program.chmod(0o755)


def set_macro(more):
    MACRO.write_text(f"%__transaction_hvcompat %{{__plugindir}}/hvcompat.so helper=/usr/bin/hvcompat {more}\n",
                     encoding="utf-8")


def set_policy(number, host):
    (root / "etc/hvcompat/policy.yaml").write_text(
        f"policy: policy\nversion: {number}\nabout: For this test.\nrequires:\n  - {host}\n", encoding="utf-8")


def build_plugin():
    """hvcompat.so, linked with the root's own librpm."""
    shutil.copy(TOP / "pkg/hooks/rpm/plugin.c", root / "tmp")
    status, said = run("gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-D_GNU_SOURCE",
                       "-D_FILE_OFFSET_BITS=64", "-shared", "-Wl,-z,now,-z,defs", "-o", "/tmp/hvcompat.so", "/tmp/plugin.c",
                       "-lrpm", "-lrpmio")
    if status:
        sys.exit(f"Bail out! the plugin does not build in the root\n{said}")
    shutil.copy(root / "tmp/hvcompat.so", PLUGINS)


def bring_libraries():
    """What hvcompat is linked with here, where the root has others: all but libc, which is newer there."""
    lib = root / "usr/lib/hvcompat/lib"
    lib.mkdir()
    later = [line.split()[-1] for line in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True)
             .stdout.splitlines() if line.split()[0] in ("librpm.so.9", "libarchive.so.13")]
    for thing in [HVCOMPAT, *later]:
        said = subprocess.run(["ldd", thing], capture_output=True, text=True, check=True).stdout
        for path in [line.split()[2] for line in said.splitlines() if "=> /" in line] + later:
            if not pathlib.Path(path).name.startswith(("libc.so", "libm.so", "ld-linux")):
                shutil.copy(path, lib)


def install_hvcompat(foreign):
    lib = root / "usr/lib/hvcompat"
    lib.mkdir(parents=True)
    shutil.copytree(TOP / "policies", root / "usr/share/hvcompat", dirs_exist_ok=True)
    shutil.copy(HVCOMPAT, lib / "hvcompat")
    set_program(REAL)
    PLUGINS.mkdir(parents=True)
    if foreign:
        bring_libraries()
        build_plugin()
    else:
        shutil.copy(BUILD / "hooks/hvcompat.so", PLUGINS)
    (root / "etc/rpm").mkdir(exist_ok=True)
    (root / "etc/rpm/macros.plugins").write_text(f"%__plugindir /{PLUGINS.relative_to(root)}\n", encoding="utf-8")
    set_macro("")
    (root / "etc/hvcompat").mkdir()
    set_policy(1, "{hypervisor: hyperv, versions: 2008r2}")


def install_repository():
    subprocess.run(["createrepo_c", "-q", repo], check=True)
    (root / "etc/yum.repos.d").mkdir(exist_ok=True)
    (root / "etc/yum.repos.d/test.repo").write_text(
        "[test]\nname=test\nbaseurl=file:///repo\nenabled=1\ngpgcheck=0\n", encoding="utf-8")


def make(suite, needs, foreign=False):
    """Makes it, with hvcompat and no package. `foreign`: that suite's libraries are not those that hvcompat was built with."""
    if not (BUILD / "hooks/hvcompat.so").exists():
        print("Bail out! there is no hooks/hvcompat.so in", BUILD)
        sys.exit(1)
    if not foreign:
        DEBIAN.append("--force-debian")
    subprocess.run([ROOT_TOOL, "new", "-s", suite, "-i", needs, root], check=True)
    repo.mkdir()
    # Debian's rpm keeps its database with the user; libzypp looks where all others do.
    (root / "etc/rpm").mkdir(exist_ok=True)
    (root / "etc/rpm/macros.dbpath").write_text("%_dbpath /var/lib/rpm\n", encoding="utf-8")
    rpm("--initdb")
    install_hvcompat(foreign)


def begin(suite, needs, foreign=False):
    """
    The same, and returns three kernels, two that keep Hyper-V 2008 R2, the second the newer, and one that does not, and
    two versions of another package.
    """
    make(suite, needs, foreign)
    return (kernel("5.10-amd64", "5.10.1", "1"), kernel("5.10-cloud-amd64", "5.10.1", "2"),
            kernel("6.1-amd64", "6.1.0", "1"), build("toy", "1", "1"), build("toy", "2", "1"))
