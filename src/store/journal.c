/* SPDX-License-Identifier: MIT */
/* The writer. */
#include "store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "go/json.h"

enum {
	TEXT_MAX = 4096,         /* longer ones are cut */
	WAITING_MAX = 64 * 1024, /* and no more is collected */
};

struct journal {
	char *path;
	int fd;     /* -1: there is no file */
	int failed; /* errno of the first write that failed */
	struct sb waiting;
	void (*tell)(void *ctx, sv lines);
	void *tell_ctx;
	struct journal_mask mask;
	struct arena *scratch; /* of a line that is being made */
};

/* ---- the table ---- */

#define AT(name)    (1U << JOURNAL_LINE_##name)
#define AT_RUN      AT(RUN)
#define AT_CALL     AT(CALL)
#define AT_START    AT(START)
#define AT_JOB      AT(JOB)
#define AT_JOB_END  AT(JOB_END)
#define AT_CALL_END AT(CALL_END)
#define AT_END      AT(END)
#define AT_DROPPED  AT(DROPPED)
#define AT_MACHINE  AT(MACHINE)

#define X(kind, name, key, from, lines, text)                                  \
	{ JOURNAL_##kind, offsetof(struct OBJECT, name), key, text, lines },
#define TABLE(name, FIELDS)                                                    \
	static const struct journal_field name##_fields[] = { FIELDS(X) };     \
	static const struct journal_object name##_object = { name##_fields,    \
		sizeof(name##_fields) / sizeof(name##_fields[0]) };

#define OBJECT journal_run
TABLE(run, JOURNAL_RUN_FIELDS)
#undef OBJECT
#define OBJECT journal_call
TABLE(call, JOURNAL_CALL_FIELDS)
#undef OBJECT
#define OBJECT journal_job
TABLE(job, JOURNAL_JOB_FIELDS)
#undef OBJECT
#define OBJECT journal_end
TABLE(end, JOURNAL_END_FIELDS)
#undef OBJECT
#define OBJECT journal_sample
TABLE(sample, JOURNAL_SAMPLE_FIELDS)
#undef OBJECT
#define OBJECT journal_gap
TABLE(gap, JOURNAL_GAP_FIELDS)
#undef OBJECT
#undef X

const struct journal_line_def journal_lines[JOURNAL_LINE_COUNT] = {
#define X(name, ev, object, text)                                              \
	[JOURNAL_LINE_##name] = { ev, text, &object##_object },
	JOURNAL_LINES(X)
#undef X
};

/* ---- a line ---- */

static void
add_key(struct sb *b, const char *key)
{
	sb_add(b, ",\"", 2);
	sb_adds(b, key);
	sb_add(b, "\":", 2);
}

static void
add_number(struct sb *b, const char *key, int64_t v)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (v < 0)
		*--p = '-';
	add_key(b, key);
	sb_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

/* Most texts are names: they stand as they are. */
static void
journal_quote(struct sb *b, sv s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] >= ' ' && s.p[i] < 0x7f && s.p[i] != '"' &&
	       s.p[i] != '\\')
		i++;
	if (i < s.n) {
		json_quote(b, s, false);
		return;
	}
	sb_addc(b, '"');
	sb_addv(b, s);
	sb_addc(b, '"');
}

/* Whole characters of it. */
static sv
bounded(sv s)
{
	if (s.n <= TEXT_MAX)
		return s;
	s.n = TEXT_MAX;
	while (s.n > TEXT_MAX - 4 && (s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
}

/* What somebody else wrote, as it may be kept; `j` NULL: as it is. */
static void
add_masked(struct sb *b, struct journal *j, const char *text)
{
	struct arena_mark mark;

	if (j == NULL || j->mask.fn == NULL) {
		journal_quote(b, bounded(sv_of(text)));
		return;
	}
	mark = arena_mark(j->scratch);
	text = j->mask.fn(j->mask.ctx, j->scratch, text);
	journal_quote(b, bounded(sv_of(text)));
	arena_release(j->scratch, mark);
}

static void
journal_add_words(struct sb *b, const char *key, const journal_words *v,
    struct journal *j)
{
	if (v->n == 0)
		return;
	add_key(b, key);
	sb_addc(b, '[');
	for (size_t i = 0; i < v->n; i++) {
		if (i > 0)
			sb_addc(b, ',');
		add_masked(b, j, v->v[i]);
	}
	sb_addc(b, ']');
}

static void
add_field(struct sb *b, const struct journal_field *f, const void *object,
    struct journal *j)
{
	const char *text;

	switch (f->kind) {
	case JOURNAL_COUNT:
		if (*(const unsigned *)object != 0)
			add_number(b, f->key, *(const unsigned *)object);
		break;
	case JOURNAL_INT:
		if (*(const int64_t *)object != 0)
			add_number(b, f->key, *(const int64_t *)object);
		break;
	case JOURNAL_NUMBER:
		if (*(const int *)object != 0)
			add_number(b, f->key, *(const int *)object);
		break;
	case JOURNAL_EXIT:
		if (*(const int *)object >= 0)
			add_number(b, f->key, *(const int *)object);
		break;
	case JOURNAL_BOOL:
		if (!*(const bool *)object)
			break;
		add_key(b, f->key);
		sb_adds(b, "true");
		break;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		text = *(const char *const *)object;
		if (text == NULL || *text == '\0')
			break;
		add_key(b, f->key);
		add_masked(b, f->kind == JOURNAL_TEXT ? j : NULL, text);
		break;
	case JOURNAL_WORDS:
		journal_add_words(b, f->key, object, j);
		break;
	}
}

static void
add_line(struct sb *out, enum journal_line line, const void *object,
    struct journal *j)
{
	const struct journal_line_def *def = &journal_lines[line];
	const char *base = object;

	sb_adds(out, "{\"ev\":\"");
	sb_adds(out, def->ev);
	sb_addc(out, '"');
	for (size_t i = 0; i < def->object->n; i++) {
		const struct journal_field *f = &def->object->fields[i];

		if (f->lines & 1U << line)
			add_field(out, f, base + f->at, j);
	}
	sb_adds(out, "}\n");
}

void
journal_add_line(struct sb *out, enum journal_line line, const void *object)
{
	add_line(out, line, object, NULL);
}

/* ---- the file ---- */

struct journal *
journal_new(void)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->fd = -1;
	j->scratch = arena_new();
	/* its first block stays */
	(void)arena_alloc(j->scratch, 1);
	return j;
}

bool
journal_open(struct journal *j, const char *path, struct err *e)
{
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	j->path = xstrdup(path);
	j->fd = fd;
	return true;
}

void
journal_set_mask(struct journal *j, const struct journal_mask *mask)
{
	j->mask = *mask;
}

void
journal_tell(struct journal *j, void (*fn)(void *ctx, sv lines), void *ctx)
{
	j->tell = fn;
	j->tell_ctx = ctx;
}

/* After a failure nothing more is written: what is there ends in half a line at
 * worst, which readers pass over. */
void
journal_flush(struct journal *j)
{
	if (j->waiting.n == 0)
		return;
	if (j->fd >= 0 && j->failed == 0 &&
	    !write_all(j->fd, j->waiting.p, j->waiting.n))
		j->failed = errno;
	if (j->tell != NULL)
		j->tell(j->tell_ctx, sb_sv(&j->waiting));
	sb_clear(&j->waiting);
}

static void
journal_add(struct journal *j, enum journal_line line, const void *object)
{
	add_line(&j->waiting, line, object, j);
	if (j->waiting.n > WAITING_MAX)
		journal_flush(j);
}

void
journal_add_run(struct journal *j, const struct journal_run *r)
{
	journal_add(j, JOURNAL_LINE_RUN, r);
	journal_flush(j);
}

void
journal_add_call(
    struct journal *j, enum journal_line line, const struct journal_call *c)
{
	journal_add(j, line, c);
}

void
journal_add_job(
    struct journal *j, enum journal_line line, const struct journal_job *job)
{
	journal_add(j, line, job);
}

void
journal_add_sample(struct journal *j, const struct journal_sample *sample)
{
	journal_add(j, JOURNAL_LINE_MACHINE, sample);
}

void
journal_add_end(struct journal *j, const struct journal_end *end)
{
	journal_add(j, JOURNAL_LINE_END, end);
	journal_flush(j);
}

bool
journal_close(struct journal *j, struct err *e)
{
	bool ok = true;

	if (j == NULL)
		return true;
	journal_flush(j);
	if (j->fd >= 0 && close(j->fd) != 0 && j->failed == 0)
		j->failed = errno;
	if (j->failed != 0)
		ok = err_sys(e, j->failed, "write %s", j->path);
	sb_free(&j->waiting);
	arena_free(j->scratch);
	free(j->path);
	free(j);
	return ok;
}
