# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the real-kernel tests: fetching, running hvcompat, and TAP."""
import functools
import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
HVCOMPAT = os.environ.get("HVCOMPAT", str(TOP / "build/hvcompat"))
BUILD = pathlib.Path(os.environ.get("BUILD", TOP / "build"))
KERNELS = pathlib.Path(os.environ.get("KERNELS", pathlib.Path.home() / ".cache/hvcompat/kernels"))
RPMS = KERNELS.parent / "rpms"
HYPERVISORS = KERNELS.parent / "hypervisors"

LABELS = [f"{series}-{flavour}" for series in ("5.10", "6.1", "6.12", "newest")
          for flavour in ("amd64", "cloud-amd64", "arm64")] + ["5.10-686-pae", "6.1-686-pae"]

_count = 0
_failed = 0


def ok(condition, name, detail=""):
    global _count, _failed
    _count += 1
    _failed += not condition
    print(f"{'ok' if condition else 'not ok'} {_count} - {name}", flush=True)
    if not condition and detail:
        print("".join(f"#   {line}\n" for line in str(detail).splitlines()), end="", flush=True)
    return condition


def same(found, expected, name):
    return ok(found == expected, name, f"expected {expected!r}\nfound    {found!r}")


def skip(name, why):
    """A test that cannot run here, told to who counts."""
    global _count
    _count += 1
    print(f"ok {_count} # SKIP {name}: {why}", flush=True)


def note(text):
    print(f"# {text}", flush=True)


def done():
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed or not _count else 0)


def fetch(*labels):
    subprocess.run([TOP / "tools/fetch-kernels", KERNELS, *labels], check=True)


def debs(label):
    """The KERNEL argument for a label: its packages, separated by commas."""
    fetch(label)
    return ",".join(str(p) for p in sorted((KERNELS / label).glob("*.deb")))


def hypervisor(label):
    """The directory of its packages, for `prove --with`."""
    subprocess.run([TOP / "tools/fetch-hypervisors", HYPERVISORS, label], check=True)
    return HYPERVISORS / label


def rpms(label, codec):
    out = RPMS / f"{label}-{codec}"
    subprocess.run([TOP / "tests/real/make-rpms", debs(label), out, codec], check=True)
    return out


def hvcompat(*args, env=None):
    """Exit status, standard output, standard error."""
    child = subprocess.run([HVCOMPAT, *map(str, args)], capture_output=True, text=True, env=env, check=False)
    return child.returncode, child.stdout, child.stderr


def document(*args):
    """Exit status and the JSON document of a verb."""
    status, out, err = hvcompat(*args, "--format", "json", "--no-digest")
    if not out:
        raise SystemExit(f"Bail out! hvcompat {' '.join(map(str, args))}: exit {status}, no document: {err}")
    return status, json.loads(out)


@functools.lru_cache(maxsize=None)
def facts(argument, depth="--deep"):
    """Every fact of one kernel, as the list in its document."""
    _, doc = document("query", depth, "--facts", argument)
    return doc["kernels"][0]["facts"]


def fact(argument, kind, name, depth="--deep", **more):
    """The one fact of that kind, name and qualifiers; None when nothing asked for it."""
    hits = [f for f in facts(argument, depth) if f["kind"] == kind and f["name"] == name
            and all(f.get(k) == v for k, v in more.items())]
    return hits[0] if hits else None
