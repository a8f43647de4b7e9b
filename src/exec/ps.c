/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/ps.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "exec/capture.h"

enum {
	OUTPUT_MAX = 64 << 20,
	WORDS = 9, /* pid ppid pgid stat, and five of the start */
};
#define PATIENCE_NS (2 * NS_PER_S)

/* A number that grows with time; no calendar is needed to compare. */
static uint64_t
start_of(int year, int month, int day, int hour, int minute, int second)
{
	return (((((uint64_t)year * 13 + (uint64_t)month) * 32 +
	    (uint64_t)day) * 24 + (uint64_t)hour) * 60 + (uint64_t)minute) *
	    61 + (uint64_t)second;
}

uint64_t
ps_start_of(int64_t real_ns)
{
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct tm t;

	if (gmtime_r(&seconds, &t) == NULL)
		return 0;
	return start_of(t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour,
	    t.tm_min, t.tm_sec);
}

/* "Sat Nov  7 13:04:08 2026", in five words; 0: it is something else. */
static uint64_t
parse_start(const sv *word)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	ptrdiff_t month = sv_find(sv_of(months), word[1], 0);
	long n[5];
	const char *at[5] = { word[2].p, word[3].p, NULL, NULL, word[4].p };
	char *end;

	if (word[1].n != 3 || month < 0 || month % 3 != 0)
		return 0;
	for (int i = 0; i < 5; i++) {
		if (*at[i] < '0' || *at[i] > '9')
			return 0;
		n[i] = strtol(at[i], &end, 10);
		if (n[i] > 9999)
			return 0;
		if (i == 1 || i == 2) {
			if (*end != ':')
				return 0;
			at[i + 1] = end + 1;
		}
	}
	return start_of((int)n[4], (int)(month / 3) + 1, (int)n[0], (int)n[1],
	    (int)n[2], (int)n[3]);
}

static int
ps_split(sv line, sv *word)
{
	int n = 0;

	while (n < WORDS) {
		while (line.n > 0 && line.p[0] == ' ')
			line = sv_sub(line, 1, SIZE_MAX);
		if (line.n == 0)
			return n;
		sv_cut(line, ' ', &word[n++], &line);
	}
	return sv_trim(line).n > 0 ? WORDS + 1 : n;
}

static bool
ps_parse_line(sv line, struct proc *p)
{
	sv word[WORDS];

	*p = (struct proc){ .root = -1 };
	if (ps_split(line, word) != WORDS)
		return false;
	p->pid = (pid_t)strtol(word[0].p, NULL, 10);
	p->ppid = (pid_t)strtol(word[1].p, NULL, 10);
	p->pgid = (pid_t)strtol(word[2].p, NULL, 10);
	p->zombie = word[3].p[0] == 'Z' || word[3].p[0] == 'X';
	p->start = parse_start(word + 4);
	return p->pid > 0 && p->ppid >= 0 && p->pgid >= 0 && p->start != 0;
}

static int
ps_by_pid(const void *a, const void *b)
{
	const struct proc *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
}

void
ps_parse(struct arena *a, sv text, proc_vec *out)
{
	bool more = true;
	struct proc p;
	sv line;

	/* numbers at the very end are read up to a byte that is there */
	text = sv_of(sv_cstr(a, text));
	*out = (proc_vec){ 0 };
	while (more) {
		more = sv_cut(text, '\n', &line, &text);
		if (ps_parse_line(line, &p))
			vec_push(a, out, p);
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), ps_by_pid);
}

bool
ps_list(struct arena *a, proc_vec *out)
{
	static const char *const places[] = { "/bin/ps", "/usr/bin/ps" };
	/* `lstart` in one language and one zone */
	static char *const env[] = { (char *)"LC_ALL=C", (char *)"TZ=UTC0",
		NULL };
	const char *argv[] = { NULL, "-A", "-o", "pid=", "-o", "ppid=", "-o",
		"pgid=", "-o", "stat=", "-o", "lstart=", NULL };
	struct capture c = { .argv = argv, .env = env, .own_group = true,
		.most = OUTPUT_MAX,
		.deadline_ns = clock_mono_ns() + PATIENCE_NS };
	int status = -1;
	sv text;

	*out = (proc_vec){ 0 };
	for (size_t i = 0; i < 2 && status != 0; i++) {
		struct err e cleanup_err = ERR_INIT;

		argv[0] = places[i];
		if (!capture_run(a, &c, &status, &text, NULL, &e))
			status = -1;
	}
	if (status == 0)
		ps_parse(a, text, out);
	return out->n > 0;
}
