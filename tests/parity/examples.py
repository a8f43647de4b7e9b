#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""go-task and prun run the same tasks of examples/.

    examples.py --reference TASK --prun PRUN EXAMPLES

Each task is run in a fresh copy, healthy and, for those written with `deps`,
with a fault in it.  Both must end with the same exit status and leave the same
files.  What a failure leaves behind of a `parallel: true` task differs by
design: go-task stops at the first failure, prun lets its siblings finish.
"""
import argparse
import os
import shutil
import sys
import tempfile

import run

FAULT = "echo 'import os' >>packages/config/settings/kinds.py"
PHASES = [phase + "-parallel" for phase in (
    "lint", "format", "type-check", "build", "test-unit", "test-integration",
    "test", "security", "docs", "clean", "qa")]
POLYGLOT = PHASES + ["build-parallel-safe"]
# folder, Taskfile, tasks, the faults under which both must agree
EXAMPLES = (
    ("demo", "Taskfile.yml", ["build", "lint", "test-unit", "qa", "nothing"],
     ["true", "echo 'int f(void) { return x; }' >>words.c"]),
    ("polyglot", "Taskfile.yml", POLYGLOT, ["true", FAULT]),
    ("polyglot", "Taskfile.parallel.yml", POLYGLOT, ["true"]),
    ("visual", "Taskfile.yml", ["visual WAIT=0"],
     ["true", "sed -i 's/^10 82 40 12/110 82 40 12/' site/current/cart.page"]),
)
NOT_COMPARED = (".prun/", "__pycache__/", "/log/")


def outcome(program, base, source, words, fault):
    """Exit status and files of one run in a fresh copy."""
    root = os.path.join(base, "box")
    box = run.Box(root, program)
    try:
        shutil.rmtree(box.work)
        shutil.copytree(source, box.work)
        box.env["PATH"] += ":" + os.environ.get("PATH", "")
        box.do(fault)
        status = box.run("task " + words)[0]
        return status, {name: data for name, data in box.tree().items()
                        if not any(part in name for part in NOT_COMPARED)}
    finally:
        shutil.rmtree(root)


def check(args, base):
    problems, runs = [], 0
    for folder, taskfile, tasks, faults in EXAMPLES:
        source = os.path.join(args.examples, folder)
        for task in tasks:
            for fault in faults:
                words = "-t %s %s" % (taskfile, task)
                want = outcome(args.reference, base, source, words, fault)
                got = outcome(args.prun, base, source, words, fault)
                runs += 1
                where = "%s: task %s after `%s`" % (folder, words, fault)
                if want[0] != got[0]:
                    problems.append("%s: go-task ends with %s, prun with %s"
                                    % (where, want[0], got[0]))
                for name in sorted(want[1].keys() | got[1].keys()):
                    if want[1].get(name) != got[1].get(name):
                        problems.append("%s: %s differs" % (where, name))
    return runs, problems


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--reference", required=True)
    ap.add_argument("--prun", required=True)
    ap.add_argument("examples")
    args = ap.parse_args()
    args.reference = os.path.abspath(args.reference)
    args.prun = os.path.abspath(args.prun)
    with tempfile.TemporaryDirectory(prefix="parity-") as base:
        runs, problems = check(args, os.path.realpath(base))
    for line in problems:
        print("FAIL " + line)
    print("%d runs of examples, %d problems" % (runs, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
