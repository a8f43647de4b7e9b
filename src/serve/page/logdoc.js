/* SPDX-License-Identifier: MIT */
/* One log of one call: fetched in ranges, followed while it grows, searched. No elements. */
import { getLog } from './net.js';
import { Search } from './search.js';
import { LogText, MOST_BYTES, failedJob, failingLine } from './logtext.js';
import { plain } from './ansi.js';

const RANGE = 4 << 20;

export class LogDoc {
  /** changed(what): 'lines', 'found' or 'state'. */
  constructor(run, call, changed) {
    Object.assign(this, { run, call, changed });
    this.text = new LogText();
    this.search = new Search(this.text.lines, () => changed('found'));
    this.total = 0;
    this.failed = ''; // why there is nothing to see
    this.isComplete = this.isLoading = this.wantsMore = false;
    this.atStart = true; // of the file; or else its end is what we have
  }

  get isCut() {
    return this.text.from > 0 || (this.total > this.text.size && !this.isLoading);
  }

  /** Fetches what there is, and again what came meanwhile. */
  async load() {
    if (this.isLoading) {
      this.wantsMore = true;
      return;
    }
    this.isLoading = true;
    do {
      this.wantsMore = false;
      await this.fetchAll();
    } while (this.wantsMore);
    this.isLoading = false;
    this.changed('state');
  }

  async fetchAll() {
    try {
      for (;;) {
        if (this.isComplete || this.text.size - this.text.from >= MOST_BYTES) break;
        const got = await getLog(this.run.id, this.call, this.text.size, this.text.size + RANGE);
        this.total = Math.max(got.total, this.total);
        // Of a very long log the end: that is where a failure is.
        if (this.text.size === 0 && this.atStart && got.total > MOST_BYTES) {
          this.jump(got.total - MOST_BYTES);
          continue;
        }
        this.isComplete = got.isComplete && this.text.size + got.bytes.length >= got.total;
        if (got.bytes.length > 0) this.take(got.bytes);
        if (this.isComplete || got.bytes.length === 0 || this.text.size >= got.total) break;
      }
      this.failed = '';
    } catch (problem) {
      this.failed =
        problem.status === 404
          ? 'it has printed nothing'
          : problem.status === 410
            ? 'this log is no longer kept'
            : problem.message;
    }
    if (this.isComplete) this.text.finish();
    this.search.more();
    this.changed('lines');
  }

  take(bytes) {
    this.text.add(bytes);
    this.changed('lines');
    this.search.more();
  }

  jump(byte) {
    this.atStart = false;
    this.text.startAt(byte);
    this.search.lines = this.text.lines;
    this.search.again();
  }

  /** From the first byte, as far as it goes. */
  fromStart() {
    this.text.clear();
    this.search.lines = this.text.lines;
    this.search.again();
    this.atStart = false;
    this.isComplete = false;
    return this.load();
  }

  /** The line where a person should look, or -1; of a call that did not fail there is none. */
  place() {
    const call = this.run.call(this.call);
    const shape = this.text.lines.length + ' ' + (call && call.state);
    if (this.placeOf !== shape) {
      this.placeOf = shape;
      this.failingLine = this.findPlace();
    }
    return this.failingLine;
  }

  findPlace() {
    const call = this.run.call(this.call);
    if (!call || !(call.state === 'failed' || call.state === 'timed out')) return -1;
    const lines = this.text.lines,
      job = failedJob(call);
    if (!job || (job.log_begin === undefined && job.log_end === undefined))
      return failingLine(lines);
    const [from, to] = this.text.part(job.log_begin || 0, job.log_end);
    return failingLine(lines, from, to);
  }

  /** How many columns a line takes; counted once. */
  cells(index) {
    const known = this.text.cells;
    if (known[index] === undefined) known[index] = cells(plain(this.text.lines[index]));
    return known[index];
  }

  end() {
    this.search.stop();
  }
}

/** The lines around the failing place, from the end of the log alone: [[number, raw line], …]. */
export async function excerpt(run, call, before, behind) {
  const job = failedJob(call);
  const end = job && job.log_end !== undefined ? job.log_end : 0;
  const begin = job && job.log_begin ? job.log_begin : 0;
  const from = Math.max(begin, end - (128 << 10));
  const got = await getLog(run.id, call.id, from, end > from ? end : from + (128 << 10));
  const text = new LogText();
  text.startAt(from);
  text.add(got.bytes);
  text.finish();
  if (from > begin) text.lines.shift();
  const at = failingLine(text.lines);
  if (at < 0) return { lines: [], at: -1 };
  let first = Math.max(at - before, 0);
  while (first < at && plain(text.lines[first]).trim() === '') first++;
  return { lines: text.lines.slice(first, at + behind + 1), at: at - first };
}

/* Signs of East Asian scripts and pictures take two columns of a monospaced font. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;

function cells(text) {
  if (/^[ -~]*$/.test(text)) return text.length;
  let n = 0;
  for (const ch of text) n += WIDE.test(ch) ? 2 : 1;
  return n;
}
