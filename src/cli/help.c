/* SPDX-License-Identifier: MIT */
/* The --help text, made of the option table. */
#include "cli/options.h"

/* Go's flag default as help shows it: only what is not the zero value. */
static bool
default_text(const struct options *o, enum option_id id, struct sb *out)
{
	const struct option_value *v = &o->v[id];

	switch (option_defs[id].kind) {
	case OPTION_BOOL:
		if (v->b)
			sb_adds(out, " (default true)");
		return v->b;
	case OPTION_INT:
		if (v->i != 0)
			sb_printf(out, " (default %lld)", (long long)v->i);
		return v->i != 0;
	case OPTION_DURATION:
		if (v->i != 0)
			sb_printf(out, " (default %s)", v->s);
		return v->i != 0;
	case OPTION_STRING:
		if (v->s[0] != '\0') {
			sb_adds(out, " (default ");
			sb_quote_go(out, sv_of(v->s));
			sb_addc(out, ')');
		}
		return v->s[0] != '\0';
	case OPTION_LIST:
	case OPTION_REPEAT:
	case OPTION_OPTIONAL:
	case OPTION_JOBS:
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
	if (d->kind == OPTION_OPTIONAL)
		sb_printf(out, "[=%s]", d->word);
	else if (d->word != NULL)
		sb_printf(out, " %s", d->word);
}

void
options_help(struct sb *out, const struct options *o, bool gentle_force)
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
		if (!option_is_hidden((enum option_id)i, gentle_force) &&
		    left.n > width)
			width = left.n;
	}
	for (int i = 0; i < OPT_COUNT; i++) {
		struct sb left cleanup_sb = SB_INIT;

		if (option_is_hidden((enum option_id)i, gentle_force))
			continue;
		help_left(a, (enum option_id)i, &left);
		sb_addv(out, sb_sv(&left));
		sb_pad(out, ' ', width + 3 - left.n);
		sb_adds(out, option_help(a, (enum option_id)i));
		default_text(o, (enum option_id)i, out);
		sb_addc(out, '\n');
	}
}
