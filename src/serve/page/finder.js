/* SPDX-License-Identifier: MIT */
/* Searches lines beside the page's own thread, so that neither a big log nor an expression that
 * takes for ever holds up what is seen. Started by search.js.
 *
 *   { add: [lines…], first }   more lines; first: forget those from before
 *   { find: { text, regex } }  answers { found, of, done } in portions, or { error }
 *
 * found: three numbers a hit: line, first column, column after it. The page itself never runs the
 * expression.
 */
import { plain } from './ansi.js';

const PORTION = 20000;
const MOST_HITS = 50; // of a line
let lines = [],
  query = null,
  at = 0,
  timer = 0;

function matcher({ text, regex }) {
  if (text === '') return null;
  const flags = text === text.toLowerCase() ? 'gi' : 'g';
  return new RegExp(regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), flags);
}

function hits(line, number, out) {
  query.lastIndex = 0;
  for (let n = 0; n < MOST_HITS; n++) {
    const hit = query.exec(line);
    if (!hit) return;
    if (hit[0] === '') query.lastIndex++;
    else out.push(number, hit.index, hit.index + hit[0].length);
  }
}

function portion() {
  const out = [],
    to = Math.min(at + PORTION, lines.length);
  for (; at < to; at++) hits(lines[at], at, out);
  postMessage({ found: Int32Array.from(out), of: at, done: at >= lines.length });
  if (at < lines.length) timer = setTimeout(portion);
}

function begin(find) {
  clearTimeout(timer);
  at = 0;
  try {
    query = matcher(find);
  } catch (error) {
    query = null;
    postMessage({ error: error.message.replace(/^Invalid regular expression: /, '') });
  }
  if (query) portion();
}

function take({ add, first, find }) {
  if (first) {
    lines = [];
    at = 0;
  }
  for (const line of add || []) lines.push(plain(line));
  if (find) begin(find);
  else if (add && query && at >= lines.length - add.length) portion();
}

if (typeof WorkerGlobalScope !== 'undefined') onmessage = message => take(message.data);
