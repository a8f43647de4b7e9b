/* SPDX-License-Identifier: MIT */
/*
 * `prun __complete WORDS`: what could stand at the last of the words, for the
 * scripts in completions/ (C-700 to C-707).  One candidate per line, then a
 * line with what the shell is to do with them.  Never fails: a Taskfile that
 * cannot be read has no tasks.
 */
#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "derive/derive.h"
#include "output/list.h"
#include "project/history.h"
#include "vcs/hook.h"

/* What the last line adds up: how the shell shall complete (C-701). */
enum {
	NO_SPACE = 2,	/* no blank behind the candidate */
	NO_FILES = 4,	/* no files where there is no candidate */
	EXTENSIONS = 8, /* files that end in one of the candidates */
	FOLDERS = 16,
	KEEP_ORDER = 32,
};

enum what { WORDS, YAML_FILES, DIRECTORIES, TASKS, MODES, RUNS };

/* Values of flags; those that are not here take what no table can know. */
static const struct {
	enum option_id id;
	enum what what;
	const char *words[7];
} flag_values[] = {
	{ OPT_cache, WORDS, { "stats", "clear", "prune", "warm" } },
	{ OPT_cancel, RUNS, { NULL } },
	{ OPT_completion, WORDS, { "bash", "zsh", "fish", "powershell",
	    "nu" } },
	{ OPT_dir, DIRECTORIES, { NULL } },
	{ OPT_eject, TASKS, { NULL } },
	{ OPT_explain, TASKS, { NULL } },
	{ OPT_graph, WORDS, { "dot", "json", "mermaid" } },
	{ OPT_hook, WORDS, { "install", "remove", "status" } },
	{ OPT_output, MODES, { NULL } },
	{ OPT_remote_cache_dir, DIRECTORIES, { NULL } },
	{ OPT_run, RUNS, { NULL } },
	{ OPT_schema, WORDS, { "taskfile", "events", "report" } },
	{ OPT_sort, WORDS, { "default", "alphanumeric", "none" } },
	{ OPT_taskfile, YAML_FILES, { "yml", "yaml" } },
	{ OPT_temp_dir, DIRECTORIES, { NULL } },
	{ OPT_wait, RUNS, { NULL } },
};

struct completion {
	struct cli *cli;
	struct project p; /* once it is loaded */
	struct arena *a;
	const char *const *words; /* of the line, without the program's name */
	int n;
	bool aliases, descriptions;
	struct options o; /* what stands before the last word */
	struct map *seen; /* candidates that were given already */
	struct sb out;
};

/* A line must stay one. */
static void
add_clean(struct sb *out, const char *text)
{
	for (; *text != '\0'; text++)
		sb_addc(out, strchr("\t\r\n", *text) ? ' ' : *text);
}

static void
candidate(struct completion *c, const char *text, const char *desc)
{
	add_clean(&c->out, text);
	if (c->descriptions && desc != NULL && *desc != '\0') {
		sb_addc(&c->out, '\t');
		add_clean(&c->out, desc);
	}
	sb_addc(&c->out, '\n');
}

static void
candidate_once(struct completion *c, const char *text, const char *desc)
{
	if (map_get(c->seen, sv_of(text)) != NULL)
		return;
	map_put(c->seen, sv_of(text), c);
	candidate(c, text, desc);
}

static int
by_text(const void *x, const void *y)
{
	return strcmp(**(const char *const *const *)x,
	    **(const char *const *const *)y);
}

/* All flags and letters, sorted (C-704). */
static int
complete_flags(struct completion *c)
{
	struct flag {
		const char *name, *help;
	} flags[2 * OPT_COUNT];
	const struct flag *sorted[2 * OPT_COUNT];
	size_t n = 0;

	for (enum option_id i = 0; i < OPT_COUNT; i++) {
		const struct option_def *d = &option_defs[i];
		const char *help = option_help(c->a, i);

		if (i == OPT_force_all)
			continue;
		flags[n++] = (struct flag){ option_flag(c->a, i), help };
		if (d->letter != 0)
			flags[n++] = (struct flag){
				arena_printf(c->a, "-%c", d->letter), help };
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = &flags[i];
	qsort(sorted, n, sizeof(sorted[0]), by_text);
	for (size_t i = 0; i < n; i++)
		candidate(c, sorted[i]->name, sorted[i]->help);
	return NO_FILES;
}

/* Loads what -d, -t and -g on the line say; nothing is fetched or asked. */
static bool
complete_load(struct completion *c)
{
	static const enum option_id counts[] = { OPT_dir, OPT_taskfile,
		OPT_global, OPT_sort };
	struct options o = { .words = c->o.words };
	struct err ignored cleanup_err = ERR_INIT;
	struct cli there;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		o.v[counts[i]] = c->o.v[counts[i]];
	o.v[OPT_offline] = (struct setting_value){ .is_set = true,
		.b = true, .s = "true" };
	if (strcmp(OPT_S(&o, taskfile), "-") == 0 ||
	    !cli_again(c->cli, &o, &there, &ignored) ||
	    !cli_load(&there, &c->p, &ignored))
		return false;
	/* like lists, where the command line has no say (C-108) */
	c->p.compiler.specials_cli = map_new(c->a);
	return true;
}

static bool
is_complete_given(const struct completion *c, const char *name)
{
	const char *const *word;
	sv head, tail;

	vec_each(&c->o.words, word)
		if (sv_cut(sv_of(*word), '=', &head, &tail) &&
		    sv_is(head, name))
			return true;
	return false;
}

static void
complete_var(struct completion *c, const struct required_var *v)
{
	if (is_complete_given(c, v->name))
		return;
	for (size_t i = 0; i < v->enum_values.n; i++)
		candidate_once(c, arena_printf(c->a, "%s=%s", v->name,
		    v->enum_values.v[i]), NULL);
	if (v->enum_values.n == 0)
		candidate_once(c, arena_printf(c->a, "%s=", v->name), NULL);
}

/* C-705: what the named tasks still want. */
static void
complete_vars(struct completion *c)
{
	for (size_t i = 0; i < c->p.named.n; i++) {
		const struct call *call = &c->p.named.v[i];
		struct err ignored cleanup_err = ERR_INIT;
		required_vec list = { 0 };
		struct match m;

		if (!task_find(c->a, &c->p.compiler, call->task, &m,
			&ignored))
			continue;
		for (size_t k = 0; k < m.task->rare->requires.n; k++)
			vec_push(c->a, &list, m.task->rare->requires.v[k]);
		requires_offer_enums(c->a, &c->p.compiler, call, &m, &list);
		for (size_t k = 0; k < list.n; k++)
			complete_var(c, &list.v[k]);
	}
}

/* A pattern is completed up to its first star. */
static void
complete_name(struct completion *c, const char *name, const char *desc)
{
	sv text = sv_of(name);
	ptrdiff_t star = sv_find_char(text, '*', 0);

	if (star >= 0) {
		text = sv_sub(text, 0, (size_t)star);
		if (*desc == '\0')
			desc = name;
	} else if (sv_ends(text, SV(":"))) {
		text.n--;
	}
	candidate_once(c, sv_cstr(c->a, text), desc);
}

/* Tasks in the order of lists, each before its aliases (C-706). */
static void
complete_names(struct completion *c)
{
	string_vec derived = { 0 };
	list_row_vec rows;

	list_collect(c->a, &c->p.compiler, true, OPT_S(&c->o, sort),
	    &rows);
	for (size_t i = 0; i < rows.n; i++) {
		const struct list_row *r = &rows.v[i];

		complete_name(c, r->task->name, r->desc);
		for (size_t k = 0; c->aliases && k < r->task->aliases.n; k++)
			complete_name(c, r->task->aliases.v[k], r->desc);
	}
	if (project_derives(&c->p))
		derive_names(c->a, c->p.taskfile, SIZE_MAX, &derived);
	for (size_t i = 0; i < derived.n; i++)
		complete_name(c, derived.v[i], "derived, side by side");
}

static int
complete_tasks(struct completion *c, bool with_vars)
{
	if (!complete_load(c))
		return NO_FILES;
	if (with_vars)
		complete_vars(c);
	if (c->out.n > 0)
		return NO_SPACE | NO_FILES | KEEP_ORDER;
	complete_names(c);
	return NO_FILES;
}

static int
complete_hooks(struct completion *c)
{
	for (const char *const *name = hook_names; *name != NULL; name++)
		candidate(c, *name, NULL);
	return NO_FILES;
}

static int
complete_modes(struct completion *c, const char *prefix)
{
	string_vec names = { 0 };
	const char *const *name;

	output_mode_names(c->a, !c->cli->in.is_task, &names);
	vec_each(&names, name)
		candidate(c, arena_printf(c->a, "%s%s", prefix, *name), NULL);
	return NO_FILES;
}

/* Newest first, with what was asked for. */
static int
complete_runs(struct completion *c, const char *prefix)
{
	state_names ids = { 0 };

	if (!complete_load(c))
		return NO_FILES;
	candidate(c, arena_printf(c->a, "%s" HISTORY_LAST, prefix), NULL);
	state_runs(c->a, &c->p.state, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		struct err ignored cleanup_err = ERR_INIT;
		struct sb words cleanup_sb = SB_INIT;
		struct history_run r;
		const char **word;

		if (!history_find(&c->p, ids.v[i], &r, &ignored) ||
		    !r.log.has_run || *r.log.run.parent != '\0')
			continue;
		vec_each(&r.log.run.argv, word)
			sb_printf(&words, "%s%s", words.n > 0 ? " " : "", *word);
		candidate(c, arena_printf(c->a, "%s%s", prefix, ids.v[i]),
		    sb_cstr(&words));
	}
	return NO_FILES | KEEP_ORDER;
}

/* C-703: the value of a flag; `prefix` is "--name=" where the word has it. */
static int
complete_value(struct completion *c, int id, const char *prefix)
{
	size_t i = 0, n = sizeof(flag_values) / sizeof(flag_values[0]);

	while (i < n && (int)flag_values[i].id != id)
		i++;
	if (i == n)
		return 0;
	switch (flag_values[i].what) {
	case DIRECTORIES:
		return FOLDERS;
	case TASKS:
		return *prefix != '\0' ? NO_FILES : complete_tasks(c, false);
	case YAML_FILES:
		prefix = "";
		break;
	case MODES:
		return complete_modes(c, prefix);
	case RUNS:
		return complete_runs(c, prefix);
	case WORDS:
		break;
	}
	for (const char *const *w = flag_values[i].words; *w != NULL; w++)
		candidate(c, arena_printf(c->a, "%s%s", prefix, *w), NULL);
	return flag_values[i].what == YAML_FILES ? EXTENSIONS : NO_FILES;
}

/* Reads all words but the last; the id of the flag whose value the last one
 * is, or -1. */
static int
complete_read_line(struct completion *c)
{
	for (int i = 0; i + 1 < c->n; i++) {
		char *argv[] = { (char *)c->cli->in.argv.v[0],
			(char *)c->words[i], (char *)c->words[i + 1], NULL };
		struct err ignored cleanup_err = ERR_INIT;
		int id = options_wants_value(c->words[i]);

		if (id >= 0 && i + 2 == c->n)
			return id;
		/* what is no flag of ours is passed over (C-707) */
		options_parse(c->a, id >= 0 ? 3 : 2, argv, true, &c->o,
		    &ignored);
		if (id >= 0)
			i++;
	}
	return -1;
}

static int
complete_word(struct completion *c)
{
	const char *last = c->words[c->n - 1];
	const char *equals = strchr(last, '=');
	int id;

	for (int i = 0; i + 1 < c->n; i++)
		if (strcmp(c->words[i], "--") == 0)
			return 0;
	id = complete_read_line(c);
	if (id >= 0)
		return complete_value(c, id, "");
	if (*last == '-' && equals != NULL) {
		char *prefix = arena_strndup(c->a, last,
		    (size_t)(equals - last) + 1);

		id = options_wants_value(arena_strndup(c->a, last,
		    (size_t)(equals - last)));
		if (id >= 0)
			return complete_value(c, id, prefix);
	}
	if (*last == '-')
		return complete_flags(c);
	if (OPT_SET(&c->o, hook) && c->o.words.n == 0)
		return complete_hooks(c);
	/* the first word behind --hook is no task */
	if (OPT_SET(&c->o, hook))
		return complete_tasks(c, false);
	return complete_tasks(c, true);
}

int
cmd_complete(struct cli *cli)
{
	const char *const fresh[] = { "" };
	struct completion c = { .cli = cli, .a = cli->a,
		.words = cli->in.argv.v + 2, .n = (int)cli->in.argv.n - 2, .aliases = true,
		.descriptions = true, .seen = map_new(cli->a) };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int directive;

	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	for (; c.n > 0; c.words++, c.n--) {
		if (strcmp(c.words[0], "--no-aliases") == 0)
			c.aliases = false;
		else if (strcmp(c.words[0], "--no-descriptions") == 0)
			c.descriptions = false;
		else
			break;
	}
	if (c.n == 0) {
		c.words = fresh;
		c.n = 1;
	}
	directive = complete_word(&c);
	sb_printf(&c.out, ":%d\n", directive);
	term_write(cli->term, STDOUT_FILENO, sb_sv(&c.out));
	sb_free(&c.out);
	return 0;
}
