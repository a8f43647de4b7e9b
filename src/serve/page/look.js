/* SPDX-License-Identifier: MIT */
/* Dark or light. */
import { byId } from './dom.js';
import { taste } from './place.js';

/** As the person wants it here, else as everywhere. */
function setLook(look) {
  const dark = look ? look === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.look = dark ? 'dark' : 'light';
  byId('look').textContent = dark ? 'light' : 'dark';
}

export function turnLook() {
  const next = document.documentElement.dataset.look === 'dark' ? 'light' : 'dark';
  const isUsual = (next === 'dark') === matchMedia('(prefers-color-scheme: dark)').matches;
  setLook(taste('look', isUsual ? '' : next));
}

/** From now on. */
export function keepLook() {
  const again = () => setLook(taste('look'));
  again();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
}
