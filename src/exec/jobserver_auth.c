/* SPDX-License-Identifier: MIT */
#include "exec/jobserver_auth.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct jobserver_auth noted;

/* ---- words ---- */

/* The next word of *rest; empty at the end.  Blanks that a backslash stands
 * before are the word's. */
static sv
flags_word(sv *rest)
{
	size_t from = 0, to;

	while (from < rest->n && strchr(" \t", rest->p[from]) != NULL)
		from++;
	for (to = from; to < rest->n; to++) {
		if (rest->p[to] == '\\' && to + 1 < rest->n)
			to++;
		else if (strchr(" \t", rest->p[to]) != NULL)
			break;
	}
	sv word = sv_sub(*rest, from, to - from);

	*rest = sv_sub(*rest, to, SIZE_MAX);
	return word;
}

/* What a word says of a jobserver; NULL: nothing. */
static bool
word_auth(sv word, sv *auth)
{
	/* the name up to GNU make 4.1 */
	static const char *const names[] = { "--jobserver-auth=",
		"--jobserver-fds=" };

	for (size_t i = 0; i < 2; i++)
		if (sv_starts(word, sv_of(names[i]))) {
			*auth = sv_sub(word, strlen(names[i]), SIZE_MAX);
			return true;
		}
	return false;
}

/* Behind this word stand variables of the command line, whose texts may look
 * like anything. */
static bool
ends_flags(sv word)
{
	return sv_is(word, "--");
}

/* ---- reading ---- */

static bool
auth_number(const char *text, const char **end, int *out)
{
	char *to;
	long n;

	errno = 0;
	n = strtol(text, &to, 10);
	if (to == text || errno != 0 || n < INT_MIN || n > INT_MAX)
		return false;
	*out = (int)n;
	*end = to;
	return true;
}

static bool
read_pipe(struct jobserver_auth *out)
{
	const char *at = out->text;

	if (!auth_number(at, &at, &out->fds[0]) || *at++ != ',' ||
	    !auth_number(at, &at, &out->fds[1]) || *at != '\0')
		return false;
	out->kind =
	    out->fds[0] < 0 || out->fds[1] < 0 ? JOBSERVER_OFF : JOBSERVER_PIPE;
	return true;
}

void
jobserver_auth_read(
    struct arena *a, const char *makeflags, struct jobserver_auth *out)
{
	sv rest = sv_of(makeflags != NULL ? makeflags : ""), word, auth, last;
	bool has = false;

	*out = (struct jobserver_auth){ .fds = { -1, -1 } };
	while ((word = flags_word(&rest)).n > 0 && !ends_flags(word))
		if (word_auth(word, &auth)) {
			last = auth;
			has = true;
		}
	if (!has)
		return;
	out->text = sv_cstr(a, last);
	if (sv_starts(last, SV("fifo:")) && last.n > 5) {
		out->kind = JOBSERVER_FIFO;
		out->path = out->text + 5;
	} else if (!read_pipe(out)) {
		out->kind = JOBSERVER_OFF;
		out->fault = arena_printf(
		    a, "%s is no jobserver that is known", out->text);
	}
}

/* ---- what was inherited ---- */

static const char *
pipe_fault(struct arena *a, int fd, int mode)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) != 0)
		return arena_printf(a, "descriptor %d is closed", fd);
	if (!S_ISFIFO(st.st_mode))
		return arena_printf(a, "descriptor %d is no pipe", fd);
	if ((flags & O_ACCMODE) != mode && (flags & O_ACCMODE) != O_RDWR)
		return arena_printf(a, "descriptor %d cannot be %s", fd,
		    mode == O_RDONLY ? "read" : "written");
	return NULL;
}

void
jobserver_note(
    struct arena *a, const char *makeflags, const char *cargo_makeflags)
{
	jobserver_auth_read(a, makeflags, &noted);
	if (noted.kind == JOBSERVER_NONE)
		jobserver_auth_read(a, cargo_makeflags, &noted);
	if (noted.kind != JOBSERVER_PIPE)
		return;
	noted.fault = pipe_fault(a, noted.fds[0], O_RDONLY);
	if (noted.fault == NULL)
		noted.fault = pipe_fault(a, noted.fds[1], O_WRONLY);
}

const struct jobserver_auth *
jobserver_noted(void)
{
	return &noted;
}

/* ---- writing ---- */

static void
flags_add(struct sb *b, sv word)
{
	if (b->n > 0)
		sb_addc(b, ' ');
	sb_addv(b, word);
}

const char *
jobserver_flags(struct arena *a, const char *makeflags, int n, const char *auth)
{
	sv rest = sv_of(makeflags != NULL ? makeflags : ""), word, ignored;
	bool letters = rest.n > 0 && strchr(" \t-", rest.p[0]) == NULL;
	struct sb out cleanup_sb = SB_INIT;

	while ((word = flags_word(&rest)).n > 0 && !ends_flags(word))
		if (!word_auth(word, &ignored))
			flags_add(&out, word);
	if (auth != NULL) {
		/* the first word is taken for letters unless there is a dash */
		sb_printf(&out, "%s-j%d --jobserver-auth=%s",
		    out.n > 0 || !letters ? " " : "", n, auth);
	}
	if (word.n > 0) {
		flags_add(&out, word);
		sb_addv(&out, rest);
	}
	return sb_take(&out, a).p;
}
