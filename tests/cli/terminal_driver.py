# SPDX-License-Identifier: MIT
"""Does the driver of terminals (terminal.py) see what there is to see?  TAP."""
import os
import sys
import tempfile

import terminal
from terminal import Screen, Terminal, Wrong, talk

# what is written to a screen of 4 rows of 10 columns, and its rows then
SCREENS = [
    ("lines", "ab\r\ncd", ["ab", "cd", "", ""]),
    ("a newline alone goes straight down", "ab\ncd", ["ab", "  cd", "", ""]),
    ("a long line goes on in the next row", "0123456789ab",
     ["0123456789", "ab", "", ""]),
    ("a full row waits for its next character", "0123456789\r\nab",
     ["0123456789", "ab", "", ""]),
    ("behind the last row it scrolls", "1\r\n2\r\n3\r\n4\r\n5",
     ["2", "3", "4", "5"]),
    ("a carriage return writes over", "abc\rX", ["Xbc", "", "", ""]),
    ("up, and erase to the end", "ab\r\ncd\x1b[1A\r\x1b[J", ["", "", "", ""]),
    ("erase a line", "ab\r\ncd\x1b[2K", ["ab", "", "", ""]),
    ("erase in front", "abcd\x1b[2D\x1b[1K", ["   d", "", "", ""]),
    ("places", "\x1b[2;3Hx\x1b[Hy", ["y", "  x", "", ""]),
    ("insert and delete rows", "1\r\n2\r\n3\x1b[2;1H\x1b[L\x1b[1;1H\x1b[M",
     ["", "2", "3", ""]),
    ("colours are nothing", "\x1b[31mred\x1b[0m", ["red", "", "", ""]),
    ("titles are nothing", "a\x1b]0;title\x07b", ["ab", "", "", ""]),
    ("a wide character has two columns", "1234567\u4e16\u754c",
     ["1234567\u4e16", "\u754c", "", ""]),
    ("a tab", "a\tb", ["a       b", "", "", ""]),
    ("another screen, and back", "ab\x1b[?1049h\x1b[2Jxy\x1b[?1049l",
     ["ab", "", "", ""]),
]

# what the program is, options, what is said, and what went wrong ("": nothing)
TALKS = [
    ("a line typed", "read a; echo got $a", {},
     ["> abc\\r", "< got abc", "! row -1 got abc", "! end 0"], ""),
    ("its exit status", "exit 3", {}, ["! end 3"], ""),
    ("another exit status", "exit 3", {}, ["! end 4"], "ended with 3"),
    ("what never comes", "echo a", {}, ["< b"], "waited in vain for: b"),
    ("what must not come", "echo a; read b", {}, ["< a", "- a"],
     "should not have come: a"),
    ("a row that is not so", "echo ab; read b", {}, ["< ab", "! row 1 a"],
     "waited in vain for: ! row 1 a"),
    ("a size", "stty size; read a; stty size", {"size": (7, 33)},
     ["< 7 33", "! size 8 44", "> \\r", "< 8 44"], ""),
    ("modes", "stty -echo -icanon; echo set; exec cat", {},
     ["< set", "! modes -icanon -echo isig", "> \\x03"], ""),
    ("modes that are not so", "echo set; exec cat", {},
     ["< set", "! modes echo icanon", "! modes -echo"], "waited in vain for: ! modes -echo"),
    ("pipes", "cat; echo err >&2; test -t 0 || echo none", {
        "stdin": "pipe:in\\n", "stdout": "pipe", "stderr": "pipe"},
     ["! out in", "! err err", "! out none", "! end 0"], ""),
    ("^C", "exec cat", {}, ["> up\\r", "< up\\nup", "> \\x03", "! end 130"], ""),
    ("a program without the terminal", "sleep 0.2; echo x >/dev/tty; exit 5",
     {"stdin": "null", "stdout": "pipe", "stderr": "pipe"},
     ["< x", "! end 5"], ""),
    ("^Z without a shell is nothing", "echo up; read a; echo on", {},
     ["< up", "> \\x1a", "> \\r", "< on"], ""),
    ("^Z, fg", "echo up; read a; echo on $a", {"shell": True},
     ["< up", "! owner program", "> \\x1a", "! stopped", "! owner shell",
      "! fg", "! owner program", "> x\\r", "< on x", "! end 0"], ""),
    ("in the background reading stops", "read a; echo on $a",
     {"shell": True, "background": True},
     ["! stopped", "! owner shell", "! fg", "> x\\r", "< on x"], ""),
    ("a pipe ends below a shell too", "echo a", {
        "shell": True, "stdout": "pipe"}, ["! out a", "! end 0"], ""),
    ("signals", "trap 'echo one; exit 0' TERM; echo up; read a; read a", {},
     ["< up", "! signal TERM program", "< one", "! end 0"], ""),
    ("a hangup", "trap 'echo gone >hup; exit 0' HUP; echo up; read a; sleep 9",
     {}, ["< up", "! hangup", "! file hup gone"], ""),
    ("processes", "sleep 100 & echo $! >pid; echo up; read a; kill $!; wait",
     {}, ["< up", "! file pid", "> \\r", "! gone pid", "! end 0"], ""),
]


def try_talk(script, options, lines):
    t = Terminal(["sh", "-c", script], **options)
    wrong = ""
    try:
        talk(t, lines)
        t.end()
    except Wrong as e:
        wrong = str(e)
    finally:
        t.kill()
    return wrong


def main():
    print("1..%d" % (len(SCREENS) + len(TALKS)))
    n, bad = 0, 0
    for says, text, rows in SCREENS:
        n += 1
        whole, pieces = Screen(4, 10), Screen(4, 10)
        whole.feed(text.encode())
        for byte in text.encode():
            pieces.feed(bytes([byte]))
        good = whole.lines() == rows == pieces.lines()
        bad += not good
        print("%s %d - %s" % ("ok" if good else "not ok", n, says))
        if not good:
            print("# %r, in pieces %r" % (whole.lines(), pieces.lines()))
    for says, script, options, lines, wrong in TALKS:
        n += 1
        # what is waited for in vain is not waited for long
        terminal.SECONDS = 0.3 if wrong else 20
        got = try_talk(script, options, lines)
        good = wrong in got if wrong else got == ""
        bad += not good
        print("%s %d - %s" % ("ok" if good else "not ok", n, says))
        if not good:
            print("# " + got)
    return bad != 0


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    sys.exit(main())
