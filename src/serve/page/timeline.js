/* SPDX-License-Identifier: MIT */
/* When what ran on which slot, how busy the machine was, and what took longest. */
import { button, el, fill, svg } from './dom.js';
import { percent, bytes, short, tone } from './format.js';
import { took } from './model.js';
import { store } from './store.js';

const LANE = 20,
  LEFT = 62,
  MOST_LANES = 128,
  FOOT = 34;

/** A lane a slot; what overlaps there, as jobs of nested calls do, gets a lane of its own. */
function lanes(run) {
  const all = [],
    of = new Map(),
    now = run.now();
  const jobs = run.jobs
    .filter(job => job && job.start !== undefined)
    .sort((a, b) => a.start - b.start);
  for (const job of jobs) {
    const pool = job.pool || 'cpu',
      key = pool + ' ' + (job.slot || 0);
    const end = job.end === undefined ? now : job.end;
    if (!of.has(key)) of.set(key, []);
    let lane = of.get(key).find(l => l.end <= job.start);
    if (!lane) {
      lane = {
        pool,
        slot: job.slot || 0,
        label: pool + (job.slot ? ' ' + job.slot : ''),
        jobs: [],
      };
      of.get(key).push(lane);
      all.push(lane);
    }
    lane.end = end;
    lane.jobs.push({ call: job.call, from: job.start, to: end, live: job.end === undefined });
  }
  return all.sort((a, b) => (a.pool < b.pool ? -1 : a.pool > b.pool ? 1 : a.slot - b.slot));
}

const cut = (text, px) => {
  const n = Math.floor(px / 6.3);
  return text.length <= n ? text : n > 3 ? text.slice(0, n - 1) + '…' : '';
};

export class Timeline {
  constructor({ open }) {
    this.open = open;
    this.sheet = el('div', {
      class: 'draw card',
      tabindex: '0',
      role: 'region',
      'aria-label': 'timeline by slot',
    });
    this.sheet.addEventListener('click', event => {
      const bar = event.target.closest('[data-id]');
      if (bar) open(store.run.call(Number(bar.dataset.id)));
    });
    this.note = el('p', { class: 'soft small' });
    this.slow = el('ol', { class: 'slow' });
    this.waits = el('ol', { class: 'slow' });
    this.node = el(
      'div',
      {},
      this.sheet,
      this.note,
      el(
        'div',
        { class: 'cols' },
        el('div', {}, el('h2', { text: 'Slowest' }), this.slow),
        el('div', {}, el('h2', { text: 'Longest waits for a slot' }), this.waits),
      ),
    );
    new ResizeObserver(() => {
      if (this.node.isConnected && this.width !== this.sheet.clientWidth) this.show();
    }).observe(this.sheet);
  }

  show() {
    const run = store.run;
    if (!run || !this.sheet.clientWidth) return;
    this.width = this.sheet.clientWidth;
    const all = lanes(run),
      shown = all.slice(0, MOST_LANES);
    this.note.textContent =
      all.length > MOST_LANES ? `${all.length - MOST_LANES} more slots are not drawn` : '';
    if (all.length) this.draw(run, shown);
    else fill(this.sheet, el('p', { class: 'soft pad', text: 'Nothing has run.' }));
    top10(this.slow, run, c => took(run, c), this.open);
    top10(this.waits, run, c => c.slot_wait || 0, this.open);
  }

  draw(run, shown) {
    const wall = Math.max(run.now(), 1),
      foot = shown.length * LANE + 26;
    const machine = run.machine.length > 1 ? run.machine : [];
    const height = foot + (machine.length ? FOOT : 0),
      scale = (this.width - LEFT - 10) / wall;
    const picture = svg('svg', {
      width: this.width,
      height,
      role: 'img',
      'aria-label': `${shown.length} slots over ${short(wall)}; the list of calls has the same in words`,
    });
    grid(picture, wall, this.width, shown.length, scale);
    const critical = new Set(run.critical());
    shown.forEach((lane, i) => drawLane(picture, run, lane, 22 + i * LANE, scale, critical));
    if (machine.length) drawMachine(picture, machine, foot, scale);
    fill(this.sheet, picture);
  }
}

function grid(picture, wall, width, lines, scale) {
  const rough = wall / (width / 110),
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= rough);
  for (let t = 0; t <= wall; t += step) {
    const x = LEFT + t * scale;
    picture.append(svg('line', { x1: x, x2: x, y1: 18, y2: lines * LANE + 22, class: 'grid' }));
    if (x < width - 40)
      picture.append(svg('text', { x: x + 3, y: 13, class: 'faint', text: t ? short(t) : '0' }));
  }
}

function drawLane(picture, run, lane, y, scale, critical) {
  picture.append(
    svg('text', { x: 8, y: y + 13, class: 'faint', text: cut(lane.label, LEFT - 10) }),
  );
  for (const job of lane.jobs) {
    const c = run.call(job.call);
    if (!c) continue;
    const x = LEFT + job.from * scale,
      width = Math.max((job.to - job.from) * scale, 1);
    picture.append(
      svg(
        'rect',
        {
          x,
          y: y + 1,
          width,
          height: LANE - 3,
          rx: Math.min(2, width / 2),
          class:
            'bar ' + tone(job.live ? 'running' : c.state) + (critical.has(c.id) ? ' crit' : ''),
          'data-id': c.id,
        },
        svg('title', {
          text: `${c.name}  ${short(job.to - job.from)} from ${short(job.from)}, ${c.state}`,
        }),
      ),
    );
    if (width > 34)
      picture.append(svg('text', { x: x + 4, y: y + 13.5, text: cut(c.name, width - 8) }));
  }
}

/** How busy all cores were between two looks, and the memory in use at each. */
function drawMachine(picture, machine, foot, scale) {
  picture.append(svg('text', { x: 8, y: foot + 20, class: 'faint', text: 'machine' }));
  for (let i = 1; i < machine.length; i++) {
    const from = machine[i - 1].at,
      { at, cpu = 0, memory = 0 } = machine[i];
    const height = Math.max((cpu / 1000) * 28, 1);
    picture.append(
      svg(
        'rect',
        {
          x: LEFT + from * scale,
          y: foot + 30 - height,
          width: Math.max((at - from) * scale - 1, 1),
          height,
          class: 'load',
        },
        svg('title', {
          text: percent(cpu, 1000) + ' of all cores, ' + bytes(memory) + ' of memory in use',
        }),
      ),
    );
  }
}

function top10(list, run, value, open) {
  const some = run.calls
    .filter(c => c && value(c) > 1)
    .sort((a, b) => value(b) - value(a))
    .slice(0, 10);
  fill(
    list,
    some.map(c =>
      el(
        'li',
        {},
        button(c.name, () => open(c), { class: 'plain name cut' }),
        el('span', { class: 'num', text: short(value(c)) }),
      ),
    ),
    some.length === 0 && el('li', { class: 'soft', text: 'none' }),
  );
}
