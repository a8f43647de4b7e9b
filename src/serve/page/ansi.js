/* SPDX-License-Identifier: MIT */
/* Lines of a log into pieces with classes. Colours are classes since the page allows no style of
 * its own making from a log; everything else that a terminal would obey is left out. */

// CSI, OSC (titles and links), and the two-letter ones.
const ESCAPE =
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()*+#%][ -~]|[ -~]?)/g;
// What is left may still turn the direction of a line, or be no sign at all.
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const PLAIN = {
  color: -1,
  back: -1,
  bold: false,
  dim: false,
  italic: false,
  under: false,
  invert: false,
};

/** What a terminal shows at last of a line that was written over and over. */
export function settled(line) {
  if (line.endsWith('\r')) line = line.slice(0, -1);
  const at = line.lastIndexOf('\r');
  return at >= 0 ? line.slice(at + 1) : line;
}

const seen = text => text.replace(UNSEEN, '\ufffd');

/** The text alone, as it is shown and searched. */
export function plain(line) {
  line = settled(line);
  if (line.includes('\x1b')) line = line.replace(ESCAPE, '');
  return seen(tabs(line));
}

/** Tabs as spaces: the window over a log counts characters. */
function tabs(line) {
  if (!line.includes('\t')) return line;
  let out = '';
  for (const part of line.split(/(\t)/))
    out += part === '\t' ? ' '.repeat(8 - (out.length % 8)) : part;
  return out;
}

function palette(n) {
  return n < 8 ? n : n < 16 ? n : n < 232 ? nearest(n - 16) : n < 244 ? 8 : 7;
}

/** One of the 16 that is near to one of the cube of 6 x 6 x 6. */
function nearest(n) {
  const r = Math.floor(n / 36),
    g = Math.floor(n / 6) % 6,
    b = n % 6;
  const most = Math.max(r, g, b);
  if (most === 0) return 0;
  const bit = v => (v * 2 > most ? 1 : 0);
  return bit(r) + 2 * bit(g) + 4 * bit(b) + (most > 3 ? 8 : 0);
}

const cube = (r, g, b) =>
  palette(16 + 36 * Math.round(r / 51) + 6 * Math.round(g / 51) + Math.round(b / 51));

/** 38;5;N and 38;2;R;G;B: the colour, and how many numbers it took. */
function extended(codes, i) {
  if (codes[i + 1] === 5) return [palette(codes[i + 2] || 0), 2];
  if (codes[i + 1] === 2) return [cube(codes[i + 2] || 0, codes[i + 3] || 0, codes[i + 4] || 0), 4];
  return [-1, codes.length];
}

const SWITCHES = {
  1: ['bold', true],
  2: ['dim', true],
  3: ['italic', true],
  4: ['under', true],
  7: ['invert', true],
  23: ['italic', false],
  24: ['under', false],
  27: ['invert', false],
};

function apply(style, text) {
  const codes = text.split(/[;:]/).map(Number);
  let now = { ...style };
  for (let i = 0; i < codes.length; i++) {
    const n = codes[i];
    if (n === 0) now = { ...PLAIN };
    else if (SWITCHES[n]) now[SWITCHES[n][0]] = SWITCHES[n][1];
    else if (n === 22) now.bold = now.dim = false;
    else if (n >= 30 && n <= 37) now.color = n - 30;
    else if (n >= 90 && n <= 97) now.color = n - 82;
    else if (n === 39) now.color = -1;
    else if (n >= 40 && n <= 47) now.back = n - 40;
    else if (n >= 100 && n <= 107) now.back = n - 92;
    else if (n === 49) now.back = -1;
    else if (n === 38 || n === 48) {
      const [color, took] = extended(codes, i);
      now[n === 38 ? 'color' : 'back'] = color;
      i += took;
    }
  }
  return now;
}

function classes(style) {
  const out = [];
  if (style.color >= 0) out.push('fg' + style.color);
  if (style.back >= 0) out.push('bg' + style.back);
  for (const name of ['bold', 'dim', 'italic', 'under', 'invert'])
    if (style[name]) out.push('a-' + name);
  return out.join(' ');
}

/** The style at the end of a line that began with `style`; null is the plain one. */
export function after(line, style) {
  if (!line.includes('\x1b')) return style;
  let now = style || PLAIN;
  for (const m of line.matchAll(ESCAPE)) if (m[2] === 'm') now = apply(now, m[1]);
  return classes(now) === '' ? null : now;
}

/** [[text, classes], …]: their texts together are plain(line). */
export function pieces(line, style) {
  const whole = plain(line);
  line = settled(line);
  if (!style && !line.includes('\x1b')) return [[whole, '']];
  const out = [];
  let now = style || PLAIN,
    from = 0,
    at = 0,
    column = 0;
  const put = text => {
    if (text === '') return;
    // Tabs have grown; what is shown is taken from the whole, so that columns agree.
    let n = 0;
    for (const ch of text) n += ch === '\t' ? 8 - ((column + n) % 8) : ch.length;
    out.push([whole.slice(at, at + n), classes(now)]);
    at += n;
    column += n;
  };
  for (const m of line.matchAll(ESCAPE)) {
    put(line.slice(from, m.index));
    if (m[2] === 'm') now = apply(now, m[1]);
    from = m.index + m[0].length;
  }
  put(line.slice(from));
  return out;
}
