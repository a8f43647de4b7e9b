/* SPDX-License-Identifier: MIT */
/*
 * Tests of output/ without a process: made-up events in, bytes out.  A row of a
 * table says which events come and what is to be seen of them, so that one more
 * case is one more row.
 */
#ifndef OUTPUT_FIXTURE_H
#define OUTPUT_FIXTURE_H

#include "output/caught_fixture.h"
#include "output/internal.h"

/* ---- a run of made-up events ---- */

/*
 * The lines of a script; ID is a number from 1, or - for an event of the run:
 *
 *	call ID NAME [PARENT]	it is created
 *	start ID
 *	echo ID TEXT		a command; quiet: one that is not shown
 *	quiet ID TEXT
 *	job ID			a job is wired and starts
 *	wired ID OUT ERR	its streams are so: null, inherit, fd, pipe,
 *				pty, stdout; of a row that is `alone` behind
 *				it "in" and stdin
 *	out ID TEXT		it prints a line; err: on stderr
 *	err ID TEXT
 *	part ID TEXT		without the newline
 *	epart ID TEXT
 *	lines ID FROM TO	lines of numbers
 *	exit ID STATUS		the job ends
 *	done ID OUTCOME [WHY]	the call ends: passed, failed … (- for blanks)
 *	after MS		time passes
 *	say KIND ID STATUS TEXT	any other event
 *	is ID FACT [OTHER]	interactive, scripted (made by a script), twin
 *				or cause (of the other), phase, named (has a
 *				task), excused, flaky, killed, waited
 */
struct show {
	const char *says; /* what the row is about */
	const char *mode; /* NULL: interleaved */
	const char *begin, *end, *secret;
	bool merged, no_logs, error_only, silent, verbose, compat, color,
	    ascii, dry, on_terminal, err_on_terminal, captures_all;
	bool alone; /* stdin is a terminal, and jobs run here */
	enum output_ci ci;
	bool is_value, is_alone; /* silent or nested; of one task */
	const char *script;
	/* what is seen on both streams; the folder of the run is RUN, the time
	 * of a section's mark T */
	const char *out, *err;
	const char *log; /* of call 1; NULL: nobody looks */
	/* behind the events: a summary, if `rerun` is not NULL */
	const char *rerun;
};

/* Runs each row and compares. */
void show_rows(const struct show *rows, size_t n);
#define SHOW(rows) show_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* The same step by step, for what no row can say. */
struct stage {
	const struct show *row;
	struct tree tree;
	struct arena *a;
	struct run_dir dir;
	struct term term;
	struct secrets *secrets;
	struct output *o;
	struct sink also; /* hears every event too; event NULL: nobody */
	VEC(struct run_call *) calls; /* by id */
	VEC(struct job_spec) specs;   /* by id */
	struct call_streams streams;
	int64_t now_ns;
	const char *wrong; /* a wiring that is not as it should be */
};
void stage_open(struct stage *s, const struct show *row);
void stage_play(struct stage *s, const char *script);
/* What the calls came to, for a summary. */
struct run_result stage_result(struct stage *s);
void stage_close(struct stage *s);

#endif
