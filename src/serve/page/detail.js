/* SPDX-License-Identifier: MIT */
/* One call: its log with those of others, why it ran and what it took, its history. */
import { button, command, copy, el, fill, toggle } from './dom.js';
import { bytes, clock, percent, short, sign, tone } from './format.js';
import { change, place } from './place.js';
import { above, isOver, rerunCommand, took } from './model.js';
import { LogView } from './logview.js';
import { makeChart } from './chart.js';
import { remark, whyBad } from './calls.js';
import { store, usual } from './store.js';

const VIEWS = [
  ['', 'Log'],
  ['why', 'Why and how long'],
  ['history', 'History'],
];
const MOST_OPEN = 12;

/** The numbers of the calls whose logs are kept open. */
export const kept = () =>
  (place().open || '')
    .split('.')
    .map(Number)
    .filter(n => n > 0);

export class Detail {
  constructor({ rerun, choose }) {
    Object.assign(this, { rerun, choose });
    this.logs = new LogView();
    this.title = el('h1', { class: 'name cut', id: 'detail-title', tabindex: '-1' });
    this.sub = el('p', { class: 'meta' });
    this.acts = el('span', { class: 'acts' });
    this.tabs = el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': 'of this call' },
      VIEWS.map(([key, text]) =>
        el(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: 'tab-' + (key || 'log'),
            'aria-controls': 'detail-panel',
            data: { view: key },
            on: { click: () => change({ view: key }) },
          },
          text,
        ),
      ),
    );
    this.open = el('div', { class: 'opened' });
    this.panel = el('div', { class: 'panel', id: 'detail-panel', role: 'tabpanel' });
    this.node = el(
      'div',
      { class: 'inner' },
      el(
        'div',
        { class: 'detail-head' },
        el(
          'div',
          { class: 'row-of' },
          button('‹ back', () => this.close(), { class: 'small back' }),
          this.title,
          this.acts,
          button('✕', () => this.close(), { class: 'plain close', 'aria-label': 'close' }),
        ),
        this.sub,
        this.tabs,
      ),
      this.open,
      this.panel,
    );
  }

  close() {
    change({ call: '', line: '', view: '', together: '' }, true);
  }

  get call() {
    return store.run && store.run.call(Number(place().call));
  }

  show() {
    const c = this.call,
      { view = '' } = place();
    if (!c) return;
    this.title.textContent = c.name;
    this.events();
    for (const tab of this.tabs.children) {
      const isSelected = tab.dataset.view === view;
      tab.setAttribute('aria-selected', String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
    }
    this.panel.setAttribute('aria-labelledby', 'tab-' + (view || 'log'));
    this.showOpened(c, view);
    if (view === '') this.showLog(c);
    else
      fill(
        this.panel,
        el(
          'div',
          { class: 'scroll facts', tabindex: '0', role: 'region', 'aria-label': 'facts' },
          view === 'why' ? why(c, this.choose) : pastOf(c),
        ),
      );
  }

  showLog(c) {
    if (this.panel.firstChild !== this.logs.node) fill(this.panel, this.logs.node);
    const others = place().together ? kept().filter(id => id !== c.id && store.run.call(id)) : [];
    this.logs.show([c.id, ...others]);
  }

  /* The logs that are kept at hand, and whether they are shown as one. */
  showOpened(c, view) {
    const ids = kept().filter(id => store.run.call(id));
    this.open.hidden = view !== '' || ids.length === 0;
    fill(
      this.open,
      ids.map(id => this.chip(store.run.call(id), id === c.id)),
      ids.some(id => id !== c.id) &&
        toggle(
          'together',
          place().together,
          () => change({ together: place().together ? '' : '1' }),
          { class: 'small', title: 'all of them in one list' },
        ),
    );
  }

  chip(c, isChosen) {
    return el(
      'span',
      { class: 'chip ' + tone(c.state) },
      button(sign(c.state) + ' ' + c.name, () => this.choose(c.id), {
        class: 'plain cut',
        'aria-pressed': String(isChosen),
      }),
      button('✕', () => this.keep(c.id), {
        class: 'plain',
        'aria-label': 'close the log of ' + c.name,
      }),
    );
  }

  /** Keeps a log at hand, or no longer. */
  keep(id) {
    const ids = kept();
    const next = ids.includes(id)
      ? ids.filter(other => other !== id)
      : [...ids, id].slice(-MOST_OPEN);
    change({ open: next.join('.'), together: next.length > 1 ? place().together : '' });
  }

  /** More is known of the run. */
  events() {
    const c = this.call;
    if (!c) return;
    const shape = [c.id, c.state, kept().includes(c.id), isOver(c)].join();
    this.tick();
    if (this.shape === shape) return;
    this.shape = shape;
    const isKept = kept().includes(c.id);
    fill(
      this.acts,
      toggle('keep', isKept, () => this.keep(c.id), {
        class: 'small',
        title: 'keeps this log at hand',
      }),
      button('copy command', () => copy(rerunCommand(store.run, c)), { class: 'small' }),
      button('run again', () => this.rerun(c), { class: 'small' }),
    );
    this.logs.events();
  }

  tick() {
    const c = this.call;
    if (!c) return;
    const time = took(store.run, c);
    const text = [
      c.state,
      whyBad(c),
      c.flaky && 'flaky',
      remark(c) !== c.state && remark(c),
      time > 0 && short(time),
    ]
      .filter(Boolean)
      .join(' · ');
    if (this.sub.textContent !== text)
      fill(
        this.sub,
        el('span', { class: 'sign ' + tone(c.state), text: sign(c.state) + ' ' }),
        text,
      );
  }

  /** The tab beside, by an arrow. */
  turn(by) {
    const views = VIEWS.map(v => v[0]),
      at = views.indexOf(place().view || '');
    change({ view: views[(at + by + views.length) % views.length] });
    this.tabs.children[(at + by + views.length) % views.length].focus();
  }
}

/* ---- why it ran, and what it took ---- */

function fact(name, ...what) {
  const some = what.flat().filter(w => w !== '' && w !== false && w !== undefined && w !== null);
  return some.length ? [el('dt', { text: name }), el('dd', {}, some)] : [];
}

function why(c, choose) {
  const run = store.run,
    at = ms => (ms === undefined ? '' : short(ms) + ' after the start');
  const link = other => button(other.name, () => choose(other.id), { class: 'plain' });
  const up = above(run, c);
  return [
    el(
      'dl',
      { class: 'facts' },
      fact('why', because(c)),
      fact(
        'called by',
        up.length ? up.flatMap((o, i) => (i ? [' › ', link(o)] : [link(o)])) : 'the command line',
      ),
      fact('since', c.cause && run.call(c.cause) && [link(run.call(c.cause)), ' failed']),
      fact('shared with', c.twin && run.call(c.twin) && link(run.call(c.twin))),
      fact('said', c.error),
      fact('exit status', c.exit > 0 && String(c.exit)),
      fact('signal', c.signal && String(c.signal)),
      fact('called', at(c.created)),
      fact('began', at(c.firstJob === undefined ? c.start : c.firstJob)),
      fact('ended', at(c.end)),
      fact('took', took(run, c) > 0 && short(took(run, c))),
      fact('waited for a slot', c.slot_wait > 0 && short(c.slot_wait)),
      fact('waited in the queue', c.queue_wait > 0 && short(c.queue_wait)),
      fact('attempts', c.attempts > 1 && String(c.attempts)),
      fact('on', [c.node, c.queue_name && 'job ' + c.queue_name].filter(Boolean).join(', ')),
      fact('cpu time', c.cpu > 0 && short(c.cpu)),
      fact('memory', c.max_rss > 0 && bytes(c.max_rss)),
      fact(
        'blocks',
        (c.blocks_read || c.blocks_written) &&
          `${c.blocks_read || 0} read, ${c.blocks_written || 0} written`,
      ),
      fact('critical path', run.critical().includes(c.id) && 'the run waited for it'),
      fact('run again by', command(rerunCommand(run, c))),
    ),
    c.jobs.length > 1 && jobTable(c),
  ];
}

function because(c) {
  if (c.reason) return c.reason;
  if (c.state === 'up to date') return 'its sources and what it makes are as they were';
  if (c.state === 'cached') return 'what it makes was kept from an earlier run';
  if (c.state === 'waiting')
    return c.kids.some(kid => !isOver(kid)) ? 'waits for what it depends on' : 'waits for a slot';
  if (c.dep) return 'another call depends on it';
  return c.parent ? 'another call asked for it' : 'it was asked for';
}

function jobTable(c) {
  return el(
    'table',
    { class: 'jobs' },
    el('caption', { text: 'commands' }),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        ['slot', 'began', 'took', 'ended with'].map(text => el('th', { scope: 'col', text })),
      ),
    ),
    el(
      'tbody',
      {},
      c.jobs.map(job =>
        el(
          'tr',
          {},
          el('td', { text: (job.pool || '') + ' ' + (job.slot || '') }),
          el('td', { text: short(job.start) }),
          el('td', { text: job.end === undefined ? 'runs' : short(job.end - job.start) }),
          el('td', {
            text:
              job.error ||
              (job.signal
                ? 'signal ' + job.signal
                : job.end === undefined
                  ? ''
                  : String(job.exit || 0)),
          }),
        ),
      ),
    ),
  );
}

/* ---- what was before ---- */

function pastOf(c) {
  const s = usual(c);
  if (!s)
    return el('p', {
      class: 'empty',
      text: 'There were no runs of this call before, or none that are kept.',
    });
  const rate = r => r && r.of > 0 && `${percent(r.passed, r.of)} (${r.passed} of ${r.of})`;
  return [
    s.times.length > 0 &&
      el(
        'figure',
        { class: 'past' },
        makeChart(
          s.times.map(t => t * 1000),
          took(store.run, c),
          tone(c.state),
        ),
        el('figcaption', {
          class: 'soft small',
          text: `the last ${s.times.length} times that it passed, and this one`,
        }),
      ),
    el(
      'dl',
      { class: 'facts' },
      fact('runs', String(s.runs)),
      fact('passed', rate(s.verdicts)),
      fact('side by side', rate(s.parallel)),
      fact('one by one', rate(s.serial)),
      fact(
        'flaky',
        s.flaky > 0
          ? el('span', { class: 'open', text: `${s.flaky} of ${s.flaky_of} on the same tree` })
          : s.flaky_of > 1 && `never in ${s.flaky_of}`,
      ),
      fact('on a second attempt', s.retried > 0 && String(s.retried)),
      fact(
        'usually',
        s.timed > 0 && `${short(s.p50 * 1000)}; one in twenty takes ${short(s.p95 * 1000)} or more`,
      ),
      fact(
        'trend',
        s.timed >= 8 &&
          Math.abs(s.trend) >= 0.002 &&
          `${s.trend > 0 ? '+' : ''}${(s.trend * 100).toFixed(1)} % a run`,
      ),
      fact(
        'nothing to do',
        s.up_to_date + s.cached > 0 && `${s.up_to_date} up to date, ${s.cached} cached`,
      ),
      fact('on the critical path', s.critical > 0 && `in ${s.critical} of ${s.recent} runs`),
      fact('cpu time', s.cpu > 0 && short(s.cpu * 1000)),
      fact('memory', s.max_rss > 0 && bytes(s.max_rss)),
      fact('waits for a slot', s.slot_wait > 0.05 && short(s.slot_wait * 1000)),
    ),
    el('p', { class: 'soft small asof', text: 'as of ' + clock(Date.now()) }),
  ];
}
