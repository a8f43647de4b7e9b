/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "taskfile/model.h"

#include "base/io.h"

enum {
	TEXT_BYTES = 200 /* of the line that are shown */
};

static sv
location_line(sv text, int number)
{
	sv line = { 0 };

	for (int i = 0; i < number; i++)
		sv_cut(text, '\n', &line, &text);
	return sv_trim(line);
}

const char *
location_text(struct arena *a, const struct location *at)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line = { 0 };

	if (at->taskfile[0] == '/' && read_file(a, at->taskfile, &text, &ignored))
		line = location_line(text, at->line);
	return arena_printf(a, "%s:%d:%d%s%.*s", at->taskfile, at->line,
	    at->column, line.n > 0 ? ": " : "",
	    line.n > TEXT_BYTES ? TEXT_BYTES : (int)line.n, line.p);
}
