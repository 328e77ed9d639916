#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What booting a packaged kernel takes, read out of its packages: image, ELF file, drivers with their dependencies."""
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from boot import BUILD, OUT, build, linux  # noqa: E402
from tap import debs, done, ok, same  # noqa: E402

build()
DRIVERS = ["virtio_pci", "virtio-blk", "e1000", "ahci", "sd_mod", "no_such_driver"]


def take(argument, name, *more):
    out = OUT / name
    return out, subprocess.run([BUILD / "tools/boot-files", argument, OUT / "init64", out, *more], text=True,
                               capture_output=True, check=False)


for label in ("6.1-amd64", "newest-amd64"):  # one package; and one split over three
    for form in ((), ("--elf",)):
        name = " ".join((label, *form))
        out, made = take(debs(label), f"files-{label}", *form, *DRIVERS)
        if not ok(made.returncode == 0, f"{name}: is read", made.stderr):
            continue
        members = subprocess.run(["cpio", "-t", "--quiet"], stdin=open(f"{out}.initrd", "rb"), text=True,
                                 capture_output=True, check=True).stdout.split()
        ok({"init", "dev/console", "modules/index", "modules/e1000.ko", "modules/libata.ko"} <= set(members),
           f"{name}: drivers, and what they depend on", members)
        ok(len(members) == len(set(members)), f"{name}: each once", members)
        index = subprocess.run(["cpio", "-i", "--to-stdout", "--quiet", "modules/index"], text=True, check=True,
                               stdin=open(f"{out}.initrd", "rb"), capture_output=True).stdout.splitlines()
        words = [line.split(" ") for line in index]
        names = {w[1] for w in words if w[0] == "m"}
        same({w[0] for w in words}, {"m", "a"}, f"{name}: the index has these lines and no others")
        same({f"modules/{n}.ko" for n in names} - set(members), set(), f"{name}: all that the index names is there")
        same({w[2] for w in words if w[0] == "a"} - names, set(), f"{name}: no alias of another module")
        elf = pathlib.Path(f"{out}.kernel").read_bytes()[:4] == b"\x7fELF"
        same(elf, bool(form), f"{name}: the image as it was asked for")
        boot = linux(f"{out}.kernel", initrd=f"{out}.initrd", arch="x86_64", append="hv.probe=drivers",
                     machine="q35")
        ok(boot.finished(), f"{name}: boots", boot)
        loaded = boot.values("module")
        ok({"libata", "libahci", "ahci"} <= set(loaded), f"{name}: loads the driver of the disk controller", boot)
        same(set(loaded.values()), {"ok"}, f"{name}: in an order that works")
        ok(not {"e1000", "virtio_blk"} & set(loaded), f"{name}: and none whose device is not there", loaded)

config = OUT / "files.config"
config.write_text("CONFIG_X86_64=y\nCONFIG_MODULES=y\n", encoding="ascii")
_, made = take(config, "files-none")
ok(made.returncode == 2 and "no kernel image" in made.stderr, "a kernel without an image cannot be booted, and it is said",
   made.stderr)
done()
