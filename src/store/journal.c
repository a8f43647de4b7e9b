/* SPDX-License-Identifier: MIT */
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "go/json.h"

struct journal {
	char *path;
	int fd;
	int failed; /* errno of the first write that failed */
	struct sb line;
};

static void
journal_begin(struct journal *j, const char *kind)
{
	sb_clear(&j->line);
	sb_printf(&j->line, "{\"ev\":\"%s\"", kind);
}

static void
add_key(struct journal *j, const char *key)
{
	sb_printf(&j->line, ",\"%s\":", key);
}

static void
journal_add_text(struct journal *j, const char *key, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	add_key(j, key);
	json_quote(&j->line, sv_of(text), false);
}

static void
add_int(struct journal *j, const char *key, int64_t v)
{
	if (v == 0)
		return;
	add_key(j, key);
	sb_printf(&j->line, "%" PRId64, v);
}

static void
add_bool(struct journal *j, const char *key, bool v)
{
	if (!v)
		return;
	add_key(j, key);
	sb_adds(&j->line, "true");
}

static void
journal_add_words(struct journal *j, const char *key, const journal_words *v)
{
	add_key(j, key);
	sb_addc(&j->line, '[');
	for (size_t i = 0; i < v->n; i++) {
		if (i > 0)
			sb_addc(&j->line, ',');
		json_quote(&j->line, sv_of(v->v[i]), false);
	}
	sb_addc(&j->line, ']');
}

/* One write per line, so that a reader never sees half of one but for the
 * last. */
static void
journal_finish(struct journal *j)
{
	sb_adds(&j->line, "}\n");
	if (j->failed == 0 && !write_all(j->fd, j->line.p, j->line.n))
		j->failed = errno;
}

/* ---- writing ---- */

struct journal *
journal_open(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct journal *j;

	if (fd < 0) {
		err_sys(e, errno, "open %s", path);
		return NULL;
	}
	j = xcalloc(1, sizeof(*j));
	j->path = xstrdup(path);
	j->fd = fd;
	return j;
}

bool
journal_close(struct journal *j, struct err *e)
{
	bool ok = true;

	if (j == NULL)
		return true;
	if (close(j->fd) != 0 && j->failed == 0)
		j->failed = errno;
	if (j->failed != 0)
		ok = err_sys(e, j->failed, "write %s", j->path);
	sb_free(&j->line);
	free(j->path);
	free(j);
	return ok;
}

void
journal_add_run(struct journal *j, const struct journal_run *r)
{
	journal_begin(j, "run");
	add_int(j, "format", 1);
	journal_add_text(j, "id", r->id);
	journal_add_text(j, "root", r->root);
	journal_add_text(j, "cwd", r->cwd);
	journal_add_text(j, "version", r->version);
	journal_add_text(j, "parent", r->parent);
	journal_add_words(j, "argv", &r->argv);
	journal_add_words(j, "tasks", &r->tasks);
	add_int(j, "at", r->at_ns);
	add_int(j, "slots", r->slots);
	add_bool(j, "serial", r->serial);
	journal_finish(j);
}

void
journal_add_call(struct journal *j, const struct journal_call *c)
{
	journal_begin(j, "call");
	add_int(j, "id", c->id);
	add_int(j, "parent", c->parent);
	journal_add_text(j, "name", c->name);
	journal_add_text(j, "task", c->task);
	journal_add_text(j, "key", c->key);
	journal_add_text(j, "status", c->status);
	journal_add_text(j, "reason", c->reason);
	journal_add_text(j, "error", c->error);
	journal_add_text(j, "log", c->log);
	add_int(j, "twin", c->twin);
	add_int(j, "cause", c->cause);
	add_int(j, "created", c->created_ns);
	add_int(j, "start", c->start_ns);
	add_int(j, "end", c->end_ns);
	add_int(j, "slot_wait", c->slot_wait_ns);
	add_int(j, "job_time", c->job_ns);
	add_int(j, "cpu", c->cpu_ns);
	add_int(j, "max_rss", c->max_rss_bytes);
	/* 0 is an outcome here, and none is -1. */
	if (c->exit_status >= 0)
		sb_printf(&j->line, ",\"exit\":%d", c->exit_status);
	add_int(j, "signal", c->signal);
	add_int(j, "jobs", c->jobs);
	add_int(j, "attempts", c->attempts);
	add_bool(j, "flaky", c->flaky);
	add_bool(j, "dep", c->is_dep);
	add_bool(j, "background", c->is_background);
	add_bool(j, "phase", c->is_phase);
	journal_finish(j);
}

void
journal_add_end(struct journal *j, const struct journal_end *x)
{
	journal_begin(j, "end");
	add_int(j, "end", x->end_ns);
	sb_printf(&j->line, ",\"exit\":%d", x->exit_status);
	add_int(j, "signal", x->signal);
	journal_add_text(j, "error", x->error);
	journal_add_text(j, "commit", x->commit);
	if (x->rerun.n > 0)
		journal_add_words(j, "rerun", &x->rerun);
	add_bool(j, "disturbed", x->disturbed);
	add_bool(j, "narrowed", x->narrowed);
	journal_finish(j);
}
