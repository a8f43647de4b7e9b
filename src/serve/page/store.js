/* SPDX-License-Identifier: MIT */
/* What the page knows of the server: the lists, the run that is looked at, what earlier runs say.
 * Views are told by names of what has changed:
 *
 *   runs, sessions   the lists           run       another run, or all of it anew
 *   events           more of the run     log       { call, size } of the run has grown
 *   session          { session_id … }    link      the stream is live or lost
 *   stats            what is usual       server    who it is
 */
import { get, getPage, Problem, Stream } from './net.js';
import { Run } from './model.js';
import { calmly } from './dom.js';

const PAGE = 50;
const listeners = new Map();

export const store = {
  server: null,
  runs: [],
  sessions: [],
  moreRuns: false,
  moreSessions: false,
  run: null,
  missing: '',
  link: 'none',
  stats: null,
  skew: 0,
};

export function on(name, work) {
  if (!listeners.has(name)) listeners.set(name, []);
  listeners.get(name).push(work);
}

export function emit(name, data) {
  for (const work of listeners.get(name) || []) work(data);
}

/* ---- the lists ---- */

const byAge = (a, b) => (a < b ? 1 : a > b ? -1 : 0);

function put(list, key, one) {
  const at = list.findIndex(other => other[key] === one[key]);
  if (at >= 0) list[at] = { ...list[at], ...one };
  else list.push(one);
  list.sort((a, b) => byAge(a[key], b[key]));
}

export async function loadLists() {
  const [[runs, moreRuns], [sessions, moreSessions]] = await Promise.all([
    getPage('/runs?limit=' + PAGE),
    // A server that cannot read its database now still shows the runs.
    getPage('/parallel-test?limit=' + PAGE).catch(() => [{ sessions: store.sessions }, false]),
  ]);
  const older = olderThan(runs.runs);
  store.runs = [...runs.runs, ...older];
  if (older.length === 0) store.moreRuns = moreRuns;
  Object.assign(store, { sessions: sessions.sessions, moreSessions });
  emit('runs');
  emit('sessions');
}

/* What was loaded before and is not in the newest page, where nothing is missing between. */
function olderThan(newest) {
  const last = newest.length ? newest[newest.length - 1].run_id : '';
  if (!store.runs.some(run => run.run_id === last)) return [];
  return store.runs.filter(run => run.run_id < last);
}

export async function loadOlder() {
  const last = store.runs[store.runs.length - 1];
  const [page, more] = await getPage(`/runs?limit=${PAGE}&after=${last.run_id}`);
  store.runs.push(...page.runs.filter(r => !store.runs.some(other => other.run_id === r.run_id)));
  store.moreRuns = more;
  emit('runs');
}

export async function loadServer() {
  store.server = await get('/server');
  // Ages count by the server's clock, wherever the page is looked at.
  store.skew = Date.parse(store.server.now) - Date.now();
  if (Math.abs(store.skew) < 2000) store.skew = 0;
  emit('server');
}

/* ---- what is usual ---- */

let statsAt = 0;

/** Asked for at most now and then; a run that has ended asks again. */
export async function loadStats(isStale = false) {
  if (store.stats && !isStale && Date.now() - statsAt < 60000) return;
  statsAt = Date.now();
  try {
    const stats = await get('/stats');
    store.stats = { ...stats, by: new Map(stats.calls.map(s => [statsKey(s), s])) };
    emit('stats');
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
  }
}

const statsKey = c => (c.task || c.name) + '\0' + (c.vars || '');

/** Of a call, or null: there is no history of it. */
export const usual = c => (store.stats && store.stats.by.get(statsKey(c))) || null;

/** What a call usually takes in ms, or 0. */
export function usualTime(c) {
  const s = usual(c);
  return s && s.timed ? s.p50 * 1000 : 0;
}

/* ---- the run that is looked at ---- */

const tellEvents = calmly(150, () => emit('events'));
const stream = new Stream(take, link);
let wanted = '';

export async function openRun(id) {
  wanted = id;
  store.missing = '';
  if (id === '') {
    store.run = null;
    if (stream.run) stream.follow('');
    emit('run');
    return;
  }
  try {
    const got = await get('/runs/' + encodeURIComponent(id));
    if (wanted !== id) return;
    const run = new Run(id);
    run.skew = store.skew;
    run.load(got);
    run.summary = got;
    store.run = run;
    if (run.isLive) stream.follow(id, got.event_id);
    else if (stream.run) stream.follow('');
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (wanted !== id) return;
    store.run = null;
    store.missing =
      problem.status === 404
        ? 'There is no such run; maybe it is too old to be kept.'
        : problem.message;
  }
  emit('run');
}

function takeRunEvent(name, data) {
  const run = store.run;
  if (!run || stream.run !== run.id) return;
  if (name === 'log') emit('log', data);
  else if (name === 'resync') openRun(run.id);
  else if (name === 'bye') openRun(run.id).then(() => loadStats(true));
  else {
    run.apply({ ...data, ev: name });
    tellEvents();
  }
}

function take(name, data) {
  if (name === 'session') {
    const session = { ...data.status, ...data.summary };
    put(store.sessions, 'session_id', session);
    emit('sessions');
    emit('session', session);
  } else if (name === 'run' && data.run_id) {
    if (data.parent === undefined || data.parent === '') put(store.runs, 'run_id', data);
    emit('runs');
    emit('summary', data);
    // It was asked for before the server knew of it.
    if (data.run_id === wanted && !store.run && store.missing) openRun(wanted);
  } else takeRunEvent(name, data);
}

/* What began or ended while there was no stream is asked for. */
function link(state) {
  store.link = state;
  emit('link');
  if (state === 'live') loadLists().catch(() => {});
}

/** Follows what happens; after that the run that is looked at, too. */
export const connect = () => stream.follow(stream.run, stream.last);

export const disconnect = () => stream.close();
