/* SPDX-License-Identifier: MIT */
/*
 * What answers are made of: JSON, and problems as RFC 9457 has them.
 * May include: base/, serve/.
 */
#ifndef SERVE_ANSWERS_H
#define SERVE_ANSWERS_H

#include "serve/http.h"
#include "serve/json_out.h"

/* One thing that is wrong with a body. */
struct fault {
	const char *pointer, *detail;
};
typedef VEC(struct fault) faults;

void answer_header(
    struct request *r, struct answer *an, const char *name, const char *value);
/* Makes *an; the text is in the request's arena. */
void answer_problem(struct request *r, struct answer *an, int status,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Answer at once. */
void reply_problem(struct request *r, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void reply_invalid(struct request *r, const faults *all);
void reply_json(struct request *r, struct json_out *j);
/* 202, with where it can be looked at. */
void reply_accepted(
    struct request *r, const char *location, struct json_out *j);

/* "/a/0/b" of a fault, and what is the matter with it. */
void fault_add(struct request *r, faults *all, const char *pointer,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
