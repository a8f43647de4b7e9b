/* SPDX-License-Identifier: MIT */
/* Numbers into words, the same as on the terminal. Times are milliseconds in the whole page; what
 * the server says in nanoseconds or seconds is turned where it is read. */

const two = n => String(n).padStart(2, '0');

/** "41ms", "2.3s", "3m07s", "2h05m". */
export function short(ms) {
  if (!Number.isFinite(ms)) return '';
  if (ms < 0) ms = 0;
  if (ms < 1) return ms > 0 ? '<1ms' : '0ms';
  if (ms < 999.5) return Math.round(ms) + 'ms';
  if (ms < 59950) return (ms / 1000).toFixed(1) + 's';
  const s = Math.round(ms / 1000);
  if (s < 3600) return Math.floor(s / 60) + 'm' + two(s % 60) + 's';
  const m = Math.round(s / 60);
  return Math.floor(m / 60) + 'h' + two(m % 60) + 'm';
}

/** For what is counted every second: no tenths that flicker. */
export function ticking(ms) {
  if (ms < 10000) return (Math.floor(Math.max(ms, 0) / 100) / 10).toFixed(1) + 's';
  return short(Math.floor(ms / 1000) * 1000).replace('.0s', 's');
}

/** "just now", "5 min ago", "3 days ago". */
export function ago(ms, now = Date.now()) {
  const s = Math.max((now - ms) / 1000, 0);
  if (s < 10) return 'just now';
  if (s < 60) return Math.floor(s) + ' s ago';
  if (s < 3600) return Math.floor(s / 60) + ' min ago';
  if (s < 36 * 3600) return Math.floor(s / 3600) + ' h ago';
  return Math.floor(s / 86400) + ' days ago';
}

/** The hour of today, with the date for other days. */
export function clock(ms) {
  const t = new Date(ms),
    now = new Date();
  const hour = two(t.getHours()) + ':' + two(t.getMinutes()) + ':' + two(t.getSeconds());
  if (t.toDateString() === now.toDateString()) return hour;
  return t.getFullYear() + '-' + two(t.getMonth() + 1) + '-' + two(t.getDate()) + ' ' + hour;
}

export function bytes(n) {
  if (n < 1024) return n + ' B';
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let i = -1;
  do {
    n /= 1024;
    i++;
  } while (n >= 1023.5 && i < units.length - 1);
  return (n < 10 ? n.toFixed(1) : Math.round(n)) + ' ' + units[i];
}

export const count = (n, one, many) =>
  n.toLocaleString('en') + ' ' + (n === 1 ? one : many || one + 's');

export function percent(part, of) {
  if (!of) return '';
  const p = (part / of) * 100;
  // 99.96 % must not read as all of them.
  if (p > 99 && p < 100) return Math.floor(p * 10) / 10 + ' %';
  return Math.round(p) + ' %';
}

/** The start of a run or session out of its id, "20261121-094617-123456", which is in UTC. */
export function idTime(id) {
  const m = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-(\d{3})/.exec(id);
  return m ? Date.UTC(+m[1], m[2] - 1, +m[3], +m[4], +m[5], +m[6], +m[7]) : NaN;
}

export const SIGNS = {
  passed: '✓',
  'up to date': '=',
  cached: '=',
  skipped: '–',
  failed: '✗',
  error: '✗',
  'timed out': '✗',
  'not run': '·',
  cancelled: '!',
  interrupted: '!',
  killed: '!',
  running: '▸',
  waiting: '·',
  pending: '·',
  flaky: '✓',
};
export const sign = state => SIGNS[state] || '·';

/** The class that colours a state. */
export function tone(state) {
  if (state === 'passed' || state === 'cached' || state === 'up to date') return 'passed';
  if (state === 'failed' || state === 'error' || state === 'timed out') return 'failed';
  if (state === 'running' || state === 'flaky') return state;
  if (state === 'cancelled' || state === 'interrupted' || state === 'killed') return 'cancelled';
  return 'idle';
}
