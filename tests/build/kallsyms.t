#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""kallsyms, as we find it in the image of a kernel that was built here, against nm of the unstripped vmlinux that it was made of:
each symbol, its address and its type. $KALLSYMS_OF names the kernels (of make-kernel), or directories of built trees."""
import collections
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import BUILD, TOP, done, note, ok, same  # noqa: E402

BATCH = 4000  # names of one call
# What scripts/mksysmap and scripts/kallsyms.c leave out by its name; and, by its type, what is no place in memory.
LEFT_OUT = re.compile(r"^(\$|\.L|L0$|__crc_|__kstrtab_|__kstrtabns_|kallsyms_(addresses|offsets|relative_base|num_syms|names|markers|"
                      r"token_table|token_index|seqs_of_names)$)")


def lines(*args):
    return subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def built(name):
    if "/" in name:
        return pathlib.Path(name)
    return pathlib.Path(lines(TOP / "tests/build/make-kernel", name)[-1]) / "tree"


def of_nm(vmlinux):
    """name: {(address, type)}; a name stands for those with a suffix of the compiler's, too."""
    found = collections.defaultdict(set)
    for line in lines("nm", vmlinux):
        address, kind, name = line.split(" ", 2) if line[0] != " " else ("", "U", "")
        if address:
            found[name].add((int(address, 16), kind))
    for name in [n for n in found if "." in n[1:]]:
        for at in (m.start() for m in re.finditer(r"\.", name) if m.start() > 0):
            if name[:at] in found:
                found[name[:at]] |= found[name]
    return found


def ours(image, names):
    """The count that is told, and name: (address, type), or None."""
    found, count = {}, None
    for at in range(0, len(names), BATCH):
        head, *rest = lines(BUILD / "tools/symbols", image, *names[at:at + BATCH])
        count = int(head.split()[1])
        for line in rest:
            name, _, value = line.partition(" ")
            found[name] = None if value == "-" else (int(value.split()[0], 16), value.split()[1])
    return count, found


def number_at(vmlinux, address):
    """Four bytes of the program, as objdump shows them."""
    dump = lines("objdump", "-s", f"--start-address={address:#x}", f"--stop-address={address + 4:#x}", vmlinux)
    return int.from_bytes(bytes.fromhex(dump[-1].split()[1]), "little")


def compare(name):
    tree = built(name)
    vmlinux = tree / "vmlinux"
    theirs = of_nm(vmlinux)
    count, found = ours(tree / "arch/x86/boot/bzImage", sorted(theirs))
    same(count, number_at(vmlinux, next(iter(theirs["kallsyms_num_syms"]))[0]), f"{name}: as many symbols as the kernel says it has")
    there = {n: v for n, v in found.items() if v}
    wrong = [(n, v, theirs[n]) for n, v in there.items() if v not in theirs[n]]
    ok(len(there) > 10000 and not wrong, f"{name}: {len(there)} of {len(theirs)} names, each with an address and type that nm tells", wrong[:5])
    missing = sorted(n for n, v in found.items() if not v and not LEFT_OUT.search(n) and
                     any(kind not in "aAUw" for _, kind in theirs[n]))
    same(missing[:10], [], f"{name}: none is missing but those that kallsyms leaves out")
    note(f"{name}: {sum(1 for v in found.values() if not v)} names of nm are not in kallsyms")
    invented = [n + "_" for n in sorted(theirs)[::20] if n + "_" not in theirs]
    _, none = ours(tree / "arch/x86/boot/bzImage", invented)
    same([n for n, v in none.items() if v], [], f"{name}: none of {len(invented)} names that nm does not know")


for one in os.environ.get("KALLSYMS_OF", "i386 amd64").split():
    compare(one)
done()
