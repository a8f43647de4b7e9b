/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

const struct option_def option_defs[OPT_COUNT] = {
#define X(name, letter, kind, env, fallback, word, help)                      \
	[OPT_##name] = { #name, letter, OPTION_##kind, env, fallback, word,   \
		help },
	OPTIONS(X)
#undef X
};

struct parser {
	struct arena *a;
	struct options *o;
	char *const *argv;
	int argc, at;
	bool gentle_force;
	struct err *e;
};

/* The table's names are C identifiers; flags have dashes. */
static bool
name_is(const char *id, sv name)
{
	size_t i = 0;

	for (; id[i] != '\0'; i++)
		if (i >= name.n || name.p[i] != (id[i] == '_' ? '-' : id[i]))
			return false;
	return i == name.n;
}

static const char *
flag_name(struct arena *a, enum option_id id)
{
	char *name = arena_strdup(a, option_defs[id].name);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
	return name;
}

bool
option_is_hidden(enum option_id id, bool gentle_force)
{
	return id == OPT_force_all && !gentle_force;
}

static int
find_long(const struct parser *p, sv name)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (!option_is_hidden((enum option_id)i, p->gentle_force) &&
		    name_is(option_defs[i].name, name))
			return i;
	return -1;
}

static int
find_letter(char letter)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (option_defs[i].letter == letter)
			return i;
	return -1;
}

static bool
bad_value(struct arena *a, enum option_id id, const char *text,
    const char *reason, struct err *e)
{
	const struct option_def *d = &option_defs[id];
	char letter[8] = "";

	if (d->letter != 0) {
		letter[0] = '-';
		letter[1] = d->letter;
		letter[2] = ',';
		letter[3] = ' ';
	}
	return err_set(e, ERR_USAGE, "invalid argument %s for \"%s--%s\" flag: %s",
	    quote_go(a, sv_of(text)), letter, flag_name(a, id), reason);
}

static void
options_add_list(struct arena *a, string_vec *list, const char *text)
{
	sv rest = sv_of(text), part;

	while (rest.n > 0) {
		sv_cut(rest, ',', &part, &rest);
		vec_push(a, list, sv_cstr(a, sv_trim(part)));
	}
}

/* Sets one option from text; false with the reason as pflag words it.  Numbers
 * have prefixes (base 0) as flags, none (base 10) in the environment. */
static bool
set_value(struct arena *a, struct options *o, enum option_id id,
    const char *text, int base, struct err *e)
{
	struct option_value *v = &o->v[id];
	struct err inner cleanup_err = ERR_INIT;
	bool range = false;

	switch (option_defs[id].kind) {
	case OPTION_BOOL:
		if (!go_bool_parse(text, &v->b))
			return bad_value(a, id, text,
			    arena_printf(a, "strconv.ParseBool: parsing %s: "
					    "invalid syntax",
				quote_go(a, sv_of(text))), e);
		break;
	case OPTION_INT:
		if (!go_int_parse(text, base, &v->i, &range))
			return bad_value(a, id, text,
			    arena_printf(a, "strconv.ParseInt: parsing %s: %s",
				quote_go(a, sv_of(text)), range
				    ? "value out of range" : "invalid syntax"),
			    e);
		break;
	case OPTION_JOBS:
		if (strcmp(text, "max") == 0)
			v->i = -1;
		else if (!go_int_parse(text, base, &v->i, &range) ||
		    v->i < 0)
			return bad_value(a, id, text,
			    "wanted a number or max", e);
		break;
	case OPTION_DURATION:
		if (!duration_parse(sv_of(text), &v->i, &inner))
			return bad_value(a, id, text, inner.message, e);
		break;
	case OPTION_LIST:
		options_add_list(a, &v->list, text);
		break;
	case OPTION_REPEAT:
		vec_push(a, &v->list, text);
		break;
	case OPTION_STRING:
	case OPTION_OPTIONAL:
		break;
	}
	v->s = text;
	v->is_set = true;
	return true;
}

static bool
options_set_flag(struct parser *p, int id, const char *text)
{
	struct option_value *v = &p->o->v[id];

	v->by_flag = true;
	return set_value(p->a, p->o, (enum option_id)id, text, 0, p->e);
}

static bool
takes_value(int id)
{
	return option_defs[id].kind != OPTION_BOOL &&
	    option_defs[id].kind != OPTION_OPTIONAL;
}

char *
option_flag(struct arena *a, enum option_id id)
{
	return arena_printf(a, "--%s", flag_name(a, id));
}

int
options_wants_value(const char *arg)
{
	struct parser p = { .gentle_force = true };
	int id = -1;

	if (arg[0] != '-' || arg[1] == '\0')
		return -1;
	if (arg[1] == '-') {
		id = find_long(&p, sv_of(arg + 2));
		return id >= 0 && takes_value(id) ? id : -1;
	}
	for (const char *c = arg + 1; *c != '\0'; c++) {
		id = find_letter(*c);
		/* a value of its own, or no flag */
		if (id < 0 || (takes_value(id) && c[1] != '\0'))
			return -1;
	}
	return takes_value(id) ? id : -1;
}

static bool
parse_long(struct parser *p, const char *arg)
{
	sv name, text;
	bool has_value = sv_cut(sv_of(arg + 2), '=', &name, &text);
	int id;

	if (name.n == 0 || name.p[0] == '-')
		return err_set(p->e, ERR_USAGE, "bad flag syntax: %s", arg);
	id = find_long(p, name);
	if (id < 0)
		return err_set(p->e, ERR_USAGE, "unknown flag: --%.*s",
		    SV_ARG(name));
	if (has_value)
		return options_set_flag(p, id, sv_cstr(p->a, text));
	if (!takes_value(id))
		return options_set_flag(
		    p, id, option_defs[id].kind == OPTION_BOOL ? "true" : "");
	if (p->at >= p->argc)
		return err_set(p->e, ERR_USAGE, "flag needs an argument: --%.*s",
		    SV_ARG(name));
	return options_set_flag(p, id, p->argv[p->at++]);
}

static bool
unknown_letter(struct parser *p, const char *group)
{
	struct sb letter cleanup_sb = SB_INIT;

	sb_quote_rune(&letter, (unsigned char)*group);
	return err_set(p->e, ERR_USAGE, "unknown shorthand flag: %s in -%s",
	    sb_cstr(&letter), group);
}

/* A group of letters behind one dash: bools, the last may take a value. */
static bool
parse_letters(struct parser *p, const char *group)
{
	for (const char *c = group; *c != '\0'; c++) {
		int id = find_letter(*c);

		if (*c == 'j' && isdigit((unsigned char)c[1]))
			return options_set_flag(p, OPT_jobs, c + 1);
		if (id < 0)
			return unknown_letter(p, c);
		/* a lone "=" is the value itself, or the next letter */
		if (c[1] == '=' && c[2] != '\0')
			return options_set_flag(p, id, c + 2);
		if (!takes_value(id)) {
			if (!options_set_flag(p, id, "true"))
				return false;
			continue;
		}
		if (c[1] != '\0')
			return options_set_flag(p, id, c + 1);
		if (p->at >= p->argc)
			return err_set(p->e, ERR_USAGE,
			    "flag needs an argument: '%c' in -%s", *c, c);
		return options_set_flag(p, id, p->argv[p->at++]);
	}
	return true;
}

bool
options_parse(struct arena *a, int argc, char *const *argv, bool gentle_force,
    struct options *o, struct err *e)
{
	struct parser p = { a, o, argv, argc, 1, gentle_force, e };

	while (p.at < argc) {
		const char *arg = argv[p.at++];

		if (arg[0] != '-' || arg[1] == '\0') {
			vec_push(a, &o->words, arg);
		} else if (strcmp(arg, "--") == 0) {
			o->has_dashes = true;
			while (p.at < argc)
				vec_push(a, &o->behind, argv[p.at++]);
		} else if (arg[1] == '-') {
			if (!parse_long(&p, arg))
				return false;
		} else if (!parse_letters(&p, arg + 1)) {
			return false;
		}
	}
	return true;
}

static void
from_tristate(struct options *o, enum option_id id, enum tristate t)
{
	if (t == TRI_UNSET || o->v[id].is_set)
		return;
	o->v[id].b = t == TRI_TRUE;
	o->v[id].s = t == TRI_TRUE ? "true" : "false";
	o->v[id].is_set = true;
}

static void
from_text(struct options *o, enum option_id id, const char *text)
{
	if (text == NULL || o->v[id].is_set)
		return;
	o->v[id].s = text;
	o->v[id].is_set = true;
}

static void
from_duration(struct options *o, struct arena *a, enum option_id id,
    int64_t ns)
{
	if (ns < 0 || o->v[id].is_set)
		return;
	o->v[id].i = ns;
	o->v[id].s = duration_text(a, ns);
	o->v[id].is_set = true;
}

static void
from_config(struct arena *a, struct options *o, const struct taskrc *rc)
{
	from_tristate(o, OPT_verbose, rc->verbose);
	from_tristate(o, OPT_silent, rc->silent);
	from_tristate(o, OPT_color, rc->color);
	from_tristate(o, OPT_disable_fuzzy, rc->disable_fuzzy);
	from_tristate(o, OPT_interactive, rc->interactive);
	from_tristate(o, OPT_failfast, rc->failfast);
	from_tristate(o, OPT_insecure, rc->insecure);
	from_tristate(o, OPT_offline, rc->offline);
	from_text(o, OPT_temp_dir, rc->temp_dir);
	from_text(o, OPT_remote_cache_dir, rc->remote_cache_dir);
	from_text(o, OPT_cacert, rc->cacert);
	from_text(o, OPT_cert, rc->cert);
	from_text(o, OPT_cert_key, rc->cert_key);
	from_duration(o, a, OPT_timeout, rc->remote_timeout_ns);
	from_duration(o, a, OPT_expiry, rc->remote_expiry_ns);
	if (rc->has_concurrency && !OPT_SET(o, concurrency)) {
		OPT_I(o, concurrency) = rc->concurrency;
		OPT_S(o, concurrency) = arena_printf(a, "%d", rc->concurrency);
		OPT_SET(o, concurrency) = true;
	}
	if (rc->trusted_hosts.n > 0 && !OPT_SET(o, trusted_hosts)) {
		o->v[OPT_trusted_hosts].list = rc->trusted_hosts;
		OPT_SET(o, trusted_hosts) = true;
	}
}

void
options_defaults(struct arena *a, struct options *o, const struct taskrc *rc)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct option_def *d = &option_defs[i];
		const char *text = d->env ? getenv(d->env) : NULL;
		struct option_value before = o->v[i];
		struct err ignored cleanup_err = ERR_INIT;

		/* a value that does not parse counts as absent */
		if (!before.is_set && text != NULL && *text != '\0' &&
		    !set_value(a, o, (enum option_id)i, arena_strdup(a, text),
			10, &ignored))
			o->v[i] = before;
	}
	if (rc != NULL)
		from_config(a, o, rc);
	for (int i = 0; i < OPT_COUNT; i++) {
		struct err never cleanup_err = ERR_INIT;

		if (o->v[i].is_set)
			continue;
		if (option_defs[i].fallback[0] != '\0' &&
		    option_defs[i].kind != OPTION_LIST)
			set_value(a, o, (enum option_id)i,
			    option_defs[i].fallback, 10, &never);
		if (o->v[i].s == NULL)
			o->v[i].s = "";
		o->v[i].is_set = false;
	}
}

bool
options_check(const struct options *o, struct err *e)
{
	bool group = strcmp(OPT_S(o, output), "group") == 0;
	bool list = OPT_B(o, list) || OPT_B(o, list_all);
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ OPT_B(o, download) && OPT_B(o, offline),
		    "You can't set both --download and --offline flags" },
		{ OPT_B(o, download) && OPT_B(o, clear_cache),
		    "You can't set both --download and --clear-cache flags" },
		{ OPT_B(o, global) && OPT_S(o, dir)[0] != '\0',
		    "You can't set both --global and --dir" },
		{ OPT_S(o, output_group_begin)[0] != '\0' && !group,
		    "You can't set --output-group-begin without "
		    "--output=group" },
		{ OPT_S(o, output_group_end)[0] != '\0' && !group,
		    "You can't set --output-group-end without "
		    "--output=group" },
		{ OPT_B(o, output_group_error_only) && !group,
		    "You can't set --output-group-error-only without "
		    "--output=group" },
		{ OPT_B(o, list) && OPT_B(o, list_all),
		    "cannot use --list and --list-all at the same time" },
		{ OPT_B(o, json) && !list,
		    "--json only applies to --list or --list-all" },
		{ OPT_B(o, no_status) && !OPT_B(o, json),
		    "--no-status only applies to --json with --list or "
		    "--list-all" },
		{ OPT_B(o, nested) && !OPT_B(o, json),
		    "--nested only applies to --json with --list or "
		    "--list-all" },
		{ OPT_B(o, follow) && !OPT_B(o, log),
		    "--follow only applies to --log" },
		{ (OPT_S(o, cert)[0] != '\0') != (OPT_S(o, cert_key)[0] != '\0'),
		    "--cert and --cert-key must be provided together" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			return err_set(e, ERR_GENERIC, "task: %s",
			    rules[i].text);
	return true;
}
