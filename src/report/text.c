/* SPDX-License-Identifier: MIT */
/* Texts that somebody else wrote, made fit for formats that people read. */
#include "report/kind.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/utf8.h"

/* The length of the escape sequence at the start of `s`, which begins with ESC;
 * one that is cut off is all of the rest up to the line's end. */
static size_t
escape_length(sv s)
{
	size_t i = 2;

	if (s.n < 2)
		return s.n;
	if (s.p[1] == '[') {
		while (i < s.n && (unsigned char)s.p[i] >= 0x20 &&
		       (unsigned char)s.p[i] < 0x40)
			i++;
		return i < s.n && s.p[i] != '\n' ? i + 1 : i;
	}
	if (strchr("]PX^_", s.p[1]) != NULL) {
		for (; i < s.n && s.p[i] != '\n'; i++) {
			if (s.p[i] == '\a')
				return i + 1;
			if (s.p[i] == '\033')
				return i + 1 < s.n && s.p[i + 1] == '\\' ? i + 2
									 : i;
		}
		return i;
	}
	while (i - 1 < s.n && s.p[i - 1] >= 0x20 && s.p[i - 1] < 0x30)
		i++;
	return i < s.n ? i : s.n;
}

static bool
is_shown(uint32_t r)
{
	return r == '\n' || r == '\t' || (r >= ' ' && r < 0x7f) || r >= 0xa0;
}

/* One character of a text without its escape sequences; false: nothing comes
 * of it.  *s is what is left. */
static bool
next_rune(sv *s, uint32_t *rune)
{
	size_t width;

	if (*s->p == '\033') {
		*s = sv_sub(*s, escape_length(*s), SIZE_MAX);
		return false;
	}
	*rune = utf8_decode(*s, &width);
	*s = sv_sub(*s, width, SIZE_MAX);
	if (*rune == '\r') {
		*rune = '\n';
		return s->n > 0 && *s->p != '\n' && *s->p != '\r';
	}
	if (*rune == 0xfffe || *rune == 0xffff)
		*rune = RUNE_ERROR;
	return is_shown(*rune);
}

void
text_clean(struct sb *out, sv s)
{
	uint32_t rune;

	while (s.n > 0)
		if (next_rune(&s, &rune))
			sb_add_rune(out, rune);
}

static void
add_marked(struct sb *out, uint32_t rune)
{
	switch (rune) {
	case '&':
		sb_adds(out, "&amp;");
		break;
	case '<':
		sb_adds(out, "&lt;");
		break;
	case '>':
		sb_adds(out, "&gt;");
		break;
	case '"':
		sb_adds(out, "&quot;");
		break;
	case '\'':
		sb_adds(out, "&#39;");
		break;
	default:
		sb_add_rune(out, rune);
	}
}

void
text_markup(struct sb *out, sv s)
{
	uint32_t rune;

	while (s.n > 0)
		if (next_rune(&s, &rune))
			add_marked(out, rune);
}

const char *
text_line(struct arena *a, const char *text, size_t most)
{
	struct sb b cleanup_sb = SB_INIT;

	text_clean(&b, sv_of(text));
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n' || b.p[i] == '\t')
			b.p[i] = ' ';
	if (b.n > most) {
		for (b.n = most; b.n > 0 && (b.p[b.n] & 0xc0) == 0x80;)
			b.n--;
		sb_adds(&b, "\xe2\x80\xa6");
	}
	return sb_take(&b, a).p;
}

/* Appends the bytes [from, to) of a file; a file that became shorter has fewer.
 */
static void
text_read(int fd, int64_t from, int64_t to, struct sb *out)
{
	while (from < to) {
		size_t want = to - from > 65536 ? 65536 : (size_t)(to - from);
		ssize_t n;

		sb_reserve(out, want);
		n = pread(fd, out->p + out->n, want, (off_t)from);
		if (n <= 0)
			return;
		out->n += (size_t)n;
		from += n;
	}
}

/* Without a half character at its start and its end. */
static sv
whole_runes(sv s)
{
	size_t back = 0;

	for (int i = 0; i < 3 && s.n > 0 && (s.p[0] & 0xc0) == 0x80; i++)
		s = sv_sub(s, 1, SIZE_MAX);
	while (back < 3 && back < s.n && (s.p[s.n - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < s.n && (s.p[s.n - 1 - back] & 0xc0) == 0xc0) {
		size_t width;

		utf8_decode(sv_sub(s, s.n - 1 - back, SIZE_MAX), &width);
		if (width != back + 1)
			s.n -= back + 1;
	}
	return s;
}

static void
text_part(int fd, int64_t from, int64_t to, struct sb *out)
{
	struct sb raw cleanup_sb = SB_INIT;

	text_read(fd, from, to, &raw);
	text_clean(out, whole_runes(sb_sv(&raw)));
}

void
text_log(struct arena *a, const struct picture *p, const struct log_part *part,
    struct sb *out)
{
	int fd cleanup_close = -1;
	int64_t to = part->to, size, most;
	struct stat st;

	if (*part->name == '\0')
		return;
	fd = open(path_join(a, sv_of(p->run->dir), sv_of(part->name)),
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (to < 0 || to > (int64_t)st.st_size)
		to = (int64_t)st.st_size;
	size = to - part->from;
	most = (int64_t)(part->head + part->tail);
	if (size <= most) {
		text_part(fd, part->from, to, out);
		return;
	}
	text_part(fd, part->from, part->from + (int64_t)part->head, out);
	sb_printf(out, "\n[... %lld bytes are left out ...]\n",
	    (long long)(size - most));
	text_part(fd, to - (int64_t)part->tail, to, out);
}

void
text_seconds(struct sb *out, int64_t ns)
{
	int64_t ms = ns > 0 ? (ns + NS_PER_MS / 2) / NS_PER_MS : 0;

	sb_printf(out, "%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
}

void
text_time(struct sb *out, int64_t epoch_ns)
{
	time_t at = (time_t)(epoch_ns / NS_PER_S);
	struct tm tm;

	if (gmtime_r(&at, &tm) == NULL)
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	sb_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)(epoch_ns / NS_PER_MS % 1000));
}
