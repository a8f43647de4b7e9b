/* The lists stand in the page already; here they are searched, drawn and walked.
 * Texts of tasks get into the page as text only. */
(() => {
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const words = ['passed', 'skipped', 'failed', 'error', 'excused', 'cancelled', 'unfinished'];
const byId = new Map();
for (const [id, v, start, end, own, wait, parent, crit, twin] of data.calls)
  byId.set(id, { id, v: words[v], start, end, own, wait, parent, crit, twin, kids: [],
    el: document.getElementById('c' + id) });
const calls = [...byId.values()];
const nameOf = c => c.el ? c.el.querySelector('.name').textContent : '#' + c.id;
const short = us => us < 1e6 ? Math.round(us / 1e3) + 'ms' :
  us < 59.95e6 ? (us / 1e6).toFixed(1) + 's' :
  Math.floor(Math.round(us / 1e6) / 60) + 'm' + String(Math.round(us / 1e6) % 60).padStart(2, '0') + 's';

/* ---- going to a call ---- */
let at = null;
function go(el, open) {
  if (!el) return;
  if (at) at.classList.remove('at');
  at = el;
  el.classList.remove('hide');
  el.classList.add('at');
  if (open) el.open = true;
  el.scrollIntoView({ block: 'center' });
}
document.addEventListener('click', e => {
  const mark = e.target.closest('[data-id]');
  if (mark) { const c = byId.get(+mark.dataset.id); if (c) go(c.el, true); }
  const copy = e.target.closest('.copy');
  if (copy) {
    const code = copy.parentNode.querySelector('code');
    const done = () => { copy.textContent = 'copied'; setTimeout(() => { copy.textContent = 'copy'; }, 1500); };
    const old = () => { const s = getSelection(); s.selectAllChildren(code);
      if (document.execCommand('copy')) done(); };
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, old); else old();
  }
});

/* ---- search and filter ---- */
const search = document.getElementById('search'), found = document.getElementById('found');
const rows = [...document.querySelectorAll('.call')];
let only = '';
function filter() {
  const parts = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const row of rows) {
    const v = row.dataset.v;
    let show = !only || (only === 'bad' ? v !== 'passed' && v !== 'skipped' : v === only);
    if (show && parts.length) {
      const text = row.textContent.toLowerCase();
      show = parts.every(p => text.includes(p));
    }
    row.classList.toggle('hide', !show);
    n += show;
  }
  found.textContent = parts.length || only ? n + ' of ' + rows.length : '';
}
let pending = 0;
search.addEventListener('input', () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(filter); });
const buttons = [...document.querySelectorAll('nav button')];
function choose(which) {
  only = only === which ? '' : which;
  for (const b of buttons) b.setAttribute('aria-pressed', String(b.dataset.only === only));
  filter();
}
for (const b of buttons) b.addEventListener('click', () => choose(b.dataset.only));

document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.target === search) {
    if (e.key === 'Escape') { search.value = ''; search.blur(); filter(); }
    return;
  }
  const seen = rows.filter(r => !r.classList.contains('hide')), i = seen.indexOf(at);
  if (e.key === '/') { e.preventDefault(); search.focus(); }
  else if (e.key === 'j') go(seen[Math.min(i + 1, seen.length - 1)]);
  else if (e.key === 'k') go(seen[Math.max(i - 1, 0)]);
  else if (e.key === 'f') choose('bad');
  else if (e.key === 'o' && at) at.open = !at.open;
  else if (e.key === 'Escape' && only) choose(only);
});

/* ---- drawing ---- */
const NS = 'http://www.w3.org/2000/svg';
function add(to, tag, attributes, text) {
  const el = document.createElementNS(NS, tag);
  for (const k in attributes) el.setAttribute(k, attributes[k]);
  if (text !== undefined) el.textContent = text;
  to.appendChild(el);
  return el;
}
function sheet(id, w, h) {
  const box = document.getElementById(id);
  box.textContent = '';
  return add(box, 'svg', { width: w, height: h, role: 'img', 'aria-label': id });
}
const cut = (text, px) => { const n = Math.floor(px / 6.2); return text.length <= n ? text : n > 3 ? text.slice(0, n - 1) + '…' : ''; };

function lanes() {
  const all = [], of = new Map();
  for (const [call, pool, slot, from, to] of data.jobs) {
    const key = pool + ' ' + slot;
    let some = of.get(key);
    if (!some) of.set(key, some = []);
    let lane = some.find(l => l.end <= from);
    if (!lane) {
      lane = { label: (data.pools[pool] || 'cpu') + (slot ? ' ' + slot : ''), pool, slot, end: 0, jobs: [] };
      some.push(lane);
      all.push(lane);
    }
    lane.end = to;
    lane.jobs.push([call, from, to]);
  }
  return all.sort((a, b) => a.pool - b.pool || a.slot - b.slot);
}
const allLanes = lanes();
function timeline() {
  const box = document.getElementById('timeline'), w = Math.max(box.clientWidth - 2, 300), left = 62, H = 20;
  const shown = allLanes.slice(0, 80), wall = Math.max(data.wall, 1);
  const seen = data.machine.length > 1 ? data.machine : [], foot = shown.length * H + 26;
  const svg = sheet('timeline', w, foot + (seen.length ? 34 : 0)), scale = (w - left - 8) / wall;
  const rough = wall / (w / 110), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= rough);
  for (let t = 0; t <= wall; t += step) {
    const x = left + t * scale;
    add(svg, 'line', { x1: x, x2: x, y1: 18, y2: shown.length * H + 22, class: 'grid' });
    if (x < w - 40) add(svg, 'text', { x: x + 3, y: 13, class: 'soft' }, short(t));
  }
  shown.forEach((lane, i) => {
    const y = 22 + i * H;
    add(svg, 'text', { x: 8, y: y + 13, class: 'soft' }, lane.label);
    for (const [id, from, to] of lane.jobs) {
      const c = byId.get(id), x = left + from * scale, bw = Math.max((to - from) * scale, 1);
      if (!c) continue;
      const r = add(svg, 'rect', { x, y: y + 1, width: bw, height: H - 3, rx: Math.min(2, bw / 2),
        class: 'bar ' + c.v + (c.crit ? ' crit' : ''), 'data-id': id });
      add(r, 'title', {}, nameOf(c) + '  ' + short(to - from) + ' from ' + short(from) + ', ' + c.v);
      if (bw > 34) add(svg, 'text', { x: x + 4, y: y + 13.5 }, cut(nameOf(c), bw - 8));
    }
  });
  if (seen.length) machine(svg, seen, foot, left, scale);
}

/* How busy all cores were between two looks, and the memory in use at each. */
function machine(svg, seen, foot, left, scale) {
  add(svg, 'text', { x: 8, y: foot + 20, class: 'soft' }, 'machine');
  seen.forEach(([at, cpu, mib], i) => {
    const from = i ? seen[i - 1][0] : at;
    if (i) {
      const h = Math.max(cpu / 1000 * 28, 1);
      const r = add(svg, 'rect', { x: left + from * scale, y: foot + 30 - h,
        width: Math.max((at - from) * scale - 1, 1), height: h, class: 'load' });
      add(r, 'title', {}, Math.round(cpu / 10) + ' % of all cores, ' + mib + ' MiB of memory in use');
    }
  });
}

/* Whole where it is small, else what matters: the critical path, what went wrong, and all above. */
function graph() {
  const MOST = 160;
  let some = calls;
  if (calls.length > MOST) {
    const keep = new Set();
    const up = c => { while (c && !keep.has(c)) { keep.add(c); c = byId.get(c.parent); } };
    for (const c of calls) if (c.crit && keep.size < MOST) up(c);
    for (const c of calls) if ((c.v === 'failed' || c.v === 'error') && keep.size < MOST) up(c);
    some = [...keep];
    document.getElementById('graphnote').textContent =
      'the critical path and what failed: ' + some.length + ' of ' + data.all + ' calls';
  }
  const kept = new Set(some), roots = [];
  some.sort((a, b) => a.id - b.id);
  for (const c of some) c.kids = [];
  for (const c of some) {
    const up = byId.get(c.parent);
    if (up && kept.has(up) && up.id < c.id) up.kids.push(c); else roots.push(c);
  }
  const W = 150, GAP = 38, H = 26;
  let line = 0, deep = 0;
  const stack = roots.map(c => [c, 0]).reverse(), order = [];
  while (stack.length) {
    const [c, d] = stack.pop();
    c.depth = d;
    deep = Math.max(deep, d);
    order.push(c);
    if (!c.kids.length) c.y = line++;
    for (let i = c.kids.length - 1; i >= 0; i--) stack.push([c.kids[i], d + 1]);
  }
  for (const c of order.reverse()) if (c.kids.length) c.y = (c.kids[0].y + c.kids[c.kids.length - 1].y) / 2;
  const svg = sheet('graph', (deep + 1) * (W + GAP) + 12, line * H + 12);
  const X = c => 10 + c.depth * (W + GAP), Y = c => 8 + c.y * H + 10;
  const edge = (a, b, more) => { const x1 = X(a) + W, x2 = X(b), m = (x1 + x2) / 2;
    add(svg, 'path', { d: `M${x1},${Y(a)} C${m},${Y(a)} ${m},${Y(b)} ${x2},${Y(b)}`,
      class: 'edge' + (a.crit && b.crit ? ' crit' : '') + more }); };
  for (const c of some) {
    for (const kid of c.kids) edge(c, kid, '');
    const twin = byId.get(c.twin);
    if (twin && kept.has(twin)) edge(c, twin, ' twin');
  }
  for (const c of some) {
    const r = add(svg, 'rect', { x: X(c), y: Y(c) - 10, width: W, height: 20, rx: 4, 'data-id': c.id,
      class: 'box ' + c.v + (c.crit ? ' crit' : '') });
    add(r, 'title', {}, nameOf(c) + ', ' + c.v + ', ' + short(c.own));
    add(svg, 'text', { x: X(c) + 7, y: Y(c) + 4 }, cut(nameOf(c), W - 58));
    add(svg, 'text', { x: X(c) + W - 6, y: Y(c) + 4, 'text-anchor': 'end', class: 'soft' }, short(c.own));
  }
}

/* Earlier runs of a call and, last, this one; of those that are looked at. */
const outcomes = ['passed', 'failed', 'skipped', 'skipped', 'failed'];
const outcomeWords = ['passed', 'failed', 'up to date', 'cached', 'failed by a call'];
function history(row) {
  const p = row.querySelector('.past'), series = p && data.past[p.dataset.past], c = byId.get(+row.id.slice(1));
  if (!series || !c || p.querySelector('svg')) return;
  const all = [...series.map(([us, o]) => [us, outcomes[o], outcomeWords[o]]), [c.own, c.v, 'this run: ' + c.v]];
  const most = Math.max(...all.map(r => r[0]), 1), H = 22, W = 8;
  const svg = document.createElementNS(NS, 'svg');
  svg.setAttribute('width', all.length * W); svg.setAttribute('height', H + 2);
  svg.setAttribute('role', 'img'); svg.setAttribute('aria-label', 'earlier runs');
  all.forEach(([us, v, word], i) => {
    const h = Math.max(us / most * H, 2);
    const r = add(svg, 'rect', { x: i * W, y: H - h + 1, width: W - 2, height: h, rx: 1,
      class: 'bar ' + v + (i === all.length - 1 ? ' now' : '') });
    add(r, 'title', {}, word + ', ' + short(us));
  });
  p.prepend(svg);
}
document.addEventListener('toggle', e => { if (e.target.open && e.target.classList.contains('call')) history(e.target); }, true);
for (const row of rows) if (row.open) history(row);

function list(id, some, value) {
  const ul = document.getElementById(id);
  for (const c of some) {
    const li = document.createElement('li'), n = document.createElement('span'), t = document.createElement('span');
    li.dataset.id = c.id;
    n.className = 'name';
    n.textContent = nameOf(c);
    t.className = 'num';
    t.textContent = short(value(c));
    li.append(n, t);
    ul.append(li);
  }
  if (!some.length) ul.textContent = 'none';
}
const top10 = value => calls.filter(c => value(c) > 1000).sort((a, b) => value(b) - value(a)).slice(0, 10);
list('slowest', top10(c => c.own), c => c.own);
list('waits', top10(c => c.wait), c => c.wait);
list('path', data.path.map(([id, us]) => ({ ...byId.get(id), us })).filter(c => c.id).slice(0, 20), c => c.us);
timeline();
graph();
let resized = 0;
addEventListener('resize', () => { cancelAnimationFrame(resized); resized = requestAnimationFrame(timeline); });
document.documentElement.dataset.ready = '1';
})();
