/* SPDX-License-Identifier: MIT */
/*
 * The function table of templates (L-150): sprig's, go-task's and the
 * built-ins.  The evaluator checks and converts arguments by the kinds stated
 * here and makes every wrong-type and wrong-count message in one place (L-144).
 * May include: base/, value.h, fmt.h, template.h.
 */
#ifndef TEMPLATE_FUNCS_H
#define TEMPLATE_FUNCS_H

#include "base/err.h"
#include "template/template.h"
#include "go/value.h"

/* Parameter types as Go declares them; one letter each in `func.args`. */
enum arg_kind {
	ARG_ANY = 'a',	   /* interface{} */
	ARG_STRING = 's',  /* string */
	ARG_INT = 'i',	   /* int */
	ARG_INT64 = 'l',   /* int64 */
	ARG_FLOAT = 'f',   /* float64 */
	ARG_BOOL = 'b',	   /* bool */
	ARG_LIST = 'L',	   /* []interface{} */
	ARG_STRINGS = 'S', /* []string */
	ARG_MAP = 'm',	   /* map[string]interface{} */
	ARG_MAP_STRING = 'M', /* map[string]string */
	ARG_TIME = 't',	   /* time.Time */
	ARG_DURATION = 'd', /* time.Duration */
	/* reflect.Value, for built-ins: may be VALUE_INVALID */
	ARG_REFLECT = 'r',
};

/* What a running function may use. */
struct func_ctx {
	struct arena *a; /* results live here */
	const struct tmpl_env *env;
};

/* Sets *out; false with the bare text (the evaluator puts
 * `error calling NAME: ` and the place in front). */
typedef bool (*func_fn)(struct func_ctx *c, const value *args, size_t n,
    value *out, struct err *e);

/* `args`: one letter a parameter; "*" behind the last makes it variadic
 * ("as*": any, then any number of strings). */
struct func {
	const char *name;
	const char *args;
	func_fn fn;
};

/* NULL when there is no function of that name.  An impure one has another
 * result every time (now, uuid …). */
const struct func *func_find(sv name, bool *is_impure);

/*
 * Methods of time.Time, time.Duration, time.Month, time.Weekday and
 * *time.Location values (`now.Year`, L-152), or NULL: called like functions,
 * the value itself being args[0], which `func.args` does not count.
 */
const struct func *method_find(enum go_type type, sv name);
/* Why a method that there is cannot be called from a template, or NULL. */
const char *method_refusal(enum go_type type, sv name);

/* One sorted table per file, put together by funcs.c. */
extern const struct func funcs_builtin[], funcs_string[], funcs_list[],
    funcs_dict[], funcs_math[], funcs_path[], funcs_os[], funcs_encode[],
    funcs_date[], funcs_misc[], funcs_regex[];

#endif
