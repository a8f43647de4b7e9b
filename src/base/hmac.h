/* SPDX-License-Identifier: MIT */
/*
 * HMAC-SHA-256 (RFC 2104): that a text comes from somebody who has the key.
 * May include: sha256.h.
 */
#ifndef BASE_HMAC_H
#define BASE_HMAC_H

#include "base/sha256.h"

/* In lower-case digits with a NUL behind them. */
void hmac_sha256(sv key, sv text, char out[SHA256_HEX + 1]);
/* Are two texts equal?  Takes as long for those that differ early. */
bool hmac_equal(sv a, sv b);

#endif
