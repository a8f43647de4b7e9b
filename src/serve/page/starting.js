/* SPDX-License-Identifier: MIT */
/* Runs again, and ends, the run that is looked at. */
import { note } from './dom.js';
import { post, Problem, remove } from './net.js';
import { go } from './place.js';
import { above } from './model.js';
import { confirm } from './keys.js';
import { store } from './store.js';

async function attempt(work) {
  try {
    await work();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    note(problem.errors.length ? problem.errors[0].detail : problem.message, 'bad');
  }
}

/** The variables that a run was started with, as the API wants them. */
function varsOf(argv) {
  const vars = {};
  for (const word of argv || []) {
    if (word === '--') break;
    const m = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    if (m) vars[m[1]] = m[2];
  }
  return Object.keys(vars).length ? vars : undefined;
}

/** All of the run, or what failed in it. */
export const rerunAll = onlyFailed =>
  attempt(async () => {
    const run = store.run,
      tasks = run.about.tasks && run.about.tasks.length ? run.about.tasks : ['default'];
    const { run_id: id } = await post(
      '/runs',
      onlyFailed ? { failed: run.id } : { tasks, vars: varsOf(run.about.argv) },
    );
    note('started again');
    go('runs', id);
  });

/** A call with variables of its own is run by what called it: its variables are not on record. */
export const rerun = c =>
  attempt(async () => {
    const run = store.run,
      root = c.vars ? above(run, c)[0] || c : c;
    const { run_id: id } = await post('/runs', {
      tasks: [root.task || root.name],
      vars: varsOf(run.about.argv),
    });
    note('started ' + root.name);
    go('runs', id);
  });

export function cancel() {
  confirm('Cancel this run? What runs is ended.', 'Cancel it', () =>
    attempt(async () => {
      await remove('/runs/' + store.run.id);
      note('the run was told to end');
    }),
  );
}
