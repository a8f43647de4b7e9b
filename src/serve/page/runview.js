/* SPDX-License-Identifier: MIT */
/* A run, in the order in which people look: what failed, what goes on, then all of it. */
import { button, command, el, fill, say } from './dom.js';
import { ago, clock, count, short, sign, ticking } from './format.js';
import { change, place } from './place.js';
import { makeCalls, showCalls, showChosen, tickCalls } from './calls.js';
import { Failures } from './failures.js';
import { Graph } from './graph.js';
import { leftOf, Live } from './live.js';
import { quote } from './model.js';
import { store } from './store.js';
import { Timeline } from './timeline.js';

const TABS = [
  ['', 'Calls'],
  ['timeline', 'Timeline and slowest'],
  ['graph', 'Graph'],
];
const WORDS = {
  passed: 'passed',
  failed: 'FAILED',
  running: 'running',
  cancelled: 'cancelled',
  killed: 'killed while running',
};

export class RunView {
  constructor(scroller, { open, choose, rerun, rerunAll, cancel }) {
    Object.assign(this, { rerunAll, cancel, shown: '' });
    this.head = el('header', {});
    this.sums = el('dl', { class: 'sums' });
    this.meta = el('p', { class: 'meta' });
    this.progress = el('div', {
      class: 'progress',
      role: 'progressbar',
      'aria-label': 'calls that have ended',
    });
    this.failures = new Failures({ open, rerun });
    this.live = new Live({ open });
    this.timeline = new Timeline({ open });
    this.graph = new Graph({ open });
    this.calls = makeCalls(scroller, choose);
    this.tabs = el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': 'of this run' },
      TABS.map(([key, text]) =>
        el(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: 'run-' + (key || 'calls'),
            'aria-controls': 'run-panel',
            data: { tab: key },
            on: { click: () => change({ tab: key }) },
          },
          text,
        ),
      ),
    );
    this.panel = el('div', { id: 'run-panel', role: 'tabpanel' });
    this.node = el(
      'div',
      { class: 'body' },
      this.head,
      this.failures.node,
      this.live.node,
      el('section', { 'aria-label': 'all calls' }, this.tabs, this.panel),
    );
  }

  /** Another run, or this one known anew. */
  show() {
    const run = store.run;
    if (this.shown !== run.id) this.failures.clear();
    this.shown = run.id;
    this.wasState = run.state;
    this.showHead();
    this.failures.show();
    this.live.show();
    this.showTab();
  }

  /** More of it. */
  events() {
    const run = store.run;
    this.failures.show();
    this.live.show();
    this.showTab();
    if (run.state !== this.wasState) {
      this.wasState = run.state;
      this.showHead();
      say(`the run has ${WORDS[run.state].toLowerCase()}; ${(run.end && run.end.verdict) || ''}`);
    }
    this.showSums();
  }

  showTab() {
    const { tab = '' } = place();
    for (const one of this.tabs.children) {
      one.setAttribute('aria-selected', String(one.dataset.tab === tab));
      one.tabIndex = one.dataset.tab === tab ? 0 : -1;
    }
    this.panel.setAttribute('aria-labelledby', 'run-' + (tab || 'calls'));
    const view = tab === 'timeline' ? this.timeline : tab === 'graph' ? this.graph : null;
    const node = view ? view.node : this.calls;
    if (this.panel.firstChild !== node) fill(this.panel, node);
    if (view) view.show();
    else showCalls();
  }

  turn(by) {
    const at = TABS.findIndex(t => t[0] === (place().tab || ''));
    const next = (at + by + TABS.length) % TABS.length;
    change({ tab: TABS[next][0] });
    this.tabs.children[next].focus();
  }

  chosen(reveal) {
    if (!place().tab) showChosen(reveal);
  }

  showHead() {
    const run = store.run,
      { state, about } = run;
    const words = (about.argv || []).map(quote).join(' ');
    const canFail = ['failed', 'killed', 'cancelled'].includes(state);
    fill(
      this.head,
      el(
        'div',
        { class: 'head ' + (state === 'killed' ? 'cancelled' : state) },
        el('span', { class: 'verdict ' + state, text: sign(state) + ' ' + WORDS[state] }),
        el('h1', {
          id: 'run-title',
          tabindex: '-1',
          text: (about.tasks || []).join(' ') || 'default',
        }),
        el(
          'span',
          { class: 'acts' },
          run.isLive && button('Cancel', this.cancel, { title: 'key: c' }),
          canFail && button('Run failed again', () => this.rerunAll(true), { class: 'first' }),
          !run.isLive && button('Run again', () => this.rerunAll(false), { title: 'key: r' }),
        ),
      ),
      this.sums,
      this.progress,
      this.meta,
    );
    fill(
      this.meta,
      el('span', {
        text: 'started ' + clock(run.at) + ', ' + ago(run.at, Date.now() + store.skew),
      }),
      about.slots && el('span', { text: count(about.slots, 'slot') }),
      about.host && el('span', { text: about.host }),
      about.head &&
        el('span', {}, 'on ', el('span', { class: 'mono', text: about.head.slice(0, 12) })),
      run.end &&
        run.end.commit &&
        el(
          'span',
          {},
          'made commit ',
          el('span', { class: 'mono', text: run.end.commit.slice(0, 12) }),
        ),
      el('span', { text: 'run ' + run.id }),
      el('span', {}, command('prun ' + words)),
    );
    this.showSums();
  }

  showSums() {
    const run = store.run,
      n = run.counts();
    const skipped = (n['up to date'] || 0) + (n.cached || 0) + (n.skipped || 0);
    const rows = [
      ['failed', (n.failed || 0) + (n['timed out'] || 0), 'bad'],
      ['running', n.running, ''],
      ['waiting', n.waiting, ''],
      ['passed', n.passed, ''],
      ['nothing to do', skipped, ''],
      ['not run', (n['not run'] || 0) + (n.cancelled || 0), ''],
      ['flaky', n.flaky, 'open'],
    ];
    this.time = el('dd', {});
    this.left = el('span', { class: 'soft' });
    fill(
      this.sums,
      rows
        .filter(r => r[1] > 0)
        .map(([text, value, kind]) =>
          el(
            'div',
            { class: kind },
            el('dt', { class: kind, text }),
            el('dd', { text: value.toLocaleString('en') }),
          ),
        ),
      el('div', {}, el('dt', { text: run.isLive ? 'for' : 'took' }), this.time),
      run.isLive &&
        el('div', {}, el('dt', { class: 'away', text: 'time left' }), el('dd', {}, this.left)),
    );
    this.showProgress(n);
    this.tick();
  }

  showProgress(n) {
    const run = store.run;
    this.progress.hidden = !run.isLive;
    if (!run.isLive) return;
    const bad = (n.failed || 0) + (n['timed out'] || 0),
      all = Math.max(n.all, 1);
    const over = all - (n.running || 0) - (n.waiting || 0) - (n.calling || 0);
    this.progress.setAttribute('aria-valuenow', String(Math.round((over / all) * 100)));
    const part = (share, kind) =>
      el('i', { class: kind, style: { width: (share / all) * 100 + '%' } });
    fill(
      this.progress,
      part(bad, 'failed'),
      part(over - bad, 'passed'),
      part(n.running || 0, 'running'),
    );
  }

  /** Once a second. */
  tick() {
    const run = store.run;
    if (!this.time) return;
    this.time.textContent = run.isLive ? ticking(run.now()) : short(run.now());
    if (!run.isLive) return;
    this.left.textContent = leftOf(run);
    this.live.tick();
    if (!place().tab) tickCalls();
  }
}
