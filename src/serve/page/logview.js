/* SPDX-License-Identifier: MIT */
/* One log or several, as rows: searched, filtered, followed. What is searched for stands in the
 * place, so it is the same for the next log and after a reload. */
import { button, calmly, el, fill, say, toggle } from './dom.js';
import { count, sign, tone } from './format.js';
import { change, place, taste } from './place.js';
import { isOver } from './model.js';
import { LogDoc } from './logdoc.js';
import { lineText, stateOf } from './logline.js';
import { keepScroll, keptScroll } from './logplace.js';
import { Rows } from './rows.js';
import { on, store } from './store.js';

const HEIGHT = 18;
const LINE = 0x1000000; // a row is doc * LINE + line + 1; line 0 of it is the head of the doc

export class LogView {
  constructor() {
    this.docs = [];
    this.cache = new Map();
    this.rowCodes = [];
    this.hits = [];
    this.current = -1;
    this.columns = 100;
    this.makeTools();
    this.box = el('div', {
      class: 'log scroll mono',
      tabindex: '0',
      role: 'region',
      'aria-label': 'log',
    });
    this.state = el('p', { class: 'soft small state', role: 'status' });
    this.node = el('div', { class: 'logview' }, this.tools, this.box, this.state);
    this.rows = new Rows({
      box: this.box,
      height: HEIGHT,
      make: i => this.make(i),
      lines: i => this.linesOf(i),
    });
    this.box.addEventListener('click', event => this.clicked(event));
    this.box.addEventListener(
      'scroll',
      calmly(300, () => this.keepScroll()),
      { passive: true },
    );
    this.refresh = calmly(80, () => this.arrange());
    this.width = 0;
    new ResizeObserver(() => this.fit()).observe(this.box);
    on('log', grown => this.grown(grown));
  }

  makeTools() {
    this.input = el('input', {
      type: 'search',
      id: 'search',
      placeholder: 'search in logs',
      spellcheck: 'false',
      autocomplete: 'off',
      'aria-label': 'search in logs',
      on: {
        input: () => change({ q: this.input.value }),
        keydown: event => {
          if (event.key === 'Enter') this.jump(event.shiftKey ? -1 : 1);
        },
      },
    });
    this.regex = toggle('.*', false, () => change({ re: place().re ? '' : '1' }), {
      title: 'the search is a regular expression',
      'aria-label': 'regular expression',
      class: 'small',
    });
    this.filter = toggle('only matches', false, () => change({ f: place().f ? '' : '1' }), {
      class: 'small',
    });
    this.found = el('span', { class: 'soft small found', role: 'status' });
    this.wrap = toggle(
      'wrap',
      taste('wrap') !== 'off',
      () => this.setWrap(taste('wrap') === 'off'),
      { class: 'small' },
    );
    this.follow = toggle('follow', true, () => this.setFollow(!this.follows), { class: 'small' });
    this.follows = true;
    this.failure = button('failing place', () => this.toFailure(), { class: 'small' });
    this.tools = el(
      'div',
      { class: 'tools', role: 'search' },
      this.input,
      this.regex,
      this.filter,
      button('↑', () => this.jump(-1), { class: 'small', 'aria-label': 'match before' }),
      button('↓', () => this.jump(1), { class: 'small', 'aria-label': 'next match' }),
      this.found,
      el('span', { class: 'gap' }),
      this.failure,
      this.follow,
      this.wrap,
    );
  }

  /* ---- which logs ---- */

  /** Shows those calls of the run, the first being the one that a person has chosen. */
  show(ids) {
    if (this.run !== store.run) this.forget();
    this.run = store.run;
    const docs = ids.map(id => this.doc(id));
    const isSame = docs.length === this.docs.length && docs.every((doc, i) => doc === this.docs[i]);
    this.query();
    if (isSame) return;
    this.docs = docs;
    this.box.scrollTop = 0;
    this.current = -1;
    this.settled = false;
    this.follows = true;
    this.follow.setAttribute('aria-pressed', 'true');
    for (const doc of docs) if (!doc.isComplete) doc.load();
    this.box.setAttribute(
      'aria-label',
      'log of ' + ids.map(id => this.run.call(id).name).join(', '),
    );
    this.arrange();
  }

  doc(id) {
    if (!this.cache.has(id)) this.cache.set(id, new LogDoc(this.run, id, () => this.refresh()));
    return this.cache.get(id);
  }

  forget() {
    for (const doc of this.cache.values()) doc.end();
    this.cache.clear();
    this.docs = [];
  }

  /** The run is known anew: the same id, other objects. */
  adopt(run) {
    if (!this.run || this.run.id !== run.id) return;
    this.run = run;
    for (const doc of this.cache.values()) {
      doc.run = run;
      if (!doc.isComplete && this.docs.includes(doc)) doc.load();
    }
  }

  grown({ run_id: id, call, size }) {
    const doc = this.run && this.run.id === id && this.cache.get(call);
    if (!doc || !this.docs.includes(doc)) return;
    if (size > doc.text.size) doc.load();
  }

  /** A call has ended: its last bytes may not have been told of. */
  events() {
    for (const doc of this.docs) {
      const call = this.run && this.run.call(doc.call);
      if (call && isOver(call) && !doc.isComplete && !doc.isLoading) doc.load();
    }
  }

  /* ---- rows ---- */

  query() {
    const { q = '', re = '', f = '' } = place();
    if (document.activeElement !== this.input) this.input.value = q;
    this.regex.setAttribute('aria-pressed', String(Boolean(re)));
    this.filter.setAttribute('aria-pressed', String(Boolean(f)));
    if (this.q !== q || this.re !== re) this.current = -1;
    for (const doc of this.docs) doc.search.find(q, Boolean(re));
    if (this.q !== q || this.re !== re || this.f !== f) this.refresh();
    Object.assign(this, { q, re, f });
  }

  arrange() {
    for (const doc of this.docs) doc.search.find(this.q, Boolean(this.re));
    const isFiltered = this.f && this.q && !this.docs.some(doc => doc.search.error);
    if (this.docs[0]) this.docs[0].place();
    const wasAtEnd = this.rows.isAtEnd,
      codes = [],
      hits = [];
    this.docs.forEach((doc, d) => {
      if (this.docs.length > 1) codes.push(d * LINE);
      const found = doc.search.found,
        base = codes.length,
        n = doc.text.lines.length;
      if (isFiltered)
        for (const line of found) {
          hits.push(codes.length);
          codes.push(d * LINE + line + 1);
        }
      else {
        for (let line = 0; line < n; line++) codes.push(d * LINE + line + 1);
        for (const line of found) hits.push(base + line);
      }
    });
    const keep = this.isLonger(codes, hits, isFiltered);
    this.rowCodes = codes;
    this.hits = hits;
    this.rows.set(codes.length, { keep });
    this.setLongest();
    this.rows.drawNow();
    this.settle(wasAtEnd);
    this.tell();
  }

  /* Lines were added and nothing else: what is seen stays, and what is selected in it. */
  isLonger(codes, hits, isFiltered) {
    const [doc] = this.docs;
    const wraps = taste('wrap');
    const shape =
      doc && [doc.call, doc.text.from, doc.failingLine, this.columns, wraps, this.q].join();
    const isSame = shape === this.shape && this.docs.length === 1 && !isFiltered;
    this.shape = shape;
    return isSame && codes.length >= this.rowCodes.length && hits.length === this.hits.length;
  }

  setLongest() {
    const longest = this.docs.reduce((most, doc) => Math.max(most, doc.text.longest), 0);
    this.rows.spacer.style.width = taste('wrap') === 'off' ? longest + 8 + 'ch' : '';
  }

  /** Where to look: once, when there is something; and the end of what grows. */
  settle(wasAtEnd) {
    if (!this.rowCodes.length) return;
    const doc = this.docs[0],
      isLive = this.docs.some(d => !d.isComplete);
    this.failure.hidden = doc.place() < 0;
    this.follow.hidden = !isLive;
    if (!this.settled) {
      if (doc.isLoading && !doc.text.lines.length) return;
      this.settled = !doc.isLoading;
      this.toPlace(isLive);
    } else if (isLive && this.follows && wasAtEnd) this.rows.toEnd();
  }

  toPlace(isLive) {
    const { line } = place(),
      kept = keptScroll(this.run.id, this.docs[0].call);
    if (line) this.toLine(Number(line) - 1);
    else if (kept !== null) this.box.scrollTop = kept;
    else if (this.docs[0].place() >= 0) this.toFailure();
    else if (isLive) this.rows.toEnd();
  }

  toLine(line) {
    this.rows.reveal(this.rowCodes.indexOf(line + 1), true);
  }

  toFailure() {
    const line = this.docs[0].place();
    if (line >= 0) this.toLine(line);
  }

  linesOf(index) {
    if (taste('wrap') === 'off') return 1;
    const code = this.rowCodes[index],
      line = (code % LINE) - 1;
    if (line < 0) return 1;
    return Math.max(Math.ceil(this.docs[Math.floor(code / LINE)].cells(line) / this.columns), 1);
  }

  make(index) {
    const code = this.rowCodes[index],
      doc = this.docs[Math.floor(code / LINE)],
      line = (code % LINE) - 1;
    const call = this.run.call(doc.call);
    if (line < 0)
      return el('div', {
        class: 'ln title ' + tone(call.state),
        text: sign(call.state) + ' ' + call.name,
      });
    const isHit = index === this.hits[this.current];
    const isBad = doc === this.docs[0] && line === doc.failingLine;
    return el(
      'div',
      {
        class:
          'ln' +
          (isBad ? ' at' : '') +
          (isHit ? ' hit' : '') +
          (String(line + 1) === place().line ? ' chosen' : ''),
        data: { line: line + 1, doc: doc.call },
      },
      el('span', { class: 'no', 'aria-hidden': 'true', text: line + 1 }),
      el(
        'span',
        { class: 'tx' },
        lineText(doc.text.lines[line], doc.text.styles.get(line), doc.search.spans.get(line)),
      ),
    );
  }

  /* ---- what is said of it ---- */

  tell() {
    const errors = this.docs.map(doc => doc.search.error).filter(Boolean);
    this.input.setAttribute('aria-invalid', String(errors.length > 0));
    const isBusy = this.docs.some(doc => doc.search.isBusy);
    const text =
      errors[0] ||
      (this.q
        ? (this.current >= 0 ? this.current + 1 + ' of ' : '') +
          count(this.hits.length, 'line') +
          (isBusy ? ' …' : '')
        : '');
    if (this.found.textContent !== text) this.found.textContent = text;
    fill(
      this.state,
      this.docs
        .map(doc => stateOf(doc))
        .filter(Boolean)
        .map(s => el('span', {}, s)),
    );
  }

  /* ---- moving ---- */

  jump(by) {
    if (!this.hits.length) return;
    const n = this.hits.length;
    if (this.current < 0) this.current = this.nearest(by);
    else this.current = (this.current + by + n) % n;
    this.setFollow(false);
    this.rows.reveal(this.hits[this.current], true);
    this.rows.redoAll();
    this.tell();
    say(`match ${this.current + 1} of ${n}`);
  }

  nearest(by) {
    const from = this.rows.at(this.box.scrollTop);
    const next = this.hits.findIndex(row => row >= from);
    if (by > 0) return next < 0 ? 0 : next;
    return next < 0 ? this.hits.length - 1 : (next - 1 + this.hits.length) % this.hits.length;
  }

  setFollow(follows) {
    this.follows = follows;
    this.follow.setAttribute('aria-pressed', String(follows));
    if (follows) this.rows.toEnd();
  }

  setWrap(wraps) {
    taste('wrap', wraps ? '' : 'off');
    this.wrap.setAttribute('aria-pressed', String(wraps));
    this.box.classList.toggle('nowrap', !wraps);
    this.fit(true);
  }

  /** How many characters go into a line. */
  fit(isAnyway = false) {
    if (!this.box.clientWidth || (!isAnyway && this.width === this.box.clientWidth)) return;
    this.width = this.box.clientWidth;
    this.box.classList.toggle('nowrap', taste('wrap') === 'off');
    const probe = el(
      'div',
      { class: 'ln' },
      el('span', { class: 'no', text: '1' }),
      el('span', { class: 'tx' }, el('span', { text: '0'.repeat(100) })),
    );
    this.box.append(probe);
    const one = probe.querySelector('.tx span').getBoundingClientRect();
    const tx = probe.querySelector('.tx').getBoundingClientRect();
    const char = one.height > HEIGHT * 1.5 ? 7.2 : one.width / 100;
    probe.classList.add('probe');
    this.columns = Math.max(
      Math.floor((this.box.getBoundingClientRect().left + this.width - tx.left - 10) / char),
      10,
    );
    probe.remove();
    this.arrange();
  }

  clicked(event) {
    const row = event.target.closest('.ln');
    if (!row || !row.dataset.line || !event.target.closest('.no')) return;
    change({ line: place().line === row.dataset.line ? '' : row.dataset.line });
    this.rows.redoAll();
  }

  /* ---- the place within a log, for a reload ---- */

  keepScroll() {
    const doc = this.docs[0];
    if (!doc || !this.settled) return;
    if (this.follows && !this.rows.isAtEnd) this.setFollow(false);
    else if (!this.follows && this.rows.isAtEnd) this.setFollow(true);
    keepScroll(this.run.id, doc.call, this.box.scrollTop);
  }
}
