/* SPDX-License-Identifier: MIT */
/* Any bytes as the record of a run, whole and as it grows; and what was read
 * is written as it was read. */
#include "fuzz/fuzz.h"

#include "fuzz/file.h"
#include "store/journal.h"

static void
check_log(const struct journal_log *log)
{
	for (size_t i = 0; i < log->calls.n; i++) {
		const struct journal_call *c = &log->calls.v[i];

		if (c->id != 0 && c->id != i + 1)
			BUG("a call is not in its place");
		if (c->name == NULL || c->log == NULL || c->status == NULL)
			BUG("a call without its texts");
	}
	for (size_t i = 0; i < log->jobs.n; i++) {
		const struct journal_job *j = &log->jobs.v[i];

		if (j->id != 0 && j->id != i + 1)
			BUG("a job is not in its place");
		if (j->log == NULL || j->executor == NULL)
			BUG("a job without its texts");
	}
}

/* All lines of what was read. */
static void
write_log(struct sb *out, const struct journal_log *log)
{
	const struct journal_call *c;
	const struct journal_job *j;

	if (log->has_run)
		journal_add_line(out, JOURNAL_LINE_RUN, &log->run);
	vec_each (&log->calls, c)
		if (c->id != 0) {
			journal_add_line(out, JOURNAL_LINE_CALL, c);
			journal_add_line(out, JOURNAL_LINE_START, c);
			journal_add_line(out, JOURNAL_LINE_CALL_END, c);
		}
	vec_each (&log->jobs, j)
		if (j->id != 0) {
			journal_add_line(out, JOURNAL_LINE_JOB, j);
			journal_add_line(out, JOURNAL_LINE_JOB_END, j);
		}
	if (log->has_end)
		journal_add_line(out, JOURNAL_LINE_END, &log->end);
}

/* With a blank in each line, so that none is read the short way. */
static sv
spaced(struct arena *a, sv text)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < text.n; i++) {
		sb_addc(&b, text.p[i]);
		if (text.p[i] == '{' && (i == 0 || text.p[i - 1] == '\n'))
			sb_addc(&b, ' ');
	}
	return sb_take(&b, a);
}

FUZZ_TARGET(journal)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct journal_log log, grown, again;
	struct sb first cleanup_sb = SB_INIT;
	struct sb second cleanup_sb = SB_INIT;

	if (!journal_read(a, fuzz_file(text), &log, &e)) {
		if (!err_is_set(&e))
			BUG("failure without an error");
		return;
	}
	check_log(&log);
	write_log(&first, &log);

	if (!journal_read(a, fuzz_file(spaced(a, text)), &again, &e))
		BUG("it cannot be read with blanks");
	write_log(&second, &again);
	if (!sv_eq(sb_sv(&first), sb_sv(&second)))
		BUG("with blanks it is another one");
	sb_clear(&second);

	journal_log_init(&grown);
	if (!journal_read_more(
		a, fuzz_file(sv_sub(text, 0, text.n / 2)), &grown, &e) ||
	    !journal_read_more(a, fuzz_file(text), &grown, &e))
		BUG("it cannot be read in two parts");
	write_log(&second, &grown);
	if (grown.read_bytes != log.read_bytes ||
	    !sv_eq(sb_sv(&first), sb_sv(&second)))
		BUG("read in two parts it is another one");

	sb_clear(&second);
	if (!journal_read(a, fuzz_file(sb_sv(&first)), &again, &e))
		BUG("what was written cannot be read");
	check_log(&again);
	write_log(&second, &again);
	if (!sv_eq(sb_sv(&first), sb_sv(&second)))
		BUG("what was written is read as something else");
}
