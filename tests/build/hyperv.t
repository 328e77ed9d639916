#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The shim hyperv-2008r2, in the packages of the amd64 kernel of the tests: what the tool reads there, and what the
modules do when they meet a host.

Three programs are linked with the fake host of tests/shims/hyperv-2008r2: one with hv_vmbus.ko and hv_storvsc.ko out
of the package, one with both built from the unpatched source by the same configuration, and one with the package's
bus and the unpatched storage. Cases of an old host must pass in the first and fail in the others; those of a host of
2012 and later pass everywhere.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from tap import BUILD, HVCOMPAT, TOP, done, fact, hvcompat, note, ok, same  # noqa: E402

SHIM = TOP / "compat-shims/hyperv-2008r2"
HARNESS = TOP / "tests/shims/hyperv-2008r2"
MODULES = ("hv_vmbus", "hv_storvsc")


def run(*words, **more):
    child = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, **more)
    if child.returncode:
        raise SystemExit(f"Bail out! {words[0]} {words[1:]}: exit {child.returncode}\n{child.stdout}{child.stderr}")
    return child.stdout


def packaged_modules(image, to):
    """The two modules, as they lie in the package."""
    to.mkdir()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", image], stdout=subprocess.PIPE) as tar:
        run("tar", "-x", "-C", to, "--wildcards", *(f"*/{m}.ko*" for m in MODULES), stdin=tar.stdout)
    return {m: next(to.rglob(f"{m}.ko*"), None) for m in MODULES}


def unpatched_modules(tree, to):
    """Both modules of the same source and configuration, with the shim's patches taken back in a copy."""
    for d in ("drivers/hv", "drivers/scsi", "drivers/video/fbdev", "include/linux"):
        (to / d).mkdir(parents=True)
    for pattern in ("drivers/hv/*.[ch]", "drivers/scsi/storvsc_drv.c", "drivers/video/fbdev/hyperv_fb.c",
                    "include/linux/hyperv.h"):
        for f in tree.glob(pattern):
            shutil.copy(f, to / f.relative_to(tree))
    for patch in sorted((SHIM / "6.1").glob("*.patch"), reverse=True):
        run("patch", "-R", "-p1", "--fuzz=0", "-i", patch, cwd=to)
    shutil.copy(tree / "drivers/hv/Makefile", to / "drivers/hv/Makefile")
    # The header is the tree's: the patch only adds a function to it, which nothing here calls.
    (to / "Kbuild").write_text("obj-m := drivers/hv/ hv_storvsc.o\nhv_storvsc-y := drivers/scsi/storvsc_drv.o\n")
    run("make", "-s", "-C", tree, f"M={to}", "CC=" + os.environ.get("CC", "gcc"), "modules")
    return {"hv_vmbus": to / "drivers/hv/hv_vmbus.ko", "hv_storvsc": to / "hv_storvsc.ko"}


def result(program, case):
    """True: passed; else the last line, which says what failed."""
    child = subprocess.run([program, case], capture_output=True, text=True, check=False)
    last = child.stdout.splitlines()[-1:] or [f"exit {child.returncode}"]
    if child.returncode == 0 and last == ["passed"]:
        return True
    return last[0] if child.returncode == 1 else f"crashed: exit {child.returncode}, {last[0]}"


def fails(outcome):
    """A case that fails by what it found; a crash, or a machine that lacks something, is a fault of the test."""
    return outcome is not True and outcome.startswith("FAILED: ") and "which this machine has not" not in outcome


kernel = pathlib.Path(run(HERE / "make-kernel", "amd64",
                          env={**os.environ, "HVCOMPAT": HVCOMPAT, "BUILD": str(BUILD)}).splitlines()[-1])
tree = kernel / "tree"
image = next((kernel / "out").glob("linux-image-*.deb"))

for table, module, versions in (("vmbus_versions", "hv_vmbus", "5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4 1.1 0.13"),
                                ("protocol_version", "hv_storvsc", "6.2 6.0 5.1 4.2 2.0")):
    found = fact(image, "table", table)
    same(found and " ".join(found["versions"]), versions, f"{table} of {module}, read from the package")
status, out, err = hvcompat("check", "--policy", "enterprise-long-tail", image)
ok(status == 0, "the packages satisfy enterprise-long-tail", out + err)

with tempfile.TemporaryDirectory(prefix="hyperv-test-") as scratch:
    scratch = pathlib.Path(scratch)
    new = packaged_modules(image, scratch / "package")
    if None in new.values():
        raise SystemExit("Bail out! the packages hold no hv_vmbus.ko and hv_storvsc.ko")
    for module, path in new.items():
        same(run("modinfo", "-F", "hvcompat_shim", path).strip(), "hyperv-2008r2", f"{module} names the shim")
    old = unpatched_modules(tree, scratch / "unpatched")
    shimmed, unpatched, bus_only = scratch / "shimmed", scratch / "old", scratch / "bus-only"
    run(HARNESS / "build", tree, new["hv_vmbus"], new["hv_storvsc"], shimmed,
        old["hv_vmbus"], old["hv_storvsc"], unpatched, new["hv_vmbus"], old["hv_storvsc"], bus_only)

    cases = [line.split() for line in run(shimmed, "--list").splitlines()]
    ok(len(cases) > 40, "there are cases")
    for case, of in cases:
        outcome = result(shimmed, case)
        ok(outcome is True, f"{case}: with the packaged modules", outcome)
        outcome = result(unpatched, case)
        if of == "both":
            ok(outcome is True, f"{case}: and with the unpatched ones", outcome)
            continue
        ok(fails(outcome), f"{case}: fails with the unpatched ones", outcome)
        note(outcome)
        if of == "storage":
            outcome = result(bus_only, case)
            ok(fails(outcome), f"{case}: fails with unpatched storage on the packaged bus", outcome)
            note(outcome)
done()
