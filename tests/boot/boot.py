# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots under QEMU, judged by what the console said; and what they need: ROMs, initrds, kernels out of packages."""
import contextlib
import fcntl
import functools
import json
import os
import pathlib
import queue
import re
import shlex
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
from tap import BUILD, TOP, debs, ok, same  # noqa: E402

OUT = BUILD.resolve() / "boot"
LIMIT = 60

# vmi-rom/layout.h
PAGE_MAGIC, PAGE_CALLS, SLOTS, CALLS = b"VMIc", 0x10, 76, 74
INIT, RELOC = 74, 75


@contextlib.contextmanager
def locked(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


def build():
    """Makes the ROMs and the inits; tests that run side by side wait for each other."""
    with locked(OUT / ".lock"):
        made = subprocess.run(["make", "-s", "-C", HERE, f"O={OUT}"], capture_output=True, text=True, check=False)
    if made.returncode:
        raise SystemExit(f"Bail out! make -C {HERE} O={OUT}: {made.stderr}")


def rom(variant):
    return OUT / f"vmi-{variant}.rom"


def initrd(name, **files):
    """An initrd with these files of OUT: initrd("x.cpio", init="init32") has /init."""
    out = OUT / name
    with locked(OUT / ".lock"):
        subprocess.run([HERE / "make-initrd", out, *(f"/{to}={OUT / of}" for to, of in files.items())], check=True)
    return out


def vmlinuz_of(packages, name):
    """The kernel image out of the first of these .deb files that has one, as OUT/name."""
    for package in packages:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as child:
            with tarfile.open(fileobj=child.stdout, mode="r|") as archive:
                for member in archive:
                    if re.fullmatch(r"(\./)?(usr/lib/modules/[^/]+/vmlinuz|boot/vmlinuz-[^/]+)", member.name):
                        OUT.mkdir(parents=True, exist_ok=True)
                        (OUT / name).write_bytes(archive.extractfile(member).read())
                        child.kill()
                        return OUT / name
    raise SystemExit(f"Bail out! no vmlinuz in {', '.join(map(str, packages))}")


def debian_kernel(label):
    return vmlinuz_of(debs(label).split(","), f"vmlinuz-{label}")


def built_kernel(name):
    """What `hvcompat build` made of a configuration of tests/build: the vmlinuz out of its .deb."""
    made = subprocess.run([TOP / "tests/build/make-kernel", name], stdout=subprocess.PIPE, text=True, check=False)
    if made.returncode:
        raise SystemExit(f"Bail out! tests/build/make-kernel {name}: exit {made.returncode}")
    directory = pathlib.Path(made.stdout.strip().splitlines()[-1])
    return vmlinuz_of(sorted(directory.glob("out/*.deb")), f"vmlinuz-{name}")


class Boot:
    """What a boot showed.

    lines   [(seconds since the start, text)] of the console
    end     how it ended: QEMU's reason ("guest-shutdown", "guest-reset"), "said" (what it was to say), "limit", "gone"
    memory  the guest's first MiB when it had ended, b"" if QEMU was gone
    stderr  QEMU's
    """

    def __init__(self, command):
        self.command, self.lines, self.end, self.memory, self.stderr = command, [], "", b"", ""
        self.started = time.time()

    def text(self):
        return [text for _, text in self.lines]

    def has(self, pattern):
        return any(re.search(pattern, text) for text in self.text())

    def records(self, key):
        """The values of the init's records of that key."""
        return [value for _, value in self.timed(key)]

    def timed(self, key):
        """The same, each with (host seconds, guest seconds)."""
        found = []
        for host, text in self.lines:
            m = re.fullmatch(r"HV (\d+\.\d+) (\S+) ?(.*)", text)
            if m and m[2] == key:
                found.append(((host, float(m[1])), m[3]))
        return found

    def record(self, key):
        """The value of the one record of that key; None when there is none, or more than one."""
        values = self.records(key)
        return values[0] if len(values) == 1 else None

    def values(self, key):
        """A record's "name value" pairs, over all records of that key."""
        return dict(value.partition(" ")[::2] for value in self.records(key))

    def finished(self):
        return len(self.records("begin")) == 1 and len(self.records("end")) == 1

    def counters(self):
        """{call: times} of the ROM, read from the guest's memory; None when there is no counter page."""
        page = self._page()
        if page is None:
            return None
        return dict(enumerate(struct.unpack_from(f"<{SLOTS}I", page, PAGE_CALLS)))

    def queries(self):
        """{call: times} that the kernel asked for the relocation of each."""
        page = self._page()
        if page is None:
            return None
        return dict(enumerate(struct.unpack_from(f"<{CALLS}I", page, PAGE_CALLS + 4 * SLOTS)))

    def _page(self):
        for at in range(0x80000, min(0xA0000, len(self.memory)), 1024):
            if self.memory[at:at + 4] == PAGE_MAGIC and self.memory[at + 8] == SLOTS:
                return self.memory[at:at + 1024]
        return None

    def __str__(self):
        shown = [f"ended by: {self.end}", f"command: {shlex.join(self.command)}"]
        shown += [f"qemu: {line}" for line in self.stderr.splitlines()]
        shown += [f"{at:7.3f} {text}" for at, text in self.lines[-60:]]
        return "\n".join(shown)


def qemu(kernel, *options, initrd=None, append="", rom=None, arch="i386", cpu=None, machine="pc", limit=LIMIT,
         until=None):
    """Boots, until the guest powers off or resets, says a line that matches `until`, or the time is up; returns a Boot.

    The machine is then stopped, not gone: its memory can still be read, whatever state the guest is in.
    """
    cpu = cpu or ("qemu64,-lm" if arch == "i386" else "qemu64")
    command = [f"qemu-system-{arch}", "-accel", "tcg", "-machine", machine, "-cpu", cpu, "-m", "256", "-nodefaults",
               "-no-user-config", "-display", "none", "-no-reboot", "-no-shutdown", "-rtc", "base=utc",
               "-serial", "stdio", "-kernel", str(kernel)]
    if initrd:
        command += ["-initrd", str(initrd)]
    if append:
        command += ["-append", append]
    if rom:
        command += ["-option-rom", str(rom)]
    command += map(str, options)
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryDirectory() as scratch:
        with theirs, open(f"{scratch}/stderr", "w", encoding="utf-8") as stderr:
            command += ["-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control"]
            boot = Boot(command)
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
                                     pass_fds=[theirs.fileno()])
        try:
            _watch(boot, child, ours, scratch, limit, until)
        finally:
            child.kill()
            child.wait()
        boot.stderr = pathlib.Path(f"{scratch}/stderr").read_text(encoding="utf-8", errors="replace")
    return boot


def linux(kernel, *options, append="", **more):
    """A boot of Linux with our init."""
    console = "console=ttyS0 earlyprintk=ttyS0 panic=-1 loglevel=7"
    more.setdefault("until", r"System halted|Kernel panic - not syncing")
    return qemu(kernel, *options, append=f"{console} {append}".strip(), **more)


@functools.lru_cache(maxsize=None)
def native_clock():
    """Words for the command line of a kernel that has to find its own clocks.

    On a busy host the guest cannot measure the time stamp counter, or distrusts it later, and its time goes wrong for
    reasons that are not its own. The ROM measures with more patience: its unit test tells the rate.
    """
    boot = qemu(OUT / "vmi-check.elf", rom=rom("good"), until=r"^hz \d+$")
    rates = [int(line[3:]) for line in boot.text() if re.fullmatch(r"hz \d+", line)]
    if len(rates) != 1:
        raise SystemExit(f"Bail out! the ROM does not tell the rate of the time stamp counter\n{boot}")
    return f"tsc_early_khz={rates[0] // 1000} tsc=reliable no_timer_check"


def _watch(boot, child, monitor, scratch, limit, until):
    start = time.monotonic()
    news = queue.Queue()

    def console():
        for line in child.stdout:
            news.put(("line", time.monotonic() - start, line.decode("utf-8", "replace").strip("\r\n")))
        news.put(("gone", 0, None))

    def events():
        with contextlib.suppress(OSError, ValueError):
            for line in monitor.makefile("r", encoding="utf-8"):
                news.put(("qmp", 0, json.loads(line)))

    def tell(command, **arguments):
        with contextlib.suppress(OSError):
            monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")

    def following(deadline):
        while True:
            try:
                yield news.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return

    threads = [threading.Thread(target=f, daemon=True) for f in (console, events)]
    for t in threads:
        t.start()
    tell("qmp_capabilities")
    boot.end = "limit"
    for kind, at, what in following(start + limit):
        if kind == "line":
            boot.lines.append((at, what))
            if until and re.search(until, what):
                boot.end = "said"
        elif kind == "gone":
            boot.end = "gone"
        elif what.get("event") == "SHUTDOWN":
            boot.end = what["data"]["reason"]
        if boot.end != "limit":
            break
    if boot.end != "gone":
        tell("stop")
        tell("pmemsave", val=0, size=1 << 20, filename=f"{scratch}/memory")
        tell("quit")
        for kind, at, what in following(time.monotonic() + 10):
            if kind == "line":
                boot.lines.append((at, what))
            elif kind == "gone":
                break
        with contextlib.suppress(OSError):
            boot.memory = pathlib.Path(f"{scratch}/memory").read_bytes()


# --- judgements that several tests make ------------------------------------------------------------------------


def ran(boot, name):
    """The init ran once, to its end, and the kernel did not complain."""
    ok(boot.finished(), f"{name}: reaches the init, which runs to its end", boot)
    if boot.records("memory"):
        same(boot.values("memory"), {"copies": "apart", "protection": "holds", "unmap": "ok"},
             f"{name}: memory is what it should be")
    ok(not boot.has(r"BUG:|WARNING:|Oops|Call Trace|Kernel panic|unchecked MSR"),
       f"{name}: the kernel has no complaint", boot)


def time_is_right(boot, name):
    """The guest's clocks against each other, and against the clock out here."""
    clock = {key: int(value) for key, value in boot.values("clock").items()}
    sleep = boot.timed("sleep")
    if not ok(len(sleep) == 2 and {"epoch", "realtime", "monotonic", "naps", "back"} <= clock.keys(),
              f"{name}: clocks are read", boot):
        return
    (host0, guest0), (host1, guest1) = (times for times, _ in sleep)
    ok(abs((host1 - host0) - (guest1 - guest0)) < 0.3 and 1.99 <= guest1 - guest0,
       f"{name}: a second in the guest is a second out here",
       f"host {host1 - host0:.3f} s, guest {guest1 - guest0:.3f} s")
    ok(2000 <= clock["monotonic"] < 4000 and abs(clock["monotonic"] - clock["realtime"]) < 150,
       f"{name}: a sleep of 2 s is that by both clocks", clock)
    ok(200 <= clock["naps"] < 1500, f"{name}: 20 sleeps of 10 ms are timed by interrupts", clock)
    same(clock["back"], 0, f"{name}: time never goes back")
    # the clock of the board has whole seconds, and so has QEMU's idea of when it started
    ok(-5 < clock["epoch"] - (boot.started + host0) < 2, f"{name}: the time of day is right",
       f"{clock['epoch']}, here {boot.started + host0:.1f}")
