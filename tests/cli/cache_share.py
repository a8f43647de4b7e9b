#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs side by side on one small cache (P-1002).

    cache_share.py PRUN SECONDS [SEED]

In the current folder two copies of a project share a cache of 10 MiB, which what
they make exceeds many times over.  For SECONDS each of them is set to one of some
versions at random and run, and its outputs have to be that version's.  A third
one prunes now and then.  The cache keeps its bound all the time, and at the end
every blob is what its name says.  Ends with 1 at the first difference.
"""
import glob
import hashlib
import os
import random
import subprocess
import sys
import threading
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
MAKE = """\
v=$(cat src)
mkdir -p out
for i in 1 2 3 4 5 6; do
	yes "$v $i" | head -c 100000 >out/$i
done
"""
VERSIONS = 40
BOUND = 10 * 1024 * 1024


def prepare(name, store):
    os.mkdir(name)
    subprocess.run(["git", "init", "-q", "."], check=True, cwd=name)
    for file, text in (("Taskfile.yml", TASKFILE), ("make.sh", MAKE),
                       ("prun.ini", f"[cache]\ndir = {store}\nmax_size = 10M\n")):
        with open(os.path.join(name, file), "w") as f:
            f.write(text)


def content(version, i):
    line = f"v{version} {i}\n".encode()
    return (line * (100000 // len(line) + 1))[:100000]


def size_of(store):
    total = 0
    for path in glob.glob(f"{store}/blob/*/*") + glob.glob(f"{store}/entry/*/*"):
        try:
            total += os.path.getsize(path)
        except FileNotFoundError:
            pass
    return total


class Play:
    def __init__(self, prun, seconds, seed):
        self.prun = prun
        self.store = os.path.abspath("store")
        self.end = time.monotonic() + seconds
        self.seed = seed
        self.wrong = []
        self.runs = self.hits = 0
        self.most = 0

    def check(self, name, version, said):
        for i in range(1, 7):
            with open(f"{name}/out/{i}", "rb") as f:
                if f.read() != content(version, i):
                    self.wrong.append(f"{name}: out/{i} is not that of v{version}\n{said}")

    def work(self, name, number):
        chance = random.Random(self.seed + number)
        while time.monotonic() < self.end and not self.wrong:
            version = chance.randrange(VERSIONS)
            with open(f"{name}/src", "w") as f:
                f.write(f"v{version}\n")
            p = subprocess.run([self.prun, "gen"], cwd=name, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
            said = p.stdout.decode()
            if p.returncode != 0:
                self.wrong.append(f"{name}: exit {p.returncode}\n{said}")
                break
            self.check(name, version, said)
            self.runs += 1
            self.hits += "from the cache" in said
            self.most = max(self.most, size_of(self.store))

    def prune(self, name):
        while time.monotonic() < self.end and not self.wrong:
            subprocess.run([self.prun, "--cache", "prune"], cwd=name,
                           stdout=subprocess.DEVNULL)
            time.sleep(0.5)

    def check_blobs(self):
        for path in glob.glob(f"{self.store}/blob/*/*"):
            with open(path, "rb") as f:
                if hashlib.sha256(f.read()).hexdigest() != os.path.basename(path):
                    self.wrong.append(f"{path} is damaged")


def main():
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for name in "one", "two":
        prepare(name, os.path.abspath("store"))
    play = Play(os.path.abspath(sys.argv[1]), float(sys.argv[2]), seed)
    threads = [threading.Thread(target=play.work, args=(name, i))
               for i, name in enumerate(("one", "two"))]
    threads.append(threading.Thread(target=play.prune, args=("one",)))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    play.check_blobs()
    # each of two may have added one more before it looks
    if play.most > BOUND + 2 * 700000:
        play.wrong.append(f"the cache had {play.most} bytes")
    if play.hits == 0 or play.hits == play.runs:
        play.wrong.append(f"{play.hits} hits of {play.runs} runs")
    if play.wrong:
        print(play.wrong[0])
        sys.exit(1)
    print(f"{play.runs} runs, {play.hits} hits, at most {play.most} bytes")


if __name__ == "__main__":
    main()
