/* SPDX-License-Identifier: MIT */
/* What is found in the lines of one log: asked of finder.js, kept by line. */

const PATIENCE = 2500; // ms for a portion; an expression that needs more is given up

export class Search {
  /** changed(): something was found, or it is known that there is no more. */
  constructor(lines, changed) {
    Object.assign(this, { lines, changed, fed: 0, worker: null, query: null });
    this.reset();
  }

  reset() {
    this.found = []; // numbers of lines
    this.spans = new Map(); // line: [first column, column after, …]
    this.error = '';
    this.isBusy = false;
  }

  find(text, regex) {
    const same = this.query && this.query.text === text && this.query.regex === regex;
    if (same || (!this.query && text === '')) return;
    this.reset();
    this.query = text === '' ? null : { text, regex };
    // What still runs for the old question is of no use, and may be what takes for ever.
    if (this.worker && this.wasBusy) this.stop();
    if (this.query) this.ask({ find: this.query });
    else this.changed();
  }

  /** There are more lines. */
  more() {
    if (this.query && this.worker) this.ask({});
  }

  /** The lines are other ones. */
  again() {
    this.stop();
    this.reset();
    if (this.query) this.ask({ find: this.query });
  }

  ask(message) {
    if (!this.worker) this.start();
    if (this.fed < this.lines.length) {
      message.add = this.lines.slice(this.fed);
      message.first = this.fed === 0;
      this.fed = this.lines.length;
    }
    this.worker.postMessage(message);
    this.isBusy = this.wasBusy = true;
    this.watch();
  }

  start() {
    this.worker = new Worker(new URL('finder.js', import.meta.url), { type: 'module' });
    this.worker.onmessage = message => this.take(message.data);
    this.fed = 0;
  }

  watch() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(), PATIENCE);
  }

  giveUp() {
    this.stop();
    this.isBusy = false;
    this.error = 'this expression takes too long';
    this.changed();
  }

  take({ found, done, error }) {
    if (error) this.error = error;
    for (let i = 0; found && i < found.length; i += 3)
      this.keep(found[i], found[i + 1], found[i + 2]);
    this.isBusy = this.wasBusy = !done && !error;
    if (this.isBusy) this.watch();
    else clearTimeout(this.timer);
    this.changed();
  }

  keep(line, from, to) {
    const known = this.spans.get(line);
    if (known) known.push(from, to);
    else {
      this.spans.set(line, [from, to]);
      this.found.push(line);
    }
  }

  stop() {
    clearTimeout(this.timer);
    if (this.worker) this.worker.terminate();
    this.worker = null;
    this.fed = 0;
    this.wasBusy = false;
  }
}
