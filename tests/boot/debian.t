#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The probes on Debian's own kernels, where what they should find is known: the tests of built kernels can fail."""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import build, debian_kernel, initrd, linux, native_clock, ran, rom, time_is_right  # noqa: E402
from tap import done, ok, same  # noqa: E402

build()
I386 = initrd("init32.cpio", init="init32")
AMD64 = initrd("init64.cpio", init="init64", init32="init32")
CLOCK = native_clock()
EINVAL = "errno 22"


def vdso(boot, name, there, prefix=""):
    auxv = boot.values(f"{prefix}auxv")
    mapped = boot.values(f"{prefix}maps").get("vdso")
    ok(set(auxv) == {"AT_SYSINFO", "AT_SYSINFO_EHDR"} and all((value != "none") == there for value in auxv.values()),
       f"{name}: a 32-bit program {'sees' if there else 'does not see'} AT_SYSINFO and AT_SYSINFO_EHDR", auxv)
    same(mapped, "yes" if there else "no", f"{name}: [vdso] in its maps")


for label in ("5.10-686-pae", "6.1-686-pae"):
    kernel = debian_kernel(label)
    boot = linux(kernel, initrd=I386, append=CLOCK)
    ran(boot, label)
    time_is_right(boot, label)
    vdso(boot, label, True)
    boot = linux(kernel, initrd=I386, rom=rom("good"), append=f"{CLOCK} vdso32=0 hv.probe=vdso")
    ran(boot, f"{label} vdso32=0, ROM")
    vdso(boot, f"{label} vdso32=0", False)
    same({call for call, times in (boot.counters() or {None: 1}).items() if times}, set(), f"{label}: no call to the ROM")

for label, controllers in (("5.10-amd64", "ok"), ("6.1-amd64", "ok"), ("6.12-amd64", EINVAL)):
    kernel = debian_kernel(label)
    boot = linux(kernel, initrd=AMD64, arch="x86_64", append=CLOCK)
    ran(boot, label)
    time_is_right(boot, label)
    vdso(boot, label, True, "ia32-")
    same(boot.values("vsyscall"), {"gettimeofday": "signal 11", "time": "signal 11"},
         f"{label}: the vsyscall page cannot be called")
    same(boot.values("cgroup"), {"memory": controllers, "cpuset": controllers}, f"{label}: cgroup v1")
    boot = linux(kernel, initrd=AMD64, arch="x86_64", 
                 append=f"{CLOCK} vsyscall=xonly vdso32=0 hv.probe=vsyscall,vdso")
    ran(boot, f"{label} vsyscall=xonly vdso32=0")
    vdso(boot, f"{label} vdso32=0", False, "ia32-")
    same(boot.values("vsyscall"), {"gettimeofday": "works", "time": "works"}, f"{label} vsyscall=xonly: the page works")

done()
