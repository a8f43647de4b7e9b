/* SPDX-License-Identifier: MIT */
/* A line of a log as elements: its colours as classes, what was found in it marked. */
import { button, el } from './dom.js';
import { bytes, count } from './format.js';
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

/** What is said of a log below it. */
export function stateOf(doc) {
  if (doc.failed && !doc.text.lines.length) return doc.failed;
  if (doc.failed) return doc.failed + '; this is what was read before';
  if (doc.isLoading && doc.total > doc.text.size + (1 << 20))
    return `reading: ${bytes(doc.text.size)} of ${bytes(doc.total)}`;
  if (doc.text.from > 0)
    return [
      `the first ${bytes(doc.text.from)} of ${bytes(doc.total)} are not shown `,
      button('from the beginning', () => doc.fromStart(), { class: 'small' }),
    ];
  if (doc.isCut) return `the last ${bytes(doc.total - doc.text.size)} are not shown`;
  if (!doc.text.lines.length)
    return doc.isComplete ? 'it has printed nothing' : doc.isLoading ? '' : 'nothing yet';
  return (
    `${count(doc.text.lines.length, 'line')}, ${bytes(doc.text.size)}` +
    (doc.isComplete ? '' : ', goes on')
  );
}
