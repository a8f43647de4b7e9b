/* SPDX-License-Identifier: MIT */
/* Puts the page together: who is asked, what is shown where, what keys and buttons do. */
import { button, byId, copy, el, fill } from './dom.js';
import { login, Problem, whenLost } from './net.js';
import { change, go, place, takeToken, taste, watch } from './place.js';
import { quote, rerunCommand } from './model.js';
import { Detail } from './detail.js';
import { forgetScroll } from './logplace.js';
import { HistoryView } from './historyview.js';
import { confirm, listen, showKeys } from './keys.js';
import { keepLook, turnLook } from './look.js';
import { cancel, rerun, rerunAll } from './starting.js';
import { RunView } from './runview.js';
import { SessionView } from './sessionview.js';
import { Side } from './side.js';
import { StartView } from './startview.js';
import { step } from './calls.js';
import {
  connect,
  disconnect,
  loadLists,
  loadServer,
  loadStats,
  on,
  openRun,
  store,
} from './store.js';

const main = byId('main'),
  panes = byId('panes');
const views = {};
let shown = null; // the view in the middle

/* ---- where we are ---- */

/** A call's log; of a failed one the failing place, wherever it stood before. */
function open(c) {
  forgetScroll(store.run.id, c.id);
  change({ call: String(c.id), line: '', view: '' }, true);
  byId('detail').querySelector('.log').focus({ preventScroll: true });
}

function choose(id) {
  const isFirst = !place().call;
  change({ call: String(id), line: '' }, isFirst);
}

function makeViews() {
  views.run = new RunView(main, { open, choose, rerun, rerunAll, cancel });
  views.session = new SessionView();
  views.start = new StartView();
  views.history = new HistoryView(main);
  views.side = new Side();
  views.list = new Side();
  views.listed = {
    node: el(
      'div',
      { class: 'listed' },
      el('h1', { text: 'Runs and sessions', id: 'run-title', tabindex: '-1' }),
      views.list.node,
    ),
  };
  views.detail = new Detail({ rerun, choose });
  fill(byId('side'), views.side.node);
  fill(byId('detail'), views.detail.node);
}

function showIn(view) {
  if (shown === view) return;
  shown = view;
  fill(main, view.node);
  main.scrollTop = 0;
}

const empty = { node: el('div', { class: 'body' }) };
function showEmpty(...what) {
  fill(empty.node, el('div', { class: 'empty' }, what));
  showIn(empty);
}

function showLayout() {
  const { kind, call } = place();
  const hasDetail =
    kind === 'runs' && Boolean(call) && store.run !== null && Boolean(store.run.call(Number(call)));
  panes.classList.toggle('two', hasDetail);
  byId('detail').hidden = !hasDetail;
  panes.dataset.at = hasDetail ? 'detail' : 'main';
  for (const link of document.querySelectorAll('.top nav a'))
    if (link.dataset.kind === kind) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  return hasDetail;
}

/** What is shown follows from the place alone. */
function show(now, old = {}) {
  if (now.kind !== 'sessions') views.session.leave();
  if (now.kind === 'runs' && now.id) {
    if (!store.run || store.run.id !== now.id) {
      openRun(now.id);
      showLayout();
      showLists();
      return;
    }
    showRun(now, old);
  } else if (now.kind === 'sessions' && now.id) {
    showIn(views.session);
    views.session.open(now.id);
  } else if (now.kind === 'start') {
    showIn(views.start);
    if (old.kind === 'start') views.start.show();
    else views.start.open();
  } else if (now.kind === 'history') {
    showIn(views.history);
    views.history.open();
  } else if (now.kind === 'list') showIn(views.listed);
  else newest();
  showLayout();
  if (now.kind !== old.kind || now.id !== old.id) {
    showLists();
    title();
  }
}

function showRun(now, old) {
  const isOther = shown !== views.run || old.id !== now.id || old.kind !== 'runs';
  showIn(views.run);
  const hasDetail = showLayout();
  if (isOther || ['tab', 'only', 'sort', 'find'].some(key => now[key] !== old[key]))
    views.run[isOther ? 'show' : 'showTab']();
  if (hasDetail) views.detail.show();
  if (now.call !== old.call) views.run.chosen(true);
}

/** Where nothing is asked for: what runs, else what ran last. */
function newest() {
  const live = store.runs.find(r => r.status === 'running') || store.runs[0];
  const session = store.sessions[0];
  if (session && (!live || session.session_id > live.run_id))
    change({ kind: 'sessions', id: session.session_id });
  else if (live) change({ kind: 'runs', id: live.run_id });
  else
    showEmpty(
      el('h1', { text: 'Nothing has run here yet' }),
      el('p', {}, 'Start something in a terminal, or ', el('a', { href: '#/start' }, 'here'), '.'),
    );
}

function title() {
  const { kind } = place(),
    run = kind === 'runs' ? store.run : null;
  const mark = run ? { failed: '✗ ', running: '▸ ', passed: '✓ ' }[run.state] || '' : '';
  const what = run
    ? (run.about.tasks || []).join(' ') || 'default'
    : kind === 'sessions'
      ? 'session'
      : kind;
  document.title =
    mark + [what, store.server && store.server.project, 'prun'].filter(Boolean).join(' · ');
}

function showLists() {
  views.side.show();
  views.list.show();
}

/* ---- what the server says ---- */

function wire() {
  on('runs', () => {
    showLists();
    if (place().kind === '' && shown === empty) newest();
  });
  on('sessions', showLists);
  on('server', () => {
    byId('root').textContent = store.server.project;
    byId('root').title = store.server.root;
    title();
  });
  on('run', () => {
    const now = place();
    if (now.kind !== 'runs') return;
    if (!store.run) {
      showEmpty(
        el('h1', { text: store.missing }),
        button('the newest run', () => go('')),
      );
      showLayout();
      return;
    }
    views.detail.shape = '';
    views.detail.logs.adopt(store.run);
    showRun(now, {});
    showLists();
    title();
  });
  on('events', () => {
    if (shown !== views.run || !store.run) return;
    const before = document.title;
    views.run.events();
    if (showLayout()) views.detail.events();
    title();
    if (document.title !== before) showLists();
  });
  on('stats', () => {
    if (shown === views.run && store.run) {
      views.run.events();
      views.run.failures.stats();
      if (place().view === 'history') views.detail.show();
    }
    if (shown === views.history) views.history.show();
  });
  on('link', showLink);
  setInterval(tick, 1000);
}

function showLink() {
  const at = byId('link'),
    isLost = store.link === 'lost';
  at.classList.toggle('lost', isLost);
  at.firstElementChild.textContent = isLost ? 'no connection' : 'live';
  byId('banner').hidden = !isLost;
}

function tick() {
  if (document.hidden) return;
  if (shown === views.run && store.run && store.run.isLive) {
    views.run.tick();
    views.detail.tick();
  }
  if (store.runs.some(r => r.status === 'running')) showLists();
}

/* ---- keys ---- */

const withCall = work => () => (views.detail.call ? work(views.detail.call) : false);
const withRun = work => () => (shown === views.run && store.run ? work() : false);
const inLog = work => () => (views.detail.call && !place().view ? work(views.detail.logs) : false);

function search() {
  const at =
    !byId('detail').hidden && !place().view
      ? byId('search')
      : main.querySelector('#find, #find-history, #find-task');
  if (!at || !at.offsetParent) return false;
  at.focus();
  at.select();
}

function back() {
  if (place().call) views.detail.close();
  else if (place().kind === 'start' || place().kind === 'history') history.back();
  else return false;
  const list = byId('calls');
  if (list && list.isConnected) list.focus({ preventScroll: true });
}

const turn = by => at => {
  if (at.closest('#detail')) views.detail.turn(by);
  else if (shown && shown.turn) shown.turn(by);
};

const actions = {
  help: showKeys,
  start: () => go('start'),
  history: () => go('history'),
  look: turnLook,
  back,
  search,
  side: () => {
    const isHidden = getComputedStyle(byId('side')).display === 'none';
    if (isHidden) go('list');
    const link = (isHidden ? main : byId('side')).querySelector('a[aria-current], li a');
    if (link) link.focus();
  },
  next: withRun(() => step(1)),
  previous: withRun(() => step(-1)),
  enter: withCall(c => open(c)),
  failure: withRun(() => {
    const [first] = store.run.failures();
    if (!first) return false;
    open(first);
  }),
  failed: withRun(() => change({ only: place().only === 'failed' ? '' : 'failed', tab: '' })),
  tab1: withRun(() => change({ tab: '' })),
  tab2: withRun(() => change({ tab: 'timeline' })),
  tab3: withRun(() => change({ tab: 'graph' })),
  left: turn(-1),
  right: turn(1),
  rerun: () => {
    if (shown === views.session) views.session.again(false);
    else if (views.detail.call && !byId('detail').hidden) rerun(views.detail.call);
    else if (shown === views.run && store.run) rerunAll(false);
    else return false;
  },
  rerunFailed: () => {
    if (shown === views.session) views.session.again(true);
    else if (shown === views.run && store.run) rerunAll(true);
    else return false;
  },
  cancel: () => {
    if (shown === views.session && views.session.status)
      confirm('Cancel this session? What runs is ended.', 'Cancel it', () =>
        views.session.cancel(),
      );
    else if (shown === views.run && store.run && store.run.isLive) cancel();
    else return false;
  },
  match: inLog(logs => logs.jump(1)),
  matchBefore: inLog(logs => logs.jump(-1)),
  place: inLog(logs => logs.toFailure()),
  keep: withCall(c => views.detail.keep(c.id)),
  wrap: inLog(logs => logs.setWrap(taste('wrap') === 'off')),
  copy: () => {
    if (views.detail.call && !byId('detail').hidden)
      copy(rerunCommand(store.run, views.detail.call));
    else if (shown === views.run && store.run)
      copy(['prun', ...(store.run.about.argv || []).map(quote)].join(' '));
    else return false;
  },
};

/* ---- the beginning ---- */

async function enter(token) {
  if (token) await login(token);
  await loadServer();
  byId('login').hidden = true;
  panes.hidden = false;
  await loadLists();
  loadStats();
  connect();
  show(place());
}

function askToken(text) {
  disconnect();
  panes.hidden = true;
  byId('login').hidden = false;
  byId('login-error').textContent = text;
  byId('token').focus();
}

async function begin(token) {
  try {
    await enter(token);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 401) askToken(token ? 'This is not the token of this server.' : '');
    else {
      byId('banner').hidden = false;
      setTimeout(() => begin(''), 2000);
    }
  }
}

function startPage() {
  keepLook();
  makeViews();
  wire();
  listen(actions);
  watch(show);
  byId('look').addEventListener('click', turnLook);
  byId('help').addEventListener('click', showKeys);
  byId('list').addEventListener('click', () => go('list'));
  byId('jump').addEventListener('click', event => {
    event.preventDefault(); // the fragment is the place, not an anchor
    const at = byId('run-title');
    if (at) at.focus();
  });
  byId('login').addEventListener('submit', event => {
    event.preventDefault();
    const given = byId('token').value.trim();
    byId('token').value = '';
    begin(given.replace(/^.*#/, ''));
  });
  whenLost(() => askToken('The server asks for its token again.'));
  begin(takeToken());
}

startPage();
