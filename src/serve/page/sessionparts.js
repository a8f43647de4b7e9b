/* SPDX-License-Identifier: MIT */
/* Parts of the page of a session that are made from answers alone. */
import { el } from './dom.js';
import { short, sign, tone } from './format.js';
import { address } from './place.js';

const isDone = r => r.status !== 'pending' && r.status !== 'running';
export const isBadTest = r => r.status === 'failed' || r.status === 'interrupted';

/** Who works on what, in which tree; null where nobody does. */
export function workerList(workers, state) {
  if (!workers.length || (state !== 'running' && !workers.some(w => w.status === 'died')))
    return null;
  return el(
    'section',
    { 'aria-labelledby': 'workers' },
    el(
      'div',
      { class: 'section' },
      el(
        'h2',
        { id: 'workers' },
        'Workers ',
        el('span', { class: 'n', text: String(workers.length) }),
      ),
    ),
    el(
      'ul',
      { class: 'live card' },
      workers.map(w => {
        const is = w.status === 'busy' ? 'running' : w.status === 'died' ? 'failed' : 'waiting';
        return el(
          'li',
          { class: tone(is) + ' worker' },
          el('span', { class: 'sign', 'aria-hidden': 'true', text: sign(is) }),
          el('span', { text: w.worker_id }),
          el('span', { class: 'cut', text: w.current_test || w.status }),
          el('span', { class: 'soft cut', text: w.worktree_id ? 'tree ' + w.worktree_id : '' }),
        );
      }),
    ),
  );
}

/** All tests: what runs, what waits, what is done. */
export function testTable(all) {
  const order = { running: 0, pending: 1 };
  const results = [...all].sort((a, b) => rankOf(order, a) - rankOf(order, b));
  const waiting = results.filter(r => r.status === 'pending').length;
  return el(
    'section',
    { 'aria-labelledby': 'tests' },
    el(
      'div',
      { class: 'section' },
      el(
        'h2',
        { id: 'tests' },
        'Tests and queue ',
        el('span', { class: 'n', text: waiting ? waiting + ' wait' : '' }),
      ),
    ),
    el(
      'div',
      { class: 'card' },
      el(
        'table',
        { class: 'tests' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ['test', 'tasks', 'attempts', 'worker', 'tree', 'took'].map((text, i) =>
              el('th', { scope: 'col', class: i > 0 && i < 5 ? 'wide' : false, text }),
            ),
          ),
        ),
        el('tbody', {}, results.map(testRow)),
      ),
    ),
  );
}

const rankOf = (order, r) => (r.status in order ? order[r.status] : 2);

export const counts = r =>
  r.tasks_passed + r.tasks_failed > 0
    ? `${r.tasks_failed ? r.tasks_failed + ' failed, ' : ''}${r.tasks_passed} passed`
    : '';

const nameOf = r =>
  r.plan_file + (r.batch_range && r.batch_range !== 'all' ? ' ' + r.batch_range : '');

/** Its name, which leads to its run. */
export function testLink(r) {
  return r.test_run_id
    ? el('a', {
        href: address({ kind: 'runs', id: r.test_run_id }),
        text: nameOf(r),
        data: { key: 'test ' + r.plan_file + r.execution_id },
      })
    : nameOf(r);
}

function testRow(r) {
  const state = r.status === 'completed' ? 'passed' : r.status;
  return el(
    'tr',
    { class: tone(state) },
    el(
      'th',
      { scope: 'row' },
      el('span', { class: 'sign', 'aria-hidden': 'true', text: sign(state) + ' ' }),
      el('span', { class: 'away', text: state + ' ' }),
      testLink(r),
    ),
    el('td', { class: 'wide', text: counts(r) }),
    el('td', { class: 'wide', text: r.retry_count ? String(r.retry_count + 1) : '' }),
    el('td', { class: 'wide', text: r.worker_id || '' }),
    el('td', { class: 'wide mono', text: r.worktree_id || '' }),
    el('td', {
      class: 'num',
      text: r.duration_seconds > 0 ? short(r.duration_seconds * 1000) : isDone(r) ? '-' : r.status,
    }),
  );
}
