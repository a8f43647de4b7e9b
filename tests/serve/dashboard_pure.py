# SPDX-License-Identifier: MIT
"""What modules of the page compute, each without the page."""
import json

from dashboard_lib import same


PURE = """(async () => {
  const [ansi, format, log, model, line] = await Promise.all(['ansi',
    'format', 'logtext', 'model', 'logline'].map(n =>
      import('/assets/' + n + '.js')));
  const e = '\\x1b', out = {};
  out.plain = ['a' + e + '[1;31mb' + e + '[0mc', 'x\\ty', '10%\\r50%\\r99%\\r',
    e + ']0;title\\x07t', e + ']8;;http://x/' + e + '\\\\l' + e + ']8;;' + e +
    '\\\\', 'a\\u202eb\\0c', e + '[2K' + e + '[1Gok', e].map(ansi.plain);
  out.pieces = ansi.pieces('a' + e + '[38;5;196mb' + e + '[38;2;0;0;255;1mc' +
    e + '[m\\td');
  out.after = ansi.after(e + '[31mred to the end', null).color;
  const text = new log.LogText(), bytes = new TextEncoder().encode(
    'one\\ntw\u00f6\\nthree');
  for (const b of bytes) text.add(Uint8Array.of(b));
  text.finish();
  out.lines = [text.lines, text.begins, text.lineAt(5), text.part(4, 9)];
  out.failing = [['ok', '0 errors, 0 failed', 'x.c:3: error: no', 'error'],
    ['a', 'Error: boom', 'b.py:3 x'], ['quiet', ''], ['', ' '],
    ['cc -Werror x.c', 'ld: undefined reference to f']]
    .map(l => log.failingLine(l));
  out.short = [0, .4, 41, 999.6, 2345, 59949, 59951, 187000, 7500000]
    .map(format.short);
  out.percent = [[1, 3], [9999, 10000], [1, 1], [0, 5]].map(
    a => format.percent(...a));
  const run = new model.Run('x');
  run.about = { argv: ['-d', 'a b', 'one', "X=it's", '--', '-q'] };
  const call = { id: 1, key: 'one', name: 'one', kids: [], jobs: [] };
  run.calls[0] = call;
  out.rerun = model.rerunCommand(run, call);
  const box = document.createElement('p');
  box.append(...line.lineText('ab' + e + '[1mcd' + e + '[mef', null, [1, 3, 5,
    6]));
  out.marks = box.innerHTML;
  return JSON.stringify(out);
})()"""


def pure(d):
    """What is computed without a page."""
    got = json.loads(d.page.js(PURE))
    want = {
        "plain": ["abc", "x       y", "99%", "t", "l", "a\ufffdb\ufffdc", "ok",
                  ""],
        "pieces": [["a", ""], ["b", "fg9"], ["c", "fg12 a-bold"],
                   ["     d", ""]],
        "after": 1,
        "lines": [["one", "tw\u00f6", "three"], [0, 4, 9], 1, [1, 2]],
        "failing": [2, 1, 0, -1, 1],
        "short": ["0ms", "<1ms", "41ms", "1.0s", "2.3s", "59.9s", "1m00s",
                  "3m07s", "2h05m"],
        "percent": ["33 %", "99.9 %", "100 %", "0 %"],
        "rerun": "prun -d 'a b' one 'X=it'\\''s' -- -q",
        "marks": 'a<mark>b</mark><mark class="a-bold">c</mark><span class='
                 '"a-bold">d</span>e<mark>f</mark>'}
    for name, value in want.items():
        same(got[name], value, "computed: " + name)
