#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is inside Debian's kernels, read by the tool out of the packages.

The expected values come from the kernel sources and from independent readings of the same packages; they hold for a
whole series. `newest` may move on: its lists may grow at the new end, and must keep their old end.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import LABELS, debs, fact, facts, note, ok, same, done  # noqa: E402

SERIES = {label: label.split("-")[0] for label in LABELS}
X86 = [label for label in LABELS if "arm64" not in label]
AMD64 = [label for label in X86 if "686" not in label]


def values(label, name, **more):
    found = fact(debs(label), "table", name, **more)
    return None if found is None or found["state"] != "present" else found["versions"]


def numbers(text):
    return text.split()


def table(label, name, expected, newest=None, **more):
    """Exactly the expected list; for `newest`, one that ends (or, given `newest`, starts) with it."""
    found = values(label, name, **more)
    title = f"{label}: {name} {' '.join(more.values())}".rstrip()
    if SERIES[label] == "newest" and found is not None:
        kept = found[:len(expected)] if newest == "head" else found[-len(expected):]
        return same(kept, expected, f"{title} keeps its old end")
    return same(found, expected, title)


# C.1 the versions of VMBus, in a module up to 6.12, in the kernel image since
VMBUS = {
    "5.10": numbers("5.2 5.1 5.0 4.1 4.0 3.0 2.4 1.1 0.13"),
    "6.1": numbers("5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4"),
    "6.12": numbers("5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4"),
    "newest": numbers("6.0 5.3 5.2 5.1 5.0 4.1 4.0 3.0 2.4"),
}
for label in LABELS:
    if label == "5.10-arm64":
        found = fact(debs(label), "table", "vmbus_versions")
        same(found and found["state"], "absent", f"{label}: no VMBus at all")
        continue
    table(label, "vmbus_versions", VMBUS[SERIES[label]])

# C.2 storvsc: two layouts of one fact
for label in X86:
    if SERIES[label] == "5.10":
        table(label, "vmstor_protocols", numbers("6.2 6.0 5.1 4.2 2.0"))
    else:
        table(label, "protocol_version", numbers("6.2 6.0 5.1"))

# C.3 the other protocols of Hyper-V
for label in X86:
    table(label, "ver_list", numbers("0.2 3.2 4.0 5.0 6.0 6.1"), newest="head")
    table(label, "sd_versions", numbers("3.2 3.1 3.0 1.0"))
    table(label, "ts_versions", numbers("4.0 3.0 1.0"))
    table(label, "hb_versions", numbers("3.0 1.0"))
    table(label, "kvp_versions", numbers("4.0 3.0 1.0"))
    table(label, "vss_versions", numbers("5.0"))
    found = fact(debs(label), "table", "fcopy_versions")
    if SERIES[label] in ("5.10", "6.1"):
        table(label, "fcopy_versions", ["1.1"])
    else:
        ok(found and found["state"] != "present", f"{label}: no file copy in the kernel", found)
VPCI = {"5.10": numbers("1.3 1.2 1.1"), "6.1": numbers("1.4 1.3 1.2 1.1"), "6.12": numbers("1.4 1.3 1.2 1.1")}
for label in AMD64:
    if SERIES[label] in VPCI:
        table(label, "pci_protocol_versions", VPCI[SERIES[label]])

# C.4 versions that drivers state of themselves
VMXNET3 = {"5.10": "1.5.0.0-k", "6.1": "1.7.0.0-k", "6.12": "1.9.0.0-k", "newest": "1.9.0.0-k"}
for label in X86:
    if "cloud" in label:
        continue
    found = fact(debs(label), "modinfo", "version", of="vmxnet3")
    same(found and found["text"], VMXNET3[SERIES[label]], f"{label}: vmxnet3's own version")
    found = fact(debs(label), "modinfo", "version", of="vmw_pvscsi")
    same(found and found["text"], "1.0.7.0-k", f"{label}: vmw_pvscsi's own version")

# C.5 classes of devices that an isolated guest may use
ISOLATED = {"5.10": [], "6.1": numbers("1 3 10 11 12"), "6.12": numbers("1 3 5 10 11 12")}
for label in AMD64:
    if SERIES[label] not in ISOLATED:
        continue
    hits = [f for f in facts(debs(label)) if f["kind"] == "table" and f["name"] == "vmbus_devs" and f["state"] == "present"]
    lists = [f["versions"] for f in hits]
    ok(any(len(v) == 17 for v in lists), f"{label}: 17 classes of VMBus devices", lists)
    ok(ISOLATED[SERIES[label]] in lists, f"{label}: allowed in isolated guests: {ISOLATED[SERIES[label]]}", lists)


# C.6 ELF notes of Xen
def xen_note(label, number):
    found = fact(debs(label), "note", "Xen", place=f"note Xen/{number}")
    return None if found is None or found["state"] != "present" else found["text"]


for label in X86:
    pv = "686" not in label
    same(xen_note(label, 1) is not None, pv, f"{label}: note ENTRY {'there' if pv else 'not there'}")
    ok(xen_note(label, 18) is not None, f"{label}: note PHYS32_ENTRY")
    same(xen_note(label, 2) is not None, SERIES[label] == "5.10", f"{label}: note HYPERCALL_PAGE in 5.10 only")
    # bit 11 is dom0; up to 6.1 it is set whether the kernel can be one or not
    supported = "0x8001" if label in ("6.12-cloud-amd64", "newest-cloud-amd64") else "0x8801"
    same(xen_note(label, 17), supported, f"{label}: SUPPORTED_FEATURES")
    features = "!writable_page_tables|pae_pgdir_above_4gb" if SERIES[label] in ("5.10", "6.1") else "!writable_page_tables"
    same(xen_note(label, 10), features, f"{label}: FEATURES")
    same(xen_note(label, 19) is not None, SERIES[label] in ("6.12", "newest"), f"{label}: PHYS32_RELOC since 6.12")

# C.7 feature bits of the virtio drivers; the new end of these lists is the last
BLK = numbers("2 1 4 5 6 9 10 11 12 13 14")
NET = numbers("0 1 5 11 14 12 13 7 8 9 10 15 16 17 18 19 21 22 23 3 2 63 62")
for label in AMD64:
    series = SERIES[label]
    table(label, "features", BLK + {"5.10": [], "6.1": ["16"]}.get(series, ["16", "17"]), newest="head", of="virtio_blk")
    table(label, "features_legacy", BLK + ([] if series == "5.10" else ["16"]), newest="head", of="virtio_blk")
    if series == "5.10":
        table(label, "features", NET, of="virtio_net")
        table(label, "features_legacy", NET + ["6", "27"], of="virtio_net")
    elif series == "6.1":
        table(label, "features", NET + numbers("60 57 53"), of="virtio_net")
    table(label, "features", numbers("1 2 3"), newest="head", of="virtio_scsi")
    table(label, "features", numbers("0 1 2 3 4 5"), newest="head", of="virtio_balloon")


# C.8 strings and symbols that stand for a behaviour
def there(label, kind, name, expected, depth="--deep", **more):
    found = fact(debs(label), kind, name, depth, **more)
    same(found and found["state"], "present" if expected else "absent", f"{label}: {kind} {name}")


for label in X86:
    old, pv = SERIES[label] == "5.10", "686" not in label
    there(label, "string", "XENFEAT_gnttab_map_avail_bits", not old)
    there(label, "string", "XENFEAT_mmu_pt_update_preserve_ad", not old)
    there(label, "string", "x86/hyperv: VP_INDEX MSR not available.", not old)
    if pv:
        there(label, "symbol", "ghcb_version", not old)
        there(label, "symbol", "tdx_early_init", SERIES[label] in ("6.12", "newest"))
        there(label, "symbol", "xen_init_vga", "cloud" not in label)

# How the image is packed
PAYLOAD = {"5.10": "xz", "6.1": "xz", "6.12": "zstd", "newest": "zstd", "5.10-cloud": "lz4", "6.1-cloud": "lz4"}
for label in X86:
    codec = PAYLOAD.get("-".join(label.split("-")[:2]), PAYLOAD[SERIES[label]])
    there(label, "payload", codec, True)

# C.9 options that matter to guests: the tool's reading of each config, option by option
OPTIONS = {
    "KVM_GUEST": {label: True for label in X86},
    "XEN_PV": {label: "686" not in label for label in X86},
    "XEN_DOM0": {label: "686" not in label and "cloud" not in label for label in X86},
    "INTEL_TDX_GUEST": {label: SERIES[label] in ("6.12", "newest") for label in X86},
    "HYPERV_VTL_MODE": {label: False for label in X86},
    "JAILHOUSE_GUEST": {label: False for label in X86},
    "ACRN_GUEST": {label: False for label in X86},
    "VIRTIO_PCI_LEGACY": {label: True for label in X86},
}
for option, expected in OPTIONS.items():
    for label, value in expected.items():
        found = fact(debs(label), "config", option, value=None) or fact(debs(label), "config", option)
        if found is None:
            ok(False, f"{label}: CONFIG_{option} is asked for by some interface")
            continue
        same(found["state"] == "present", value, f"{label}: CONFIG_{option}")

# The vDSO images: what each series added to them, and nothing was ever taken away
VDSO = {
    64: ("LINUX_2.6", "clock_gettime gettimeofday time getcpu clock_getres __vdso_clock_gettime __vdso_gettimeofday "
         "__vdso_time __vdso_getcpu __vdso_clock_getres"),
    3264: ("LINUX_2.6", "__vdso_clock_gettime __vdso_gettimeofday __vdso_time __vdso_getcpu __vdso_clock_getres"),
    32: ("LINUX_2.6", "__vdso_gettimeofday __vdso_time __vdso_clock_gettime __vdso_clock_gettime64 __vdso_clock_getres"),
}
LATER = [(64, "6.1", "__vdso_sgx_enter_enclave"), (64, "6.12", "getrandom"), (64, "6.12", "__vdso_getrandom"),
         (32, "6.12", "__vdso_getcpu"), (32, "newest", "__vdso_clock_getres_time64")]
ORDER = ["5.10", "6.1", "6.12", "newest"]


def exported(label, bits, name, version=None):
    place = f"vDSO{bits} {name}" + (f"@{version}" if version else "")
    found = fact(debs(label), "vdso", name, place=place)
    return found and found["state"] == "present"


for label in AMD64:
    for bits, (version, names) in VDSO.items():
        if bits == 3264 and "cloud" in label:
            found = [f["state"] for f in facts(debs(label)) if f["kind"] == "vdso" and f["place"].startswith("vDSO3264 ")]
            same(set(found), {"absent"}, f"{label}: no x32 vDSO, as its config says")
            continue
        missing = [n for n in names.split() if not exported(label, bits, n, version)]
        same(missing, [], f"{label}: the {bits}-bit vDSO exports what it always did")
    same([n for n in ("__kernel_vsyscall", "__kernel_sigreturn", "__kernel_rt_sigreturn")
          if not exported(label, 32, n, "LINUX_2.5")], [], f"{label}: LINUX_2.5 of the 32-bit vDSO")
    for bits, since, name in LATER:
        hits = [f for f in facts(debs(label)) if f["kind"] == "vdso" and f["name"] == name
                and f["place"].startswith(f"vDSO{bits} ")]
        if not hits:
            ok(False, f"{label}: {name} is asked for")
            continue
        same(hits[0]["state"] == "present", ORDER.index(SERIES[label]) >= ORDER.index(since),
             f"{label}: {name} in the {bits}-bit vDSO since {since}")

note("every value above was read out of the packages, not out of unpacked files")
done()
