/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/io.h"
#include "store/journal_line.h"

/* Bounds for numbers, so that a damaged line does not ask for all memory. */
#define MAX_COUNT 10000000
#define MAX_HOLE 100000

/* A line, from whoever has read it. */
struct read_line {
	const json_t *json;
	const struct line *plain; /* or NULL */
};

/* A value of it. */
struct read_value {
	enum { READ_OTHER, READ_INT, READ_BOOL, READ_TEXT, READ_WORDS } kind;
	int64_t n;
	sv text;
	const json_t *json;
};

static struct read_value
value_of_json(const json_t *v)
{
	struct read_value out = { .kind = READ_OTHER, .json = v };

	if (json_is_integer(v)) {
		out.kind = READ_INT;
		out.n = json_integer_value(v);
	} else if (json_is_boolean(v)) {
		out.kind = READ_BOOL;
		out.n = json_is_true(v);
	} else if (json_is_string(v)) {
		out.kind = READ_TEXT;
		out.text =
		    (sv){ json_string_value(v), json_string_length(v) };
	} else if (json_is_array(v)) {
		out.kind = READ_WORDS;
	}
	return out;
}

static struct read_value
value_of_line(const struct line_value *v)
{
	static const int kinds[] = { [LINE_INT] = READ_INT,
		[LINE_BOOL] = READ_BOOL,
		[LINE_TEXT] = READ_TEXT,
		[LINE_WORDS] = READ_WORDS };
	struct read_value out = { .n = v->n, .text = v->text };

	out.kind = kinds[v->kind];
	return out;
}

static void
read_words(struct arena *a, const struct read_value *v, journal_words *out)
{
	sv rest = v->text, word;

	*out = (journal_words){ 0 };
	while (v->json == NULL && line_next_word(&rest, &word))
		vec_push(a, out, sv_cstr(a, word));
	for (size_t i = 0; i < json_array_size(v->json); i++) {
		const char *s = json_string_value(json_array_get(v->json, i));

		vec_push(a, out, arena_strdup(a, s ? s : ""));
	}
}

static bool
is_within(int64_t n, int64_t from, int64_t to)
{
	return n >= from && n <= to;
}

/* What is of another type than it should be counts as not said. */
static void
read_field(struct arena *a, const struct journal_field *f,
    const struct read_value *v, void *object)
{
	int64_t n = v->kind == READ_INT ? v->n : -1;

	switch (f->kind) {
	case JOURNAL_COUNT:
		if (is_within(n, 0, MAX_COUNT))
			*(unsigned *)object = (unsigned)n;
		break;
	case JOURNAL_INT:
		if (v->kind == READ_INT)
			*(int64_t *)object = n;
		break;
	case JOURNAL_NUMBER:
	case JOURNAL_EXIT:
		if (is_within(n, 0, INT_MAX))
			*(int *)object = (int)n;
		break;
	case JOURNAL_BOOL:
		if (v->kind == READ_BOOL)
			*(bool *)object = v->n != 0;
		break;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		if (v->kind == READ_TEXT)
			*(const char **)object = sv_cstr(a, v->text);
		break;
	case JOURNAL_WORDS:
		if (v->kind == READ_WORDS)
			read_words(a, v, object);
		break;
	}
}

static void
jread_read_object(struct arena *a, const struct read_line *o,
    const struct journal_object *def, void *object)
{
	char *base = object;

	for (size_t i = 0; o->plain != NULL && i < o->plain->n; i++) {
		const struct line_value *v = &o->plain->v[i];
		struct read_value value = value_of_line(v);

		read_field(a, v->field, &value, base + v->field->at);
	}
	for (size_t i = 0; o->json != NULL && i < def->n; i++) {
		const struct journal_field *f = &def->fields[i];
		const json_t *v = json_object_get(o->json, f->key);
		struct read_value value = value_of_json(v);

		if (v != NULL)
			read_field(a, f, &value, base + f->at);
	}
}

static void
jread_clear(enum journal_line line, void *object)
{
	const struct journal_object *def = journal_lines[line].object;
	char *base = object;

	for (size_t i = 0; i < def->n; i++) {
		const struct journal_field *f = &def->fields[i];

		if (f->kind == JOURNAL_TEXT || f->kind == JOURNAL_PLAIN)
			*(const char **)(void *)(base + f->at) = "";
		else if (f->kind == JOURNAL_EXIT)
			*(int *)(void *)(base + f->at) = -1;
	}
}

/* The number of the object that a line is about; 0: none that can be. */
static unsigned
id_of(const struct read_line *o, size_t n)
{
	const json_t *v = json_object_get(o->json, "id");
	int64_t id = json_is_integer(v) ? json_integer_value(v) : 0;

	for (size_t i = 0; o->plain != NULL && i < o->plain->n; i++)
		if (o->plain->v[i].kind == LINE_INT &&
		    sv_is(o->plain->v[i].key, "id"))
			id = o->plain->v[i].n;
	return is_within(id, 1, (int64_t)n + MAX_HOLE) && id <= MAX_COUNT
		   ? (unsigned)id
		   : 0;
}

static void
read_call(struct arena *a, const struct read_line *o, enum journal_line line,
    struct journal_log *l)
{
	unsigned id = id_of(o, l->calls.n);

	while (l->calls.n < id) {
		struct journal_call hole = { 0 };

		jread_clear(line, &hole);
		vec_push(a, &l->calls, hole);
	}
	if (id > 0)
		jread_read_object(
		    a, o, journal_lines[line].object, &l->calls.v[id - 1]);
}

static void
read_job(struct arena *a, const struct read_line *o, enum journal_line line,
    struct journal_log *l)
{
	unsigned id = id_of(o, l->jobs.n);

	while (l->jobs.n < id) {
		struct journal_job hole = { 0 };

		jread_clear(line, &hole);
		vec_push(a, &l->jobs, hole);
	}
	if (id > 0)
		jread_read_object(
		    a, o, journal_lines[line].object, &l->jobs.v[id - 1]);
}

static void
jread_read_known(struct arena *a, const struct read_line *o,
    enum journal_line line, struct journal_log *l)
{
	struct journal_sample sample;

	switch (line) {
	case JOURNAL_LINE_RUN:
		l->has_run = true;
		jread_read_object(a, o, journal_lines[line].object, &l->run);
		break;
	case JOURNAL_LINE_CALL:
	case JOURNAL_LINE_START:
	case JOURNAL_LINE_CALL_END:
		read_call(a, o, line, l);
		break;
	case JOURNAL_LINE_JOB:
	case JOURNAL_LINE_JOB_END:
		read_job(a, o, line, l);
		break;
	case JOURNAL_LINE_END:
		l->has_end = true;
		jread_read_object(a, o, journal_lines[line].object, &l->end);
		break;
	case JOURNAL_LINE_MACHINE:
		sample = (struct journal_sample){ 0 };
		jread_read_object(a, o, journal_lines[line].object, &sample);
		vec_push(a, &l->samples, sample);
		break;
	case JOURNAL_LINE_DROPPED:
	case JOURNAL_LINE_COUNT:
		break;
	}
}

static bool
tells_of_a_job(sv line)
{
	return sv_starts(line, SV("{\"ev\":\"job")) &&
	       memmem(line.p, line.n, "\"error\":", 8) == NULL;
}

static void
jread_read_line(struct arena *a, sv text, struct journal_log *l)
{
	struct line plain;
	const char *ev;
	json_t *o;

	if (l->leaves_jobs && tells_of_a_job(text))
		return;
	if (line_scan(text, &plain)) {
		jread_read_known(a, &(struct read_line){ .plain = &plain },
		    plain.kind, l);
		return;
	}
	o = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
	ev = json_string_value(json_object_get(o, "ev"));
	for (int i = 0; ev != NULL && i < JOURNAL_LINE_COUNT; i++)
		if (strcmp(ev, journal_lines[i].ev) == 0)
			jread_read_known(a, &(struct read_line){ .json = o },
			    (enum journal_line)i, l);
	json_decref(o);
}

void
journal_log_init(struct journal_log *log)
{
	*log = (struct journal_log){ .has_run = false };
	jread_clear(JOURNAL_LINE_RUN, &log->run);
	jread_clear(JOURNAL_LINE_END, &log->end);
}

/* Whole lines; the rest stays in the buffer. */
static void
read_lines(struct arena *a, struct sb *b, struct journal_log *log)
{
	sv rest = sb_sv(b), line;
	size_t whole;

	while (sv_cut(rest, '\n', &line, &rest))
		jread_read_line(a, line, log);
	whole = b->n - line.n;
	log->read_bytes += (int64_t)whole;
	memmove(b->p, b->p + whole, line.n);
	b->n = line.n;
}

bool
journal_read_more(
    struct arena *a, const char *path, struct journal_log *log, struct err *e)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct sb b cleanup_sb = SB_INIT;
	char block[32 * 1024];
	off_t at = (off_t)log->read_bytes;
	ssize_t n;

	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	while ((n = pread(fd, block, sizeof(block), at)) > 0) {
		at += n;
		sb_add(&b, block, (size_t)n);
		if (memchr(block, '\n', (size_t)n) != NULL)
			read_lines(a, &b, log);
	}
	return n == 0 || err_sys(e, errno, "read %s", path);
}

bool
journal_read(struct arena *a, const char *path, struct journal_log *out,
    struct err *e)
{
	journal_log_init(out);
	return journal_read_more(a, path, out, e);
}

bool
journal_read_calls(struct arena *a, const char *path, struct journal_log *out,
    struct err *e)
{
	journal_log_init(out);
	out->leaves_jobs = true;
	return journal_read_more(a, path, out, e);
}

bool
journal_read_ends(struct arena *a, const char *path, struct journal_log *out,
    struct err *e)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	sv line;

	journal_log_init(out);
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(e, errno, "open %s", path);
	if (journal_first_line(a, fd, &line))
		jread_read_line(a, line, out);
	if (journal_last_line(a, fd, st.st_size, &line))
		jread_read_line(a, line, out);
	return true;
}
