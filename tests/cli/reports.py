#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a report must be: reports.py KIND FILE [SCHEMA].  Prints what it says of
each call, or what is wrong with it."""
import json
import sys
import xml.etree.ElementTree as tree


def wrong(text):
    print("wrong:", text)
    sys.exit(1)


def check(value, schema, where):
    """The part of JSON schema that prun's use."""
    types = {"object": dict, "array": list, "string": str, "integer": int}
    if "const" in schema and value != schema["const"]:
        wrong(f"{where} is {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        wrong(f"{where} is {value!r}")
    kind = schema.get("type")
    if kind and (not isinstance(value, types[kind])
                 or isinstance(value, bool)):
        wrong(f"{where} is no {kind}")
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                wrong(f"{where} lacks {key}")
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                check(inner, schema["properties"][key], f"{where}.{key}")
            elif schema.get("additionalProperties") is False:
                wrong(f"{where} has {key}")
    if isinstance(value, list):
        for i, inner in enumerate(value):
            check(inner, schema.get("items", {}), f"{where}[{i}]")


def load(kind, path):
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    for c in text:
        if (c < " " and c not in "\n\t") or (
                kind == "junit" and c in "\x7f\ufffe\uffff"):
            wrong(f"a control character {c!r}")
    return text


def report_json(text):
    return [(c["name"], c.get("status", "unfinished"))
            for c in json.loads(text)["calls"]]


def report_ctrf(text):
    r = json.loads(text)["results"]
    s = r["summary"]
    if s["tests"] != len(r["tests"]) or s["tests"] != sum(
            s[k] for k in ("passed", "failed", "skipped", "pending",
                           "other")):
        wrong("the sums")
    if not 0 < s["start"] <= s["stop"]:
        wrong("the times")
    return [(t["name"], t["status"]) for t in r["tests"]]


def report_junit(text):
    out, seen = [], set()
    root = tree.fromstring(text)
    for case in root.iter("testcase"):
        key = (case.get("classname"), case.get("name"))
        if key in seen:
            wrong(f"twice: {key}")
        seen.add(key)
        word = [e.tag for e in case if e.tag in
                ("failure", "error", "skipped", "flakyFailure")]
        out.append((".".join(key), word[0] if word else "passed"))
    if int(root.get("tests")) != len(out):
        wrong("the number of tests")
    for name in ("failure", "error", "skipped"):
        key = name if name == "skipped" else name + "s"
        if int(root.get(key)) != sum(w == name for _, w in out):
            wrong("the number of " + key)
    return out


def report_trace(text):
    ends, out, starts = {}, [], set()
    events = json.loads(text)["traceEvents"]
    slices = [e for e in events if e["ph"] == "X"]
    for e in sorted(slices, key=lambda e: e["ts"]):
        if e["ts"] < ends.get(e["tid"], 0) or e["dur"] < 0:
            wrong(f"{e['name']} overlaps on its thread")
        ends[e["tid"]] = e["ts"] + e["dur"]
        out.append((e["name"], e["args"]["outcome"]))
    for e in events:
        if e["ph"] == "s":
            starts.add(e["id"])
        elif e["ph"] == "f" and e["id"] not in starts:
            wrong("an arrow from nowhere")
        elif e["ph"] == "C" and min(e["args"].values()) < 0:
            wrong("a counter below 0")
    counts = [e for e in events if e["ph"] == "C" and e["pid"] == 1]
    if counts and counts[-1]["args"]["running"] != 0:
        wrong("jobs run at the end")
    return out + [("arrows", str(len(starts)))]


def main():
    kind, path = sys.argv[1:3]
    text = load(kind, path)
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as f:
            check(json.loads(text), json.load(f), "report")
    for name, word in globals()["report_" + kind](text):
        print(f"{name}: {word}")


main()
