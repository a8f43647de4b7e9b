/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
format(const char *fmt, va_list ap)
{
	struct sb b = SB_INIT;

	sb_vprintf(&b, fmt, ap);
	sb_cstr(&b);
	return b.p;
}

bool
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (err_is_set(e))
		return false;
	va_start(ap, fmt);
	e->message = format(fmt, ap);
	va_end(ap);
	e->code = code;
	e->status = -1;
	return false;
}

bool
err_set_status(struct err *e, int status)
{
	if (err_is_set(e))
		return false;
	err_set(e, ERR_TASK_FAILED, "exit status %d", status);
	e->status = status;
	return false;
}

const char *
errno_text(int errnum)
{
	static _Thread_local char text[128];

	snprintf(text, sizeof(text), "%s", strerror(errnum));
	text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}

bool
err_sys(struct err *e, int errnum, const char *fmt, ...)
{
	va_list ap;
	char *what;

	if (err_is_set(e))
		return false;
	va_start(ap, fmt);
	what = format(fmt, ap);
	va_end(ap);
	err_set(e, ERR_GENERIC, "%s: %s", what, errno_text(errnum));
	free(what);
	return false;
}

bool
err_wrap(struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *front, *whole;

	if (!err_is_set(e))
		BUG("wrap of no error");
	va_start(ap, fmt);
	front = format(fmt, ap);
	va_end(ap);
	whole = xasprintf("%s%s", front, e->message);
	free(front);
	free(e->message);
	e->message = whole;
	return false;
}

bool
err_place(struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *place;

	va_start(ap, fmt);
	place = format(fmt, ap);
	va_end(ap);
	free(e->place);
	e->place = place;
	return false;
}

void
err_clear(struct err *e)
{
	free(e->message);
	free(e->place);
	*e = (struct err)ERR_INIT;
}

void
err_move(struct err *to, struct err *from)
{
	err_clear(to);
	*to = *from;
	*from = (struct err)ERR_INIT;
}

void
err_copy(struct err *to, const struct err *from)
{
	char *message = from->message ? xstrdup(from->message) : NULL;
	char *place = from->place ? xstrdup(from->place) : NULL;

	err_clear(to);
	*to = *from;
	to->message = message;
	to->place = place;
}

int
err_exit_status(enum err_code code)
{
	static const int table[] = {
#define X(name, status) [name] = status,
		ERR_CODES(X)
#undef X
	};

	return table[code];
}
