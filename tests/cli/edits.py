#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random edits against a fresh build (D-2, D-3; never-events 4 to 6).

    edits.py PRUN COUNT [SEED]

A project in the current folder is edited at random: sources, commands,
variables, environments, called tasks, outputs, modes, times, names under
globs.  After each edit a task is run; whether it ran or was up to date, its
outputs must be those of the same task in an empty copy of the project.  Then it
is run once more, which must find nothing to do.  Ends with 1 at the first
difference, and says what led to it.
"""
import os
import random
import re
import shutil
import subprocess
import sys

# What the edits turn: each name has a few values, and stands for one place.
KNOBS = {
    "command": ["cat", "sort", "tac"],
    "var": ["v1", "v2", "v3"],
    "file_var": ["f1", "f2"],
    "file_env": ["E1", "E2"],
    "task_env": ["t1", "t2"],
    "sh_var": ["s1", "s2"],
    "called": ["c1", "c2", "c3"],
    "called_env": ["ce1", "ce2"],
    "called_dep": ["d1", "d2"],
    "called_deep": ["deep1", "deep2"],
    "loop": ["[a, b]", "[b, a]", "[a, b, c]"],
    "set": ["[]", "[pipefail]"],
    "dir": [".", "src"],
    "exclude": ["src/skip*", "src/other*"],
    "included": ["i1", "i2"],
    "method": ["checksum", "timestamp"],
}
OUTER = ["o1", "o2", "o3"]

TASKFILE = """\
version: '3'
includes:
  inc: {{taskfile: inc/Taskfile.yml, vars: {{Q: {included}}}}}
vars: {{F: {file_var}}}
env: {{E: {file_env}}}
tasks:
  cat:
    sources: ['src/**/[!x]*.c', {{exclude: '{exclude}'}}]
    generates: [out/cat]
    vars: {{V: {var}, S: {{sh: 'echo {sh_var}'}}}}
    env: {{T: {task_env}}}
    cmds:
      - mkdir -p out
      - echo "{{{{.V}}}} {{{{.F}}}} {{{{.S}}}} $E $T $OUTER" > out/cat
      - for: sources
        cmd: '{command} {{{{.ITEM}}}} >> out/cat'
  time:
    method: timestamp
    sources: ['src/*.c', tool.sh]
    generates: [out/time]
    cmds:
      - mkdir -p out
      - 'cat src/*.c > out/time; ./tool.sh {var} >> out/time'
  either:
    method: {method}
    sources: ['src/?.c']
    generates: ['out/either-*']
    cmds:
      - mkdir -p out
      - cp src/a.c out/either-a
      - 'echo {file_var} > out/either-b; chmod +x out/either-b'
  calls:
    sources: [src/a.c]
    set: {set}
    cmds:
      - mkdir -p out; rm -f out/calls
      - {{task: called, vars: {{N: {var}}}}}
      - task:deep
      - for: {loop}
        task: item
        vars: {{I: '{{{{.ITEM}}}}'}}
  called:
    deps: [dep]
    env: {{C: {called_env}}}
    cmds: ['echo "{called} {{{{.N}}}} {{{{.F}}}} $C" >> out/calls', {{task: 'inc:x'}}]
  dep: mkdir -p out; echo {called_dep} > out/dep
  deep: 'cat src/a.c >> out/calls; echo {called_deep} >> out/calls'
  item: 'echo item {{{{.I}}}} {called_deep} >> out/calls'
  lone:
    sources: ['{{{{.ROOT_DIR}}}}/src/*.c']
    dir: {dir}
    vars: {{R: '{{{{.ROOT_DIR}}}}'}}
    cmds:
      - mkdir -p {{{{.R}}}}/out
      - (ls {{{{.R}}}}/src/*.c | wc -l; ls a.c || :; echo "{{{{.N}}}} {var}") > {{{{.R}}}}/out/lone 2>/dev/null
  one: [{{task: lone, vars: {{N: '1'}}}}]
  two: [{{task: lone, vars: {{N: '2'}}}}]
  a-b:
    sources: [src/a.c]
    generates: [out/dash]
    cmds: ['mkdir -p out; echo {var} > out/dash; cat src/a.c >> out/dash']
  a.b:
    sources: [src/b.c]
    generates: [out/dot]
    cmds: ['mkdir -p out; cat src/b.c > out/dot']
"""

INCLUDED = """\
version: '3'
vars: {{X: {{sh: 'echo "${{X}}{{{{.Q}}}}{included}"'}}}}
tasks:
  x: 'echo {{{{.X}}}} >> out/calls'
"""

# What each task that can be run makes.
OUTPUTS = {
    "cat": ["out/cat"],
    "time": ["out/time"],
    "either": ["out/either-a", "out/either-b"],
    "calls": ["out/calls", "out/dep"],
    "one": ["out/lone"],
    "two": ["out/lone"],
    "a-b": ["out/dash"],
    "a.b": ["out/dot"],
}
TARGETS = list(OUTPUTS)

NAMES = ["a.c", "b.c", "x.c", "xy.c", "skip.c", "other.c", "c.c", ".hid.c",
         "sub/a.c", "sub/x.c", "sub/n.c", ".h/d.c", "A.c", "note.txt"]
NEEDED = ["a.c", "b.c"]


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def read(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read(), oct(os.stat(path).st_mode & 0o777)
    except OSError:
        return None


class Project:
    def __init__(self, prun, seed):
        self.prun = prun
        self.rng = random.Random(seed)
        self.knobs = {k: v[0] for k, v in KNOBS.items()}
        self.outer = OUTER[0]
        self.log = []
        self.clock = 1_000_000_000  # times that go back are from before now
        self.fresh_at = os.path.abspath("../fresh")
        for name in ("a.c", "b.c", "x.c", "skip.c", "sub/n.c"):
            write("src/" + name, name + "\n")
        write("tool.sh", "#!/bin/sh\necho tool 1 $1\n")
        os.chmod("tool.sh", 0o755)
        self.write_taskfile()

    def write_taskfile(self):
        write("Taskfile.yml", TASKFILE.format(**self.knobs))
        write("inc/Taskfile.yml", INCLUDED.format(**self.knobs))

    # ---- edits ----

    def sources(self):
        found = []
        for folder, _, names in os.walk("src"):
            found += [os.path.join(folder, n) for n in names]
        return sorted(found)

    def some_source(self):
        return self.rng.choice(self.sources())

    def edit_source(self):
        path = self.some_source()
        write(path, f"{self.rng.randint(1, 4)}\n{self.rng.randint(1, 4)}\n")
        return "content of " + path

    def set_time_back(self):
        path = self.some_source()
        write(path, f"back {self.rng.randint(1, 4)}\n")
        self.clock += 1
        os.utime(path, (self.clock, self.clock))
        return "content and an old time of " + path

    def touch(self):
        path = self.some_source()
        os.utime(path)
        return "time of " + path

    def keep_time(self):
        """By checksum only: nothing else could tell."""
        path = self.some_source()
        if path.count("/") == 1:
            return None
        before = os.stat(path)
        size = before.st_size
        write(path, (str(self.rng.randint(1, 9)) * size)[:size])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return "content, not time or size, of " + path

    def add_source(self):
        path = "src/" + self.rng.choice(NAMES)
        write(path, f"new {self.rng.randint(1, 4)}\n")
        return "new " + path

    def remove_source(self):
        path = self.some_source()
        if path[4:] in NEEDED:
            return None
        os.unlink(path)
        return "no more " + path

    def rename_source(self):
        old, new = self.some_source(), "src/" + self.rng.choice(NAMES)
        if old[4:] in NEEDED or new[4:] in NEEDED or old == new:
            return None
        os.makedirs(os.path.dirname(new), exist_ok=True)
        os.rename(old, new)
        return f"{old} is {new} now"

    def turn_knob(self):
        name = self.rng.choice(list(KNOBS))
        self.knobs[name] = self.rng.choice(KNOBS[name])
        self.write_taskfile()
        return f"{name} is {self.knobs[name]}"

    def edit_tool(self):
        write("tool.sh", f"#!/bin/sh\necho tool {self.rng.randint(1, 3)} $1\n")
        return "tool.sh"

    def turn_outer(self):
        self.outer = self.rng.choice(OUTER)
        return f"OUTER={self.outer}"

    def some_output(self):
        every = sorted({o for v in OUTPUTS.values() for o in v if
                        # what no task declares nobody can look at
                        o not in ("out/lone", "out/calls", "out/dep")})
        path = self.rng.choice(every)
        return path if os.path.exists(path) else None

    def edit_output(self):
        path = self.some_output()
        if path is None:
            return None
        before = os.stat(path)
        size = before.st_size
        write(path, (f"edited {self.rng.random()}" + "." * size)[:size])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return "content, not time or size, of " + path

    def remove_output(self):
        path = self.some_output()
        if path is not None:
            os.unlink(path)
        return path and "no more " + path

    def mode_of_output(self):
        path = self.some_output()
        if path is None:
            return None
        os.chmod(path, self.rng.choice([0o644, 0o755, 0o600]))
        # What is written over keeps its mode, so make it go.
        self.gone_modes.add(path)
        return "mode of " + path

    def edit(self):
        kinds = [self.edit_source] * 4 + [self.turn_knob] * 10 + [
            self.set_time_back, self.touch, self.keep_time, self.add_source,
            self.add_source, self.remove_source, self.rename_source,
            self.edit_tool, self.turn_outer, self.edit_output,
            self.remove_output, self.mode_of_output]
        self.gone_modes = set()
        said = None
        while said is None:
            said = self.rng.choice(kinds)()
        self.log.append(said)

    # ---- runs ----

    def run(self, where, target):
        env = dict(os.environ, OUTER=self.outer)
        done = subprocess.run([self.prun, target], cwd=where, env=env,
                              capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        text = done.stdout + done.stderr
        if done.returncode != 0:
            self.fail(f"{target} ended with {done.returncode}:\n{text}")
        return text

    def fail(self, why):
        print(why)
        print("after " + "\n      ".join(self.log[-8:]))
        sys.exit(1)

    def fresh(self, target):
        """The outputs of a run in an empty copy."""
        shutil.rmtree(self.fresh_at, ignore_errors=True)
        shutil.copytree(".", self.fresh_at,
                        ignore=shutil.ignore_patterns("out", ".task"))
        self.run(self.fresh_at, target)
        return {o: read(os.path.join(self.fresh_at, o))
                for o in OUTPUTS[target]}

    def check(self, target):
        text = self.run(".", target)
        told = re.findall(r'Task "(\S+)" is up to date', text)
        self.log.append(f"{target}: {'up to date' if told else 'ran'}")
        want, got = self.fresh(target), {o: read(o) for o in OUTPUTS[target]}
        if not told:  # a file that is written over keeps its mode
            for o in self.gone_modes & set(got):
                if got[o] and want[o]:
                    want[o] = (want[o][0], got[o][1])
        if got != want:
            self.fail(f"{target} {'is up to date, but' if told else 'made'} "
                      f"{got}\nnot {want}")
        again = self.run(".", target)
        if 'is up to date' not in again:
            self.fail(f"{target} runs again for nothing:\n{again}")
        for o in self.gone_modes:
            os.unlink(o)
        return bool(told)


def main():
    prun, count = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    os.makedirs("project", exist_ok=True)
    os.chdir("project")
    p = Project(prun, seed)
    kept = 0
    for _ in range(count):
        p.edit()
        kept += p.check(p.rng.choice(TARGETS))
    print(f"{count} edits, {kept} runs were up to date")


if __name__ == "__main__":
    main()
