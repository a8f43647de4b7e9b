/* SPDX-License-Identifier: MIT */
/* What runs now, since when, and how long it will take; what waits. */
import { button, el } from './dom.js';
import { short, ticking } from './format.js';
import { took, waitsForCalls } from './model.js';
import { timeLeft } from './calls.js';
import { store, usualTime } from './store.js';

const MOST = 10;

export class Live {
  constructor({ open }) {
    this.open = open;
    this.rows = new Map();
    this.list = el('ul', { class: 'live card' });
    this.title = el('span', { class: 'n' });
    this.rest = el('p', { class: 'soft small' });
    this.node = el(
      'section',
      { 'aria-labelledby': 'running', hidden: true },
      el('div', { class: 'section' }, el('h2', { id: 'running' }, 'Running ', this.title)),
      this.list,
      this.rest,
    );
  }

  show() {
    const run = store.run;
    const some = run.isLive ? run.calls.filter(c => c && c.state === 'running') : [];
    this.node.hidden = !run.isLive;
    if (!run.isLive) return;
    const waiting = run.calls.filter(c => c && c.state === 'waiting' && !waitsForCalls(c)).length;
    const shown = some.sort((a, b) => took(run, b) - took(run, a)).slice(0, MOST);
    this.title.textContent = String(some.length);
    this.rest.textContent = [
      some.length > MOST ? `${some.length - MOST} more run` : '',
      waiting ? `${waiting} wait` : '',
    ]
      .filter(Boolean)
      .join(', ');
    this.list.hidden = shown.length === 0;
    this.sync(shown);
    this.tick();
  }

  /* Rows stay as long as their calls: the focus is not lost, and nothing jumps. */
  sync(shown) {
    const ids = new Set(shown.map(c => c.id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.node.remove();
      this.rows.delete(id);
    }
    for (const c of shown) if (!this.rows.has(c.id)) this.rows.set(c.id, this.row(c));
  }

  row(c) {
    const row = {
      c,
      age: el('span', { class: 'num' }),
      left: el('span', { class: 'soft left' }),
      bar: el('i', {}),
    };
    const slots = c.jobs
      .filter(job => job.live)
      .map(job => (job.pool || 'slot') + ' ' + (job.slot || ''))
      .join(', ');
    row.node = el(
      'li',
      { class: 'running' },
      el('span', { class: 'sign', 'aria-hidden': 'true', text: '▸' }),
      button(c.name, () => this.open(c), { class: 'plain name cut' }),
      el('span', { class: 'soft slot', text: slots }),
      el('span', { class: 'meter', 'aria-hidden': 'true' }, row.bar),
      row.left,
      row.age,
    );
    this.list.append(row.node);
    return row;
  }

  tick() {
    for (const { c, age, left, bar } of this.rows.values()) {
      const now = took(store.run, c),
        usual = usualTime(c);
      age.textContent = ticking(now);
      bar.style.width = usual ? Math.min((now / usual) * 100, 100) + '%' : '0';
      left.textContent = !usual ? '' : now < usual ? about(usual - now) : 'usually ' + short(usual);
      left.classList.toggle('open', usual > 0 && now > usual * 1.5);
    }
  }
}

/* No finer than it is known: it would flicker. */
function about(ms) {
  const step = ms > 10000 ? 5000 : 1000;
  return 'about ' + short(Math.ceil(ms / step) * step).replace('.0s', 's') + ' left';
}

/** "about 20s left" of the whole run. */
export function leftOf(run) {
  const ms = timeLeft(run);
  return ms > 500 ? about(ms) : '';
}
