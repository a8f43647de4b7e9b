# SPDX-License-Identifier: MIT
"""Where the status block is drawn, where not, and what it leaves alone (P-402,
P-501).  TAP; in a folder with the Taskfile of status_block.sh.  A line "@ NAME"
of a dialogue makes the file that a job waits for."""
import os
import sys
import time

from terminal import Terminal, Wrong, talk

PRUN = os.environ["PRUN"]
BLOCK = "0/3 done"
FILES = ("go", "shown", "typed", "seen", "chosen", "more")


def say(t, text):
    for line in text.strip().splitlines():
        line = line.strip()
        if line.startswith("@ "):
            open(line[2:], "w", encoding="ascii").close()
        else:
            talk(t, [line])


def rows(t, *wanted):
    """These rows, in this order, each at least once."""
    left = list(wanted)
    for line in t.screen.lines():
        if left and line.endswith(left[0]):
            left.pop(0)
    if left:
        raise Wrong("no %r on the screen:\n%s" % (
            left[0], "\n".join(t.screen.lines())))


def ticks(t, seconds=0.5):
    """Time for the block to be drawn some times, if it were."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        t.read(0.05)


def never_shown(t):
    if BLOCK.encode() in t.clean():
        raise Wrong("a block was drawn")


def two_side_by_side(t):
    say(t, """! screen prun: 0/3 done
        ! screen   other
        ! size 24 40
        ! screen prun: 0/3 done
        ! size 12 20
        ! screen prun: 0/3 done""")
    ticks(t, 0.3)
    if sum(BLOCK in line for line in t.screen.lines()) != 1:
        raise Wrong("rows are left:\n" + "\n".join(t.screen.lines()))
    say(t, """! size 12 19
        ! clear prun: 0/3 done
        ! size 7 60
        ! clear prun: 0/3 done
        ! size 8 60
        ! screen prun: 0/3 done
        > \\x03
        ! end 130
        ! clear prun: 0/3 done""")


def too_small(t):
    say(t, "< wait_on go")
    ticks(t)
    never_shown(t)
    say(t, "> \\x03")


def password(t):
    say(t, """! screen prun: 0/3 done
        ! screen first line
        @ shown
        ! screen Password:
        ! modes -echo
        ! clear prun: 0/3 done""")
    ticks(t)
    rows(t, "first line", "Password:")
    say(t, """@ more
        < neighbour""")
    ticks(t, 0.2)
    rows(t, "first line")
    say(t, """! screen Password:
        @ typed
        ! modes echo
        ! end 0""")


def lines_on_the_terminal(t):
    say(t, """! screen prun: 0/3 done
        @ shown
        ! screen line 6""")
    ticks(t)
    for i in range(1, 7):
        say(t, "! screen line %d" % i)
    say(t, """@ seen
        ! end 0""")


def task_with_the_terminal_beside(t):
    say(t, "! screen wait_on")
    ticks(t)
    say(t, """@ shown
        ! screen choose:""")
    ticks(t)
    rows(t, "menu 1", "menu 2", "menu 3", "choose:")
    never_shown(t)
    say(t, """@ chosen
        ! end 0""")


def no_logs(t):
    say(t, "< wait_on go")
    ticks(t)
    never_shown(t)
    say(t, """@ go
        ! end 0""")


def stop_and_go_on(t):
    say(t, """! screen prun: 0/3 done
        > \\x1a
        ! stopped
        ! clear prun: 0/3 done
        > a line of the shell\\r
        ! screen a line of the shell
        > another one\\r
        ! screen another one
        ! fg
        ! screen prun: 0/3 done""")
    ticks(t, 0.3)
    rows(t, "a line of the shell", "another one")
    say(t, """@ go
        ! end 0
        ! clear prun: 0/3 done""")
    rows(t, "a line of the shell", "another one")


def in_the_background(t):
    say(t, """< wait_on go
        > the user's line""")
    ticks(t)
    never_shown(t)
    say(t, """! screen the user's line
        ! fg
        ! screen prun: 0/3 done
        > \\x1a
        ! stopped
        ! clear prun: 0/3 done
        ! bg""")
    ticks(t)
    say(t, """! clear prun: 0/3 done
        @ go
        ! end 0""")



TESTS = [
    ("two side by side, on a terminal that changes its size",
     two_side_by_side, "two", {"size": (24, 60)}, 130),
    ("not on 19 columns", too_small, "two", {"size": (24, 19)}, 130),
    ("not on 7 rows", too_small, "two", {"size": (7, 80)}, 130),
    ("a password question stays", password, "asks", {}, 0),
    ("lines on /dev/tty stay", lines_on_the_terminal, "lines", {}, 0),
    ("a task with the terminal beside", task_with_the_terminal_beside,
     "beside", {}, 0),
    ("not where jobs write themselves", no_logs, "two", {}, 0),
    ("^Z, and the shell's lines", stop_and_go_on, "two", {"shell": True}, 0),
    ("not in the background", in_the_background, "two",
     {"shell": True, "background": True}, 0),
]


def main():
    for i, (name, fn, task, options, status) in enumerate(TESTS, 1):
        for file in FILES + ("prun.ini",):
            if os.path.exists(file):
                os.remove(file)
        if fn is no_logs:
            with open("prun.ini", "w", encoding="ascii") as file:
                file.write("[logs]\ncapture = off\n")
        t = Terminal([PRUN, "-C", "4", task], **options)
        wrong = ""
        try:
            fn(t)
            got = t.end()
            if got != status:
                wrong = "status %d" % got
        except Wrong as e:
            wrong = "%s\n%s" % (e, "\n".join(t.screen.lines()))
        t.kill()
        print("%s %d - %s" % ("not ok" if wrong else "ok", i, name))
        for line in wrong.splitlines():
            print("# " + line)
    print("1..%d" % len(TESTS))


sys.exit(main())
