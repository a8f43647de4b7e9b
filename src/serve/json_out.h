/* SPDX-License-Identifier: MIT */
/*
 * JSON as it is written, comma by comma; strings by go/json.h, so that bytes
 * which are no UTF-8 become U+FFFD rather than no answer.
 * May include: base/, go/ (JSON).
 */
#ifndef SERVE_JSON_OUT_H
#define SERVE_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct json_out {
	struct sb text;
	bool needs_comma;
};
#define JSON_OUT_INIT                                                          \
	{                                                                      \
		SB_INIT, false                                                 \
	}

void json_out_cleanup(struct json_out *j);
#define cleanup_json __attribute__((cleanup(json_out_cleanup)))

/* '{' or '['; and their ends. */
void jo_open(struct json_out *j, char bracket);
void jo_close(struct json_out *j, char bracket);
void jo_key(struct json_out *j, const char *key);
/* Values: behind a key, or in a list. */
void jo_sv(struct json_out *j, sv text);
void jo_text(struct json_out *j, const char *text);
void jo_int(struct json_out *j, int64_t n);
void jo_seconds(struct json_out *j, int64_t ns);
void jo_bool(struct json_out *j, bool b);
void jo_null(struct json_out *j);
/* A moment, ns of the epoch, as RFC 3339 has it. */
void jo_time(struct json_out *j, int64_t at_ns);
/* What is JSON already. */
void jo_raw(struct json_out *j, sv json);
/* A key with a text, left out where it is "" or NULL. */
void jo_text_if(struct json_out *j, const char *key, const char *text);

#endif
