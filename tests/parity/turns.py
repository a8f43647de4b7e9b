#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""go-task and prun take turns in one repository, with edits in between.

    turns.py --reference TASK --prun PRUN [--turns N] [--seed N]

Beside it lies a copy in which go-task alone runs.  After every edit both must
say the same of every task (up to date or not, and the exit status), leave the
same outputs and the same files in .task; then the other program must agree
that there is nothing left to do (C-301, C-325).
"""
import argparse
import os
import random
import shutil
import sys
import tempfile
import time

import run

TASKFILE = """\
version: '3'
tasks:
  sum:
    sources: ['src/**/*.c', {exclude: src/no.c}]
    generates: [out/sum]
    cmds: [mkdir -p out, 'cat src/*.c >out/sum']
  status:
    sources: [src/a.c]
    status: [test -e out/mark]
    cmds: [mkdir -p out, touch out/mark]
  'w-*':
    label: 'lab {{index .MATCH 0}}'
    sources: ['src/*.h']
    cmds: ['echo {{.CHECKSUM}}']
  fails:
    sources: [src/a.c]
    cmds: [test ! -e src/broken]
  time:
    method: timestamp
    sources: ['src/*.c']
    generates: [out/time]
    cmds: [mkdir -p out, touch out/time]
"""
TASKS = ("sum", "status", "w-x", "w-y", "fails", "time")
EDITS = (
    "echo {n} >>src/a.c",
    "echo {n} >>src/no.c",
    "echo {n} >src/n{n}.c",
    "mv src/b.c src/c.c || mv src/c.c src/b.c",
    "rm -rf out",
    "rm -f out/mark",
    "echo {n} >>src/x.h",
    "touch src/broken",
    "rm -f src/broken",
    "mkdir -p src/deep; echo {n} >src/deep/d.c",
    "rm -rf src/deep",
    "true",
)


class Repository:
    def __init__(self, base, name, programs):
        self.boxes = []
        root = os.path.join(base, name)
        for i, program in enumerate(programs):
            box = run.Box(os.path.join(root, str(i)), program)
            shutil.rmtree(box.work)
            box.work = os.path.join(root, "work")
            os.makedirs(box.work, exist_ok=True)
            self.boxes.append(box)
        first = self.boxes[0]
        first.put("Taskfile.yml", TASKFILE.split("\n"))
        for name in ("src/a.c", "src/b.c", "src/no.c", "src/x.h"):
            first.put(name, [name])

    def say(self, box, task):
        """What a run of the task says: exit status and up to date or not."""
        status, _, err = box.run("task " + task)
        return status, b"is up to date" in err

    def state(self):
        """Outputs and the files of .task, by path."""
        return {name: data for name, data in self.boxes[0].tree().items()
                if not name.startswith("./.task/timestamp")}


def pass_grain(base):
    """Files changed from here on are newer than any time taken before."""
    probe, start = os.path.join(base, "probe"), time.time_ns()
    for _ in range(1000000):
        with open(probe, "w", encoding="utf-8"):
            pass
        if os.stat(probe).st_mtime_ns > start:
            return
        os.unlink(probe)


def check(args, base):
    alone = Repository(base, "alone", [args.reference])
    both = Repository(base, "both", [args.reference, args.prun])
    rng = random.Random(args.seed)
    problems = []
    for turn in range(args.turns):
        edit = rng.choice(EDITS).format(n=turn)
        pass_grain(base)
        for repository in (alone, both):
            repository.boxes[0].do("{ %s; } 2>/dev/null || :" % edit)
        mine, other = both.boxes[turn % 2], both.boxes[(turn + 1) % 2]
        who = "go-task" if turn % 2 == 0 else "prun"
        for task in TASKS:
            where = "turn %d (%s) after `%s`: %s" % (turn, who, edit, task)
            want = alone.say(alone.boxes[0], task)
            got = both.say(mine, task)
            if want != got:
                problems.append("%s says %s, go-task alone %s" % (
                    where, got, want))
            if alone.state() != both.state():
                problems.append("%s leaves other files" % where)
            want = alone.say(alone.boxes[0], task)
            got = both.say(other, task)
            if want != got:
                problems.append("%s: then the other says %s, not %s" % (
                    where, got, want))
    return problems


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--reference", required=True)
    ap.add_argument("--prun", required=True)
    ap.add_argument("--turns", type=int, default=20)
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    args.reference = os.path.abspath(args.reference)
    args.prun = os.path.abspath(args.prun)
    with tempfile.TemporaryDirectory(prefix="parity-") as base:
        problems = check(args, os.path.realpath(base))
    for line in problems:
        print("FAIL " + line)
    print("%d turns, %d problems" % (args.turns, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
