/* SPDX-License-Identifier: MIT */
/* A form that starts a run of tasks, or a session of tests over work trees. */
import { button, el, fill, note } from './dom.js';
import { get, post, Problem } from './net.js';
import { change, go, place } from './place.js';
import { store } from './store.js';

let serial = 0;

function field(label, input, help = '') {
  const id = input.id || (input.id = 'field-' + ++serial);
  const parts = [el('label', { for: id, text: label }), input];
  if (help) {
    parts.push(el('p', { class: 'soft small', id: id + '-help', text: help }));
    input.setAttribute('aria-describedby', id + '-help');
  }
  return el('div', { class: 'field' }, parts);
}

const text = (more = {}) =>
  el('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...more });
const number = (min, max, more = {}) => el('input', { type: 'number', min, max, ...more });

function check(label, more = {}) {
  const input = el('input', { type: 'checkbox', id: 'field-' + ++serial, ...more });
  return [
    input,
    el('div', { class: 'field check' }, input, el('label', { for: input.id, text: label })),
  ];
}

/** NAME=VALUE a line, as on the command line. */
function readVars(lines) {
  const vars = {};
  for (const line of lines.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    if (at < 1) throw new Problem(0, { title: `"${line.trim()}" is no NAME=VALUE` });
    vars[line.slice(0, at).trim()] = line.slice(at + 1);
  }
  return Object.keys(vars).length ? vars : undefined;
}

export class StartView {
  constructor() {
    this.tasks = [];
    this.chosen = new Set();
    this.kinds = el(
      'div',
      { class: 'tabs', role: 'tablist', 'aria-label': 'what to start' },
      [
        ['', 'A run of tasks'],
        ['tests', 'A session of tests'],
      ].map(([key, label]) =>
        el(
          'button',
          {
            type: 'button',
            role: 'tab',
            id: 'start-' + (key || 'run'),
            'aria-controls': 'start-panel',
            data: { kind: key },
            on: { click: () => change({ what: key }) },
          },
          label,
        ),
      ),
    );
    this.error = el('div', { class: 'errors', role: 'alert' });
    this.panel = el('div', { id: 'start-panel', role: 'tabpanel' });
    this.run = this.makeRun();
    this.session = this.makeSession();
    this.node = el(
      'div',
      { class: 'body form' },
      el('h1', { text: 'Start', id: 'run-title', tabindex: '-1' }),
      this.kinds,
      this.panel,
    );
  }

  async open() {
    this.show();
    try {
      this.tasks = (await get('/tasks')).tasks;
      this.workers.placeholder = String(store.server ? store.server.num_workers : '');
      this.showTasks();
      this.showPlanTasks();
    } catch (problem) {
      this.fail(problem);
    }
  }

  show() {
    const what = place().what || '';
    for (const tab of this.kinds.children) {
      tab.setAttribute('aria-selected', String(tab.dataset.kind === what));
      tab.tabIndex = tab.dataset.kind === what ? 0 : -1;
    }
    this.panel.setAttribute('aria-labelledby', 'start-' + (what ? 'tests' : 'run'));
    const form = what ? this.session : this.run;
    if (this.panel.firstChild !== form) fill(this.panel, form);
    form.append(this.error);
    fill(this.error);
  }

  turn() {
    change({ what: place().what ? '' : 'tests' });
    this.kinds.querySelector('[aria-selected=true]').focus();
  }

  /* ---- a run ---- */

  makeRun() {
    this.find = text({
      type: 'search',
      placeholder: 'name or description',
      'aria-label': 'find tasks',
      id: 'find-task',
      on: { input: () => this.showTasks(), keydown: event => this.findKey(event) },
    });
    this.list = el('ul', {});
    const choices = el(
      'div',
      { class: 'choices card scroll', tabindex: '0', role: 'group', 'aria-label': 'tasks' },
      this.list,
    );
    this.vars = el('textarea', {
      rows: '2',
      spellcheck: 'false',
      placeholder: 'NAME=VALUE, one a line',
    });
    const [force, forceField] = check('run even what is up to date');
    const [parallel, parallelField] = check('tasks side by side');
    const [serially, serialField] = check('one job at a time');
    this.words = el('p', { class: 'soft mono', 'aria-live': 'polite' });
    return el(
      'form',
      {
        on: {
          submit: event =>
            this.submit(event, () =>
              this.startRun({
                force: force.checked || undefined,
                parallel: parallel.checked || undefined,
                serial: serially.checked || undefined,
              }),
            ),
        },
      },
      el('div', { class: 'field' }, this.find, choices),
      field('Variables', this.vars),
      forceField,
      parallelField,
      serialField,
      this.words,
      el('div', { class: 'acts' }, el('button', { type: 'submit', class: 'first' }, 'Start')),
    );
  }

  findKey(event) {
    if (event.key !== 'Enter') return;
    const first = this.list.querySelector('input');
    if (!first || this.find.value === '') return;
    event.preventDefault();
    first.click();
    this.find.select();
  }

  showTasks() {
    const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const some = this.tasks.filter(t =>
      words.every(w => (t.name + ' ' + t.desc).toLowerCase().includes(w)),
    );
    fill(
      this.list,
      some.map(t => this.choice(t)),
      some.length === 0 && el('li', { class: 'soft pad', text: 'no such task' }),
    );
    this.showWords();
  }

  choice(task) {
    const name = task.task || task.name,
      id = 'task-' + ++serial;
    const box = el('input', {
      type: 'checkbox',
      id,
      checked: this.chosen.has(name),
      on: {
        change: () => {
          this.chosen[box.checked ? 'add' : 'delete'](name);
          this.showWords();
        },
      },
    });
    return el(
      'li',
      {},
      box,
      el(
        'label',
        { for: id },
        el('span', { class: 'name', text: task.name }),
        ' ',
        el('span', { class: 'soft', text: task.desc }),
      ),
    );
  }

  showWords() {
    this.words.textContent = this.chosen.size
      ? 'prun ' + [...this.chosen].join(' ')
      : 'choose a task';
  }

  async startRun(more) {
    if (!this.chosen.size) throw new Problem(0, { title: 'choose a task first' });
    const { run_id: id } = await post('/runs', {
      tasks: [...this.chosen],
      vars: readVars(this.vars.value),
      ...more,
    });
    go('runs', id);
  }

  /* ---- a session ---- */

  makeSession() {
    this.plans = el('div', { class: 'plans' });
    this.planTasks = el('datalist', { id: 'plan-tasks' });
    this.workers = number(1, 64);
    this.timeout = text({ placeholder: 'such as 30m', size: '8' });
    this.retries = number(0, 10, { placeholder: '0' });
    this.addPlan();
    return el(
      'form',
      { on: { submit: event => this.submit(event, () => this.startSession()) } },
      el(
        'div',
        { class: 'field' },
        el('div', { class: 'section' }, el('h2', { text: 'Plans and tasks' })),
        this.plans,
        button('one more', () => this.addPlan().focus(), { class: 'small' }),
        this.planTasks,
      ),
      el(
        'div',
        { class: 'fields' },
        field('Workers', this.workers),
        field('Timeout of a test', this.timeout),
        field('Attempts after a failure', this.retries),
      ),
      el('div', { class: 'acts' }, el('button', { type: 'submit', class: 'first' }, 'Start')),
    );
  }

  /** A line of the form; says its first field. */
  addPlan() {
    const file = text({ placeholder: 'docs/plans/one.md', 'data-part': 'plan_file' });
    const batch = text({ placeholder: 'all', size: '8', 'data-part': 'batch_range' });
    const task = text({ list: 'plan-tasks', placeholder: 'the usual', 'data-part': 'task' });
    const priority = number(-1000, 1000, { placeholder: '0', 'data-part': 'priority' });
    const line = el(
      'div',
      { class: 'plan', role: 'group', 'aria-label': 'a plan' },
      field('Plan file', file),
      field('Batches', batch),
      field('Task', task),
      field('Priority', priority),
      button(
        '✕',
        () => {
          if (this.plans.children.length > 1) line.remove();
        },
        { class: 'plain', 'aria-label': 'without this plan' },
      ),
    );
    this.plans.append(line);
    return file;
  }

  showPlanTasks() {
    fill(
      this.planTasks,
      this.tasks.map(t => el('option', { value: t.task || t.name })),
    );
    if (!store.server) return;
    for (const input of this.plans.querySelectorAll('[data-part=task]'))
      input.placeholder = store.server.plan_task;
  }

  readPlans() {
    return [...this.plans.children].map(line => {
      const value = part => line.querySelector(`[data-part=${part}]`).value.trim() || undefined;
      const priority = value('priority');
      return {
        plan_file: value('plan_file'),
        batch_range: value('plan_file') && value('batch_range'),
        task: value('task'),
        priority: priority && Number(priority),
      };
    });
  }

  async startSession() {
    const config = {
      task_timeout: this.timeout.value.trim() || undefined,
      max_retries: this.retries.value === '' ? undefined : Number(this.retries.value),
    };
    const { session_id: id } = await post('/parallel-test/start', {
      test_plans: this.readPlans(),
      num_workers: this.workers.value === '' ? undefined : Number(this.workers.value),
      config,
    });
    go('sessions', id);
  }

  /* ---- both ---- */

  async submit(event, start) {
    event.preventDefault();
    const submit = event.target.querySelector('[type=submit]');
    submit.disabled = true;
    fill(this.error);
    for (const input of this.plans.querySelectorAll('input')) input.removeAttribute('aria-invalid');
    try {
      await start();
      note('started');
    } catch (problem) {
      this.fail(problem);
    }
    submit.disabled = false;
  }

  /* What the server says of a field stands at the field. */
  fail(problem) {
    if (!(problem instanceof Problem)) throw problem;
    fill(
      this.error,
      el('p', {
        class: 'bad',
        text: problem.message + (problem.retryAfter ? `; again in ${problem.retryAfter} s` : ''),
      }),
      problem.errors.map(({ pointer, detail }) =>
        el('p', { class: 'bad small', text: `${detail} (${pointer})` }),
      ),
    );
    for (const { pointer } of problem.errors) this.point(pointer);
  }

  point(pointer) {
    const m = /^\/test_plans\/(\d+)\/(\w+)/.exec(pointer);
    const line = m && this.plans.children[Number(m[1])];
    const input = line && line.querySelector(`[data-part="${m[2]}"]`);
    if (!input) return;
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  }
}
