#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A report of build/results.json: report.py html|junit|text"""
import base64
import html
import json
import struct
import sys
import zlib
from xml.sax.saxutils import quoteattr

STYLE = """:root { color-scheme: light dark }
body { font: 15px system-ui, sans-serif; margin: 2em auto; max-width: 60em }
th { text-align: left; font-weight: 600 } img { border: 1px solid #8888 }
td, th { padding: 6px 12px 6px 0; vertical-align: top }
.failed { color: #cc4b42 } .passed { color: #3f8a5f }"""


def png(path):
    """A picture as browsers show it, of one in PPM."""
    with open(path, encoding="ascii") as f:
        words = f.read().split()
    width, height = int(words[1]), int(words[2])
    pixels = bytes(map(int, words[4:]))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    rows = b"".join(b"\0" + pixels[3 * width * y:3 * width * (y + 1)]
                    for y in range(height))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0,
                                         0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture(folder, r):
    data = png(f"build/{folder}/{r['test']}-{r['checkpoint']}.ppm")
    return (f'<td><img alt="{folder}" src="data:image/png;base64,'
            + base64.b64encode(data).decode("ascii") + '"></td>')


def page(summary):
    yield ("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
           f"<title>Pictures</title><style>{STYLE}</style>\n"
           f"<h1>{summary['passed']} passed, {summary['failed']} failed</h1>\n"
           "<table><tr><th>checkpoint<th>before<th>now<th>difference</tr>\n")
    for r in sorted(summary["results"], key=lambda r: r["verdict"]):
        name = html.escape(f"{r['test']}: {r['checkpoint']}")
        yield (f"<tr><td>{name}<br><b class=\"{r['verdict']}\">{r['verdict']}"
               f"</b><br>{r['pixels']} pixels differ</td>"
               + "".join(picture(folder, r)
                         for folder in ("base", "current", "difference"))
               + "</tr>\n")
    yield "</table></html>\n"


def junit(summary):
    yield ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
           f"<testsuite name=\"visual\" tests=\"{len(summary['results'])}\" "
           f"failures=\"{summary['failed']}\">\n")
    for r in summary["results"]:
        yield (f"<testcase classname={quoteattr('visual.' + r['test'])} "
               f"name={quoteattr(r['checkpoint'])}")
        if r["verdict"] == "failed":
            yield (f"><failure message=\"{r['pixels']} pixels differ, "
                   f"{r['most']} may\"/></testcase>\n")
        else:
            yield "/>\n"
    yield "</testsuite>\n</testsuites>\n"


def text(summary):
    for r in summary["results"]:
        yield (f"{r['test']:10} {r['checkpoint']:10} {r['verdict']:8}"
               f"{r['pixels']:6} pixels differ\n")


KINDS = {"html": (page, "report.html"), "junit": (junit, "junit.xml"),
         "text": (text, "report.txt")}
with open("build/results.json", encoding="utf-8") as results:
    data = json.load(results)
make, target = KINDS[sys.argv[1]]
with open("build/" + target, "w", encoding="utf-8") as out:
    out.write("".join(make(data)))
