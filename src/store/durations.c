/* SPDX-License-Identifier: MIT */
#include "store/durations.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"

/* A call's last times in microseconds, oldest first. */
struct times {
	uint64_t us[DURATIONS_KEPT];
	uint64_t cpu_us[DURATIONS_KEPT];
	size_t n;
};

struct addition {
	const char *call;
	uint64_t us, cpu_us;
};

/* Which file it was: each writer makes a new one. */
struct version {
	uint64_t ino, size;
	int64_t mtime_ns;
};

struct durations {
	struct arena *arena;
	struct version version; /* of what was read; all 0: there was none */
	struct map *calls; /* name → struct times * */
	VEC(struct addition) added;
};

static void
durations_push(struct times *t, uint64_t us, uint64_t cpu_us)
{
	const size_t rest = sizeof(t->us) - sizeof(t->us[0]);

	if (t->n == DURATIONS_KEPT) {
		memmove(t->us, t->us + 1, rest);
		memmove(t->cpu_us, t->cpu_us + 1, rest);
		t->n--;
	}
	t->cpu_us[t->n] = cpu_us;
	t->us[t->n++] = us;
}

static struct times *
times_of(struct durations *d, sv call)
{
	struct times *t = map_get(d->calls, call);

	if (t == NULL) {
		t = arena_new_of(d->arena, struct times);
		map_put(d->calls, call, t);
	}
	return t;
}

static bool
durations_number(sv *s, uint64_t *out)
{
	size_t n = 0;

	for (*out = 0; n < s->n && is_digit((unsigned char)s->p[n]); n++) {
		if (*out > UINT64_MAX / 10 - 1)
			return false;
		*out = *out * 10 + (uint64_t)(s->p[n] - '0');
	}
	*s = sv_sub(*s, n, SIZE_MAX);
	return n > 0;
}

static bool
durations_skip(sv *s, char c)
{
	if (s->n == 0 || *s->p != c)
		return false;
	*s = sv_sub(*s, 1, SIZE_MAX);
	return true;
}

/* "123/45 456 :NAME" with one run and more, each with its cpu time; without it
 * is taken to have used a core.  Names hold no line ends. */
static void
durations_parse_line(struct durations *d, sv line)
{
	struct times t = { .n = 0 };

	do {
		uint64_t us, cpu_us;

		if (!durations_number(&line, &us))
			return;
		cpu_us = us;
		if (durations_skip(&line, '/') &&
		    !durations_number(&line, &cpu_us))
			return;
		if (!durations_skip(&line, ' '))
			return;
		durations_push(&t, us, cpu_us);
	} while (!durations_skip(&line, ':'));
	if (line.n > 0)
		*times_of(d, line) = t;
}

static struct version
version_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct version){ 0 };
	return (struct version){ st.st_ino, (uint64_t)st.st_size,
		stat_mtime_ns(&st) };
}

static bool
is_as_read(const struct durations *d, const char *path)
{
	struct version now = version_of(path);

	return now.ino == d->version.ino && now.size == d->version.size &&
	       now.mtime_ns == d->version.mtime_ns;
}

struct durations *
durations_read(struct arena *a, const char *path)
{
	struct durations *d = arena_new_of(a, struct durations);
	struct err e cleanup_err = ERR_INIT;
	sv text, line;

	d->arena = a;
	d->calls = map_new(a);
	d->version = version_of(path);
	if (!read_file(a, path, &text, &e))
		return d;
	while (sv_cut(text, '\n', &line, &text))
		durations_parse_line(d, line);
	return d;
}

/* Line ends in a name would tear the file. */
static char *
durations_key_of(struct arena *a, const char *call)
{
	char *key = arena_strdup(a, call);

	for (char *p = key; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	return key;
}

static int
compare_us(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* Of n values, in seconds. */
static double
median(const uint64_t *us, size_t n)
{
	uint64_t sorted[DURATIONS_KEPT];

	memcpy(sorted, us, n * sizeof(*us));
	qsort(sorted, n, sizeof(sorted[0]), compare_us);
	if (n % 2 == 1)
		return (double)sorted[n / 2] / 1e6;
	return ((double)sorted[n / 2 - 1] + (double)sorted[n / 2]) / 2e6;
}

static const struct times *
durations_find(const struct durations *d, const char *call)
{
	const struct times *t =
	    map_get(d->calls, sv_of(durations_key_of(d->arena, call)));

	return t == NULL || t->n == 0 ? NULL : t;
}

double
durations_expected(const struct durations *d, const char *call)
{
	const struct times *t = durations_find(d, call);

	return t == NULL ? -1 : median(t->us, t->n);
}

double
durations_cores(const struct durations *d, const char *call)
{
	const struct times *t = durations_find(d, call);
	double seconds = t == NULL ? 0 : median(t->us, t->n);

	return seconds <= 0 ? -1 : median(t->cpu_us, t->n) / seconds;
}

double
durations_mean(const struct durations *d)
{
	const struct map_entry *e;
	double sum = 0;
	size_t n = 0;

	map_each(d->calls, e) {
		const struct times *t = e->value;

		sum += median(t->us, t->n);
		n++;
	}
	return n == 0 ? -1 : sum / (double)n;
}

void
durations_add(
    struct durations *d, const char *call, double seconds, double cpu_seconds)
{
	struct addition x = { durations_key_of(d->arena, call),
		seconds <= 0 ? 0 : (uint64_t)(seconds * 1e6),
		cpu_seconds <= 0 ? 0 : (uint64_t)(cpu_seconds * 1e6) };

	vec_push(d->arena, &d->added, x);
	durations_push(times_of(d, sv_of(x.call)), x.us, x.cpu_us);
}

static void
add_run_text(struct sb *b, uint64_t us, uint64_t cpu_us)
{
	sb_uint(b, us);
	sb_addc(b, '/');
	sb_uint(b, cpu_us);
	sb_addc(b, ' ');
}

/* What another run has written meanwhile, with what this one adds. */
static const struct durations *
durations_joined(struct arena *a, const struct durations *d, const char *path)
{
	struct durations *now = durations_read(a, path);

	for (size_t i = 0; i < d->added.n; i++) {
		const struct addition *x = &d->added.v[i];

		durations_push(times_of(now, sv_of(x->call)), x->us, x->cpu_us);
	}
	return now;
}

bool
durations_write(const struct durations *d, const char *path, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *entry;

	if (d->added.n == 0)
		return true;
	if (!is_as_read(d, path))
		d = durations_joined(a, d, path);
	map_each(d->calls, entry) {
		const struct times *t = entry->value;

		for (size_t i = 0; i < t->n; i++)
			add_run_text(&b, t->us[i], t->cpu_us[i]);
		sb_addc(&b, ':');
		sb_addv(&b, entry->key);
		sb_addc(&b, '\n');
	}
	return mkdir_all(path_dir(a, sv_of(path)), 0700, e) &&
	       write_atomic(path, sb_sv(&b), 0600, e);
}
