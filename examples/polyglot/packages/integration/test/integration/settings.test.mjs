// SPDX-License-Identifier: MIT
// Both packages together: the settings as Python reads them, in Node.
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { address, settings } from '../../src/index.mjs';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const archive = `${root}build/settings.pyz`;
const file = `${root}packages/config/service.ini`;

test('an address from the settings', async () => {
  const service = await settings(archive, file, { SERVICE_PORT: '9443' });

  assert.equal(address(service, '/health'), 'https://example.com:9443/health');
});

test('what Python refuses, Node reports', async () => {
  await assert.rejects(
    settings(archive, file, { SERVICE_TLS: 'maybe' }),
    /tls: 'maybe' is neither on nor off/,
  );
});
