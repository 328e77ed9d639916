#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Removed, shortened, zeroed, renamed, moved or contradicted evidence never reads as support: for every requirement that a
real kernel meets, its facts without that evidence; and, for each kind of mutation, a package that was really changed so.
"""
import collections
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from elf import Elf  # noqa: E402
from tap import BUILD, LABELS, TOP, debs, done, hvcompat, note, ok, rpms, same  # noqa: E402

COUNTS = ("mutations", "fell", "stood", "opened", "doubted", "gates", "failures")


def mutation(*args):
    return subprocess.run([BUILD / "tools/mutation", args[0], TOP / "policies", *args[1:]], capture_output=True, text=True,
                          check=False)


# --- the facts: every requirement, every mutation -------------------------------------------------------------------

def table(title, rows, cells):
    """Mutations of each class of evidence, or of each kernel, by kind."""
    kinds = sorted({kind for _, kind in cells}, key=lambda k: -sum(c["mutations"] for (_, x), c in cells.items() if x == k))
    note(f"{title:34} " + " ".join(f"{k:>12}" for k in kinds) + f" {'all':>7} {'false':>6}")
    for row in [*rows, "all"]:
        mine = [[c for (r, k), c in cells.items() if k == kind and row in (r, "all")] for kind in kinds]
        counts = [sum(c["mutations"] for c in of) for of in mine]
        false = sum(c["failures"] for of in mine for c in of)
        note(f"{row[:34]:34} " + " ".join(f"{n or '':>12}" for n in counts) + f" {sum(counts):>7} {false:>6}")


def matrix(kernels):
    by_class, by_kernel = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    total = collections.Counter()
    for name, argument in kernels.items():
        child = mutation("count", argument)
        ok(child.returncode == 0, f"{name}: no verdict and no decision stands on nothing", child.stdout + child.stderr)
        for line in child.stdout.splitlines():
            if not line.startswith("cell "):
                continue
            *_, kind, group = line.split()[:-len(COUNTS)]
            counts = dict(zip(COUNTS, map(int, line.split()[-len(COUNTS):])))
            by_class[group, kind].update(counts)
            by_kernel[name, kind].update(counts)
            total.update(counts)
    table("evidence", sorted({g for g, _ in by_class}), by_class)
    table("kernel", kernels, by_kernel)
    note("of {fell} + {stood} requirements that were judged again, {fell} fell, {stood} stood by other evidence ({doubted} of "
         "them contradicted, and not allowed), {opened} degraded ways opened; {gates} decisions; {failures} false".format(**total))
    ok(total["mutations"] >= 5000 and not total["failures"], f"{total['mutations']} mutations of {len(kernels)} kernels, none false")


# --- the files: one package for each kind of mutation --------------------------------------------------------------

def unpack(deb, into):
    subprocess.run(["dpkg-deb", "-R", deb, into], check=True)
    return into


def pack(root, out):
    """A package of the tree, with an md5sums that is true."""
    sums = ""
    for path in sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink() and "DEBIAN" not in p.parts[len(root.parts):]):
        sums += f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n"
    (root / "DEBIAN/md5sums").unlink(missing_ok=True)
    (root / "DEBIAN/md5sums").write_text(sums)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", root, out], check=True, stdout=subprocess.DEVNULL)
    return out


def meta(out, name, *needs):
    root = out.parent / f"{name}-tree"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text(f"Package: {name}\nVersion: 1\nArchitecture: amd64\nMaintainer: Nobody <n@example.org>\n"
                                         f"Description: test\nDepends: {', '.join(needs)}\n")
    return pack(root, out)


def find(root, name):
    return next(p for p in root.rglob(name) if p.is_file())


def edit_elf(name, change):
    def edit(root):
        elf = Elf(find(root, name))
        change(elf)
        elf.save()
    return edit


def edit_text(pattern, old, new):
    def edit(root):
        path = find(root, pattern)
        text = path.read_text()
        assert old in text, (path, old)
        path.unlink()                # it is a link to the intact file
        path.write_text(text.replace(old, new, 1))
    return edit


def versions(change):
    """Rewrites the list of versions that hv_vmbus holds."""
    def edit(elf):
        _, _, at, size = elf.symbol("vmbus_versions")
        values = list(struct.unpack_from(f"<{size // 4}I", elf.data, at))
        struct.pack_into(f"<{size // 4}I", elf.data, at, *(change(values) + [0] * len(values))[:len(values)])
    return edit


def rename_symbol(name):
    def edit(elf):
        elf.data[elf.symbol(name)[0]] ^= 0x20
    return edit


def note_at(elf, kind):
    """Where the note of Xen of that number begins."""
    at = elf.data.index(struct.pack("<II", 4, 8) + struct.pack("<I", kind) + b"Xen\0")
    return at


def retype_note(kind):
    def edit(elf):
        struct.pack_into("<I", elf.data, note_at(elf, kind) + 8, 99)
    return edit


def zero_note(kind):
    def edit(elf):
        struct.pack_into("<Q", elf.data, note_at(elf, kind) + 16, 0)
    return edit


def swap(old, new):
    return lambda elf: elf.replace(old, new)


def remove(name):
    return lambda root: find(root, name).unlink()


def rename(name, new):
    def edit(root):
        path = find(root, name)
        path.rename(path.with_name(new))
    return edit


def both(*edits):
    return lambda root: [edit(root) for edit in edits]


# what is changed in the files, and what that makes of the facts
DEB = {
    "a module is removed": (remove("hv_vmbus.ko"), ["renamed|hv_vmbus"]),
    "a module is renamed": (rename("virtio_net.ko", "virtio_met.ko"), ["renamed|virtio_net"]),
    "a module is removed, and its line of the config": (
        both(remove("xen-blkfront.ko"), edit_text("config-*", "CONFIG_XEN_BLKDEV_FRONTEND=m\n", "")), ["removed|xen-blkfront"]),
    "the config denies a module": (edit_text("config-*", "CONFIG_HYPERV=m", "# CONFIG_HYPERV is not set"), ["unset|HYPERV"]),
    "the config loses the line of a module": (edit_text("config-*", "CONFIG_HYPERV=m\n", ""), ["dropped|HYPERV"]),
    "the config denies what the image has": (edit_text("config-*", "CONFIG_XEN_PV=y", "# CONFIG_XEN_PV is not set"), ["unset|XEN_PV"]),
    "the config loses the line of what is built in": (edit_text("config-*", "CONFIG_BLK_DEV_NVME=y\n", ""), ["dropped|BLK_DEV_NVME"]),
    "a list of versions is cut at its end": (edit_elf("hv_vmbus.ko", versions(lambda v: v[:3])), ["table|vmbus_versions|hv_vmbus|0|3"]),
    "a list of versions is cut at its front": (edit_elf("hv_vmbus.ko", versions(lambda v: v[5:])), ["table|vmbus_versions|hv_vmbus|5|3"]),
    "a list of versions is zeroed": (edit_elf("hv_vmbus.ko", versions(lambda v: [])), ["table|vmbus_versions|hv_vmbus|0|0"]),
    "the symbol of a list is renamed": (edit_elf("hv_vmbus.ko", rename_symbol("vmbus_versions")), ["unknown|table|vmbus_versions|hv_vmbus"]),
    "the symbol of a function is renamed": (edit_elf("virtio_pci.ko", rename_symbol("virtio_pci_legacy_probe")),
                                            ["absent|symbol|virtio_pci_legacy_probe|virtio_pci"]),
    "a string is cut": (edit_elf("hv_vmbus.ko", swap(b"Invalid VMBus version", b"Invalid VMBus versio\0")),
                        ["absent|string|Invalid VMBus version|hv_vmbus"]),
    "an alias is changed": (edit_elf("hv_balloon.ko", swap(b"vmbus:dc7450528589", b"vmbus:dc7450528580")),
                            ["absent|alias|vmbus:dc7450528589e2468057a307dc18a502|hv_balloon"]),
    "a key of .modinfo is renamed": (edit_elf("vmw_pvscsi.ko", swap(b"\0version=", b"\0Version=")), ["absent|modinfo|version|vmw_pvscsi"]),
}
IMAGE = {
    "a note has another number": (retype_note(18), ["absent|note|Xen/18"]),
    "a note is zeroed": (zero_note(1), ["unknown|note|Xen/1"]),
    "a string of the image is cut": (swap(b"Microsoft Hv\0", b"Microsoft H\0\0"), ["absent|string|Microsoft Hv"]),
    "a symbol of the vDSO is renamed": (swap(b"__vdso_sgx_enter_enclave\0", b"__vdso_sgx_enter_enclavf\0"),
                                        ["absent|vdso|__vdso_sgx_enter_enclave"]),
}


def variant(top, intact, change):
    """A package of a tree that shares its files with the intact one, but for those which `change` replaces."""
    root = top / "changed"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-al", intact, root], check=True)
    change(root)
    return pack(root, top / "changed.deb")


def same_facts(name, kernel, changed, edits):
    child = mutation("same", kernel, changed, *edits)
    ok(child.returncode == 0, f"the same facts: {name}", child.stdout + child.stderr)


def whole_package(top):
    intact = unpack(debs("6.1-cloud-amd64"), top / "intact")
    kernel = pack(intact, top / "intact.deb")
    for name, (change, edits) in DEB.items():
        same_facts(name, kernel, variant(top, intact, change), edits)
    return intact, kernel


def unpacked_image(top, intact):
    """The same package with the image as ELF, in which single bytes can be changed."""
    image = find(intact, "vmlinuz-*")
    data = image.read_bytes()
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1f1] + 1) * 512 + offset
    elf = subprocess.run(["lz4", "-dc"], input=data[start:start + length - 4], capture_output=True, check=True).stdout
    image.unlink()
    image.write_bytes(elf)
    kernel = pack(intact, top / "elf.deb")
    for name, (change, edits) in IMAGE.items():
        same_facts(name, kernel, variant(top, intact, edit_elf("vmlinuz-*", change)), edits)


def lists_of_builtins(top, intact):
    """Without a config, modules.builtin says what is built in."""
    find(intact, "config-*").unlink()
    kernel = pack(intact, top / "lists.deb")
    same_facts("a line of modules.builtin is gone", kernel,
               variant(top, intact, edit_text("modules.builtin", "kernel/drivers/nvme/host/nvme.ko\n", "")),
               ["absent|driver|nvme", "absent|alias|pci:v*d*sv*sd*bc01sc08i02*|nvme"])


def split_packages(top):
    """A module that moves to a package which nothing pulls in: .deb, and .rpm as Fedora cuts it."""
    parts = {p.split("/")[-1].split("_")[0]: p for p in debs("newest-cloud-amd64").split(",")}
    modules = next(n for n in parts if n.startswith("linux-modules"))
    whole = meta(top / "meta.deb", "linux-image-cloud-amd64", *parts)
    intact = unpack(parts[modules], top / "modules")
    extra = top / "extra"
    shutil.copytree(intact / "DEBIAN", extra / "DEBIAN")
    control = (extra / "DEBIAN/control").read_text()
    (extra / "DEBIAN/control").write_text(control.replace(f"Package: {modules}", f"Package: {modules}-extra"))
    module = find(intact, "hv_netvsc.ko*")
    (extra / module.parent.relative_to(intact)).mkdir(parents=True)
    module.rename(extra / module.relative_to(intact))
    rest = [p for n, p in parts.items() if n != modules]
    kernel = ",".join(map(str, [whole, *rest, parts[modules]]))
    moved = ",".join(map(str, [whole, *rest, pack(intact, top / "rest.deb"), pack(extra, top / "extra.deb")]))
    same_facts("a module moves to a .deb that nothing pulls in", kernel, moved, ["moved|hv_netvsc"])
    folder = rpms("6.12-amd64", "zstd")
    kernel = ",".join(str(folder / f"{n}.rpm") for n in ("kernel-core", "kernel-modules-core", "kernel-modules", "kernel-modules-extra"))
    same_facts("a module is in an .rpm that nothing pulls in", kernel, f"{folder / 'kernel.rpm'},{kernel}", ["moved|pcnet32"])


def empty_modules(top, intact):
    """A driver that only has to be there: as a file without contents it is not; in full, --verify tells."""
    def fill(contents):
        def edit(root):
            path = find(root, "BusLogic.ko")
            path.unlink()
            path.write_bytes(contents)
        return edit

    for name, contents, words in (("empty", b"", ["query", "--deep"]), ("zeroed", bytes(4096), ["query", "--verify"]),
                                  ("not an ELF file", b"hello\n" * 99, ["query", "--verify"])):
        status, _, err = hvcompat(*words, variant(top, intact, fill(contents)))
        same((status, "BusLogic.ko" in err), (2, True), f"a module that is {name} is refused by {' '.join(words)}")


if __name__ == "__main__":
    configs = {}
    with tempfile.TemporaryDirectory() as scratch:
        top = pathlib.Path(scratch)
        for label in ("6.1-amd64", "6.12-arm64", "6.1-686-pae"):
            config = top / f"config-{label}"
            with config.open("wb") as out:
                subprocess.run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards "./boot/config-*"', "-", debs(label)],
                               stdout=out, check=True)
            configs[f"config of {label} alone"] = str(config)
        folder = rpms("6.12-amd64", "zstd")
        matrix({**{label: debs(label) for label in LABELS},
                "6.12-amd64, as split .rpm": ",".join(map(str, sorted(folder.glob("*.rpm")))), **configs})
        tree, _ = whole_package(top)
        empty_modules(top, tree)
        unpacked_image(top, tree)
        lists_of_builtins(top, tree)
        split_packages(top)
    done()
