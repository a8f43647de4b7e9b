// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The settings of a service, as the Python package prints them.
 *
 * @param {string} archive the package, as it was built
 * @param {string} file the settings
 * @param {Record<string, string>} [environment] what else to set
 * @returns {Promise<Record<string, unknown>>}
 */
export async function settings(archive, file, environment = {}) {
  const python = process.env.PYTHON || 'python3';

  try {
    const { stdout } = await run(python, [archive, file], {
      env: { ...process.env, ...environment },
    });
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error((error.stderr || error.message).trim(), { cause: error });
  }
}
