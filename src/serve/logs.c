/* SPDX-License-Identifier: MIT */
/* What a call has printed, or the part of it that is asked for. */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "serve/answers.h"
#include "serve/pages.h"
#include "serve/router.h"

struct range {
	int64_t from, n;
	bool is_part, is_beyond;
};

static bool
range_number(sv text, int64_t *out)
{
	char digits[20];

	if (text.n == 0 || text.n > 18)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!is_digit((unsigned char)text.p[i]))
			return false;
	memcpy(digits, text.p, text.n);
	digits[text.n] = '\0';
	*out = strtoll(digits, NULL, 10);
	return true;
}

/* The last `n` bytes. */
static struct range
range_tail(int64_t n, int64_t size)
{
	if (n == 0)
		return (struct range){ .is_beyond = true };
	if (n > size)
		n = size;
	return (struct range){ size - n, n, true, size == 0 };
}

/* What is no range, or several, asks for all of it. */
static struct range
range_read(const char *text, int64_t size)
{
	struct range all = { 0, size, false, false };
	int64_t first, last = INT64_MAX;
	sv head, tail;

	if (text == NULL || !sv_starts(sv_of(text), SV("bytes=")) ||
	    !sv_cut(sv_of(text + 6), '-', &head, &tail))
		return all;
	if (head.n == 0)
		return range_number(tail, &last) ? range_tail(last, size) : all;
	if (!range_number(head, &first) ||
	    (tail.n > 0 && (!range_number(tail, &last) || last < first)))
		return all;
	if (first >= size)
		return (struct range){ .is_beyond = true };
	if (last >= size)
		last = size - 1;
	return (struct range){ first, last - first + 1, true, false };
}

static void
reply_beyond(struct request *r, int64_t size, const char *complete)
{
	struct answer an;

	answer_problem(r, &an, 416, "the log has %" PRId64 " bytes", size);
	answer_header(r, &an, "Content-Range",
	    arena_printf(r->a, "bytes */%" PRId64, size));
	answer_header(r, &an, "Prun-Complete", complete);
	http_answer(r, &an);
}

/* `fd` is given away; -1: it has printed nothing. */
static void
reply_log(struct request *r, int fd, bool has_ended)
{
	const char *complete = has_ended ? "1" : "0";
	struct answer an = ANSWER_INIT;
	struct stat st = { 0 };
	struct range part;

	if (fd >= 0 && fstat(fd, &st) != 0)
		st.st_size = 0;
	/* Of nothing every range is all of it: who reads what is printed
	 * cannot know that there is nothing yet, and a browser complains of
	 * a range that is refused. */
	part = range_read(
	    st.st_size > 0 ? request_header(r, "Range") : NULL, st.st_size);
	if (part.is_beyond) {
		if (fd >= 0)
			close(fd);
		reply_beyond(r, st.st_size, complete);
		return;
	}
	an.type = "text/plain; charset=utf-8";
	an.fd = fd;
	an.from = part.from;
	an.n = part.n;
	answer_header(r, &an, "Accept-Ranges", "bytes");
	answer_header(r, &an, "Prun-Complete", complete);
	if (part.is_part) {
		an.status = 206;
		answer_header(r, &an, "Content-Range",
		    arena_printf(r->a, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
			part.from, part.from + part.n - 1,
			(int64_t)st.st_size));
	}
	http_answer(r, &an);
}

static bool
call_number(const char *text, unsigned *out)
{
	size_t n = strlen(text);

	if (n == 0 || n > 9 || strspn(text, "0123456789") != n)
		return false;
	*out = (unsigned)strtoul(text, NULL, 10);
	return true;
}

void
logs_get(struct request *r)
{
	const char *word = r->parts.v[5];
	struct call_log log;
	struct run_file run;
	unsigned call;
	int fd = -1;

	if (!request_run(r, &run))
		return;
	if (!call_number(word, &call)) {
		reply_problem(r, 400, "a call is a number");
		return;
	}
	run_file_log(r->a, &run, call, &log);
	if (!log.is_there) {
		reply_problem(r, 404, "run %s has no call %u", run.id, call);
		return;
	}
	if (log.path != NULL)
		fd = open_own(log.path, O_RDONLY, 0);
	if (log.had_some && fd < 0)
		reply_problem(r, 410, "the log is gone");
	else
		reply_log(r, fd, log.has_ended);
}
