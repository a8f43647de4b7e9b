/* SPDX-License-Identifier: MIT */
/* Elements out of names, attributes and texts. What comes from logs, names and answers becomes a
 * text node here and nowhere else: there is no way from a string to markup in this page. */

const SVG = 'http://www.w3.org/2000/svg';

function set(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'text') node.textContent = value;
  else if (name === 'on') for (const type in value) node.addEventListener(type, value[type]);
  else if (name === 'data') Object.assign(node.dataset, value);
  else if (name === 'style') for (const key in value) node.style.setProperty(key, value[key]);
  else if (name === 'value' || name === 'checked' || name === 'disabled') node[name] = value;
  else node.setAttribute(name, value === true ? '' : value);
}

/** el('p', { class: 'x', on: { click } }, 'text', child): false and null children are left out. */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const name in attributes) set(node, name, attributes[name]);
  add(node, children);
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const name in attributes) set(node, name, attributes[name]);
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children.flat(2)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child);
  }
}

/** Replaces what is in a node. */
export function fill(node, ...children) {
  node.textContent = '';
  add(node, children);
  return node;
}

export const byId = id => document.getElementById(id);

/** A button with a text; `name` is what a screen reader says where the text does not do. */
export function button(text, click, more = {}) {
  return el('button', { type: 'button', on: { click }, ...more }, text);
}

/** What only a screen reader says of a button, behind what is seen. */
export const unseen = text => el('span', { class: 'away', text });

/** A button that is pressed or not. */
export function toggle(text, pressed, click, more = {}) {
  return button(text, click, { 'aria-pressed': String(Boolean(pressed)), ...more });
}

let said = 0;
/** Says a sentence to those who do not see the page; the same one twice is said twice. */
export function say(text) {
  const at = byId('said');
  at.textContent = '';
  clearTimeout(said);
  said = setTimeout(() => {
    at.textContent = text;
  }, 60);
}

let noteTimer = 0;
/** A short note at the foot of the page, for some seconds. */
export function note(text, kind = '') {
  const at = byId('note');
  at.className = 'note ' + kind;
  at.textContent = text;
  at.hidden = false;
  say(text);
  clearTimeout(noteTimer);
  noteTimer = setTimeout(
    () => {
      at.hidden = true;
    },
    kind === 'bad' ? 9000 : 3500,
  );
}

/** Copies, also where the page is not in a secure context. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el('textarea', { class: 'away', value: text, 'aria-hidden': 'true' });
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    if (before) before.focus();
  }
  note('copied: ' + text);
}

/** A command line with a button that copies it. */
export function command(text) {
  return el(
    'span',
    { class: 'command' },
    el('code', { text }),
    button('copy', () => copy(text), { class: 'small', 'aria-label': 'copy ' + text }),
  );
}

/** Calls `work` once in the next frame, however often it is asked before. */
export function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A hidden page has no frames; what it shows when it is seen again must be right.
    const run = () => {
      asked = false;
      work();
    };
    if (document.hidden) setTimeout(run, 250);
    else requestAnimationFrame(run);
  };
}

/** The same, but no oftener than every so many milliseconds. */
export function calmly(ms, work) {
  let timer = 0,
    last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(
      () => {
        timer = 0;
        last = performance.now();
        work();
      },
      Math.max(ms - (performance.now() - last), 0),
    );
  };
}
