// SPDX-License-Identifier: MIT
export { address } from './address.mjs';
export { probe } from './probe.mjs';
export { settings } from './settings.mjs';
