// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { probe } from '../../src/index.mjs';

/**
 * A server on a free port of this machine that answers with one status.
 *
 * @param {number} status
 * @returns {Promise<http.Server>}
 */
function serve(status) {
  const server = http.createServer((request, answer) => {
    answer.statusCode = request.url === '/health' ? status : 404;
    answer.end();
  });

  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

for (const [status, well] of [[200, true], [503, false]]) {
  test(`well is ${well} where the answer is ${status}`, async () => {
    const server = await serve(status);
    const { port } = server.address();

    try {
      const service = { host: '127.0.0.1', port, tls: false, timeout: 5 };
      assert.equal(await probe(service), well);
    } finally {
      server.close();
    }
  });
}

test('a service that is away is not well', async () => {
  const server = await serve(200);
  const { port } = server.address();

  await new Promise((resolve) => server.close(resolve));
  assert.equal(
    await probe({ host: '127.0.0.1', port, tls: false, timeout: 5 }),
    false,
  );
});
