/* SPDX-License-Identifier: MIT */
/* The --help text, made of the option table. */
#include "cli/options.h"

/* Go's flag default as help shows it: only what is not the zero value. */
static bool
default_text(const struct setting_value *v, enum option_id id, struct sb *out)
{
	switch (option_defs[id].kind) {
	case SETTING_BOOL:
		if (v->b)
			sb_adds(out, " (default true)");
		return v->b;
	case SETTING_INT:
		if (v->i != 0)
			sb_printf(out, " (default %lld)", (long long)v->i);
		return v->i != 0;
	case SETTING_DURATION:
		if (v->i != 0)
			sb_printf(out, " (default %s)", v->s);
		return v->i != 0;
	case SETTING_STRING:
		if (*option_text(v) != '\0') {
			sb_adds(out, " (default ");
			sb_quote_go(out, sv_of(v->s));
			sb_addc(out, ')');
		}
		return *option_text(v) != '\0';
	case SETTING_LIST:
	case SETTING_REPEAT:
	case SETTING_OPTIONAL:
	case SETTING_JOBS:
		return false;
	}
	return false;
}

static void
help_left(struct arena *a, enum option_id id, struct sb *out)
{
	const struct option_def *d = &option_defs[id];

	if (d->letter != 0)
		sb_printf(out, "  -%c, %s", d->letter, option_flag(a, id));
	else
		sb_printf(out, "      %s", option_flag(a, id));
	if (d->kind == SETTING_OPTIONAL)
		sb_printf(out, "[=%s]", d->word);
	else if (d->word != NULL)
		sb_printf(out, " %s", d->word);
}

/* What the flag says or, of a setting, whoever else does. */
static struct setting_value
value_of(const struct options *o, const struct settings *s, enum option_id id)
{
	int setting = option_setting(id);

	return setting >= 0 ? settings_value(s, (enum setting_id)setting)
			    : o->v[id];
}

void
options_help(
    struct sb *out, const struct options *o, const struct settings *s)
{
	struct arena *a cleanup_arena = arena_new();
	size_t width = 0;

	sb_adds(out,
	    "Usage: prun [flags...] [task...] [NAME=value...] [-- args...]\n\n"
	    "Runs the named tasks of the Taskfile; without a name, the task "
	    "\"default\".\n\n"
	    "  prun qa-parallel      lint, build and test side by side\n"
	    "  prun --list           what there is to run\n"
	    "  prun --plan test      what a run of test would do\n"
	    "  prun --init           write a first Taskfile.yml\n\n"
	    "Options:\n");
	for (int i = 0; i < OPT_COUNT; i++) {
		struct sb left cleanup_sb = SB_INIT;

		help_left(a, (enum option_id)i, &left);
		if (!option_is_hidden((enum option_id)i, s->gentle_force) &&
		    left.n > width)
			width = left.n;
	}
	for (int i = 0; i < OPT_COUNT; i++) {
		struct setting_value v = value_of(o, s, (enum option_id)i);
		struct sb left cleanup_sb = SB_INIT;

		if (option_is_hidden((enum option_id)i, s->gentle_force))
			continue;
		help_left(a, (enum option_id)i, &left);
		sb_addv(out, sb_sv(&left));
		sb_pad(out, ' ', width + 3 - left.n);
		sb_adds(out, option_help(a, (enum option_id)i));
		default_text(&v, (enum option_id)i, out);
		sb_addc(out, '\n');
	}
}
