#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses out of kallsyms, in four layouts and three encodings, 32 and 64 bit.

The values were read from these very images by three other programs (exports in __ksymtab, an independent finder, a
System.map), so they hold for exactly these package versions; an archive that moved on has other images, which are
then only checked for sense.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import BUILD, debs, done, note, ok, same  # noqa: E402

VERSIONS = {"5.10-686-pae": "5.10.223-1", "5.10-amd64": "5.10.223-1", "6.1-686-pae": "6.1.176-1", "6.1-amd64": "6.1.176-1",
            "6.1-cloud-amd64": "6.1.176-1", "newest-amd64": "7.2.13-1", "6.12-amd64": "6.12.107-1"}
COUNTS = {"5.10-686-pae": 41760, "5.10-amd64": 104888, "6.1-686-pae": 45515, "6.1-amd64": 94101, "6.1-cloud-amd64": 87182,
          "6.12-amd64": 166692, "newest-amd64": 199097}
# label order: as in COUNTS; amd64 without the leading ffffffff
ADDRESSES = """
_text                c1000000 81000000 c1000000 81000000 81000000 81000000 81000000
_etext               c1833580 81c01f42 c1933f00 81e01d32 81e01ef2 82000000 822ca8e0
xen_start_kernel     - 82c5022b - 83081523 83056028 833604f0 839ca6e0
xen_prepare_pvh      c1bf0b2f 82c52d0e c1dab90a 83083c9f 8305808f 833634c0 839cdd60
xen_hvm_guest_init   c1bf03ff 82c4e27f c1dab38b 8307f64e 83054329 8335dfb0 839c7fd0
hypercall_page       c1001000 81002000 - - - - -
x86_hyper_kvm        - 82e2d4c0 - 8327c060 83222620 8359cbc0 83c3a8a0
kvm_guest_init       c1c02629 82c66351 c1dbe2d3 830990c1 8306b753 8337e480 839eb310
ms_hyperv_platform   c1bfb082 82c5e507 c1db6664 83090ae0 8306428f 83374a10 839e0730
tdx_early_init       - - - - - 83356780 839bde60
vmbus_versions       - - - - - - 825672e0
linux_banner         - 81e00200 - 821613e0 8211fa00 821942e0 825d0e60
_end                 - 8402c000 - 84430000 83830000 83c30000 84230000
"""
TABLE = {words[0]: dict(zip(COUNTS, words[1:])) for words in map(str.split, ADDRESSES.strip().splitlines())}


def image_of(packages, scratch):
    """The kernel image among a label's packages, as a file."""
    out = os.path.join(scratch, "vmlinuz")
    for deb in packages.split(","):
        subprocess.run(f"dpkg-deb --fsys-tarfile {shlex.quote(deb)} | tar -xO --wildcards './boot/vmlinuz-*' "
                       f"'*/vmlinuz.unsigned' > {out} 2>/dev/null", shell=True, check=False)
        if os.path.getsize(out):
            return out
    raise SystemExit(f"Bail out! no image in {packages}")


with tempfile.TemporaryDirectory() as scratch:
    for label in COUNTS:
        packages = debs(label)
        child = subprocess.run([BUILD / "tools/symbols", image_of(packages, scratch), *TABLE], capture_output=True, text=True,
                               check=False)
        if not ok(child.returncode == 0, f"{label}: kallsyms is found", child.stderr):
            continue
        lines = dict(line.split(" ", 1) for line in child.stdout.splitlines())
        version = re.search(r"_([^_]+)_[^_]+\.deb", packages).group(1)
        if version != VERSIONS[label]:
            note(f"{label}: {version} is another image than the expected values are of")
            ok(int(lines["kallsyms"]) > 30000 and lines["_text"].split()[0].endswith("1000000"), f"{label}: makes sense", lines)
            continue
        same(int(lines["kallsyms"]), COUNTS[label], f"{label}: number of symbols")
        found = {name: lines[name].split()[0].removeprefix("ffffffff") for name in TABLE}
        same(found, {name: row[label] for name, row in TABLE.items()}, f"{label}: addresses")
done()
