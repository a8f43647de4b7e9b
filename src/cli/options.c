/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <ctype.h>
#include <string.h>

#include "compile/compile.h"
#include "output/output.h"

/* Of those that give a setting its value, its place in the table plus one. */
static const int setting_of[OPT_COUNT] = {
#define X(name, ...) [OPT_##name] = SET_##name + 1,
	SETTINGS(X)
#undef X
};

const struct option_def option_defs[OPT_COUNT] = {
#define X(name, letter, kind, word, group, help)                               \
	[OPT_##name] = { #name, letter, SETTING_##kind, word, GROUP_##group,   \
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

static const char *const kind_wants[] = {
	[SETTING_BOOL] = "true or false",
	[SETTING_INT] = "a whole number",
	[SETTING_DURATION] = "a time (300ms, 5s, 2m)",
	[SETTING_JOBS] = "a number of jobs, max or auto",
};

/* What is wanted in place of the text, in prun's own words. */
static const char *
plain_bad_value(struct arena *a, enum option_id id, const char *text)
{
	enum setting_kind kind = option_defs[id].kind;
	const char *wants = (size_t)kind < sizeof(kind_wants) / sizeof(char *)
				? kind_wants[kind]
				: NULL;

	return arena_printf(a, "--%s wants %s, not %s", flag_name(a, id),
	    wants != NULL ? wants : "another value", quote_go(a, sv_of(text)));
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

static bool
options_set_flag(struct parser *p, int id, const char *text)
{
	const char *reason;

	if (setting_parse(
		p->a, option_defs[id].kind, text, 0, &p->o->v[id], &reason))
		return true;
	p->o->plain = plain_bad_value(p->a, (enum option_id)id, text);
	return bad_value(p->a, (enum option_id)id, text, reason, p->e);
}

static bool
takes_value(int id)
{
	return option_defs[id].kind != SETTING_BOOL &&
	    option_defs[id].kind != SETTING_OPTIONAL;
}

char *
option_flag(struct arena *a, enum option_id id)
{
	return arena_printf(a, "--%s", flag_name(a, id));
}

const char *
option_help(struct arena *a, enum option_id id)
{
	return id == OPT_output ? output_mode_words(a) : option_defs[id].help;
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

/* Two letters that changed places are the mistake of fast fingers. */
static bool
is_transposed(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return a[0] != '\0' && a[1] != '\0' && a[0] == b[1] && a[1] == b[0] &&
	       strcmp(a + 2, b + 2) == 0;
}

static const char *
nearest_flag(struct arena *a, const char *name, const string_vec *flags)
{
	for (size_t i = 0; i < flags->n; i++)
		if (is_transposed(name, flags->v[i]))
			return flags->v[i];
	return fuzzy_nearest(a, name, flags->v, flags->n);
}

/* With the flag that is nearest to it. */
static const char *
plain_unknown(const struct parser *p, sv name)
{
	const char *text = sv_cstr(p->a, name), *near;
	string_vec flags = { 0 };

	for (int i = 0; i < OPT_COUNT; i++)
		if (!option_is_hidden((enum option_id)i, p->gentle_force))
			vec_push(
			    p->a, &flags, flag_name(p->a, (enum option_id)i));
	near = nearest_flag(p->a, text, &flags);
	return near != NULL
		   ? arena_printf(p->a, "unknown flag --%s; did you mean --%s?",
			 text, near)
		   : arena_printf(p->a, "unknown flag --%s", text);
}

static const char *
plain_needs(const struct parser *p, int id)
{
	return arena_printf(p->a, "--%s needs a value: %s",
	    flag_name(p->a, (enum option_id)id),
	    option_help(p->a, (enum option_id)id));
}

static bool
parse_long(struct parser *p, const char *arg)
{
	sv name, text;
	bool has_value = sv_cut(sv_of(arg + 2), '=', &name, &text);
	int id;

	if (name.n == 0 || name.p[0] == '-') {
		p->o->plain = arena_printf(p->a, "%s is no flag", arg);
		return err_set(p->e, ERR_USAGE, "bad flag syntax: %s", arg);
	}
	id = find_long(p, name);
	if (id < 0) {
		p->o->plain = plain_unknown(p, name);
		return err_set(p->e, ERR_USAGE, "unknown flag: --%.*s",
		    SV_ARG(name));
	}
	if (has_value)
		return options_set_flag(p, id, sv_cstr(p->a, text));
	if (!takes_value(id))
		return options_set_flag(
		    p, id, option_defs[id].kind == SETTING_BOOL ? "true" : "");
	if (p->at >= p->argc) {
		p->o->plain = plain_needs(p, id);
		return err_set(p->e, ERR_USAGE, "flag needs an argument: --%.*s",
		    SV_ARG(name));
	}
	return options_set_flag(p, id, p->argv[p->at++]);
}

static bool
unknown_letter(struct parser *p, const char *group)
{
	struct sb letter cleanup_sb = SB_INIT;

	p->o->plain = arena_printf(p->a, "unknown flag -%c", *group);
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
		if (p->at >= p->argc) {
			p->o->plain = plain_needs(p, id);
			return err_set(p->e, ERR_USAGE,
			    "flag needs an argument: '%c' in -%s", *c, c);
		}
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

int
option_setting(enum option_id id)
{
	return setting_of[id] - 1;
}

void
options_flags(const struct options *o, struct setting_value *flags)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (setting_of[i] > 0)
			flags[setting_of[i] - 1] = o->v[i];
}

static bool
is_list(enum setting_kind kind)
{
	return kind == SETTING_LIST || kind == SETTING_REPEAT;
}

void
options_add(struct arena *a, struct options *o, const struct options *more)
{
	const char *const *item;

	for (int i = 0; i < OPT_COUNT; i++) {
		string_vec list = o->v[i].list;

		if (!more->v[i].is_set)
			continue;
		o->v[i] = more->v[i];
		if (!is_list(option_defs[i].kind))
			continue;
		vec_each(&more->v[i].list, item)
			vec_push(a, &list, *item);
		o->v[i].list = list;
	}
}

/* A flag as a word, its value as it was given. */
static void
add_flag_words(struct arena *a, enum option_id id,
    const struct setting_value *v, string_vec *out)
{
	const char *name = option_flag(a, id), *const *item;

	if (is_list(option_defs[id].kind)) {
		vec_each(&v->list, item)
			vec_push(a, out, arena_printf(a, "%s=%s", name, *item));
	} else if (option_defs[id].kind == SETTING_OPTIONAL && *v->s == '\0') {
		vec_push(a, out, name);
	} else {
		vec_push(a, out, arena_printf(a, "%s=%s", name, v->s));
	}
}

void
options_words(struct arena *a, const struct options *o, string_vec *out)
{
	const char *const *word;

	for (int i = 0; i < OPT_COUNT; i++)
		if (o->v[i].is_set)
			add_flag_words(a, (enum option_id)i, &o->v[i], out);
	vec_each(&o->words, word)
		vec_push(a, out, *word);
	if (o->behind.n > 0)
		vec_push(a, out, "--");
	vec_each(&o->behind, word)
		vec_push(a, out, *word);
}

bool
options_check(
    const struct options *o, const struct settings *s, struct err *e)
{
	bool group = strcmp(s->output, "group") == 0;
	bool list = OPT_B(o, list) || OPT_B(o, list_all);
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ s->download && s->offline,
		    "You can't set both --download and --offline flags" },
		{ s->download && OPT_B(o, clear_cache),
		    "You can't set both --download and --clear-cache flags" },
		{ s->global && s->dir[0] != '\0',
		    "You can't set both --global and --dir" },
		{ s->output_group_begin[0] != '\0' && !group,
		    "You can't set --output-group-begin without "
		    "--output=group" },
		{ s->output_group_end[0] != '\0' && !group,
		    "You can't set --output-group-end without "
		    "--output=group" },
		{ s->output_group_error_only && !group,
		    "You can't set --output-group-error-only without "
		    "--output=group" },
		{ OPT_B(o, list) && OPT_B(o, list_all),
		    "cannot use --list and --list-all at the same time" },
		{ OPT_B(o, json) && !list && !OPT_B(o, stats) &&
			!OPT_B(o, features) && !OPT_B(o, runs),
		    s->is_compat || o->words.n == 0 ||
			    !isdigit((unsigned char)o->words.v[0][0])
			? "--json only applies to --list or --list-all"
			: "-j is --json, and only applies to --list or "
			  "--list-all; for a number of jobs write -j2 or -C "
			  "2" },
		{ OPT_B(o, no_status) && !OPT_B(o, json),
		    "--no-status only applies to --json with --list or "
		    "--list-all" },
		{ OPT_B(o, nested) && !OPT_B(o, json),
		    "--nested only applies to --json with --list or "
		    "--list-all" },
		{ OPT_B(o, follow) && !OPT_B(o, log),
		    "--follow only applies to --log" },
		{ OPT_SET(o, listen) && !OPT_B(o, serve),
		    "--listen only applies to --serve" },
		{ OPT_B(o, serve) && o->words.n > 0,
		    "--serve takes no tasks: it starts those that it is "
		    "asked for" },
		{ OPT_B(o, serve) && OPT_B(o, detach),
		    "--detach is for runs, not for --serve" },
		{ OPT_SET(o, within) && !OPT_SET(o, wait),
		    "--within only applies to --wait" },
		{ OPT_I(o, within) < 0, "--within wants a time from 0 on" },
		{ OPT_SET(o, wait) && OPT_SET(o, cancel),
		    "cannot use --wait and --cancel at the same time" },
		{ (OPT_SET(o, wait) || OPT_SET(o, cancel)) && o->words.n > 0,
		    "--wait and --cancel take the id of one run, and no "
		    "tasks" },
		{ OPT_B(o, mcp) && (o->words.n > 0 || o->has_dashes),
		    "--mcp takes no tasks; the agent names them" },
		{ OPT_B(o, mcp) && strcmp(s->taskfile, "-") == 0,
		    "--mcp reads the agent's requests from stdin, no "
		    "Taskfile" },
		{ OPT_B(o, detach) && s->watch,
		    "--detach is for a run that ends; --watch does not" },
		{ OPT_B(o, detach) && (s->dry || OPT_B(o, status)),
		    "--detach is for runs, not for --dry and --status" },
		{ OPT_B(o, detach) && strcmp(OPT_S(o, events), "-") == 0,
		    "--detach leaves nobody to read --events=-; name a file" },
		{ OPT_SET(o, plans) && OPT_SET(o, tests),
		    "cannot use --plans and --tests at the same time" },
		{ (OPT_SET(o, worktrees) || OPT_SET(o, plans) ||
		      OPT_SET(o, tests)) &&
			(s->watch || s->dry || OPT_B(o, status) ||
			    OPT_B(o, push) || OPT_B(o, failed)),
		    "--worktrees is for runs, not for --watch, --dry, "
		    "--status, --push and --failed" },
		{ OPT_B(o, merge) && !OPT_SET(o, worktrees) &&
			!OPT_SET(o, plans) && !OPT_SET(o, tests),
		    "--merge only applies to --worktrees" },
		{ OPT_SET(o, budget) && !OPT_SET(o, worktrees) &&
			!OPT_SET(o, plans) && !OPT_SET(o, tests),
		    "--budget only applies to --worktrees" },
		{ (s->cert[0] != '\0') != (s->cert_key[0] != '\0'),
		    "--cert and --cert-key must be provided together" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			return err_set(e, ERR_GENERIC, "%s: %s",
			    s->is_compat ? "task" : "prun", rules[i].text);
	return true;
}
