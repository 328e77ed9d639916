#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hvcompat prove on a real kernel: that it boots, what is seen, and that each way to fail gives a clear record and leaves
nothing behind."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
from tap import HVCOMPAT, TOP, debs, done, ok, same, skip  # noqa: E402

KERNEL = debs("6.1-amd64")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-test."))
(WORK / "tmp").mkdir()
ENV = dict(os.environ, TMPDIR=str(WORK / "tmp"))
ARGUMENTS = ["-accel {accel}", "-machine pc", "-m 512", "-nodefaults", "-no-user-config", "-display none", "-serial stdio",
             "-kernel {kernel}", "-initrd {initrd}", "-append {append}"]
BUSY = 900  # a busy machine is no fault of the kernel


def recipe(name, append=(), more=("-no-reboot",), seconds=BUSY, **extra):
    return {"name": name, "about": "A test.", "arguments": list(more), "append": list(append), "seconds": seconds,
            "stands-for": [{"hypervisor": "kvm", "versions": "emulated", "modes": ["ide"], "through": ["emul-piix"]}], **extra}


def write_recipes():
    """Recipes that end in every other way than a boot."""
    family = {"proof": "faults", "about": "Ways to fail.", "source": "this test",
              "common": {"arch": ["x86_64"], "install": ["qemu-system-x86"], "program": "qemu-system-x86_64",
                         "arguments": ARGUMENTS, "append": ["console=ttyS0", "earlyprintk=ttyS0", "panic=-1", "quiet", "no_timer_check"],
                         "watch": [{"text": "Kernel panic - not syncing", "outcome": "panicked", "why": "the kernel panicked"},
                                   {"text": "terminating on signal", "outcome": "failed", "why": "QEMU was ended by a signal"}]},
              "recipes": [recipe("fault-panic", ["hv.end=exit"]),
                          recipe("fault-loop", ["hv.end=loop"], more=()),
                          recipe("fault-reset", ["hv.end=loop"]),
                          recipe("fault-hang", ["hv.end=hang"], seconds=240),
                          recipe("fault-cpu", more=("-no-reboot", "-cpu qemu64,-sse2"), watch=[
                              {"text": "Unable to boot - please use a kernel appropriate for your CPU", "outcome": "panicked",
                               "why": "the kernel is for another processor"}]),
                          recipe("fault-disk", ["hv.disk={nonce}"], devices=["disk"]),
                          recipe("fault-words", more=("-no-such-option",)),
                          recipe("fault-forever", ["hv.end=hang"])]}
    (WORK / "policies/proofs").mkdir(parents=True)
    # JSON is YAML
    (WORK / "policies/proofs/faults.yaml").write_text(json.dumps(family), encoding="utf-8")


def command(*words):
    return [HVCOMPAT, "prove", "--policy-dir", WORK / "policies", *words, KERNEL]


def run(*words):
    return subprocess.run(command(*words), env=ENV, capture_output=True, text=True, check=False)


def left():
    """What is in the way after a run: files, and programs that still run there."""
    return [str(p) for p in (WORK / "tmp").iterdir()] + qemus()


def qemus():
    found = []
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(WORK) in os.readlink(proc / "cwd"):
                found.append(proc.name)
        except OSError:
            pass
    return found


def gone(limit=30):
    for _ in range(limit * 10):
        if not left():
            return True
        time.sleep(0.1)
    return False


write_recipes()

# --- a boot as it should be
records = WORK / "records"
made = run("--on", "qemu-pc-legacy", "--records", records, "--format", "json", "--timeout", str(BUSY))
ok(made.returncode == 0, "6.1 on pc with legacy virtio: exit status", made.stdout[-3000:] + made.stderr)
boot = json.loads(made.stdout)["kernels"][0]["boots"][0]
record = boot["record"]
same((record["outcome"], boot["agreement"]), ("booted", "agrees"), "it boots, as reading says")
same((record["seen"]["disk"]["driver"], record["seen"]["disk"]["verified"]), ("virtio:virtio_blk<pci:virtio-pci", True),
     "its disk came up through these drivers, and holds what was written")
same((record["seen"]["net"]["driver"], record["seen"]["net"]["verified"]), ("virtio:virtio_net<pci:virtio-pci", True),
     "its network got an answer")
same((record["seen"]["probes"]["virtio.disk"], record["seen"]["console"]), ("legacy", "ttyS0"), "legacy was negotiated")
ok(record["ran_on"]["version"].startswith("QEMU"), "what it ran on is told", record["ran_on"])
same({"kernel", "initrd", "init", "qemu-system-x86_64"} - {f["name"] for f in record["ran_on"]["files"]}, set(),
     "with the digests of all that took part")
same(json.loads(pathlib.Path(boot["file"]).read_text(encoding="utf-8")), record, "the file has the same")
ok(gone(), "nothing is left behind", left())
started = time.monotonic()
made = run("--on", "qemu-pc-legacy", "--records", records, "--resume", "--format", "json")
same((made.returncode, [b["file"] for b in json.loads(made.stdout)["kernels"][0]["boots"]]), (0, [boot["file"]]),
     "with --resume it is not booted again")

# --- a site that has QEMU
(WORK / "policies/proofs/ours.yaml").write_text(json.dumps({
    "proof": "ours", "about": "Ours.", "source": "this test", "common": {
        "runner": "site", "arch": ["x86_64"], "append": ["console=ttyS0", "panic=-1", "quiet", "no_timer_check", "hv.disk={nonce}"],
        "drivers": ["ata_piix", "sd_mod"], "devices": ["disk"], "seconds": BUSY},
    "recipes": [{"name": "ours-pc", "about": "A PC.", "expect": [{"seen": "disk", "is": "scsi:sd<*:ata_piix"}], "stands-for": [
        {"hypervisor": "kvm", "versions": "emulated", "modes": ["ide"], "through": ["emul-piix"]}]}]}), encoding="utf-8")
made = run("--on", "ours-pc", "--runner", TOP / "docs/examples/site-qemu", "--records", records, "-v")
ok(made.returncode == 0 and "booted" in made.stdout, "the runner of the documentation runs a guest", made.stdout + made.stderr)
ok(gone(), "nothing is left behind", left())

# --- each way to fail
NAMES = ["fault-panic", "fault-loop", "fault-reset", "fault-hang", "fault-cpu", "fault-disk", "fault-words"]
made = run(*(w for n in NAMES for w in ("--on", n)), "--records", WORK / "faults", "-j", "2", "--format", "json")
same(made.returncode, 2, "faults: what failed to start counts most")
boots = {b["record"]["recipe"]["name"]: b["record"] for b in json.loads(made.stdout)["kernels"][0]["boots"]}
for name, outcome, words in (
        ("fault-panic", "panicked", "Attempted to kill init"),
        ("fault-loop", "panicked", "began more than once"),
        ("fault-reset", "panicked", "reset or switched off before the init had run to its end"),
        ("fault-hang", "silent", "the init did not end until its time was up"),
        ("fault-cpu", "panicked", "for another processor"),
        ("fault-disk", "booted-without-device", "no disk device came up"),
        ("fault-words", "failed", "no-such-option")):
    got = boots.get(name, {"outcome": None, "why": None})
    ok(got["outcome"] == outcome and words in got["why"], f"{name}: {outcome}, and it says why", got)
    same({c["holds"] for c in got.get("stands_for", [])}, {"unknown" if outcome in ("silent", "failed") else "no"},
         f"{name}: what that says of the place")
same(len(list((WORK / "faults").glob("*.json"))), len(NAMES), "each has its record")
ok(gone(), "nothing is left behind", left())


def while_it_runs(what):
    """Starts a boot that never ends, and does something to it once QEMU is there."""
    with subprocess.Popen(command("--on", "fault-forever", "--records", WORK / "forever"), env=ENV, text=True,
                          # whoever is started in the background is deaf to it
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        for _ in range(BUSY * 10):
            running = [p for p in qemus() if "qemu" in os.readlink(f"/proc/{p}/exe")]
            if running or child.poll() is not None:
                break
            time.sleep(0.1)
        what(child, int(running[0]))
        out, err = child.communicate(timeout=BUSY)
    return child.returncode, out, err


status, out, err = while_it_runs(lambda child, qemu: os.kill(qemu, signal.SIGKILL))
ok(status == 2 and "killed by signal 9" in out, "QEMU is killed: no boot to speak of", out + err)
status, out, err = while_it_runs(lambda child, qemu: os.kill(qemu, signal.SIGTERM))
# one that has not come to handle it yet dies of it
ok(status == 2 and ("QEMU was ended by a signal" in out or "killed by signal 15" in out),
   "QEMU is told to go: the same, though it exits with 0", out + err)
before = len(list((WORK / "forever").glob("*.json")))
status, out, err = while_it_runs(lambda child, qemu: child.send_signal(signal.SIGINT))
ok(status == 2 and "stopped by a signal" in err, "an interrupt", out + err)
ok(gone(), "leaves nothing behind", left())
status, out, err = while_it_runs(lambda child, qemu: child.kill())
ok(status == -signal.SIGKILL and gone(), "even if we are killed nothing is left behind", left())
same(len(list((WORK / "forever").glob("*.json"))), before, "and there is no record of these")

# --- a full disk, where that can be had


def on_a_full_disk(what, size, *words, **env):
    """A boot that panics, with what it writes on a file system of that size."""
    small = WORK / "small"
    small.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", small], check=False, capture_output=True).returncode:
        skip(f"a full disk: {what}", "no file system can be mounted here")
        return
    try:
        made = subprocess.run(command("--on", "fault-panic", *words), env=dict(ENV, **env), capture_output=True, text=True, check=False)
        ok(made.returncode == 2 and "No space left" in made.stderr and str(small) in made.stderr,
           f"a full disk: {what}: is named", made.stdout + made.stderr)
        same(list(small.iterdir()), [], f"a full disk: {what}: nothing is left on it")
        ok(gone(), f"a full disk: {what}: nor elsewhere", left())
    finally:
        subprocess.run(["umount", small], check=True)


on_a_full_disk("what is booted", "3m", TMPDIR=str(WORK / "small"))
on_a_full_disk("its record", "4k", "--records", WORK / "small")
shutil.rmtree(WORK)
done()
