#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Nothing survives a prun that was killed (P-116).

    guardian.py PRUN COUNT [SEED [SHAPE…]]

COUNT times a run is started and prun killed with SIGKILL at a random moment.
All that it started holds a pipe, whose end must come within a second.  A line
for each time that it did not; ends with 1 if there was one.
"""
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time

# In the background of each tree, all of it behind a job that is not over.
TREE = "sh -c 'sleep 1000 & sh -c \"sleep 1000 & wait\" & wait'"
DEAF = "trap '' TERM; sleep 1000 & sleep 1000; sleep 1000"
SESSION = "setsid sleep 1000 & sleep 1000"
ORPHAN = "(setsid sh -c 'sleep 1000 & sleep 1000' &) ; sleep 1000"
NOHUP = "nohup sleep 1000 >/dev/null 2>&1 & sleep 1000"
BARE = "env -i sleep 1000 & wait"
SPAWNS = "while :; do sleep 1000 & sleep 0.02; done"
DAEMON = "(setsid sleep 1000 >/dev/null 2>&1 &)"

# Words for prun, and the Taskfile.
SHAPES = {
    "tree": ("t", {"t": [TREE]}),
    "plain": ("t", {"t": ["sleep 1000"]}),
    "deaf": ("t", {"t": [DEAF]}),
    "session": ("t", {"t": [SESSION]}),
    "orphan": ("t", {"t": [ORPHAN]}),
    "nohup": ("t", {"t": [NOHUP]}),
    "bare": ("t", {"t": [BARE]}),
    "spawns": ("t", {"t": [SPAWNS]}),
    "left": ("t", {"t": [DAEMON, "sleep 0.2", DAEMON, "sleep 1000"]}),
    "left in the group": ("t", {"t": [
        "sleep 0.2", "sleep 1000 >/dev/null 2>&1 &", "sleep 1000"]}),
    "left bare": ("t", {"t": [
        "sleep 0.2", "env -i sleep 1000 >/dev/null 2>&1 &", "sleep 1000"]}),
    "one after the other": ("t", {"t": ["sleep 0.03"] * 30}),
    "many": ("-p -C 0 a b c d e f g h", {
        "a": [TREE], "b": [DEAF], "c": [SESSION], "d": [ORPHAN],
        "e": [NOHUP], "f": [SPAWNS], "g": ["sleep 0.01"] * 99,
        "h": [DAEMON, "sleep 1000"]}),
    "nested": ("t", {"t": ['"$PRUN" u', "sleep 1000"],
                     "u": [TREE]}),
    "nested twice": ("t", {"t": ['"$PRUN" u & sleep 1000'],
                           "u": ['"$PRUN" v & ' + SESSION],
                           "v": [DEAF]}),
    "call from a script": ("t", {"t": ["task:u & " + SESSION],
                                 "u": [ORPHAN]}),
    "interactive": ("t", {"t": [SESSION], "interactive": "t"}),
}
# What ends in the first tenth of a second as well, in which there is no guardian
# yet, but only what the kernel does for groups; the others get one first.
EARLY = ("tree", "plain", "deaf", "nohup", "bare", "spawns", "nested",
         "one after the other")
# Where no environment tells of a process that has lost its parents.
if os.environ.get("TEST_PORTABLE"):
    for name in ("orphan", "left", "many", "call from a script"):
        del SHAPES[name]
    EARLY = ()


def taskfile(tasks):
    text = "version: '3'\nsilent: true\ntasks:\n"
    for name in [n for n in tasks if n != "interactive"]:
        text += "  %s:\n" % name
        if tasks.get("interactive") == name:
            text += "    interactive: true\n"
        text += "    cmds:\n"
        for cmd in tasks[name]:
            text += "      - |\n        %s\n" % cmd
    return text


def start(prun, words, folder):
    """The process, and the pipe that ends with the last of its tree."""
    ours, theirs = os.pipe()
    os.set_inheritable(theirs, True)
    env = dict(os.environ, PRUN=prun)
    # pylint: disable=consider-using-with
    p = subprocess.Popen([prun] + words.split(), cwd=folder, env=env,
                         stdin=subprocess.DEVNULL, pass_fds=[theirs],
                         stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    os.close(theirs)
    return p, ours


def ends_within(fd, seconds):
    return bool(select.select([fd], [], [], seconds)[0])


def holders(fd):
    """Who still holds the pipe, for the report and to be ended."""
    pipe = os.readlink("/proc/self/fd/%d" % fd)
    found = []
    for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
        try:
            fds = ["/proc/%s/fd/%s" % (pid, n)
                   for n in os.listdir("/proc/%s/fd" % pid)]
            if int(pid) != os.getpid() and \
                    pipe in [os.readlink(f) for f in fds]:
                found.append(int(pid))
        except OSError:
            continue
    return found


def tell(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            return f.read().replace(b"\0", b" ").decode()
    except OSError:
        return "?"


def await_guardian(pid):
    """Until the prun has one, at most 20 seconds."""
    for _ in range(400):
        ps = subprocess.run(["ps", "-A", "-o", "ppid=", "-o", "args="],
                            capture_output=True, text=True, check=True)
        if "%d prun: guardian" % pid in [
                " ".join(line.split()) for line in ps.stdout.splitlines()]:
            return
        time.sleep(0.05)


def strike(prun, shape, after):
    """What was left a second after the kill."""
    words, tasks = SHAPES[shape]
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/Taskfile.yml", "w", encoding="utf-8") as f:
            f.write(taskfile(tasks))
        p, pipe = start(prun, words, folder)
        if shape not in EARLY:
            await_guardian(p.pid)
        time.sleep(after)
        ended = p.poll() is not None
        p.send_signal(signal.SIGKILL)
        p.wait()
        killed = time.monotonic()
        left = []
        if not ends_within(pipe, 1.0):
            left = ["%d %s" % (h, tell(h)) for h in holders(pipe)][:4]
            for pid in holders(pipe):
                os.kill(pid, signal.SIGKILL)
        took = time.monotonic() - killed
        os.close(pipe)
        if ended and shape != "one after the other":
            left.append("prun ended by itself")
    return left, took


def main():
    prun = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    shapes = sys.argv[4:] or list(SHAPES)
    chance = random.Random(seed)
    bad, longest = 0, 0.0
    for i in range(count):
        shape = shapes[i % len(shapes)]
        after = chance.uniform(0, 1.2)
        if shape in EARLY and chance.random() < 0.3:
            after /= 10
        left, took = strike(prun, shape, after)
        longest = max(longest, took)
        if left:
            bad += 1
            print("%s, killed after %.3f s: %s" % (shape, after,
                                                   "; ".join(left)))
    print("%d of %d left something; the longest took %.2f s"
          % (bad, count, longest))
    return bad > 0


sys.exit(main())
