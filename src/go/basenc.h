/* SPDX-License-Identifier: MIT */
/*
 * Base64 and base32 with Go's standard alphabets and padding.
 * May include: base/.
 */
#ifndef GO_BASENC_H
#define GO_BASENC_H

#include "base/str.h"

void base64_encode(struct sb *out, sv s);
void base32_encode(struct sb *out, sv s);
/* Line breaks are skipped.  false on bad input: *at is the byte that Go's
 * `illegal base64 data at input byte N` names. */
bool base64_decode(struct sb *out, sv s, size_t *at);
bool base32_decode(struct sb *out, sv s, size_t *at);

#endif
