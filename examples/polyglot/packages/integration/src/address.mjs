// SPDX-License-Identifier: MIT

/**
 * The address of a service by its settings; the usual port is left out.
 *
 * @param {{host: string, port: number, tls: boolean}} service
 * @param {string} [path]
 * @returns {string}
 */
export function address(service, path = '/') {
  const scheme = service.tls ? 'https' : 'http';
  const url = new URL(`${scheme}://${service.host}`);

  if (!Number.isInteger(service.port) || service.port < 1) {
    throw new TypeError(`no port: ${service.port}`);
  }
  url.port = String(service.port);
  url.pathname = path;
  return url.href;
}
