/* SPDX-License-Identifier: MIT */
/* The keyboard: one table, which is also the list that `?` shows. */
import { button, byId, el, fill } from './dom.js';

/* keys, what they do, name of the action; '' in front: a heading. */
const TABLE = [
  ['', 'Anywhere'],
  ['?', 'this list', 'help'],
  ['s', 'start a run or a session', 'start'],
  ['h', 'history of all calls', 'history'],
  ['l', 'the list of runs', 'side'],
  ['t', 'dark or light', 'look'],
  ['Escape', 'close, or one step back', 'back'],
  ['', 'A run'],
  ['j', 'next call', 'next'],
  ['k', 'call before', 'previous'],
  ['g', 'first failure, with its log at the failing place', 'failure'],
  ['f', 'failed calls only, and all again', 'failed'],
  ['/', 'search in the log, or find a call', 'search'],
  ['1', 'calls', 'tab1'],
  ['2', 'timeline and slowest', 'tab2'],
  ['3', 'graph', 'tab3'],
  ['r', 'run again', 'rerun'],
  ['R', 'run again what failed', 'rerunFailed'],
  ['c', 'cancel', 'cancel'],
  ['', 'A log'],
  ['n', 'next match', 'match'],
  ['N', 'match before', 'matchBefore'],
  ['e', 'the failing place', 'place'],
  ['p', 'keep this log at hand', 'keep'],
  ['w', 'wrap long lines', 'wrap'],
  ['y', 'copy the command that runs it again', 'copy'],
];
const ALSO = {
  ArrowDown: 'next',
  ArrowUp: 'previous',
  Enter: 'enter',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const ACTIONS = new Map(TABLE.filter(t => t[0]).map(([key, , action]) => [key, action]));

const isText = node => node.matches('input:not([type=checkbox]), textarea, select');

/** Which action a key means there, or ''. */
function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return '';
  const at = event.target;
  if (document.querySelector('dialog[open]')) return '';
  if (isText(at)) return event.key === 'Escape' ? 'leave' : '';
  const also = ALSO[event.key];
  if (also === 'left' || also === 'right') return at.matches('[role=tab]') ? also : '';
  if (also) return at.matches('[role=listbox]') ? also : '';
  return ACTIONS.get(event.key) || '';
}

/** actions: functions by name; what returns false has not taken the key. */
export function listen(actions) {
  document.addEventListener('keydown', event => {
    const action = actionOf(event);
    if (!action) return;
    if (action === 'leave') {
      event.target.blur();
      event.preventDefault();
    } else if (actions[action] && actions[action](event.target) !== false) event.preventDefault();
  });
}

const shownKey = key => ({ Escape: 'Esc' })[key] || key;

export function showKeys() {
  const dialog = byId('keys');
  const parts = [];
  for (const [key, text] of TABLE) {
    if (!key) parts.push(el('dt', {}), el('dd', { class: 'heading', text }));
    else parts.push(el('dt', {}, el('kbd', { text: shownKey(key) })), el('dd', { text }));
  }
  fill(
    dialog,
    el('h2', { id: 'keys-title', text: 'Keys' }),
    el('dl', { class: 'keys' }, parts),
    el(
      'div',
      { class: 'acts' },
      button('close', () => dialog.close()),
    ),
  );
  dialog.showModal();
}

/** Asks before what cannot be undone; work() where the answer is yes. */
export function confirm(question, yes, work) {
  const dialog = byId('question');
  fill(
    dialog,
    el('h2', { id: 'question-title', text: question }),
    el(
      'div',
      { class: 'acts' },
      button('No', () => dialog.close()),
      button(
        yes,
        () => {
          dialog.close();
          work();
        },
        { class: 'first', id: 'yes' },
      ),
    ),
  );
  dialog.showModal();
  byId('yes').focus();
}
