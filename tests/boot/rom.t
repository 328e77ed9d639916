#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The VMI ROM by itself, without any Linux: vmi-rom/check.c makes every call, and what it says is held against the
ROM's own counters and against the clock out here."""
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import CALLS, INIT, OUT, RELOC, SLOTS, build, qemu, rom  # noqa: E402
from tap import done, note, ok, same  # noqa: E402

build()
CHECK = OUT / "vmi-check.elf"
#        0                             30                            60
KINDS = "CCCCCCCCCCCCCCNCCCCCCCCCCC0CCCCCCJJCCCCCNN00CCCCC000000000000C000CCCCCCC0C"
KINDS_NO_TIME = KINDS[:66] + "000000" + KINDS[72:]


def check(variant, *options, append=""):
    return qemu(CHECK, *options, rom=rom(variant) if variant else None, append=append, limit=40,
                until=None if append else "^end$")


def said(boot, name):
    """The value of the one line "NAME VALUE"."""
    values = [line.partition(" ")[2] for line in boot.text() if line.partition(" ")[0] == name]
    return values[0] if len(values) == 1 else None


def verdicts(boot, name):
    for line in boot.text():
        if line.startswith(("ok ", "not ok ")):
            ok(line.startswith("ok "), f"{name}: {line.partition('ok ')[2]}", boot)


def same_counts(boot, name):
    made = dict(enumerate(map(int, (said(boot, "made") or "").split())))
    same(len(made), SLOTS, f"{name}: the program tells what it did")
    same(boot.counters(), made, f"{name}: the ROM counted each call exactly")
    queries = boot.queries() or {}
    ok(len(queries) == CALLS and all(queries.values()), f"{name}: and each relocation query", queries)


# --- the image as a file

for variant, wants in {
        "good": dict(sum=0, major=3, license=b"GPL"),
        "api-13": dict(sum=0, major=13, license=b"GPL"),
        "bad-sum": dict(sum=1, major=3, license=b"GPL"),
        "truncated": dict(sum=0, major=3, license=b"GPL"),
        "cut": dict(sum=0, major=3, license=None),
        "init-fails": dict(sum=0, major=3, license=b"GPL"),
        "proprietary": dict(sum=0, major=3, license=b"Proprietary"),
        "nothing": dict(sum=0, major=3, license=b"GPL"),
        "no-time": dict(sum=0, major=3, license=b"GPL"),
        "half-hz": dict(sum=0, major=3, license=b"GPL")}.items():
    image = rom(variant).read_bytes()
    licence, pci = struct.unpack_from("<HH", image, 0x16)
    inside = licence < len(image) and pci + 24 <= len(image)
    found = dict(sum=min(1, sum(image) % 256), major=image[13],
                 license=image[licence:image.index(b"\0", licence)] if inside else None)
    same(found, wants, f"{variant}: checksum, API, licence")
    same(image[2] * 512, len(image), f"{variant}: the length byte")
    if inside:
        same(image[pci:pci + 8], b"PCIR" + struct.pack("<HH", 0x15AD, 0x0801), f"{variant}: VMware's PCI function")

# --- the good one, wherever the firmware puts it, on both of QEMU's machines

def second(boot):
    """How long out here what the program took for a second was."""
    times = {text: at for at, text in boot.lines}
    return times.get("waited", 0) - times.get("wait", 0)


for name, options, machine in (("no VGA", (), "pc"), ("VGA and NIC", ("-vga", "std", "-nic", "user"), "pc"),
                               ("q35", (), "q35")):
    boot = qemu(CHECK, *options, rom=rom("good"), append="shutdown", limit=40, machine=machine)
    verdicts(boot, name)
    same(boot.end, "guest-shutdown", f"{name}: Shutdown powers off")
    same((said(boot, "sum"), said(boot, "init")), ("0", "0"), f"{name}: the sum is still right, VMI_Init succeeds")
    same(said(boot, "kinds"), KINDS, f"{name}: the answers to the relocation queries")
    same_counts(boot, name)
    note(f"{name}: at {int(said(boot, 'found') or 0):#x}, {said(boot, 'hz')} Hz")
    ok(0.85 < second(boot) < 1.5, f"{name}: a second by the ROM's frequency is a second out here", second(boot))
    wall = int(said(boot, "wallclock") or 0)
    ok(abs(wall - boot.started) < 15, f"{name}: GetWallclockTime is the time of day", f"{wall}, here {boot.started}")

boot = check("good", append="reboot")
same(boot.end, "guest-reset", "Reboot resets")
same_counts(boot, "reboot")

# --- its variants

boot = check(None)
ok(boot.has("^absent$") and boot.counters() is None, "without a ROM there is none, and no counters", boot)
boot = check("bad-sum")
ok(boot.has("^absent$"), "the firmware leaves a ROM with a bad sum out", boot)
NO_SUM = OUT / "no-checksum.bin"
NO_SUM.write_bytes(bytes(8))
boot = check("bad-sum", "-fw_cfg", f"name=etc/optionroms-checksum,file={NO_SUM}")
ok(said(boot, "found") and said(boot, "sum") not in (None, "0"), "told not to look, it brings it, still bad", boot)
boot = check("api-13")
same(said(boot, "major"), "13", "api-13: the other API")
boot = check("init-fails")
same(said(boot, "init"), "1", "init-fails: VMI_Init says so")
boot = check("nothing")
same(said(boot, "kinds"), "0" * CALLS, "nothing: no call is implemented")
same({k: v for k, v in (boot.counters() or {}).items() if v and k not in (INIT, RELOC)}, {}, "nothing: none was made")
boot = check("no-time")
same(said(boot, "kinds"), KINDS_NO_TIME, "no-time: the rest is there")
verdicts(boot, "no-time")
boot = check("half-hz")
ok(0.35 < second(boot) < 0.8, "half-hz: a second is too short, as is meant", second(boot))

done()
