#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills prun while it keeps outputs and puts them back (P-1002, P-1005).

    cache_kill.py PRUN COUNT [SEED [parts]]

In the current folder a task has outputs in two versions, both kept.  COUNT times
prun is started to change one for the other, or to make and keep a third one, and
is killed with SIGKILL after a random time.  Then the outputs are those of one
version as a whole where they were to be put back, the next run makes them right,
and all that the cache names is whole.  At last prune leaves nothing that no entry
names.  Ends with 1 at the first difference.  With `parts` the kill may leave some
of each version, which only Linux can help, and the next run has to make it right.
"""
import fcntl
import glob
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

TASKFILE = """\
version: '3'
tasks:
  gen:
    cache: true
    sources: [src]
    generates: ['out/**']
    cmds:
      - sh make.sh
"""

# Version B has files that A has not, and the other way round.
MAKE = """\
v=$(cat src)
rm -rf out; mkdir -p out/deep/er
for i in 1 2 3 4 5 6 7 8 9 10; do
	{ echo "$v $i"; head -c 20000 /dev/zero; } >out/$i
	echo "$v $i" >out/deep/er/$i-$v
done
ln -s "$v" out/link
chmod 755 out/1
"""


def tree():
    out = {}
    for folder, dirs, files in os.walk("out"):
        for name in files + [d for d in dirs if os.path.islink(os.path.join(folder, d))]:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                out[path] = os.readlink(path)
            else:
                with open(path, "rb") as f:
                    out[path] = (os.stat(path).st_mode & 0o777, f.read())
    return out


class Play:
    def __init__(self, prun, seed, parts):
        self.prun = prun
        self.parts = parts
        self.random = random.Random(seed)
        self.whole = {}
        self.counts = {"old": 0, "new": 0, "some": 0, "stored": 0}
        subprocess.run(["git", "init", "-q", "."], check=True)
        for name, text in (("Taskfile.yml", TASKFILE), ("make.sh", MAKE),
                           ("prun.ini", "[cache]\ndir = store\n")):
            with open(name, "w") as f:
                f.write(text)
        self.took = {v: self.learn(v) for v in "ABAB"}
        self.n = 0

    def source(self, version):
        with open("src", "w") as f:
            f.write(version + "\n")

    def start(self):
        return subprocess.Popen([self.prun, "gen"], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)

    def run(self):
        p = self.start()
        said = p.communicate()[0].decode()
        if p.returncode != 0:
            self.fail(f"exit {p.returncode}: {said}")
        return said

    def learn(self, version):
        self.source(version)
        at = time.monotonic()
        self.run()
        self.whole[version] = tree()
        return time.monotonic() - at

    def fail(self, why):
        print(why)
        sys.exit(1)

    @staticmethod
    def wait_for_swap():
        """What was begun when prun was killed ends by itself."""
        try:
            fd = os.open(".task/prun-stage", os.O_RDONLY)
        except FileNotFoundError:
            return
        fcntl.flock(fd, fcntl.LOCK_EX)
        os.close(fd)

    def start_and_kill(self, took):
        p = self.start()
        time.sleep(self.random.random() * took)
        p.send_signal(signal.SIGKILL)
        p.communicate()

    def restore(self, old, new):
        self.source(new)
        self.start_and_kill(self.took[new] * 1.3)
        self.wait_for_swap()
        now = tree()
        if now == self.whole[old]:
            self.counts["old"] += 1
        elif now == self.whole[new]:
            self.counts["new"] += 1
        elif self.parts:
            self.counts["some"] += 1
        else:
            for path in sorted(set(now) | set(self.whole[new])):
                print(path, str(now.get(path))[:20], str(self.whole[new].get(path))[:20])
            self.fail(f"some of {old}, some of {new}")
        self.run()
        if tree() != self.whole[new]:
            self.fail("the next run did not make it right")

    def store(self, back):
        """A version that nobody has seen."""
        self.n += 1
        new = f"N{self.n}"
        self.source(new)
        self.start_and_kill(0.06)
        self.run()
        now = tree()
        if now["out/link"] != new or now[f"out/deep/er/3-{new}"][1] != f"{new} 3\n".encode():
            self.fail("the next run did not make it right")
        self.counts["stored"] += 1
        self.source(back)
        self.run()
        if tree() != self.whole[back]:
            self.fail(f"{back} is not what it was")

    def check_store(self):
        """What entries name is there, and is what it should be."""
        named = set()
        for path in glob.glob("store/entry/*/*"):
            with open(path, "rb") as f:
                head, rest = f.read().split(b"\n", 1)
            if head.split()[-1].decode() != hashlib.sha256(rest).hexdigest():
                self.fail(f"{path} is damaged")
            for line in rest.decode().split("\n"):
                words = line.split(" ")
                if words[0] in ("file", "log"):
                    named.add(words[1])
        for digest in named:
            with open(f"store/blob/{digest[:2]}/{digest}", "rb") as f:
                if hashlib.sha256(f.read()).hexdigest() != digest:
                    self.fail(f"{digest} is damaged")
        return named

    def check_garbage(self):
        subprocess.run([self.prun, "--cache", "prune"], check=True, stdout=subprocess.DEVNULL)
        named = self.check_store()
        there = {os.path.basename(p) for p in glob.glob("store/blob/*/*")}
        if there != named:
            self.fail(f"after prune there is {there - named}, and not {named - there}")
        left = [os.path.join(f, n) for f, _, files in os.walk("store") for n in files
                if f.split("/")[1:2] not in (["blob"], ["entry"], ["last"])]
        if sorted(left) != ["store/lock", "store/runs"]:
            self.fail(f"after prune there is {left}")
        if glob.glob(".task/prun-stage/*"):
            self.fail("files are left in the stage")


def main():
    play = Play(os.path.abspath(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1,
                "parts" in sys.argv[4:])
    old, new = "B", "A"
    for i in range(int(sys.argv[2])):
        if i % 3 == 2:
            play.store(old)
        else:
            play.restore(old, new)
            old, new = new, old
        play.check_store()
    play.check_garbage()
    print("killed: {old} outputs old, {new} new, {some} of each; {stored} while one was made"
          .format(**play.counts))


if __name__ == "__main__":
    main()
