# SPDX-License-Identifier: MIT
"""Jobs that count themselves, and both sides of GNU make's jobserver.

  job DIR WANT [CMD...]  one job: writes down in DIR that it runs, waits until
                         WANT jobs have begun in all, runs CMD, and ends
  most DIR               how many jobs ran side by side at most, and in all
  serve KIND N CMD...    runs CMD below a jobserver of N jobs (pipe or fifo);
                         then says which tokens are there
  take N CMD...          below a jobserver: takes N tokens, one after another,
                         runs CMD, and gives them back
  spill N                below a jobserver: writes tokens that nobody gave it
  fake N WANT DIR        a program that runs jobs itself, as make does: N of
                         them, bounded by the jobserver alone
"""
import fcntl
import os
import re
import select
import subprocess
import sys
import tempfile
import time

PATIENCE = 60


def change(folder, by):
    """One more, or less: now, at most, in all, that is there now."""
    with open(os.path.join(folder, "count"), "a+") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        f.seek(0)
        now, most, total = map(int, f.read().split() or [0, 0, 0])
        now += by
        most = max(most, now)
        total += by > 0
        f.seek(0)
        f.truncate()
        f.write(f"{now} {most} {total}\n")
        return total


def job(folder, want, command):
    total = change(folder, 1)
    end = time.monotonic() + PATIENCE
    while total < int(want) and time.monotonic() < end:
        time.sleep(0.005)
        total = change(folder, 0)
    # whoever may run beside this one has the time to come
    time.sleep(0.03)
    status = subprocess.call(command) if command else 0
    change(folder, -1)
    return status


def most(folder):
    with open(os.path.join(folder, "count")) as f:
        now, high, total = f.read().split()
    print(high, total)
    return 0


def tokens_of(fd):
    os.set_blocking(fd, False)
    try:
        return os.read(fd, 4096)
    except BlockingIOError:
        return b""


def serve(kind, n, command):
    tokens = bytes(range(ord("a"), ord("a") + int(n) - 1))
    with tempfile.TemporaryDirectory() as folder:
        if kind == "fifo":
            path = os.path.join(folder, "tokens")
            os.mkfifo(path, 0o600)
            r = w = os.open(path, os.O_RDWR)
            auth, keep = "fifo:" + path, ()
        else:
            r, w = os.pipe()
            auth, keep = f"{r},{w}", (r, w)
        os.write(w, tokens)
        env = dict(os.environ, MAKEFLAGS=f" -j{n} --jobserver-auth={auth}")
        status = subprocess.call(command, env=env, pass_fds=keep)
        if kind != "fifo":
            flags = fcntl.fcntl(r, fcntl.F_GETFL) | fcntl.fcntl(w, fcntl.F_GETFL)
            if flags & os.O_NONBLOCK:
                print("O_NONBLOCK is set", file=sys.stderr)
        left = bytes(sorted(tokens_of(r))).decode()
        print("tokens " + (left or "none"), file=sys.stderr)
    return status if status >= 0 else 128 - status


def ends():
    """The jobserver's two ends, or None."""
    found = re.findall(
        r"--jobserver-(?:auth|fds)=(\S+)", os.environ.get("MAKEFLAGS", "")
    )
    if not found:
        return None
    if found[-1].startswith("fifo:"):
        fd = os.open(found[-1][5:], os.O_RDWR)
        return fd, fd
    r, w = map(int, found[-1].split(","))
    return os.open(f"/proc/self/fd/{r}", os.O_RDONLY), w


def take_one(r):
    while True:
        select.select([r], [], [])
        os.set_blocking(r, False)
        try:
            return os.read(r, 1)
        except BlockingIOError:
            continue


def take(n, command):
    r, w = ends()
    got = [take_one(r) for _ in range(int(n))]
    status = subprocess.call(command)
    for token in got:
        os.write(w, token)
    return status


def spill(n):
    os.write(ends()[1], b"x" * int(n))
    return 0


def fake(n, want, folder):
    """Starts as many as it has tokens for; the first needs none."""
    pair = ends()
    left, running, status = int(n), {}, 0
    while left or running:
        while left:
            token = b""
            if running:
                if pair is None:
                    break
                os.set_blocking(pair[0], False)
                try:
                    token = os.read(pair[0], 1)
                except BlockingIOError:
                    break
            child = subprocess.Popen(
                [sys.executable, __file__, "job", folder, want]
            )
            running[child] = token
            left -= 1
        for child in [c for c in running if c.poll() is not None]:
            status |= child.returncode
            token = running.pop(child)
            if token:
                os.write(pair[1], token)
        time.sleep(0.002)
    return status


def main():
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "job":
        return job(rest[0], rest[1], rest[2:])
    if what == "most":
        return most(rest[0])
    if what == "serve":
        return serve(rest[0], rest[1], rest[2:])
    if what == "take":
        return take(rest[0], rest[1:])
    if what == "spill":
        return spill(rest[0])
    if what == "fake":
        return fake(*rest)
    return 2


sys.exit(main())
