/* SPDX-License-Identifier: MIT */
/*
 * Errors as values.  A function that can fail returns bool (or a pointer) and
 * takes `struct err *` last; the first error sticks.  An error has a code (from
 * which only cli/ makes an exit status), a message in go-task's words, maybe
 * the exit status of the command that caused it, and a chain of what wraps it:
 * `task: Failed to run task "a": exit status 7` is one wrap around one cause.
 * May include: arena.h, str.h.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/str.h"

/* code, exit status (L-222, C-207a to C-207y) */
#define ERR_CODES(X)                                                          \
	X(ERR_NONE, 0)                                                        \
	X(ERR_GENERIC, 1)                                                     \
	X(ERR_USAGE, 2)                                                       \
	X(ERR_CONFIG_NOT_FOUND, 50)                                           \
	X(ERR_NO_TASKFILE, 100)                                               \
	X(ERR_TASKFILE_EXISTS, 101)                                           \
	X(ERR_DECODE, 102)                                                    \
	X(ERR_FETCH_FAILED, 103)                                              \
	X(ERR_NOT_TRUSTED, 104)                                               \
	X(ERR_NOT_SECURE, 105)                                                \
	X(ERR_CACHE_MISS, 106)                                                \
	X(ERR_VERSION, 107)                                                   \
	X(ERR_FETCH_TIMEOUT, 108)                                             \
	X(ERR_PARSE, 109)                                                     \
	X(ERR_INCLUDE_CYCLE, 110)                                             \
	X(ERR_CHECKSUM, 111)                                                  \
	X(ERR_TASK_NOT_FOUND, 200)                                            \
	X(ERR_TASK_FAILED, 201)                                               \
	X(ERR_TASK_INTERNAL, 202)                                             \
	X(ERR_TASK_CONFLICT, 203)                                             \
	X(ERR_CALL_LIMIT, 204)                                                \
	X(ERR_CANCELLED, 205)                                                 \
	X(ERR_MISSING_VARS, 206)                                              \
	X(ERR_ENUM_VARS, 207)                                                 \
	X(ERR_TIMEOUT, 208)                                                   \
	X(ERR_SIGNAL, 0) /* status says which: 128 + number */

enum err_code {
#define X(name, status) name,
	ERR_CODES(X)
#undef X
};

struct err {
	enum err_code code; /* ERR_NONE: no error */
	char *message;	    /* heap, owned; whole text, wraps in front */
	int status;	    /* exit status of the innermost command, or -1 */
	char *place;	    /* heap, owned: "FILE:LINE:COLUMN" for what the
			     * message does not say by itself; or NULL */
};
#define ERR_INIT { ERR_NONE, NULL, -1, NULL }

static inline bool
err_is_set(const struct err *e)
{
	return e->code != ERR_NONE;
}

/* Sets an error unless one is set already; always returns false, so that
 * `return err_set(e, …)` reads well. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a command that ended with `status` (exit status N, L-192). */
bool err_set_status(struct err *e, int status);
/* Go's text of the failed system call: "<what>: <strerror in lower case>". */
bool err_sys(struct err *e, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Go's words for an errno ("no such file or directory"). */
const char *errno_text(int errnum);
/* Puts text in front of the message; keeps code and status. */
bool err_wrap(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Says where: replaces the place that was said before; always returns false. */
bool err_place(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void err_clear(struct err *e);
/* Hands an error over; `from` is empty afterwards. */
void err_move(struct err *to, struct err *from);
void err_copy(struct err *to, const struct err *from);
/* Exit status of the table above for a code. */
int err_exit_status(enum err_code code);
#define cleanup_err __attribute__((cleanup(err_clear)))

#endif
