#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The amd64 kernel of the tests, built with the shims cgroup-v1 and vsyscall-xonly among others, serves old userspace by
default, where Debian's of the same series and later ones do not (debian.t). KERNEL_IMAGE=FILE tests that one instead."""
import os
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import build, built_kernel, initrd, linux, native_clock, ran, time_is_right  # noqa: E402
from tap import done, ok, same  # noqa: E402

build()
KERNEL = os.environ.get("KERNEL_IMAGE") or built_kernel("amd64")
INITRD = initrd("init64.cpio", init="init64", init32="init32")

boot = linux(KERNEL, "-smp", "2", initrd=INITRD, arch="x86_64", append=native_clock())
ran(boot, "amd64")
time_is_right(boot, "amd64")
same(boot.values("uses").get("cpus"), "0-1", "amd64: both CPUs are up")
same(boot.values("vsyscall"), {"gettimeofday": "works", "time": "works"},
     "amd64: a call into the vsyscall page is survived, and right")
same(boot.values("cgroup"), {"memory": "ok", "cpuset": "ok"}, "amd64: cgroup v1 memory and cpuset are mounted")
ok(not boot.has(r"\bVMI\b"), "amd64: nothing of VMI, which is for 32 bits", boot)

boot = linux(KERNEL, initrd=INITRD, arch="x86_64", append=f"{native_clock()} vsyscall=none hv.probe=vsyscall")
ran(boot, "vsyscall=none")
same(boot.values("vsyscall"), {"gettimeofday": "signal 11", "time": "signal 11"},
     "vsyscall=none: the page is gone; the probe can tell")

done()
