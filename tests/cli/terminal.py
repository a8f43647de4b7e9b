# SPDX-License-Identifier: MIT
"""Talks to a program on a terminal of its own.

    python3 terminal.py DIALOGUE COMMAND [ARG...]

DIALOGUE is a file of lines: "> TEXT" types TEXT, "< TEXT" waits until the
program has written TEXT (since the last wait; escape sequences and carriage
returns do not count), "- TEXT" says that it must not have, "#" is a comment.
TEXT may have \\t, \\r, \\xNN and the like.  All that was written goes to
standard output, and the exit status is the program's; 99 when a wait took
longer than TERMINAL_SECONDS (20) or the program ended too early.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

NOISE = re.compile(
    rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b[P_^][^\x1b]*\x1b\\|\x1b[()][0-9A-Za-z]|\x1b[=>78cM]|[\r\x07\x0f]")
SECONDS = float(os.environ.get("TERMINAL_SECONDS", "20"))


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


class Terminal:
    def __init__(self, argv):
        self.raw = b""
        self.at = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvp(argv[0], argv)
            finally:
                os._exit(127)
        size = struct.pack("HHHH", 24, 100, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def clean(self):
        return NOISE.sub(b"", self.raw)

    def read(self, until):
        """One more piece of output; False at its end or when time is up."""
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.fd], [], [], left)[0]:
            return False
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            piece = b""
        self.raw += piece
        return piece != b""

    def wait_for(self, text):
        until = time.monotonic() + SECONDS
        while True:
            found = self.clean().find(text, self.at)
            if found >= 0:
                self.at = found + len(text)
                return True
            if not self.read(until):
                return False

    def send(self, text):
        while text:
            text = text[os.write(self.fd, text):]

    def end(self):
        until = time.monotonic() + SECONDS
        while self.read(until):
            pass
        ended, status = 0, 0
        while ended == 0 and time.monotonic() < until:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended == 0:
                select.select([], [], [], 0.02)
        if ended == 0:
            return None
        return os.waitstatus_to_exitcode(status) % 256

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def talk(terminal, lines):
    for line in lines:
        kind, text = line[:1], unescape(line[2:].rstrip("\n"))
        if kind == ">":
            terminal.send(text)
        elif kind == "<" and not terminal.wait_for(text):
            return "waited in vain for: " + line[2:]
        elif kind == "-" and text in terminal.clean():
            return "should not have come: " + line[2:]
    return None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.readlines()
    terminal = Terminal(sys.argv[2:])
    wrong = talk(terminal, lines)
    status = None if wrong else terminal.end()
    if status is None:
        terminal.kill()
        wrong = wrong or "it did not end"
    sys.stdout.buffer.write(terminal.clean())
    if wrong:
        print("\n" + wrong, file=sys.stderr)
        return 99
    return status


sys.exit(main())
