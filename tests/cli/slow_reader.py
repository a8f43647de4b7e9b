#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a command whose output does not wait and is read slowly.

    slow_reader.py KIND STREAMS OUT COMMAND...

KIND is pipe, socket or pty; STREAMS names the descriptors of the command that
are it: 1, 2 or 12.  It is non-blocking, as a terminal is that some program has
left so, and is only read when it is full or the command has ended, so that
every write of size meets EAGAIN.  What came is written to OUT; the exit status
is the command's, 141 for SIGPIPE.  With OUT "-" nobody reads at all: the other
end is closed before the command starts.
"""

import fcntl
import os
import pty
import select
import socket
import subprocess
import sys
import tty


def ends(kind):
    if kind == "pipe":
        ours, theirs = os.pipe()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    elif kind == "socket":
        pair = socket.socketpair()
        pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        ours, theirs = (s.detach() for s in pair)
    else:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
    return ours, theirs


def is_full(fd):
    waiting = select.poll()
    waiting.register(fd, select.POLLOUT)
    return not waiting.poll(0)


def main():
    kind, streams, out, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    ours, theirs = ends(kind)
    os.set_blocking(theirs, False)
    if out == "-":
        os.close(ours)
    job = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=theirs if "1" in streams else subprocess.DEVNULL,
        stderr=theirs if "2" in streams else subprocess.DEVNULL,
    )
    got = bytearray()
    while out != "-":
        ended = False
        # a terminal may have room and yet keep its writer waiting
        for _ in range(20):
            try:
                job.wait(0.001)
                ended = True
            except subprocess.TimeoutExpired:
                pass
            if ended or is_full(theirs):
                break
        while select.select([ours], [], [], 0)[0]:
            got += os.read(ours, 1 << 20)
            if not ended:
                break
        if ended:
            break
    if out != "-":
        with open(out, "wb") as file:
            file.write(got)
    status = job.wait()
    sys.exit(128 - status if status < 0 else status)


main()
