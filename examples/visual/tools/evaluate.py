#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All results into one file, which the reports are made of.  It has no times,
so that two runs can be compared."""
import json
import os
import sys

results = []
for name in sorted(os.listdir("tests")):
    test = name.removesuffix(".txt")
    with open("tests/" + name, encoding="utf-8") as f:
        checkpoints = [line.split()[0] for line in f
                       if line.strip() and not line.startswith("#")]
    for checkpoint in checkpoints:
        try:
            with open(f"build/results/{test}-{checkpoint}.json",
                      encoding="utf-8") as f:
                results.append(json.load(f))
        except FileNotFoundError:
            sys.exit(f"{test}: {checkpoint} has no result")
failed = sum(r["verdict"] == "failed" for r in results)
summary = {"passed": len(results) - failed, "failed": failed,
           "results": results}
with open("build/results.json.new", "w", encoding="utf-8") as out:
    json.dump(summary, out, indent=1)
    out.write("\n")
os.rename("build/results.json.new", "build/results.json")
print(f"{summary['passed']} passed, {failed} failed")
