#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gate --repo over the archive's real indexes: the update that libsolv works out is the one that apt does."""
import json
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import tap  # noqa: E402
from archive import KEYRING, apt, make_host, make_repository, prepare, run, to_install  # noqa: E402

EQUAL = []
# What a host has, of which suite, the suite that it is updated from, and whether its apt installs what packages recommend.
SETUPS = [
    ("bookworm", ["linux-image-amd64"], "bookworm", [], True),
    ("bullseye", ["linux-image-amd64"], "bookworm", [], False),
    ("bullseye", ["linux-image-amd64", "git", "nginx"], "bookworm", ["linux-image-amd64"], False),
    ("bullseye", ["linux-image-rt-amd64"], "bookworm", [], False),
    ("bullseye", ["linux-image-amd64", "openssh-server", "rsync"], "bookworm", [], False),
    ("bookworm", ["linux-image-rt-amd64", "rsync"], "trixie", [], True),
    ("bookworm", ["linux-image-amd64"], "trixie", [], False),
    ("bookworm", ["linux-image-cloud-amd64", "curl"], "trixie", [], True),
    ("trixie", ["linux-image-amd64"], "sid", [], True),
    ("trixie", ["linux-image-cloud-amd64", "openssh-server", "vim"], "sid", [], True),
    ("bookworm", ["linux-image-amd64"], "sid", [], False),
    # Where alternatives, Breaks or Recommends leave a choice, the two choose otherwise: the kernels are the same.
    ("bullseye", ["linux-image-cloud-amd64", "openssh-server"], "bookworm", [], False),
    ("bullseye", ["linux-image-amd64"], "bookworm", [], True),
    ("bookworm", ["linux-image-amd64", "openssh-server", "python3", "nginx", "git", "curl"], "trixie", [], True),
    ("bullseye", ["linux-image-amd64"], "trixie", [], False),
]


def one(work, suite, packages, new, held, recommends):
    title = (f"{suite} with {' '.join(packages)}{', on hold,' if held else ''} from {new}"
             f"{', with Recommends' if recommends else ''}")
    root, status = make_host(work, suite, packages, held, recommends)
    code, out, err, apt_seconds, apt_memory = apt(work, new, status, "--with-new-pkgs", "upgrade", recommends=recommends)
    tap.same(code, 0, f"apt: {title}") or print("# " + err.replace("\n", "\n# "))
    theirs = to_install(out)
    # A mirror that lags behind serves indexes past their date, which apt is told to take, too.
    code, out, err, seconds, memory = run(
        [tap.HVCOMPAT, "gate", "--policy", "distro-stable", "--repo", f"{work}/repo {new} main", "--keyring", KEYRING,
         "--installed", str(root), "--no-cache", "--today", "2000-01-01", "--format", "json"])
    if not tap.ok(out, f"hvcompat: {title}", err):
        return
    update, = json.loads(out)["updates"]
    ours = {f"{step['name']} {step['version']}" for step in update["update"]}
    differ = f"only apt:      {sorted(theirs - ours)[:9]}\nonly hvcompat: {sorted(ours - theirs)[:9]}"
    EQUAL.append(ours == theirs)
    tap.note(f"{'the same' if ours == theirs else 'not the same'} {len(theirs)} packages: {title}")
    if ours != theirs:
        tap.note(differ.replace("\n", "\n# "))
    tap.ok(len(ours ^ theirs) <= len(theirs) // 10, f"no more than a tenth of the packages differs: {title}", differ)
    linux = [{p for p in plan if p.startswith("linux-")} for plan in (ours, theirs)]
    tap.same(*linux, f"the same packages of kernels: {title}")
    kernels = {p["name"] for k in update["kernels"] for p in k["packages"]}
    expected = {s.split()[0] for s in theirs if re.match(r"linux-(image|modules|binary|base)-\d", s)}
    tap.same(kernels, expected, "the kernels of that update were judged, or could not be")
    if held:
        tap.ok(any(k["held"] for k in update["kept"]), "what is on hold is told")
    else:
        tap.ok(not update["problems"], "no problem")
    print(f"# apt {apt_seconds:.2f} s {apt_memory} MB, hvcompat {seconds:.2f} s {memory} MB")


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        prepare(work)
        for suite in {setup[2] for setup in SETUPS}:
            make_repository(work / "repo", suite)
        for setup in SETUPS:
            one(work, *setup)
    tap.ok(sum(EQUAL) >= 8, f"the same set in {sum(EQUAL)} of {len(EQUAL)} setups", EQUAL)
    tap.done()


main()
