/* SPDX-License-Identifier: MIT */
#include "output/ask.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf8.h"

enum {
	MAX_CHARS = 256,
	ESC_WAIT_MS = 50, /* the rest of a key's sequence comes at once */
};

/* Keys that are no text. */
enum key {
	KEY_NONE = 0,
	KEY_TEXT, /* one byte, in *byte */
	KEY_ENTER,
	KEY_CANCEL,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_BACKSPACE,
	KEY_DELETE,
	KEY_KILL_LINE, /* to its start */
	KEY_KILL_REST,
	KEY_KILL_WORD,
};

static int
read_byte(void)
{
	unsigned char c;
	ssize_t n;

	do {
		n = read(STDIN_FILENO, &c, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1 ? c : -1;
}

static bool
more_comes(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	return poll(&p, 1, ESC_WAIT_MS) == 1;
}

/* Behind ESC: "[A", "[1~", "OH"; a lone ESC cancels. */
static enum key
read_sequence(void)
{
	int c, number = 0;

	if (!more_comes())
		return KEY_CANCEL;
	c = read_byte();
	if (c != '[' && c != 'O')
		return KEY_NONE;
	while ((c = read_byte()) >= 0 && (c < '@' || c > '~'))
		number = c >= '0' && c <= '9' ? c - '0' : 0;
	switch (c) {
	case 'A':
	case 'Z': /* shift-tab */
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 1 || number == 7 ? KEY_HOME
		    : number == 4 || number == 8  ? KEY_END
		    : number == 3		  ? KEY_DELETE
						  : KEY_NONE;
	default:
		return KEY_NONE;
	}
}

static enum key
read_key(int *byte)
{
	int c = read_byte();

	*byte = c;
	switch (c) {
	case -1:
	case 3: /* ^C */
		return KEY_CANCEL;
	case '\r':
	case '\n':
		return KEY_ENTER;
	case 27:
		return read_sequence();
	case 127:
	case 8:
		return KEY_BACKSPACE;
	case 1:
		return KEY_HOME;
	case 5:
		return KEY_END;
	case 2:
		return KEY_LEFT;
	case 6:
		return KEY_RIGHT;
	case 4:
		return KEY_DELETE;
	case 11:
		return KEY_KILL_REST;
	case 21:
		return KEY_KILL_LINE;
	case 23:
		return KEY_KILL_WORD;
	case '\t':
		return KEY_DOWN;
	case 14:
	case 16:
		return c == 14 ? KEY_DOWN : KEY_UP;
	default:
		return c >= ' ' ? KEY_TEXT : KEY_NONE;
	}
}

static struct winsize
window(void)
{
	struct winsize w = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 ||
	    w.ws_row == 0)
		w = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return w;
}

/* Text in the terminal's own attributes, where there are colours. */
static void
styled(const struct term *t, struct sb *out, const char *codes,
    const char *text)
{
	if (t->color)
		sb_printf(out, "\x1b[%sm%s\x1b[m", codes, text);
	else
		sb_adds(out, text);
}

/* ---- a line ---- */

struct line {
	struct term *t;
	const char *question;
	struct sb text;
	size_t at; /* byte of the cursor */
};

/* Start of the character before `at`. */
static size_t
before(const struct line *l, size_t at)
{
	while (at > 0 && ((unsigned char)l->text.p[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t
behind(const struct line *l, size_t at)
{
	if (at < l->text.n)
		at++;
	while (at < l->text.n && ((unsigned char)l->text.p[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t
columns(const struct line *l, size_t from, size_t to)
{
	return utf8_count(sv_sub(sb_sv(&l->text), from, to - from));
}

/* As much of the text as fits, so that the cursor is among it. */
static void
draw_line(struct line *l)
{
	struct sb out cleanup_sb = SB_INIT;
	size_t width = window().ws_col, used, from = 0, to;

	used = utf8_count(sv_of(l->question)) + 4;
	width = width > used + 8 ? width - used : 8;
	while (columns(l, from, l->at) >= width)
		from = behind(l, from);
	for (to = from; to < l->text.n && columns(l, from, to) < width;)
		to = behind(l, to);
	sb_adds(&out, "\r\x1b[J");
	styled(l->t, &out, "1;36", l->question);
	sb_adds(&out, "> ");
	sb_add(&out, l->text.p == NULL ? "" : l->text.p + from, to - from);
	if (to > l->at)
		sb_printf(&out, "\x1b[%zuD", columns(l, l->at, to));
	term_write(l->t, STDERR_FILENO, sb_sv(&out));
}

static void
cut(struct line *l, size_t from, size_t to)
{
	memmove(l->text.p + from, l->text.p + to, l->text.n - to);
	l->text.n -= to - from;
	l->at = from;
}

static void
insert(struct line *l, int first)
{
	/* the whole character, however many bytes it has; what begins none must
	 * not wait for more */
	int more = first >= 0xf8   ? 0
		   : first >= 0xf0 ? 3
		   : first >= 0xe0 ? 2
		   : first >= 0xc0 ? 1
				   : 0;
	char bytes[4] = { (char)first };
	int n = 1;

	while (n <= more) {
		int c = read_byte();

		if (c < 0)
			return;
		bytes[n++] = (char)c;
	}
	if (!utf8_valid((sv){ bytes, (size_t)n }) ||
	    utf8_count(sb_sv(&l->text)) >= MAX_CHARS)
		return;
	sb_add(&l->text, bytes, (size_t)n);
	memmove(l->text.p + l->at + n, l->text.p + l->at,
	    l->text.n - (size_t)n - l->at);
	memcpy(l->text.p + l->at, bytes, (size_t)n);
	l->at += (size_t)n;
}

static size_t
word_start(const struct line *l)
{
	size_t at = l->at;

	while (at > 0 && l->text.p[at - 1] == ' ')
		at--;
	while (at > 0 && l->text.p[at - 1] != ' ')
		at--;
	return at;
}

/* One key; true when the question is over. */
static bool
line_key(struct line *l, enum key key, int byte)
{
	switch (key) {
	case KEY_ENTER:
	case KEY_CANCEL:
		return true;
	case KEY_TEXT:
		insert(l, byte);
		break;
	case KEY_LEFT:
		l->at = before(l, l->at);
		break;
	case KEY_RIGHT:
		l->at = behind(l, l->at);
		break;
	case KEY_HOME:
		l->at = 0;
		break;
	case KEY_END:
		l->at = l->text.n;
		break;
	case KEY_BACKSPACE:
		if (l->at > 0)
			cut(l, before(l, l->at), l->at);
		break;
	case KEY_DELETE:
		if (l->at < l->text.n)
			cut(l, l->at, behind(l, l->at));
		break;
	case KEY_KILL_LINE:
		if (l->at > 0)
			cut(l, 0, l->at);
		break;
	case KEY_KILL_REST:
		l->text.n = l->at;
		break;
	case KEY_KILL_WORD:
		if (l->at > 0)
			cut(l, word_start(l), l->at);
		break;
	case KEY_NONE:
	case KEY_UP:
	case KEY_DOWN:
		break;
	}
	return false;
}

static const char *
ask_line(struct arena *a, struct term *t, const char *name)
{
	struct line l = { .t = t,
		.question = arena_printf(a, "? Enter value for %s: ", name) };
	const char *answer = NULL;
	enum key key;
	int byte;

	do {
		draw_line(&l);
		key = read_key(&byte);
	} while (!line_key(&l, key, byte));
	if (key == KEY_ENTER)
		answer = sv_cstr(a, sb_sv(&l.text));
	sb_free(&l.text);
	term_write(t, STDERR_FILENO, SV("\r\x1b[J"));
	return answer;
}

/* ---- a list ---- */

/* Draws it below the cursor and goes back to where it was. */
static void
draw_list(struct term *t, const char *name, const string_vec *list,
    size_t chosen)
{
	struct sb out cleanup_sb = SB_INIT;
	size_t rows = window().ws_row, from = 0, to;

	rows = rows > 6 ? rows - 4 : 2;
	if (chosen >= rows)
		from = chosen - rows + 1;
	to = from + rows < list->n ? from + rows : list->n;
	sb_adds(&out, "\r\x1b[J");
	styled(t, &out, "1;36", "? Select value for ");
	styled(t, &out, "1;36", name);
	styled(t, &out, "1;36", ":");
	sb_adds(&out, "\r\n");
	for (size_t i = from; i < to; i++) {
		if (i == chosen) {
			styled(t, &out, "1;36", "❯ ");
			styled(t, &out, "1;32", list->v[i]);
		} else {
			sb_printf(&out, "  %s", list->v[i]);
		}
		sb_adds(&out, "\r\n");
	}
	styled(t, &out, "90",
	    "  (↑/↓ to move, enter to select, esc to cancel)");
	sb_printf(&out, "\r\x1b[%zuA", to - from + 1);
	term_write(t, STDERR_FILENO, sb_sv(&out));
}

static const char *
ask_list(struct term *t, const char *name, const string_vec *list)
{
	size_t chosen = 0;
	enum key key;
	int byte;

	do {
		draw_list(t, name, list, chosen);
		key = read_key(&byte);
		if (key == KEY_UP || (key == KEY_TEXT && byte == 'k'))
			chosen -= chosen > 0;
		else if (key == KEY_DOWN || (key == KEY_TEXT && byte == 'j'))
			chosen += chosen + 1 < list->n;
	} while (key != KEY_ENTER && key != KEY_CANCEL);
	term_write(t, STDERR_FILENO, SV("\r\x1b[J"));
	return key == KEY_ENTER ? list->v[chosen] : NULL;
}

const char *
ask_value(struct arena *a, struct term *t, const char *name,
    const string_vec *allowed)
{
	struct termios old, raw;
	const char *answer;

	if (tcgetattr(STDIN_FILENO, &old) != 0)
		return NULL;
	raw = old;
	raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* keys that were typed ahead stay */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	answer = allowed->n > 0 ? ask_list(t, name, allowed)
				: ask_line(a, t, name);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &old);
	return answer;
}
