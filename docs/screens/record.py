#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What people see, recorded on a terminal of its own.

    record.py NAME=PROGRAM...        Markdown: each scene as each program
                                     shows it
    record.py --scene TITLE PROGRAM [COLUMNS]
                                     the text of one scene

README.md beside this file has those of two versions: of the end of the first
phase of work (commit 426b207, Before), and of today (Now).  Times, hashes and
ids differ from run to run.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "cli"))
sys.dont_write_bytecode = True
import terminal  # noqa: E402 pylint: disable=wrong-import-position

SHOP = r"""
git init -q . && git config user.name me && git config user.email me@host
cat >Taskfile.yml <<'END'
version: '3'
tasks:
  qa: {desc: All checks, cmds: [{task: build}, {task: lint}, {task: test}]}
  lint: {desc: Linters, cmds: [{task: 'lint:go'}, {task: 'lint:web'}]}
  'lint:go': sleep 0.1
  'lint:web': sleep 0.1
  build: {desc: Build it, deps: ['build:api', 'build:web']}
  'build:api': sleep 0.1
  'build:web': sleep 0.1
  test: {desc: Tests, cmds: [{task: 'test:py'}, {task: 'test:web'}]}
  'test:py':
    - sleep 0.2; echo collected 12; echo tests/cart.py:31 3 != 4; exit 1
  'test:web': sleep 0.3; echo '40 passed'
  docs: {desc: Pages, deps: [lnit], cmds: [echo docs]}
END
mkdir tests && echo x >tests/cart.py && git add . && git commit -qm first
"""

DEMO = "cp -R '%s'/. . && git init -q .\n" % os.path.join(
    ROOT, "examples", "demo")

# title, columns, what is there before, what is typed; `-` in front: not shown
SCENES = [
    ("The demo", 78, DEMO, ["prun qa-parallel"]),
    ("A run that fails", 100, SHOP, ["prun -p lint build test"]),
    ("The same on 60 columns", 60, SHOP, ["prun -p lint build test"]),
    ("A run that passes", 100, SHOP, ["prun -p lint build"]),
    ("A dependency that is misspelled", 100, SHOP, ["prun docs"]),
    ("What would run", 100, SHOP, ["prun -n test"]),
    ("Only what failed, once more", 100, SHOP,
     ["-prun -p lint build test", "prun --failed"]),
    ("Which runs there were", 100, SHOP,
     ["-prun lint", "-prun -p lint build test", "prun --runs"]),
    ("qa side by side, without an edit", 110, SHOP, ["prun qa-parallel"]),
    ("Why there is no such task", 100, SHOP, ["prun build:api-parallel"]),
    ("What is derived", 100, SHOP, ["prun --list"]),
    ("A flag that is misspelled", 100, SHOP, ["prun --lsit"]),
    ("A number of jobs that is none", 100, SHOP, ["prun -j 2 lint"]),
    ("No Taskfile", 100, "", ["prun test"]),
    ("A key that is misspelled", 100, SHOP +
     r"sed -i.bak 's/^  lint: {/&paralel: true, /' Taskfile.yml",
     ["prun lint"]),
    ("Help", 80, "", ["prun --help"]),
    ("A first Taskfile", 100, "printf 'module shop\n' >go.mod; "
     "printf 'package main\n' >main.go",
     ["prun --init", "cat Taskfile.yml"]),
    ("The gate", 100, SHOP + "git init -q --bare ../origin.git\n"
     "git remote add origin ../origin.git\n",
     ["prun --hook install pre-push", "git push -q origin HEAD"]),
    ("A hook that somebody else keeps", 100, SHOP + r"""
mkdir .husky && printf 'npm test\n' >.husky/pre-push && git add .husky
git commit -qm husky && git config core.hooksPath .husky
""", ["prun --hook install pre-push"]),
    ("On GitHub", 100, SHOP, ["-export GITHUB_ACTIONS=true",
                              "-export GITHUB_WORKSPACE=$PWD",
                              "prun -p lint test | cat"]),
    ("Servers that stay", 100, r"""
cat >Taskfile.yml <<'END'
version: '3'
silent: true
tasks:
  dev: {deps: [db, api, web, worker]}
  db: echo db; exec sleep 1
  api: echo api; exec sleep 1
  web: echo web; exec sleep 1
  worker: echo worker; exec sleep 1
END
""", ["prun dev"]),
]


def shown(t, home, program):
    """The rows of the screen, with the home of the scene as ~, and what lies
    where prun was built as `prun` and `...`."""
    rows = [row.rstrip() for row in t.screen.lines()]
    while rows and rows[-1] == "":
        rows.pop()
    return [row.replace(home, "~").replace(program, "prun")
            .replace(ROOT, "...") for row in rows]


def record(program, columns, setup, typed):
    """What a terminal shows of the commands, as lines."""
    with tempfile.TemporaryDirectory() as top:
        top = os.path.realpath(top)
        folder = os.path.join(top, "shop")
        os.mkdir(folder)
        os.mkdir(os.path.join(top, "bin"))
        os.symlink(os.path.abspath(program), os.path.join(top, "bin", "prun"))
        env = {
            "PATH": os.path.join(top, "bin") + os.pathsep + os.environ["PATH"],
            "HOME": top, "TERM": "xterm", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "PRUN_TASKFILES": os.path.join(ROOT, "taskfiles"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        subprocess.run(["sh", "-ec", setup], cwd=folder, env=env, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lines, before = [], ""
        for command in typed:
            if command.startswith("-export"):
                before += command[1:] + "\n"
                continue
            t = terminal.Terminal(
                ["sh", "-c", before + command.lstrip("-")],
                size=(100, columns), env=env, cwd=folder)
            try:
                t.end()
                if not command.startswith("-"):
                    lines += ["$ " + command] + shown(
                        t, top, os.path.abspath(program))
            finally:
                t.kill()
        return lines


def markdown(programs):
    print("# What people see\n")
    print("Recorded by [record.py](record.py), which says how; times and ids "
          "differ from run to run.")
    for title, columns, setup, typed in SCENES:
        print("\n## %s\n" % title)
        for name, program in programs:
            print("%s:\n\n```text" % name)
            print("\n".join(record(program, columns, setup, typed)))
            print("```\n")


def main(argv):
    if argv[:1] == ["--scene"] and len(argv) in (3, 4):
        for title, columns, setup, typed in SCENES:
            if title == argv[1]:
                if len(argv) == 4:
                    columns = int(argv[3])
                print("\n".join(record(argv[2], columns, setup, typed)))
                return 0
        print("record.py: no scene " + argv[1], file=sys.stderr)
        return 1
    if not argv or not all(re.match(r"[^=]+=.", a) for a in argv):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    markdown([a.split("=", 1) for a in argv])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
