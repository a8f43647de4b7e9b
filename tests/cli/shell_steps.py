#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Snippets under prun with and without [features] fast_shell: what each prints,
how it ends and what it leaves must be the same.

shell_steps.py PRUN [--count N] [--seed N] [--taskfiles FOLDER] [--keep FOLDER]

The snippets are made by a grammar, always the same for a seed; odd ones, and
some that only bash knows, are among them.  With --taskfiles those of all
Taskfiles below a folder are run instead.  Prints one line per difference and
one with the counts; status 1 where anything differs.
"""

import argparse
import json
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile

PER_RUN = 250

# What the environment of all has.
ENV = {
    'WORDS': 'one two  three',
    'STAR': '*',
    'BACK': 'a\\nb\\\\c',
    'DASH': '-n',
    'DASHE': '-e a\\tb',
    'EMPTY': '',
    'NUM': '7',
    'NEG': '-3',
    'PLAIN': 'plain',
    'PATHS': '/usr/lib/x.tar.gz',
    'ACCENT': 'äöü€',
    'QUOTES': 'a "b" \'c\'',
    'LINES_OF': 'first\nsecond\n  third',
    'BRACKET': '[a-c]*',
    'EQUALS': '=',
    'BANG': '!',
    'PAREN': '(',
    'OPTION': '-f',
    'TILDE': '~',
    'DOLLAR': '$HOME',
}
FILES = {
    'a.txt': 'alpha\nbeta\n',
    'b.txt': 'one two\n  three\\four\nlast without end',
    'c d.txt': 'spaces\n',
    '.hidden': 'h\n',
    'sub/x.txt': 'x\n',
    'sub/y.c': 'y\n',
    'sub/deep/z': 'z\n',
    'empty': '',
}
SCRIPT = 'run.sh'


class Grammar:
    """Makes snippets."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.locals = ['x', 'y', 'v1', 'name', 'out']
        self.counter = 0
        self.functions = []
        self.wild = True

    def pick(self, *choices):
        return self.r.choice(choices)

    def chance(self, percent):
        return self.r.randrange(100) < percent

    # ---- words ----

    def variable(self):
        if self.chance(55):
            return self.r.choice(self.locals)
        return self.r.choice(list(ENV))

    def literal(self):
        return self.pick('a', 'b c'.replace(' ', '_'), 'foo', 'bar.txt', 'x=1',
                         '10', '0', '3', '-v', '--opt=x', 'a/b', './d', '%s',
                         'a:b', '@', '+', 'end,', 'é', 'A1', '{}', '!', '^',
                         '#no', 'n#', ']', '007', '-7')

    def quoted(self):
        kind = self.r.randrange(8)
        if kind == 0:
            return "'%s'" % self.pick('a b', '$x', 'a\\nb', '*', '"', '', '`',
                                      'tab\there', '\\', 'two\nlines', '€')
        if kind == 1:
            return '"%s"' % self.pick('a b', '', 'it\'s', '*.txt', 'a  b', '$',
                                      '\\$x', '\\"', 'a\\b', '\\\\', 'a\nb',
                                      '~', '!', '{a,b}', '\\`', 'é')
        if kind == 2:
            return self.pick('\\*', 'a\\ b', '\\$x', '\\\\', '\\"', "\\'", '\\~',
                             '\\#', '\\a')
        inner = ''.join(self.pick(' ', 'a', '-', ':', '/', '') + self.expansion()
                        for _ in range(self.r.randint(1, 2)))
        return '"%s%s"' % (inner, self.pick('', '', 'z', '.', ' end'))

    def expansion(self):
        v = self.variable()
        kind = self.r.randrange(24 if self.wild else 19)
        if kind < 8:
            return '$' + v
        if kind < 11:
            return '${%s}' % v
        if kind < 13:
            return '${%s%s%s}' % (v, self.pick(':-', '-', ':+', '+'),
                                  self.pick('def', '', 'a/b', '$NUM', '5', '-n'))
        if kind < 15:
            return '${%s%s%s}' % (v, self.pick('%', '%%', '#', '##'),
                                  self.pick('*', '.*', '*/', '/*', 'a', 'o*',
                                            '*.', '?', 'äö', '*t'))
        if kind == 15:
            return '${#%s}' % v
        if kind == 16:
            return '$((%s))' % self.arithmetic()
        if kind < 19:
            return '$(%s)' % self.simple_output()
        if kind == 19:
            return self.pick('$?', '$#', '$0')
        if kind == 20:
            return '${%s:=%s}' % (self.pick('w1', 'w2'), self.pick('d', '4'))
        if kind == 21:
            return '${%s%s}' % (v, self.pick(':0:1', '/a/b', '^', '^^', ',,',
                                             '@Q', '//o/0', '[0]', ':1'))
        if kind == 22:
            return self.pick('$1', '$@', '$*', '${1:-none}')
        return '`%s`' % self.pick('echo q', 'printf %s r', 'pwd | wc -l')

    def word(self):
        kind = self.r.randrange(20 if self.wild else 14)
        if kind < 7:
            return self.literal()
        if kind < 14:
            return self.quoted()
        if kind < 17:
            return self.expansion()
        if kind == 17:
            return self.literal() + self.quoted()
        if kind == 18:
            return self.pick('*.txt', '*', 'sub/*', '[ab].txt', '?.txt', '.h*',
                             'nothing*', 'sub/*.c', '[!a]*', '[0-9]x', '~', '**')
        return self.pick('{a,b}', "$'a\\tb'", '$"x"', 'x{1..3}', '~/x', 'a~',
                         'p=~/x', 'a{b', '@(a|b)')

    def words(self, most=3):
        return ' '.join(self.word() for _ in range(self.r.randint(0, most)))

    def number(self):
        return self.pick('0', '1', '2', '3', '7', '10', '100', '-1', '08', '0x1f')

    def arithmetic(self, depth=0):
        if not self.wild and depth > 1 or depth > 0 and self.chance(40):
            return self.pick('NUM', 'n', '3', 'i', '12')
        if depth > 2 or self.chance(35):
            return self.pick('$NUM', 'NUM', 'n', 'i', '$n', '${n}', 'm',
                             self.number(), self.number(), 'EMPTY', 'unset1')
        kind = self.r.randrange(14 if self.wild else 10)
        one = self.arithmetic(depth + 1)
        two = self.arithmetic(depth + 1)
        if kind < 8:
            op = self.pick('+', '-', '*', '/', '%', '<', '>', '<=', '>=', '==',
                           '!=', '&&', '||', '&', '|', '^', '<<', '>>')
            gap = self.pick('', ' ')
            return one + gap + op + gap + two
        if kind == 8:
            return '(%s)' % one
        if kind == 9:
            return self.pick('!', '-', '~', '+') + one
        if kind == 10:
            return '%s ? %s : %s' % (one, two, self.number())
        if kind == 11:
            return self.pick('n', 'i') + self.pick('=', '+=', '-=', '*=') + one
        if kind == 12:
            return self.pick('n++', '--n', '2**3', '1,2', 'i--')
        return '%s - %s' % (one, two)

    # ---- commands ----

    def simple_output(self):
        return self.pick(
            'echo sub', 'echo "$%s"' % self.variable(), 'pwd | wc -l',
            'cat a.txt', 'printf "%%s" "$%s"' % self.variable(), 'ls',
            'false', 'exit 3', 'echo a; echo b', 'cat b.txt | tail -n 1',
            'true', 'basename /a/b.c', 'expr 1 + 2', 'false; echo after',
            'echo $WORDS', 'dirname "$PATHS"')

    def test(self):
        a, b = self.word(), self.word()
        if self.chance(60):
            a = '"$%s"' % self.variable()
        kind = self.r.randrange(12 if self.wild else 10)
        if kind < 3:
            body = '%s %s %s' % (a, self.pick('=', '!=', '='), b)
        elif kind < 5:
            body = '%s %s' % (self.pick('-n', '-z'), a)
        elif kind < 7:
            body = '%s %s' % (self.pick('-f', '-d', '-e', '-s', '-r', '-x', '-h',
                                        '-w', '-L'),
                              self.pick('a.txt', 'sub', 'nofile', '"$x"', 'empty',
                                        SCRIPT, '.'))
        elif kind < 10:
            body = '%s %s %s' % (
                self.pick('$n', '"$i"', '$NUM', '3', '"$NEG"', '"$x"', '$#'),
                self.pick('-eq', '-ne', '-lt', '-gt', '-le', '-ge'),
                self.pick('1', '3', '10', '"$NUM"', '-1', 'x'))
        elif kind == 10:
            body = self.pick(a, '! ' + a, '! -n ' + a, '! %s = %s' % (a, b), '')
        else:
            body = self.pick('a == a', '-v NUM', 'a.txt -nt b.txt', 'a -a b',
                             '1 -eq 1 -o 2 -eq 3', 'b \\> a', '( a = a )')
        if self.chance(70):
            return '[ %s ]' % body
        if self.chance(80) or not self.wild:
            return 'test ' + body
        return self.pick('[[ %s ]]' % body, '[[ abc =~ b. ]]',
                         '[[ $x == a* ]]', '(( n > 1 ))')

    def redirect(self):
        if not self.wild:
            return self.pick(' >/dev/null', ' 2>/dev/null', ' >/dev/null 2>&1',
                             ' >&2', ' </dev/null', ' >out.txt', ' >>out.txt',
                             ' <a.txt', ' >sub/new', ' >nodir/x')
        return self.pick(' >/dev/null', ' 2>/dev/null', ' >/dev/null 2>&1',
                         ' >&2', ' >out.txt', ' >>out.txt', ' >sub/new',
                         ' >nodir/x', ' <a.txt', ' <nofile', ' 2>&1',
                         ' 2>err.txt', ' &>both', ' >"$x"', ' <&-', ' <<<here',
                         ' >|out.txt', ' 3>x3', ' >>sub', ' </dev/null')

    def heredoc(self, command):
        end = self.pick('EOF', 'END')
        lines = [self.pick('plain line', 'has $NUM and ${x}', 'back\\slash',
                           'quo"te\'s', '$(echo sub)', '\\$x \\\\ \\`', '', '  in',
                           '`echo bt`', '$((1+2))', '$', 'a\\', '*', '~')
                 for _ in range(self.r.randint(0, 3))]
        mark = self.pick(end, end, "'%s'" % end, '"%s"' % end, '-' + end, '\\' + end)
        tab = '\t' if mark.startswith('-') else ''
        body = ''.join('%s%s\n' % (tab, line) for line in lines)
        return '%s <<%s\n%s%s%s' % (command, mark, body, tab, end)

    def simple(self):
        kind = self.r.randrange(40)
        v = self.r.choice(self.locals)
        if not self.wild:
            known = self.known_simple(v)
            if known is not None:
                return known
        if kind < 8:
            return 'echo ' + self.pick('', '', '', '-n ', '-e ', '-E ') + \
                self.words()
        if kind < 11:
            return 'printf %s %s' % (
                self.pick("'%s\\n'", '"[%s]\\n"', "'%s %s|'", "'%d\\n'", "'\\033[1m%s'",
                          "'%5s|%-4s|\\n'", "'%b'", "'%q\\n'", "'%c'", "'a\\tb\\n'",
                          "'%%\\n'", "'%x %o\\n'", "'%03d\\n'", '"$x"', "'%.2s\\n'",
                          "'%i\\n'", "'\\x41'", "'%*s'", "'%u\\n'", 'plain'),
                self.words())
        if kind < 16:
            return '%s=%s' % (v, self.pick(self.word(), self.word(),
                                           '$(%s)' % self.simple_output(), ''))
        if kind == 16:
            return 'n=%s' % self.pick('$((%s))' % self.arithmetic(), self.number())
        if kind == 17:
            return self.test()
        if kind == 18:
            return 'cd ' + self.pick('sub', '..', '.', 'nodir', 'sub/deep', '"$x"',
                                     '/', '-', '', 'sub/../sub', './sub')
        if kind == 19:
            return 'export %s' % self.pick('%s=%s' % (v, self.word()), v, 'NUM',
                                           'x="$y"', 'x=$(false)')
        if kind == 20:
            return 'unset ' + self.pick(v, 'NUM', 'x y', '-v x', '-f f', 'PWD')
        if kind == 21:
            return self.pick('set -e', 'set +e', 'set -u', 'set -x', 'set -f',
                             'set -- a "b c" d', 'set -- $WORDS', 'set +f',
                             'set -o pipefail', 'set -eu', 'set -- $x', 'shift',
                             'umask 022', 'shopt -s nullglob')
        if kind == 22:
            return self.pick('true', 'false', ':', ': $((n=n+1))', '! true',
                             ': "${x:=set}"', '! false', 'exit', 'exit %d' %
                             self.r.randrange(5), 'exit 256', 'exit $?', 'return 1')
        if kind == 23:
            return self.heredoc(self.pick('cat', 'read -r x', 'grep -c a', 'wc -l',
                                          'read x y', 'cat >out.txt', 'sort'))
        if kind == 24:
            return 'read %s%s%s' % (self.pick('', '-r ', '-r ', '-n 1 ', '-p p '),
                                    self.pick(v, 'x y', ''),
                                    self.pick('<a.txt', '<b.txt', '</dev/null', ''))
        if kind == 25:
            return self.pick('nosuchprogram', './nosuch', './sub', './a.txt',
                             './' + SCRIPT, './bare', 'command -v cat',
                             'command -v nosuchprogram', 'command -v cd',
                             'command -v cat >/dev/null', 'type cat', 'pwd',
                             'command echo a', 'exec echo a', 'eval "echo a"',
                             'env | grep -c NUM', 'command ls', 'exec ls',
                             'hash', 'times >/dev/null', 'kill -l 9', 'wait',
                             'which cat', 'sh -c "exit 4"',
                             'sh -c \'kill -TERM $$\'', 'trap "echo t" EXIT',
                             'sh -c \'echo "$x$NUM"\'', 'bash -c "echo \\$NUM"')
        if kind == 26:
            return self.pick('a=(1 2 3); echo "${a[1]}"', 'let n=3; echo $n',
                             'declare -i q=4; echo $q', 'printf -v x a; echo "$x"',
                             'echo ${BASH_VERSION:+bash}', 'echo ${x^^}',
                             'read -r x <<<"a b"; echo "$x"', 'cat <(echo a)',
                             'echo a |& cat', 'echo {1..3}', "echo $'a\\nb'",
                             'x+=more; echo "$x"', 'echo ${!x}', 'echo $((2**4))',
                             'local q=1', 'source ./%s' % SCRIPT, '. ./' + SCRIPT,
                             'pushd sub; popd', 'mapfile -t l <a.txt; echo ${#l[@]}',
                             'true | false; echo ${PIPESTATUS[0]}',
                             'time true', '((n=4)); echo $n', 'echo $[1+2]',
                             'select z in a; do break; done </dev/null',
                             'x=1 y=2; echo $x$y', 'echo $SHLVL $EUID',
                             'echo $LINENO', 'ulimit -n >/dev/null',
                             'sleep 0 & wait', 'disown -a', 'echo "$-"')
        if kind < 30:
            return self.pick('cat', 'ls', 'wc -c', 'sort', 'grep', 'head -n 1',
                             'tail -n 1', 'mkdir -p made', 'touch made.txt',
                             'rm -f b.txt', 'cp a.txt copy', 'rm -rf sub',
                             'sed s/a/b/', 'tr a b') + self.pick(
                ' a.txt', ' b.txt', ' nofile', ' "$x"', '', ' *.txt') + \
                self.pick('', '', ' </dev/null')
        if kind == 30:
            return '%s=%s %s' % (self.pick('x', 'NUM', 'LC_ALL', 'q'),
                                 self.pick('C', '1', '"a b"', '$NUM'),
                                 self.pick('sh -c \'echo "$x$NUM$q"\'', 'true',
                                           'echo a', 'cat a.txt', 'cd sub'))
        if kind == 31 and self.functions:
            return self.r.choice(self.functions) + ' ' + self.words(2)
        return 'echo %s "$%s"' % (self.literal(), self.variable())

    def known_simple(self, v):
        """What both shells know."""
        return self.pick(
            None, 'echo ' + self.words(), 'echo "%s %s"' % (self.literal(),
                                                       self.expansion()),
            "printf '%%s\\n' %s" % self.words(), '%s=%s' % (v, self.word()),
            '%s=%s' % (v, self.quoted()), 'n=$((%s))' % self.arithmetic(),
            'i=%s' % self.pick('1', '4', '$n'), self.test(),
            'cd ' + self.pick('sub', '..', 'nodir', 'sub/deep'),
            'export %s=%s' % (v, self.quoted()), 'unset ' + v,
            'set -- a "b c" "$x"', self.pick('true', 'false', ':', 'pwd'),
            'exit %d' % self.r.randrange(5),
            self.heredoc(self.pick('cat', 'read -r x', 'wc -l', 'sort')),
            'cat a.txt', 'ls', 'wc -l b.txt', 'grep -c %s a.txt' % self.pick('a', 'q'),
            'sed s/a/b/ a.txt', 'touch made.txt', 'rm -f b.txt', 'cat nofile',
            "sh -c 'echo \"$x$NUM\"; exit 3'", '%s=1 sh -c "echo \\$%s"' % (v, v),
            '%s=$(%s)' % (v, self.simple_output()), 'echo "$n $i $?"',
            'command -v cat >/dev/null', 'command -v nosuchprogram',
            'printf "%d|%5s\\n" $n "$x"', 'expr $n + 1')

    def command(self, depth=0):
        kind = self.r.randrange(26)
        if depth > 3 or kind < 12:
            text = self.simple()
            if self.chance(15) and '<<' not in text:
                text += self.redirect()
            return text
        if kind < 15:
            text = 'if %s; then %s' % (self.condition(depth), self.body(depth))
            if self.chance(30):
                text += '; elif %s; then %s' % (self.condition(depth),
                                                self.body(depth))
            if self.chance(50):
                text += '; else %s' % self.body(depth)
            text += '; fi'
        elif kind == 15:
            text = 'for %s in %s; do %s; done' % (
                self.pick('i', 'x', 'f'), self.pick(
                    '1 2 3', 'a "b c" d', '*.txt', '$WORDS', '"$@"', 'sub/*',
                    '$(ls)', '"$x" y', '$x', ''), self.body(depth))
        elif kind == 16:
            self.counter += 1
            v = 'c%d' % self.counter
            text = '%s=0; %s; do %s; %s=$((%s+1)); done' % (
                v, self.pick('while [ $%s -lt 2 ]', 'until [ "$%s" -ge 2 ]') % v,
                self.body(depth), v, v)
        elif kind == 17:
            text = 'case %s in %s) %s;; %s) %s;; esac' % (
                self.pick('$x', '"$NUM"', self.word(), 'abc', '"$PATHS"', '$WORDS'),
                self.pick('a*', '7', '"$x"', '?', '[0-9]', '*.gz', '[ab]*', 'x|7',
                          '""', '[!a]*', 'abc', '-*', '$y'),
                self.body(depth), self.pick('*', 'b', "'*'"), self.body(depth))
        elif kind == 18:
            # a name of its own, or one would call itself
            self.counter += 1
            name = 'f%d' % self.counter
            body = self.body(depth + 1)
            if self.chance(25):
                body += '; return %d' % self.r.randrange(3)
            self.functions.append(name)
            text = '%s() { %s; }' % (name, body)
            if self.chance(70):
                text += '; %s %s' % (name, self.words(2))
            if self.chance(5):
                text = 'function ' + text
            return text
        elif kind < 21:
            text = '(%s)' % self.body(depth)
        elif kind < 23:
            text = '{ %s; }' % self.body(depth)
        else:
            return self.pipe(depth)
        if self.chance(10):
            text += self.redirect()
        return text

    def condition(self, depth):
        if self.chance(60):
            return self.test()
        return self.join(depth + 1, 1)

    def pipe(self, depth):
        parts = [self.pick('echo a b', 'cat a.txt b.txt', 'printf "1\\n2\\n"',
                           'ls', self.command(depth + 2))]
        for _ in range(self.r.randint(1, 2)):
            parts.append(self.pick(
                'cat', 'wc -l', 'sort -r', 'grep -c a', 'head -n 1', 'tr a z',
                'read x', '{ read v; echo "got $v"; }',
                'while read -r l; do echo "<$l>"; done',
                'while read a b; do echo "$b-$a"; x=$a; done',
                'while read -r l; do n=$((n+1)); done',
                '(cat; echo more)', 'sed s/a/A/', self.command(depth + 2)))
        safe = [p if '<<' not in p else 'cat' for p in parts]
        return ' | '.join(safe)

    def body(self, depth):
        return self.join(depth + 1, self.r.randint(1, 2))

    def join(self, depth, n):
        parts = []
        for _ in range(n):
            text = self.command(depth)
            if self.chance(25):
                text += self.pick(' && ', ' || ') + self.command(depth + 1)
            if self.chance(5):
                text = '! ' + text
            parts.append(text)
        return self.separate(parts)

    def separate(self, parts):
        """Here-documents need their own lines."""
        text = ''
        for part in parts:
            if text != '':
                text += '\n' if '<<' in text or self.chance(30) else '; '
            text += part
        return text + '\n' if '<<' in text else text

    def snippet(self):
        self.functions = []
        self.wild = self.chance(35)
        text = self.join(0, self.r.randint(1, 5))
        if self.wild and self.chance(6):
            text += self.pick('\nif', ' )', '\n"', ' &&', '\ndone', ' # end')
        if self.chance(3):
            text = '# a comment\n' + text
        # "; " behind a here-document's last line is no separator
        return re.sub(r'\n; ', '\n', text)


# ---- Taskfiles ----

QUOTED = re.compile(r"""'((?:[^']|'')*)'|"((?:[^"\\\\]|\\\\.)*)\"""")


def unquoted(match):
    """The text of a YAML scalar in quotes."""
    if match.group(1) is not None:
        return match.group(1).replace("''", "'")
    try:
        return json.loads('"%s"' % match.group(2))
    except ValueError:
        return match.group(2)


def without_indent(block):
    lines = [line for line in block if line.strip() != '']
    n = min(len(line) - len(line.lstrip()) for line in lines) if lines else 0
    return '\n'.join(line[n:] for line in block)


def snippets_of_lines(lines):
    """Scalars that may be commands: blocks, items, what is in quotes."""
    block, indent, out = None, 0, []
    for line in lines + ['']:
        if block is not None:
            if line.strip() == '' or len(line) - len(line.lstrip()) > indent:
                block.append(line)
                continue
            out.append(without_indent(block))
            block = None
        m = re.match(r'^(\s*)(?:- )?(?:[\w-]+: )?(.*)$', line)
        value = m.group(2).strip()
        if value in ('|', '|-', '>', '>-'):
            block, indent = [], len(m.group(1))
            continue
        out += [unquoted(q) for q in QUOTED.finditer(line)]
        if ' ' in value and value[0] not in '\'"[{':
            out.append(value)
    if block is not None:
        out.append(without_indent(block))
    return out


def taskfiles_in(text):
    """The here-documents of a script that are Taskfiles."""
    return [m.group(2) for m in re.finditer(
        r"<<-?'?(\w+)'?\n(.*?)\n\s*\1\n", text, re.S) if 'tasks:' in m.group(2)]


def snippets_of_tree(folder):
    found = {}
    for path, dirs, names in os.walk(folder):
        dirs.sort()
        for name in sorted(names):
            if not name.endswith(('.yml', '.yaml', '.sh')):
                continue
            with open(os.path.join(path, name), encoding='utf-8',
                      errors='replace') as f:
                whole = f.read()
            parts = taskfiles_in(whole) if name.endswith('.sh') else [whole]
            for part in parts:
                for text in snippets_of_lines(part.split('\n')):
                    # templates are text by then
                    text = re.sub(r'{{.*?}}', 'value', text, flags=re.S)
                    if is_harmless(text):
                        found.setdefault(text)
    return list(found)


def is_harmless(text):
    """Neither long nor out of its folder."""
    return '\0' not in text and text.strip() != '' and re.search(
        r'\b(sleep|kill|pkill|curl|wget|git|docker|sudo|prun|task|apt|npm|pip|go|'
        r'make|cargo|reboot|mkfifo|nc|python3?|ssh|date|mktemp|yes|ps|sbatch|'
        r'srun|scancel|tail -f|setsid|nohup|RANDOM|PPID|BASHPID|tty|stty|'
        r'TMPDIR|SECONDS|EPOCH\w*|SRANDOM|top|dd|time|strace|perf|env|'
        r'printenv|while|until|read|gate|hold|fifo|flock|trap|wait|PRUN_\w*)\b|'
        r'rm -rf /|find /|/tmp|/proc|\$\$|(cat|head) <', text) is None


# ---- running ----

def quote_yaml(text):
    return json.dumps(text, ensure_ascii=False)


def write_files(root, i):
    folder = os.path.join(root, 'd', str(i))
    for name, text in FILES.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
    for name, head in ((SCRIPT, '#!/bin/sh\n'), ('bare', '')):
        path = os.path.join(folder, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(head + 'echo "script $#"\n')
        os.chmod(path, 0o755)


def write_project(root, snippets, fast):
    os.makedirs(root)
    lines = ["version: '3'", 'silent: true', 'env:']
    lines += ['  %s: %s' % (k, quote_yaml(v)) for k, v in ENV.items()]
    lines.append('tasks:')
    for i, text in enumerate(snippets):
        # a template would be another test
        text = text.replace('{{', "{{'{{'}}") if '{{' in text else text
        lines += ['  t%d:' % i, '    dir: d/%d' % i, '    cmds:',
                  '      - cmd: %s' % quote_yaml(text),
                  # some never end, in any shell
                  '        timeout: 10s', '        ignore_error: true']
        write_files(root, i)
    with open(os.path.join(root, 'Taskfile.yml'), 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines) + '\n')
    with open(os.path.join(root, 'prun.ini'), 'w', encoding='utf-8') as f:
        f.write('[features]\nfast_shell = %s\n' % ('on' if fast else 'off'))


def tree_of(folder):
    """What a snippet left: path, mode, text."""
    out = []
    for path, dirs, names in os.walk(folder):
        dirs.sort()
        for name in sorted(names) + dirs:
            full = os.path.join(path, name)
            st = os.lstat(full)
            text = ''
            if stat.S_ISREG(st.st_mode):
                with open(full, 'rb') as f:
                    text = f.read()
            out.append((os.path.relpath(full, folder), st.st_mode, text))
    return out


def journal_of(state):
    """The lines of the last run's journal."""
    runs = []
    for path, _, names in os.walk(state):
        runs += [os.path.join(path, n) for n in names if n == 'events.jsonl']
    if not runs:
        return []
    with open(max(runs, key=os.path.getmtime), 'rb') as f:
        return [json.loads(line) for line in f]


def run_prun(prun, root, n):
    state = os.path.join(root, '.state')
    # `cd -` stays within, too
    env = {k: v for k, v in os.environ.items()
           if k not in ENV and k != 'OLDPWD'}
    env.update(XDG_STATE_HOME=state, HOME=os.path.join(root, 'home'), LANG='C.UTF-8')
    os.makedirs(env['HOME'])
    done = subprocess.run(
        [prun, '-s', '-j2', '-o', 'group', '--output-group-begin', '@begin {{.TASK}}',
         '--output-group-end', '@end {{.TASK}}', '--parallel'] + ['t%d' % i for i in range(n)],
        cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=600, check=False)
    outs = {}
    for m in re.finditer(rb'@begin t(\d+)\n(.*?)@end t\1\n', done.stdout, re.S):
        outs[int(m.group(1))] = m.group(2)
    journal = journal_of(state)
    if not any(e['ev'] == 'end' for e in journal):
        sys.exit('prun: status %d, %s' % (
            done.returncode, done.stderr[-2000:].decode(errors='replace')))
    return outs, journal, done


STEPS = ('known', 'direct', 'stepped', 'by_dash')


class Steps:
    """Runs snippets both ways and counts."""

    def __init__(self, prun, keep):
        self.prun, self.keep = prun, keep
        self.counts = dict.fromkeys(STEPS, 0)
        self.total = self.differences = self.failed = 0

    def one_way(self, base, snippets, fast):
        root = os.path.join(base, '1/2/3/4/5/6/7/8/w')  # "cd .." stays within
        write_project(root, snippets, fast)
        outs, journal, done = run_prun(self.prun, root, len(snippets))
        ended = ends_of(journal)
        results = [(outs.get(i, b''), ended.get('t%d' % i),
                    tree_of(os.path.join(root, 'd', str(i))))
                   for i in range(len(snippets))]
        subprocess.run(['chmod', '-R', 'u+rwX', root], check=False)
        shutil.rmtree(root)
        return results, journal, done

    def batch(self, snippets):
        base = tempfile.mkdtemp(prefix='steps.')
        slow, _, _ = self.one_way(base, snippets, False)
        fast, journal, _ = self.one_way(base, snippets, True)
        shutil.rmtree(base)
        end = [e for e in journal if e.get('ev') == 'end'][-1]
        for step in STEPS:
            self.counts[step] += end.get(step, 0)
        self.total += len(snippets)
        for text, a, b in zip(snippets, slow, fast):
            self.failed += a[1] is None or a[1][0] != 0
            if a != b and not self.is_racy(text, a, b):
                self.differences += 1
                self.tell(text, a, b)

    def is_racy(self, text, a, b):
        """Does it differ from run to run (what parts of a pipe print)?"""
        base = tempfile.mkdtemp(prefix='steps.')
        slow, fast = [a], [b]
        copies = [text] * 6
        slow += self.one_way(base, copies, False)[0]
        fast += self.one_way(base, copies, True)[0]
        shutil.rmtree(base)
        return any(one in slow for one in fast)

    def tell(self, text, a, b):
        print('DIFFERS: %r' % text)
        print('   bash: status %s, prints %r' % (a[1], a[0][:300]))
        print('   fast: status %s, prints %r' % (b[1], b[0][:300]))
        for one in sorted(set(map(repr, a[2])) ^ set(map(repr, b[2]))):
            print('   file: ' + one[:200])
        sys.stdout.flush()


def ends_of(journal):
    """How the command of each task ended."""
    calls = {e['id']: e['name'] for e in journal if e['ev'] == 'call'}
    return {calls[e['call']]: (e.get('exit'), e.get('signal'))
            for e in journal if e['ev'] == 'job_end'}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('prun')
    parser.add_argument('--count', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--taskfiles')
    parser.add_argument('--keep')
    args = parser.parse_args()
    grammar = Grammar(args.seed)
    if args.taskfiles:
        snippets = snippets_of_tree(args.taskfiles)
    else:
        snippets = [grammar.snippet() for _ in range(args.count)]
    steps = Steps(os.path.abspath(args.prun), args.keep)
    for i in range(0, len(snippets), PER_RUN):
        steps.batch(snippets[i:i + PER_RUN])
    bash = steps.total - sum(steps.counts.values())
    print('%d snippets, %d of them fail: %s, bash %d; %d differ' % (
        steps.total, steps.failed,
        ', '.join('%s %d' % (s, steps.counts[s]) for s in STEPS), bash,
        steps.differences))
    return 1 if steps.differences else 0


if __name__ == '__main__':
    sys.exit(main())
