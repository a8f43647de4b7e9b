/* SPDX-License-Identifier: MIT */
/* Times of earlier runs as bars, the last of them being this run's. */
import { svg } from './dom.js';
import { short } from './format.js';

const WIDTH = 8,
  HEIGHT = 54;

export function makeChart(times, now, state, height = HEIGHT) {
  const all = now === undefined ? times : [...times, now];
  const most = Math.max(...all, 1);
  const picture = svg('svg', {
    width: all.length * WIDTH,
    height: height + 2,
    role: 'img',
    'aria-label': 'earlier times, from ' + short(Math.min(...all)) + ' to ' + short(most),
  });
  all.forEach((ms, i) => {
    const high = Math.max((ms / most) * height, 2),
      isNow = now !== undefined && i === all.length - 1;
    picture.append(
      svg(
        'rect',
        {
          x: i * WIDTH,
          y: height - high + 1,
          width: WIDTH - 2,
          height: high,
          rx: 1,
          class: 'bar ' + (isNow ? state + ' now' : 'passed'),
        },
        svg('title', { text: (isNow ? 'this run: ' : '') + short(ms) }),
      ),
    );
  });
  return picture;
}
