#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of a real build: installed in scratch roots with their scripts, read again, built against.

$PACKAGES names a directory with packages of one kernel to look at instead."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import TOP, document, done, note, ok, same  # noqa: E402

PROGRAMS = ["sh", "run-parts", "mkdir", "touch", "rm", "rmdir", "cp", "depmod"]


def run(*args, **more):
    child = subprocess.run([str(a) for a in args], capture_output=True, text=True, check=False, **more)
    return child.returncode, child.stdout + child.stderr


def run_rpm(*args):
    """Without what Debian's rpm says of itself on every call."""
    status, out = run(*args)
    return status, "".join(line for line in out.splitlines(True) if not line.startswith("rpm: "))


def packages():
    if "PACKAGES" in os.environ:
        return pathlib.Path(os.environ["PACKAGES"])
    child = subprocess.run([TOP / "tests/build/make-kernel", "amd64"], stdout=subprocess.PIPE, text=True, check=True)
    return pathlib.Path(child.stdout.strip().splitlines()[-1]) / "out"


def add_program(root, name):
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    needs = re.findall(r"(/\S+) \(0x", run("ldd", path)[1])
    for source in [path, *needs]:
        target = root / source.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def make_root(parent, name):
    """A root with a shell, what maintainer scripts call, and hooks that write down how they were called."""
    root = parent / name
    for d in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "boot", "tmp", "var/lib/rpm", "var/lib/dpkg/updates",
              "var/lib/dpkg/info"):
        (root / d).mkdir(parents=True)
    for d in ("bin", "sbin", "lib", "lib64"):
        (root / d).symlink_to(f"usr/{d}")
    for f in ("status", "available"):
        (root / "var/lib/dpkg" / f).touch()
    for program in PROGRAMS:
        add_program(root, program)
    for when in ("preinst", "postinst", "prerm", "postrm"):
        hook = root / f"etc/kernel/{when}.d/log"
        hook.parent.mkdir(parents=True)
        hook.write_text(f'#!/bin/sh\necho "{when} $1 $2 [$DEB_MAINT_PARAMS] $INITRD" >>/hooks\n')
        hook.chmod(0o755)
    return root


def verdicts(argument):
    _, doc = document("query", "--deep", argument)
    same(len(doc["kernels"]), 1, f"one kernel in {str(argument)[-60:]}")
    return [(v["id"], v["version"], v["mode"], v["status"]) for v in doc["hypervisors"]]


def left(root):
    """What a kernel leaves behind."""
    return [str(p.relative_to(root)) for d in ("boot", "usr/lib/modules", "usr/src")
            for p in sorted((root / d).rglob("*")) if not p.is_dir()]


def check_debs(parent, debs, release):
    root = make_root(parent, "debian")
    dpkg = ["dpkg", f"--root={root}", "--log=/dev/null", "--force-depends,architecture"]
    image = next(p for p in debs if "linux-image" in p.name)
    status, out = run(*dpkg, "-i", *debs)
    same(status, 0, "dpkg installs them")
    if status:
        note(out)
    ok((root / f"boot/vmlinuz-{release}").is_file(), "the image is in /boot")
    ok((root / f"lib/modules/{release}/modules.dep").is_file(), "depmod ran")
    if len(debs) > 1:
        same(os.readlink(root / f"lib/modules/{release}/build"), f"/usr/src/linux-headers-{release}",
             "the modules lead to their headers")
    ok(not (root / f"lib/modules/{release}/.fresh-install").exists(), "no mark is left")
    found = verdicts(root)
    name = run("dpkg-deb", "-f", image, "Package")[1].strip()
    others = [run("dpkg-deb", "-f", p, "Package")[1].strip() for p in debs if p != image]
    same(run(*dpkg, "-r", *others, name)[0], 0, "dpkg removes them")
    same(run(*dpkg, "-P", name)[0], 0, "and purges them")
    same(left(root), [], "nothing stays")
    lines = [line.split(" ") for line in (root / "hooks").read_text().splitlines()]
    same([line[0] for line in lines], ["preinst", "postinst", "prerm", "postrm", "postrm"], "the kernel hooks ran")
    ok(all(line[1:3] == [release, f"/boot/vmlinuz-{release}"] for line in lines), "for this kernel", lines)
    same(lines[0][3], "[install]", "with what dpkg said")
    return found


def check_rpms(parent, rpms, release):
    root = make_root(parent, "rpm")
    rpm = ["rpm", "--root", root, "--define", "_dbpath /var/lib/rpm"]
    same(run_rpm(*rpm, "-i", "--nodeps", "--ignorearch", *rpms), (0, ""), "rpm installs them, and their scripts say nothing")
    ok((root / f"boot/vmlinuz-{release}").is_file(), "without kernel-install the image is in /boot")
    ok((root / f"lib/modules/{release}/modules.dep").is_file() == (len(rpms) > 2), "depmod ran if there are modules")
    same(run(*rpm, "-V", "--nodeps", "-a")[1], "", "rpm verifies them")
    found = verdicts(root)
    names = run("rpm", "-qp", "--qf", "%{NAME}\n", *rpms)[1].split()
    same(run_rpm(*rpm, "-e", "--nodeps", *names), (0, ""), "rpm erases them")
    same(left(root), [], "nothing stays")
    bare = parent / "bare"
    bare.mkdir()
    same(run("rpm", "--root", bare, "--define", "_dbpath /var/lib/rpm", "-i", "--nodeps", "--ignorearch",
             "--noscripts", *rpms)[0], 0,
         "rpm installs them in an empty root")
    same(verdicts(bare), found, "with the same answers")
    return found


def promises(debs, rpms):
    deb = run("dpkg-deb", "-f", next(p for p in debs if "linux-image" in p.name), "Provides")[1].replace("\n", "")
    by_deb = sorted(re.sub(r" \(= (.*)\)", r" = \1", p.strip()) for p in deb.split(",") if p.strip())
    core = next(p for p in rpms if "kernel-core" in p.name)
    by_rpm = sorted(re.sub(r"\((\S+)\)", r"-\1", p) for p in run("rpm", "-qp", "--provides", core)[1].splitlines()
                    if p.startswith(("hypervisor(", "userspace(")))
    ok(by_deb, "something is provided")
    same(by_deb, by_rpm, "both worlds are promised the same")


def check_headers(parent, debs):
    """A module of others, against the headers package where it was unpacked."""
    headers = [p for p in debs if "linux-headers" in p.name]
    if not headers:
        note("no modules, no headers")
        return
    run("dpkg-deb", "-x", headers[0], parent / "headers")
    source = next((parent / "headers/usr/src").iterdir())
    arch = {"i386": "i386", "amd64": "x86_64", "arm64": "arm64"}[run("dpkg-deb", "-f", headers[0], "Architecture")[1].strip()]
    module = parent / "hello"
    module.mkdir()
    (module / "Makefile").write_text("obj-m := hello.o\n")
    (module / "hello.c").write_text("""#include <linux/module.h>
static int __init hello_init(void) { pr_info("hello\\n"); return 0; }
static void __exit hello_exit(void) { }
module_init(hello_init);
module_exit(hello_exit);
MODULE_LICENSE("GPL");
""")
    before = run("find", source, "-newermt", "@0", "-printf", "%P %T@\n")[1]
    status, out = run("make", "-C", source, f"ARCH={arch}", f"M={module}", "modules")
    ok(status == 0 and (module / "hello.ko").exists(), "a module is built against the headers", out)
    release = (source / "include/config/kernel.release").read_text().strip()
    ok(run("modinfo", "-F", "vermagic", module / "hello.ko")[1].startswith(release + " "), "for this kernel")
    same(run("find", source, "-newermt", "@0", "-printf", "%P %T@\n")[1], before, "and they stay as they were")


def main():
    out = packages()
    debs, rpms = sorted(out.glob("*.deb")), sorted(out.glob("*.rpm"))
    config = next(line.split()[-1] for line in run("dpkg-deb", "-c", next(p for p in debs if "linux-image" in p.name))[1]
                  .splitlines() if "/boot/config-" in line)
    release = config.split("/boot/config-")[1]
    with tempfile.TemporaryDirectory() as name:
        parent = pathlib.Path(name)
        by_deb = verdicts(",".join(map(str, debs)))
        same(verdicts(",".join(map(str, rpms))), by_deb, "the .rpm files say the same as the .deb files")
        same(check_debs(parent, debs, release), by_deb, "so does what dpkg installed")
        same(check_rpms(parent, rpms, release), by_deb, "so does what rpm installed")
        promises(debs, rpms)
        check_headers(parent, debs)
    done()


main()
