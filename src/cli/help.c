/* SPDX-License-Identifier: MIT */
/* The --help text, made of the option table. */
#include "cli/options.h"

#include <string.h>

/* ---- as go-task has it ---- */

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

/* ---- in prun's own words ---- */

enum {
	HELP_WIDTH = 80,
	HELP_TEXT = 30 /* column at which texts begin */
};

static const enum option_id used_most[] = { OPT_list, OPT_plan, OPT_parallel,
	OPT_concurrency, OPT_dry, OPT_force, OPT_watch, OPT_failed, OPT_log,
	OPT_silent, OPT_push, OPT_init };

static const struct {
	const char *topic, *title;
} help_groups[] = {
#define X(name, topic, title) { topic, title },
	OPTION_GROUPS(X)
#undef X
};

/* Words in lines behind the column, the first line being at it already. */
static void
help_wrap(struct sb *out, sv text)
{
	size_t at = HELP_TEXT;
	sv word;

	while (text.n > 0) {
		sv_cut(text, ' ', &word, &text);
		if (at > HELP_TEXT && at + 1 + word.n > HELP_WIDTH) {
			sb_addc(out, '\n');
			sb_pad(out, ' ', HELP_TEXT);
			at = HELP_TEXT;
		} else if (at > HELP_TEXT) {
			sb_addc(out, ' ');
			at++;
		}
		sb_addv(out, word);
		at += word.n;
	}
	sb_addc(out, '\n');
}

static void
help_option(struct arena *a, struct sb *out, enum option_id id)
{
	struct sb left cleanup_sb = SB_INIT;

	help_left(a, id, &left);
	sb_addv(out, sb_sv(&left));
	if (left.n + 2 > HELP_TEXT) {
		sb_addc(out, '\n');
		left.n = 0;
	}
	sb_pad(out, ' ', HELP_TEXT - left.n);
	help_wrap(out, sv_of(option_help(a, id)));
}

static void
help_group(struct arena *a, struct sb *out, enum option_group group,
    const struct settings *s)
{
	sb_printf(out, "\n%s:\n", help_groups[group].title);
	for (int i = 0; i < OPT_COUNT; i++)
		if (option_defs[i].group == group &&
		    !option_is_hidden((enum option_id)i, s->gentle_force))
			help_option(a, out, (enum option_id)i);
}

static void
help_short(struct arena *a, struct sb *out)
{
	sb_adds(out,
	    "Runs the named tasks of the Taskfile; without a name, the task "
	    "\"default\".\n\n"
	    "  prun qa-parallel      lint, build and test side by side\n"
	    "  prun --list           what there is to run\n"
	    "  prun --plan test      what a run of test would do\n"
	    "  prun --init           write a first Taskfile.yml\n\n"
	    "Used most:\n");
	for (size_t i = 0; i < sizeof(used_most) / sizeof(used_most[0]); i++)
		help_option(a, out, used_most[i]);
	sb_adds(out, "\nprun --help all has all flags, prun --help TOPIC those"
		     " of one topic:\n ");
	for (int i = 0; i < GROUP_COUNT; i++)
		sb_printf(out, " %s%s", help_groups[i].topic,
		    i + 1 < GROUP_COUNT ? "," : "\n");
}

bool
options_help_plain(struct sb *out, const char *topic, const struct settings *s)
{
	struct arena *a cleanup_arena = arena_new();
	bool all = topic != NULL && strcmp(topic, "all") == 0, found = all;

	sb_adds(out, "Usage: prun [FLAG...] [TASK...] [NAME=VALUE...] "
		     "[-- ARG...]\n");
	if (topic == NULL) {
		sb_addc(out, '\n');
		help_short(a, out);
		return true;
	}
	for (int i = 0; i < GROUP_COUNT; i++) {
		if (!all && strcmp(topic, help_groups[i].topic) != 0)
			continue;
		help_group(a, out, (enum option_group)i, s);
		found = true;
	}
	return found;
}
