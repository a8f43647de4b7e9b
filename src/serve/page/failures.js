/* SPDX-License-Identifier: MIT */
/* First of all what failed: each with the place in its log, and what runs it again. */
import { button, command, el, fill, say, unseen } from './dom.js';
import { short } from './format.js';
import { rerunCommand, took } from './model.js';
import { excerpt } from './logdoc.js';
import { lineText } from './logline.js';
import { errorOf, whyBad } from './calls.js';
import { store, usual } from './store.js';

const MOST = 12;
const BEFORE = 4,
  BEHIND = 5;

/** The section; show() fills it from the run. */
export class Failures {
  /** open(call): its log at the failing place; rerun(call): starts it again. */
  constructor({ open, rerun }) {
    Object.assign(this, { open, rerun, cards: new Map(), all: false });
    this.list = el('div', { class: 'failures' });
    this.more = button(
      '',
      () => {
        this.all = true;
        this.show();
      },
      { class: 'small', hidden: true },
    );
    this.title = el('span', { class: 'n' });
    this.node = el(
      'section',
      { 'aria-labelledby': 'failures', hidden: true },
      el('div', { class: 'section' }, el('h2', { id: 'failures' }, 'Failures ', this.title)),
      this.list,
      this.more,
    );
  }

  clear() {
    this.isKnown = false;
    this.cards.clear();
    this.all = false;
    fill(this.list);
  }

  show() {
    const failed = store.run.failures();
    this.node.hidden = failed.length === 0;
    const shown = this.all ? failed : failed.slice(0, MOST);
    const because = store.run.calls.filter(c => c && (c.cause || c.state === 'not run')).length;
    this.title.textContent = failed.length + (because ? `, and ${because} because of them` : '');
    this.more.hidden = shown.length === failed.length;
    this.more.textContent = `show the other ${failed.length - shown.length}`;
    for (const c of shown) {
      if (this.cards.has(c.id)) continue;
      const card = this.card(c);
      this.cards.set(c.id, card);
      this.list.append(card);
      if (store.run.isLive && this.isKnown) say(c.name + ' failed');
    }
    this.isKnown = true;
  }

  /** What is usual has become known. */
  stats() {
    for (const [id, card] of this.cards)
      card.querySelector('.past-of').textContent = history(store.run.call(id));
  }

  card(c) {
    const place = el('pre', {
      class: 'place',
      tabindex: '0',
      role: 'group',
      'aria-label': 'end of the log of ' + c.name,
    });
    const at = el(
      'div',
      { class: 'card failure failed', data: { id: c.id } },
      el(
        'div',
        { class: 'row-of' },
        el('span', { class: 'sign', 'aria-hidden': 'true', text: '✗' }),
        el(
          'h3',
          { class: 'cut' },
          button(c.name, () => this.open(c), { class: 'plain name' }),
        ),
        el('span', { class: 'why', text: whyBad(c) }),
        el('span', { class: 'soft past-of', text: history(c) }),
        el('span', { class: 'num', text: short(took(store.run, c)) }),
        el(
          'span',
          { class: 'acts' },
          command(rerunCommand(store.run, c)),
          button(['open log', unseen(' of ' + c.name)], () => this.open(c), { class: 'small' }),
          button(['run again', unseen(': ' + c.name)], () => this.rerun(c), { class: 'small' }),
        ),
      ),
      errorOf(c) && el('p', { class: 'said', text: errorOf(c) }),
      place,
    );
    place.addEventListener('click', () => {
      if (String(getSelection()) === '') this.open(c);
    });
    fillPlace(place, store.run, c);
    return at;
  }
}

/** The lines around the failing place of a call, or why there are none. */
export async function fillPlace(place, run, c) {
  try {
    const { lines, at } = await excerpt(run, c, BEFORE, BEHIND);
    if (!lines.length) throw new Error('it has printed nothing');
    fill(
      place,
      lines.map((line, i) =>
        el('span', { class: i === at ? 'l at' : 'l' }, lineText(line.slice(0, 1000), null), '\n'),
      ),
    );
  } catch (problem) {
    place.classList.add('soft');
    place.textContent = problem.message;
  }
}

/** Whether this is new, or how often it happens. */
function history(c) {
  const s = usual(c);
  if (!s || !s.verdicts || s.verdicts.of < 2) return '';
  if (s.flaky) return `flaky: ${s.flaky} of ${s.flaky_of} on the same tree`;
  const { passed, of } = s.verdicts;
  return passed === of ? `passed ${of} times before` : `passed ${passed} of ${of} times`;
}
