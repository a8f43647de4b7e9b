#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs that tests look at, and what kills do to reports.

report_big.py run FOLDER CALLS [long]
                                  makes the folder of a run with so many calls,
                                  hostile ones, and a log of 10 MB; long: some
                                  texts are of 100 KB
report_big.py page FILE           what an HTML report must not have
report_big.py kill COMMAND...     kills it at 15 moments; each file below r/ is
                                  whole then, or is not there
"""
import html.parser
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as tree

EVIL = ["</script><script>alert(1)</script>", "\"'><img src=x onerror=alert(2)>",
        "\u202e\u2028&amp;]]>", "<!--", "\x01\x1b[31m\x7f\ufffe", "a" * 4000,
        "javascript:alert(3)", "<style>*{display:none}</style>", "x`|*_"]


def make_run(folder, n, is_long):
    os.makedirs(folder + "/logs")
    rng = random.Random(7)
    with open(folder + "/events.jsonl", "w", encoding="utf-8") as f:
        size, lines = (100000, 700) if is_long else (4000, 3000)

        def line(**fields):
            f.write(json.dumps(fields) + "\n")
        line(ev="run", format=2, id="big", version="0", host=EVIL[0],
             root=EVIL[1], cwd="/", argv=["--dir", EVIL[1],
                   "X=" + ("<" * size if is_long else EVIL[0])],
             tasks=[EVIL[0], "b"], at=1795937157000000000, slots=8)
        at = 0
        for i in range(1, n + 1):
            name = (EVIL[i % len(EVIL)] if i % 300 else "<" * size) + str(i)
            log = f"logs/{i}.log"
            with open(f"{folder}/{log}", "wb") as out:
                out.write(b"\xff\xfe<b>&\0\r\n]]>" * (lines if i % 5 == 0 else 30))
            line(ev="call", id=i, name=name, task="ns:" + name, key=name,
                 created=at, **({"parent": i // 2} if i > 1 else {}))
            line(ev="start", id=i, name=name, start=at)
            end = at + rng.randint(1, 50) * 1000000
            line(ev="job", id=i, call=i, attempt=1, slot=i % 8 + 1, slots=1,
                 executor="local", start=at, log=log)
            status = ["passed", "failed", "not run", "skipped",
                      "cancelled", "up to date"][i % 6]
            line(ev="job_end", id=i, call=i, start=at, end=end,
                 exit=int(status == "failed"))
            line(ev="call_end", id=i, name=name, status=status, log=log,
                 error=EVIL[(i + 1) % len(EVIL)], end=end, attempts=1,
                 exit=int(status == "failed"), job_time=end - at)
            at += 4000000
        line(ev="end", end=at + 50000000, exit=1,
             error="&" * size if is_long else EVIL[1])
    with open(folder + "/logs/1.log", "wb") as out:
        out.write(b"head of it\n" + b"\x1b[1m<script>x</script>\n" * 450000
                  + b"tail of it\n")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.wrong, self.scripts, self.rows = [], [], 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "script":
            self.scripts.append(attrs)
        if tag in ("img", "iframe", "object", "embed", "base", "form", "b"):
            self.wrong.append(tag)
        self.rows += tag == "details"
        for key, value in attrs.items():
            if key.startswith("on") or key in ("style", "src"):
                self.wrong.append(f"{tag} {key}")
            if key == "href" and not re.match(r"data:,$|[./#]", value):
                self.wrong.append(f"{tag} {key}={value}")


def check_page(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    page = Page()
    page.feed(text)
    nonce = re.search(r"script-src 'nonce-([0-9a-f]{32})'", text)
    if len(page.scripts) != 2 or page.scripts[1] != {"nonce": nonce[1]}:
        page.wrong.append(f"scripts: {page.scripts}")
    if "default-src 'none'" not in text or not text.endswith("</html>\n"):
        page.wrong.append("policy or end")
    if os.path.getsize(path) > 5 << 20:
        page.wrong.append(f"size {os.path.getsize(path)}")
    for address in re.findall(r"https?://[^\s'\"]*", text):
        if not address.startswith("http://www.w3.org/2000/svg"):
            page.wrong.append(address)
    print("\n".join(page.wrong) if page.wrong else f"{page.rows} calls")


def is_whole(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if path.endswith(".json"):
        json.loads(text)
    elif path.endswith(".xml"):
        tree.fromstring(text)
    else:
        assert text.endswith("</html>\n" if "html" in path else "|\n\n"
                             if "more calls" not in text else "out.\n\n")


def kill(command):
    begin = time.monotonic()
    subprocess.run(command, check=True)
    took, killed, seen = time.monotonic() - begin, 0, 0
    for i in range(15):
        shutil.rmtree("r", ignore_errors=True)
        with subprocess.Popen(command) as p:
            try:
                p.wait(took * (i + 0.5) / 15)
            except subprocess.TimeoutExpired:
                p.kill()
                killed += 1
        names = os.listdir("r") if os.path.isdir("r") else []
        for name in names:
            if name in ("a.json", "a.xml", "t.json", "a.html", "a.md"):
                is_whole("r/" + name)
                seen += 1
    print(f"killed {'at' if killed > 3 else 'only at'} many moments; whole")


if sys.argv[1] == "run":
    make_run(sys.argv[2], int(sys.argv[3]), len(sys.argv) > 4)
elif sys.argv[1] == "page":
    check_page(sys.argv[2])
else:
    kill(sys.argv[2:])
