#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of bounds in SECURITY.md says what the code does, and pkg/limits.h has none that is not in it."""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import tap  # noqa: E402

ROW = re.compile(r"^\| ([^|]+) \| ([0-9,]+)(?: (KiB|MiB|GiB|s|bytes))? \| `(\w+)` \| `([^`]+)` \|$", re.M)
UNITS = {"": 1, "s": 1, "bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def defined(text, name):
    found = re.search(rf"^#define {name}\s+(.*?)\s*(?:/\*.*)?$", text, re.M)
    return found and found[1]


def evaluate(expressions):
    """What the compiler makes of each."""
    with tempfile.TemporaryDirectory() as work:
        lines = "".join(f'printf("%llu\\n", (unsigned long long)({e}));\n' for e in expressions)
        source = pathlib.Path(work, "bounds.c")
        source.write_text("#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <sys/resource.h>\n"
                          f"int main(void)\n{{\n{lines}return 0;\n}}\n")
        subprocess.run(["cc", "-o", f"{work}/bounds", source], check=True)
        out = subprocess.run([f"{work}/bounds"], check=True, capture_output=True, text=True).stdout
        return [int(line) for line in out.split()]


def main():
    rows = ROW.findall((tap.TOP / "SECURITY.md").read_text())
    tap.ok(len(rows) > 40, f"the table has {len(rows)} bounds")
    known, values = [], []
    for what, number, unit, name, file in rows:
        expression = defined((tap.TOP / file).read_text(), name)
        if tap.ok(expression is not None, f"{what}: {file} has {name}"):
            known.append((what, int(number.replace(",", "")) * UNITS[unit]))
            values.append(expression)
    for (what, said), found in zip(known, evaluate(values)):
        tap.same(found, said, f"{what}: is what is said")
    # Sizes of pieces are no bounds on input.
    pieces = {"PKG_PIECE", "PKG_DECODED_PIECE", "PKG_HEAD_CAP", "PKG_AHEADS_MAX", "PKG_THREADS_DEFAULT_MAX"}
    names = set(re.findall(r"^#define (PKG_\w+)\s", (tap.TOP / "pkg/limits.h").read_text(), re.M)) - pieces
    tap.same(sorted(names - {name for _, _, _, name, _ in rows}), [], "all of pkg/limits.h is in it")
    tap.done()


main()
