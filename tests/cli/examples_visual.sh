#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/visual: five phases, one after the other, each with its tests side
# by side; one checkpoint fails, and the others have their results.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'

# What the journal says of the order: order REPORT.
order()
{
	python3 - "$1" <<'EOT'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    calls = json.load(f)["calls"]
phases = ["set-up", "capture-base", "capture-current", "compare", "report"]
spans = [next((c["start"], c["end"]) for c in calls if c["name"] == p)
         for p in phases]
print("phases in a row:",
      all(a[1] <= b[0] for a, b in zip(spans, spans[1:])))
for prefix in ("base:", "current:"):
    of = [c for c in calls if c["name"].startswith(prefix)
          and c["name"].count(":") == 2]
    print(f"{prefix} at once:", sum(
        c["start"] < min(o["end"] for o in of) for c in of), "of", len(of))
results = next(c["end"] for c in calls if c["name"] == "compare")
reports = [c for c in calls if c["name"].startswith("report-")]
print("reports after the results:",
      all(results <= c["start"] for c in reports), len(reports))
EOT
}

# the bound of slots must not depend on the machine
PRUN_JOBS=2
export PRUN_JOBS
example visual
cd visual || exit 1

run prun visual WAIT=1 --report json:../parallel.json
is "$status" 201 'a checkpoint that differs fails the run'
like "$out$err" 'cart: full: 960 pixels differ' 'and is named'
is "$(awk '{ print $1, $2, $3, $4 }' build/report.txt)" 'cart empty passed 0
cart full failed 960
checkout address passed 0
checkout thanks passed 0
login form passed 0
login error passed 0
profile view passed 0
profile edit passed 0
search results passed 6
search nothing passed 0' 'the others have their results'
is "$(order ../parallel.json)" 'phases in a row: True
base: at once: 10 of 10
current: at once: 10 of 10
reports after the results: True 3' \
    'P-202 ten pages load at once on two slots for the processor'
is "$(python3 -c 'import xml.etree.ElementTree as e
r = e.parse("build/junit.xml")
print(len(r.findall(".//testcase")), len(r.findall(".//failure")))')" '10 1' \
    'JUnit of the ten is well-formed'
is "$(grep -c '<td><img.*<td><img.*<td><img' build/report.html)" 10 \
    'and the page has their pictures'
cp build/results.json ..

run prun --serial visual WAIT=0
is "$status" 201 'P-107 one after the other the same fails'
cmp -s build/results.json ../results.json
ok $? 'with the same results'

sed 's/^10 82 40 12/110 82 40 12/' site/current/cart.page >page
mv page site/current/cart.page
run prun visual WAIT=0
is "$status" 0 'what looks as before passes'
is "$(git status --porcelain | grep -v cart.page)" '' 'only build/ is written'

done_testing
