#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gate --repo over the archive's real indexes: the update that libsolv works out is the one that apt does."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import tap  # noqa: E402

EQUAL = []
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
APT = tap.KERNELS / ".apt"
BASE = ["apt", "base-files", "bash", "coreutils", "dpkg", "libc6", "login", "mount", "systemd", "systemd-sysv", "udev",
        "ifupdown", "kmod", "initramfs-tools"]
# What a host has, of which suite, and the suite that it is updated from.
SETUPS = [
    ("bookworm", ["linux-image-amd64"], "bookworm", []),
    ("bullseye", ["linux-image-amd64"], "bookworm", []),
    ("bullseye", ["linux-image-amd64", "git", "nginx"], "bookworm", ["linux-image-amd64"]),
    ("bullseye", ["linux-image-rt-amd64"], "bookworm", []),
    ("bullseye", ["linux-image-amd64", "openssh-server", "rsync"], "bookworm", []),
    ("bookworm", ["linux-image-rt-amd64", "rsync"], "trixie", []),
    ("bookworm", ["linux-image-amd64"], "trixie", []),
    ("bookworm", ["linux-image-cloud-amd64", "curl"], "trixie", []),
    ("trixie", ["linux-image-amd64"], "sid", []),
    ("trixie", ["linux-image-cloud-amd64", "openssh-server", "vim"], "sid", []),
    ("bookworm", ["linux-image-amd64"], "sid", []),
    # Where alternatives or Breaks leave a choice, the two choose otherwise: the kernels are the same.
    ("bullseye", ["linux-image-cloud-amd64", "openssh-server"], "bookworm", []),
    ("bookworm", ["linux-image-amd64", "openssh-server", "python3", "nginx", "git", "curl"], "trixie", []),
    ("bullseye", ["linux-image-amd64"], "trixie", []),
]


def lists(suite):
    """The files that apt has of a suite: its InRelease and its Packages."""
    where = APT / "var/lib/apt/lists"
    release = list(where.glob(f"*_dists_{suite}_InRelease"))
    packages = list(where.glob(f"*_dists_{suite}_main_binary-amd64_Packages"))
    if len(release) != 1 or len(packages) != 1:
        raise SystemExit(f"Bail out! {where} has no index of {suite}: remove {APT}, and a kernel, to have it fetched again")
    return release[0], packages[0]


def make_repository(top, suite):
    """The archive as it lies on a mirror, of links; what is not there was not fetched."""
    release, packages = lists(suite)
    place = top / "dists" / suite
    (place / "main/binary-amd64").mkdir(parents=True, exist_ok=True)
    (place / "InRelease").symlink_to(release)
    (place / "main/binary-amd64/Packages").symlink_to(packages)


def apt(work, suite, status, *args):
    """A run of apt-get by one suite on a host with that status; its output, and what it took."""
    lines = [line for line in (APT / "etc/apt/sources.list").read_text().splitlines()
             if re.search(rf" {suite} main$", line)]
    (work / "sources.list").write_text("\n".join(re.sub(r"arch=[a-z0-9,]*", "arch=amd64", line) for line in lines) + "\n")
    return run(["apt-get", "-s", "-o", f"Dir::Etc::sourcelist={work}/sources.list", "-o", f"Dir::State::status={status}",
                "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "APT::Architectures::=amd64",
                "-o", "APT::Install-Recommends=0", *args], dict(os.environ, APT_CONFIG=str(work / "apt.conf")))


def run(command, env=None):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return (child.returncode, out.read().decode(), err.read().decode(), usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss // 1024)


def to_install(output):
    """NAME VERSION of what apt would install: "Inst NAME [OLD] (NEW …"."""
    return {f"{m[1]} {m[2]}" for m in re.finditer(r"^Inst (\S+?)(?::\S+)? (?:\[\S+\] )?\((\S+)", output, re.M)}


def stanzas(source):
    """One by one: the whole text would be counted as memory of what is run next."""
    lines = []
    for line in source:
        if line != "\n":
            lines.append(line)
            continue
        yield "".join(lines).rstrip("\n")
        lines = []


def make_host(work, suite, packages, held):
    """A root whose dpkg has these packages of a suite, and what they need."""
    root = work / "host"
    status = root / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text("")
    code, out, err, _, _ = apt(work, suite, status, "install", *BASE, *packages)
    tap.same(code, 0, f"a host of {suite} with {' '.join(packages)}") or print("# " + err.replace("\n", "\n# "))
    wanted = to_install(out)
    with lists(suite)[1].open() as source, status.open("w") as target:
        for stanza in stanzas(source):
            name = re.search(r"^Package: (\S+)", stanza, re.M)
            version = re.search(r"^Version: (\S+)", stanza, re.M)
            if name and version and f"{name[1]} {version[1]}" in wanted:
                state = "hold" if name[1] in held else "install"
                fields = "\n".join(line for line in stanza.splitlines()
                                   if not re.match(r"(Filename|Size|MD5sum|SHA256|Description-md5):", line))
                target.write(f"{fields}\nStatus: {state} ok installed\n\n")
                wanted.discard(f"{name[1]} {version[1]}")
    tap.same(wanted, set(), "all of it is in the index")
    return root, status


def one(work, suite, packages, new, held):
    title = f"{suite} with {' '.join(packages)}{', on hold,' if held else ''} from {new}"
    root, status = make_host(work, suite, packages, held)
    code, out, err, apt_seconds, apt_memory = apt(work, new, status, "--with-new-pkgs", "upgrade")
    tap.same(code, 0, f"apt: {title}") or print("# " + err.replace("\n", "\n# "))
    theirs = to_install(out)
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
    subprocess.run([tap.TOP / "tools/fetch-kernels", tap.KERNELS, "6.1-amd64"], check=True)
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        conf = (APT / "apt.conf").read_text()
        (work / "apt.conf").write_text(re.sub(r"^APT::Architectures.*\n", "", conf, flags=re.M))
        for suite in {setup[2] for setup in SETUPS}:
            make_repository(work / "repo", suite)
        for suite, packages, new, held in SETUPS:
            one(work, suite, packages, new, held)
    tap.ok(sum(EQUAL) >= 8, f"the same set in {sum(EQUAL)} of {len(EQUAL)} setups", EQUAL)
    tap.done()


main()
