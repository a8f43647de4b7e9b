/* SPDX-License-Identifier: MIT */
/* Where a person is: kept in the fragment of the address, so that a reload, the way back and a
 * link all find the same place.
 *
 *   #/runs/ID?call=3&open=3.7&tab=timeline&q=error&re=1
 *
 * The token never gets there: it comes as a fragment without a slash and is taken out at once. */

const watchers = [];
let now = parse(location.hash);

function parse(hash) {
  const text = hash.replace(/^#/, '');
  const [path, query = ''] = text.split('?', 2);
  const [kind = '', id = ''] = path.replace(/^\//, '').split('/').map(decode);
  const place = { kind, id };
  for (const [key, value] of new URLSearchParams(query)) {
    if (key !== 'kind' && key !== 'id') place[key] = value;
  }
  return place;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export function address(place) {
  const query = new URLSearchParams();
  for (const key of Object.keys(place).sort()) {
    const value = place[key];
    if (key !== 'kind' && key !== 'id' && value !== '' && value !== undefined && value !== null)
      query.set(key, value);
  }
  const text = query.toString();
  return (
    '#/' +
    [place.kind, place.id].filter(Boolean).map(encodeURIComponent).join('/') +
    (text ? '?' + text : '')
  );
}

export const place = () => now;

/** Called with the new and the old place, at each change. */
export function watch(work) {
  watchers.push(work);
}

function enter(next) {
  const old = now;
  now = next;
  for (const work of watchers) work(now, old);
}

/** Another run, session or page; the way back leads here. What is searched for stays. */
export function go(kind, id = '', more = {}) {
  const { q, re, only } = now;
  const kept = kind === 'runs' ? { q, re, only } : {};
  const next = { kind, id, ...kept, ...more };
  if (address(next) === address(now)) return;
  history.pushState(null, '', address(next));
  enter(parse(location.hash));
}

/** Some of where we are; with `push` the way back leads to what was before. */
export function change(some, push = false) {
  const next = { ...now, ...some };
  if (address(next) === address(now)) return;
  history[push ? 'pushState' : 'replaceState'](null, '', address(next));
  enter(parse(location.hash));
}

addEventListener('popstate', () => enter(parse(location.hash)));
addEventListener('hashchange', () => {
  if (location.hash !== address(now)) enter(parse(location.hash));
});

/** The token of the printed address, once; after that the address is without it. */
export function takeToken() {
  const text = location.hash.replace(/^#/, '');
  if (text === '' || text.startsWith('/')) return '';
  history.replaceState(null, '', location.pathname + '#/');
  now = parse('#/');
  return decode(text);
}

/* What is a matter of taste and not of the place. */
export function taste(key, value) {
  try {
    if (value === undefined) return localStorage.getItem('prun.' + key) || '';
    if (value === '') localStorage.removeItem('prun.' + key);
    else localStorage.setItem('prun.' + key, value);
  } catch {
    /* a browser that keeps nothing */
  }
  return value || '';
}
