#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Completions, by the shells themselves: bash and zsh on a terminal, where the tab key is struck; fish, which says what
it would offer. One that is not installed is skipped."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import HVCOMPAT, done, hvcompat, ok, same, skip  # noqa: E402

work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-completion."))
(work / "bin").mkdir()
(work / "bin/hvcompat").symlink_to(pathlib.Path(HVCOMPAT).resolve())
(work / "folder-one").mkdir()
(work / "file-one.deb").touch()
ENV = {k: v for k, v in os.environ.items() if not k.startswith(("HVCOMPAT", "ZDOT", "INPUTRC", "PS1"))}
ENV |= {"PATH": f"{work}/bin:{os.environ['PATH']}", "HOME": str(work), "TERM": "dumb", "LC_ALL": "C.UTF-8",
        "HISTFILE": "/dev/null", "XDG_CONFIG_HOME": str(work), "XDG_DATA_HOME": str(work)}

# What is typed before the tab key, and what must stand there after it, with no regard to a last blank.
CASES = [
    ("que", "query"), ("hos", "host"), ("help che", "help check"),
    ("host lear", "host learned"), ("host learned excl", "host learned exclude"), ("host pol", "host policy"),
    ("policy pack", "policy package"), ("shim appl", "shim apply"),
    ("check --rep", "check --repo"), ("check --repo fol", "check --repo folder-one/"),
    ("check --keyring fil", "check --keyring file-one.deb"), ("check --allow-un", "check --allow-unsigned"),
    ("check --no-cac", "check --no-cache"), ("check --poo", "check --pool"),
    ("check --policy enterp", "check --policy enterprise-long-tail"),
    ("check -p enterp", "check -p enterprise-long-tail"), ("policy show dist", "policy show distro-stable"),
    ("query --prov", "query --provides"), ("query --provides che", "query --provides check"),
    ("query --format sar", "query --format sarif"), ("query --format=sar", "query --format=sarif"),
    ("query --color al", "query --color always"), ("policy package --format de", "policy package --format deb"),
    ("build --format js", "build --format js"), ("build --until conf", "build --until configure"),
    ("build --shim hyperv-20", "build --shim hyperv-2008r2"), ("build --out fol", "build --out folder-one/"),
    ("host --from zy", "host --from zypp"), ("shim apply vm-or-so", "shim apply vm-or-so"),
    ("shim show virtio-l", "shim show virtio-legacy"), ("query fil", "query file-one.deb"),
    ("query --today 20", "query --today 20"), ("nonsense --for", "nonsense --for"),
]
VERBS = [line.split("\t")[0] for line in hvcompat("--list-verbs")[1].splitlines()]
OPTIONS = [(verb, *line.split("\t")) for verb in VERBS for line in hvcompat("--list-options", verb)[1].splitlines()]


class Terminal:
    """An interactive shell. KEY makes it write its line into a file, and forget it."""
    KEY = "\x18"  # ^X

    def __init__(self, argv, settings):
        self.line = work / "line"
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(work)
            os.execvpe(argv[0], argv, ENV)
        self.type(settings + f"\necho rea''dy\n")
        self.wait(lambda said: b"ready" in said)

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self, until, again=""):
        """Reads what it prints, so that it is never held up, until that is so. A key that came while a busy shell had its
        terminal in another mode is lost: `again` is struck now and then."""
        start = time.monotonic()
        said, end, strike = b"", start + 120, start + 5
        while not until(said):
            if again and time.monotonic() > strike:
                self.type(again)
                strike += 5
            if time.monotonic() > end:
                raise SystemExit(f"Bail out! the shell does not answer: {said.decode(errors='replace')}")
            if select.select([self.fd], [], [], 0.01)[0]:
                said += os.read(self.fd, 65536)
        return said

    def complete(self, begun):
        self.line.unlink(missing_ok=True)
        self.type(f"hvcompat {begun}\t{self.KEY}")
        self.wait(lambda said: self.told().startswith("hvcompat ") and self.told().endswith("\n"), self.KEY)
        return self.told()[len("hvcompat "):].rstrip()

    def told(self):
        return self.line.read_text(encoding="utf-8") if self.line.exists() else ""

    def close(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


BASH = f"""PS1= PS2=; bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
. {TOP}/completions/hvcompat.bash
tell() {{ printf '%s\\n' "$READLINE_LINE" >{work}/line; READLINE_LINE=; READLINE_POINT=0; }}
bind -x '"\\C-x": tell'"""
ZSH = f"""PS1= PS2=; unsetopt beep zle_bracketed_paste prompt_sp; LISTMAX=100000
fpath=({TOP}/completions $fpath); autoload -Uz compinit; compinit -u -D
tell() {{ print -r -- "$BUFFER" >{work}/line; BUFFER= }}
zle -N tell; bindkey -e; bindkey -r '^X'; bindkey '^X' tell; KEYTIMEOUT=1"""


def on_terminal(name, argv, settings):
    if not shutil.which(name):
        skip(name, "not installed")
        return
    shell = Terminal(argv, settings)
    for begun, want in CASES:
        same(shell.complete(begun), want, f"{name}: {begun}")
    wrong = [v for v in VERBS if shell.complete(v[:-1]) != v]
    same(wrong, [], f"{name}: every verb")
    wrong = []
    for verb in VERBS:
        options = [o.rstrip("=") for v, o, *_ in OPTIONS if v == verb]
        for stem in {o[:-1] for o in options}:
            want = os.path.commonprefix([o for o in options if o.startswith(stem)])
            found = shell.complete(f"{verb} {stem}")
            wrong += [(found, want)] if found != f"{verb} {want}" else []
    same(wrong, [], f"{name}: every option of each, as far as it is clear")
    shell.close()


def in_fish():
    if not shutil.which("fish"):
        skip("fish", "not installed")
        return

    def offered(lines):
        """For each line, what fish offers for its last word."""
        ask = "".join(f"echo '== {n}'\ncomplete -C 'hvcompat {line}'\n" for n, line in enumerate(lines))
        script = f"source {TOP}/completions/hvcompat.fish\n{ask}"
        child = subprocess.run(["fish", "--no-config", "-c", script], cwd=work, env=ENV,
                               capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        same((child.returncode, child.stderr), (0, ""), "fish: nothing goes wrong")
        parts = child.stdout.split("== ")[1:]
        return [[word.split("\t")[0] for word in part.splitlines()[1:]] for part in parts]

    for (begun, want), found in zip(CASES, offered([begun for begun, _ in CASES])):
        last = [] if want == begun else [want.split(" ")[-1]]
        same(found, last, f"fish: {begun}")
    lines = [*(v[:-1] for v in VERBS), *(f"{v} {o.rstrip('=')}" for v, o, *_ in OPTIONS)]
    wanted = [*VERBS, *(o.rstrip("=") for _, o, *_ in OPTIONS)]
    missing = [line for line, found, want in zip(lines, offered(lines), wanted) if want not in found]
    same(missing, [], "fish: every verb, and every option of each")


# The tables tell what is so: each word that is offered is taken, and another is not.
KINDS = ("FILE", "DIR", "POLICY", "SHIM")
for verb, option, _, values, *_ in OPTIONS:
    if not values or values in KINDS:
        continue
    refused = [w for w in values.split(" ") if hvcompat(verb, option + w, "--help")[0] != 0]
    same((refused, hvcompat(verb, option + "nonsense", "--help")[0]), ([], 64),
         f"{verb} {option} takes {values}, nothing else")
for verb in VERBS:
    for word in hvcompat("--list-words", verb)[1].split():
        said = hvcompat(verb, word)[2]
        ok("there is no" not in said and "is not one of" not in said, f"{verb} {word} is known", said)

on_terminal("bash", ["bash", "--norc", "--noprofile", "-i"], BASH)
on_terminal("zsh", ["zsh", "-f", "-i"], ZSH)
in_fish()
shutil.rmtree(work, ignore_errors=True)
done()
