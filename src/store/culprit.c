/* SPDX-License-Identifier: MIT */
/*
 * Line by line, each with the best reading that it allows; the first line of
 * the best kind wins.  Some say why first and where later (Rust, stacks of
 * Node, pytest), some where first (Python's tracebacks, eslint), so that the
 * last message and the last place wait for each other.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "store/culprit.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

enum {
	TEXT_MAX = 300,
	LOG_MAX = 1 << 20,
	MESSAGE_LINES = 40, /* for which a message waits for its place */
};

/* Kinds of lines, the best last. */
enum rank {
	RANK_NONE,
	RANK_LAST,  /* not empty */
	RANK_WORDS, /* speaks of an error */
	RANK_PLACE, /* names a place */
	RANK_BOTH,
};

struct place {
	sv file;
	int line, column;
	sv rest; /* of the line, behind it */
};

struct search {
	struct arena *a;
	culprit_file_fn find;
	void *ctx;
	enum rank rank;
	struct culprit *best;
	sv message;         /* that waits for its place */
	int message_age;    /* in lines */
	struct place trace; /* the last one of a traceback; file.n 0: none */
	sv head;            /* the file that the lines below it are of */
	bool is_told_next;  /* the next line is what `trace` failed with */
};

/* ---- words ---- */

static bool
has_word(sv s, const char *const *words, size_t n)
{
	for (size_t at = 0; at < s.n; at++)
		for (size_t i = 0; i < n; i++) {
			size_t len = strlen(words[i]);

			if (s.n - at >= len &&
			    strncasecmp(s.p + at, words[i], len) == 0)
				return true;
		}
	return false;
}
#define HAS_WORD(s, words)                                                     \
	has_word(s, words, sizeof(words) / sizeof((words)[0]))

static bool
says_error(sv s)
{
	static const char *const words[] = { "error", "fatal", "panic",
		"exception", "fail", "undefined", "expected", "cannot",
		"not found", "no such", "denied", "refused", "abort" };
	static const char *const none[] = { "0 error", "no error", "0 fail",
		"0 failed", "error: 0", "errors: 0", "failed: 0",
		"failures: 0" };

	return HAS_WORD(s, words) && !HAS_WORD(s, none);
}

static bool
is_remark(sv s)
{
	static const char *const words[] = { "warning",
		"note:", "info:", "remark:", "In file included",
		"required from", "hint:", "help:" };
	sv front = sv_sub(s, 0, 24);

	return HAS_WORD(front, words);
}

/* ---- reading one line ---- */

static bool
is_path_char(char c)
{
	return (unsigned char)c > ' ' && strchr("\"'`()<>[]{},;|", c) == NULL;
}

static bool
read_number(sv s, size_t *at, int *out)
{
	size_t i = *at;
	long n = 0;

	while (i < s.n && isdigit((unsigned char)s.p[i]) && i - *at < 8)
		n = n * 10 + (s.p[i++] - '0');
	if (i == *at || n == 0 || (i < s.n && isdigit((unsigned char)s.p[i])))
		return false;
	*at = i;
	*out = (int)n;
	return true;
}

/* What stands in front of `end`, up to what no path has. */
static sv
word_before(sv s, size_t end)
{
	size_t from = end;

	while (from > 0 && is_path_char(s.p[from - 1]))
		from--;
	s = sv_sub(s, from, end - from);
	if (sv_starts(s, SV("file://")))
		s = sv_sub(s, 7, SIZE_MAX);
	return s;
}

/* Behind the numbers: ": text", " - text", "," or nothing. */
static sv
text_behind(sv s, size_t at)
{
	while (at < s.n && strchr(":)],- \t", s.p[at]) != NULL)
		at++;
	return sv_trim(sv_sub(s, at, SIZE_MAX));
}

/* `open` between file and line, `middle` between line and column: "a.c:3:5",
 * "a.ts(3,5)", "A.java:[3,5]". */
static bool
read_after(sv s, size_t at, size_t open, char middle, struct place *out)
{
	size_t i = at + open;

	out->file = word_before(s, at);
	out->column = 0;
	if (out->file.n == 0 || !read_number(s, &i, &out->line))
		return false;
	if (i + 1 < s.n && s.p[i] == middle) {
		size_t column = i + 1;

		if (read_number(s, &column, &out->column))
			i = column;
	}
	out->rest = text_behind(s, i);
	return true;
}

/* From *at, which goes on behind what was read. */
static bool
read_line_marks(sv s, size_t *at, struct place *out)
{
	for (size_t i = *at; i + 1 < s.n; i++) {
		bool bracket = s.p[i] == ':' && s.p[i + 1] == '[';

		*at = i + 1;
		if (s.p[i] == ':' &&
		    read_after(s, i, bracket ? 2 : 1, bracket ? ',' : ':', out))
			return true;
		if (s.p[i] == '(' && read_after(s, i, 1, ',', out))
			return true;
	}
	return false;
}

/* "x.sh: line 3: text", `File "x.py", line 3, in f`, "text at x.pl line 3.",
 * "text in x.php on line 3". */
static bool
read_line_words(sv s, struct place *out)
{
	ptrdiff_t found = sv_find(s, SV("line "), 0);
	size_t at, file;

	while (found >= 0) {
		at = (size_t)found + 5;
		file = (size_t)found;
		while (file > 0 && strchr(" :,\"", s.p[file - 1]) != NULL)
			file--;
		if (file > 3 && strncmp(s.p + file - 3, " on", 3) == 0)
			file -= 3;
		out->file = word_before(s, file);
		out->column = 0;
		if (out->file.n > 0 && read_number(s, &at, &out->line)) {
			out->rest = text_behind(s, at);
			if (sv_is(out->rest, "."))
				out->rest = sv_sub(s, 0, 0);
			return true;
		}
		found = sv_find(s, SV("line "), (size_t)found + 5);
	}
	return false;
}

/* ---- candidates ---- */

static void
offer(struct search *s, enum rank rank, sv text, const struct place *place)
{
	if (rank < s->rank || (rank == s->rank && rank > RANK_LAST))
		return;
	s->rank = rank;
	text = sv_trim(text);
	*s->best = (struct culprit){ sv_cstr(s->a, sv_sub(text, 0, TEXT_MAX)),
		NULL, 0, 0 };
	if (place == NULL)
		return;
	s->best->file = s->find(s->ctx, s->a, place->file);
	s->best->line = place->line;
	s->best->column = place->column;
}

static bool
is_there(const struct search *s, sv file)
{
	return s->find(s->ctx, s->a, file) != NULL;
}

static bool
has_message(const struct search *s)
{
	return s->message.n > 0 && s->message_age < MESSAGE_LINES;
}

/* One whose file is there; else the first, whose file is none (a time of day, a
 * server, the file of a test runner in another folder). */
static bool
read_place(const struct search *s, sv line, struct place *out)
{
	struct place p, first = { 0 };
	size_t at = 1;

	while (read_line_marks(line, &at, &p)) {
		if (is_there(s, p.file)) {
			*out = p;
			return true;
		}
		if (first.file.n == 0)
			first = p;
	}
	if (read_line_words(line, out) && is_there(s, out->file))
		return true;
	*out = first;
	return first.file.n > 0;
}

static bool
looks_like_file(sv name)
{
	size_t dot = name.n;

	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	return dot > 1 && dot < name.n && name.n - dot <= 5 &&
	       isalpha((unsigned char)name.p[dot]) &&
	       sv_find(name, SV("//"), 0) < 0;
}

/* "error[E0308]: text", "TypeError: text", "panic: text", "E   text",
 * "Failure/Error: text", "** (Error) text": why, the place comes later. */
static bool
starts_message(sv line)
{
	static const char *const starts[] = { "error:", "error[",
		"panic:", "E   ", "Failure/Error:", "** (",
		"fatal:", "Uncaught " };
	ptrdiff_t colon = sv_find(line, SV("Error"), 0);

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (sv_starts(line, sv_of(starts[i])))
			return true;
	if (colon < 0 || memchr(line.p, ' ', (size_t)colon) != NULL)
		return false;
	line = sv_sub(line, (size_t)colon + 5, SIZE_MAX);
	return line.n == 0 || line.p[0] == ':' || line.p[0] == ' ';
}

/* "--> a.rs:3:5", "at f (a.js:3:5)", "# ./a.rb:3", "/a.go:3 +0x1d": a place and
 * no word of why. */
static bool
is_frame(sv line, const struct place *p)
{
	return sv_starts(line, SV("--> ")) || sv_starts(line, SV("at ")) ||
	       sv_starts(line, SV("# ")) || sv_starts(p->rest, SV("in ")) ||
	       sv_starts(p->rest, SV("+0x")) ||
	       memchr(p->rest.p, ' ', p->rest.n) == NULL;
}

static sv
message_text(sv message)
{
	return sv_starts(message, SV("E   ")) ? sv_sub(message, 4, SIZE_MAX)
					      : message;
}

static void
take_place(struct search *s, sv line, const struct place *p)
{
	bool waits = has_message(s) && is_frame(line, p);
	sv text = waits           ? message_text(s->message)
		  : p->rest.n > 0 ? p->rest
				  : line;

	if (!is_there(s, p->file)) {
		/* a test runner in the folder of a package */
		if (!waits && p->rest.n > 0 && !is_remark(text) &&
		    looks_like_file(p->file))
			offer(s, RANK_PLACE, line, NULL);
		return;
	}
	if (sv_starts(line, SV("File "))) {
		s->trace = *p;
		return;
	}
	if (is_remark(text) || (!waits && is_remark(line)))
		return;
	offer(s, waits || says_error(text) ? RANK_BOTH : RANK_PLACE, text, p);
	s->message = (sv){ 0 };
}

/* "thread 'main' panicked at src/a.rs:3:5:", and why on the next line. */
static bool
take_panic(struct search *s, sv line)
{
	struct place p;

	if (sv_find(line, SV("panicked at "), 0) < 0 ||
	    !read_place(s, line, &p) || p.rest.n > 0 || !is_there(s, p.file))
		return false;
	s->trace = p;
	s->is_told_next = true;
	return true;
}

/* "  3:5  error  text  rule" below the name of its file. */
static bool
take_below_head(struct search *s, sv line)
{
	struct place p = { .file = s->head };
	size_t at = 0;

	if (s->head.n == 0 || !read_number(line, &at, &p.line) ||
	    at >= line.n || line.p[at] != ':')
		return false;
	at++;
	if (!read_number(line, &at, &p.column))
		return false;
	p.rest = text_behind(line, at);
	if (!is_remark(p.rest))
		offer(s, RANK_BOTH, p.rest, &p);
	return true;
}

/* What a traceback ends with stands at its margin. */
static bool
take_end_of_trace(struct search *s, sv whole, sv line)
{
	bool at_margin = whole.n == line.n && starts_message(line);

	if (s->trace.file.n == 0 || !(s->is_told_next || at_margin))
		return false;
	offer(s, RANK_BOTH, line, &s->trace);
	s->trace.file.n = 0;
	s->is_told_next = false;
	return true;
}

static void
take_line(struct search *s, sv whole)
{
	sv line = sv_trim(whole);
	struct place p;

	s->message_age++;
	if (line.n == 0)
		return;
	offer(s, RANK_LAST, line, NULL);
	if (take_end_of_trace(s, whole, line) || take_panic(s, line) ||
	    take_below_head(s, line))
		return;
	if (read_place(s, line, &p))
		take_place(s, line, &p);
	else if (memchr(line.p, ' ', line.n) == NULL && is_there(s, line))
		s->head = line;
	else if (s->rank < RANK_WORDS && says_error(line) && !is_remark(line))
		offer(s, RANK_WORDS, line, NULL);
	if (starts_message(line)) {
		s->message = line;
		s->message_age = 0;
	}
}

/* Without escape sequences and what a terminal would draw over. */
static sv
plain_line(struct arena *a, sv line)
{
	struct sb b cleanup_sb = SB_INIT;

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (memchr(line.p, '\033', line.n) == NULL &&
	    memchr(line.p, '\r', line.n) == NULL)
		return line;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\r') {
			sb_clear(&b);
		} else if (line.p[i] != '\033') {
			sb_addc(&b, line.p[i]);
		} else if (i + 1 < line.n && line.p[i + 1] == '[') {
			for (i += 2; i < line.n && line.p[i] < '@'; i++)
				;
		}
	}
	return sv_dup(a, sb_sv(&b));
}

void
culprit_find(struct arena *a, sv log, culprit_file_fn file, void *ctx,
    struct culprit *out)
{
	struct search s = { .a = a, .find = file, .ctx = ctx, .best = out };
	sv line;

	*out = (struct culprit){ "", NULL, 0, 0 };
	while (log.n > 0 && s.rank < RANK_BOTH) {
		sv_cut(log, '\n', &line, &log);
		take_line(&s, plain_line(a, line));
	}
}

void
culprit_find_in(struct arena *a, const char *path, culprit_file_fn file,
    void *ctx, struct culprit *out)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;
	char *text;

	*out = (struct culprit){ "", NULL, 0, 0 };
	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	text = arena_alloc(a, LOG_MAX);
	n = pread(
	    fd, text, LOG_MAX, st.st_size > LOG_MAX ? st.st_size - LOG_MAX : 0);
	if (n > 0)
		culprit_find(a, (sv){ text, (size_t)n }, file, ctx, out);
}
