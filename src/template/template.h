/* SPDX-License-Identifier: MIT */
/*
 * Go's text/template as go-task uses it: parse once (interned by text), execute
 * many times.  Pure: clock, environment, randomness and the like come from
 * `struct tmpl_env`, so tests can fix them.
 * May include: base/, value.h.
 */
#ifndef TEMPLATE_TEMPLATE_H
#define TEMPLATE_TEMPLATE_H

#include "base/err.h"
#include "base/vec.h"
#include "go/value.h"

/* What functions may ask the world; every member must be set. */
struct tmpl_env {
	int64_t (*now_ns)(void *ctx);			/* real time */
	const char *(*getenv)(void *ctx, const char *name); /* NULL: unset */
	uint64_t (*random)(void *ctx);
	const char *(*cwd)(void *ctx);
	void *ctx;
};

/* The real clock, environment and randomness. */
const struct tmpl_env *tmpl_env_system(void);

/* Keeps parsed templates by text; lives in an arena. */
struct templater;
struct templater *templater_new(struct arena *a, const struct tmpl_env *env);

/*
 * Replaces a text against the map `data`.  A text without "{{" is returned as
 * it is (L-124); every "<no value>" of a result is removed (L-131).  The result
 * lives in `a` (or is `text` itself).  Errors: ERR_GENERIC with Go's text,
 * `template: :1:5: executing "" at <…>: …` (L-142, L-143).
 */
bool templater_replace(struct templater *t, struct arena *a, sv text,
    value data, sv *out, struct err *e);

/*
 * Strings inside a value (lists and maps deeply, keys not) are replaced; other
 * kinds keep their type; null entries of maps are dropped (L-083).
 */
bool templater_replace_value(struct templater *t, struct arena *a, value v,
    value data, value *out, struct err *e);

/* Value of a `ref:` expression with its type kept (L-084); the template is
 * called "resolver" in errors. */
bool templater_resolve(struct templater *t, struct arena *a, sv expr,
    value data, value *out, struct err *e);

/* What a text's templates rest on. */
struct templater_needs {
	struct map *names; /* read (value: any non-NULL pointer); NULL: none */
	bool all;          /* can read any */
	bool impure;       /* another result every time (now, uuid …) */
};

/*
 * Adds the top-level names that a text reads (`.NAME`, `$.NAME`, `index .
 * "NAME"` with a constant), for lazy variables.  `all` is set when it can read
 * any of them (a bare `.` or `$`, `index .` with something computed) or does
 * not parse.  With is_ref the text is a `ref:` expression without braces.  The
 * map of names is made in `a` when there is a first one.
 */
void templater_names(struct templater *t, struct arena *a, sv text, bool is_ref,
    struct templater_needs *needs);

#endif
