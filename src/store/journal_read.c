/* SPDX-License-Identifier: MIT */
#include "store/journal.h"

#include <jansson.h>

#include "base/io.h"

/* Bounds for ids, so that a damaged line does not ask for all memory. */
#define MAX_CALLS 10000000
#define MAX_HOLE 100000

static const char *
text_of(struct arena *a, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_string(v))
		return "";
	return arena_strndup(a, json_string_value(v), json_string_length(v));
}

static int64_t
int_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static unsigned
id_of(const json_t *o, const char *key)
{
	int64_t v = int_of(o, key);

	return v < 0 || v > MAX_CALLS ? 0 : (unsigned)v;
}

static bool
bool_of(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static int
exit_of(const json_t *o)
{
	const json_t *v = json_object_get(o, "exit");

	return json_is_integer(v) ? (int)json_integer_value(v) : -1;
}

static void
words_of(struct arena *a, const json_t *o, const char *key, journal_words *out)
{
	const json_t *v = json_object_get(o, key);

	for (size_t i = 0; i < json_array_size(v); i++) {
		const char *s = json_string_value(json_array_get(v, i));

		vec_push(a, out, arena_strdup(a, s ? s : ""));
	}
}

static void
jread_read_run(struct arena *a, const json_t *o, struct journal_log *l)
{
	l->has_run = true;
	l->run = (struct journal_run){
		.id = text_of(a, o, "id"),
		.root = text_of(a, o, "root"),
		.cwd = text_of(a, o, "cwd"),
		.version = text_of(a, o, "version"),
		.parent = text_of(a, o, "parent"),
		.at_ns = int_of(o, "at"),
		.slots = id_of(o, "slots"),
		.serial = bool_of(o, "serial"),
	};
	words_of(a, o, "argv", &l->run.argv);
	words_of(a, o, "tasks", &l->run.tasks);
}

static void
read_call(struct arena *a, const json_t *o, struct journal_log *l)
{
	unsigned id = id_of(o, "id");
	struct journal_call c = {
		.id = id,
		.parent = id_of(o, "parent"),
		.name = text_of(a, o, "name"),
		.task = text_of(a, o, "task"),
		.key = text_of(a, o, "key"),
		.status = text_of(a, o, "status"),
		.reason = text_of(a, o, "reason"),
		.error = text_of(a, o, "error"),
		.log = text_of(a, o, "log"),
		.twin = id_of(o, "twin"),
		.cause = id_of(o, "cause"),
		.created_ns = int_of(o, "created"),
		.start_ns = int_of(o, "start"),
		.end_ns = int_of(o, "end"),
		.slot_wait_ns = int_of(o, "slot_wait"),
		.job_ns = int_of(o, "job_time"),
		.cpu_ns = int_of(o, "cpu"),
		.max_rss_bytes = int_of(o, "max_rss"),
		.exit_status = exit_of(o),
		.signal = (int)int_of(o, "signal"),
		.jobs = id_of(o, "jobs"),
		.attempts = id_of(o, "attempts"),
		.flaky = bool_of(o, "flaky"),
		.is_dep = bool_of(o, "dep"),
		.is_background = bool_of(o, "background"),
		.is_phase = bool_of(o, "phase"),
	};

	if (id == 0 || id > l->calls.n + MAX_HOLE)
		return;
	while (l->calls.n < id) {
		struct journal_call hole = { .name = "", .task = "",
			.key = "", .status = "", .reason = "", .error = "",
			.log = "", .exit_status = -1 };

		vec_push(a, &l->calls, hole);
	}
	l->calls.v[id - 1] = c;
}

static void
read_end(struct arena *a, const json_t *o, struct journal_log *l)
{
	l->has_end = true;
	l->end = (struct journal_end){
		.end_ns = int_of(o, "end"),
		.exit_status = exit_of(o),
		.signal = (int)int_of(o, "signal"),
		.error = text_of(a, o, "error"),
		.commit = text_of(a, o, "commit"),
		.disturbed = bool_of(o, "disturbed"),
		.narrowed = bool_of(o, "narrowed"),
	};
	words_of(a, o, "rerun", &l->end.rerun);
}

static void
jread_read_line(struct arena *a, sv line, struct journal_log *l)
{
	json_t *o = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
	const char *kind = json_string_value(json_object_get(o, "ev"));

	if (kind == NULL)
		;
	else if (strcmp(kind, "run") == 0)
		jread_read_run(a, o, l);
	else if (strcmp(kind, "call") == 0)
		read_call(a, o, l);
	else if (strcmp(kind, "end") == 0)
		read_end(a, o, l);
	json_decref(o);
}

bool
journal_read(struct arena *a, const char *path, struct journal_log *out,
    struct err *e)
{
	static const struct journal_run no_run = { .id = "", .root = "",
		.cwd = "", .version = "", .parent = "" };
	sv text, line;

	*out = (struct journal_log){ .run = no_run };
	out->end = (struct journal_end){ .exit_status = -1, .error = "",
		.commit = "" };
	if (!read_file(a, path, &text, e))
		return false;
	/* What has no line end was not written to its end. */
	while (sv_cut(text, '\n', &line, &text))
		jread_read_line(a, line, out);
	return true;
}
