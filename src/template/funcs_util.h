/* SPDX-License-Identifier: MIT */
/*
 * What the files of template functions share.
 * May include: base/, value.h, fmt.h, funcs.h.
 */
#ifndef TEMPLATE_FUNCS_UTIL_H
#define TEMPLATE_FUNCS_UTIL_H

#include "go/fmt.h"
#include "go/tz.h"
#include "template/funcs.h"

/* Head of a template function; what a function does not use is no mistake. */
#define FUNC(name)                                                            \
	static bool name(struct func_ctx *c __attribute__((unused)),          \
	    const value *args __attribute__((unused)),                        \
	    size_t n __attribute__((unused)),                                 \
	    value *out __attribute__((unused)),                               \
	    struct err *e __attribute__((unused)))

#define fn_fail(e, ...) err_set((e), ERR_GENERIC, __VA_ARGS__)

/* Go's text for a use of nil where a type is asked for. */
#define NIL_DEREFERENCE                                                       \
	"runtime error: invalid memory address or nil pointer dereference"

/* Text of a string argument. */
static inline sv
arg_text(value v)
{
	return value_text(v);
}

/* A value as a list or map holds it: what is absent becomes nil. */
static inline value
fn_stored(value v)
{
	return v.kind == VALUE_INVALID ? VALUE_NULL : v;
}

/* Emptiness for `default`, `empty`, `coalesce` and the like. */
bool fn_empty(value v);
/* A value as text: strings as they are, else %v. */
sv fn_string(struct arena *a, value v);
/* Items as strings, nil ones left out; a lone value is one item, nil none. */
bool fn_strings(struct arena *a, value v, value *out, struct err *e);
/* "the text is longer than N bytes"; always false. */
bool fn_too_long(struct err *e);
/* A value as int64 or float64; what is no number is 0. */
int64_t fn_int64(value v);
double fn_float64(value v);
/* All of `s` as an integer; false on bad syntax.  Out of range gives the
 * nearest bound and false in *fits. */
bool fn_parse_int(sv s, int base, int64_t *out, bool *fits);
/* The process's time zone. */
const struct tz *fn_local_zone(struct func_ctx *c);
/* `t` plus nanoseconds, in the zone that it has. */
struct value_time fn_time_add(struct func_ctx *c, const struct value_time *t,
    int64_t ns);

#endif
