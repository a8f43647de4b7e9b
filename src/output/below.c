/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "output/below.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/foreground.h"

enum {
	COLUMNS_MIN = 20,
	ROWS_MIN = 8,
};

void
below_init(struct below *b)
{
	*b = (struct below){ 0 };
	b->has_modes = tcgetattr(STDERR_FILENO, &b->modes) == 0;
}

static bool
is_switched(const struct below *b)
{
	const tcflag_t seen = ICANON | ECHO | ISIG;
	struct termios now;

	return !b->has_modes || tcgetattr(STDERR_FILENO, &now) != 0 ||
	       (now.c_lflag & seen) != (b->modes.c_lflag & seen);
}

enum below_why
below_look(const struct below *b, size_t *columns, size_t *rows)
{
	struct winsize w;

	if (!foreground_is_ours(STDERR_FILENO) ||
	    ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0)
		return BELOW_AWAY;
	*columns = w.ws_col;
	*rows = w.ws_row;
	if (w.ws_col < COLUMNS_MIN || w.ws_row < ROWS_MIN)
		return BELOW_SMALL;
	return is_switched(b) ? BELOW_SWITCHED : BELOW_FREE;
}

/* Room is made by going down, which scrolls where need be, and up again; the
 * column stays.  Then nothing scrolls any more, and the cursor can be put back
 * to where it was. */
void
below_draw(struct below *b, sv text, size_t n)
{
	struct sb out cleanup_sb = SB_INIT;
	sv row;

	for (size_t i = 0; i < n; i++)
		sb_adds(&out, "\033D");
	sb_printf(&out, "\033[%zuA\0337", n);
	while (sv_cut(text, '\n', &row, &text)) {
		sb_adds(&out, "\r\n");
		sb_addv(&out, row);
		sb_adds(&out, "\033[K");
	}
	sb_adds(&out, "\033[J\0338");
	write_all(STDERR_FILENO, out.p, out.n);
	b->shown = true;
}

void
below_erase(struct below *b)
{
	if (b->shown)
		write_all(STDERR_FILENO, "\033[J", 3);
	b->shown = false;
}

void
below_leave(struct below *b)
{
	b->shown = false;
}
