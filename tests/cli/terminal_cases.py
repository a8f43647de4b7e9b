# SPDX-License-Identifier: MIT
"""What commands can do on a terminal: P-402 as a table.  TAP.

    python3 terminal_cases.py PROGRAM [PART]     PROGRAM is prun, or a link to
                                                 it named `task`
    python3 terminal_cases.py --reference PROGRAM [PART]

PART picks the cases whose text has it.  With --reference the same table is for
the program that prun follows: the cases that it answers otherwise have that
answer beside prun's (`task`), those that it has none for are left out.

A case: what it is about, the tasks, the arguments, options of the terminal
(terminal.py), what is said.
"""
import os
import subprocess
import sys
import tempfile
import textwrap

import terminal
from terminal import Terminal, Wrong, talk

# What 0, 1 and 2 are, into the file that is named: tty is the terminal of the
# session.
KINDS = r'''#!/usr/bin/env python3
import os, stat, subprocess, sys
own = subprocess.run(["ps", "-o", "tty=", "-p", str(os.getpid())],
                     stdout=subprocess.PIPE, text=True).stdout.strip()
def kind(fd):
    mode = os.fstat(fd).st_mode
    if os.isatty(fd):
        return "tty" if os.ttyname(fd) == "/dev/" + own else "pty"
    return ("pipe" if stat.S_ISFIFO(mode) else
            "null" if stat.S_ISCHR(mode) else "file")
text = " ".join(map(kind, range(3)))
fd = os.open("/dev/tty", os.O_RDWR)
text += " front" if os.tcgetpgrp(fd) == os.getpgrp() else " behind"
new = "%s.%d" % (sys.argv[1], os.getpid())
with open(new, "w") as file:
    file.write(text + "\n")
os.rename(new, sys.argv[1])
'''

ITSELF = "tty tty tty front"
BESIDE = "null pty pty behind"


def kinds(says, tasks, args, task=None, **files):
    """A case of descriptors alone: FILE=what is in it; of what the reference
    has there the same unless `task` says: a text for all of them, False: there
    is no answer."""
    options = files.pop("options", {})

    def lines(want):
        return ["! file %s %s" % (name, want(text))
                for name, text in files.items()] + ["! end"]
    answer = {}
    if task is not None:
        answer["task"] = task and lines(lambda text: task)
    return dict(says=says, tasks=tasks, args=args, options=options,
                talk=lines(lambda text: text), **answer)


def case(says, tasks, args, *lines, **more):
    return dict(says=says, tasks=tasks, args=args, talk=list(lines), **more)


ASK = "printf 'name? '; read name; echo \"<$name>\""
ANSWER = ("< name? ", "> bob\\r", "< <bob>", "! end 0")
UP = ("< up",)

CASES = [
    # ---- who has what ----
    kinds("a plain command", "a: ./kinds a", "a", a=ITSELF),
    kinds("a silent one", "a: {silent: true, cmds: [./kinds a]}", "a",
          a=ITSELF),
    kinds("--silent", "a: ./kinds a", "-s a", a=ITSELF),
    kinds("-v", "a: ./kinds a", "-v a", a=ITSELF),
    kinds("a dep that is the only one", """\
        a: {deps: [b], cmds: [./kinds a]}
        b: ./kinds b""", "a", a=ITSELF, b=ITSELF),
    kinds("one of two deps", """\
        a: {deps: [b, c], cmds: [./kinds a]}
        b: ./kinds b
        c: ./kinds c""", "a", task=ITSELF, b=BESIDE, c=BESIDE, a=ITSELF),
    kinds("below one of two deps", """\
        a: {deps: [b, c], cmds: [./kinds a]}
        b: [task: d]
        c: {deps: [e]}
        d: ./kinds d
        e: ./kinds e""", "a", task=ITSELF, d=BESIDE, e=BESIDE, a=ITSELF),
    kinds("a dep of a loop of one", """\
        a: {deps: [{for: [x], task: b}], cmds: [./kinds a]}
        b: ./kinds b""", "a", b=ITSELF),
    kinds("a dep of a loop of two", """\
        a: {deps: [{for: [x, y], task: b, vars: {I: '{{.ITEM}}'}}]}
        b: './kinds {{.I}}'""", "a", task=ITSELF, x=BESIDE, y=BESIDE),
    kinds("a call", """\
        a: [task: b, ./kinds a]
        b: ./kinds b""", "a", a=ITSELF, b=ITSELF),
    kinds("calls in a row", """\
        a: [task: b, task: c]
        b: ./kinds b
        c: ./kinds c""", "a", b=ITSELF, c=ITSELF),
    kinds("a loop", "a: [{for: [x, y], cmd: './kinds {{.ITEM}}'}]", "a",
          x=ITSELF, y=ITSELF),
    kinds("deferred", """\
        a: [defer: ./kinds a, defer: {task: b}, ./kinds c]
        b: ./kinds b""", "a", a=ITSELF, b=ITSELF, c=ITSELF),
    kinds("deferred by one of two deps", """\
        a: {deps: [b, c]}
        b: [defer: ./kinds b]
        c: ./kinds c""", "a", task=ITSELF, b=BESIDE, c=BESIDE),
    kinds("a variable", "a: {vars: {V: {sh: ./kinds v}}, "
          "cmds: ['./kinds a {{.V}}']}", "a", v="null pipe tty front", a=ITSELF),
    kinds("a variable, beside others", """\
        a: {deps: [b, c]}
        b: {vars: {V: {sh: ./kinds v}}, cmds: ['./kinds b {{.V}}']}
        c: ./kinds c""", "a", task="null pipe tty front", v="null pipe tty behind"),
    kinds("conditions", """\
        a:
          if: ./kinds i
          preconditions: [./kinds p]
          status: ['./kinds s; false']
          cmds: [{cmd: ./kinds a, if: ./kinds j}]""", "a", task=False,
          i="null null null front", p="null null null front",
          s="null null null front", j="null null null front", a=ITSELF),
    kinds("two tasks in order", """\
        a: ./kinds a
        b: ./kinds b""", "a b", a=ITSELF, b=ITSELF),
    kinds("-p and one task", "a: ./kinds a", "-p a", a=ITSELF),
    kinds("-p and two tasks", """\
        a: ./kinds a
        b: ./kinds b""", "-p a b", task=ITSELF, a=BESIDE, b=BESIDE),
    kinds("a parallel stretch, and behind it", """\
        a: {parallel: true, cmds: [task: b, task: c, ./kinds a]}
        b: ./kinds b
        c: ./kinds c""", "-o interleaved a", task=False,
          b=BESIDE, c=BESIDE, a=ITSELF),
    kinds("a parallel stretch of one", """\
        a: {parallel: true, cmds: [task: b]}
        b: ./kinds b""", "-o interleaved a", task=False, b=ITSELF),
    kinds("beside a call in the background, and behind `wait`", """\
        a: ['task:b &', ./kinds a, wait, ./kinds c]
        b: until test -e a; do sleep 0.01; done; ./kinds b""", "a",
          task=False, a=BESIDE, b=BESIDE, c=ITSELF),
    kinds("one after the other by --serial", """\
        a: {deps: [b, c]}
        b: ./kinds b
        c: ./kinds c""", "--serial a", task=False, b=ITSELF, c=ITSELF),
    kinds("a call by a script", """\
        a: |
          task:b
          ./kinds a
        b: ./kinds b""", "a", task=False, a=ITSELF, b=ITSELF),
    kinds("a call by a script, in the background", """\
        a: |
          task:b & wait $!
          ./kinds a
        b: ./kinds b""", "a", task=False, a=ITSELF, b=BESIDE),
    kinds("a call by a script, into a file", """\
        a: task:b >file
        b: ./kinds b""", "a", task=False, b="tty pipe pty front"),
    kinds("a nested run", """\
        a: [$SELF b, ./kinds a]
        b: ./kinds b""", "a", a=ITSELF, b=ITSELF),
    kinds("a nested run beside others", """\
        a: {deps: [b, c]}
        b: $SELF d
        c: 'true'
        d: ./kinds d""", "a", task=ITSELF, d=BESIDE),
    kinds("lines of one command", """\
        a: |
          ./kinds a
          ./kinds b""", "a", a=ITSELF, b=ITSELF),
    kinds("a pipeline", "a: ./kinds a | ./kinds b", "a",
          a="tty pipe tty front", b="pipe tty tty front"),
    kinds("-o group", """\
        a: {deps: [b, c], cmds: [./kinds a]}
        b: ./kinds b
        c: ./kinds c""", "-o group a", task="tty pipe pipe front",
          a="tty file file front", b="null file file behind"),
    kinds("-o prefixed", """\
        a: {deps: [b, c], cmds: [./kinds a]}
        b: ./kinds b
        c: ./kinds c""", "-o prefixed a", task="tty pipe pipe front",
          a="tty pipe pipe front", b="null pipe pipe behind"),
    kinds("-o group-task", "a: ./kinds a", "-o group-task a", task=False,
          a="tty pipe pipe front"),
    kinds("-o tidy", """\
        a: {deps: [b], cmds: [./kinds a]}
        b: ./kinds b""", "-o tidy a", task=False,
          a="tty pty pty front", b="tty file file front"),
    kinds("interactive", "a: {interactive: true, cmds: [./kinds a]}", "a",
          a=ITSELF),
    kinds("interactive, beside others and in a group", """\
        a: {deps: [b, c]}
        b: {interactive: true, cmds: [./kinds b]}
        c: ./kinds c""", "-o group a", task=False,
          b=ITSELF, c="null file file behind"),
    kinds("stdin from nowhere", "a: ./kinds a", "a", task="null tty tty front",
          options=dict(stdin="null"), a="null pty pty front"),
    kinds("stdin a pipe", "a: ./kinds a", "a", task="pipe tty tty front",
          options=dict(stdin="pipe:x"), a="pipe pty pty front"),
    kinds("stdin a pipe, beside others", """\
        a: {deps: [b, c]}
        b: ./kinds b
        c: ./kinds c""", "a", task="pipe tty tty front",
          options=dict(stdin="pipe:x"), b="pipe pty pty behind"),
    kinds("stdout a pipe", "a: ./kinds a", "a", task="tty pipe tty front",
          options=dict(stdout="pipe"), a="tty pipe pty front"),
    kinds("stdout a pipe, beside others", """\
        a: {deps: [b, c]}
        b: ./kinds b
        c: ./kinds c""", "a", task="tty pipe tty front",
          options=dict(stdout="pipe"), b="null pipe pty behind"),
    kinds("stdout a file", "a: ./kinds a", "a", task="tty file tty front",
          options=dict(stdout="file:out"), a="tty pipe pty front"),
    kinds("stderr a pipe", "a: ./kinds a", "a",
          options=dict(stderr="pipe"), a="tty tty pipe front"),
    kinds("stdout and stderr pipes", "a: ./kinds a", "a",
          options=dict(stdout="pipe", stderr="pipe"), a="tty pipe pipe front"),
    kinds("in the background", "a: ./kinds a", "a",
          options=dict(background=True), a="tty tty tty behind"),

    # ---- reading ----
    case("a line", "a: |\n  " + ASK, "a", *ANSWER),
    case("a line, in a dep", "a: {deps: [b]}\nb: |\n  " + ASK, "a", *ANSWER),
    case("a line, behind deps", "a: {deps: [b, c], cmds: [task: d]}\n"
         "b: 'true'\nc: 'true'\nd: |\n  " + ASK, "a", *ANSWER),
    case("a line, in a loop", "a: [{for: [x], task: b}]\nb: |\n  " + ASK,
         "a", *ANSWER),
    case("a line, deferred", "a: [defer: {task: b}]\nb: |\n  " + ASK, "a",
         *ANSWER),
    case("a line, in a nested run", "a: $SELF b\nb: |\n  " + ASK, "a",
         *ANSWER),
    case("a line, in a call of a script", "a: task:b\nb: |\n  " + ASK, "a",
         *ANSWER, task=False),
    case("a line, with -o prefixed",
         "a: |\n  read name; echo \"<$name>\"", "-o prefixed a",
         "> bob\\r", "< [a] <bob>", "! end 0"),
    case("a line, with -o group",
         "a: |\n  read name; echo \"<$name>\"", "-o group a",
         "> bob\\r", "< <bob>", "! end 0"),
    case("a line, with stdout a pipe",
         "a: |\n  read name; echo \"<$name>\"", "a",
         "> bob\\r", "! out <bob>", "! end 0", options=dict(stdout="pipe")),
    case("nothing beside others", "a: {deps: [b, c]}\n"
         "b: read x || echo none\nc: 'true'", "a", "< none", "! end 0",
         task=False),
    case("an empty line counts", "a: |\n  read x; echo \"<$x>\"", "a",
         "> \\r", "< <>", "! end 0"),
    case("^D ends what is read", "a: cat; echo over", "a", "> line\\r",
         "< line\nline", "> \\x04", "< over", "! end 0"),
    case("without an echo", "a: |\n  printf 'key? '; stty -echo; read k; "
         "stty echo; echo; echo \"<$k>\"", "a", "< key? ", "! modes -echo",
         "> sesame\\r", "< <sesame>", "! row 1 key?", "! end 0"),
    case("keys, not lines", "a: |\n  stty -icanon -echo; dd bs=1 count=1 "
         "2>/dev/null; stty sane; echo ' got it'", "a", "! modes -icanon",
         "> x", "< x got it", "! end 0"),
    case("Python's input()", "a: python3 -c 'print(input(\"who? \"))'", "a",
         "< who? ", "> bob\\r", "< bob\nbob", "! end 0"),
    case("Python's getpass()", "a: |\n  python3 -c 'import getpass; "
         "print(len(getpass.getpass(\"pass: \")))'", "a", "< pass: ",
         "! modes -echo", "> 12345\\r", "< 5", "! modes echo", "! end 0"),
    case("a password on /dev/tty, beside others", "a: {deps: [b, c]}\n"
         "b: |\n  python3 -c 'import getpass; getpass.getpass(\"pass: \"); "
         "open(\"b\", \"w\").write(\"done\")'\n"
         "c: until test -e b; do sleep 0.01; done; ./kinds c", "a",
         "< pass: ", "! modes -echo", "> x\\r", "! file b done", "! file c",
         "! modes echo", "! end 0"),
    case("^C at a login that ends with 1 ends its neighbour too",
         "a: {deps: [b, c]}\n"
         "b: |\n  python3 -c 'import getpass\n  try: "
         "getpass.getpass(\"pass: \")\n  except KeyboardInterrupt: "
         "raise SystemExit(1)'\nc: echo $$ >pid; exec sleep 100", "a",
         "< pass: ", "! modes -echo", "> \\x03", "! end 130", "! gone pid",
         "! modes echo", task=False),
    case("a login that fails of itself ends nobody",
         "a: {deps: [b, c]}\n"
         "b: |\n  python3 -c 'import getpass\n  "
         "getpass.getpass(\"pass: \"); open(\"go\", \"w\"); "
         "raise SystemExit(1)'\n"
         "c: until test -e go; do sleep 0.01; done; echo c >done", "a",
         "< pass: ", "! modes -echo", "> x\\r", "! modes echo",
         "! file done c", "! end 201", task=False),
    case("a password on /dev/tty, in a variable", "a: {vars: {V: {sh: "
         "'python3 -c \"import getpass; print(len(getpass.getpass()))\"'}}, "
         "cmds: ['echo \"<{{.V}}>\"']}", "a",
         "< Password: ", "! modes -echo", "> 123\\r", "< <3>", "! end 0"),

    # ---- whole programs ----
    case("a pager", "a: seq 100 | less", "a", "! screen 23", "> G",
         "! screen 100", "> q", "! end 0", needs="less"),
    case("a pager around it", "a: seq 100", "a | less", "! screen 23", "> G",
         "! screen 100", "> q", "! end 0", needs="less", shell=True),
    case("an editor", "a: vi -u NONE -n text", "a", "! screen ~", "> ihello",
         "> \\x1b:wq\\r", "! end 0", "! file text hello", needs="vi"),
    case("git's editor", "a: git init -q . && git commit -q --allow-empty",
         "a", "! screen Please enter", "> ihello\\x1b", "> :wq\\r", "! end 0",
         "! file .git/COMMIT_EDITMSG hello", needs="git vi"),
    case("curses", "a: python3 curs.py", "a", "! screen press", "> x",
         "! end 0", "! file key 120", files={"curs.py": """\
            import curses
            def main(screen):
                screen.addstr(3, 5, "press a key")
                open("key", "w").write(str(screen.getch()))
            curses.wrapper(main)
            """}),
    case("a shell inside, with job control",
         "a: bash --norc --noprofile -i", "a", "< $ ",
         "> PS1='% '; sleep 100 & echo $! >pid\\r", "! file pid",
         "> jobs\\r", "< Running", "> kill %1; exit 0\\r", "! end 0",
         "! gone pid", "! owner shell"),
    case("^Z in a shell inside is that shell's",
         "a: bash --norc --noprofile -i", "a", "< $ ",
         "> cat\\r", "! modes icanon echo",
         "> y\\r", "< y\ny", "> \\x1a", "< Stopped",
         "> fg\\r", "< fg\ncat", "> x\\r", "< x\nx", "> \\x04",
         "> exit 0\\r", "! end 0"),
    # one that stays with the keys: a REPL lets go of them for a moment
    case("a program that reads keys: ^C is its own",
         """a: |
               python3 -c '
               import signal, sys, tty
               def heard(*_): print("heard", flush=True)
               signal.signal(signal.SIGINT, heard)
               tty.setcbreak(0)
               print("ready", flush=True)
               while sys.stdin.read(1) != "q": print("key", flush=True)
               '""", "a",
         "< ready", "! modes -icanon", "> \\x03", "< heard",
         "> x", "< key", "> q", "! end 0"),

    # ---- what becomes of the modes ----
    case("modes stay at a good end", "a: stty -echo; echo set", "a", "< set",
         "! end 0", "! modes -echo"),
    case("modes come back after a failure", "a: stty -echo; echo set; exit 1",
         "a", "< set", "! end 201", "! modes echo", "! modes icanon",
         task=["< set", "! end 201", "! modes -echo"]),
    case("modes come back after ^C", "a: stty -echo; exec cat", "a",
         "! modes -echo", "> x\\r", "< x", "> \\x03", "! end 130",
         "! modes echo", task=False),
    case("modes come back after a timeout",
         "a: [{cmd: stty -echo; exec cat, timeout: 300ms}]", "a",
         "! modes -echo", "! modes echo", "! end", task=False),
    case("modes come back when prun is told to end",
         "a: stty -echo; exec cat", "a", "! modes -echo",
         "! signal TERM program", "! end 143", "! modes echo", task=False),
    case("a command behind it sees what `stty` did",
         "a: [stty -echo, stty -a | tr ' ' '\\n' | grep -x -- -echo, "
         "stty echo]", "a", "< -echo", "! end 0", "! modes echo"),

    # ---- signals: each of them once ----
    case("^C once", "a: ./count INT", "a", *UP, "> \\x03", "! file INT 1",
         "> \\r", "< ends with 1", task=False),
    case("^C once to a job beside others", "a: {deps: [b, c]}\n"
         "b: ./count INT\nc: exec sleep 100", "a", *UP, "> \\x03",
         "! file INT 1", "! end 130", task=False),
    case("^C once to a child, too", "a: |\n  sh -c './count INT; :'; :", "a", *UP,
         "> \\x03", "! file INT 1", "> \\r", "< ends with 1", task=False),
    case("^C once to a call of a script", "a: trap '' INT; task:b\n"
         "b: ./count INT", "a", *UP, "> \\x03", "! file INT 1",
         "> \\r", "< ends with 1", "! end 130", task=False),
    case("^C once in a nested run", "a: $SELF b\nb: ./count INT", "a", *UP,
         "> \\x03", "! file INT 1", "> \\r", "< ends with 1", "! end 130",
         task=False),
    case("INT for prun alone reaches the job", "a: ./count INT", "a", *UP,
         "! signal INT program", "! file INT 1", "> \\r", "< ends with 1",
         task=False),
    case("TERM for prun alone reaches the job", "a: ./count TERM", "a", *UP,
         "! signal TERM program", "! file TERM 1", "> \\r", "< ends with 1",
         task=False),
    case("TERM for prun ends children of the job as well",
         "a: sh -c 'sleep 100 & echo $! >pid; wait'", "a", "! file pid",
         "! signal TERM program", "! end 143", "! gone pid", task=False),
    case("TERM for prun ends what left its group",
         "a: setsid sleep 100 & echo $! >pid; echo up; wait", "a", *UP,
         "! signal TERM program", "! end 143", "! gone pid", task=False,
         needs="setsid"),
    case("a timeout ends the children of the job",
         "a: [{cmd: 'sleep 100 & echo $! >pid; wait', timeout: 300ms}]", "a",
         "! file pid", "! gone pid", "! end", task=False),
    case("^C at a login ends its neighbour", "a: {deps: [b, c]}\n"
         "b: {interactive: true, cmds: [\"trap 'exit 1' INT; echo up; "
         "read x\"]}\nc: echo $$ >pid; exec sleep 100", "a", *UP,
         "! file pid", "> \\x03", "! end 130", "! gone pid", task=False),
    case("a hangup ends the job", "a: echo $$ >pid; echo up; exec cat", "a",
         *UP, "! file pid", "! hangup", "! gone pid", task=False),

    # ---- job control ----
    case("^Z and fg", "a: |\n  " + ASK, "a", "< name? ", "> \\x1a",
         "! stopped", "! owner shell", "! fg", "! owner program", "> bob\\r",
         "< <bob>", "! end 0"),
    case("^Z and fg, twice", "a: |\n  " + ASK, "a", "< name? ", "> \\x1a",
         "! stopped", "! fg", "! owner program", "> \\x1a", "! stopped",
         "! fg", "! owner program", "> bob\\r", "< <bob>", "! end 0"),
    case("^Z stops what runs side by side, fg resumes it",
         "a: {deps: [b, c]}\nb: ./beat b\nc: ./beat c", "a", "! file b",
         "! file c", "> \\x1a", "! stopped", "! still b", "! still c", "! fg",
         "! moves b", "! moves c", "> \\x03", "! end 130", task=False),
    case("a job that stops itself stops all of it",
         "a: echo up; kill -TSTP $$; echo on", "a", *UP, "! stopped",
         "! owner shell", "! fg", "< on", "! end 0", task=False),
    case("in the background nothing reads; fg", "a: |\n  " + ASK, "a",
         "! stopped", "! owner shell", "! fg", "> bob\\r", "< <bob>",
         "! end 0", options=dict(background=True)),
    case("in the background it runs to its end", "a: echo x >file", "a",
         "! file file x", "! end 0", options=dict(background=True)),
    case("in a script without job control", "a: |\n  " + ASK,
         "a; echo and on", "< name? ", "> bob\\r", "< <bob>", "< and on",
         "! end 0", shell=True),
    case("in front of a pipe", "a: |\n  read x; echo \"<$x>\"", "a | cat",
         "> bob\\r", "< <bob>", "! end 0", shell=True),
    case("behind a pipe", "a: |\n  read x; echo \"<$x>\"", "a; echo $?",
         "< <bob>", "! end 0", shell="echo bob | "),
    case("twice in one pipe", "a: ./kinds a; cat", "a | $SELF a",
         "> bob\\r", "> \\x04", "< bob\nbob", "! end 0", shell=True),
    case("under timeout(1), which makes a group of its own",
         "a: echo up; exec sleep 100", "a; echo $?", *UP, "< 124", "! end 0",
         shell="timeout 1 ", needs="timeout"),

    # ---- the rest ----
    case("the log says that it had the terminal", "a: echo seen", "a", "< seen",
         "! end 0", task=False, log="it had the terminal"),
    case("capture = always keeps it, and it reads all the same",
         "a: |\n  " + ASK, "a", *ANSWER, task=False, log="<bob>",
         files={"prun.ini": "[logs]\ncapture = always\n"}),
    case("the end of a failed run points to the screen",
         "a: [task: b]\nb: echo seen; exit 1", "a", "< seen",
         "< b (a): exit status 1", "< its output is on the screen", "! end 201",
         task=False, compat=False),
    case("colours side by side, in the log too", "a: {deps: [b, c]}\n"
         "b: test -t 1 && printf '\\033[31mred\\n'\nc: 'true'", "a", "< red",
         "! end 0", task=False, log="\033[31mred\n"),
    case("the size of the terminal, side by side", "a: {deps: [b, c]}\n"
         "b: stty size <&1 >size\nc: 'true'", "a", "! file size 31 77",
         "! end 0", task=False, options=dict(size=(31, 77))),
    case("a new size", "a: trap 'stty size >size' WINCH; echo up; "
         "until [ -s size ]; do sleep 0.02; done; read x", "a", *UP, "! size 20 50",
         "! file size 20 50", "> \\r", "! end 0", task=False),
    case("without ptys: pipes and one note", "a: {deps: [b, c, d]}\n"
         "b: ./kinds b\nc: ./kinds c\nd: ./kinds d", "a",
         "! file b null pipe pipe", "! file c null pipe pipe",
         "< there are no pseudo-terminals", "! end 0", task=False,
         compat=False, no_ptys=True),
]

COUNT = r'''#!/usr/bin/env python3
# Counts a signal into a file of its name, until a line comes.
import os, signal, sys
name, n = sys.argv[1], 0
def heard(*_):
    global n
    n += 1
    with open(name, "w") as file:
        file.write("%d\n" % n)
signal.signal(getattr(signal, "SIG" + name), heard)
print("up", flush=True)
# where nobody types, a moment in which a second one could come
if os.isatty(0):
    sys.stdin.readline()
else:
    while n == 0:
        signal.pause()
    signal.alarm(1)
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.pause()
print("ends with", n, flush=True)
'''

BEAT = r'''#!/usr/bin/env python3
# A file that grows ten times a second.
import sys, time
while True:
    with open(sys.argv[1], "a") as file:
        file.write("x\n")
    time.sleep(0.1)
'''


# ---- running them ----

class Run:
    def __init__(self, program, reference):
        self.program = program
        self.reference = reference
        self.compat = os.path.basename(program) == "task"

    def lines(self, c):
        """What is said; None: the case is not for this program."""
        if self.reference:
            answer = c.get("task")
            return c["talk"] if answer is None else answer or None
        if self.compat and not c.get("compat", True):
            return None
        return c["talk"]

    def missing(self, c):
        for name in c.get("needs", "").split():
            if subprocess.call(["sh", "-c", "command -v " + name],
                               stdout=subprocess.DEVNULL) != 0:
                return name
        if c.get("no_ptys") and subprocess.call(
                ["unshare", "-m", "sh", "-c",
                 "mount --bind /dev/null /dev/ptmx"],
                stderr=subprocess.DEVNULL) != 0:
            return "mount namespaces"
        return None

    def write(self, c):
        files = {"kinds": KINDS, "count": COUNT, "beat": BEAT,
                 "Taskfile.yml": "version: '3'\nsilent: true\ntasks:\n" +
                 textwrap.indent(textwrap.dedent(c["tasks"]), "  ") + "\n"}
        for name, text in {**files, **c.get("files", {})}.items():
            with open(name, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(text))
        for name in ("kinds", "count", "beat"):
            os.chmod(name, 0o755)

    def argv(self, c):
        shell = c.get("shell")
        line = '"$SELF" ' + c["args"]
        if isinstance(shell, str):
            line = shell + line
        if c.get("no_ptys"):
            return ["unshare", "-m", "sh", "-c", "mount --bind /dev/null "
                    "/dev/ptmx && exec " + line]
        return ["sh", "-c", line if shell else "exec " + line]

    def try_case(self, c, lines):
        env = {**os.environ, "SELF": self.program, "TERM": "xterm",
               "EDITOR": "vi -u NONE -n", "LESS": "", "PS1": "$ "}
        t = Terminal(self.argv(c), **{
            "shell": True, "env": env, **c.get("options", {})})
        try:
            talk(t, lines)
            t.end()
            if "log" in c and not self.reference:
                self.look_at_log(c["log"])
            return ""
        except Wrong as e:
            return "%s; the screen has: %s" % (
                e, " / ".join(line for line in t.screen.lines() if line))
        finally:
            t.kill()

    def look_at_log(self, text):
        for name in ("a", "b"):
            got = subprocess.run(
                [os.environ["PRUN"], "--log", name], stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                check=False).stdout.decode()
            if text in got:
                return
        raise Wrong("the log has no " + repr(text))


def main(argv):
    reference = argv[0] == "--reference"
    program = os.path.abspath(argv[1] if reference else argv[0])
    part = "".join(argv[2 if reference else 1:])
    run, n, bad = Run(program, reference), 0, 0
    for c in CASES:
        lines = run.lines(c)
        if lines is None or part not in c["says"]:
            continue
        n += 1
        missing = run.missing(c)
        if missing:
            print("ok %d - %s # SKIP no %s" % (n, c["says"], missing))
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            run.write(c)
            wrong = run.try_case(c, lines)
            os.chdir("/")
        bad += wrong != ""
        print("%s %d - %s" % ("not ok" if wrong else "ok", n, c["says"]))
        if wrong:
            print("# " + wrong.replace("\n", "\n# "))
        sys.stdout.flush()
    print("1..%d" % n)
    return bad != 0


terminal.SECONDS = float(os.environ.get("TERMINAL_SECONDS", "20"))
sys.exit(main(sys.argv[1:]))
