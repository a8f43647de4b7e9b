/* SPDX-License-Identifier: MIT */
/*
 * What CI systems make of marked lines (P-504): collapsible groups around the
 * output of a job or a call, an annotation per failed call.
 */
#include "output/internal.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

void
ci_group(struct output *o, const struct run_call *call, const char **begin,
    const char **end)
{
	long long now = (long long)(clock_real_ns() / NS_PER_S);

	if (o->c.ci == OUTPUT_CI_GITHUB) {
		*begin = arena_printf(o->arena, "::group::%s", call->name);
		*end = "::endgroup::";
	} else if (o->c.ci == OUTPUT_CI_GITLAB) {
		*begin = arena_printf(o->arena,
		    "\033[0Ksection_start:%lld:prun_%u_%u\r\033[0K%s", now,
		    call->id, call->jobs, call->name);
		*end = arena_printf(o->arena,
		    "\033[0Ksection_end:%lld:prun_%u_%u\r\033[0K", now,
		    call->id, call->jobs);
	}
}

/* One line, in which GitHub reads %, CR and LF from escapes; in a property also
 * the two separators. */
static void
add_escaped(struct sb *b, const char *text, const char *also)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '%' || *p == '\r' || *p == '\n' ||
		    strchr(also, *p) != NULL)
			sb_printf(b, "%%%02X", (unsigned char)*p);
		else
			sb_addc(b, *p);
	}
}

void
ci_annotate(struct output *o, const struct run_call *call, const char *why)
{
	struct sb b cleanup_sb = SB_INIT;

	if (o->c.ci != OUTPUT_CI_GITHUB)
		return;
	sb_adds(&b, "::error title=Task '");
	add_escaped(&b, call->name, ":,");
	sb_adds(&b, "' failed::");
	add_escaped(&b, why, "");
	sb_addc(&b, '\n');
	term_write(o->c.term, STDOUT_FILENO, sb_sv(&b));
}
