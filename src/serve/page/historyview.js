/* SPDX-License-Identifier: MIT */
/* What earlier runs say of all calls: flaky ones first, with hints that can be acted on. */
import { el, fill } from './dom.js';
import { makeChart } from './chart.js';
import { percent, short } from './format.js';
import { change, place } from './place.js';
import { Rows } from './rows.js';
import { loadStats, store } from './store.js';

const ORDERS = {
  '': ['flaky and failing first', (a, b) => worry(b) - worry(a) || b.p50 - a.p50],
  slow: ['slowest first', (a, b) => (b.p50 || 0) - (a.p50 || 0)],
  critical: ['most on the critical path', (a, b) => (b.critical || 0) - (a.critical || 0)],
  name: ['by name', (a, b) => (a.name < b.name ? -1 : 1)],
};

const failing = s => (s.verdicts && s.verdicts.of ? 1 - s.verdicts.passed / s.verdicts.of : 0);
/* A few runs, or little, say nothing. */
const isTrend = s => s.timed >= 8 && Math.abs(s.trend) >= 0.01;
const worry = s => (s.flaky || 0) * 2 + (s.retried || 0) + failing(s);

export class HistoryView {
  constructor(scroller) {
    this.calls = [];
    this.find = el('input', {
      type: 'search',
      placeholder: 'name of a call',
      'aria-label': 'find calls by name',
      id: 'find-history',
      autocomplete: 'off',
      on: { input: () => change({ find: this.find.value }) },
    });
    this.order = el(
      'select',
      { 'aria-label': 'order', on: { change: () => change({ sort: this.order.value }) } },
      Object.entries(ORDERS).map(([key, [text]]) => el('option', { value: key, text })),
    );
    this.notes = el('ul', { class: 'hints' });
    this.hints = el(
      'section',
      { 'aria-labelledby': 'hints' },
      el('h2', { id: 'hints', text: 'Hints' }),
      this.notes,
    );
    this.sub = el('p', { class: 'meta' });
    this.box = el('div', { class: 'rows', role: 'list', tabindex: '0', 'aria-label': 'calls' });
    this.rows = new Rows({ box: this.box, scroller, height: 40, make: i => this.make(i) });
    this.node = el(
      'div',
      { class: 'body' },
      el('header', {}, el('h1', { text: 'History', id: 'run-title', tabindex: '-1' }), this.sub),
      this.hints,
      el(
        'section',
        { 'aria-label': 'calls' },
        el('div', { class: 'bar-of' }, this.find, this.order),
        this.box,
      ),
    );
  }

  async open() {
    await loadStats();
    this.show();
  }

  show() {
    const stats = store.stats || { calls: [], notes: [], runs: 0 },
      { find = '', sort = '' } = place();
    if (document.activeElement !== this.find) this.find.value = find;
    this.order.value = sort in ORDERS ? sort : '';
    this.sub.textContent = stats.runs ? `of ${stats.runs} runs` : 'There is none yet.';
    fill(
      this.notes,
      stats.notes.map(text => el('li', { text })),
    );
    this.hints.hidden = stats.notes.length === 0;
    this.calls = stats.calls.filter(s => s.name.toLowerCase().includes(find.toLowerCase()));
    this.calls.sort((ORDERS[sort] || ORDERS[''])[1]);
    this.rows.set(this.calls.length);
  }

  make(index) {
    const s = this.calls[index],
      bad = failing(s) > 0;
    const words = [
      s.flaky ? `flaky ${s.flaky} of ${s.flaky_of}` : '',
      s.retried ? `${s.retried} on a second attempt` : '',
      s.critical ? `critical in ${s.critical} of ${s.recent}` : '',
      isTrend(s) ? `${s.trend > 0 ? '+' : ''}${(s.trend * 100).toFixed(1)} % a run` : '',
    ].filter(Boolean);
    return el(
      'div',
      {
        class: 'row past-row',
        role: 'listitem',
        'aria-setsize': String(this.calls.length),
        'aria-posinset': String(index + 1),
      },
      el('span', { class: 'name cut', text: s.name }),
      el('span', { class: 'remark cut' + (s.flaky ? ' open' : ''), text: words.join(', ') }),
      el(
        'span',
        { class: 'chart' },
        s.times.length > 1 &&
          makeChart(
            s.times.slice(-20).map(t => t * 1000),
            undefined,
            '',
            26,
          ),
      ),
      el('span', {
        class: 'num' + (bad ? ' bad' : ''),
        text:
          s.verdicts && s.verdicts.of ? percent(s.verdicts.passed, s.verdicts.of) + ' passed' : '',
      }),
      el('span', { class: 'num', text: s.timed ? short(s.p50 * 1000) : '-' }),
      el('span', { class: 'num wide', text: s.timed ? 'p95 ' + short(s.p95 * 1000) : '' }),
    );
  }
}
