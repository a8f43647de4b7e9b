/* SPDX-License-Identifier: MIT */
/*
 * What a script has seen of the calls that it made in the background (P-104).
 * A shell hides a status where it waits for several, for all or not at all; the
 * script's `wait` says which one it gave to the script, and who failed beside
 * those fails the command.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "go/shellword.h"
#include "join/internal.h"

void
script_wait_wrap(struct control *k, struct command *cm, struct job_spec *spec)
{
	struct joined_job *j = joined_job(cm);
	struct arena *a = command_arena(cm);
	const char *to;

	if (spec->script == NULL || strstr(spec->script, "wait") == NULL)
		return;
	j->waits = arena_printf(a, "%s/waits-%zu", k->dir, k->n_waits++);
	to = shell_quote(a, sv_of(j->waits));
	spec->script = arena_printf(a,
	    "wait() { case $#,${1-} in 1,[0-9]*) printf '%%s\\n' \"$1\" >>%s "
	    ";; 1,%%*) jobs -p \"$1\" >>%s ;; *,-n) echo all >>%s ;; esac; "
	    "command wait \"$@\"; }; %s",
	    to, to, to, spec->script);
}

void
script_wait_failed(struct client *c, struct run_call *record,
    const struct err *err)
{
	struct joined_job *j = joined_job(c->job);
	struct unseen *u;

	/* a script may let all ignore SIGINT, itself too */
	if (c->how == 'f' ||
	    (c->how == 's' && c->job->job != NULL &&
		c->parent == executor_job_id(c->job->executor, c->job->job)))
		return;
	u = arena_new_of(run_arena(c->k->r), struct unseen);
	*u = (struct unseen){ .next = j->unseen,
		.pid = c->pid,
		.parent = c->parent,
		.how = c->how,
		.record = record,
		.text = arena_strdup(run_arena(c->k->r), err->message),
		.code = err->code,
		.status = err->status };
	j->unseen = u;
}

static bool
is_word_byte(char c)
{
	return c == '_' || c == '-' || c == '.' || c == '/' || c == '=' ||
	       (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* How many operands has a `wait`, from what follows the word? */
static size_t
count_operands(const char *p)
{
	size_t n = 0;

	for (;;) {
		p += strspn(p, " \t");
		if (*p == '\0' || strchr(";&|\n)`'", *p) != NULL)
			return n;
		if (*p != '>' && !(p[0] >= '0' && p[0] <= '9' && p[1] == '>'))
			n++;
		p += strcspn(p, " \t;&|\n)`'");
	}
}

/* Of the waits of another shell only the text tells: has each of them one
 * operand? */
static bool
waits_for_each(const char *text)
{
	bool any = false;
	const char *p = text;

	while ((p = strstr(p, "wait")) != NULL) {
		bool is_word = (p == text || !is_word_byte(p[-1])) &&
			       !is_word_byte(p[4]);

		p += 4;
		if (!is_word)
			continue;
		any = true;
		if (count_operands(p) != 1)
			return false;
	}
	return any;
}

static bool
was_waited_for(sv waits, long pid)
{
	sv line;

	while (waits.n > 0) {
		char text[24];

		sv_cut(waits, '\n', &line, &waits);
		snprintf(text, sizeof(text), "%ld", pid);
		if (sv_is(line, text) || sv_is(line, "all"))
			return true;
	}
	return false;
}

static bool
script_saw(const struct joined_job *j, const struct unseen *u, sv waits)
{
	const struct command *cm = j->cm;

	if (was_waited_for(waits, u->pid) || was_waited_for(waits, u->parent))
		return true;
	/* a subshell in the background had the status, and its say */
	if (u->how == 's')
		return strstr(cm->text, "||") != NULL;
	return u->parent != executor_job_id(cm->executor, cm->job) &&
	       waits_for_each(cm->text);
}

void
script_wait_judge(struct joined_job *j, const struct job_result *result)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	struct command *cm = j->cm;
	sv waits = { "", 0 };

	if (j->unseen == NULL || result->status != 0 || cm->job == NULL)
		return;
	if (j->waits != NULL && path_exists(j->waits))
		read_file(a, j->waits, &waits, &ignored);
	for (const struct unseen *u = j->unseen; u != NULL; u = u->next) {
		if (script_saw(j, u, waits))
			continue;
		u->record->is_unseen = true;
		err_clear(&cm->err);
		err_set(&cm->err, u->code, "%s", u->text);
		cm->err.status = u->status;
	}
}
