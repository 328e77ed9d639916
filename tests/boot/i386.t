#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The i386 kernel of the tests, built with the shims vmi and compat-vdso: on VMI it goes through the ROM, which counts;
without one, or with one that is not to be trusted, it is a native kernel.
KERNEL_IMAGE=FILE tests that one instead."""
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import INIT, OUT, RELOC, build, built_kernel, initrd, linux, native_clock, ran, rom, time_is_right  # noqa: E402
from tap import done, note, ok, same  # noqa: E402

build()
KERNEL = os.environ.get("KERNEL_IMAGE") or built_kernel("i386")
INITRD = initrd("init32.cpio", init="init32")
NO_SUM = OUT / "no-checksum.bin"
NO_SUM.write_bytes(bytes(8))

# What a kernel without PARAVIRT_XXL has a place for and a native ROM can offer; compat-shims/vmi/README.md has the table.
TIME = {66: "GetCycleFrequency", 67: "GetCycleCounter", 70: "GetWallclockTime", 68: "SetAlarm", 69: "CancelAlarm"}
MMU = {46: "InvalPage", 47: "FlushTLB"}
OTHERS = {48: "SetLinearMapping", 65: "IODelay", 35: "Halt"}
ENDS = {36: "Reboot", 37: "Shutdown"}
ALL = TIME | MMU | OTHERS | ENDS


def boot_with(variant, *options, append="", **more):
    more.setdefault("initrd", INITRD)
    return linux(KERNEL, *options, rom=rom(variant) if variant else None, append=append, **more)


def native_with(variant, *options, append=""):
    """A boot with clocks of the kernel's own."""
    return boot_with(variant, *options, append=f"{native_clock()} {append}".strip())


def log(boot):
    """The kernel's lines on the console, without time stamps."""
    return [m[1] for m in (re.match(r"\[ *\d+\.\d+\] (.*)", text) for text in boot.text()) if m]


def vmi_lines(boot):
    return [line for line in log(boot) if "vmi" in line.lower() and "command line" not in line.lower()]


def wired(boot):
    """The calls that the kernel says it wired."""
    return {word for line in log(boot) if line.startswith("VMI: wired ") for word in line[11:].split() if word.isalnum()}


def made(boot):
    """{call: times}, of those that were made at all."""
    return {call: times for call, times in (boot.counters() or {}).items() if times}


def is_native(boot, name):
    """Nothing of VMI is in use."""
    ran(boot, name)
    time_is_right(boot, name)
    ok(boot.has("Booting paravirtualized kernel on bare hardware"), f"{name}: the kernel is native", boot)
    ok("vmi-timer" not in str(boot.values("uses")), f"{name}: so are its clocks", boot.values("uses"))
    same(wired(boot), set(), f"{name}: nothing is wired")
    same(made(boot).keys() - {INIT, RELOC}, set(), f"{name}: no call was made")


def is_on_vmi(boot, name, calls, others=()):
    """The kernel announces VMI, made every one of these calls, perhaps those others, and no more."""
    ran(boot, name)
    ok(boot.has(r"VMI: Found hvcompat VMI test ROM at 0x[cd][0-9a-f]{4}, API version 3\.0, ROM version 1\.0"),
       f"{name}: the ROM is found", boot)
    ok(boot.has("Hypervisor detected: VMI") and boot.has("Booting paravirtualized kernel on vmi"),
       f"{name}: VMI is announced", boot)
    counts = made(boot)
    note(f"{name}: " + ", ".join(f"{ALL.get(call, call)} {times}" for call, times in counts.items()))
    same(counts.get(INIT), 1, f"{name}: VMI_Init was called once")
    for call, what in calls.items():
        ok(counts.get(call, 0) > 0, f"{name}: {what} goes through the ROM", counts)
    same(counts.keys() - calls.keys() - set(others) - {INIT, RELOC}, set(), f"{name}: no call that has no place")


def without(calls, *numbers):
    return {call: what for call, what in calls.items() if call not in numbers}


# --- with the ROM

good = boot_with("good")
is_on_vmi(good, "ROM", without(ALL, 36))
time_is_right(good, "ROM")
same(wired(good), set(ALL.values()), "ROM: what the kernel says it wired is all of it")
same(good.values("uses").get("clocksource"), "vmi-timer", "ROM: the clock is the ROM's")
same(good.end, "guest-shutdown", "ROM: powers off through it")

boot = boot_with("good", append="hv.end=reboot hv.probe=vdso")
is_on_vmi(boot, "ROM, reboot", {36: "Reboot"}, others=ALL) # too short for what an idle machine does
same(boot.end, "guest-reset", "ROM, reboot: resets through it")

boot = boot_with("good", "-smp", "2", "-vga", "std")
is_on_vmi(boot, "ROM, 2 CPUs", without(ALL, 36))
time_is_right(boot, "ROM, 2 CPUs")
same(boot.values("uses").get("cpus"), "0-1", "ROM, 2 CPUs: both are up")
ok(made(boot).get(48, 0) >= 2, "ROM, 2 CPUs: each maps its memory by SetLinearMapping", made(boot))

boot = boot_with("good", cpu="pentium3")
is_on_vmi(boot, "ROM, page table isolation", without(ALL, 36, *MMU))
time_is_right(boot, "ROM, page table isolation")
ok(boot.has("VMI: kept native: InvalPage FlushTLB"),
   "ROM, page table isolation: translations are kept native, the log says so", boot)

boot = boot_with("good", cpu="pentium3", append="nopti")
is_on_vmi(boot, "ROM, CPU without NX", without(ALL, 36))
time_is_right(boot, "ROM, CPU without NX")

boot = boot_with("good", machine="q35")
is_on_vmi(boot, "ROM, q35", without(ALL, 36))

# --- the control: time that the ROM tells wrong is wrong, so it was the ROM's that was right above

boot = boot_with("half-hz", append="hv.probe=clock,machine")
sleep = boot.timed("sleep")
if ok(len(sleep) == 2, "half-hz: the clock is read", boot):
    (host0, guest0), (host1, guest1) = (times for times, _ in sleep)
    ratio = (guest1 - guest0) / (host1 - host0)
    ok(1.6 < ratio < 2.4, "half-hz: the guest's clock runs twice as fast", ratio)

# --- without

native = native_with(None)
is_native(native, "no ROM")
same(vmi_lines(native), [], "no ROM: not a word of VMI")

boot = native_with("good", append="vmi=off")
is_native(boot, "vmi=off")
ok(boot.has(r"VMI: off \(vmi=off\)"), "vmi=off: the log says so", boot)
same(made(boot), {}, "vmi=off: the ROM is not even initialised")


# How the kernel got at the rate of its clocks depends on how busy this host is.
BY_CHANCE = re.compile(
    r"command line|vmi|^(tsc|sched_clock|clocksource|APIC calibration|APIC delta)\b|BogoMIPS|PM-Timer", re.I)


def shape(boot):
    """What the log says, numbers apart, and what VMI says apart: the same for native boots."""
    return {re.sub(r"0x[0-9a-f]+|[0-9a-f]{6,}|\d+", "#", line) for line in log(boot) if not BY_CHANCE.search(line)}


def is_like_native(boot, name):
    ok(len(shape(native)) > 50, f"{name}: there is a log to compare with")
    same(sorted(shape(boot) ^ shape(native)), [], f"{name}: but for that, the log is that of a boot without a ROM")


is_like_native(boot, "vmi=off")

# --- ROMs that are not to be trusted

boot = native_with("bad-sum")
is_native(boot, "bad-sum")
same(vmi_lines(boot), [], "bad-sum: the firmware takes it away")

for variant, options, line in (
        ("bad-sum", ("-fw_cfg", f"name=etc/optionroms-checksum,file={NO_SUM}"), r"VMI: ROM at 0x\w+ refused: bad checksum"),
        ("api-13", (), r"VMI: Found mismatched rom version 13\.0"),
        ("truncated", (), r"VMI: ROM refused: it has \w+ at 0x\w+, outside of the ROM"),
        ("cut", (), r"VMI: ROM at 0x\w+ refused: its PCI header lies outside of it"),
        ("proprietary", (), r"VMI: Non GPL license 'Proprietary'"),
        ("init-fails", (), r"VMI ROM failed to initialize!")):
    boot = native_with(variant, *options)
    name = f"{variant}, seen by the kernel" if options else variant
    is_native(boot, name)
    ok(boot.has(line), f"{name}: refused, and the log says why", boot)
    is_like_native(boot, name)

# --- ROMs that offer less

boot = native_with("nothing")
is_on_vmi(boot, "nothing", {})
time_is_right(boot, "nothing")
same(wired(boot), set(), "nothing: nothing is wired")
ok(boot.has("VMI: not offered:.* IODelay .*GetCycleFrequency"), "nothing: the log says what is not offered", boot)

for name, boot in (("no-time", native_with("no-time")),
                   ("vmi=disable_timer", native_with("good", append="vmi=disable_timer"))):
    is_on_vmi(boot, name, {call: what for call, what in (MMU | OTHERS | ENDS).items() if call != 36})
    time_is_right(boot, name)
    ok("vmi-timer" not in str(boot.values("uses")), f"{name}: the kernel keeps its own clocks", boot.values("uses"))

# --- compat-vdso

for name, boot, there in (("vDSO, default", native, False), ("vDSO, default, on VMI", good, False),
                          ("vdso32=1", native_with(None, append="vdso32=1 hv.probe=vdso"), True),
                          ("vdso=1", boot_with("good", append="vdso=1 hv.probe=vdso"), True)):
    auxv = boot.values("auxv")
    ok(set(auxv) == {"AT_SYSINFO", "AT_SYSINFO_EHDR"} and all((value != "none") == there for value in auxv.values()),
       f"{name}: AT_SYSINFO_EHDR is {'there' if there else 'not there'}", boot)
    same(boot.values("maps").get("vdso"), "yes" if there else "no", f"{name}: [vdso] in the init's maps")

done()
