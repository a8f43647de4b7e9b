/* SPDX-License-Identifier: MIT */
/*
 * JSON as Go's encoding/json writes and reads it: sorted keys, HTML-safe
 * escapes, its spelling of floats (L-149) and its error texts.
 * May include: base/, value.h, fmt.h.
 */
#ifndef GO_JSON_H
#define GO_JSON_H

#include "base/err.h"
#include "go/value.h"

enum json_flags {
	JSON_HTML = 1,	 /* < > & as \u003c and so on */
	JSON_INDENT = 2, /* two blanks a level */
};

/* Appends a string in double quotes; bad UTF-8 becomes U+FFFD. */
void json_quote(struct sb *out, sv s, bool html);
/* Appends a value; false with `json: unsupported value: NaN` or
 * `json: unsupported value: …`. */
bool json_write(struct sb *out, value v, unsigned flags, struct err *e);
/*
 * One JSON text to a value in `a`; all numbers are float64.  Errors:
 * ERR_GENERIC, `invalid character 'b' looking for beginning of value`,
 * `unexpected end of JSON input` …
 */
bool json_read(struct arena *a, sv text, value *out, struct err *e);

#endif
