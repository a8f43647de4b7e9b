#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a checkpoint did, and names it."""
import json
import sys

with open("build/results.json", encoding="utf-8") as f:
    results = json.load(f)["results"]
failed = [r for r in results if r["verdict"] == "failed"]
for r in failed:
    print(f"{r['test']}: {r['checkpoint']}: {r['pixels']} pixels differ; "
          "see build/report.html")
sys.exit(1 if failed else 0)
