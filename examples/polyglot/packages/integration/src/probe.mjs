// SPDX-License-Identifier: MIT
import http from 'node:http';
import https from 'node:https';
import { address } from './address.mjs';

/**
 * Asks a service whether it is well.
 *
 * @param {{host: string, port: number, tls: boolean, timeout: number}} service
 * @returns {Promise<boolean>}
 */
export function probe(service) {
  return new Promise((resolve) => {
    const client = service.tls ? https : http;
    const options = { timeout: service.timeout * 1000, agent: false };
    const request = client.get(
      address(service, '/health'),
      options,
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );

    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
