// SPDX-License-Identifier: MIT
// What this repository asks of its Node package, with nothing to install.
//
//     node tools/node.mjs lint|format|types|build|security|docs PACKAGE
//
// A real repository would have eslint, tsc and the like here; these few lines
// do the same kind of work, so that the example runs wherever there is Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** All files below a folder with one of the endings, in a fixed order. */
function sources(folder, ...endings) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return sources(name, ...endings);
      return endings.includes(path.extname(name)) ? [name] : [];
    });
}

const read = (name) => fs.readFileSync(name, 'utf8');

/** What matches a pattern in the sources, as file:line: text. */
function* matches(folder, patterns) {
  for (const name of sources(folder, '.mjs')) {
    for (const [at, line] of read(name).split('\n').entries()) {
      for (const [pattern, text] of patterns) {
        if (pattern.test(line)) yield `${name}:${at + 1}: ${text}`;
      }
    }
  }
}

/** What Node cannot parse, and what a reader trips over. */
function* lint(folder) {
  for (const name of sources(folder, '.mjs')) {
    const done = spawnSync(process.execPath, ['--check', name]);
    if (done.status !== 0) yield `${done.stderr}`.trim();
  }
  yield* matches(folder, [
    [/.{81}/, 'more than 80 characters'],
    [/^\s*var\s/, 'var: use const or let'],
    [/[^=!]==[^=]|!=[^=]/, 'compare with === or !=='],
  ]);
}

/** No blanks at the end of a line; JSON as JSON.stringify writes it. */
function* format(folder) {
  for (const name of sources(folder, '.mjs', '.json')) {
    const old = read(name);
    const text = name.endsWith('.json')
      ? JSON.stringify(JSON.parse(old), null, 2)
      : old.replace(/[ \t]+$/gm, '');
    const now = `${text.trimEnd()}\n`;
    if (now === old) continue;
    fs.writeFileSync(name, now);
    console.log(`${name}: formatted`);
  }
}

/** Every exported function says of which types its parameters are. */
function* types(folder) {
  const exported =
    /(\/\*\*(?:(?!\*\/).)*\*\/\s*)?export (?:async )?function (\w+)\(([^)]*)\)/gs;

  for (const name of sources(path.join(folder, 'src'), '.mjs')) {
    for (const [, comment = '', what, list] of read(name).matchAll(exported)) {
      const wanted = list.split(',').filter((text) => text.trim() !== '');
      const given = comment.match(/@param \{/g) ?? [];
      if (given.length !== wanted.length || !/@returns \{/.test(comment)) {
        yield `${name}: ${what}: parameters or result without a type`;
      }
    }
  }
}

/** The sources in build/ with a list of their digests. */
function* build(folder) {
  const to = path.join('build', 'integration');
  const digests = {};

  fs.mkdirSync(to, { recursive: true });
  for (const name of sources(path.join(folder, 'src'), '.mjs')) {
    const done = spawnSync(process.execPath, ['--check', name]);
    if (done.status !== 0) {
      yield `${done.stderr}`.trim();
      continue;
    }
    fs.copyFileSync(name, path.join(to, path.basename(name)));
    digests[path.basename(name)] = createHash('sha256')
      .update(read(name))
      .digest('hex');
  }
  fs.writeFileSync(
    path.join(to, 'digests.json'),
    `${JSON.stringify(digests, null, 2)}\n`,
  );
  console.log(`built ${to}`);
}

/** Calls that run what they are handed as code. */
function* security(folder) {
  yield* matches(path.join(folder, 'src'), [
    [/\beval\(|new Function\(/, 'runs text as code'],
    [/\bexec\(|shell: true/, 'starts a shell'],
  ]);
}

/** A page from the first lines of the comments. */
function* docs(folder) {
  const documented =
    /\/\*\*\n \* ([^\n]*)(?:(?!\*\/).)*\*\/\nexport (?:async )?function (\w+)/gs;
  const lines = ['# integration', ''];

  for (const name of sources(path.join(folder, 'src'), '.mjs')) {
    const text = read(name);
    const count = (text.match(/^export (async )?function/gm) ?? []).length;
    const found = [...text.matchAll(documented)];
    if (found.length !== count) yield `${name}: a function says nothing`;
    for (const [, about, what] of found) lines.push(`- \`${what}\`: ${about}`);
  }
  fs.mkdirSync('build/docs', { recursive: true });
  fs.writeFileSync('build/docs/integration.md', `${lines.join('\n')}\n`);
}

const work = { lint, format, types, build, security, docs };
const [what, folder] = process.argv.slice(2);

if (!(what in work) || folder === undefined) {
  console.error(`usage: node.mjs ${Object.keys(work).join('|')} PACKAGE`);
  process.exit(2);
}
const problems = [...work[what](folder)];
for (const text of problems) console.log(text);
process.exitCode = problems.length === 0 ? 0 : 1;
