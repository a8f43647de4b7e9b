#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the cases of this folder under go-task and under prun and compares.

    run.py --reference TASK --prun PRUN [-j N] [-v] [FILE|WORD ...]

A case is run twice in the same empty folder, once by each program under the
name `task`; README.md has the format.  The last line is `N passed, N failed`.
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("exit", "stdout", "stderr", "tree")
OLD = 1577880000  # every file of a case has this time: 2020-01-01
TIMEOUT_S = 20
COLOR = re.compile(r"\x1b\[[0-9;]*m")
USAGE = re.compile(r"^Usage: (?:.*\n)*  +(?:-\w, )?--.*\n", re.M)
VERSION = re.compile(r"(\d+\.\d+\.\d+)\+[A-Za-z0-9.]+")


class Case:
    def __init__(self, path, line, title):
        self.where = "%s:%d" % (os.path.basename(path), line)
        self.title = title
        self.files = []  # (name, text)
        self.steps = []  # ("run" or "do", text)
        self.compare = list(PARTS)
        self.sort = False
        self.differs = None

    def name(self):
        return "%s %s" % (self.where, self.title)


def set_option(case, key, text):
    if key == "compare":
        case.compare = text.split()
        unknown = set(case.compare) - set(PARTS)
        if unknown:
            raise SystemExit("%s: compare what? %s" % (case.where, unknown))
    elif key == "lines" and text == "any":
        case.sort = True
    elif key == "differs":
        case.differs = text
    else:
        raise SystemExit("%s: unknown option %s" % (case.where, key))


def read_cases(path):
    """The cases of one file, in its order."""
    cases, case, body = [], None, None
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("== "):
            case, body = Case(path, number, line[3:].strip()), None
            cases.append(case)
        elif case is None:
            if line.strip() and not line.startswith("#"):
                raise SystemExit("%s:%d: no case yet" % (path, number))
        elif line.startswith("-- "):
            name, body = line[3:].strip(), []
            if name == "+":
                name, body = "Taskfile.yml", ["version: '3'"]
            case.files.append((name, body))
        elif line.startswith("$ ") or line == "$":
            body = None
            case.steps.append(("run", line[2:]))
        elif line.startswith("! "):
            body = None
            case.steps.append(("do", line[2:]))
        elif line.startswith("@ "):
            body = None
            key, _, text = line[2:].partition(":")
            set_option(case, key.strip(), text.strip())
        elif body is not None:
            body.append(line)
        elif line.strip() and not line.startswith("#"):
            raise SystemExit("%s:%d: %s" % (path, number, line))
    for case in cases:
        if not any(kind == "run" for kind, _ in case.steps):
            raise SystemExit("%s: the case runs nothing" % case.where)
    return cases


class Box:
    """One folder in which a case happens, and the environment there."""

    def __init__(self, root, program):
        self.root = root
        self.work = os.path.join(root, "work")
        for name in ("work", "home", "tmp", "bin", "run"):
            os.makedirs(os.path.join(root, name), mode=0o700)
        os.symlink(program, os.path.join(root, "bin", "task"))
        self.env = {
            "PATH": os.path.join(root, "bin") + ":/usr/local/bin:/usr/bin:/bin",
            "HOME": os.path.join(root, "home"),
            "TMPDIR": os.path.join(root, "tmp"),
            "XDG_RUNTIME_DIR": os.path.join(root, "run"),
            "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "TERM": "dumb", "NO_COLOR": "1", "USER": "tester",
        }

    def put(self, name, body):
        base = self.root if name.startswith("home/") else self.work
        path = os.path.join(base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        while body and not body[-1]:
            body = body[:-1]
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(line + "\n" for line in body))
        os.utime(path, (OLD, OLD))

    def execute(self, argv, env):
        p = subprocess.Popen(
            argv, cwd=self.work, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        try:
            out, err = p.communicate(timeout=TIMEOUT_S)
            return p.returncode, out, err
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, err = p.communicate()
            return "timeout", out, err

    def run(self, text):
        """One line of the case: NAME=value words, then arguments."""
        env, words = dict(self.env), shlex.split(text)
        while words and re.match(r"[A-Za-z_]\w*=", words[0]):
            name, _, value = words.pop(0).partition("=")
            env[name] = value
            if not value:
                del env[name]
        if not words or words.pop(0) != "task":
            raise SystemExit("a step must be `$ [NAME=value] task ...`")
        task = os.path.join(self.root, "bin", "task")
        return self.execute([task] + words, env)

    def do(self, text):
        status, out, err = self.execute(["/bin/sh", "-ec", text], self.env)
        if status != 0:
            raise SystemExit("step `%s` failed: %s%s" % (
                text, out.decode(), err.decode()))

    def tree(self):
        """What lies in the folder: path → contents or kind."""
        found = {}
        for folder, folders, names in os.walk(self.work):
            below = os.path.relpath(folder, self.work)
            if os.path.basename(folder) == ".task":
                folders[:] = [d for d in folders
                              if d in ("checksum", "timestamp")]
                names = []
            for d in folders:
                if d != ".task":
                    found[os.path.join(below, d) + "/"] = ""
            for n in names:
                with open(os.path.join(folder, n), "rb") as f:
                    found[os.path.join(below, n)] = f.read()
        return found


def plain(data, box, sort):
    text = data.decode("utf-8", "replace").replace(box.root, "<BOX>")
    text = VERSION.sub(r"\1", text)
    text = USAGE.sub("<USAGE>\n", text)
    if "\x1b[" in text:  # snippets of the reference alone have colour
        text = COLOR.sub("", text)
    return "\n".join(sorted(text.split("\n"))) if sort else text


def play(case, base, program):
    """What the program did: one dict of parts per run, and the tree."""
    root = os.path.join(base, "box")
    shutil.rmtree(root, ignore_errors=True)
    box = Box(root, program)
    for name, body in case.files:
        box.put(name, body)
    runs = []
    for kind, text in case.steps:
        if kind == "do":
            box.do(text)
            continue
        status, out, err = box.run(text)
        runs.append({"exit": str(status),
                     "stdout": plain(out, box, case.sort),
                     "stderr": plain(err, box, case.sort)})
    tree = "\n".join("%s %r" % item for item in sorted(box.tree().items()))
    return runs, tree.replace(box.root, "<BOX>")


def show(part, step, want, got):
    lines = difflib.unified_diff(want.split("\n"), got.split("\n"),
                                 "go-task", "prun", lineterm="", n=2)
    return ["    %s of `%s`" % (part, step)] + ["      " + l for l in lines]


def compare(case, reference, prun):
    """Lines that tell the differences; none when both agree."""
    told = []
    steps = [text for kind, text in case.steps if kind == "run"]
    for step, want, got in zip(steps, reference[0], prun[0]):
        for part in ("exit", "stdout", "stderr"):
            if part in case.compare and want[part] != got[part]:
                told += show(part, step, want[part], got[part])
    if "tree" in case.compare and reference[1] != prun[1]:
        told += show("tree", steps[-1], reference[1], prun[1])
    return told


def check(case, programs):
    """(passed, lines to print)"""
    with tempfile.TemporaryDirectory(prefix="parity-") as base:
        base = os.path.realpath(base)
        reference = play(case, base, programs[0])
        prun = play(case, base, programs[1])
        subprocess.run(["chmod", "-R", "u+rwX", base], check=False)
    told = compare(case, reference, prun)
    if any(run["exit"] in ("timeout", "-11", "-6") for run in prun[0]):
        return False, ["    prun hangs or crashes"] + told
    if case.differs and not told:
        return False, ["    agrees, but is marked: " + case.differs]
    if case.differs:
        return True, []
    return not told, told


def select(words):
    files = sorted(f for f in os.listdir(HERE) if f.endswith(".txt"))
    chosen = [w for w in words if w in files]
    words = [w for w in words if w not in files]
    for name in chosen or files:
        for case in read_cases(os.path.join(HERE, name)):
            if not words or any(w in case.name() for w in words):
                yield case


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--reference", required=True)
    ap.add_argument("--prun", required=True)
    ap.add_argument("-j", type=int, default=os.cpu_count() or 1)
    ap.add_argument("-v", action="store_true", help="name every case")
    ap.add_argument("words", nargs="*")
    args = ap.parse_args()
    programs = [os.path.abspath(args.reference), os.path.abspath(args.prun)]
    for p in programs:
        if not os.access(p, os.X_OK):
            raise SystemExit("no program %s" % p)
    cases = list(select(args.words))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        results = pool.map(lambda c: check(c, programs), cases)
        for case, (passed, lines) in zip(cases, results):
            failed += not passed
            if not passed or args.v:
                print("%s %s" % ("pass" if passed else "FAIL", case.name()))
                print("\n".join(lines) + "\n" if lines else "", end="")
    print("%d passed, %d failed" % (len(cases) - failed, failed))
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
