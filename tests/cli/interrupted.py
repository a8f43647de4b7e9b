#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interrupted work is never up to date (D-1, never-events 1 and 9).

    interrupted.py PRUN [STEP]

Every form of a task (method, outputs, how it is called) is ended half way in
every way, under the names prun and task; then it must run again.  With STEP
only each STEPth form is tried.  One line per form that did not; ends with 1 if
there was one.
"""
import itertools
import os
import select
import shutil
import signal
import subprocess
import sys
import time

BODY = """
    method: METHOD
    sources: [in]GENERATES
    cmds:
      - echo half > out
      - cmd: echo $$ > started; read -r word < gate; test "$word" = go
        timeout: TIMEOUT
      - cp in out
"""

# Tasks, what is interrupted, what is run then.
SHAPES = {
    "plain": ("  build:" + BODY, "build", "build"),
    "dep": ("  all: {deps: [build]}\n  build:" + BODY, "all", "all"),
    "call variable": ("  one: [{task: build, vars: {N: 1}}]\n"
                      "  two: [{task: build, vars: {N: 2}}]\n"
                      "  build:" + BODY, "one", "two"),
    "variable": ("  build:" + BODY, "build N=1", "build N=2"),
    "wildcard": ("  'build-*':" + BODY, "build-1", "build-2"),
    "label": ("  build:\n    label: 'l-{{.N}}'" + BODY,
              "build N=1", "build N=2"),
    "sibling": ("  all: {failfast: true, deps: [build, bad]}\n"
                "  bad: 'read -r word < gate2; exit 1'\n"
                "  build:" + BODY, "all", "build"),
}
ENDS = ["fails", "job is killed", "KILL", "QUIT", "TERM", "TERM TERM TERM",
        "HUP", "INT", "timeout"]


class Form:
    def __init__(self, prun, name, method, outputs, shape, end):
        self.exe = os.path.abspath(name)
        if not os.path.lexists(self.exe):
            os.symlink(prun, self.exe)
        self.end = end
        text, self.first, self.second = SHAPES[shape]
        text = text.replace("METHOD", method)
        text = text.replace("GENERATES",
                            "\n    generates: [out]" if outputs else "")
        text = text.replace("TIMEOUT", "300ms" if end == "timeout" else "60s")
        with open("Taskfile.yml", "w", encoding="utf-8") as f:
            f.write("version: '3'\ntasks:\n" + text)
        for pipe in ("gate", "gate2", "started"):
            os.mkfifo(pipe)
        self.started = os.open("started", os.O_RDWR)
        self.gates = {g: os.open(g, os.O_RDWR) for g in ("gate", "gate2")}

    def close(self):
        for fd in [self.started, *self.gates.values()]:
            os.close(fd)

    def write_in(self, text):
        with open("in", "w", encoding="utf-8") as f:
            f.write(text)

    def say(self, word, gate="gate"):
        os.write(self.gates[gate], word.encode() + b"\n")

    def started_job(self):
        """The pid that a task half way tells; None if none comes."""
        if not select.select([self.started], [], [], 10)[0]:
            return None
        return int(os.read(self.started, 100))

    def run(self, args):
        return subprocess.run([self.exe, *args.split()], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=30, check=False)

    def whole(self):
        """A run that passes, and its output."""
        self.say("go")
        text = self.run(self.second).stdout
        ran = bool(select.select([self.started], [], [], 0)[0])
        if ran:
            os.read(self.started, 100)
        return ran, text

    def end_it(self, prun, job):
        if self.end == "fails":
            self.say("no")
        elif self.end == "job is killed":
            os.kill(job, signal.SIGKILL)
        elif self.end == "timeout":
            pass
        elif self.end == "sibling":
            self.say("x", "gate2")
        else:
            for name in self.end.split():
                try:
                    os.kill(prun.pid, getattr(signal, "SIG" + name))
                except ProcessLookupError:
                    break
                time.sleep(0.02)  # two of a kind at once are one
        prun.wait(timeout=30)
        try:
            os.kill(job, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def forget_words(self):
        os.unlink("gate")
        os.mkfifo("gate")
        os.close(self.gates["gate"])
        self.gates["gate"] = os.open("gate", os.O_RDWR)

    def check(self, before):
        """What is wrong; None if nothing is."""
        self.write_in("1\n")
        if before:
            self.whole()
            self.write_in("2\n")
        prun = subprocess.Popen([self.exe, *self.first.split()],
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL,
                                start_new_session=True)
        job = self.started_job()
        if job is None:
            prun.kill()
            return "it did not start"
        self.end_it(prun, job)
        if prun.returncode == 0:
            return "it ended with 0"
        self.forget_words()
        if self.run("--status " + self.second.replace("all", "build")
                    ).returncode == 0:
            return "--status takes it for done"
        ran, text = self.whole()
        if not ran:
            return "it did not run again: " + text
        with open("out", encoding="utf-8") as out, \
                open("in", encoding="utf-8") as source:
            if out.read() != source.read():
                return "its output is not whole: " + text
        return None


def forms():
    methods = ["checksum", "timestamp", "none"]
    for name, method, outputs, shape, end, before in itertools.product(
            ["prun", "task"], methods, [False, True], SHAPES, ENDS,
            [False, True]):
        if shape == "sibling":
            if end == ENDS[0]:
                yield name, method, outputs, shape, "sibling", before
        # of the other shapes those ends that differ most
        elif shape == "plain" or end in ("fails", "KILL", "TERM TERM TERM"):
            if shape == "plain" or method != "none":
                yield name, method, outputs, shape, end, before


def main():
    prun, work = os.path.abspath(sys.argv[1]), os.getcwd()
    count = wrong = 0
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for form in itertools.islice(forms(), 0, None, step):
        where = os.path.join(work, "form")
        shutil.rmtree(where, ignore_errors=True)
        os.mkdir(where)
        os.chdir(where)
        f = Form(prun, *form[:-1])
        why = f.check(form[-1])
        f.close()
        count += 1
        if why:
            wrong += 1
            print(" ".join(map(str, form)) + ": " + why)
    print(f"{count} forms, {wrong} wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
