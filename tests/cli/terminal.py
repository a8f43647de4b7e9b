# SPDX-License-Identifier: MIT
"""A terminal for tests: a program on a pty, keys, signals, a screen.

    python3 terminal.py [OPTION...] DIALOGUE COMMAND [ARG...]

    --size ROWSxCOLS   of the terminal; default 24x100
    --shell            COMMAND is a job of a shell with job control: a process
                       group of its own in the foreground, which can be stopped
                       and told to go on ("fg", "bg" below).  Without it COMMAND
                       leads the session, as what a terminal's window starts.
    --background       with --shell: COMMAND starts in the background (`&`)
    --in KIND          KIND of standard input, output and error: "tty" (the
    --out KIND         default), "null", "pipe", "file:PATH", and for --in
    --err KIND         "pipe:TEXT" (that text, then its end)

DIALOGUE is a file of lines ("-": standard input).  TEXT may have \\t, \\r, \\xNN
and the like; whatever waits does so for TERMINAL_SECONDS (20) at most:

    > TEXT             types TEXT ("\\x03" is ^C, "\\x1a" is ^Z)
    < TEXT             waits until TEXT was written to the terminal, behind what
                       the last such line found (escape sequences and carriage
                       returns do not count)
    - TEXT             TEXT was not written so far
    ! VERB [ARG...]    one of those below
    # TEXT             a comment

    ! screen TEXT      waits until a row of the screen has TEXT
    ! clear TEXT       waits until no row has it
    ! row N TEXT       waits until row N (from 1; -1: the last one that is not
                       empty) is TEXT, blanks at its end aside
    ! cursor ROW COL   waits until the cursor is there (from 1)
    ! size ROWS COLS   the terminal gets another size
    ! modes WORD...    waits until the terminal's modes are so: icanon, echo,
                       isig, opost, or with "-" in front
    ! owner WHO        waits until WHO is the terminal's foreground: "program"
                       (its group), "shell", "other"
    ! signal NAME WHO  sends it to WHO: "program" (it alone), "group" (its
                       group), "foreground" (that of the terminal)
    ! stopped          with --shell: waits until the program has stopped; the
                       shell then has the terminal, with the modes it had
    ! fg, ! bg         with --shell: as the shell's own
    ! out TEXT         waits until TEXT came through the pipe of --out
    ! err TEXT         the same of --err
    ! file PATH [TEXT] waits until the file is there and not empty, or has TEXT
    ! still PATH       the file does not change for half a second
    ! moves PATH       waits until it does
    ! gone PATH        waits until the process whose number is in the file is
                       no more
    ! hangup           the terminal goes away
    ! end [STATUS]     waits until the program has ended, with that status

All that was written to the terminal goes to standard output without escape
sequences, and the exit status is the program's (128 + N where signal N killed
it); 99 with a line on standard error when a wait took too long, the program
ended too early or something was there that must not be.

As a module: Terminal(argv, ...) with the methods below, talk(terminal, lines);
Screen(rows, columns) alone draws what feed() gets.
"""
import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import sys
import termios
import time
import unicodedata

NOISE = re.compile(
    rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b[P_^][^\x1b]*\x1b\\|\x1b[()][0-9A-Za-z]|\x1b[=>78cM]|[\r\x07\x0f]")
SECONDS = float(os.environ.get("TERMINAL_SECONDS", "20"))
MODES = {"icanon": (3, termios.ICANON), "echo": (3, termios.ECHO),
         "isig": (3, termios.ISIG), "opost": (1, termios.OPOST)}


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


class Wrong(Exception):
    """A wait that was in vain, or something that must not be."""


# ---- the screen ----

class Screen:
    """Rows of characters and a cursor, from what was written."""

    SEQUENCE = re.compile(
        r"\x1b(?:\[([0-9;:<=>?]*)[ -/]*([@-~])|\]([^\x07\x1b]*)(?:\x07|\x1b\\)"
        r"|[P_^][^\x1b]*\x1b\\|[()][0-9A-Za-z]|([=>78cMDE]))")

    def __init__(self, rows, columns):
        self.rest = b""
        self.main = None
        self.saved = (0, 0)
        self.shape(rows, columns)
        self.reset()

    def reset(self):
        self.cells = [self.blank() for _ in range(self.rows)]
        self.y = self.x = 0
        self.wraps = False
        self.top, self.bottom = 0, self.rows - 1

    def shape(self, rows, columns):
        self.rows, self.columns = rows, columns

    def resize(self, rows, columns):
        old, y = self.cells, self.y
        self.shape(rows, columns)
        # the rows around the cursor stay, as terminals have it
        first = max(0, y + 1 - rows)
        self.cells = [(old[i] + [" "] * columns)[:columns]
                      for i in range(first, min(len(old), first + rows))]
        while len(self.cells) < rows:
            self.cells.append(self.blank())
        self.y, self.x = y - first, min(self.x, columns - 1)
        self.top, self.bottom = 0, rows - 1
        self.wraps = False

    def blank(self):
        return [" "] * self.columns

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def feed(self, raw):
        text = self.rest + raw
        self.rest = b""
        # what is cut in the middle waits for its rest
        for n in range(1, 4):
            if len(text) >= n and text[-n] >= 0xC0:
                need = 2 if text[-n] < 0xE0 else 3 if text[-n] < 0xF0 else 4
                if need > n:
                    self.rest, text = text[-n:], text[:-n]
                break
        text = text.decode("utf-8", "replace")
        at = 0
        while at < len(text):
            if text[at] != "\x1b":
                self.put(text[at])
                at += 1
                continue
            found = self.SEQUENCE.match(text, at)
            if found:
                self.control(found)
                at = found.end()
            elif len(text) - at < 64:
                self.rest = text[at:].encode() + self.rest
                return
            else:
                at += 1

    def scroll(self, n, top):
        for _ in range(min(abs(n), self.rows)):
            if n > 0:
                self.cells.pop(top)
                self.cells.insert(self.bottom, self.blank())
            else:
                self.cells.pop(self.bottom)
                self.cells.insert(top, self.blank())

    def down(self):
        if self.y == self.bottom:
            self.scroll(1, self.top)
        elif self.y < self.rows - 1:
            self.y += 1

    def put(self, c):
        if c == "\n":
            self.down()
            self.wraps = False
        elif c == "\r":
            self.x, self.wraps = 0, False
        elif c == "\b":
            self.x, self.wraps = max(0, self.x - 1), False
        elif c == "\t":
            self.x = min(self.columns - 1, (self.x // 8 + 1) * 8)
        elif c >= " " and c != "\x7f":
            self.put_glyph(c)

    def put_glyph(self, c):
        if unicodedata.combining(c):
            return
        wide = unicodedata.east_asian_width(c) in "WF"
        if self.wraps or (wide and self.x == self.columns - 1):
            self.x, self.wraps = 0, False
            self.down()
        self.cells[self.y][self.x] = c
        if wide and self.x + 1 < self.columns:
            self.cells[self.y][self.x + 1] = ""
            self.x += 1
        if self.x == self.columns - 1:
            self.wraps = True
        else:
            self.x += 1

    def control(self, found):
        args, last, _, single = found.groups()
        if single:
            self.single(single)
        if last is None:
            return
        if args.startswith("?"):
            if "1049" in args or args == "?47":
                self.alternate(last == "h")
            return
        if args[:1] in "<=>" and args:
            return
        numbers = [int(a) if a.isdigit() else 0 for a in args.split(";")]
        self.csi(last, numbers, max(1, numbers[0]))

    def single(self, c):
        if c == "7":
            self.saved = (self.y, self.x)
        elif c == "8":
            self.y, self.x = self.saved
        elif c == "c":
            self.reset()
        elif c in "DE":
            self.down()
            self.x = 0 if c == "E" else self.x
        elif c == "M":
            if self.y == self.top:
                self.scroll(-1, self.top)
            else:
                self.y = max(0, self.y - 1)

    def alternate(self, on):
        if on and self.main is None:
            self.main = (self.cells, self.y, self.x)
            self.cells = [self.blank() for _ in range(self.rows)]
        elif not on and self.main is not None:
            self.cells, self.y, self.x = self.main
            self.main = None

    def csi(self, last, numbers, n):
        if last in "Hf":
            self.y = min(self.rows, n) - 1
            second = numbers[1] if len(numbers) > 1 else 1
            self.x = min(self.columns, max(1, second)) - 1
        elif last in "AF":
            self.y = max(0, self.y - n)
        elif last in "BE":
            self.y = min(self.rows - 1, self.y + n)
        elif last == "C":
            self.x = min(self.columns - 1, self.x + n)
        elif last == "D":
            self.x = max(0, self.x - n)
        elif last in "G`":
            self.x = min(self.columns, n) - 1
        elif last == "d":
            self.y = min(self.rows, n) - 1
        elif last in "JK":
            self.erase(last, numbers[0])
        elif last in "LM" and self.top <= self.y <= self.bottom:
            self.scroll(-n if last == "L" else n, self.y)
        elif last in "ST":
            self.scroll(n if last == "S" else -n, self.top)
        elif last in "P@X":
            self.shift(last, n)
        elif last == "r":
            bottom = numbers[1] if len(numbers) > 1 else 0
            self.top = n - 1
            self.bottom = (bottom or self.rows) - 1
            self.y = self.x = 0
        elif last == "s":
            self.saved = (self.y, self.x)
        elif last == "u":
            self.y, self.x = self.saved
        if last in "EF":
            self.x = 0
        self.wraps = self.wraps and last == "m"

    def shift(self, last, n):
        row = self.cells[self.y]
        n = min(n, self.columns - self.x)
        if last == "@":
            row[self.x:] = ([" "] * n + row[self.x:])[:self.columns - self.x]
        elif last == "P":
            row[self.x:] = row[self.x + n:] + [" "] * n
        else:
            row[self.x:self.x + n] = [" "] * n

    def erase(self, what, how):
        row = self.cells[self.y]
        if how == 0:
            row[self.x:] = [" "] * (self.columns - self.x)
        elif how == 1:
            row[:self.x + 1] = [" "] * (self.x + 1)
        else:
            row[:] = self.blank()
        if what == "J":
            for y in range(self.rows):
                if how >= 2 or (y > self.y if how == 0 else y < self.y):
                    self.cells[y] = self.blank()


# ---- the shell around the program: the other side of --shell ----

class Shell:
    """Leads the session; the program is its one job.  Speaks lines over a
    socket: "fg" and "bg" come; "pid N", "stopped N", "ended STATUS" go."""

    def __init__(self, sock, start, background, theirs):
        for sig in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP,
                    signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(sig, signal.SIG_IGN)
        self.sock = sock
        self.tty = os.open("/dev/tty", os.O_RDWR)
        self.modes = termios.tcgetattr(self.tty)
        self.job_modes = None
        self.in_front = not background
        self.pid = os.fork()
        if self.pid == 0:
            self.become_job(start)
        for fd in theirs:
            os.close(fd)  # so that a pipe ends with the program
        try:
            os.setpgid(self.pid, self.pid)
        except OSError:
            pass
        if self.in_front:
            os.tcsetpgrp(self.tty, self.pid)
        self.say("pid %d" % self.pid)

    def become_job(self, start):
        os.setpgid(0, 0)
        if self.in_front:
            os.tcsetpgrp(self.tty, os.getpid())
        for sig in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP,
                    signal.SIGINT, signal.SIGQUIT, signal.SIGHUP,
                    signal.SIGCHLD):
            signal.signal(sig, signal.SIG_DFL)
        os.close(self.tty)
        self.sock.close()
        start()

    def say(self, text):
        self.sock.sendall(text.encode() + b"\n")

    def take_back(self, keep_modes):
        if not self.in_front:
            return
        self.in_front = False
        try:
            os.tcsetpgrp(self.tty, os.getpgrp())
            if keep_modes:
                self.modes = termios.tcgetattr(self.tty)
            else:
                termios.tcsetattr(self.tty, termios.TCSADRAIN, self.modes)
        except (OSError, termios.error):
            pass  # it is gone

    def told(self):
        """What became of the job; True at its end."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid != self.pid:
                continue
            if os.WIFSTOPPED(status):
                if self.in_front:
                    self.job_modes = termios.tcgetattr(self.tty)
                self.take_back(False)
                self.say("stopped %d" % os.WSTOPSIG(status))
                continue
            code = os.waitstatus_to_exitcode(status)
            self.take_back(code >= 0)
            self.say("ended %d" % (code if code >= 0 else 128 - code))
            return True

    def obey(self, verb):
        if verb == "fg":
            self.in_front = True
            os.tcsetpgrp(self.tty, self.pid)
            if self.job_modes is not None:
                termios.tcsetattr(self.tty, termios.TCSADRAIN, self.job_modes)
        # a key that is typed before this is lost: SIGCONT takes a stop back
        os.killpg(self.pid, signal.SIGCONT)
        self.say("going")

    def run(self):
        wake, woken = socket.socketpair()
        woken.setblocking(False)
        signal.set_wakeup_fd(woken.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        commands = b""
        while not self.told():
            ready, _, _ = select.select([wake, self.sock], [], [])
            if wake in ready:
                wake.recv(4096)
            if self.sock in ready:
                piece = self.sock.recv(4096)
                if piece == b"":
                    return
                commands += piece
                while b"\n" in commands:
                    verb, commands = commands.split(b"\n", 1)
                    self.obey(verb.decode())
        # the session lives until the driver has seen all of it
        self.sock.recv(1)


# ---- the terminal ----

class Terminal:
    """A program on a terminal of its own.  `out` and `err` have what came
    through pipes; `raw` and `screen` what came to the terminal."""

    def __init__(self, argv, size=(24, 100), shell=False, background=False,
                 stdin="tty", stdout="tty", stderr="tty", env=None, cwd=None):
        self.raw, self.out, self.err = b"", b"", b""
        self.at = 0
        self.screen = Screen(*size)
        self.status = None
        self.is_stopped = False
        self.pipes = {}
        self.messages = b""
        self.sock = None
        self.has_program = not shell
        self.is_open = True  # some process has the terminal open
        kinds = [stdin, stdout, stderr]
        theirs = [self.open_end(i, kind) for i, kind in enumerate(kinds)]
        if shell:
            self.sock, sock = socket.socketpair()
        gate_in, gate_out = os.pipe()

        def start():
            for sig in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(sig, signal.SIG_DFL)  # Python ignores them
            for i, fd in enumerate(theirs):
                if fd is not None:
                    os.dup2(fd, i)
            try:
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], argv, os.environ if env is None else env)
            finally:
                os._exit(127)

        self.leader, self.fd = pty.fork()
        if self.leader == 0:
            try:
                os.read(gate_in, 1)  # until the size is set
                os.close(gate_in)
                os.close(gate_out)
                if not shell:
                    start()
                self.sock.close()
                Shell(sock, start, background,
                      [fd for fd in theirs if fd is not None]).run()
            finally:
                os._exit(127)
        self.pid = self.leader
        if shell:
            sock.close()
        for fd in theirs:
            if fd is not None:
                os.close(fd)
        os.set_blocking(self.fd, False)
        self.set_size(*size)
        os.write(gate_out, b"x")
        os.close(gate_in)
        os.close(gate_out)
        if shell:
            self.until(lambda: self.has_program, "the shell did not start")

    def open_end(self, i, kind):
        """What the program gets as descriptor i; None: the terminal."""
        if kind == "tty":
            return None
        if kind == "null":
            return os.open(os.devnull, os.O_RDWR)
        if kind.startswith("file:"):
            flags = os.O_RDONLY if i == 0 else os.O_WRONLY | os.O_CREAT
            return os.open(kind[5:], flags, 0o666)
        reading, writing = os.pipe()
        if i == 0:
            if kind != "pipe":
                os.write(writing, unescape(kind[5:]))
                os.close(writing)
            return reading  # without a text its end never comes
        self.pipes[reading] = i
        return writing

    def set_size(self, rows, columns):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        self.screen.resize(rows, columns)

    # -- what comes --

    def clean(self):
        return NOISE.sub(b"", self.raw)

    def heard(self, line):
        word, _, number = line.decode().partition(" ")
        if word == "pid":
            self.pid = int(number)
            self.has_program = True
        elif word == "stopped":
            self.is_stopped = True
        elif word == "going":
            self.is_stopped = False
            self.is_going = True
        elif word == "ended":
            self.status = int(number)

    def take_terminal(self):
        """False: no process has the terminal open, for now.  Its master stays
        open all the same: closing it is a hangup."""
        try:
            piece = os.read(self.fd, 65536)
        except BlockingIOError:
            return True
        except OSError:
            piece = b""
        self.raw += piece
        self.screen.feed(piece)
        return piece != b""

    def take(self, fd):
        piece = os.read(fd, 65536)
        if self.sock is not None and fd == self.sock.fileno():
            self.messages += piece
            while b"\n" in self.messages:
                line, self.messages = self.messages.split(b"\n", 1)
                self.heard(line)
            if piece == b"":
                self.sock.close()
                self.sock = None
        elif piece == b"":
            os.close(fd)
            del self.pipes[fd]
        elif self.pipes[fd] == 1:
            self.out += piece
        else:
            self.err += piece

    def read(self, seconds):
        """What there is from wherever; False: nothing came."""
        fds = list(self.pipes)
        if self.fd >= 0 and self.is_open:
            fds.append(self.fd)
        if self.sock is not None:
            fds.append(self.sock.fileno())
        if not self.is_open:
            seconds = min(seconds, 0.02)  # somebody may open it again
        ready = select.select(fds, [], [], seconds)[0]
        if self.fd >= 0 and (self.fd in ready or not self.is_open):
            was_open = self.is_open
            self.is_open = self.take_terminal()
            if self.is_open and not was_open:
                return True
        for fd in ready:
            if fd != self.fd:
                self.take(fd)
        return bool(ready)

    def until(self, fact, why):
        """Waits for a fact, which is looked at behind each piece of output,
        and now and then for what makes none."""
        end = time.monotonic() + SECONDS
        while not fact():
            if time.monotonic() > end:
                raise Wrong(why)
            self.read(0.02)

    def look_for(self, text):
        found = self.clean().find(text, self.at)
        if found >= 0:
            self.at = found + len(text)
        return found >= 0

    def wait_for(self, text):
        why = "waited in vain for: " + text.decode("utf-8", "replace")
        end = time.monotonic() + SECONDS
        while not self.look_for(text):
            if time.monotonic() > end or (
                    self.has_ended() and not self.read(0)):
                raise Wrong(why)
            self.read(0.05)

    # -- what is done --

    def send(self, text):
        end = time.monotonic() + SECONDS
        while text:
            try:
                text = text[os.write(self.fd, text):]
            except BlockingIOError:
                self.read(0.05)
            if time.monotonic() > end:
                raise Wrong("nobody takes what is typed")

    def shell(self, verb):
        self.is_going = False
        self.sock.sendall(verb.encode() + b"\n")
        self.until(lambda: self.is_going, "it does not go on")

    def signal(self, name, who):
        sig = getattr(signal, "SIG" + name)
        if who == "program":
            os.kill(self.pid, sig)
        elif who == "group":
            os.killpg(self.pid, sig)
        else:
            os.killpg(os.tcgetpgrp(self.fd), sig)

    def modes(self):
        got = termios.tcgetattr(self.fd)
        return {name for name, (i, bit) in MODES.items() if got[i] & bit}

    def has_modes(self, words):
        now = self.modes()
        return all((w[1:] not in now) if w[0] == "-" else (w in now)
                   for w in words)

    def owner(self):
        group = os.tcgetpgrp(self.fd)
        if group == self.pid:
            return "program"
        return "shell" if group == self.leader else "other"

    def hangup(self):
        os.close(self.fd)
        self.fd = -1
        self.is_open = False

    def has_ended(self):
        if self.status is None and self.pid == self.leader:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid != 0:
                code = os.waitstatus_to_exitcode(status)
                self.status = code if code >= 0 else 128 - code
                self.leader = 0
        return self.status is not None

    def end(self):
        """Waits for the program's end and for what is left of its output; its
        status."""
        self.until(self.has_ended, "it did not end")
        while self.read(0) and self.is_open:
            pass
        if self.leader > 0:
            os.kill(self.leader, signal.SIGKILL)
            os.waitpid(self.leader, 0)
            self.leader = 0
        while self.is_open and self.read(0.05):
            pass
        return self.status

    def kill(self):
        for pid in {self.pid, self.leader} - {0}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.leader > 0:
            os.waitpid(self.leader, 0)
            self.leader = 0


# ---- the dialogue ----

def process_is_gone(path):
    with open(path, encoding="ascii") as file:
        pid = int(file.read().split()[0])
    try:
        os.kill(pid, 0)
        with open("/proc/%d/stat" % pid, encoding="latin-1") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def file_has(path, text):
    try:
        with open(path, "rb") as file:
            got = file.read()
    except OSError:
        return False
    return text in got if text else got != b""


def file_size(path):
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


def row_is(screen, number, text):
    lines = screen.lines()
    if number < 0:
        lines = [line for line in lines if line]
        return len(lines) >= -number and lines[number] == text
    return lines[number - 1] == text


def wait_verb(t, verb, args, text):
    """The fact that a verb waits for; None: it is none of those."""
    plain = text.decode("utf-8", "replace")
    if verb == "screen":
        return lambda: any(plain in line for line in t.screen.lines())
    if verb == "clear":
        return lambda: not any(plain in line for line in t.screen.lines())
    if verb == "row":
        plain = plain.partition(" ")[2]
        return lambda: row_is(t.screen, int(args[0]), plain)
    if verb == "cursor":
        place = (int(args[0]) - 1, int(args[1]) - 1)
        return lambda: (t.screen.y, t.screen.x) == place
    if verb == "modes":
        return lambda: t.has_modes(args)
    if verb == "owner":
        return lambda: t.owner() == args[0]
    if verb == "stopped":
        return lambda: t.is_stopped
    if verb == "out":
        return lambda: text in t.out
    if verb == "err":
        return lambda: text in t.err
    if verb == "file":
        return lambda: file_has(args[0], text.partition(b" ")[2])
    if verb == "gone":
        return lambda: process_is_gone(args[0])
    if verb == "end":
        return t.has_ended
    return None


def do_verb(t, line):
    words = line.split()
    verb, args = words[0], words[1:]
    fact = wait_verb(t, verb, args, unescape(line.partition(" ")[2]))
    if fact:
        t.until(fact, "waited in vain for: ! " + line)
        if verb == "end" and args and t.status != int(args[0]):
            raise Wrong("ended with %d: ! %s" % (t.status, line))
    elif verb == "size":
        t.set_size(int(args[0]), int(args[1]))
    elif verb == "signal":
        t.signal(args[0], args[1])
    elif verb in ("fg", "bg"):
        t.shell(verb)
    elif verb == "hangup":
        t.hangup()
    elif verb == "moves":
        before = file_size(args[0])
        t.until(lambda: file_size(args[0]) != before, "it does not: " + line)
    elif verb == "still":
        before, end = file_size(args[0]), time.monotonic() + 0.5
        while time.monotonic() < end:
            t.read(0.05)
        if file_size(args[0]) != before:
            raise Wrong("it does not: " + line)
    else:
        raise Wrong("no such verb: " + line)


def talk(t, lines):
    """Raises Wrong."""
    for line in lines:
        line = line.rstrip("\n")
        kind, rest = line[:1], line[2:]
        if kind == ">":
            t.send(unescape(rest))
        elif kind == "<":
            t.wait_for(unescape(rest))
        elif kind == "-" and unescape(rest) in t.clean():
            raise Wrong("should not have come: " + rest)
        elif kind == "!":
            do_verb(t, rest)


def parse(argv):
    options = {}
    names = {"--in": "stdin", "--out": "stdout", "--err": "stderr"}
    while argv and argv[0].startswith("--"):
        option = argv.pop(0)
        if option == "--size":
            options["size"] = tuple(map(int, argv.pop(0).split("x")))
        elif option in names:
            options[names[option]] = argv.pop(0)
        else:
            options[option[2:]] = True
    return options, argv


def main():
    options, argv = parse(sys.argv[1:])
    if argv[0] == "-":
        lines = sys.stdin.readlines()
    else:
        with open(argv[0], encoding="utf-8") as file:
            lines = file.readlines()
    terminal = Terminal(argv[1:], **options)
    wrong, status = None, 99
    try:
        talk(terminal, lines)
        status = terminal.end()
    except Wrong as e:
        terminal.kill()
        wrong = str(e)
    sys.stdout.buffer.write(terminal.clean())
    sys.stdout.flush()
    if wrong:
        print("\n" + wrong, file=sys.stderr)
        return 99
    return status


if __name__ == "__main__":
    sys.exit(main())
