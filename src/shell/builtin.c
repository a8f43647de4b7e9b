/* SPDX-License-Identifier: MIT */
/* The builtins that run here. */
#include <stdlib.h>

#include "shell/run.h"

/* -n, -e and -E in any number and order. */
static bool
is_echo_option(const char *arg)
{
	return arg[0] == '-' && arg[1] != '\0' &&
	       arg[1 + strspn(arg + 1, "neE")] == '\0';
}

static enum builtin_end
builtin_echo(struct snippet_run *r, const char *const *argv, size_t argc)
{
	bool newline = true, escapes = false;
	size_t i = 1;

	for (; i < argc && is_echo_option(argv[i]); i++)
		for (const char *c = argv[i] + 1; *c != '\0'; c++)
			if (*c == 'n')
				newline = false;
			else
				escapes = *c == 'e';
	for (size_t first = i; i < argc; i++) {
		if (escapes && strchr(argv[i], '\\') != NULL) {
			sb_clear(&r->out);
			return BUILTIN_BASHES;
		}
		if (i > first)
			sb_addc(&r->out, ' ');
		sb_adds(&r->out, argv[i]);
	}
	if (newline)
		sb_addc(&r->out, '\n');
	r->status = 0;
	return BUILTIN_ENDED;
}

static enum builtin_end
builtin_exit(struct snippet_run *r, const char *const *argv, size_t argc)
{
	const char *arg = argc > 1 ? argv[1] : NULL, *digits;

	r->over = true;
	if (argc > 2)
		return BUILTIN_BASHES;
	if (arg == NULL)
		return BUILTIN_LEAVES;
	digits = arg + (*arg == '-');
	if (*digits == '\0' || strlen(digits) > 9 ||
	    digits[strspn(digits, "0123456789")] != '\0')
		return BUILTIN_BASHES;
	r->status = (int)(strtol(arg, NULL, 10) & 255);
	return BUILTIN_LEAVES;
}

static enum builtin_end
builtin_set(struct snippet_run *r, const struct simple *c)
{
	struct snippet_options *o = &r->options;

	o->errexit = (o->errexit || c->on.errexit) && !c->off.errexit;
	o->nounset = (o->nounset || c->on.nounset) && !c->off.nounset;
	r->status = 0;
	return BUILTIN_ENDED;
}

static enum builtin_end
builtin_export(struct snippet_run *r, const struct simple *c)
{
	const struct assignment *as;

	r->status = 0;
	vec_each(&c->exports, as) {
		const char *value;

		if (as->value != NULL) {
			value = word_value(r, as->value);
			if (value == NULL)
				return BUILTIN_LEAVES;
			variable_set(r, as->name, value);
		}
		variable_export(r, as->name);
	}
	return BUILTIN_ENDED;
}

static enum builtin_end
builtin_unset(struct snippet_run *r, const struct simple *c)
{
	const struct assignment *as;

	vec_each(&c->exports, as)
		variable_unset(r, as->name);
	r->status = 0;
	return BUILTIN_ENDED;
}

static enum builtin_end
builtin_pwd(struct snippet_run *r)
{
	sb_adds(&r->out, r->dir);
	sb_addc(&r->out, '\n');
	r->status = 0;
	return BUILTIN_ENDED;
}

enum builtin_end
builtin_run(struct snippet_run *r, const struct simple *c,
    const char *const *argv, size_t argc)
{
	switch (c->builtin) {
	case BUILTIN_ECHO:
		return builtin_echo(r, argv, argc);
	case BUILTIN_PRINTF:
		return builtin_printf(r, argv, argc);
	case BUILTIN_TEST:
	case BUILTIN_BRACKET:
		return builtin_test(r, argv, argc);
	case BUILTIN_PWD:
		return builtin_pwd(r);
	case BUILTIN_CD:
		return builtin_cd(r, argv, argc);
	case BUILTIN_EXIT:
		return builtin_exit(r, argv, argc);
	case BUILTIN_SET:
		return builtin_set(r, c);
	case BUILTIN_EXPORT:
		return builtin_export(r, c);
	case BUILTIN_UNSET:
		return builtin_unset(r, c);
	case BUILTIN_READ:
		return builtin_read(r, argv, argc);
	case BUILTIN_TRUE:
	case BUILTIN_FALSE:
	case BUILTIN_NONE:
		break;
	}
	r->status = c->builtin == BUILTIN_FALSE;
	return BUILTIN_ENDED;
}
