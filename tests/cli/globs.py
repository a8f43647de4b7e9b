#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random patterns against a reference matcher (C-332, C-333, C-335, C-336).

    globs.py PRUN COUNT [SEED]

Makes a small tree of awkward names in the current folder, asks PRUN which
sources each of COUNT random patterns has, and says for each pattern that
differs what was wanted and what was found.  Ends with 1 if there was one.
"""
import itertools
import os
import random
import re
import subprocess
import sys

BATCH = 250
CLASSES = {  # of ASCII alone
    "alpha": lambda c: c.isascii() and c.isalpha(),
    "digit": lambda c: c.isascii() and c.isdigit(),
    "punct": lambda c: 33 <= ord(c) < 127 and not c.isalnum(),
}


class Malformed(Exception):
    """A reversed range, an unknown class: the pattern matches nothing."""


# ---- the rules, one path part at a time ----

def member(part, i):
    """One end of a range: a character, and the place behind it."""
    if part[i] == "\\" and i + 1 < len(part):
        i += 1
    return part[i], i + 1


def bracket(part, i):
    """The test of the bracket at i and the place behind it; None if nothing
    closes it."""
    i += 1
    negated = i < len(part) and part[i] in "!^"
    i += negated
    tests, first = [], True
    while i < len(part) and (first or part[i] != "]"):
        first = False
        named = re.match(r"\[:(.*?):\]", part[i:])
        if named:
            if named[1] not in CLASSES:
                raise Malformed
            tests.append(CLASSES[named[1]])
            i += named.end()
            continue
        low, i = member(part, i)
        high = low
        if part[i:i + 1] == "-" and part[i + 1:i + 2] not in ("]", ""):
            high, i = member(part, i + 1)
            if low > high:
                raise Malformed
        tests.append(lambda c, low=low, high=high: low <= c <= high)
    if i >= len(part):
        return None
    return (lambda c: any(t(c) for t in tests) != negated), i + 1


def items(part):
    """The part as a list of '*' and tests of one character."""
    out, i = [], 0
    while i < len(part):
        closed = bracket(part, i) if part[i] == "[" else None
        if part[i] == "*":
            out.append("*")
            i += 1
        elif part[i] == "?":
            out.append(lambda c: True)
            i += 1
        elif closed:
            out.append(closed[0])
            i = closed[1]
        else:
            c, i = member(part, i)
            out.append(lambda x, c=c: x == c)
    return out


def fits(tests, name):
    if not tests:
        return not name
    if tests[0] == "*":
        return fits(tests[1:], name) or (bool(name) and fits(tests, name[1:]))
    return bool(name) and tests[0](name[0]) and fits(tests[1:], name[1:])


def part_fits(part, name, dots):
    tests = items(part)
    while not dots and name[0] == "." and tests[:1] == ["*"]:
        tests = tests[1:]
    return fits(tests, name)


# ---- the rules, whole paths ----

def deep(parts, names):
    """Do the parts, with `**` among them, match the names of a path?"""
    if not parts:
        return not names
    if parts[0] == "**":
        if len(parts) == 1:
            return bool(names) and all(n[0] != "." for n in names)
        return deep(parts[1:], names) or (
            bool(names) and names[0][0] != "." and deep(parts, names[1:]))
    return (bool(names) and part_fits(parts[0], names[0], False) and
            deep(parts[1:], names[1:]))


def braces(pattern):
    """`{a,b}` once, which is all that the patterns here have."""
    found = re.match(r"(.*?)\{(.*)\}(.*)$", pattern)
    if not found:
        return [pattern]
    return [found[1] + x + found[3] for x in found[2].split(",")]


def reference(pattern, files):
    """Which of the files does the pattern name?"""
    found = re.match(r"(?:([^*?\[\]{}]*)/)?\*\*/([^/{}]+)$", pattern)
    if found:  # root/**/name: dot files included
        root = found[1] + "/" if found[1] is not None else ""
        try:
            return {f for f in files if f.startswith(root) and
                    part_fits(found[2], f.rsplit("/", 1)[-1], True)}
        except Malformed:
            return set()
    out = set()
    for word in braces(pattern):
        for f in files:
            try:
                if deep(word.split("/"), f.split("/")):
                    out.add(f)
            except Malformed:
                pass
    return out


# ---- the tree and the patterns ----

def make_tree(rng):
    names = ["a", "b", "x", ".a", "ab", "a.h", "x.h", "!x.h", "^x.h", ".x.h",
             "-", "]", "[", "\\", "a-", "]x", "[a]", "a*b", "x?", "^", "!",
             "A.h", "1", "a1", "é.h", "!a]"]
    dirs = ["", "d/", "d/e/", ".hid/", "d/.h/", "!d/", "[d]/", "d/e/^e/"]
    files = set()
    for d in dirs:
        for n in rng.sample(names, 16):
            files.add(d + n)
    for f in files:
        os.makedirs(os.path.dirname(f) or ".", exist_ok=True)
        with open(f, "w", encoding="utf-8"):
            pass
    return sorted(files)


def random_bracket(rng):
    """Negated or not, members in every place."""
    members = ["a", "b", "x", "-", "!", "^", "a-c", "A-z", "0-9", "\\]", "\\\\",
               "\\-", "\\^", "\\!", "[:alpha:]", "[:digit:]", "[:punct:]",
               "x-a", "[", "?", "*", ".", "é", "!-~", "\\a-\\x", "]"]
    weights = [4] * 5 + [6] * 4 + [3] * 8 + [1] * 2 + [2] * 7
    inside = "".join(rng.choices(members, weights, k=rng.randint(1, 3)))
    closed = "]" if rng.random() < 0.95 else ""
    return "[" + rng.choice(["", "", "!", "^", "]", "!]"]) + inside + closed


def random_part(rng):
    plain = ["a", "b", "x", ".h", "h", ".", "d", "e", "1", "-", "!", "^", "]",
             "\\a", "\\*", "\\[", "\\!", "\\?", "\\\\", "\\^", "é"]
    part = ""
    for _ in range(rng.randint(1, 3)):
        part += rng.choices(
            [rng.choice(plain), "*", "?", random_bracket(rng)],
            [3, 4, 2, 5])[0]
    return part


def random_pattern(rng):
    parts = [random_part(rng) for _ in range(3)]
    # `**` in a part of its own only, as `a**` is not told apart from `a*`
    parts = [p.replace("**", "*") for p in parts]
    shape = rng.choice([
        "{0}", "d/{0}", "**/{0}", "d/**/{0}", "**/{0}/{1}", "{0}/{1}",
        "{0}/**/{1}", "**/d/**/{0}", "{0}/**", "**/**/{0}", "d/e/{0}",
        "d/{0}/**/{1}", "[d]/{0}", "!d/**/{0}", "**/{{{0},{1}}}"])
    if "{{" in shape:
        parts = [re.sub(r"\[.*|,|\\", "", p) or "a" for p in parts]
    return shape.format(*parts)


def is_usable(pattern):
    """Not what is decided before matching: folders by name, and a bracket over
    a slash."""
    return not any(re.sub(r"\\(.)", r"\1", p) in ("", ".", "..")
                   for p in pattern.split("/"))


# ---- asking prun ----

def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def ask(prun, patterns):
    with open("Taskfile.yml", "w", encoding="utf-8") as f:
        f.write("version: '3'\ntasks:\n")
        for i, p in enumerate(patterns):
            f.write(f"  t{i}:\n    sources: [{quoted(p)}]\n"
                    "    cmds: [{for: sources, cmd: '={{.ITEM}}'}]\n")
    names = [f"t{i}" for i in range(len(patterns))]
    done = subprocess.run([prun, "--dry"] + names, capture_output=True,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"{prun} ended with {done.returncode}: "
                 f"{done.stderr.decode()[-400:]}")
    out = [set() for _ in patterns]
    for line in done.stderr.decode().splitlines():
        found = re.match(r"task: \[t(\d+)\] =(.*)$", line)
        if found:
            out[int(found[1])].add(found[2])
    return out


def main():
    prun, count = sys.argv[1], int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    files = make_tree(rng)
    usable = filter(is_usable, (random_pattern(rng) for _ in itertools.count()))
    wrong = some = 0
    for start in range(0, count, BATCH):
        patterns = list(itertools.islice(usable, min(BATCH, count - start)))
        for p, got in zip(patterns, ask(prun, patterns)):
            want = reference(p, files + ["Taskfile.yml"])
            some += bool(want)
            if got != want:
                wrong += 1
                print(f"{p}\n  missing {sorted(want - got)}\n"
                      f"  too many {sorted(got - want)}")
    print(f"{count} patterns, {some} match something, {wrong} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
