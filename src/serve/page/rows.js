/* SPDX-License-Identifier: MIT */
/* A window over many rows: only those near the visible part are elements. Rows are of one height,
 * or of a whole number of lines each, so that where a row is can be computed and never has to be
 * measured. */
import { el, soon } from './dom.js';

const MORE = 12; // rows beyond each edge
// Browsers lose exactness, and then the elements, somewhere above 33 million pixels.
const MOST_PIXELS = 30e6;

export class Rows {
  /**
   * box: takes the rows; scroller: what scrolls, box itself or one around it.
   * height: of a line, in pixels. make(index): an element. lines(index): left out: 1 each.
   */
  constructor({ box, scroller = box, height, make, lines = null }) {
    Object.assign(this, { box, scroller, height, make, lines, count: 0, tops: null });
    this.shown = new Map();
    this.spacer = el('div', { class: 'spacer', 'aria-hidden': 'true' });
    box.append(this.spacer);
    this.draw = soon(() => this.drawNow());
    scroller.addEventListener('scroll', this.draw, { passive: true });
    this.watcher = new ResizeObserver(this.draw);
    this.watcher.observe(scroller);
  }

  /** The rows are other ones, or more; what is shown is made again. */
  set(count, { keep = false } = {}) {
    if (!keep) this.forget();
    const before = this.count;
    this.count = count;
    if (this.lines) this.measure(keep ? before : 0);
    this.spacer.style.height = Math.min(this.total(), MOST_PIXELS) + 'px';
    this.draw();
  }

  /** tops[i]: lines above row i. */
  measure(from) {
    if (!this.tops || from === 0) this.tops = [0];
    let top = this.tops[from];
    this.tops.length = from + 1;
    for (let i = from; i < this.count; i++) this.tops.push((top += this.lines(i)));
  }

  total() {
    return (this.tops ? this.tops[this.count] : this.count) * this.height;
  }

  top(index) {
    return (this.tops ? this.tops[index] : index) * this.height;
  }

  /** The row at that many pixels from the first. */
  at(pixels) {
    const line = Math.max(Math.floor(pixels / this.height), 0);
    if (!this.tops) return Math.min(line, this.count);
    let low = 0,
      high = this.count;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How far the box begins above the visible part. */
  offset() {
    if (this.box === this.scroller) return this.scroller.scrollTop;
    return this.scroller.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
  }

  drawNow() {
    const above = this.offset(),
      view = this.scroller.clientHeight;
    const from = Math.max(this.at(above) - MORE, 0);
    const to = Math.min(this.at(Math.max(above + view, 0)) + MORE + 1, this.count);
    for (const [index, node] of this.shown) {
      if (index >= from && index < to) continue;
      node.remove();
      this.shown.delete(index);
    }
    for (let i = from; i < to; i++) if (!this.shown.has(i)) this.put(i, to);
  }

  put(index, to) {
    const node = this.make(index);
    node.style.transform = 'translateY(' + this.top(index) + 'px)';
    this.shown.set(index, node);
    // In the order of the rows, which is that of a screen reader.
    let next = index + 1;
    while (next < to && !this.shown.has(next)) next++;
    this.box.insertBefore(node, this.shown.get(next) || null);
  }

  forget() {
    for (const node of this.shown.values()) node.remove();
    this.shown.clear();
  }

  /** What is shown of the rows has changed, not how many there are. */
  redoAll() {
    this.forget();
    this.drawNow();
  }

  /** Scrolls no more than it must, or with `middle` so that there is room on both sides. */
  reveal(index, middle = false) {
    if (index < 0 || index >= this.count) return;
    const above = this.offset(),
      view = this.scroller.clientHeight,
      top = this.top(index);
    const bottom = this.top(index + 1) || top + this.height;
    if (middle) this.scroller.scrollTop += top - above - view / 2 + this.height;
    else if (top < above) this.scroller.scrollTop += top - above;
    else if (bottom > above + view) this.scroller.scrollTop += bottom - above - view;
    this.drawNow();
  }

  get isAtEnd() {
    const s = this.scroller;
    return s.scrollTop + s.clientHeight >= s.scrollHeight - this.height * 2;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.drawNow();
  }

  end() {
    this.watcher.disconnect();
    this.scroller.removeEventListener('scroll', this.draw);
    this.forget();
    this.spacer.remove();
  }
}
