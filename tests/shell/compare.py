#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs each snippet of a table with prun's own steps and with bash, and compares
what comes of it: stdout, stderr, exit status, files.  Prints TAP.

usage: compare.py PRUN TABLE
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile


def read_table(path):
    """Pairs of kind and text."""
    entries = []
    with open(path, encoding="utf-8") as table:
        for line in table:
            if line.startswith("== "):
                entries.append((line[3:].strip(), []))
            elif entries:
                entries[-1][1].append(line)
    return [(kind, "".join(lines)) for kind, lines in entries]


FILES = {
    "file": "text\n",
    "empty": "",
    "sub/inner": "inner\n",
    "script": "#!/bin/sh\necho \"script $*\"\n",
    "noshebang": "echo \"$0 $*\"\n",
    "badinterpreter": "#!/nowhere/at/all\n",
    "sub/found": "#!/bin/sh\necho \"found $*\"\n",
}
PROGRAMS = ("script", "noshebang", "badinterpreter", "sub/found")


def make_folder(root, text):
    """A project whose only task is the snippet, and what snippets look at."""
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, "sub", "deeper"))
    for name, content in FILES.items():
        with open(os.path.join(root, name), "w", encoding="utf-8") as out:
            out.write(content)
    for name in PROGRAMS:
        os.chmod(os.path.join(root, name), 0o755)
    os.symlink("sub", os.path.join(root, "link"))
    body = "".join("        " + line for line in text.splitlines(True))
    with open(os.path.join(root, "Taskfile.yml"), "w", encoding="utf-8") as out:
        out.write("version: '3'\nsilent: true\ntasks:\n  t:\n    cmds:\n"
                  "      - |-\n" + body + "\n")


def files_of(root):
    """Path and content of everything in the folder."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as content:
                found[os.path.relpath(path, root)] = content.read()
    return found


def run(prun, root, text, fast):
    """What comes of it."""
    make_folder(root, text)
    state = os.path.join(os.path.dirname(root), "state")
    shutil.rmtree(state, ignore_errors=True)
    with open(os.path.join(root, "prun.ini"), "w", encoding="utf-8") as out:
        out.write("[features]\nfast_shell = %s\n" % ("on" if fast else "off"))
    env = {"PATH": os.environ["PATH"], "HOME": root + "/sub", "LANG": "C.UTF-8",
           "GIVEN": "given", "WORDS": "one  two three", "SHLVL": "1",
           "XDG_STATE_HOME": state, "XDG_CACHE_HOME": state}
    done = subprocess.run([prun, "-x", "t"], cwd=root, env=env, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)
    errors = re.sub(rb": +\d+ (Killed|Hangup|Segmentation)", rb": N \1",
                    done.stderr)
    os.remove(os.path.join(root, "prun.ini"))
    return {"stdout": done.stdout, "stderr": errors,
            "status": done.returncode, "files": files_of(root)}


def compare(job):
    """TAP of one entry, and whether it is well."""
    prun, top, number, text = job
    root = os.path.join(top, str(number), "p")
    ours = run(prun, root, text, True)
    theirs = run(prun, root, text, False)
    wrong = [part for part in ours if ours[part] != theirs[part]]
    lines = ["%s %d - %r" % ("not ok" if wrong else "ok", number, text[:60])]
    for part in wrong:
        lines.append("# %s\n# bash  %r\n# steps %r" %
                     (part, theirs[part], ours[part]))
    shutil.rmtree(os.path.dirname(root))
    return "\n".join(lines), not wrong


def main():
    """All of the table."""
    prun, entries = sys.argv[1], read_table(sys.argv[2])
    top = tempfile.mkdtemp(prefix="shell-steps-")
    jobs = [(prun, top, number, text)
            for number, (_, text) in enumerate(entries, 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(compare, jobs))
    for lines, _ in results:
        print(lines)
    print("1..%d" % len(entries))
    shutil.rmtree(top)
    return not all(well for _, well in results)


sys.exit(main())
