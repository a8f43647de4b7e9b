/* SPDX-License-Identifier: MIT */
/* A session: what failed, its workers with their trees, the queue, what is done. */
import { button, calmly, command, el, fill, note, say, unseen } from './dom.js';
import { ago, clock, idTime, short, sign, tone } from './format.js';
import { go } from './place.js';
import { get, post, Problem, remove } from './net.js';
import { sessionState } from './side.js';
import { counts, isBadTest, testLink, testTable, workerList } from './sessionparts.js';
import { fillPlace } from './failures.js';
import { quote, Run } from './model.js';
import { on, store } from './store.js';

const WORDS = {
  passed: 'passed',
  failed: 'FAILED',
  running: 'running',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};

export class SessionView {
  constructor() {
    this.id = '';
    this.body = el('div', {});
    this.node = el('div', { class: 'body' }, this.body);
    this.places = new Map(); // by run: an element, filled once
    this.reload = calmly(700, () => this.load());
    on('session', data => {
      if (data.session_id === this.id) this.take(data);
    });
    on('link', () => {
      if (store.link === 'live' && this.id) this.reload();
    });
  }

  open(id) {
    if (this.id !== id) {
      Object.assign(this, { id, status: null, results: null, problem: '' });
      fill(this.body, el('p', { class: 'empty', text: 'reading …' }));
    }
    return this.load();
  }

  leave() {
    this.id = '';
  }

  async load() {
    const id = this.id;
    if (!id) return;
    try {
      const [status, results] = await Promise.all([
        get(`/parallel-test/${encodeURIComponent(id)}/status`),
        get(`/parallel-test/${encodeURIComponent(id)}/results`),
      ]);
      if (this.id !== id) return;
      Object.assign(this, { status, results, problem: '' });
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.problem = problem.status === 404 ? 'There is no such session.' : problem.message;
    }
    if (this.id === id) this.show();
  }

  take(data) {
    if (this.status) this.status = { ...this.status, ...data };
    this.reload();
  }

  show() {
    if (!this.status) {
      fill(this.body, el('p', { class: 'empty', text: this.problem }));
      return;
    }
    const focus = document.activeElement && document.activeElement.dataset.key;
    const state = sessionState({ ...this.status, session_id: this.id });
    if (this.said && this.said !== this.id + state && this.said.startsWith(this.id))
      say('the session has ' + state);
    this.said = this.id + state;
    fill(
      this.body,
      this.head(state),
      this.failed(),
      workerList(this.status.workers, state),
      testTable(this.results.results),
    );
    const again = focus && this.body.querySelector(`[data-key="${CSS.escape(focus)}"]`);
    if (again) again.focus();
  }

  head(state) {
    const { progress } = this.status,
      isLive = state === 'running',
      all = Math.max(progress.total, 1);
    const sums = [
      ['failed', progress.failed, 'bad'],
      ['running', progress.running, ''],
      ['pending', progress.pending, ''],
      ['passed', progress.completed, ''],
    ].filter(s => s[1] > 0);
    const bad = this.results.results.some(isBadTest);
    const part = (n, kind) => el('i', { class: kind, style: { width: (n / all) * 100 + '%' } });
    return el(
      'header',
      {},
      el(
        'div',
        { class: 'head ' + tone(state) },
        el('span', { class: 'verdict ' + tone(state), text: sign(state) + ' ' + WORDS[state] }),
        el('h1', {
          id: 'run-title',
          tabindex: '-1',
          text: 'Session of ' + progress.total + (progress.total === 1 ? ' test' : ' tests'),
        }),
        el(
          'span',
          { class: 'acts' },
          isLive &&
            button('Cancel', () => this.cancel(), { data: { key: 'cancel' }, title: 'key: c' }),
          !isLive &&
            bad &&
            button('Run failed again', () => this.again(true), {
              class: 'first',
              data: { key: 'failed' },
            }),
          !isLive &&
            button('Run again', () => this.again(false), {
              data: { key: 'again' },
              title: 'key: r',
            }),
        ),
      ),
      el(
        'dl',
        { class: 'sums' },
        sums.map(([text, n, kind]) =>
          el('div', {}, el('dt', { class: kind, text }), el('dd', { text: String(n) })),
        ),
        el(
          'div',
          {},
          el('dt', { text: isLive ? 'for' : 'took' }),
          el('dd', { text: short(this.results.duration_minutes * 60000) }),
        ),
      ),
      el(
        'div',
        {
          class: 'progress',
          role: 'progressbar',
          'aria-label': 'tests that have ended',
          hidden: !isLive,
          'aria-valuenow': String(Math.round(((progress.completed + progress.failed) / all) * 100)),
        },
        part(progress.failed, 'failed'),
        part(progress.completed, 'passed'),
        part(progress.running, 'running'),
      ),
      el(
        'p',
        { class: 'meta' },
        el('span', {
          text:
            'started ' +
            clock(idTime(this.id)) +
            ', ' +
            ago(idTime(this.id), Date.now() + store.skew),
        }),
        el('span', { text: 'session ' + this.id }),
        el('span', {}, command('prun --results ' + this.id)),
      ),
    );
  }

  failed() {
    const bad = this.results.results.filter(isBadTest);
    if (!bad.length) return null;
    return el(
      'section',
      { 'aria-labelledby': 'failures' },
      el(
        'div',
        { class: 'section' },
        el(
          'h2',
          { id: 'failures' },
          'Failures ',
          el('span', { class: 'n', text: String(bad.length) }),
        ),
      ),
      el(
        'div',
        { class: 'failures' },
        bad.map(r =>
          el(
            'div',
            { class: 'card failure failed' },
            el(
              'div',
              { class: 'row-of' },
              el('span', { class: 'sign', 'aria-hidden': 'true', text: '✗' }),
              el('h3', { class: 'cut' }, testLink(r)),
              el('span', { class: 'why', text: r.error || '' }),
              el('span', { class: 'soft', text: counts(r) }),
              el('span', { class: 'num', text: short(r.duration_seconds * 1000) }),
              el(
                'span',
                { class: 'acts' },
                r.worktree_path && el('span', { class: 'soft', text: 'its tree is kept' }),
                r.worktree_path && command('cd ' + quote(r.worktree_path)),
                r.report_path &&
                  el('span', { class: 'soft' }, 'report ', el('code', { text: r.report_path })),
                r.test_run_id &&
                  button(
                    ['open log', unseen(' of ' + r.plan_file)],
                    () => this.openLog(r.test_run_id),
                    { class: 'small', data: { key: 'log ' + r.plan_file + r.execution_id } },
                  ),
              ),
            ),
            r.test_run_id && this.place(r.test_run_id),
          ),
        ),
      ),
    );
  }

  /** The failing place of a test's run: what failed first there. */
  place(id) {
    if (this.places.has(id)) return this.places.get(id).node;
    const node = el('pre', {
      class: 'place',
      tabindex: '0',
      role: 'group',
      'aria-label': 'end of the log',
    });
    const one = { node, call: '' };
    this.places.set(id, one);
    node.addEventListener('click', () => {
      if (String(getSelection()) === '') this.openLog(id);
    });
    this.fillPlace(id, one);
    return node;
  }

  async fillPlace(id, one) {
    try {
      const run = new Run(id);
      run.load(await get('/runs/' + encodeURIComponent(id)));
      const [c] = run.failures();
      if (!c)
        throw new Problem(0, {
          title: run.end ? run.end.verdict || run.end.error : 'its run was killed',
        });
      one.call = String(c.id);
      await fillPlace(one.node, run, c);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      one.node.classList.add('soft');
      fill(one.node, problem.status === 404 ? 'its run is no longer kept' : problem.message);
    }
  }

  openLog(id) {
    const one = this.places.get(id);
    go('runs', id, { call: one && one.call });
  }

  async cancel() {
    try {
      await remove('/parallel-test/' + this.id);
      note('the session was told to end');
    } catch (problem) {
      note(problem.message, 'bad');
    }
    this.reload();
  }

  /** All of its tests, or those that failed, as a new session. */
  async again(onlyFailed) {
    const some = this.results.results.filter(r => !onlyFailed || isBadTest(r));
    const plans = some.map(r =>
      r.plan_file && r.plan_file !== r.task
        ? { plan_file: r.plan_file, batch_range: r.batch_range || 'all', task: r.task }
        : { task: r.task || r.plan_file },
    );
    const { num_workers: workers } = store.sessions.find(s => s.session_id === this.id) || {};
    try {
      const started = await post('/parallel-test/start', {
        test_plans: plans,
        num_workers: workers,
      });
      go('sessions', started.session_id);
    } catch (problem) {
      note(problem.errors && problem.errors[0] ? problem.errors[0].detail : problem.message, 'bad');
    }
  }
}
