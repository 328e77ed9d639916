#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
What our readers say of packages, modules and images, against what others' tools say of the same bytes: dpkg-deb, bsdtar, rpm,
modinfo, nm, readelf, xz, zstd, lz4; on real packages, and on seeded mutations of small ones. Another content is a failure; where one
refuses what the other takes, it is listed.
"""
import collections
import hashlib
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import BUILD, debs, done, facts, note, ok, rpms, same  # noqa: E402

SEED = 20
MUTATIONS = 40


def show(path, *members):
    """What we read: fields, sorted members, and digests of those that were asked for. None and the message: refused."""
    child = subprocess.run([BUILD / "tools/package-show", path, *members], capture_output=True, check=False)
    if child.returncode:
        assert child.returncode == 2 and child.stderr.strip(), f"{path}: exit {child.returncode} {child.stderr}"
        return None, child.stderr.decode(errors="replace").strip()
    fields, names, digests = {}, set(), {}
    for line in child.stdout.decode(errors="surrogateescape").splitlines():
        key, rest = line.split(" ", 1)
        if key == "member":
            names.add(rest)
        elif key == "digest":
            digest, name = rest.split(" ", 1)
            digests[name] = digest
        else:
            fields[key] = rest
    return (fields, names, digests), ""


def peer(*args, data=None):
    child = subprocess.run(args, input=data, capture_output=True, check=False)
    return child.stdout if child.returncode == 0 else None


def clean(name):
    return name.removeprefix("./").removeprefix("/").rstrip("/")


# --- .deb: dpkg-deb and bsdtar ----------------------------------------------------------------------------------------

def deb_of_dpkg(path, members=()):
    """The same by dpkg-deb and tar; None: refused."""
    fields = peer("dpkg-deb", "-f", path, "Package", "Version", "Architecture")
    listing = peer("dpkg-deb", "--fsys-tarfile", path)
    if fields is None or listing is None:
        return None
    names = peer("bsdtar", "-tf", "-", data=listing)
    if names is None:
        return None
    found = {key.lower(): value for key, value in (line.split(": ", 1) for line in fields.decode().splitlines())}
    found = {{"package": "name", "architecture": "arch"}.get(k, k): v for k, v in found.items()}
    digests = {}
    for member in members:
        body = peer("bsdtar", "-xOf", "-", "./" + member, data=listing)
        digests[member] = body and hashlib.sha256(body).hexdigest()
    return found, {clean(n) for n in names.decode(errors="surrogateescape").splitlines()} - {""}, digests


def sample(names, label):
    """Some of the files whose contents matter, the same on every run; links have no contents of their own."""
    files = sorted(n for n in names if any(i in n for i in (".ko", "/config", "modules.builtin", "vmlinuz", "changelog")))
    return sorted(random.Random(f"{SEED} {label}").sample(files, min(6, len(files))))


def compare_deb(label, path):
    ours, why = show(path)
    ok(ours, f"{label}: read", why)
    members = sample(ours[1], label)
    ours, _ = show(path, *members)
    fields, names, digests = deb_of_dpkg(path, members)
    same({k: ours[0].get(k) for k in fields}, fields, f"{label}: the fields that dpkg-deb tells")
    strange = sorted(ours[1] - names)
    ok(not strange, f"{label}: {len(ours[1])} members, all of them known to bsdtar", strange[:5])
    ok(members and ours[2] == digests, f"{label}: {len(members)} members with the bytes that bsdtar gives", f"{ours[2]}\n{digests}")


# --- .rpm: rpm and bsdtar -----------------------------------------------------------------------------------------------

def compare_rpm(path):
    ours, why = show(path)
    ok(ours, f"{path.name}: read", why)
    members = sample(ours[1], path.name)
    ours, _ = show(path, *members)
    fields = peer("rpm", "-qp", "--nosignature", "--qf", "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}", path).decode().split()
    same([ours[0].get(k) for k in ("name", "version", "arch")], fields, f"{path.name}: the header as rpm tells it")
    names = {clean(n) for n in peer("rpm", "-qlp", "--nosignature", path).decode().splitlines() if n.startswith("/")}
    same(sorted(ours[1] ^ names)[:5], [], f"{path.name}: {len(names)} members, the same as rpm lists")
    needs = sorted(set(peer("rpm", "-qp", "--nosignature", "--qf", "[%{REQUIRENAME}\\n]", path).decode().split()))
    same(sorted(set(ours[0].get("requires", "").split())), needs, f"{path.name}: what it requires")
    archive = path.read_bytes()
    digests = {}
    for member in members:
        body = peer("bsdtar", "-xOf", "-", f"./{member}", data=archive) or peer("bsdtar", "-xOf", "-", member, data=archive)
        digests[member] = body and hashlib.sha256(body).hexdigest()
    ok(members and ours[2] == digests, f"{path.name}: {len(members)} members with the bytes that bsdtar gives", f"{ours[2]}\n{digests}")


# --- modules and images: modinfo, nm, readelf ---------------------------------------------------------------------------

def unpacked(path):
    data = path.read_bytes()
    return peer(*{".xz": ("xz", "-dc"), ".zst": ("zstd", "-dc"), ".gz": ("gzip", "-dc")}[path.suffix], data=data) \
        if path.suffix != ".ko" else data


def compare_modules(label, tree, found):
    """Every fact that lies in a module: aliases and keys as modinfo tells them, symbols as nm does, lists by their bytes."""
    count, wrong = collections.Counter(), []
    for fact in found:
        if not fact["of"] or not (fact["member"] or "").rpartition("/")[2].split(".")[1:2] == ["ko"]:
            continue
        path = tree / fact["member"]
        there = fact["state"] == "present"
        if fact["kind"] in ("alias", "modinfo"):
            key = "alias" if fact["kind"] == "alias" else fact["name"]
            lines = peer("modinfo", "-F", key, path).decode().splitlines()
            wanted = fact["name"] if fact["kind"] == "alias" else fact["value"]
            theirs = any(wanted is None or line == wanted or line.startswith(f"{wanted}:") for line in lines)
        elif fact["kind"] == "symbol":
            plain = tree / "plain.ko"
            plain.write_bytes(unpacked(path))
            theirs = any(line.split()[-1].split(".")[0] == fact["name"]
                         for line in peer("nm", "--defined-only", plain).decode().splitlines())
        elif fact["kind"] == "string":
            theirs = fact["name"].encode() in unpacked(path)
        else:
            continue
        count[fact["kind"]] += 1
        if there != theirs:
            wrong.append((fact["kind"], fact["name"], fact["of"], fact["state"]))
    note(f"{label}: {dict(count)}")
    ok(not wrong and sum(count.values()) > 30, f"{label}: {sum(count.values())} facts of modules, as modinfo, nm and a search tell them",
       wrong[:10])


def compare_notes(label, image, found):
    """The notes of the image, as readelf tells them of the ELF file that lz4 makes of its payload."""
    data = image.read_bytes()
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1f1] + 1) * 512 + offset
    elf = image.parent / "vmlinux"
    elf.write_bytes(peer("lz4", "-dc", data=data[start:start + length - 4]))
    theirs = {}
    # it takes the numbers of other owners' notes for its own, and calls these by their names
    named = {"NT_VERSION (version)": 1, "NT_ARCH (architecture)": 2, "GO BUILDID": 4}
    for line in peer("readelf", "-nW", elf).decode().splitlines():
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) == 3 and fields[0].startswith("Xen"):
            kind = named.get(fields[1]) or int(fields[1].split("(")[1].rstrip(")"), 16)
            theirs[kind] = bytes.fromhex(fields[2].removeprefix("description data:"))
    ours = {int(f["place"].split("/")[-1]): f["text"] for f in found if f["kind"] == "note" and f["name"] == "Xen"
            and f["state"] == "present"}
    numbers = {k: int(v, 16) for k, v in ours.items() if v.startswith("0x")}
    same(numbers, {k: int.from_bytes(theirs.get(k, b""), "little") for k in numbers}, f"{label}: numbers in notes of Xen, as readelf has them")
    texts = {k: v for k, v in ours.items() if not v.startswith("0x")}
    same(texts, {k: theirs.get(k, b"").rstrip(b"\0").decode() for k in texts}, f"{label}: and texts")
    missing = {int(f["place"].split("/")[-1]) for f in found if f["kind"] == "note" and f["name"] == "Xen" and f["state"] == "absent"}
    same(sorted(missing & set(theirs)), [], f"{label}: a note that we do not find, readelf does not find")


def compare_contents(top, label):
    tree = top / label
    for path in debs(label).split(","):
        subprocess.run(["dpkg-deb", "-x", path, tree], check=True)
    found = facts(debs(label))
    compare_modules(label, tree, found)
    if label == "6.1-cloud-amd64":
        compare_notes(label, next((tree / "boot").glob("vmlinuz-*")), found)


# --- mutations ----------------------------------------------------------------------------------------------------------

def small_deb(top, codec):
    root = top / f"small-{codec}"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "boot").mkdir()
    lines = "".join(f"CONFIG_A{i}=y\n" for i in range(300))
    (root / "boot/config-6.1.0").write_text(lines)
    (root / "boot/System.map-6.1.0").write_bytes(random.Random(SEED).randbytes(3000))
    (root / "boot/config").symlink_to("config-6.1.0")
    sums = "".join(f"{hashlib.md5((root / n).read_bytes()).hexdigest()}  {n}\n" for n in ("boot/config-6.1.0", "boot/System.map-6.1.0"))
    (root / "DEBIAN/md5sums").write_text(sums)
    (root / "DEBIAN/control").write_text("Package: linux-image-6.1.0\nVersion: 1.2-3\nArchitecture: amd64\nMaintainer: N <n@n.org>\n"
                                         "Depends: kmod, linux-base (>= 4.3)\nDescription: x\n")
    out = top / f"small-{codec}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", f"-Z{codec}", "-b", root, out], check=True, stdout=subprocess.DEVNULL)
    return out


def mutate(rng, data):
    data = bytearray(data)
    kind = rng.randrange(4)
    at = rng.randrange(len(data))
    if kind == 0:
        del data[at:]
    elif kind == 1:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 2:
        data[at:at + 4] = rng.randbytes(len(data[at:at + 4]))
    else:
        data[at:at] = data[at:at + rng.randrange(1, 64)]
    return bytes(data)


def mutated_debs(top):
    """Both take it: then what both read is the same. What one alone takes is counted, and the kinds of it are told."""
    members = ["boot/config-6.1.0", "boot/System.map-6.1.0"]
    tally, examples = collections.Counter(), {}
    for codec in ("xz", "gzip", "zstd", "none"):
        intact = small_deb(top, codec).read_bytes()
        rng = random.Random(f"{SEED} {codec}")
        for i in range(MUTATIONS):
            path = top / "mutated.deb"
            path.write_bytes(mutate(rng, intact))
            ours, why = show(path, *members)
            theirs = deb_of_dpkg(path, members)
            if ours and theirs:
                differs = [k for k in theirs[0] if ours[0].get(k) != theirs[0][k]] + sorted(ours[1] - theirs[1]) + [
                    m for m in members if m in ours[2] and ours[2][m] != theirs[2].get(m)]
                tally["both, with the same content" if not differs else "both, with another content"] += 1
                if differs:
                    examples[f"{codec} {i}"] = differs
            else:
                tally["both refuse" if not ours and not theirs else "dpkg-deb alone refuses" if ours else "we alone refuse"] += 1
                if ours and not theirs:
                    note(f"dpkg-deb alone refuses: {codec} {i}: {peer_says(path)}")
                elif theirs and not ours:
                    note(f"we alone refuse: {codec} {i}: {why.split(': ', 2)[-1][:110]}")
    note("; ".join(f"{n} {what}" for what, n in sorted(tally.items())))
    ok(not examples, f"{sum(tally.values())} mutations of a .deb: nowhere another content", examples)
    ok(min(tally["both refuse"], tally["both, with the same content"]) > 10, "and both answers came often", tally)


def small_rpm(top, payload):
    """One of a file of text and one of noise, as small as rpmbuild makes it."""
    (top / "config-6.1.0").write_text("".join(f"CONFIG_A{i}=y\n" for i in range(300)))
    (top / "System.map-6.1.0").write_bytes(random.Random(SEED).randbytes(3000))
    spec = top / "small.spec"
    spec.write_text(f"Name: kernel-core\nVersion: 6.1.0\nRelease: 1\nSummary: s\nLicense: n\nBuildArch: noarch\nRequires: kmod\n%description\n"
                    f"%install\nmkdir -p %{{buildroot}}/boot\ncp {top}/config-6.1.0 {top}/System.map-6.1.0 %{{buildroot}}/boot/\n%files\n/boot/*\n")
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}/rpm-{payload}", "--define", f"_binary_payload {payload}", spec],
                   check=True, capture_output=True)
    return next((top / f"rpm-{payload}").glob("RPMS/noarch/*.rpm"))


def rpm_of_rpm(path, members):
    """Name, version, architecture, paths and contents by rpm and bsdtar; None: refused. rpm checks the digests of the header."""
    head = peer("rpm", "-qp", "--nosignature", "--qf", "%{NAME}\n%{VERSION}-%{RELEASE}\n%{ARCH}\n[%{FILENAMES}\n]", path)
    payload = peer("rpm2cpio", path)
    names = payload and peer("bsdtar", "-tf", "-", data=payload)
    if head is None or names is None:
        return None
    name, version, arch, *paths = head.decode(errors="replace").splitlines()
    digests = {}
    for member in members:
        body = peer("bsdtar", "-xOf", "-", "./" + member, data=payload)
        digests[member] = body and hashlib.sha256(body).hexdigest()
    return {"name": name, "version": version, "arch": arch}, {clean(p) for p in paths}, digests


def mutated_rpms(top):
    """As with .deb: what both take must be the same."""
    members = ["boot/config-6.1.0", "boot/System.map-6.1.0"]
    tally, examples = collections.Counter(), {}
    for payload in ("w3.zstdio", "w6.xzdio", "w6.gzdio"):
        intact = small_rpm(top, payload).read_bytes()
        rng = random.Random(f"{SEED} {payload}")
        for i in range(MUTATIONS):
            path = top / "mutated.rpm"
            path.write_bytes(mutate(rng, intact))
            ours, why = show(path, *members)
            theirs = rpm_of_rpm(path, members)
            if ours and theirs:
                differs = [k for k in theirs[0] if ours[0].get(k) != theirs[0][k]] + sorted(ours[1] ^ theirs[1]) + [
                    m for m in members if ours[2].get(m) != theirs[2].get(m)]
                tally["both, with the same content" if not differs else "both, with another content"] += 1
                if differs:
                    examples[f"{payload} {i}"] = differs
            else:
                tally["both refuse" if not ours and not theirs else "rpm alone refuses" if ours else "we alone refuse"] += 1
                if theirs and not ours:
                    note(f"we alone refuse: {payload} {i}: {why.split(': ', 2)[-1][:110]}")
    note("; ".join(f"{n} {what}" for what, n in sorted(tally.items())))
    ok(not examples, f"{sum(tally.values())} mutations of an .rpm: nowhere another content", examples)
    ok(tally["both refuse"] > 10 and ours_intact(top, members), "and both refuse often, and take what is intact", tally)


def ours_intact(top, members):
    path = next((top / "rpm-w6.gzdio").glob("RPMS/noarch/*.rpm"))
    ours, theirs = show(path, *members)[0], rpm_of_rpm(path, members)
    return bool(ours and theirs) and ours[1] == theirs[1] and ours[2] == theirs[2]


def compare_initrd(top, label):
    """The initrd that `prove` makes, as cpio reads it: to its end, each name once, and init with its bytes."""
    init = BUILD / "prove/init-x86_64"
    subprocess.run([BUILD / "tools/boot-files", debs(label), init, top / "boot", "virtio_blk", "virtio_pci"], check=True, stdout=subprocess.DEVNULL)
    archive = (top / "boot.initrd").read_bytes()
    child = subprocess.run(["cpio", "-it", "--quiet"], input=archive, capture_output=True, check=False)
    names = child.stdout.decode().splitlines()
    ok(child.returncode == 0 and not child.stderr and len(names) == len(set(names)) > 2, f"{label}: cpio lists {len(names)} files of an initrd",
       child.stderr.decode())
    same(peer("cpio", "-i", "--quiet", "--to-stdout", "init", data=archive) == init.read_bytes(), True, f"{label}: init has its bytes there")


def peer_says(path):
    child = subprocess.run(["dpkg-deb", "-c", path], capture_output=True, check=False)
    return (child.stderr.decode(errors="replace").strip().splitlines() or ["nothing"])[-1][-100:]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        top = pathlib.Path(scratch)
        for label in ("6.1-cloud-amd64", "newest-cloud-amd64"):
            for path in debs(label).split(","):
                compare_deb(pathlib.Path(path).name.split("_")[0], path)
        for name in ("kernel-core", "kernel-modules-core", "kernel-modules-extra"):
            compare_rpm(rpms("6.12-amd64", "zstd") / f"{name}.rpm")
        for label in ("6.1-cloud-amd64", "newest-cloud-amd64"):
            compare_contents(top, label)
        compare_initrd(top, "6.1-cloud-amd64")
        mutated_debs(top)
        mutated_rpms(top)
    done()
