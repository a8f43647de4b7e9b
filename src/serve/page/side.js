/* SPDX-License-Identifier: MIT */
/* The runs and sessions on record, those that go on first. */
import { button, el, fill, note } from './dom.js';
import { ago, idTime, short, sign, ticking, tone } from './format.js';
import { address, place } from './place.js';
import { loadOlder, store } from './store.js';

const MOST_SESSIONS = 8;

export class Side {
  constructor() {
    this.sessions = el('ul', { 'aria-label': 'sessions' });
    this.runs = el('ul', { 'aria-label': 'runs' });
    this.foot = el(
      'div',
      { class: 'foot' },
      button('older runs', () => loadOlder().catch(problem => note(problem.message, 'bad')), {
        class: 'small',
      }),
    );
    this.sessionsTitle = el('h2', { text: 'Sessions' });
    this.none = el('p', { class: 'soft pad', text: 'Nothing has run here yet.' });
    this.node = el(
      'div',
      { class: 'list' },
      this.sessionsTitle,
      this.sessions,
      el('h2', { text: 'Runs' }),
      this.runs,
      this.none,
      this.foot,
    );
    this.all = false;
  }

  show() {
    const focus = document.activeElement && document.activeElement.closest('.list a');
    const href = focus && this.node.contains(focus) && focus.getAttribute('href');
    const sessions = this.all ? store.sessions : store.sessions.slice(0, MOST_SESSIONS);
    this.sessionsTitle.hidden = sessions.length === 0;
    fill(
      this.sessions,
      sessions.map(sessionRow),
      sessions.length < store.sessions.length &&
        el(
          'li',
          { class: 'pad' },
          button(
            'older sessions',
            () => {
              this.all = true;
              this.show();
            },
            { class: 'small' },
          ),
        ),
    );
    fill(this.runs, store.runs.map(runRow));
    this.none.hidden = store.runs.length > 0;
    this.foot.hidden = !store.moreRuns;
    if (href) {
      const again = this.node.querySelector(`a[href="${CSS.escape(href)}"]`);
      if (again) again.focus();
    }
  }
}

function row(kind, id, state, name, right, more) {
  const { kind: k, id: i } = place();
  return el(
    'li',
    { class: tone(state) },
    el(
      'a',
      { href: address({ kind, id }), 'aria-current': k === kind && i === id && 'page' },
      el('span', { class: 'sign', 'aria-hidden': 'true', text: sign(state) }),
      el('span', { class: 'cut' }, el('span', { class: 'away', text: state + ' ' }), name),
      el('span', { class: 'num', text: right }),
      el('span', { class: 'more' }, more),
    ),
  );
}

const now = () => Date.now() + store.skew;

function runRow(run) {
  const started = Date.parse(run.started_at),
    isLive = run.status === 'running';
  const verdict = (run.verdict || '').replace(/^FAILED: /, '');
  return row(
    'runs',
    run.run_id,
    run.status,
    run.tasks.join(' ') || 'default',
    isLive
      ? ticking(now() - started)
      : run.duration_seconds === undefined
        ? ''
        : short(run.duration_seconds * 1000),
    [
      el('span', {
        class: 'cut' + (run.status === 'failed' ? ' bad' : ''),
        text: isLive ? 'running' : run.status === 'passed' ? '' : verdict || run.status,
      }),
      el('span', { text: ago(started, now()) }),
    ],
  );
}

/** A session that is told of by the stream may have its progress alone. */
export function sessionSums(s) {
  const p = s.progress || {};
  return {
    total: s.tests_total !== undefined ? s.tests_total : p.total || 0,
    passed: p.completed !== undefined ? p.completed : s.tests_passed || 0,
    failed: p.failed !== undefined ? p.failed : s.tests_failed || 0,
  };
}

export const sessionState = s =>
  s.status === 'completed'
    ? sessionSums(s).failed
      ? 'failed'
      : 'passed'
    : s.status === 'pending'
      ? 'running'
      : s.status;

function sessionRow(s) {
  const { total, passed, failed } = sessionSums(s),
    state = sessionState(s);
  const started = Date.parse(s.started_at) || idTime(s.session_id);
  return row(
    'sessions',
    s.session_id,
    state,
    total + (total === 1 ? ' test' : ' tests'),
    `${passed + failed} of ${total}`,
    [
      el('span', {
        class: 'cut' + (failed ? ' bad' : ''),
        text: failed ? failed + ' failed' : state === 'passed' ? '' : state,
      }),
      el('span', { text: ago(started, now()) }),
    ],
  );
}
