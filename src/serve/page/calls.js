/* SPDX-License-Identifier: MIT */
/* The list of all calls of a run: found by name, told apart by state, put in order; 2,000 and more. */
import { byId, el, fill, toggle } from './dom.js';
import { short, sign, ticking, tone } from './format.js';
import { change, place } from './place.js';
import { isBad, isOver, took, waitsForCalls } from './model.js';
import { Rows } from './rows.js';
import { store, usualTime } from './store.js';

const FILTERS = [
  ['', 'all', () => true],
  ['failed', 'failed', isBad],
  ['running', 'running', c => c.state === 'running'],
  ['waiting', 'waiting', c => c.state === 'waiting' && !waitsForCalls(c)],
  ['flaky', 'flaky', c => Boolean(c.flaky || c.quarantined)],
  ['not', 'not run', c => c.state === 'not run' || c.state === 'cancelled'],
  ['skipped', 'nothing to do', c => ['up to date', 'cached', 'skipped'].includes(c.state)],
];
const RANK = { failed: 0, 'timed out': 0, running: 1, waiting: 2, 'not run': 3, cancelled: 3 };
const rank = c => (c.state in RANK ? RANK[c.state] : c.flaky ? 3 : 4);
const ORDERS = {
  '': ['failed first', (a, b) => rank(a) - rank(b) || a.id - b.id],
  tree: ['as called', null],
  slow: ['slowest first', (a, b) => took(store.run, b) - took(store.run, a) || a.id - b.id],
  wait: ['longest waits first', (a, b) => (b.slot_wait || 0) - (a.slot_wait || 0) || a.id - b.id],
};

const list = { rows: null, calls: [], box: null, search: null, longest: 1 };

/** Makes the list within a node that scrolls with `scroller`. */
export function makeCalls(scroller, choose) {
  list.choose = choose;
  list.search = el('input', {
    type: 'search',
    id: 'find',
    placeholder: 'name of a call',
    spellcheck: 'false',
    'aria-label': 'find calls by name',
    autocomplete: 'off',
    on: { input: () => change({ find: list.search.value }) },
  });
  list.filters = el('div', { class: 'filters', role: 'group', 'aria-label': 'which calls' });
  list.order = el(
    'select',
    {
      'aria-label': 'order of the calls',
      on: { change: () => change({ sort: list.order.value }) },
    },
    Object.entries(ORDERS).map(([key, [text]]) => el('option', { value: key, text })),
  );
  list.none = el('p', { class: 'empty', text: 'No call is like that.', hidden: true });
  list.box = el('div', {
    class: 'rows',
    role: 'listbox',
    id: 'calls',
    tabindex: '0',
    'aria-label': 'calls',
  });
  list.box.addEventListener('click', event => {
    const row = event.target.closest('.row');
    if (row) list.choose(Number(row.dataset.id));
  });
  list.rows = new Rows({ box: list.box, scroller, height: 28, make });
  return el(
    'div',
    {},
    el('div', { class: 'bar-of' }, list.search, list.filters, list.order),
    list.none,
    list.box,
  );
}

/** Again from the run, as the place says. */
export function showCalls() {
  const run = store.run,
    { only = '', sort = '', find = '' } = place();
  if (document.activeElement !== list.search) list.search.value = find;
  list.order.value = sort in ORDERS ? sort : '';
  const calls = run.calls.filter(Boolean);
  showFilters(calls, only);
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const test = (FILTERS.find(f => f[0] === only) || FILTERS[0])[2];
  list.calls = ordered(
    calls.filter(c => test(c) && words.every(w => (c.name || '').toLowerCase().includes(w))),
    sort,
  );
  list.longest = calls.reduce((most, c) => Math.max(most, took(run, c)), 1);
  list.none.hidden = list.calls.length > 0;
  list.rows.set(list.calls.length);
  mark();
}

function ordered(calls, sort) {
  const by = (ORDERS[sort] || ORDERS[''])[1];
  for (const c of calls) c.depth = 0;
  if (by) return calls.sort(by);
  const kept = new Set(calls),
    out = [],
    seen = new Set();
  const stack = calls
    .filter(c => !kept.has(store.run.call(c.parent)))
    .reverse()
    .map(c => [c, 0]);
  while (stack.length) {
    const [c, depth] = stack.pop();
    if (seen.has(c)) continue;
    seen.add(c);
    c.depth = depth;
    out.push(c);
    for (let i = c.kids.length - 1; i >= 0; i--)
      if (kept.has(c.kids[i])) stack.push([c.kids[i], depth + 1]);
  }
  return out;
}

function showFilters(calls, only) {
  const some = FILTERS.map(([key, text, test]) => [
    key,
    text,
    key === '' ? calls.length : calls.filter(test).length,
  ]);
  const shape = only + some.map(f => f[2]).join();
  if (list.shape === shape) return;
  list.shape = shape;
  const focus = document.activeElement && document.activeElement.dataset.only;
  fill(
    list.filters,
    some
      .filter(f => f[2] > 0 || f[0] === only || f[0] === '')
      .map(([key, text, n]) =>
        toggle(text + ' ' + n, key === only, () => change({ only: key }), {
          class: 'small',
          data: { only: key },
        }),
      ),
  );
  if (focus !== undefined && list.filters.contains(document.activeElement) === false) {
    const again = list.filters.querySelector(`[data-only="${focus}"]`);
    if (again && document.activeElement === document.body) again.focus();
  }
}

/** What a call failed with, in a few words. */
export function whyBad(c) {
  if (c.state === 'timed out') return 'timed out';
  if (!isBad(c)) return '';
  if (c.cause) return 'since ' + nameOf(c.cause) + ' failed';
  return c.signal ? 'signal ' + c.signal : c.exit > 0 ? 'exit status ' + c.exit : 'failed';
}

/** What was said of it, without the name and the status that stand beside it. */
export function errorOf(c) {
  const text = (c.error || '').replace(/^task: Failed to run task "[^"]*": /, '');
  return /^exit status \d+$/.test(text) ? '' : text;
}

/** What is worth saying of a call beside its name, its time and what it failed with. */
export function remark(c) {
  const out = [];
  if (c.state === 'waiting' && waitsForCalls(c)) out.push('its calls go on');
  if (!isBad(c) && !['passed', 'running', 'waiting'].includes(c.state)) out.push(c.state);
  if (c.attempts > 1 && !c.flaky) out.push(c.attempts + ' attempts');
  if (c.quarantined) out.push('in quarantine');
  if (c.twin) out.push('shared with ' + nameOf(c.twin));
  if (c.slot_wait > 100) out.push('waited ' + short(c.slot_wait));
  return out.join(', ');
}

function remarks(c) {
  const bad = (whyBad(c) === 'failed' && errorOf(c)) || whyBad(c),
    soft = remark(c);
  return [
    bad && el('b', { text: bad }),
    c.flaky && el('i', { text: `flaky, ${c.attempts} attempts` }),
    (bad || c.flaky) && soft && ', ',
    soft,
  ];
}

const nameOf = id => (store.run.call(id) || { name: '#' + id }).name;

function timeOf(c) {
  if (c.state === 'running') return ticking(took(store.run, c));
  if (c.state === 'waiting') return '';
  const ms = took(store.run, c);
  return ms > 0 ? short(ms) : '-';
}

function make(index) {
  const c = list.calls[index],
    critical = store.run.critical().includes(c.id);
  const chosen = String(c.id) === place().call;
  const width =
    c.state === 'waiting'
      ? '0'
      : Math.max((took(store.run, c) / list.longest) * 100, 0).toFixed(1) + '%';
  return el(
    'div',
    {
      class: 'row ' + tone(c.state),
      role: 'option',
      id: 'call-' + c.id,
      data: { id: c.id },
      'aria-selected': String(chosen),
      'aria-setsize': String(list.calls.length),
      'aria-posinset': String(index + 1),
    },
    el('span', { class: 'sign', 'aria-hidden': 'true', text: sign(c.state) }),
    el(
      'span',
      { class: 'name cut', style: { 'padding-left': Math.min(c.depth, 12) * 14 + 'px' } },
      el('span', { class: 'away', text: c.state + ' ' }),
      c.name,
      critical && el('span', { class: 'tag', title: 'on the critical path', text: ' ◆' }),
    ),
    el('span', { class: 'remark cut' }, remarks(c)),
    el('span', { class: 'meter', 'aria-hidden': 'true' }, el('i', { style: { width } })),
    el('span', { class: 'num time', text: timeOf(c) }),
  );
}

function mark() {
  const id = place().call;
  const seen = id && byId('call-' + id);
  if (seen) list.box.setAttribute('aria-activedescendant', seen.id);
  else list.box.removeAttribute('aria-activedescendant');
}

/** Another call is chosen, or none. */
export function showChosen(reveal) {
  const at = list.calls.findIndex(c => String(c.id) === place().call);
  list.rows.redoAll();
  if (at >= 0 && reveal) list.rows.reveal(at);
  mark();
}

/** The next call of the list, or the one before. */
export function step(by) {
  if (!list.calls.length) return;
  const at = list.calls.findIndex(c => String(c.id) === place().call);
  const next =
    at < 0
      ? by > 0
        ? 0
        : list.calls.length - 1
      : Math.min(Math.max(at + by, 0), list.calls.length - 1);
  list.choose(list.calls[next].id);
}

/** Once a second: the ages of what runs. */
export function tickCalls() {
  for (const [index, node] of list.rows.shown) {
    const c = list.calls[index];
    if (c && c.state === 'running') node.querySelector('.time').textContent = timeOf(c);
  }
}

/** Milliseconds until the run is over, by what its calls usually took; 0: nothing is known. */
export function timeLeft(run) {
  let sum = 0,
    most = 0,
    known = 0,
    all = 0;
  for (const c of run.calls) {
    if (!c || isOver(c) || (c.kids.length && !c.jobs.length)) continue;
    all++;
    const usual = usualTime(c);
    if (!usual) continue;
    known++;
    const left = Math.max(usual - (c.state === 'running' ? took(run, c) : 0), 0);
    sum += left;
    most = Math.max(most, left);
  }
  if (known < all / 2 || known === 0) return 0;
  return Math.max(((sum / known) * all) / Math.max(run.about.slots || 1, 1), most);
}
