/* SPDX-License-Identifier: MIT */
/* Tools that look at what runs have left, going on or not. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "mcp/internal.h"
#include "project/away.h"
#include "project/detach.h"
#include "project/history.h"
#include "project/rerun.h"
#include "store/culprit.h"

enum {
	FAILED_MAX = 20,         /* calls that are told of */
	TAIL_MAX = 4 * 1024,     /* bytes of the log of each */
	SUMMARY_CUT = 16 * 1024, /* bytes */
};

/* The project for one request: what it needs is gone with that. */
static struct project
project_for(const struct request *r)
{
	struct project p = *r->m->p;

	p.a = r->a;
	return p;
}

static const char *
state_name(const struct away_state *s, bool was_signalled)
{
	return s->is_live                      ? "running"
	       : s->is_killed || was_signalled ? "interrupted"
	       : s->status == 0                ? "passed"
					       : "failed";
}

/* Of the run alone, not a session, which has no such journal. */
static bool
read_journal(struct project *p, const struct away *w, struct journal_log *log)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (journal_read(p->a,
		path_join(p->a, sv_of(w->folder), SV("events.jsonl")), log,
		&ignored))
		return true;
	journal_log_init(log);
	return false;
}

static bool
mcp_find_run(
    const struct request *r, struct project *p, const char *id, struct away *w)
{
	struct err e cleanup_err = ERR_INIT;

	if (away_find(p, id, w, &e))
		return true;
	tool_fail(r, "%s", e.message);
	return false;
}

static json_t *
mcp_state_of(struct project *p, const struct away *w, const struct journal_log *log)
{
	struct away_state s;
	json_t *out;
	sv summary;

	away_look(p, w, &s);
	out = json_pack("{s:s, s:s, s:o}", "run", w->id, "state",
	    state_name(&s, log->has_end && log->end.signal > 0), "text",
	    json_of_text(s.text));
	if (!s.is_live && !s.is_killed)
		json_object_set_new(out, "exit_status", json_integer(s.status));
	summary = sv_trim(s.summary);
	if (summary.n > SUMMARY_CUT)
		summary = sv_sub(summary, summary.n - SUMMARY_CUT, SIZE_MAX);
	if (summary.n > 0)
		json_object_set_new(out, "summary", json_of(summary));
	return out;
}

const char *
run_id(const struct request *r, const char *text)
{
	struct project p = project_for(r);
	struct away w;

	return mcp_find_run(r, &p, text, &w) ? w.id : NULL;
}

json_t *
run_state(const struct request *r, const char *id)
{
	struct project p = project_for(r);
	struct journal_log log;
	struct away w;

	if (!mcp_find_run(r, &p, id, &w))
		return NULL;
	(void)read_journal(&p, &w, &log);
	return mcp_state_of(&p, &w, &log);
}

/* ---- log ---- */

static bool
is_call_named(const struct journal_call *c, const char *name)
{
	return c->id != 0 &&
	       (strcmp(c->name, name) == 0 || strcmp(c->task, name) == 0 ||
		   strcmp(c->key, name) == 0);
}

/* Of several calls of the name the one that failed, else the last one; its log,
 * or NULL: it has none. */
static const struct journal_call *
find_call(const struct journal_log *log, const char *name)
{
	const struct journal_call *found = NULL;

	for (size_t i = 0; i < log->calls.n; i++) {
		const struct journal_call *c = &log->calls.v[i];

		if (is_call_named(c, name) &&
		    (found == NULL || !rerun_is_root_cause(found)))
			found = c;
	}
	return found;
}

static void
add_names(struct sb *out, const struct journal_log *log)
{
	size_t n = 0;

	for (size_t i = 0; i < log->calls.n && n < FAILED_MAX; i++)
		if (log->calls.v[i].id != 0)
			sb_printf(out, "%s%s", n++ > 0 ? ", " : "",
			    log->calls.v[i].name);
}

/* The path of what is asked for; "": nothing has been printed; NULL: the error
 * was answered. */
static const char *
log_path(const struct request *r, struct project *p, const struct away *w,
    bool *is_over)
{
	const char *task = tool_text(r, "task"), *path;
	struct history_run run = { .id = w->id, .path = w->folder };
	struct sb names cleanup_sb = SB_INIT;
	const struct journal_call *c;

	(void)read_journal(p, w, &run.log);
	if (*task == '\0') {
		path =
		    path_join(p->a, sv_of(w->folder), SV(DETACH_OUTPUT_NAME));
		if (path_exists(path))
			return path;
		add_names(&names, &run.log);
		tool_fail(r,
		    "run %s was not left by run or --detach, so it has no log "
		    "of its own; name a task: %s",
		    w->id, sb_cstr(&names));
		return NULL;
	}
	c = find_call(&run.log, task);
	if (c == NULL) {
		add_names(&names, &run.log);
		tool_fail(r,
		    "task %s was not called in run %s so far; there "
		    "are: %s",
		    quote_go(r->a, sv_of(task)), w->id, sb_cstr(&names));
		return NULL;
	}
	*is_over |= journal_call_has_ended(c);
	path = history_log(p->a, &run, c);
	return path != NULL ? path : "";
}

/* At most `most` bytes from there; *size is that of the file. */
static bool
mcp_read_piece(
    struct sb *out, const char *path, int64_t *from, size_t most, int64_t *size)
{
	int fd cleanup_close = *path != '\0' ? open_own(path, O_RDONLY, 0) : -1;
	struct stat st;
	ssize_t n;

	*size = 0;
	if (fd >= 0 && fstat(fd, &st) == 0)
		*size = st.st_size;
	if (*from < 0)
		*from = *size + *from > 0 ? *size + *from : 0;
	if (fd < 0 || *from >= *size)
		return true;
	sb_reserve(out, most);
	n = pread(fd, out->p, most, (off_t)*from);
	if (n > 0)
		out->n = (size_t)n;
	return n >= 0;
}

bool
tool_log(struct request *r)
{
	struct project p = project_for(r);
	int64_t from = tool_int(r, "offset"), size;
	struct sb piece cleanup_sb = SB_INIT;
	struct away_state s;
	bool is_over;
	const char *path;
	struct away w;
	sv text;

	if (!mcp_find_run(r, &p, tool_text(r, "run"), &w))
		return false;
	/* asked before it is read */
	away_look(&p, &w, &s);
	is_over = !s.is_live;
	path = log_path(r, &p, &w, &is_over);
	if (path == NULL)
		return false;
	if (!mcp_read_piece(
		&piece, path, &from, (size_t)tool_int(r, "bytes"), &size)) {
		tool_fail(r, "read %s: %s", path, errno_text(errno));
		return false;
	}
	text = sb_sv(&piece);
	if (from + (int64_t)text.n < size || !is_over)
		text.n = whole_runes(text);
	tool_answer(r, text,
	    json_pack("{s:s, s:I, s:I, s:I, s:b, s:o}", "run", w.id, "offset",
		(json_int_t)from, "next_offset",
		(json_int_t)(from + (int64_t)text.n), "size", (json_int_t)size,
		"is_complete", is_over && from + (int64_t)text.n >= size,
		"text", json_of(text)));
	return false;
}

/* ---- failed ---- */

/* A file as the log names it, from the folder of the Taskfile. */
static const char *
file_there(void *ctx, struct arena *a, sv name)
{
	const char *path = path_resolve(a, sv_of(ctx), name);

	return path_exists(path) ? sv_cstr(a, name) : NULL;
}

static void
add_log_end(struct project *p, json_t *out, const char *path, const char *root)
{
	struct sb piece cleanup_sb = SB_INIT;
	int64_t from = -TAIL_MAX, size;
	struct culprit c = { 0 };
	sv text;

	if (path == NULL)
		return;
	culprit_find_in(p->a, path, file_there, (void *)root, &c);
	if (c.text != NULL && *c.text != '\0')
		json_object_set_new(out, "said", json_of_text(c.text));
	if (c.file != NULL) {
		json_object_set_new(out, "file", json_of_text(c.file));
		json_object_set_new(out, "line", json_integer(c.line));
	}
	if (!mcp_read_piece(&piece, path, &from, TAIL_MAX, &size))
		return;
	text = sb_sv(&piece);
	/* from the first whole line */
	if (from > 0 && sv_find_char(text, '\n', 0) >= 0)
		text = sv_sub(
		    text, (size_t)sv_find_char(text, '\n', 0) + 1, SIZE_MAX);
	json_object_set_new(out, "log_end", json_of(text));
	json_object_set_new(out, "log_size", json_integer(size));
}

static json_t *
failed_call(struct project *p, const struct history_run *run,
    const struct journal_call *c)
{
	json_t *out = json_pack("{s:o}", "task", json_of_text(c->name));

	if (*c->error != '\0')
		json_object_set_new(out, "error", json_of_text(c->error));
	if (c->exit_status >= 0)
		json_object_set_new(
		    out, "exit_status", json_integer(c->exit_status));
	if (c->signal > 0)
		json_object_set_new(out, "signal", json_integer(c->signal));
	if (c->timed_out)
		json_object_set_new(out, "timed_out", json_true());
	add_log_end(p, out, history_log(p->a, run, c), run->log.run.root);
	return out;
}

static void
add_failed_text(struct sb *out, const json_t *call)
{
	const char *said = json_string_value(json_object_get(call, "said"));
	const char *why = json_string_value(json_object_get(call, "error"));
	const char *tail = json_string_value(json_object_get(call, "log_end"));

	sb_printf(out, "\n\n%s: %s",
	    json_string_value(json_object_get(call, "task")),
	    said != NULL  ? said
	    : why != NULL ? why
			  : "failed");
	if (tail != NULL && *tail != '\0')
		sb_printf(out, "\n%s", tail);
}

bool
tool_failed(struct request *r)
{
	struct project p = project_for(r);
	struct sb text cleanup_sb = SB_INIT;
	json_t *list = json_array(), *state, *call;
	struct history_run run = { 0 };
	struct away w;
	size_t n = 0, i;

	if (!mcp_find_run(r, &p, tool_text(r, "run"), &w)) {
		json_decref(list);
		return false;
	}
	run = (struct history_run){ .id = w.id, .path = w.folder };
	(void)read_journal(&p, &w, &run.log);
	for (i = 0; i < run.log.calls.n; i++) {
		const struct journal_call *c = &run.log.calls.v[i];

		if (c->id == 0 || !rerun_is_root_cause(c) || ++n > FAILED_MAX)
			continue;
		json_array_append_new(list, failed_call(&p, &run, c));
	}
	state = mcp_state_of(&p, &w, &run.log);
	json_object_del(state, "summary");
	sb_adds(&text, json_string_value(json_object_get(state, "text")));
	if (n == 0)
		sb_adds(&text, "\nno task has failed by itself");
	json_array_foreach(list, i, call) add_failed_text(&text, call);
	if (n > FAILED_MAX)
		sb_printf(&text, "\n\nand %zu more", n - FAILED_MAX);
	json_object_set_new(state, "failed", list);
	json_object_set_new(
	    state, "failed_in_all", json_integer((json_int_t)n));
	tool_answer(r, sb_sv(&text), state);
	return false;
}

/* ---- cancel ---- */

bool
tool_cancel(struct request *r)
{
	struct project p = project_for(r);
	struct err e cleanup_err = ERR_INIT;
	enum away_cancel how;
	struct away_state s;
	struct away w;
	const char *text;

	if (!mcp_find_run(r, &p, tool_text(r, "run"), &w))
		return false;
	how = away_end(&p, &w, &e);
	if (how == AWAY_FAILED) {
		tool_fail(r, "%s", e.message);
		return false;
	}
	away_look(&p, &w, &s);
	text = how == AWAY_IS_OVER
		   ? arena_printf(r->a, "nothing to cancel: %s", s.text)
		   : arena_printf(r->a, "run %s is being ended%s", w.id,
			 how == AWAY_BEFORE ? " already" : "");
	tool_answer(r, sv_of(text),
	    json_pack("{s:s, s:b, s:o}", "run", w.id, "is_over",
		how == AWAY_IS_OVER, "text", json_of_text(text)));
	return false;
}
