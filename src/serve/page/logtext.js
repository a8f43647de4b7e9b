/* SPDX-License-Identifier: MIT */
/* The text of one log: bytes as they come, kept as lines; where each begins in bytes and in which
 * colour. Knows nothing of elements. */
import { after, plain } from './ansi.js';

/* Beyond this the beginning is left out: a browser can hold it, a person cannot read it. */
export const MOST_BYTES = 48 << 20;
const MOST_LINES = 1e6;
const LONGEST = 20000; // characters of a line that are shown

const WORDS = [
  // What a compiler, a linter or a test says of a place, best first.
  /(^|[^\w.-])(\S+\.\w+:\d+(:\d+)?:? .*\b(error|fatal)\b)/i,
  /^\s*(E {2,}|FAILED |FAIL:|--- FAIL|not ok |✗|✖|×|● )|^\s*(\w+\.)*(\w*Error|\w*Exception)\b\s*:|^panic: |\bassertion\b.*\bfailed\b/i,
  /\b(error|fatal|failed|failure|panicked|traceback|segmentation fault|undefined reference|exception)\b/i,
  /\S+\.\w+:\d+/,
];
const NOT_MEANT =
  /\b(0|no) (errors?|failed|failures?|fatal)\b|\b(errors?|failed|failures?)[:=] ?0\b|-Werror/gi;

export class LogText {
  constructor() {
    this.clear();
  }

  clear() {
    this.lines = [];
    this.begins = [];
    this.cells = []; // for who counts them
    this.styles = new Map();
    this.style = null;
    this.from = 0; // the byte that line 1 begins at
    this.size = 0; // how many bytes of the file have come, with what was left out
    this.rest = '';
    this.restBegin = 0;
    this.longest = 0;
    this.decoder = new TextDecoder();
  }

  /** The file is read from that byte on; the rest of a line there is no line. */
  startAt(byte) {
    this.clear();
    this.from = this.size = this.restBegin = byte;
  }

  /** Takes bytes; says how many lines are whole by now. */
  add(chunk) {
    const ends = [];
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1))
      ends.push(this.size + at + 1);
    const parts = (this.rest + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.rest = parts.pop();
    parts.forEach((line, i) => {
      this.put(line, this.restBegin);
      this.restBegin = ends[i];
    });
    this.size += chunk.length;
    return this.lines.length;
  }

  put(line, begin) {
    if (this.lines.length >= MOST_LINES) return;
    if (this.style) this.styles.set(this.lines.length, this.style);
    this.style = after(line, this.style);
    if (line.length > LONGEST) line = line.slice(0, LONGEST) + ' …';
    this.lines.push(line);
    this.begins.push(begin);
    if (line.length > this.longest) this.longest = line.length;
  }

  /** Nothing more will come: what stands without a newline is a line too. */
  finish() {
    this.rest += this.decoder.decode();
    if (this.rest === '') return;
    this.put(this.rest, this.restBegin);
    this.rest = '';
    this.restBegin = this.size;
  }

  /** The line that has that byte. */
  lineAt(byte) {
    let low = 0,
      high = this.begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.begins[middle] <= byte) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  /** The lines [from, to) that a job wrote. */
  part(begin, end) {
    if (end === undefined || end <= begin) return [this.lineAt(begin), this.lines.length];
    return [this.lineAt(begin), Math.min(this.lineAt(end - 1) + 1, this.lines.length)];
  }
}

/** Where a person should look first: the first line within [from, to) that names what is wrong,
 * the best kind of naming winning; else the last that is not empty. -1: there is no line. */
export function failingLine(lines, from = 0, to = lines.length) {
  const first = WORDS.map(() => -1);
  let last = -1;
  for (let i = from; i < to; i++) {
    const text = plain(lines[i]).slice(0, 2000);
    if (text.trim() === '') continue;
    last = i;
    const meant = text.replace(NOT_MEANT, '');
    for (let k = 0; k < WORDS.length; k++) if (first[k] < 0 && WORDS[k].test(meant)) first[k] = i;
    if (first[0] >= 0) break;
  }
  const found = first.find(i => i >= 0);
  return found === undefined ? last : found;
}

/** The job that a call failed with, or the last one. */
export function failedJob(call) {
  const bad = call.jobs.filter(job => job.exit || job.signal || job.error);
  return bad[bad.length - 1] || call.jobs[call.jobs.length - 1];
}
