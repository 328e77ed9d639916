#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Building the smallest kernel: bad input of every kind, an interrupt in each step, the same packages twice.

The source is the distro's without most drivers' files, so that copies are quick; the tests pass work directories on
to each other where they can."""
import hashlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import BUILD, HVCOMPAT, TOP, done, hvcompat, note, ok, same, skip  # noqa: E402

CONFIG = TOP / "tests/build/tiny.config"
TARBALL = sorted(pathlib.Path("/usr/src").glob("linux-source-*.tar.xz"))[-1]
STEPS = ["unpack", "shims", "configure", "compile", "package", "verify"]
# What a tiny x86 kernel needs no file of; their Kconfig and Makefiles stay.
BARE = """net sound samples Documentation tools/testing tools/perf drivers/gpu drivers/net drivers/media drivers/staging
 drivers/infiniband drivers/scsi drivers/usb drivers/iio drivers/clk drivers/pinctrl drivers/hwmon drivers/mtd
 drivers/crypto drivers/soc drivers/video drivers/input drivers/power drivers/phy drivers/platform drivers/spi
 drivers/i2c drivers/md drivers/mmc drivers/misc drivers/mfd drivers/regulator drivers/leds drivers/ata
 drivers/block drivers/hid drivers/dma drivers/gpio drivers/hv drivers/xen drivers/target drivers/thunderbolt fs/xfs
 fs/btrfs fs/ext4 fs/f2fs fs/ocfs2 fs/gfs2 fs/nfs fs/cifs fs/ceph fs/ubifs fs/ntfs3""".split()
ARCHES = """alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc powerpc riscv s390
 sh sparc um xtensa""".split()
SUFFIXES = ["[chS]", "dts", "dtsi", "rst", "json", "txt", "yaml", "sh", "svg"]

# In the build directory, not in /tmp, which may be small; and no path that differs from run to run in length only.
scratch = pathlib.Path(tempfile.mkdtemp(prefix="tiny-", dir=BUILD))
env = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "LC_ALL": "C.UTF-8"}


def small_source():
    top = scratch / "source"
    top.mkdir()
    dirs = BARE + [f"arch/{a}" for a in ARCHES]
    name = TARBALL.name.split(".tar")[0]
    skip = [f"--exclude={name}/{d}/*.{s}" for d in dirs for s in SUFFIXES]
    subprocess.run(["tar", "-xf", TARBALL, "-C", top, "--strip-components=1", "--anchored", *skip], check=True)
    return top


def state_of(tree):
    """Every path with its kind, time, and what is in it."""
    found = hashlib.sha256()
    for at, dirs, files in os.walk(tree):
        dirs.sort()
        for name in sorted(dirs + files):
            path = os.path.join(at, name)
            st = os.lstat(path)
            found.update(f"{path} {st.st_mode} {st.st_mtime_ns} {st.st_size}\n".encode())
    return found.hexdigest()


def command(out, *args, config=CONFIG, source=None):
    return [HVCOMPAT, "build", "--source", source or SOURCE, "--config", config, "--arch", "x86_64", "--format", "deb,rpm",
            "--jobs", str(os.cpu_count()), "--out", out, *args]


def build(out, *args, environment=None, **more):
    child = subprocess.run([str(a) for a in command(out, *args, **more)], capture_output=True, text=True,
                           env=environment or env, check=False)
    return child.returncode, child.stdout, child.stderr


def packages(out):
    return sorted(p for p in pathlib.Path(out).glob("*") if p.suffix in (".deb", ".rpm"))


def none_in(out, what):
    same([p.name for p in pathlib.Path(out).iterdir() if p.name != ".hvcompat-build"] if pathlib.Path(out).exists() else [],
         [], f"{what}: nothing was let out")


def fails(what, regex, out, *args, status=2, **more):
    """A run that must fail, with all of these words on stderr."""
    found, _, err = build(out, *args, **more)
    same(found, status, f"{what}: exit status")
    for words in [regex] if isinstance(regex, str) else regex:
        ok(re.search(words, err), f"{what}: says {words!r}", err)
    none_in(out, what)
    return err


def interrupted(out, step, *args):
    """Sends SIGINT as soon as the step begins. Returns exit status and stderr."""
    child = subprocess.Popen([str(a) for a in command(out, *args)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             text=True, env=env)
    said = ""
    for line in child.stderr:
        said += line
        if re.match(rf"\d/6 {step}$", line):
            child.send_signal(signal.SIGINT)
    return child.wait(), said


def make_shim(name, kernels, patch=None, directory="shims"):
    top = scratch / directory / name
    top.mkdir(parents=True)
    (top / "README.md").write_text("# For a test\n\n## What it costs\n\nNothing.\n")
    series = f"  - kernels: {kernels}\n"
    if patch:
        (top / "1.patch").write_text(patch)
        series += "    patches: [1.patch]\n"
    (top / "shim.yaml").write_text(f"shim: {name}\nabout: For a test.\nkeeps: ['hyperv:2019/gen1']\nseries:\n{series}"
                                   "proof:\n  - {interface: vmbus}\nconfig: [PRINTK=y]\n"
                                   "cost: None at all.\nrisk: None at all.\nsource: \"this test\"\n")


def fragment(name, text):
    path = scratch / name
    path.write_text(text)
    return f"{CONFIG},{path}"


def test_configs():
    """Settings that do not survive, all of them named with the reason. One copy of the source serves all."""
    out = scratch / "configs"
    bad = fragment("bad.config", "CONFIG_XEN=y\nCONFIG_VANISHED_THING=y\nCONFIG_EXT4_FS=m\nCONFIG_LOG_BUF_SHIFT=99\n"
                   "CONFIG_HZ=123\nCONFIG_PCI=m\n# CONFIG_CRYPTO_MANAGER is not set\nCONFIG_CRYPTO_RSA=m\n"
                   "CONFIG_KERNEL_XZ=y\nCONFIG_KERNEL_LZ4=y\nCONFIG_CRYPTO_NULL=m\n")
    err = fails("lost options", [
        r"step 3/6 configure: 8 options did not survive",
        r"fragment .*bad\.config: CONFIG_VANISHED_THING=y is lost: this source has no such option",
        r"CONFIG_XEN=y is lost, it is n: depends on .*not met is HYPERVISOR_GUEST \[=n\], PARAVIRT \[=n\] \(arch/x86/xen/Kc",
        r"CONFIG_EXT4_FS=m is lost, it is n: depends on BLOCK \[=n\]; not met is BLOCK",
        r"CONFIG_LOG_BUF_SHIFT=99 is lost, it is \d+: the range here is 12 to 25",
        r"CONFIG_HZ=123 is lost, it is 250: cannot be set by itself",
        r"CONFIG_PCI=m is lost, it is n: can be y or n only",
        r"CONFIG_KERNEL_XZ=y is lost, it is n: of a choice, KERNEL_LZ4 was taken instead",
        r"CONFIG_CRYPTO_MANAGER is to be off, and is m: is selected by .*CRYPTO_RSA",
        r"--accept-lost .*VANISHED_THING",
    ], out, config=bad)
    ok("CRYPTO_NULL" not in err, "what survived is not named", err)
    # What failed takes the configs, so they may be mended, and the build goes on.
    status, _, err = build(out, "--resume", "--until", "configure", "--accept-lost", "X*,VANISHED_THING,EXT4_FS,LOG_BUF_*",
                           config=fragment("half.config", "CONFIG_XEN=y\nCONFIG_VANISHED_THING=y\nCONFIG_EXT4_FS=m\n"
                                           "CONFIG_LOG_BUF_SHIFT=99\n"))
    same(status, 0, "losses that are accepted")
    ok("1/6 unpack: done before" in err, "nothing was unpacked again", err)
    fails("other configs once the step is done", r"--resume: config is .* and was .* when step configure was done", out,
          "--resume")
    shutil.rmtree(out / ".hvcompat-build")

    base = scratch / "base.config"
    base.write_text("CONFIG_64BIT=y\nCONFIG_X86_64=y\nCONFIG_MODULES=y\nCONFIG_HYPERV_OF_OLD=m\nCONFIG_HAVE_SOME_FEATURE=y\n"
                    "CONFIG_PRINTK=y\nCONFIG_SYSTEM_TRUSTED_KEYRING=y\nCONFIG_KEYS=y\nCONFIG_ASYMMETRIC_KEY_TYPE=y\n"
                    "CONFIG_CRYPTO=y\nCONFIG_ASYMMETRIC_PUBLIC_KEY_SUBTYPE=y\nCONFIG_X509_CERTIFICATE_PARSER=y\n"
                    "CONFIG_SYSTEM_TRUSTED_KEYS=\"debian/certs/some.pem\"\n")
    err = fails("an option that is gone from a distro's config",
                [r"base config .*base\.config: CONFIG_HYPERV_OF_OLD=m is lost: this source has no such option",
                 r": 1 option did not survive"], out, config=base)
    ok("SOME_FEATURE" not in err, "what says that an architecture can do something is no choice", err)
    fails("files that the config names", r"CONFIG_SYSTEM_TRUSTED_KEYS names debian/certs/some\.pem, which the source does "
          r"not have; add a fragment", out, "--resume", "--accept-lost", "HYPERV_OF_OLD", config=base)
    fails("a config for another architecture", r"is for i686, and x86_64 is to be built; say --arch i686", out, "--resume",
          config=fragment("i686.config", "CONFIG_X86_32=y\n").split(",")[1])
    fails("no such base", r"--config nodefconfig: there is no such file, and it is no config of the source", out, "--resume",
          config="nodefconfig")
    fails("a line that is none", r"line\.config:2: 'CONFIG_B is y' is no setting", out, "--resume",
          config=fragment("line.config", "CONFIG_A=y\nCONFIG_B is y\n"))
    shutil.rmtree(out / ".hvcompat-build")


def test_shims():
    out = scratch / "shimmed"
    make_shim("other-series", "5.10 .. 5.10.999", patch="--- a/Makefile\n+++ b/Makefile\n@@ -1 +1 @@\n-a\n+b\n")
    make_shim("conflict", "6.1 .. 6.1.999", patch="""--- a/init/main.c
+++ b/init/main.c
@@ -1,3 +1,4 @@
 // SPDX-License-Identifier: GPL-2.0-only
+/* a line */
 this line is not there
 nor is this one
""")
    dirs = ["--shim-dir", scratch / "shims"]
    fails("a shim for another series", [r"step 2/6 shims: ", r"other-series.*5\.10"], out, *dirs, "--shim", "other-series")
    before = state_of(out / ".hvcompat-build/tree")
    fails("a patch that conflicts", [r"step 2/6 shims: ", r"1\.patch", r"init/main\.c", r"hunk"], out, *dirs, "--resume",
          "--shim", "conflict")
    same(state_of(out / ".hvcompat-build/tree"), before, "the copy is as it was")
    status, _, err = build(out, "--resume", "--until", "shims")
    same(status, 0, f"without it, it goes on")
    shutil.rmtree(out / ".hvcompat-build")


def test_policy():
    """A policy takes what helps, and only that: a shim that says it is for a required host, and missing options."""
    out, policy = scratch / "policy", scratch / "wants.yaml"
    # In the place of the real one, whose files the small source does not have. It says that it is for 2019.
    make_shim("hyperv-2008r2", "6.1 .. 6.1.999", directory="policy-shims")
    dirs = ["--shim-dir", scratch / "policy-shims"]
    policy.write_text("policy: wants\nversion: 1\nabout: For a test.\nrequires:\n"
                      "  - {hypervisor: xen, versions: '4.4', modes: [pv]}\n"
                      "  - {hypervisor: hyperv, versions: '2025', modes: [gen1]}\nwaivers: []\n")
    err = fails("what a policy needs and cannot get", [
        r"the policy needs the shim xen-direct-boot, for xen:4\.4/pv",
        r"the policy needs CONFIG_XEN_PV=y, for xen:4\.4/pv",
        r"the policy needs CONFIG_HYPERV=m, for hyperv:2025/gen1",
        r"policy wants: CONFIG_XEN_BLKDEV_FRONTEND=m is lost, it is n: .*not met is BLK_DEV",
    ], out, *dirs, "--policy", policy)
    ok("shim hyperv-2008r2" not in err, "a shim for an older host is not taken for a newer one", err)
    ok("FBDEV" not in err, "nor an option that nothing requires", err)
    ok("HYPERV_VMBUS" not in err.split("3/6 configure")[1], "an option of another series is passed over", err)
    shutil.rmtree(out / ".hvcompat-build")
    policy.write_text(policy.read_text().replace("2025", "2019"))
    status, _, err = build(out, *dirs, "--policy", policy, "--until", "shims")
    ok(status == 0 and "the policy needs the shim hyperv-2008r2, for hyperv:2019/gen1" in err, "but for the host it is for", err)
    shutil.rmtree(out / ".hvcompat-build")


def mount(size):
    where = scratch / "disk"
    where.mkdir(exist_ok=True)
    done_ = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", where], capture_output=True, check=False)
    return where if done_.returncode == 0 else None


def test_full_disk():
    used = int(subprocess.run(["du", "-sk", SOURCE], capture_output=True, text=True, check=True).stdout.split()[0])
    for what, size, step in (("unpacked", used // 2, "1/6 unpack"), ("compiled", used * 102 // 100 + 8000, "[34]/6 co")):
        where = mount(size)
        if not where:
            skip("full disk", "no tmpfs can be mounted here")
            return
        try:
            fails(f"a disk that is full when it is {what}", [rf"step {step}", r"no space left on the disk of .*disk/work"],
                  scratch / "full", "--work", where / "work")
        finally:
            subprocess.run(["umount", where], check=True)


def test_two_builds():
    """One build fails in its compiler and is blocked by a policy, the other is interrupted in each step."""
    one, two = scratch / "one", scratch / "another place"
    wrapper, flag = scratch / "failing-gcc", scratch / "fail"
    wrapper.write_text(f'#!/bin/sh\ncase "$*" in *kernel/fork.c*) [ ! -e {flag} ] || {{ echo "fork.c: error: as ordered" >&2; '
                       f'exit 1; }};; esac\nexec ccache gcc "$@"\n')
    wrapper.chmod(0o755)
    flag.touch()
    with_wrapper = {**env, "CC": str(wrapper)}
    policy = scratch / "blocks.yaml"
    policy.write_text("policy: blocks\nversion: 1\nabout: For a test.\nrequires:\n  - {hypervisor: xen, modes: [pv]}\n"
                      "waivers: []\n")
    fails("a compiler that fails half-way", [r"\| .*fork\.c: error: as ordered", r"step 4/6 compile: make ended with status",
                                             r"--resume; the log is .*build\.log"], one, environment=with_wrapper)
    log = (one / ".hvcompat-build/build.log").read_text()
    ok("as ordered" in log and "== compile" in log, "the log has it")
    flag.unlink()
    fails("another compiler later on", r"--resume: compiler is ", one, "--resume")
    fails("a policy that blocks it", r"no package was let out", one, "--resume", "--policy", policy, status=1,
          environment=with_wrapper)
    status, said, err = build(one, "--resume", environment=with_wrapper)
    same(status, 0, "without the policy it is let out")
    ok(not (one / ".hvcompat-build").exists(), "the work directory is gone")
    for p in packages(one):
        ok(str(p) in said, f"{p.name} is told", said)
    ok(len(packages(one)) >= 4, "there are packages of both formats")
    fails_existing(one)

    fails("a work directory with a space", r"no kernel can be built in a directory with ' ' in its path", two)
    place = ["--work", scratch / "elsewhere"]
    for i, step in enumerate(STEPS):
        status, err = interrupted(two, step, *place, *(["--resume"] if i else []))
        same(status, 2, f"interrupt in {step}: exit status")
        ok(re.search(rf"step {i + 1}/6 {step}: .*(stopped by|signal).*--resume goes on in ", err), f"interrupt in {step}: says so",
           err)
        none_in(two, f"interrupt in {step}")
    status, said, err = build(two, "--resume", *place)
    same(status, 0, "and --resume finishes it")
    same([p.name for p in packages(two)], [p.name for p in packages(one)], "both have the same packages")
    for a, b in zip(packages(one), packages(two)):
        same(hashlib.sha256(b.read_bytes()).hexdigest(), hashlib.sha256(a.read_bytes()).hexdigest(),
             f"{a.name} is bit-identical")
    for suffix in ("deb", "rpm"):
        status, text, err = hvcompat("query", ",".join(str(p) for p in packages(one) if p.suffix == f".{suffix}"))
        ok(status == 0 and "-hvcompat, x86_64" in text, f"query reads the .{suffix} packages", text + err)


def fails_existing(out):
    """Packages of that name are there: told before anything is compiled."""
    kept = {p.name: p.read_bytes() for p in packages(out)}
    for form in ("deb", "rpm"): # the last --format counts
        status, _, err = build(out, "--format", form, *(["--resume"] if form == "rpm" else []))
        same(status, 2, f"{form} packages that are there: exit status")
        ok(re.search(rf"step 3/6 configure: .*\.{form} is there already; give another --revision or --out, or --force", err),
           f"{form} packages that are there: says so", err)
    same({p.name: p.read_bytes() for p in packages(out)}, kept, "packages that are there: as they were")
    shutil.rmtree(out / ".hvcompat-build")


try:
    SOURCE = small_source()
    untouched = state_of(SOURCE)
    for test in (test_configs, test_shims, test_policy, test_full_disk, test_two_builds):
        note(test.__name__)
        test()
    same(state_of(SOURCE), untouched, "the source is as it was")
finally:
    shutil.rmtree(scratch)
done()
