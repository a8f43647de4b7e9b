/* SPDX-License-Identifier: MIT */
/* The server: questions and answers, the one stream of events, and the token. Nothing else in this
 * page talks to the network. */

const BASE = '/api/v1';
/* Names of events; those of a journal's lines and those that are the server's own. */
const EVENTS = [
  'run',
  'call',
  'start',
  'job',
  'job_end',
  'call_end',
  'end',
  'machine',
  'dropped',
  'log',
  'resync',
  'bye',
  'session',
];

/** What the server says is wrong, as RFC 9457 has it; status 0: it was not reached. */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || 'the server does not answer');
    this.status = status;
    this.errors = body.errors || [];
    this.retryAfter = 0;
  }
}

let onLost = () => {};
/** work(): called whenever the server no longer knows us. */
export function whenLost(work) {
  onLost = work;
}

async function problemOf(answer) {
  let body = {};
  try {
    body = await answer.json();
  } catch {
    /* a proxy's page, or nothing */
  }
  const problem = new Problem(answer.status, {
    title: answer.status + ' ' + answer.statusText,
    ...body,
  });
  problem.retryAfter = Number(answer.headers.get('Retry-After')) || 0;
  if (answer.status === 401) onLost();
  return problem;
}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(BASE + path, {
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      ...options,
    });
  } catch {
    throw new Problem(0);
  }
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

export async function get(path) {
  return (await ask(path)).json();
}

/** One page of a list, and whether there are more. */
export async function getPage(path) {
  const answer = await ask(path);
  return [await answer.json(), /rel="?next/.test(answer.headers.get('Link') || '')];
}

function key() {
  const some = crypto.getRandomValues(new Uint8Array(16));
  return [...some].map(n => n.toString(16).padStart(2, '0')).join('');
}

/** Sent again with the same key where the network failed: the server does it once. */
export async function post(path, body) {
  const options = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key() },
  };
  try {
    return await (await ask(path, options)).json();
  } catch (problem) {
    if (problem.status !== 0) throw problem;
    return (await ask(path, options)).json();
  }
}

export async function remove(path) {
  return (
    await ask(path, { method: 'DELETE', headers: { 'Content-Type': 'application/json' } })
  ).json();
}

/** The token for a cookie, which the page itself cannot read. */
export async function login(token) {
  await ask('/login', {
    method: 'POST',
    body: JSON.stringify({ token }),
    headers: { 'Content-Type': 'application/json' },
  });
}

/** Bytes [from, to) of a log: { bytes, total, isComplete }; none where there are no more yet.
 * The last byte that is known is asked for again: a range that begins at the end of a log is an
 * error, and a browser would complain of it. */
export async function getLog(run, call, from, to) {
  const first = Math.max(from - 1, 0);
  const answer = await ask(`/runs/${run}/logs/${call}`, {
    headers: { Range: `bytes=${first}-${to - 1}` },
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const total = /\/(\d+)$/.exec(answer.headers.get('Content-Range') || '');
  return {
    bytes: bytes.subarray(answer.status === 200 ? from : from - first),
    total: total ? Number(total[1]) : bytes.length,
    isComplete: answer.headers.get('Prun-Complete') === '1',
  };
}

/* ---- the stream ---- */

const LONGEST_WAIT = 15000;

/** One stream for the whole page: what happens to runs and sessions, and all of one run. */
export class Stream {
  /** take(name, data): an event. state(word): 'live', 'lost'. */
  constructor(take, state) {
    Object.assign(this, { take, state, run: '', last: 0, source: null, wait: 500, timer: 0 });
    addEventListener('online', () => this.again());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && !this.source) this.again();
    });
  }

  /** Follows that run, from behind that event on; '' follows none. */
  follow(run, after = 0) {
    this.run = run;
    this.last = after;
    this.wait = 500;
    this.open();
  }

  open() {
    this.close();
    const query = this.run ? `?run=${this.run}&after=${this.last}` : '';
    const source = new EventSource(BASE + '/events' + query);
    this.source = source;
    for (const name of EVENTS)
      source.addEventListener(name, event => this.got(source, name, event));
    source.onopen = () => {
      this.wait = 500;
      this.state('live');
    };
    source.onerror = () => this.failed(source);
  }

  got(source, name, event) {
    if (source !== this.source) return;
    const id = Number(event.lastEventId);
    const data = parse(event.data);
    if (this.run && id > this.last) this.last = id;
    if (data) this.take(name, data);
  }

  /* The browser connects again by itself, with Last-Event-ID, unless the answer was an error. */
  failed(source) {
    if (source !== this.source) return;
    this.state('lost');
    if (source.readyState !== EventSource.CLOSED) return;
    this.source = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.again(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /* An EventSource does not say why it was refused; a question does. */
  async again() {
    if (this.source && this.source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.timer);
    try {
      await get('/server');
    } catch (problem) {
      if (problem.status === 401) return;
      this.timer = setTimeout(() => this.again(), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      return;
    }
    this.open();
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
