#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a report for pipelines is valid, and means what the exit status said.

report_check.py junit|sarif|html STATUS FILE: prints what is wrong; exits 0 when nothing is.
"""
import html.parser
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ET

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schemas"
# What an exit status asks for: does something fail, does something stay undecided?
VERDICTS = {0: (False, False), 1: (True, None), 2: (None, True), 3: (False, True)}


def agree(found, wanted, what):
    """`wanted` None: either will do."""
    return [] if wanted is None or found == wanted else [f"{what}: {found}, and the exit status says {wanted}"]


def junit(path, status):
    lint = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", SCHEMAS / "junit.xsd", path],
                          capture_output=True, text=True, check=False)
    if lint.returncode:
        return lint.stderr.splitlines()
    wrong = []
    total = {"failures": 0, "errors": 0}
    for suite in ET.parse(path).getroot():
        for attribute, element in (("tests", ""), ("failures", "/failure"), ("errors", "/error"), ("skipped", "/skipped")):
            count = len(suite.findall("testcase" + element))
            if int(suite.get(attribute)) != count:
                wrong.append(f"{attribute} is {suite.get(attribute)}, and there are {count}")
            if attribute in total:
                total[attribute] += count
        if not suite.findall("testcase"):
            wrong.append("a testsuite that tests nothing")
    fails, undecided = VERDICTS[status]
    return wrong + agree(total["failures"] > 0, fails, "failures") + agree(total["errors"] > 0, undecided, "errors")


def sarif(path, status):
    import jsonschema
    document = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((SCHEMAS / "sarif.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    wrong = [f"{list(e.path)}: {e.message[:200]}" for e in jsonschema.Draft7Validator(schema).iter_errors(document)]
    if wrong:
        return wrong
    run = document["runs"][0]
    rules, artifacts = run["tool"]["driver"]["rules"], run["artifacts"]
    for result in run["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            wrong.append(f"ruleIndex {result['ruleIndex']} is not {result['ruleId']}")
        for where in result["locations"] + result.get("relatedLocations", []):
            location = where["physicalLocation"]["artifactLocation"]
            if artifacts[location["index"]]["location"]["uri"] != location["uri"]:
                wrong.append(f"index {location['index']} is not {location['uri']}")
    if len({rule["id"] for rule in rules}) != len(rules):
        wrong.append("a rule stands there twice")
    if len({"baselineState" in r for r in run["results"]}) > 1:
        wrong.append("some results have a baselineState, and some have none")
    errors = any(r["level"] == "error" and not r.get("suppressions") for r in run["results"])
    invocation = run["invocations"][0]
    if invocation["exitCode"] != status:
        wrong.append(f"exitCode {invocation['exitCode']}")
    if invocation["executionSuccessful"] != (status != 2):
        wrong.append("executionSuccessful")
    return wrong + agree(errors, {0: False, 1: True, 2: True, 3: True}[status], "results of level error")


class Page(html.parser.HTMLParser):
    """The page as a browser's tokenizer sees it."""
    VOID = {"meta", "input", "br"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.tags, self.ids = [], [], [], set()

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "style", "srcset") or "script:" in (value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name == "href" and not value.startswith("#"):
                self.wrong.append(f"a way out of the page: {value!r}")
            if name == "id" and value in self.ids:
                self.wrong.append(f"id {value} twice")
            if name == "id":
                self.ids.add(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


def page(path, status):
    """Well-formed as XML, balanced as HTML, nothing fetched, nothing run but our own, tables with heads."""
    lint = subprocess.run(["xmllint", "--noout", "--nonet", path], capture_output=True, text=True, check=False)
    wrong = lint.stderr.splitlines()[:5]
    text = path.read_text(encoding="utf-8")
    parser = Page()
    parser.feed(text)
    parser.close()
    wrong += parser.wrong[:5] + [f"<{tag}> is never closed" for tag in parser.open]
    if f"Exit status {status}: " not in text:
        wrong.append("the page tells of another exit status")
    tags = [tag for tag, _ in parser.tags]
    for tag, times in (("script", 1), ("style", 1), ("main", 1), ("h1", 1)):
        if tags.count(tag) != times:
            wrong.append(f"<{tag}> {tags.count(tag)} times")
    for tag in ("link", "img", "iframe", "object", "embed", "form", "base", "svg"):
        if tag in tags:
            wrong.append(f"<{tag}>")
    if any("scope" not in attrs for tag, attrs in parser.tags if tag == "th"):
        wrong.append("a <th> without scope")
    policies = [attrs["content"] for tag, attrs in parser.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    if len(policies) != 1 or not policies[0].startswith("default-src 'none'; ") or "unsafe" in policies[0]:
        wrong.append(f"content security policy: {policies}")
    if text.index("Content-Security-Policy") > text.index("<style>"):
        wrong.append("the policy comes too late")
    return wrong


if __name__ == "__main__":
    check = {"junit": junit, "sarif": sarif, "html": page}[sys.argv[1]]
    problems = check(pathlib.Path(sys.argv[3]), int(sys.argv[2]))
    print("\n".join(problems))
    sys.exit(bool(problems))
