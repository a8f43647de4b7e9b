#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random nests of real processes: scripts that call tasks, runs inside of runs,
shared executions and mutexes, in the background and left behind.

nests.py PRUN COUNT [SEED]

Each ends; the jobs, which write down when they begin and end, are never more
than the slots; the exit status is what a simple model says; no process and no
folder of a run is left.  Prints what is wrong; status 1 then.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

LEAF = "echo + >>{log}; sleep 0.0{n}; echo - >>{log}"
TASKS = 7


class Nest:
    def __init__(self, seed, folder):
        self.r = random.Random(seed)
        self.seed = seed
        self.log = os.path.join(folder, "log")
        self.fails = [False] * TASKS
        self.calls = [0] * TASKS
        self.text = self.taskfile()

    def leaf(self):
        return LEAF.format(log=self.log, n=self.r.randint(1, 3))

    def callee(self, i):
        """A task behind this one that does not make the nest too large."""
        to = self.r.randint(i + 1, TASKS - 1)
        if self.calls[i] + self.calls[to] > 12:
            to = TASKS - 1
        self.calls[i] += self.calls[to] + 1
        return to

    def script(self, i):
        """A script and whether it fails."""
        r, words, fails = self.r, [], False
        how = r.choice(["each", "each", "background", "left"])
        for _ in range(r.randint(1, 3)):
            to = self.callee(i)
            nested = r.random() < 0.4
            word = "task t%d" % to if nested else "task:t%d" % to
            if how == "left" and nested:
                word = "task:t%d" % to
            if how == "each":
                fails |= self.fails[to]
                words.append(word + " || bad=1")
            else:
                fails |= self.fails[to]
                words.append(word + " & p%d=$!" % len(words))
        if how == "background":
            for k in range(len(words)):
                words.append("wait $p%d || bad=1" % k)
        # beside its calls a job counts as one that waits
        if how != "left" and r.random() < 0.5:
            words.append(self.leaf())
        return "\n        ".join(["bad=0"] + words + ["exit $bad"]), fails

    def task(self, i):
        r, out, fails = self.r, ["  t%d:" % i], False
        if r.random() < 0.4:
            out.append("    run: " + r.choice(["once", "when_changed"]))
        if r.random() < 0.25:
            out.append("    mutex: m%d" % r.randint(0, 1))
        if r.random() < 0.1:
            out.append("    sources: [Taskfile.yml]")
        if r.random() < 0.1:
            out.append("    vars: {V: {sh: 'echo v'}}")
        if r.random() < 0.3:
            out.append("    parallel: true")
        if i < TASKS - 1 and r.random() < 0.5:
            to = self.callee(i)
            fails |= self.fails[to]
            out.append("    deps: [t%d]" % to)
        out.append("    cmds:")
        if i == TASKS - 1:
            out.append("      - '%s'" % self.leaf())
            return out, False
        for _ in range(r.randint(1, 2)):
            kind = r.random()
            if kind < 0.5:
                text, bad = self.script(i)
                out.append("      - |\n        " + text)
                fails |= bad
            elif kind < 0.75:
                to = self.callee(i)
                fails |= self.fails[to]
                out.append("      - task: t%d" % to)
            elif kind < 0.85:
                to = self.callee(i)
                fails |= self.fails[to]
                out.append("      - 'task:t%d &'" % to)
            else:
                bad = r.random() < 0.2
                fails |= bad
                out.append("      - '%s%s'" % (self.leaf(),
                                               "; exit 3" if bad else ""))
        return out, fails

    def taskfile(self):
        parts = []
        for i in reversed(range(TASKS)):
            out, self.fails[i] = self.task(i)
            parts.insert(0, "\n".join(out))
        return "version: '3'\nsilent: true\ntasks:\n" + "\n".join(parts) + "\n"


def peak(log):
    now = most = 0
    with open(log) as f:
        for line in f:
            now += 1 if "+" in line else -1
            most = max(most, now)
    return most


def left_over(mark):
    """Processes with the mark of a nest, where there is /proc."""
    found = []
    for pid in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        try:
            with open("/proc/%s/environ" % pid, "rb") as f:
                if mark.encode() in f.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            pass
    return found


def try_nest(prun, seed):
    folder = tempfile.mkdtemp(prefix="nest-")
    try:
        nest = Nest(seed, folder)
        with open(os.path.join(folder, "Taskfile.yml"), "w") as f:
            f.write(nest.text)
        open(nest.log, "w").close()
        slots = nest.r.randint(1, 8)
        runtime = os.path.join(folder, "runtime")
        os.mkdir(runtime, 0o700)
        mark = "NEST=%d-%d" % (os.getpid(), seed)
        env = dict(os.environ, XDG_RUNTIME_DIR=runtime,
                   XDG_STATE_HOME=os.path.join(folder, "state"),
                   NEST=mark[5:])
        flags = ["-C", str(slots)]
        if nest.r.random() < 0.1:
            flags, slots = ["--serial"], 1
        p = subprocess.Popen([prun, "-s"] + flags + ["t0"], cwd=folder,
                             env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            out, _ = p.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            p.kill()
            for pid in left_over(mark):
                os.kill(int(pid), 9)
            return "hangs", nest, slots, b""
        wrong = []
        if (p.returncode != 0) != nest.fails[0]:
            wrong.append("status %d" % p.returncode)
        if b"Sanitizer" in out:
            wrong.append("a sanitizer reports")
        most = peak(nest.log)
        if most > slots:
            wrong.append("%d jobs at once" % most)
        if left_over(mark):
            wrong.append("processes are left")
        if [d for d, _, f in os.walk(runtime) if "control" in f]:
            wrong.append("a socket is left")
        return ", ".join(wrong), nest, slots, out
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    prun, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    bad = 0
    for seed in range(first, first + count):
        wrong, nest, slots, out = try_nest(prun, seed)
        if wrong:
            bad += 1
            print("seed %d, %d slots: %s" % (seed, slots, wrong))
            if bad == 1:
                print(nest.text)
                print(out.decode(errors="replace")[-4000:])
            sys.stdout.flush()
    print("%d of %d nests are wrong" % (bad, count))
    return bad != 0


sys.exit(main())
