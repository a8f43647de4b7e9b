/* SPDX-License-Identifier: MIT */
/* A line of a log as elements: its colours as classes, what was found in it marked. */
import { el } from './dom.js';
import { pieces } from './ansi.js';

/** spans: [from, to, …] in columns of plain(line), in order. */
export function lineText(line, style, spans = []) {
  const out = [];
  let column = 0,
    at = 0;
  for (const [text, classes] of pieces(line, style)) {
    let from = 0;
    while (from < text.length) {
      while (at < spans.length && spans[at + 1] <= column + from) at += 2;
      const inside = at < spans.length && spans[at] <= column + from;
      const edge = at < spans.length ? spans[inside ? at + 1 : at] - column : text.length;
      const to = Math.min(edge, text.length);
      out.push(piece(text.slice(from, to), classes, inside));
      from = to;
    }
    column += text.length;
  }
  return out;
}

function piece(text, classes, isFound) {
  if (isFound) return el('mark', { class: classes || false, text });
  return classes ? el('span', { class: classes, text }) : text;
}
