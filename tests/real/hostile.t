#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged packages, images and modules, a thousand seeded mutations in all: facts, or one clear error; never better."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import BUILD, TOP, debs, done, note, ok, rpms  # noqa: E402


def member(deb, pattern, out):
    subprocess.run(f"dpkg-deb --fsys-tarfile {shlex.quote(deb)} | tar -xO --wildcards {shlex.quote(pattern)} > {out}",
                   shell=True, check=True)
    return out


def mutate(kind, path, seed, count):
    child = subprocess.run([BUILD / "tools/hostile", kind, path, str(seed), str(count), TOP / "policies"],
                           capture_output=True, text=True, check=False)
    name = pathlib.Path(path).name
    ok(child.returncode == 0, f"{count} mutations of {name}", child.stdout + child.stderr)
    note(f"{name}: {child.stdout.strip()}")


with tempfile.TemporaryDirectory() as scratch:
    os.environ["TMPDIR"] = scratch
    cloud = debs("6.1-cloud-amd64")
    newest = debs("newest-cloud-amd64").split(",")
    binary = next(p for p in newest if "linux-binary" in p)
    mutate("kernel", cloud, 1, 40)
    mutate("kernel", binary, 2, 100)
    mutate("kernel", str(rpms("6.12-amd64", "zstd") / "kernel-core.rpm"), 3, 60)
    mutate("kernel", str(rpms("6.12-amd64", "xz") / "kernel-core.rpm"), 4, 60)
    mutate("kernel", member(cloud, "./boot/vmlinuz-*", f"{scratch}/vmlinuz-lz4"), 5, 60)
    mutate("kernel", member(debs("6.12-cloud-amd64"), "./boot/vmlinuz-*", f"{scratch}/vmlinuz-zstd"), 6, 60)
    mutate("kernel", member(debs("5.10-686-pae"), "./boot/vmlinuz-*", f"{scratch}/vmlinuz-xz"), 7, 20)
    mutate("module", member(cloud, "./lib/modules/*/hv_vmbus.ko", f"{scratch}/hv_vmbus.ko"), 8, 400)
    mutate("module", member(debs("6.12-cloud-amd64"), "*/hv_vmbus.ko.xz", f"{scratch}/hv_vmbus.ko.xz"), 9, 200)
done()
