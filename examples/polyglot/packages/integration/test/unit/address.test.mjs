// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import test from 'node:test';
import { address } from '../../src/index.mjs';

test('an address has scheme, host, port and path', () => {
  const service = { host: 'example.com', port: 8443, tls: true };

  assert.equal(address(service), 'https://example.com:8443/');
  assert.equal(
    address({ ...service, tls: false }, '/health'),
    'http://example.com:8443/health',
  );
});

test('the usual port is left out', () => {
  assert.equal(
    address({ host: 'example.com', port: 443, tls: true }),
    'https://example.com/',
  );
});

test('a path is quoted', () => {
  const service = { host: 'h', port: 8080, tls: false };

  assert.equal(address(service, '/a b?c'), 'http://h:8080/a%20b%3Fc');
});

test('a missing port is refused', () => {
  assert.throws(() => address({ host: 'h', tls: false }), /no port/);
});
