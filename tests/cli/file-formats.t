#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The pages of section 5 name the keys and words that the schemas have, each where it belongs, and no others; and what
they show as examples is right."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/lib"))
from tap import HVCOMPAT, done, ok, same, skip  # noqa: E402

# Page: the source with its schema, and the mapping of the schema that each section is about.
PAGES = {
    "policy": ("src/policy/policy.c", {
        "THE FILE": "policy_fields", "REQUIRES": "requirement_fields", "WAIVERS": "waiver_fields"}),
    "knowledge": ("src/compat/schema.c", {
        "INTERFACES": "iface_fields", "DRIVERS": "driver_fields", "RULES": "rule_fields", "REFUSALS": "refusal_fields",
        "DEMANDS": "demand_fields", "HELP": "help_fields", "HOSTS": "hypervisor_fields userspace_fields",
        "VERSIONS": "version_fields", "MODES": "mode_fields", "OFFERS": "offer_fields", "AT": "at_fields",
        "PROVIDES": "provide_fields", "DETECT": "detect_fields", "TRAITS": "trait_fields", "NUMBER": "number_fields"}),
    "packaging": ("src/gate/packaging.c", {"KEYS": "fields"}),
    "proof": ("src/prove/recipe_schema.c", {
        "FAMILIES": "family_fields", "RECIPES": "recipe_fields", "EXPECTATIONS": "expect_fields", "TEXTS": "watch_fields",
        "FILES": "file_fields", "NESTED": "nested_fields", "PROGRAMS": "program_fields", "GUEST FILES": "text_fields",
        "CLAIMS": "claim_fields"}),
    "shim": ("src/build/shim.c", {
        "KEYS": "shim_fields", "SERIES": "series_fields", "CHECKS": "check_fields", "PROOF": "proof_fields"}),
}
# Mappings that have no section: the files beside a policy and what recipes share, of which the page says what
# they hold; classes are words.
WITHOUT = {"dropin_fields", "need_fields", "common_fields"}
FIELD = re.compile(r"\b(?:TEXT|LIST|NUMBER|MAPPING|ENUM|SWITCH|CYAML_FIELD_(?:\w+))\(\s*\"([^\"]+)\"")


def schema(path):
    """Of each mapping its keys, and all words that are known."""
    text = re.sub(r"/\*.*?\*/", "", (TOP / path).read_text(encoding="utf-8"), flags=re.S).replace("\\\n", "\n")
    macros = dict(re.findall(r"^#define (HOST_FIELDS|SHARED_FIELDS|LISTS|CLASSES\(X\))\s*\n(.*?)\n\n", text, re.S | re.M))
    found = {}
    for name, body in re.findall(r"cyaml_schema_field_t (\w+)\[\] = \{(.*?)\};", text, re.S):
        for macro, more in macros.items():
            body = re.sub(rf"\b{re.escape(macro)}", lambda _, more=more: more, body)
        found[name] = set(FIELD.findall(body))
    words = set()
    for body in re.findall(r"cyaml_strval_t \w+\[\] = \{(.*?)\};", text, re.S):
        words |= set(re.findall(r"\{ \"([^\"]+)\",", body))
    words |= set(re.findall(r"X\(\"(\w+)\"", macros.get("CLASSES(X)", "")))
    return found, words


def sections(text):
    """Of each section the keys that begin a line of their own, and its text."""
    parts = re.split(r"^# (.*)$", text, flags=re.M)
    for title, body in zip(parts[1::2], parts[2::2]):
        keys = [key for line in re.findall(r"^(\*[a-z].*)$", body, re.M) if re.fullmatch(r"(\*[\w-]+\*(, )?)+", line)
                for key in re.findall(r"\*([\w-]+)\*", line)]
        yield title, keys, body


def check_page(name, path, where):
    text = (TOP / f"docs/man/hvcompat-{name}.5.scd").read_text(encoding="utf-8")
    mappings, words = schema(path)
    same(set(mappings), set(" ".join(where.values()).split()) | (WITHOUT & set(mappings)),
         f"{name}: every mapping of {path} has its section")
    page = {title: keys for title, keys, _ in sections(text)}
    for title, names in where.items():
        keys = set().union(*(mappings[n] for n in names.split()))
        ok(len(keys) > 1, f"{name}: {title}: the schema has keys")
        same((sorted(page.get(title, [])), len(page.get(title, []))), (sorted(keys), len(keys)),
             f"{name}: {title}: these, each once")
    same(sorted(w for w in words if f"*{w}*" not in text and f"*{w.replace('_', chr(92) + '_')}*" not in text
                and f": {w}*" not in text), [], f"{name}: every word is told of")


def examples(name):
    text = (TOP / f"docs/man/hvcompat-{name}.5.scd").read_text(encoding="utf-8")
    return re.findall(r"^```\n(.*?)^```$", text, re.S | re.M)


def lint(*words):
    child = subprocess.run([HVCOMPAT, *map(str, words)], capture_output=True, text=True, check=False)
    return child.returncode, child.stderr


for item in PAGES.items():
    check_page(item[0], *item[1])

work = pathlib.Path(tempfile.mkdtemp(prefix="hvcompat-formats."))
(work / "our-servers.yaml").write_text(examples("policy")[0], encoding="utf-8")
same(lint("policy", "lint", work / "our-servers.yaml"), (0, ""), "the example of a policy is one")
for kind, text in zip(("interfaces/fort-disk", "hypervisors/fort"), examples("knowledge")):
    (work / "more" / kind).parent.mkdir(parents=True, exist_ok=True)
    (work / "more" / f"{kind}.yaml").write_text(text, encoding="utf-8")
same(lint("policy", "lint", "--policy-dir", work / "more"), (0, ""), "the examples of knowledge are knowledge")
same(lint("explain", "fort:2/guest", "--policy-dir", work / "more"), (0, ""), "which is known then")
(work / "more/packaging").mkdir()
(work / "more/packaging/fort-linux.yaml").write_text(examples("packaging")[0], encoding="utf-8")
(work / "empty").mkdir()
CHECK = ["check", "--policy-dir", work / "more", "-p", "datacenter", "--allow-unsigned", "--no-cache", "--repo",
         work / "empty"]
(work / "empty/Packages").write_text("Package: linux-image-x\nVersion: 1\nArchitecture: amd64\nFilename: x.deb\n"
                                     f"Size: 1\nSHA256: {'0' * 64}\n", encoding="utf-8")
said = lint(*CHECK)
ok("packaging/" not in said[1], "the example of packaging is taken", said)
(work / "more/packaging/fort-linux.yaml").write_text(examples("packaging")[0] + "more: 1\n", encoding="utf-8")
said = lint(*CHECK)
ok("packaging/fort-linux.yaml:" in said[1], "where one with another key is not", said)
(work / "more/proofs").mkdir()
(work / "more/proofs/our-lab.yaml").write_text(examples("proof")[0], encoding="utf-8")
same(lint("policy", "lint", "--policy-dir", work / "more"), (0, ""), "the example of a recipe is one")
(work / "more/proofs/our-lab.yaml").write_text(examples("proof")[0].replace("hv-storvsc", "hv-nothing"), encoding="utf-8")
same(lint("policy", "lint", "--policy-dir", work / "more")[0], 1, "where one through an unknown interface is none")
(work / "more/proofs/our-lab.yaml").unlink()
(work / "old-codec").mkdir()
(work / "old-codec/shim.yaml").write_text(examples("shim")[0], encoding="utf-8")
(work / "old-codec/README.md").write_text("Example.\n", encoding="utf-8")
same(lint("shim", "lint", work / "old-codec"), (0, ""), "the example of a shim is one")
if shutil.which("scdoc"):
    for page in sorted((TOP / "docs/man").glob("*.scd")):
        with open(page, encoding="utf-8") as file:
            child = subprocess.run(["scdoc"], stdin=file, capture_output=True, text=True, check=False)
        same((child.returncode, child.stderr), (0, ""), f"{page.stem} can be made")
else:
    skip("the pages can be made", "scdoc is not installed")
shutil.rmtree(work, ignore_errors=True)
done()
