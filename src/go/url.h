/* SPDX-License-Identifier: MIT */
/*
 * URLs taken apart and put together as Go's net/url does.
 * May include: base/.
 */
#ifndef GO_URL_H
#define GO_URL_H

#include "base/err.h"
#include "base/str.h"

struct url {
	sv scheme, opaque, host, path, query, fragment;
	sv raw_path, raw_fragment; /* set where escaping differs from ours */
	bool has_user, has_password;
	sv user, password;
	bool omit_host, force_query;
};

/* Parts are unescaped and live in `a` (or are parts of `text`).  Errors:
 * ERR_GENERIC, `parse "TEXT": missing protocol scheme` and the like. */
bool url_parse(struct arena *a, sv text, struct url *out, struct err *e);
void url_write(struct sb *out, const struct url *u);
/* "user:password", escaped. */
void url_write_user(struct sb *out, const struct url *u);
/* Host without port and brackets. */
sv url_hostname(const struct url *u);
/* Adds path elements and cleans the path; keeps a slash at the end. */
bool url_join_path(struct arena *a, struct url *u, const sv *elements,
    size_t n, struct err *e);

#endif
