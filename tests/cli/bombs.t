#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Bombs and lies: each ends in one clear error, in less than 2 s of processor time, and within 192 MB of memory for the whole
tree of processes. Ordinary work takes some 100 MB. Everything is made here, nothing of it is large on disk.
"""
import bz2
import functools
import gzip
import hashlib
import io
import json
import lzma
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from tap import HVCOMPAT, TOP, done, note, ok  # noqa: E402

# A sanitizer costs many times that; then only the answers count.
SANITIZED = "sanitize" in HVCOMPAT
CPU_MAX, MB_MAX = (60, 4000) if SANITIZED else (2, 192)
PIECE = 16 << 20          # what compressed bombs are multiplied from
GIB = 1 << 30
R = "6.1.0-9-bomb"
DEEP = 100_000


# --- what a run costs -----------------------------------------------------------------------------------------------

def held(pid):
    """The most that each process of a tree has held so far, together; what is still to become ours counts nothing."""
    todo, total = [pid], 0
    while todo:
        pid = todo.pop()
        try:
            if os.readlink(f"/proc/{pid}/exe") != os.path.realpath(sys.executable):
                total += sum(int(line.split()[1]) * 1024 for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM:"))
            for task in os.listdir(f"/proc/{pid}/task"):
                todo += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except OSError:
            pass
    return total


def run(args, env=None):
    """Exit status, what it said, processor seconds, and the most megabytes that its tree was seen to hold."""
    peak, ended = 0, threading.Event()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([HVCOMPAT, *map(str, args)], stdout=out, stderr=subprocess.STDOUT, env=env,
                                 stdin=subprocess.DEVNULL)

        def watch():
            nonlocal peak
            while not ended.wait(0.004):
                peak = max(peak, held(child.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        killer = threading.Timer(120, child.kill)
        killer.start()
        _, status, usage = os.wait4(child.pid, 0)
        ended.set()
        killer.cancel()
        watcher.join()
        out.seek(0)
        text = out.read(1 << 20).decode(errors="replace")
    return os.waitstatus_to_exitcode(status), text, usage.ru_utime + usage.ru_stime, peak / 1e6


def refused(name, *args, words=(), exits=(2,), env=None):
    status, text, seconds, megabytes = run(args, env)
    lines = [line for line in text.splitlines() if line.strip()]
    told = bool(lines) and all(any(w in text for w in word.split("|")) for word in words)
    good = status in exits and told and seconds < CPU_MAX and megabytes < MB_MAX
    ok(good, f"{name}: {seconds:.2f} s, {megabytes:.0f} MB", f"exit {status}\n{text[:2000]}")
    note((lines or ["nothing was said"])[0][-170:])


# --- compression, multiplied ------------------------------------------------------------------------------------------

def tool(*args):
    return lambda data: subprocess.run(args, input=data, capture_output=True, check=True).stdout


PACK = {
    "gz": functools.partial(gzip.compress, compresslevel=9, mtime=0),
    "bz2": bz2.compress,
    "xz": functools.partial(lzma.compress, preset=0),
    "lzma": functools.partial(lzma.compress, format=lzma.FORMAT_ALONE, preset=0),
    "zst": tool("zstd", "-3", "-q", "-c"),
    "lz4": tool("lz4", "-l", "-9", "-c"),
    "lzo": tool("lzop", "-c"),
}


@functools.lru_cache(maxsize=None)
def zeros(codec, size=PIECE):
    return PACK[codec](bytes(size))


def bomb(codec, front, total, back=b""):
    """`front`, `total` zeros, `back`: streams of one codec behind each other, which decoders read as one."""
    count = (total - len(front)) // PIECE
    return PACK[codec](front + bytes((total - len(front)) % PIECE)) + zeros(codec) * count + (PACK[codec](back) if back else b"")


# --- containers -------------------------------------------------------------------------------------------------------

CONTROL = f"Package: linux-image-{R}\nVersion: 1\nArchitecture: amd64\nMaintainer: N <n@n.org>\nDescription: x\n"
CONFIG = b"CONFIG_X86_64=y\nCONFIG_HYPERV=m\nCONFIG_VIRTIO_BLK=y\n"


def ar(*members):
    out = b"!<arch>\n"
    for name, data, *size in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{(size or [len(data)])[0]:<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def tar_head(name, size, kind=tarfile.REGTYPE):
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def tar_file(name, data, kind=tarfile.REGTYPE):
    return tar_head(name, len(data), kind) + data + bytes(-len(data) % 512)


def with_size(head, field):
    """A tar header whose size field holds these 12 bytes, its sum made right."""
    head = bytearray(head)
    head[124:136] = field
    head[148:156] = b" " * 8
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    return bytes(head)


def control_tar(*paths):
    sums = "".join(f"{'0' * 32}  {p}\n" for p in paths)
    return gzip.compress(tar_file("./control", CONTROL.encode()) + (tar_file("./md5sums", sums.encode()) if paths else b"")
                         + bytes(1024))


def deb(data_name, data, control=None, control_name="control.tar.gz"):
    return ar(("debian-binary", b"2.0\n"), (control_name, control or control_tar(f"boot/config-{R}", "boot/a")), (data_name, data))


class Place:
    """A scratch directory that makes files by name."""
    def __init__(self, top):
        self.top = pathlib.Path(top)
        self.count = 0

    def file(self, suffix, data):
        self.count += 1
        path = self.top / f"{self.count}{suffix}"
        path.write_bytes(data)
        return path

    def folder(self):
        self.count += 1
        path = self.top / f"{self.count}"
        path.mkdir()
        return path


def debs(at):
    end = tar_file(f"./boot/config-{R}", CONFIG) + bytes(1024)
    for codec in ("xz", "gz", "zst", "bz2"):
        front = tar_head("./boot/a", 8 * GIB)
        packed = bomb(codec, front, 512 + 8 * GIB if codec in ("xz", "zst", "gz") else 512 + 2 * GIB, end)
        refused(f"a .deb with 8 GiB of zeros before what is wanted ({codec}, {len(packed) >> 10} KiB)", "query", "--deep",
                at.file(".deb", deb(f"data.tar.{codec}", packed)))
    packed = PACK["lzma"](tar_head("./boot/a", 192 << 20) + bytes(192 << 20) + end)
    refused("a .deb with 192 MiB of zeros (lzma)", "query", "--deep", at.file(".deb", deb("data.tar.lzma", packed)))
    for codec in ("xz", "gz", "zst"):
        packed = bomb(codec, tar_head("./control", 4 * GIB), 512 + 4 * GIB)
        refused(f"a control archive of 4 GiB ({codec})", "query", at.file(".deb", deb("data.tar", bytes(1024), packed, f"control.tar.{codec}")))
    many = "".join(f"{'0' * 32}  b/{i:x}\n" for i in range(1_100_000)).encode()
    packed = PACK["zst"](tar_file("./control", CONTROL.encode()) + tar_file("./md5sums", many) + bytes(1024))
    refused("1,100,000 members in md5sums", "query", at.file(".deb", deb("data.tar", bytes(1024), packed, "control.tar.zst")),
            words=["1048576|E2BIG|more than"])
    packed = tool("zstd", "-3", "-q", "-c")(tar_head("./a", 0) * 1_100_000 + end)
    refused("1,100,000 members and no list of them", "query", at.file(".deb", deb("data.tar.zst", packed, control_tar())))
    for size in ("9999999999", "-1", "4294967296", "", "0x10", "99999999999"):
        whole = ar(("debian-binary", b"2.0\n"), ("control.tar.gz", control_tar(f"boot/config-{R}")), ("data.tar", end, size[:10]))
        refused(f"ar says that a member has {size or 'no'} bytes", "query", at.file(".deb", whole))
    for what, field in {"2^95 - 1": b"\x80" + b"\xff" * 11, "-1": b"\xff" * 12, "2^63": b"\x80\0\0\0\x80" + bytes(7), "rubbish": b"zzzzzzzzzzz\0",
                        "8 GiB": b"77777777777\0"}.items():
        bad = with_size(tar_head("./boot/a", 0), field) + end
        refused(f"tar says that a member has {what} bytes", "query", "--deep", at.file(".deb", deb("data.tar", bad)))
        bad = with_size(tar_head("./control", 0), field)
        refused(f"tar says that control has {what} bytes", "query", at.file(".deb", deb("data.tar", end, bad + bytes(1024), "control.tar")))
    for kind, what in ((tarfile.GNUTYPE_LONGNAME, "a GNU long name"), (tarfile.XHDTYPE, "a pax header")):
        packed = bomb("zst", tar_head("././@LongLink", 4 * GIB - 512, kind), 4 * GIB)
        refused(f"{what} of 4 GiB", "query", "--deep", at.file(".deb", deb("data.tar.zst", packed, control_tar())))
    deep = tar_file("././@LongLink", b"a/" * DEEP + b"\0", tarfile.GNUTYPE_LONGNAME) + tar_file("a", b"") + end
    refused("a path of 100,000 directories", "query", at.file(".deb", deb("data.tar", deep, control_tar())))
    inner = deb("data.tar", end)
    for _ in range(50):
        inner = deb("data.tar", tar_file(f"./boot/vmlinuz-{R}", inner) + tar_file(f"./boot/config-{R}", CONFIG) + bytes(1024),
                    control_tar(f"boot/vmlinuz-{R}", f"boot/config-{R}"))
    refused("50 packages, each the kernel image of the next", "query", "--deep", at.file(".deb", inner), words=["vmlinuz"])


def rpms(at):
    """A real .rpm, and what can be written into its headers."""
    work = at.folder()
    (work / "a").touch()
    os.truncate(work / "a", GIB)
    (work / "z").write_bytes(CONFIG)
    spec = work / "bomb.spec"
    for codec in ("w1.zstdio", "w.ufdio"):
        big = codec != "w.ufdio"
        spec.write_text(f"Name: bomb\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n%description\nx\n"
                        f"%define _binary_payload {codec}\n%define __os_install_post %{{nil}}\n%install\nmkdir -p %{{buildroot}}/boot\n"
                        + (f"cp -al {work}/a %{{buildroot}}/boot/a\n" if big else "echo >%{buildroot}/boot/a\n")
                        + f"cp {work}/z %{{buildroot}}/boot/config-{R}\n%files\n/boot/a\n/boot/config-{R}\n")
        subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {work}/top", "--define", f"_rpmdir {work}",
                        "--define", "_rpmfilename bomb.rpm", spec], check=True, capture_output=True)
        rpm = (work / "bomb.rpm").read_bytes()
        if big:
            refused(f"an .rpm with 1 GiB of zeros before what is wanted (zstd, {len(rpm) >> 10} KiB)", "query", "--deep",
                    at.file(".rpm", rpm))
    signature = 96
    il, dl = struct.unpack_from(">II", rpm, signature + 8)
    header = signature + 16 + il * 16 + dl
    header += -header % 8
    for what, at_byte in (("the signature", signature), ("the header", header)):
        for field, value in ((8, 0xffffffff), (12, 0xffffffff), (8, 0x0fffffff), (12, 0x7fffffff), (12, 0)):
            bad = bytearray(rpm)
            struct.pack_into(">I", bad, at_byte + field, value)
            refused(f".rpm: {what} has {value:#x} {'tags' if field == 8 else 'bytes'}", "query", at.file(".rpm", bytes(bad)))
    cpio = rpm.index(b"07070", header)
    for what, offset, value in (("a file of 4 GiB", 54, b"ffffffff"), ("a file of -1 bytes", 54, b"-0000001"),
                                ("a name of 4 GiB", 94, b"ffffffff"), ("no magic", 0, b"12345678")):
        bad = bytearray(rpm)
        bad[cpio + offset:cpio + offset + 8] = value
        refused(f".rpm: its cpio tells of {what}", "query", "--deep", at.file(".rpm", bytes(bad)))


# --- images, modules, configs -----------------------------------------------------------------------------------------

def elf_head(kind, phnum=1, filesz=0, shoff=0, shnum=0, phoff=64):
    return (b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", kind, 62, 1, 0x1000000, phoff, shoff, 0, 64, 56, phnum,
                                                             64, shnum, 0)
            + struct.pack("<IIQQQQQQ", 1, 5, 0x1000, 0xffffffff81000000, 0x1000000, filesz, filesz, 0x1000))


def bzimage(payload, offset=None, length=None, sectors=1):
    head = bytearray((sectors + 1) * 512)
    head[0x1f1] = sectors
    struct.pack_into("<H", head, 0x1fe, 0xaa55)
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", head, 0x206, 0x20f)
    head[0x236] = 3
    struct.pack_into("<II", head, 0x248, 64 if offset is None else offset, (len(payload) if length is None else length))
    return bytes(head) + bytes(64) + payload + bytes(64)


def images(at):
    for codec in PACK:
        size = struct.pack("<I", 0xfffffff0)
        payload = PACK[codec](elf_head(2, filesz=3 * GIB) + bytes(1 << 20))
        refused(f"an image that says 3 GiB ({codec})", "query", "--deep", at.file("-vmlinuz", bzimage(payload + size)))
        payload = PACK[codec](elf_head(2, filesz=480 << 20) + bytes(96 << 20))
        refused(f"an image that unpacks to 480 MiB ({codec}, {len(payload) >> 10} KiB)", "query", "--verify",
                at.file("-vmlinuz", bzimage(payload + size)))
    plain = PACK["gz"](elf_head(2, filesz=4096) + bytes(8192))
    for what, head in {"offset of 4 GiB": (0xffffffff, None, 1), "length of 4 GiB": (None, 0xffffffff, 1), "length of nothing": (None, 0, 1),
                       "offset of 1 MiB": (1 << 20, None, 1)}.items():
        refused(f"bzImage: a payload with {what}", "query", "--deep", at.file("-vmlinuz", bzimage(plain, *head)))
    for what, head in {"3 GiB in a segment": elf_head(2, filesz=3 * GIB), "2^64 - 1 bytes in a segment": elf_head(2, filesz=2 ** 64 - 1),
                       "65,535 segments": elf_head(2, phnum=0xffff), "segments at 2^63": elf_head(2, phoff=2 ** 63),
                       "no segments": elf_head(2, phnum=0)}.items():
        refused(f"vmlinux: {what}", "query", "--verify", at.file("-vmlinux", head + bytes(4096)))

    def module(data, suffix=""):
        root = at.folder()
        folder = root / "lib/modules" / R / "kernel"
        folder.mkdir(parents=True)
        (root / "boot").mkdir()
        (root / f"boot/config-{R}").write_bytes(CONFIG)
        (folder / f"hv_vmbus.ko{suffix}").write_bytes(data)
        return root

    for codec in ("xz", "gz", "zst"):
        refused(f"a module that unpacks to 4 GiB ({codec})", "query", "--deep", module(bomb(codec, elf_head(1), 4 * GIB), f".{codec}"),
                words=["hv_vmbus"])
    for what, head in {"sections at 2^63": elf_head(1, shoff=2 ** 63, shnum=5), "65,535 sections": elf_head(1, shoff=64, shnum=0xffff),
                       "no sections": elf_head(1)}.items():
        refused(f"a module: {what}", "query", "--deep", module(head + bytes(4096)), words=["hv_vmbus"])
    refused("a config of 1 GiB (gz)", "query", at.file("-config.gz", bomb("gz", CONFIG, GIB)))
    refused("a config of 32 MiB", "query", at.file("-config", CONFIG + b"#" * (32 << 20)))
    lines = b"".join(b"CONFIG_A%x=y\n" % i for i in range(300_000))
    refused("a config of 300,000 symbols", "query", at.file("-config", lines), words=["200000|more than"])


# --- streams without an end, links, trees -----------------------------------------------------------------------------

def streams(at):
    fifo = at.top / "fifo"
    os.mkfifo(fifo)
    for path in (fifo, "/dev/zero", "/dev/full", "/dev/tty", "/proc/kmsg"):
        refused(f"{path if path != fifo else 'a fifo'} as a kernel", "query", path)
    refused("a fifo as a policy", "check", "--policy", f"{fifo}", at.file("-config", CONFIG))
    refused("/dev/zero as a policy", "check", "--policy", "/dev/zero", at.file("-config", CONFIG))
    loop = at.top / "loop"
    loop.symlink_to("loop")
    refused("a link to itself", "query", loop)
    chain = at.folder()
    (chain / "boot").mkdir()
    (chain / "0").write_bytes(CONFIG)
    for i in range(1000):
        (chain / f"{i + 1}").symlink_to(f"{i}")
    (chain / f"boot/config-{R}").symlink_to("../1000")
    refused("1,000 links one after the other", "query", chain)
    refused("the same, given by hand", "query", chain / "1000")
    tree = at.folder()
    (tree / "boot").mkdir()
    os.mkfifo(tree / f"boot/vmlinuz-{R}")
    os.mkfifo(tree / f"boot/config-{R}")
    refused("a tree of fifos", "query", "--deep", tree, exits=(2, 3))
    deep = at.folder()
    (deep / "lib/modules" / R / "kernel").mkdir(parents=True)
    here = os.getcwd()
    os.chdir(deep / "lib/modules" / R / "kernel")
    for _ in range(500):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    os.chdir(here)
    refused("500 directories below each other", "query", "--deep", deep)
    subprocess.run(["rm", "-rf", deep], check=True)


# --- YAML and JSON ----------------------------------------------------------------------------------------------------

HEAD = "policy: p\nversion: 1\nabout: x\nrequires:\n  - {hypervisor: kvm}\n"


def documents(at):
    config = at.file("-config", CONFIG)
    laughs = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi"))
    nested = {
        "100,000 lists in each other": "[" * DEEP,
        "100,000 closed lists": "[" * DEEP + "]" * DEEP,
        "100,000 mappings in each other": "{a: " * DEEP,
        "100,000 dashes": "- " * DEEP + "x",
        "100,000 keys deep by indentation": "\n".join(" " * i + "a:" for i in range(1400)),
        "an anchor that names itself": "&a [*a]\n",
        "a billion laughs": laughs,
        "more than it may hold": "# " + "x" * (2 << 20),
    }
    for what, text in nested.items():
        policy = at.file(".yaml", text.encode())
        refused(f"policy: {what}", "check", "--policy", policy, config)
        policy = at.file(".yaml", (HEAD + "waivers: " + text.replace("\n", "\n  ") + "\n").encode())
        refused(f"waivers: {what}", "check", "--policy", policy, config)
        folder = at.folder()
        for room in ("interfaces", "hypervisors", "userspace"):
            (folder / room).mkdir()
            (folder / room / "bomb.yaml").write_text(text)
        refused(f"knowledge: {what}", "query", "--policy-dir", folder, config)
    folder = at.folder()
    (folder / "interfaces").mkdir()
    rule = "{config: A}"
    for _ in range(5000):
        rule = "{any: [" + rule + "]}"
    (folder / "interfaces/bomb.yaml").write_text("interface: bomb\nclass: bus\nkind: abi\nabout: x\nsource: x\nspeaks:\n  - " + rule + "\n")
    refused("knowledge: a rule of 5,000 levels", "query", "--policy-dir", folder, config)


def wide(piece, size):
    """As many of a piece as fit into that many bytes."""
    return ",".join([piece] * (size // (len(piece) + 1) - 4))


def jsons(size):
    """By what a file of so many bytes may hold, and by one that is larger."""
    return {
        "100,000 lists": "[" * DEEP + "]" * DEEP,
        "100,000 mappings": '{"a":' * DEEP,
        "40 MiB": '"' + "x" * (40 << 20) + '"',
        "nothing but lists": "[" + wide("[]", size) + "]",
        "nothing but mappings": "[" + wide("{}", size) + "]",
        "nothing but numbers": "[" + wide("0", size) + "]",
        "nothing but keys": "{" + ",".join(f'"{i:x}":0' for i in range(size // 11)) + "}",
        "one long number": "[" + "9" * (size - 2) + "]",
        "one long text": '["' + "\\u0000" * ((size - 4) // 6) + '"]',
        "cut in the middle": '{"schema":"hvcompat-record/1","console":"' + "x" * (size - 60),
    }


def records(at):
    """Records of boots, the list of what was refused, and rulings that are kept."""
    config = at.file("-config", CONFIG)
    kernel = hashlib.sha256((hashlib.sha256(CONFIG).hexdigest() + "\n").encode()).hexdigest()
    for what, text in jsons((4 << 20) - 8).items():
        folder = at.folder()
        (folder / f"{kernel[:16]}-a-b-{'0' * 16}-1.json").write_text(text)
        refused(f"a record: {what}", "query", "--records", folder, config, words=["-1.json"])
    for what, text in jsons((8 << 20) - 8).items():
        root = at.folder()
        (root / "var/lib/hvcompat").mkdir(parents=True)
        (root / "var/lib/hvcompat/learned.json").write_text(text)
        refused(f"what was learned: {what}", "host", "learned", "--root", root, words=["learned.json"])


os.environ.setdefault("HVCOMPAT_DATADIR", str(TOP / "policies"))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with tempfile.TemporaryDirectory() as scratch:
    place = Place(scratch)
    for part in (debs, rpms, images, streams, documents, records):
        if len(sys.argv) < 2 or part.__name__ in sys.argv[1:]:
            part(place)
done()
