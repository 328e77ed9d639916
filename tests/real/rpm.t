#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same kernels as .rpm packages, cut as Fedora does: the same answers, and sets put together."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import debs, document, done, fact, hvcompat, ok, rpms, same  # noqa: E402


def verdicts(argument):
    _, doc = document("query", "--deep", argument)
    return {(v["id"], v["version"], v["mode"]): v["status"] for v in doc["hypervisors"]}


def parts(folder, *names):
    return ",".join(str(folder / f"{name}.rpm") for name in names)


WHOLE = ("kernel", "kernel-core", "kernel-modules-core", "kernel-modules")
expected = verdicts(debs("6.12-amd64"))
for codec in ("zstd", "xz"):
    folder = rpms("6.12-amd64", codec)
    given = parts(folder, "kernel-core", "kernel-modules-core", "kernel-modules", "kernel-modules-extra")
    same(verdicts(given), expected, f"{codec}: a set of .rpm files answers as the .deb")
    status, doc = document("query", "--deep", folder)
    same(len(doc["kernels"]), 1, f"{codec}: a folder of .rpm files is one kernel")
    status, _, err = hvcompat("query", parts(folder, "kernel"))
    ok(status == 2 and "meta package" in err, f"{codec}: the meta package alone is refused, and told what it is", err)
    core = {k: v for k, v in verdicts(parts(folder, "kernel-core")).items() if k[0] == "kvm"}
    ok("supported" not in core.values(), f"{codec}: without its modules it is not said to run on KVM", core)

# pcnet32 is in kernel-modules-extra: there when the set is all that is known, absent when the meta package is there
# to say what an installation pulls in
folder = rpms("6.12-amd64", "zstd")
for meta, expected in ((False, ("present", "other-package")), (True, ("absent", "not-required"))):
    given = [name for name in (*WHOLE, "kernel-modules-extra") if meta or name != "kernel"]
    found = fact(parts(folder, *given), "driver", "pcnet32")
    same(found and (found["state"], found["placement"]), expected,
         f"a module that only kernel-modules-extra has, {'with' if meta else 'without'} the meta package")

status, _, err = hvcompat("query", parts(folder, "kernel-core") + "," + debs("6.1-amd64"))
ok(status == 2 and "6.12" in err and "6.1.0" in err, "a set of two releases is refused with both names", err)
modules = next(p for p in debs("newest-amd64").split(",") if "linux-modules" in p)
status, _, err = hvcompat("query", "--quick", debs("6.1-amd64") + "," + modules)
ok(status == 2 and "6.1.0" in err and modules in err, "so is a whole kernel with another one's modules", err)
done()
