/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/run_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "go/date.h"
#include "go/json.h"
#include "project/detach.h"
#include "store/journal.h"

bool
run_id_is_one(const char *text)
{
	static const char shape[] = "00000000-000000-000000";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == '0' ? !is_digit((unsigned char)text[i])
				    : text[i] != shape[i])
			return false;
	return true;
}

/* ---- lines ---- */

sv
journal_line_kind(sv line)
{
	static const sv begin = { "{\"ev\":\"", 7 };
	ptrdiff_t end;

	if (!sv_starts(line, begin))
		return SV("");
	end = sv_find_char(line, '"', begin.n);
	return end < 0 ? SV("") : sv_sub(line, begin.n, (size_t)end - begin.n);
}

bool
journal_line_read(struct arena *a, sv line, value *out)
{
	struct err ignored cleanup_err = ERR_INIT;

	return json_read(a, line, out, &ignored) && out->kind == VALUE_MAP;
}

int64_t
journal_line_int(value line, const char *key)
{
	value v = line.kind == VALUE_MAP ? value_map_get(line, sv_of(key))
					 : VALUE_ABSENT;

	return v.kind == VALUE_FLOAT && v.u.f > -9e18 && v.u.f < 9e18
		   ? (int64_t)v.u.f
		   : 0;
}

const char *
journal_line_text(value line, const char *key)
{
	value v = line.kind == VALUE_MAP ? value_map_get(line, sv_of(key))
					 : VALUE_ABSENT;

	return v.kind == VALUE_STRING ? v.u.s : "";
}

/* ---- the first and the last line ---- */

static void
read_ends(struct arena *a, int fd, struct run_file *r)
{
	struct stat st;
	sv line;

	if (fstat(fd, &st) != 0 || !journal_first_line(a, fd, &line) ||
	    !sv_is(journal_line_kind(line), "run") ||
	    !journal_line_read(a, line, &r->run))
		return;
	if (!journal_last_line(a, fd, st.st_size, &line) ||
	    !sv_is(journal_line_kind(line), "end") ||
	    !journal_line_read(a, line, &r->end))
		r->end = VALUE_ABSENT;
}

/* A detached run that was ended before it began has no journal, but says how it
 * ended. */
static int
read_left(struct arena *a, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	if (!read_file(a, arena_printf(a, "%s/" DETACH_EXIT_NAME, path), &text,
		&ignored) ||
	    text.n == 0 || !is_digit((unsigned char)text.p[0]))
		return -1;
	return (int)strtol(text.p, NULL, 10);
}

bool
run_file_read(
    struct arena *a, const struct state *s, const char *id, struct run_file *r)
{
	int fd cleanup_close = -1;

	*r = (struct run_file){
		.id = id, .run = VALUE_ABSENT, .end = VALUE_ABSENT, .left = -1
	};
	if (!run_id_is_one(id))
		return false;
	r->path = arena_printf(a, "%s/%s", s->runs, id);
	r->events = arena_printf(a, "%s/events.jsonl", r->path);
	/* what a dead one has left is all there then */
	r->is_live = run_dir_is_live(r->path);
	fd = open_own(r->events, O_RDONLY, 0);
	if (fd >= 0)
		read_ends(a, fd, r);
	if (r->run.kind == VALUE_MAP || r->is_live)
		return true;
	r->left = read_left(a, r->path);
	return r->left >= 0;
}

/* ---- what it says ---- */

const char *
run_file_status(const struct run_file *r)
{
	if (r->left >= 0)
		return r->left > 128 ? "cancelled" : "failed";
	if (r->end.kind != VALUE_MAP)
		return r->is_live ? "running" : "killed";
	if (journal_line_int(r->end, "signal") != 0)
		return "cancelled";
	return journal_line_int(r->end, "exit") == 0 ? "passed" : "failed";
}

const char *
run_file_text(const struct run_file *r, const char *key)
{
	return journal_line_text(r->run, key);
}

/* Two digits of it, or four. */
static int64_t
id_digits(const char *id, size_t at, size_t n)
{
	int64_t number = 0;

	for (size_t i = at; i < at + n; i++)
		number = number * 10 + (id[i] - '0');
	return number;
}

/* Of the id, which is a moment of UTC. */
static int64_t
id_time_ns(const char *id)
{
	int64_t day = days_from_civil(id_digits(id, 0, 4),
	    (int)id_digits(id, 4, 2), (int)id_digits(id, 6, 2));
	int64_t second = id_digits(id, 9, 2) * 3600 +
			 id_digits(id, 11, 2) * 60 + id_digits(id, 13, 2);

	return (day * 86400 + second) * NS_PER_S + id_digits(id, 16, 6) * 1000;
}

static void
json_words(struct json_out *j, const char *key, value line)
{
	value list = line.kind == VALUE_MAP ? value_map_get(line, sv_of(key))
					    : VALUE_ABSENT;

	jo_key(j, key);
	jo_open(j, '[');
	for (size_t i = 0; list.kind == VALUE_LIST && i < list.u.list->n; i++)
		if (list.u.list->v[i].kind == VALUE_STRING)
			jo_sv(j, value_text(list.u.list->v[i]));
	jo_close(j, ']');
}

static void
json_end(const struct run_file *r, struct json_out *j, int64_t at_ns)
{
	int64_t signal = journal_line_int(r->end, "signal");
	int64_t took = journal_line_int(r->end, "end");

	jo_text_if(j, "verdict", journal_line_text(r->end, "verdict"));
	jo_text_if(j, "commit", journal_line_text(r->end, "commit"));
	jo_key(j, "completed_at");
	jo_time(j, at_ns + took);
	jo_key(j, "duration_seconds");
	jo_seconds(j, took);
	jo_key(j, "exit_status");
	jo_int(j, journal_line_int(r->end, "exit"));
	if (signal != 0) {
		jo_key(j, "signal");
		jo_int(j, signal);
	}
	if (value_map_has(r->end, SV("rerun")))
		json_words(j, "rerun", r->end);
}

void
run_file_json(const struct run_file *r, struct json_out *j)
{
	/* a number of ns of the epoch is more than a double holds */
	int64_t at_ns = id_time_ns(r->id);

	jo_key(j, "run_id");
	jo_text(j, r->id);
	jo_key(j, "status");
	jo_text(j, run_file_status(r));
	json_words(j, "tasks", r->run);
	json_words(j, "argv", r->run);
	jo_text_if(j, "parent", run_file_text(r, "parent"));
	jo_text_if(j, "host", run_file_text(r, "host"));
	jo_text_if(j, "head", run_file_text(r, "head"));
	jo_key(j, "started_at");
	jo_time(j, at_ns);
	if (r->end.kind == VALUE_MAP)
		json_end(r, j, at_ns);
	if (r->left >= 0) {
		jo_key(j, "exit_status");
		jo_int(j, r->left);
	}
}

/* ---- the log of a call ---- */

/* Below the folder of the run, whatever a journal says. */
static bool
is_log_name(const char *name)
{
	return *name != '\0' && *name != '/' && strstr(name, "..") == NULL;
}

static void
log_line(struct arena *a, const struct run_file *r, unsigned call, sv kind,
    sv line, struct call_log *out)
{
	bool is_job = sv_starts(kind, SV("job"));
	const char *name;
	value v;

	if (!journal_line_read(a, line, &v) ||
	    journal_line_int(v, is_job ? "call" : "id") != (int64_t)call)
		return;
	out->is_there = true;
	out->has_ended = out->has_ended ||
			 (!is_job && *journal_line_text(v, "status") != '\0');
	name = journal_line_text(v, "log");
	if (!is_log_name(name))
		return;
	out->path = path_join(a, sv_of(r->path), sv_of(name));
	/* a job says where its output goes, a call that there was some */
	out->had_some = out->had_some || !is_job;
}

void
run_file_log(struct arena *a, const struct run_file *r, unsigned call,
    struct call_log *out)
{
	const char *of_job = arena_printf(a, "\"call\":%u,", call);
	const char *of_call = arena_printf(a, "\"id\":%u,", call);
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line;

	*out = (struct call_log){ 0 };
	if (!read_file(a, r->events, &text, &ignored))
		return;
	while (sv_cut(text, '\n', &line, &text)) {
		sv kind = journal_line_kind(line);
		const char *wanted =
		    sv_starts(kind, SV("job")) ? of_job : of_call;

		if ((sv_starts(kind, SV("job")) ||
			sv_starts(kind, SV("call"))) &&
		    sv_find(line, sv_of(wanted), 0) >= 0)
			log_line(a, r, call, kind, line, out);
	}
	if (!r->is_live)
		out->has_ended = out->is_there;
}
