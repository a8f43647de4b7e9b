#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes the pictures of docs/dashboard.md, with Chromium.

    record.py [PROGRAM [NAME…]]

PROGRAM: prun, as it was built.  The page is served by the double of its tests,
since that is there without prun-serve.  Times and ids differ from run to run.
"""
import collections
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests", "serve"))
sys.dont_write_bytecode = True
import browser as chromium  # noqa: E402 pylint: disable=wrong-import-position

SHOP = r"""
version: '3'
tasks:
  qa: {desc: All checks, deps: [lint, 'build:api', 'build:web', 'test:py', 'test:web', docs, e2e]}
  lint: {desc: Linters, deps: ['lint:go', 'lint:web']}
  'lint:go': sleep 0.2; echo 214 files
  'lint:web': sleep 0.1; echo fine
  'build:api': {desc: The server, run: once, cmds: ['sleep 0.9; for i in 1 2 3 4 5; do echo compiling part $i; done']}
  'build:web': {desc: The pages, run: once, cmds: ['sleep 0.6; echo built']}
  'test:py':
    desc: Tests in Python
    deps: ['build:api']
    cmds:
      - |
        sleep 0.4; echo collected 12 items; echo
        for i in $(seq 1 40); do echo "tests/test_$i.py ."; done
        printf '\033[31m=== FAILURES ===\033[0m\n'
        echo '    def test_sum():'
        echo '        cart = Cart([1, 2])'
        printf '\033[1m\033[31mE       assert 3 == 4\033[0m\n'
        echo
        echo 'tests/cart.py:31: AssertionError'
        printf '\033[31mFAILED\033[0m tests/cart.py::test_sum - assert 3 == 4\n'
        echo '1 failed, 11 passed in 0.38s'
        exit 1
  'test:web': {desc: Tests of the pages, deps: ['build:web'], cmds: ["sleep 0.7; echo '40 passed'"]}
  docs: {desc: The manual, cmds: ['sleep 0.3; echo 12 pages']}
  e2e:
    desc: A browser clicks through it
    deps: ['build:web']
    cmds: ["sleep 0.5; echo 'src/checkout.ts(88,14): error TS2322: Type string is not assignable to type number.'; exit 2"]
  release: {desc: All of it, deps: [images, package, qa-quick]}
  images: {desc: Pictures, cmds: ['for i in $(seq 1 110); do echo "image $i of 110"; sleep 0.1; done']}
  package: {desc: What is installed, cmds: ['for i in $(seq 1 80); do echo "packing $i"; sleep 0.1; done']}
  qa-quick: {desc: The quick checks, deps: ['lint:go', 'lint:web', docs]}
  test-plan:
    desc: Runs a plan
    cmds:
      - |
        echo "{{.PLAN_FILE}}, batches {{.BATCH_RANGE}}"; sleep 0.9
        case {{.PLAN_FILE}} in *03*) echo 'step 4: expected 200, got 500'; exit 1 ;; esac
  unit:
    desc: All unit tests
    deps: [{for: [ITEMS], task: one, vars: {NAME: '{{.ITEM}}'}}]
  one:
    label: 'test:{{.NAME}}'
    cmds: ['case {{.NAME}} in mail-04[01]) echo "tests/{{.NAME}}.c:12: error: expected 3, got 4"; exit 1;; *) echo ok;; esac']
"""
WORDS = ["cart", "login", "search", "checkout", "orders", "mail", "stock",
         "images", "prices", "routes"]


def make_shop(folder):
    """The project that is looked at."""
    items = ", ".join("%s-%03d" % (WORDS[i % 10], i // 10)
                      for i in range(1999))
    with open(os.path.join(folder, "Taskfile.yml"), "w",
              encoding="utf-8") as out:
        out.write(SHOP.replace("ITEMS", items))
    os.makedirs(os.path.join(folder, "docs", "plans"))
    for i in range(1, 10):
        name = os.path.join(folder, "docs", "plans", "e2e-test-0%d.md" % i)
        with open(name, "w", encoding="utf-8") as out:
            out.write("# plan %d\n" % i)
    for words in (["init", "-q", "."], ["add", "."],
                  ["-c", "user.name=me", "-c", "user.email=me@host",
                   "commit", "-qm", "first"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def rows_of(data, width, height):
    """The lines of an image of 8-bit RGB, their filters undone."""
    stride, before = width * 3, bytes(width * 3)
    for y in range(height):
        kind = data[y * (stride + 1)]
        line = bytearray(data[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        if kind == 2:
            line = bytearray((a + b) & 255 for a, b in zip(line, before))
        elif kind:
            undo(kind, line, before)
        before = bytes(line)
        yield before


def undo(kind, line, before):
    """The filters that look to the left."""
    for i, value in enumerate(line):
        left = line[i - 3] if i >= 3 else 0
        if kind == 1:
            line[i] = (value + left) & 255
        elif kind == 3:
            line[i] = (value + (left + before[i]) // 2) & 255
        else:
            corner = before[i - 3] if i >= 3 else 0
            guess = left + before[i] - corner
            line[i] = (value + min((left, before[i], corner), key=lambda c:
                                   abs(guess - c))) & 255


def palette_of(often):
    """Frequent colours that are not much like one that is there already."""
    palette, least = [], 9
    while least >= 0:
        for pixel, _ in often.most_common():
            if len(palette) == 256:
                return palette
            if all(max(abs(a - b) for a, b in zip(pixel, p)) > least
                   for p in palette):
                palette.append(pixel)
        least -= 3
    return palette


def smaller(path):
    """The same picture with a palette: these have few colours."""
    with open(path, "rb") as file:
        data = file.read()
    at, chunks = 8, {}
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        chunks[name] = chunks.get(name, b"") + data[at + 8:at + 8 + size]
        at += size + 12
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    if (depth, kind) != (8, 2):
        return
    lines = [[line[i:i + 3] for i in range(0, len(line), 3)] for line in
             rows_of(zlib.decompress(chunks[b"IDAT"]), width, height)]
    often = collections.Counter(p for line in lines for p in line)
    palette = palette_of(often)
    index = {p: min(range(len(palette)), key=lambda i, p=p: sum(
        (a - b) ** 2 for a, b in zip(p, palette[i]))) for p in often}
    body = b"".join(b"\0" + bytes(index[p] for p in line) for line in lines)
    with open(path, "wb") as file:
        file.write(data[:8])
        for name, text in (
                (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0,
                                      0)),
                (b"PLTE", b"".join(palette)),
                (b"IDAT", zlib.compress(body, 9)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(text)) + name + text +
                       struct.pack(">I", zlib.crc32(name + text)))


class Studio:
    """The server and the browser."""

    def __init__(self, browser, address, program, shop):
        self.browser, self.address = browser, address
        self.base, _, self.token = address.partition("#")
        self.program, self.shop, self.taken = program, shop, []

    def ask(self, path, body=None):
        """The API."""
        request = urllib.request.Request(
            self.base + "api/v1" + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token,
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def prun(self, *words):
        """A run to its end; its id."""
        subprocess.run([self.program, *words], cwd=self.shop, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return self.ask("/runs")["runs"][0]["run_id"]

    def calls(self, run):
        """Numbers by names."""
        return {c["name"]: c["id"] for c in
                self.ask("/runs/" + run)["report"]["calls"]}

    def shoot(self, name, place, seen, do=None, size=(1400, 900), dark=False):
        """One picture, once that is seen."""
        page = self.browser.page(*size, dark=dark)
        page.go(self.address)
        page.until("document.querySelector('#main h1')")
        page.go("about:blank")
        page.go(self.base + place)
        page.until("document.querySelector(%s)" % json.dumps(seen))
        if do:
            do(page)
        page.js("document.fonts.ready.then(() => new Promise(d => setTimeout("
                "d, 300)))")
        path = os.path.join(HERE, name + ".png")
        page.shoot(path)
        self.taken.append(path)
        if page.complaints:
            print(name, page.complaints)


PHONE = (390, 844)


def scroll(page):
    """To what is below the failures."""
    page.js("document.querySelector('#run-panel').previousSibling"
            ".scrollIntoView()")


def scenes(s):
    """All pictures."""
    for _ in range(4):
        s.prun("lint", "build:web", "docs")
    s.prun("release")
    passed = s.prun("lint", "build:web")
    failed = s.prun("qa")
    many = s.prun("unit")
    n = s.calls(failed)
    at, log = "#/runs/" + failed, "?call=%d" % n["test:py"]
    yield "passed", "#/runs/" + passed, "#calls .row", None, (1400, 620), False
    yield "failed", at, ".failure .l.at", None, (1400, 900), False
    yield "failed-dark", at, ".failure .l.at", None, (1400, 900), True
    yield "log-dark", at + log + "&q=test_%5Cd%2B%7Cassert&re=1", ".ln mark", \
        None, (1400, 900), True
    yield "logs", at + "?call=%d&open=%d.%d&together=1" % (
        n["test:web"], n["test:py"], n["e2e"]), ".ln.title", None, \
        (1400, 900), False
    yield "timeline", at + "?tab=timeline", ".draw .bar", scroll, \
        (1400, 700), False
    yield "graph-dark", at + "?tab=graph", ".draw .box", scroll, \
        (1400, 700), True
    yield "why", at + log + "&view=why", "dl.facts", None, (1400, 700), False
    yield "past", "#/runs/" + passed + "?call=2&view=history", \
        "figure svg, .facts .empty", None, (1400, 700), True
    yield "many", "#/runs/" + many, ".failure .l.at", None, (1400, 900), False
    yield "many-timeline", "#/runs/" + many + "?tab=timeline", ".draw .bar", \
        scroll, (1400, 700), True
    yield "history", "#/history", ".past-row", None, (1400, 700), False
    yield "start", "#/start", ".choices label", None, (1400, 760), False
    yield "start-session", "#/start?what=tests", ".plan", None, \
        (1400, 480), True
    yield "keys", at, ".failure .l.at", lambda p: p.key("?"), \
        (1400, 900), True
    yield "phone", at, ".failure .l.at", None, PHONE, False
    yield "phone-log", at + log, ".ln.at", None, PHONE, True
    yield "phone-list", "#/list", ".list li", None, PHONE, False
    live = s.ask("/runs", {"tasks": ["release"]})["run_id"]
    yield "running", "#/runs/" + live, ".live li", \
        lambda p: time.sleep(1.5), (1400, 620), False
    yield "running-log", "#/runs/%s?call=2" % live, ".ln", None, \
        (1400, 620), True
    plans = ["docs/plans/e2e-test-0%d.md" % i for i in (3, 1, 2, 4, 5, 6, 7)]
    which = s.ask("/parallel-test/start", {
        "num_workers": 3, "test_plans":
            [{"plan_file": p} for p in plans * 8]})["session_id"]
    yield "session", "#/sessions/" + which, ".worker", lambda p: p.until(
        "document.querySelector('.failure .l.at')"), (1400, 900), False
    which = s.ask("/parallel-test/start", {
        "num_workers": 3, "test_plans":
            [{"plan_file": p} for p in plans * 3]})["session_id"]
    yield "phone-session", "#/sessions/" + which, ".worker", lambda p: p.until(
        "document.querySelector('.failure .l.at')"), PHONE, True


def main():
    """See above."""
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "prun")
    wanted = sys.argv[2:]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        shop = os.path.join(work, "shop")
        os.makedirs(shop)
        os.environ["XDG_STATE_HOME"] = os.path.join(work, "state")
        os.makedirs(os.path.join(work, "browser"))
        make_shop(shop)
        server = subprocess.Popen(
            [sys.executable, os.path.join(ROOT, "tests", "serve", "double.py"),
             os.path.join(ROOT, "src", "serve", "page"), program, shop],
            stdout=subprocess.PIPE, text=True)
        address = server.stdout.readline().strip()
        with chromium.Browser(chromium.find(),
                              os.path.join(work, "browser")) as browser:
            studio = Studio(browser, address, program, shop)
            for name, *scene in scenes(studio):
                if not wanted or name in wanted:
                    studio.shoot(name, *scene)
        server.terminate()
        server.wait()
        for path in studio.taken:  # later: it takes longer than what runs
            smaller(path)
            print(os.path.basename(path), os.path.getsize(path))


if __name__ == "__main__":
    main()
