/* SPDX-License-Identifier: MIT */
/* Where a log stood, for a reload of this tab. */

const keyOf = (run, call) => `prun.scroll.${run}.${call}`;

export function keepScroll(run, call, pixels) {
  try {
    sessionStorage.setItem(keyOf(run, call), String(Math.round(pixels)));
  } catch {
    /* a browser that keeps nothing */
  }
}

/** Pixels, or null. */
export function keptScroll(run, call) {
  try {
    const kept = sessionStorage.getItem(keyOf(run, call));
    return kept === null ? null : Number(kept);
  } catch {
    return null;
  }
}

/** The log opens at the failing place. */
export function forgetScroll(run, call) {
  try {
    sessionStorage.removeItem(keyOf(run, call));
  } catch {
    /* a browser that keeps nothing */
  }
}
