#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random edits against a fresh build, with kept outputs (P-1001, P-1005).

    cache_edits.py PRUN COUNT [SEED]

A project in the current folder is edited at random: sources, their names and
modes, commands, variables, the environment, tools of three kinds, outputs,
prun's own state, bytes of the cache.  After each edit its two tasks are run.
What decides them is known here, so it is known as well which of them was at
work before with the same of it: that one must not run again, any other one
must, and the outputs have to be those of a build by the shell alone in an empty
folder.  Ends with 1 at the first difference, and says what led to it.
"""
import os
import random
import shutil
import subprocess
import sys

TASKFILE = """\
version: '3'
vars: {{FLAG: '{{{{.FLAG | default "none"}}}}'}}
tasks:
  gen:
    cache: true
    sources: ['src/**/*', {{exclude: 'src/not*'}}]
    generates: ['out/gen/**/*', {{exclude: out/gen/mine}}]
    env: {{SET: '{set}'}}
    cmds:
      - 'echo gen >> ../ran'
      - '{gen}'
      - 'test "{{{{.FLAG}}}}" != bad'
  link:
    cache: true
    deps: [gen]
    sources: ['out/gen/**/*', {{exclude: out/gen/mine}}]
    generates: [out/link, out/name]
    cmds:
      - 'echo link >> ../ran'
      - '{link}'
"""

GEN = [
    'rm -rf out/gen; mkdir -p out/gen; cd src; for f in $(find . -type f ! -name "not*" | sort); do'
    ' mkdir -p ../out/gen/$(dirname $f); { cat $f; echo "{{.FLAG}} $SET $OUTER"; ver; }'
    ' > ../out/gen/$f; done; echo told {{.FLAG}}',
    'rm -rf out/gen; mkdir -p out/gen; cat src/*.c > out/gen/all; ls -l src/*.c | cut -c1-10'
    ' > out/gen/modes; ver > out/gen/ver; echo "$OUTER" "$SET" {{.FLAG}} > out/gen/env',
    'rm -rf out/gen; mkdir -p out/gen/d; for f in src/*.c; do cp $f out/gen/d/; done; chmod 755'
    ' out/gen/d/*; ln -s d/a.c out/gen/l; echo "{{.FLAG}} $SET $OUTER" > out/gen/d/x; ver >> out/gen/d/x',
]
LINK = [
    './tool.sh > out/link; chmod +x out/link; echo one > out/name',
    './tool.sh > out/link; chmod -x out/link; echo two > out/name',
]
FLAGS = ["none", "one", "two", "bad"]


def write(path, text, mode=None):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    if mode is not None:
        os.chmod(path, mode)


def tree(root):
    """What is below a folder: names, kinds, modes and contents."""
    out = {}
    for folder, dirs, files in os.walk(root):
        for name in files + [d for d in dirs if os.path.islink(os.path.join(folder, d))]:
            path = os.path.join(folder, name)
            rel = os.path.relpath(path, root)
            if rel == "gen/mine":
                continue
            if os.path.islink(path):
                out[rel] = ("link", os.readlink(path))
            else:
                with open(path, "rb") as f:
                    out[rel] = (os.stat(path).st_mode & 0o777, f.read())
    return out


class Play:
    def __init__(self, prun, seed):
        self.prun = prun
        self.random = random.Random(seed)
        self.top = os.getcwd()
        self.bin = os.path.join(self.top, "bin")
        self.log = []
        self.seen = {"gen": set(), "link": set()}
        self.maybe = {"gen": set(), "link": set()}  # what was damaged is not known
        self.knobs = {"set": "s1", "gen": 0, "link": 0}
        self.flag = "none"
        self.outer = "o1"
        self.old = []
        self.counts = {"ran": 0, "kept": 0}
        self.env = dict(os.environ, PATH=self.bin + ":" + os.environ["PATH"])
        os.mkdir("tree")
        os.chdir("tree")
        for name in "abc":
            write(f"src/{name}.c", f"{name}1\n")
        write("tool.sh", "#!/bin/sh\necho t1; cat out/gen/*; ls out/gen\n", 0o755)
        write("prun.ini", "[cache]\ntools = cat ../../../" + self.top + "/version\n")
        write(os.path.join(self.top, "version"), "v1\n")
        write(os.path.join(self.bin, "ver"), "#!/bin/sh\necho p1\n", 0o755)
        subprocess.run(["git", "init", "-q", "."], check=True)
        self.taskfile()

    def taskfile(self):
        write("Taskfile.yml", TASKFILE.format(
            set=self.knobs["set"], gen=GEN[self.knobs["gen"]], link=LINK[self.knobs["link"]]))

    # ---- edits ----

    def sources(self):
        found = []
        for folder, _, files in os.walk("src"):
            found += [os.path.join(folder, f) for f in files]
        return sorted(found)

    def some_source(self):
        return self.random.choice([s for s in self.sources() if s.count("/") == 1] or ["src/a.c"])

    def edit_content(self):
        name = self.some_source()
        write(name, self.random.choice("abc") + self.random.choice("123456") + "\n")
        return f"content of {name}"

    def edit_same_time(self):
        """As long as it was, at the same time as it was."""
        name = self.some_source()
        if not os.path.exists(name):
            return None
        st = os.stat(name)
        write(name, self.random.choice("abc") + self.random.choice("123456") + "\n")
        os.utime(name, ns=(st.st_atime_ns, st.st_mtime_ns))
        return f"content of {name}, its time put back"

    def edit_touch(self):
        name = self.some_source()
        if os.path.exists(name):
            os.utime(name)
        return f"time of {name}"

    def edit_add(self):
        name = self.random.choice(["src/d.c", "src/e.c", "src/sub/f.c", "src/not.h", "src/.dot.c"])
        write(name, self.random.choice("12") + "\n")
        return f"{name} added"

    def edit_remove(self):
        name = self.some_source()
        if len(self.sources()) > 2 and os.path.exists(name):
            os.unlink(name)
        return f"{name} removed"

    def edit_rename(self):
        name, to = self.some_source(), self.random.choice(["src/a.c", "src/c.c", "src/z.c"])
        if os.path.exists(name):
            os.rename(name, to)
        return f"{name} is now {to}"

    def edit_swap(self):
        a, b = "src/a.c", "src/b.c"
        if not (os.path.exists(a) and os.path.exists(b)):
            return None
        os.rename(a, "x")
        os.rename(b, a)
        os.rename("x", b)
        return "two sources swapped"

    def edit_mode(self):
        name = self.some_source()
        if os.path.exists(name):
            os.chmod(name, self.random.choice([0o644, 0o755]))
        return f"mode of {name}"

    def edit_back(self):
        """The sources as they were at some time before."""
        if not self.old:
            return None
        shutil.rmtree("src")
        for name, (mode, data) in self.random.choice(self.old).items():
            write(name, data, mode)
        return "sources as before"

    def edit_knob(self):
        name = self.random.choice(["set", "gen", "link"])
        self.knobs[name] = self.random.choice(
            {"set": ["s1", "s2"], "gen": [0, 1, 2], "link": [0, 1]}[name])
        self.taskfile()
        return f"{name} is {self.knobs[name]}"

    def edit_flag(self):
        self.flag = self.random.choice(FLAGS)
        return f"FLAG={self.flag}"

    def edit_outer(self):
        self.outer = self.random.choice(["o1", "o2", ""])
        return f"OUTER={self.outer}"

    def edit_path_tool(self):
        """A program on PATH, as long as it was and as old; that a task is up to
        date goes by these two."""
        self.edit_forget()
        name = os.path.join(self.bin, "ver")
        st = os.stat(name)
        write(name, f"#!/bin/sh\necho p{self.random.choice('123')}\n", 0o755)
        os.utime(name, ns=(st.st_atime_ns, st.st_mtime_ns))
        return "a program on PATH, no state"

    def edit_own_tool(self):
        write("tool.sh", "#!/bin/sh\necho t%s; cat out/gen/*; ls out/gen\n"
              % self.random.choice("12"), 0o755)
        return "tool.sh"

    def edit_version(self):
        """Decides what is kept, not what is up to date."""
        self.edit_forget()
        write(os.path.join(self.top, "version"), self.random.choice("vw") + "1\n")
        return "what a tool says of itself, no state"

    def edit_output(self):
        names = sorted(n for n, v in tree("out").items() if v[0] != "link")
        if not names:
            return None
        name = os.path.join("out", self.random.choice(names))
        write(name, "edited\n")
        return f"{name} edited"

    def edit_lose_output(self):
        # a link to nothing does not exist for who asks what is up to date
        names = [n for n in sorted(tree("out")) if os.path.exists(os.path.join("out", n))]
        if not names:
            return None
        name = os.path.join("out", self.random.choice(names))
        os.unlink(name)
        return f"{name} lost"

    def edit_stray(self):
        """Others may write beside the outputs of a task that is up to date."""
        if not os.path.isdir("out/gen"):
            return None
        name = self.random.choice(["out/gen/stray", "out/gen/d/stray", "out/gen/mine"])
        write(name, "stray\n")
        self.edit_forget()
        return f"{name} appeared, no state"

    def edit_clean(self):
        shutil.rmtree("out", ignore_errors=True)
        return "no outputs"

    def edit_forget(self):
        shutil.rmtree(".task", ignore_errors=True)
        return "no state"

    def edit_fresh(self):
        self.edit_clean()
        return self.edit_forget() + ", no outputs"

    def edit_move(self):
        os.chdir("..")
        here, there = ("tree", "moved") if os.path.exists("tree") else ("moved", "tree")
        os.rename(here, there)
        os.chdir(there)
        return None

    def edit_damage(self):
        """A byte of the cache, or the end of one of its files."""
        found = []
        for kind in "blob", "entry", "last":
            for folder, _, files in os.walk(os.path.join(self.store(), kind)):
                found += [os.path.join(folder, f) for f in files]
        if not found or self.random.random() < 0.7:
            return None
        name = self.random.choice(sorted(found))
        size = os.path.getsize(name)
        with open(name, "r+b") as f:
            if size > 0 and self.random.random() < 0.5:
                f.seek(self.random.randrange(size))
                f.write(b"\x07")
            else:
                f.truncate(self.random.randrange(size + 1))
        for task in self.seen:
            self.maybe[task] |= self.seen[task]
            self.seen[task] = set()
        return f"{os.path.relpath(name, self.store())} damaged"

    def store(self):
        return os.path.join(self.top, "store")

    def edit(self):
        edits = [getattr(self, n) for n in sorted(dir(self)) if n.startswith("edit_")]
        weights = [4 if e.__name__ in ("edit_content", "edit_back", "edit_fresh") else 1
                   for e in edits]
        for _ in range(self.random.choice([1, 1, 1, 2, 3])):
            text = self.random.choices(edits, weights)[0]()
            if text:
                self.log.append("  " + text)

    # ---- what has to come out ----

    def state(self):
        out = {}
        for name in self.sources():
            with open(name) as f:
                out[name] = (os.stat(name).st_mode & 0o777, f.read())
        return out

    @staticmethod
    def read(name):
        with open(name) as f:
            return f.read()

    def gen_key(self):
        sources = tuple((n, m & 0o111, t) for n, (m, t) in sorted(self.state().items())
                        if not os.path.basename(n).startswith("not"))
        return (sources, self.knobs["gen"], self.knobs["set"], self.flag, self.outer,
                self.read(os.path.join(self.bin, "ver")),
                self.read(os.path.join(self.top, "version")))

    def link_key(self, outputs):
        gen = tuple(sorted((n, v) for n, v in outputs.items() if n.startswith("gen/")))
        return (gen, self.knobs["link"], self.read("tool.sh"),
                self.read(os.path.join(self.top, "version")))

    def fresh(self):
        """The same by the shell alone."""
        os.chdir(self.top)
        shutil.rmtree("fresh", ignore_errors=True)
        os.mkdir("fresh")
        here = "tree" if os.path.exists("tree") else "moved"
        shutil.copytree(os.path.join(here, "src"), "fresh/src")
        shutil.copy2(os.path.join(here, "tool.sh"), "fresh/tool.sh")
        env = dict(self.env, SET=self.knobs["set"], OUTER=self.outer)
        for text in GEN[self.knobs["gen"]], LINK[self.knobs["link"]]:
            subprocess.run(["bash", "-c", text.replace("{{.FLAG}}", self.flag)], cwd="fresh",
                           env=env, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        out = tree("fresh/out")
        os.chdir(here)
        return out

    def run(self):
        try:
            os.unlink("../ran")
        except FileNotFoundError:
            pass
        args = [self.prun, "-v", "link", f"FLAG={self.flag}"]
        env = dict(self.env, OUTER=self.outer)
        p = subprocess.run(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ran = self.read("../ran").split() if os.path.exists("../ran") else []
        return p.returncode, p.stdout.decode("utf-8", "replace"), ran

    def fail(self, why, said):
        print("\n".join(self.log[-40:]))
        print(said)
        print(f"step {self.step}: {why}")
        sys.exit(1)

    def check_runs(self, task, key, ran, said):
        if key in self.seen[task] and task in ran:
            self.fail(f"{task} ran again, though nothing differs", said)
        if key not in self.seen[task] | self.maybe[task] and task not in ran:
            self.fail(f"{task} did not run, though it never has so", said)
        self.counts["ran" if task in ran else "kept"] += 1

    def one(self, step):
        self.step = step
        self.log.append(f"step {step}")
        self.edit()
        if step % 7 == 0:
            self.old.append(self.state())
        gen_key = self.gen_key()
        status, said, ran = self.run()
        if self.flag == "bad":
            if status == 0:
                self.fail("a task that fails has passed", said)
            return
        if status != 0:
            self.fail(f"exit {status}", said)
        should = self.fresh()
        now = tree("out")
        if now != should:
            for name in sorted(set(now) | set(should)):
                if now.get(name) != should.get(name):
                    print(f"{name}: {now.get(name)}, fresh: {should.get(name)}")
            self.fail("outputs differ from a fresh build", said)
        self.check_runs("gen", gen_key, ran, said)
        link_key = self.link_key(should)
        self.check_runs("link", link_key, ran, said)
        self.seen["gen"].add(gen_key)
        self.seen["link"].add(link_key)


def main():
    play = Play(os.path.abspath(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    count = int(sys.argv[2])
    write("prun.ini", f"[cache]\ndir = {play.store()}\ntools = cat {play.top}/version\n")
    for step in range(1, count + 1):
        play.one(step)
    print("{ran} ran, {kept} did not have to".format(**play.counts))


if __name__ == "__main__":
    main()
