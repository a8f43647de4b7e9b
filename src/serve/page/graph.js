/* SPDX-License-Identifier: MIT */
/* Which call called which, the critical path in it. Whole where it is small; else what matters:
 * the critical path, what went wrong, what runs, and all above. */
import { el, fill, svg } from './dom.js';
import { short, tone } from './format.js';
import { above, isBad, took } from './model.js';
import { store } from './store.js';

const MOST = 160,
  WIDTH = 156,
  GAP = 38,
  HEIGHT = 26;

/** The calls to be drawn. */
function chosen(run) {
  const all = run.calls.filter(Boolean);
  if (all.length <= MOST) return all;
  const keep = new Set();
  const take = c => {
    if (!c || keep.size >= MOST) return;
    keep.add(c);
    for (const up of above(run, c)) keep.add(up);
  };
  run.critical().forEach(id => take(run.call(id)));
  all.filter(isBad).forEach(take);
  all.filter(c => c.state === 'running').forEach(take);
  all.forEach(c => {
    if (!c.parent) take(c);
  });
  return [...keep].sort((a, b) => a.id - b.id);
}

/** Puts each call at a depth and a line; says how many there are of both. */
function arrange(run, some) {
  const kept = new Set(some),
    spots = new Map(),
    order = [];
  const kidsOf = c => c.kids.filter(kid => kept.has(kid) && kid.id > c.id);
  const stack = some
    .filter(c => !kept.has(run.call(c.parent)) || c.parent > c.id)
    .reverse()
    .map(c => [c, 0]);
  let line = 0,
    deepest = 0;
  while (stack.length) {
    const [c, depth] = stack.pop();
    if (spots.has(c)) continue;
    spots.set(c, { c, depth, line: 0 });
    order.push(c);
    deepest = Math.max(deepest, depth);
    if (!kidsOf(c).length) spots.get(c).line = line++;
    for (const kid of kidsOf(c).reverse()) stack.push([kid, depth + 1]);
  }
  for (const c of order.reverse()) {
    const kids = kidsOf(c).map(kid => spots.get(kid));
    if (kids.length) spots.get(c).line = (kids[0].line + kids[kids.length - 1].line) / 2;
  }
  return { spots, lines: line, deepest };
}

const x = spot => 10 + spot.depth * (WIDTH + GAP);
const y = spot => 18 + spot.line * HEIGHT;

function edge(from, to, more) {
  const x1 = x(from) + WIDTH,
    x2 = x(to),
    middle = (x1 + x2) / 2;
  return svg('path', {
    d: `M${x1},${y(from)} C${middle},${y(from)} ${middle},${y(to)} ${x2},${y(to)}`,
    class: 'edge' + more,
  });
}

const cut = (text, px) => {
  const n = Math.floor(px / 6.3);
  return text.length <= n ? text : text.slice(0, n - 1) + '…';
};

function box(run, spot, critical) {
  const { c } = spot,
    time = took(run, c) > 0 ? short(took(run, c)) : '';
  const left = x(spot),
    top = y(spot);
  return svg(
    'g',
    { 'data-id': c.id, class: 'node' },
    svg('title', { text: `${c.name}, ${c.state}${time ? ', ' + time : ''}` }),
    svg('rect', {
      x: left,
      y: top - 10,
      width: WIDTH,
      height: 20,
      rx: 4,
      class: 'box ' + tone(c.state) + (critical.has(c.id) ? ' crit' : ''),
    }),
    svg('text', { x: left + 7, y: top + 4, text: cut(c.name, WIDTH - (time ? 62 : 12)) }),
    svg('text', {
      x: left + WIDTH - 6,
      y: top + 4,
      'text-anchor': 'end',
      class: 'faint',
      text: time,
    }),
  );
}

export class Graph {
  constructor({ open }) {
    this.sheet = el('div', {
      class: 'draw card',
      tabindex: '0',
      role: 'region',
      'aria-label': 'graph of the calls',
    });
    this.sheet.addEventListener('click', event => {
      const node = event.target.closest('[data-id]');
      if (node) open(store.run.call(Number(node.dataset.id)));
    });
    this.note = el('p', { class: 'soft small' });
    this.node = el('div', {}, this.note, this.sheet);
  }

  show() {
    const run = store.run,
      some = chosen(run),
      all = run.calls.filter(Boolean).length;
    const { spots, lines, deepest } = arrange(run, some);
    const ids = run.critical(),
      critical = new Set(ids);
    this.note.textContent =
      (some.length < all ? `What matters: ${some.length} of ${all} calls. ` : '') +
      (ids.length ? 'Critical path: ' + words(run, ids) : '');
    const picture = svg('svg', {
      width: (deepest + 1) * (WIDTH + GAP) + 12,
      height: lines * HEIGHT + 14,
      role: 'img',
      'aria-label': 'calls and what they called',
    });
    for (const spot of spots.values()) drawEdges(picture, run, spots, spot, critical);
    for (const spot of spots.values()) picture.append(box(run, spot, critical));
    fill(this.sheet, picture);
  }
}

function words(run, ids) {
  const names = ids.map(id => (run.call(id) || {}).name).filter(Boolean);
  return (names.length > 12 ? [...names.slice(0, 5), '…', ...names.slice(-6)] : names).join(' → ');
}

function drawEdges(picture, run, spots, spot, critical) {
  for (const kid of spot.c.kids) {
    const to = spots.get(kid);
    if (!to || to.depth <= spot.depth) continue;
    picture.append(edge(spot, to, critical.has(kid.id) && critical.has(spot.c.id) ? ' crit' : ''));
  }
  const twin = spots.get(run.call(spot.c.twin));
  if (twin) picture.append(edge(spot, twin, ' twin'));
}
