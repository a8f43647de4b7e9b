/* SPDX-License-Identifier: MIT */
/* A run as its journal tells it, event by event. Knows nothing of elements or of the network.
 * Times are in milliseconds since the start of the run, `at` since the epoch. */

const ms = ns => (ns === undefined ? undefined : ns / 1e6);
const TIMES = [
  'created',
  'start',
  'end',
  'slot_wait',
  'queue_wait',
  'job_time',
  'calls_time',
  'cpu',
  'own_time',
];

export class Run {
  constructor(id) {
    this.id = id;
    this.at = NaN;
    this.skew = 0; // of the clock here behind that of the server
    this.calls = []; // calls[0] is the call number 1
    this.jobs = [];
    this.machine = [];
    this.end = null;
    this.about = {};
    this.changes = 0; // grows with each event, so that who has drawn knows
    this.touched = new Set(); // ids of calls since the last look
    this.isLive = false;
  }

  /** One line of the journal. */
  apply(event) {
    this.changes++;
    const take = TAKES[event.ev];
    if (take) take(this, event);
  }

  /** All of it so far, as GET /runs/ID has it. */
  load({ report, status }) {
    this.isLive = status === 'running';
    this.apply({ ...report.run, ev: 'run' });
    for (const call of report.calls) {
      this.apply({ ...call, ev: 'call' });
      if (call.status !== undefined) ended(this.call(call.id), call);
    }
    for (const job of report.jobs) {
      this.apply({ ...job, ev: 'job' });
      if (job.end !== undefined) this.apply({ ...job, ev: 'job_end' });
    }
    for (const sample of report.machine || []) this.apply({ ...sample, ev: 'machine' });
    if (!this.isLive && report.end && report.end.end !== undefined)
      this.apply({ ...report.end, ev: 'end' });
    const path = [...new Set((report.critical_path || []).map(part => part.call))];
    if (path.length && !this.isLive) {
      this.criticalIds = path;
      this.criticalOf = this.changes;
    }
  }

  call(id) {
    return this.calls[id - 1];
  }

  get isOver() {
    return this.end !== null || !this.isLive;
  }

  /** "running", "passed", "failed", "interrupted": what is said of it in one word. */
  get state() {
    if (!this.end) return this.isLive ? 'running' : 'killed';
    if (this.end.signal) return 'cancelled';
    return this.end.exit ? 'failed' : 'passed';
  }

  /** Milliseconds since its start: of its end, or now. */
  now() {
    if (this.end) return this.end.end;
    if (this.isLive) return Math.max(Date.now() + this.skew - this.at, 0);
    let last = 0;
    for (const job of this.jobs) if (job) last = Math.max(last, job.end || job.start);
    return last;
  }

  counts() {
    const n = { all: 0 };
    for (const c of this.calls) {
      if (!c) continue;
      n.all++;
      const state = c.state === 'waiting' && waitsForCalls(c) ? 'calling' : c.state;
      n[state] = (n[state] || 0) + 1;
      if (c.flaky) n.flaky = (n.flaky || 0) + 1;
    }
    return n;
  }

  /** What went wrong of itself: not what only passes on the failure of another. */
  failures() {
    return this.calls.filter(c => c && isBad(c) && !c.cause && !c.quarantined);
  }

  /** Ids, from the first to the last, of what the end of the run waited for. */
  critical() {
    if (this.criticalOf === this.changes) return this.criticalIds;
    this.criticalIds = criticalPath(this);
    this.criticalOf = this.changes;
    return this.criticalIds;
  }
}

export const isBad = c => c.state === 'failed' || c.state === 'timed out';
/** It does nothing itself as long as what it called goes on. */
export const waitsForCalls = c => c.kids.some(kid => !isOver(kid));
export const isOver = c => c.end !== undefined;

/** Milliseconds that the jobs of a call took, or have taken by now, without calls of scripts. */
export function took(run, c) {
  if (isOver(c))
    return c.own_time !== undefined
      ? c.own_time
      : Math.max((c.job_time || 0) - (c.calls_time || 0), 0);
  const start = c.firstJob !== undefined ? c.firstJob : c.start;
  return start === undefined ? 0 : Math.max(run.now() - start, 0);
}

function newCall(run, event) {
  const c = { id: event.id, kids: [], jobs: [], state: 'waiting' };
  run.calls[event.id - 1] = c;
  return c;
}

function merge(c, event) {
  for (const key in event) {
    if (key === 'ev' || key === 'id' || key === 'jobs') continue;
    c[key] = TIMES.includes(key) ? ms(event[key]) : event[key];
  }
}

function ended(c, event) {
  if (event.status === undefined) return;
  c.count = event.jobs;
  c.state = event.timeout ? 'timed out' : event.status;
}

const TAKES = {
  run(run, event) {
    run.about = event;
    run.at = ms(event.at);
  },
  call(run, event) {
    const c = run.call(event.id) || newCall(run, event);
    merge(c, event);
    const up = event.parent && run.call(event.parent);
    if (up && !up.kids.includes(c)) up.kids.push(c);
    run.touched.add(c.id);
  },
  start(run, event) {
    const c = run.call(event.id) || newCall(run, event);
    merge(c, event);
    if (!isOver(c)) c.state = c.jobs.some(job => job.live) ? 'running' : 'waiting';
    run.touched.add(c.id);
  },
  job(run, event) {
    const c = run.call(event.call) || newCall(run, { id: event.call });
    const job = { ...event, start: ms(event.start), live: true };
    run.jobs[event.id - 1] = job;
    if (!c.jobs.some(other => other.id === job.id)) c.jobs.push(job);
    if (c.firstJob === undefined) c.firstJob = job.start;
    if (event.log) c.log = event.log;
    if (!isOver(c)) c.state = 'running';
    c.attempt = event.attempt;
    run.touched.add(c.id);
  },
  job_end(run, event) {
    const job = run.jobs[event.id - 1] || (run.jobs[event.id - 1] = { id: event.id });
    Object.assign(job, event, {
      start: ms(event.start),
      end: ms(event.end),
      cpu: ms(event.cpu),
      live: false,
    });
    const c = run.call(event.call);
    if (!c) return;
    if (!isOver(c) && !c.jobs.some(other => other.live)) c.state = 'waiting';
    run.touched.add(c.id);
  },
  call_end(run, event) {
    const c = run.call(event.id) || newCall(run, event);
    c.own_time = undefined; // what was known of it when it went on
    merge(c, event);
    ended(c, event);
    run.touched.add(c.id);
  },
  end(run, event) {
    run.end = { ...event, end: ms(event.end) };
    run.isLive = false;
  },
  machine(run, event) {
    run.machine.push({
      at: ms(event.time),
      cpu: event.cpu,
      load: event.load,
      memory: event.memory,
    });
  },
};

/** Back from what ended last, always to the call whose end let it begin. */
function criticalPath(run) {
  const ids = [];
  let at = null;
  for (const c of run.calls) if (c && !c.parent && (!at || endOf(run, c) >= endOf(run, at))) at = c;
  const seen = new Set();
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    ids.push(at.id);
    at = lastBefore(run, at);
  }
  return ids.reverse();
}

const endOf = (run, c) => (isOver(c) ? c.end : run.now());

/** The child, or the call beside it, that ended last before this one could begin. */
function lastBefore(run, c) {
  let best = null;
  for (const kid of c.kids) {
    const real = kid.twin ? run.call(kid.twin) || kid : kid;
    if (real !== c && (!best || endOf(run, real) > endOf(run, best))) best = real;
  }
  return best;
}

/** The calls above this one, the asked for first. */
export function above(run, c) {
  const chain = [];
  for (let up = run.call(c.parent); up && chain.length < 100; up = run.call(up.parent))
    chain.unshift(up);
  return chain;
}

/** As the command line would run it again: where, what was asked for, with its variables. */
export function rerunCommand(run, c) {
  const argv = run.about.argv || [];
  const root = above(run, c)[0] || c;
  const words = ['prun'];
  const dashes = argv.indexOf('--');
  const own = dashes < 0 ? argv : argv.slice(0, dashes);
  own.forEach((word, i) => {
    if (/^(-d|-t|--dir|--taskfile)$/.test(word) && i + 1 < own.length) words.push(word, own[i + 1]);
    else if (/^--(dir|taskfile)=/.test(word)) words.push(word);
  });
  words.push(c.vars ? root.key || root.name : c.key || c.name);
  for (const word of own) if (/^[^-][^=]*=/.test(word)) words.push(word);
  if (dashes >= 0) words.push(...argv.slice(dashes));
  return words.map(quote).join(' ');
}

/** As a shell wants a word. */
export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'";
}
