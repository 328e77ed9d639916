#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of --format html in a headless Chromium, which is driven through a pipe by its DevTools protocol.

browser.py GATE-PAGE EVIL-PAGE: TAP. The first page compares two kernels of the world of tests/cli/tap.sh, the second is
of a kernel whose name is full of markup.
"""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import done, ok, same  # noqa: E402

PATIENCE = 60
CONTRAST = r"""(() => {
  const rgb = c => c.match(/[\d.]+/g).slice(0, 3).map(Number);
  const light = c => rgb(c).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const paper = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...Array.from(document.querySelectorAll('body, .mark, .quiet, a, thead th, .role, .mode'), e => {
    const ink = light(getComputedStyle(e).color);
    return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05);
  }));
})()"""


class Browser:
    """One page of one browser. Messages are JSON, parted by a zero byte (--remote-debugging-pipe)."""

    def __init__(self, program, profile):
        to_child, self.write_end = os.pipe()
        self.read_end, from_child = os.pipe()
        # The child reads descriptor 3 and writes 4.
        wrapper = f"exec 3<&{to_child} 4>&{from_child}; exec \"$@\""
        self.child = subprocess.Popen(
            ["bash", "-c", wrapper, "bash", program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-background-networking", "--disable-dev-shm-usage", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "--window-size=1280,900", "about:blank"],
            pass_fds=(to_child, from_child), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": profile})
        os.close(to_child)
        os.close(from_child)
        self.rest, self.events, self.number, self.session = b"", [], 0, None
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self):
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            if not select.select([self.read_end], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            chunk = os.read(self.read_end, 1 << 20)
            if not chunk:
                raise EOFError("the browser is gone")
            self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\0")
        return json.loads(line)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write_end, json.dumps(request).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, page):
        self.events.clear()
        self.call("Page.navigate", url=pathlib.Path(page).resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.message())

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, key, code, text=""):
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text)

    def media(self, media="", **features):
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def complaints(self):
        """What a developer would see in red."""
        return [e["params"] for e in self.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")
                or (e.get("method") == "Runtime.consoleAPICalled" and e["params"]["type"] in ("error", "warning"))]

    def fetched(self):
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def close(self):
        os.close(self.write_end)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def check_content(browser):
    same(browser.complaints(), [], "the console stays empty")
    same(len(browser.fetched()), 1, "nothing but the page is fetched")
    same(browser.value("document.querySelectorAll('.matrix tbody tr:not(.host)').length"), 6, "a row for each version and mode")
    same(browser.value("Array.from(document.querySelectorAll('.matrix tbody tr:not(.host) > *'), e => e.tagName).join('')"),
         "THTDTDTD" * 6, "a head and three cells in each")
    same(browser.value("document.querySelector('.matrix tbody tr:nth-child(2)').innerText.replace(/\\s+/g, ' ').trim()"),
         "1 gate ✓ supported ✕ unsupported ✕ dropped new, blocks", "sign and word of each, old beside new")
    same(browser.value("Array.from(document.querySelectorAll('.mark'), e => e.textContent.trim()).filter(t => !/^\\S \\w/.test(t))"),
         [], "no mark is a colour alone")


def check_keyboard(browser):
    """Tab goes to every cell in the order of the page, and Enter opens it."""
    browser.value("document.body.focus(); window.seen = []; document.addEventListener('focusin', "
                  "e => seen.push(Array.from(document.querySelectorAll('.matrix summary')).indexOf(e.target)))")
    cells = browser.value("document.querySelectorAll('.matrix summary').length")
    for _ in range(60):
        browser.press("Tab", 9)
        if browser.value("seen[seen.length - 1]") == cells - 1:
            break
    same(browser.value("seen.filter(i => i >= 0)"), list(range(cells)), f"Tab reaches each of {cells} cells, in order")
    ok(browser.value("seen[0]") == -1, "something comes before the matrix: the way to skip to it")
    outline = browser.value("getComputedStyle(document.activeElement).outlineStyle")
    same(outline, "solid", "what has the focus shows it")
    browser.press("Enter", 13, "\r")
    same(browser.value("document.activeElement.parentNode.open"), True, "Enter opens the cell")
    ok(browser.value("document.activeElement.parentNode.querySelector('dl').offsetHeight") > 0, "its evidence is there")
    browser.press("Enter", 13, "\r")
    same(browser.value("document.activeElement.parentNode.open"), False, "and closes it")


def check_switches(browser):
    def shown():
        return browser.value("Array.from(document.querySelectorAll('.matrix tbody tr:not(.host)')).filter(e => e.offsetHeight).length")
    browser.value("document.getElementById('rows-differ').click()")
    same(shown(), 2, "only what differs")
    browser.value("document.getElementById('rows-short').click()")
    same(shown(), 2, "only what is not supported everywhere")
    browser.value("document.getElementById('rows-all').click()")
    same(shown(), 6, "all of it again")
    browser.value("document.getElementById('open-all').click()")
    same(browser.value("document.querySelectorAll('.matrix details:not([open])').length"), 0, "a button opens every cell")
    browser.value("document.getElementById('open-all').click()")
    same(browser.value("document.querySelectorAll('.matrix details[open]').length"), 0, "and closes them")


def check_looks(browser):
    pictures, papers = {}, {}
    for scheme in ("light", "dark"):
        browser.media(prefers_color_scheme=scheme)
        pictures[scheme] = browser.call("Page.captureScreenshot", format="png")["data"]
        papers[scheme] = browser.value("getComputedStyle(document.body).backgroundColor")
        contrast = browser.value(CONTRAST)
        ok(contrast >= 4.5, f"contrast in the {scheme} is 4.5 at the least", contrast)
    ok(pictures["light"] != pictures["dark"], "the dark looks different")
    same(papers["light"], "rgb(255, 255, 255)", "the light is white")
    ok(papers["dark"] != papers["light"], "the dark is not", papers)
    browser.value("scrollTo(0, 1e6)")
    same(browser.value("document.querySelector('.matrix thead th').getBoundingClientRect().top >= 0"), True,
         "the heads of the matrix stay in sight")


def check_print(browser):
    hidden = "Array.from(document.querySelectorAll('.matrix dl')).filter(e => !e.checkVisibility()).length"
    same(browser.value(hidden), 12, "on the screen every cell is closed")
    browser.media(media="print")
    same(browser.value(hidden), 0, "in print every cell shows its evidence")
    same(browser.value("document.querySelector('nav').offsetHeight"), 0, "and what is of no use on paper is gone")
    browser.media()
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    ok(pdf.startswith(b"%PDF-") and len(pdf) > 10000, "it prints", pdf[:20])
    same(browser.value("document.querySelectorAll('.matrix details[open]').length"), 0, "and is after that as it was")


def check_policy(browser):
    """Last: what is tried here is complained about."""
    browser.value("(() => { const s = document.createElement('script'); s.textContent = 'window.pwned = 3';"
                  "document.body.append(s); const i = document.createElement('img'); i.src = 'https://example.org/x.png';"
                  "document.body.append(i); })()")
    same(browser.value("window.pwned"), None, "a script that is not ours does not run")
    ok(any("Content Security Policy" in str(c) for c in browser.complaints()), "for the policy forbids it")


def check_evil(browser, page):
    browser.open(page)
    same(browser.complaints(), [], "a hostile name: the console stays empty")
    same(browser.value("[document.scripts.length, window.pwned]"), [1, None], "it is no script")
    same(browser.value("document.querySelector('.result').innerText.includes('<script>pwned=1<')"), True, "it is text")


def check_without_script(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    same(browser.value("document.getElementById('open-all').offsetHeight"), 0, "without scripts no button pretends to work")
    browser.value("document.querySelector('.matrix summary').focus()")
    browser.press("Enter", 13, "\r")
    same(browser.value("document.querySelector('.matrix details').open"), True, "and cells open all the same")


def main():
    program = shutil.which("chromium")
    if not program:
        print("1..0 # SKIP there is no chromium: tools/install-deps browser")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            browser.open(sys.argv[1])
            for check in (check_content, check_keyboard, check_switches, check_looks, check_print, check_policy):
                check(browser)
            check_evil(browser, sys.argv[2])
            check_without_script(browser, sys.argv[1])
        finally:
            browser.close()
    done()


main()
