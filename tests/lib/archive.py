# SPDX-License-Identifier: GPL-2.0-or-later
"""The archive's real indexes, as apt has fetched them for tools/fetch-kernels, and hosts made up from them."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import tap  # noqa: E402

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
APT = tap.KERNELS / ".apt"
BASE = ["apt", "base-files", "bash", "coreutils", "dpkg", "libc6", "login", "mount", "systemd", "systemd-sysv", "udev",
        "ifupdown", "kmod", "initramfs-tools"]


def prepare(work):
    """Has apt's lists fetched where they are not, and writes what apt() takes."""
    subprocess.run([tap.TOP / "tools/fetch-kernels", tap.KERNELS, "6.1-amd64"], check=True)
    conf = (APT / "apt.conf").read_text()
    (work / "apt.conf").write_text(re.sub(r"^APT::Architectures.*\n", "", conf, flags=re.M))


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


def apt_command(work, suite, status, *args, recommends=False):
    """apt-get by one suite on a host with that status, with or without what packages recommend; run it with apt_env()."""
    lines = [line for line in (APT / "etc/apt/sources.list").read_text().splitlines()
             if re.search(rf" {suite} main$", line)]
    (work / "sources.list").write_text("\n".join(re.sub(r"arch=[a-z0-9,]*", "arch=amd64", line) for line in lines) + "\n")
    return ["apt-get", "-o", f"Dir::Etc::sourcelist={work}/sources.list", "-o", f"Dir::State::status={status}",
            "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "-o", "APT::Architectures::=amd64",
            "-o", f"APT::Install-Recommends={int(recommends)}", *args]


def apt_env(work):
    return dict(os.environ, APT_CONFIG=str(work / "apt.conf"))


def apt(work, suite, status, *args, recommends=False):
    """A run of that which changes nothing; its output, and what it took."""
    return run(apt_command(work, suite, status, "-s", *args, recommends=recommends), apt_env(work))


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


def make_host(work, suite, packages, held=(), recommends=False):
    """A root whose dpkg has these packages of a suite, what they need, and what they recommend if its apt installs that."""
    root = work / "host"
    status = root / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text("")
    conf = root / "etc/apt/apt.conf.d/90test"
    conf.parent.mkdir(parents=True, exist_ok=True)
    conf.write_text("" if recommends else 'APT::Install-Recommends "false";\n')
    code, out, err, _, _ = apt(work, suite, status, "install", *BASE, *packages, recommends=recommends)
    if code:
        raise SystemExit(f"Bail out! a host of {suite} with {' '.join(packages)}: {err}")
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
    if wanted:
        raise SystemExit(f"Bail out! not in the index of {suite}: {sorted(wanted)[:9]}")
    return root, status
