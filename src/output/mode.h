/* SPDX-License-Identifier: MIT */
/*
 * An output mode: what becomes of the bytes of jobs.  Each stands in a file of
 * its own, mode_NAME.c, as one const struct, and in the table of modes.c, from
 * which everything that knows the modes' names takes them.
 *
 * By the time a mode sees a byte, it is in the call's log, with secrets masked
 * there.  A mode never waits and starts no process.
 * May include: what output/ may.
 */
#ifndef OUTPUT_MODE_H
#define OUTPUT_MODE_H

#include "run/event.h"

struct output;
struct call_out;

struct output_mode {
	const char *name;
	bool is_prun; /* go-task has no such mode */
	bool lends_terminal; /* jobs that nothing runs beside may have it */
	/* bytes of what it keeps: of the run (output.mode), of a call
	 * (call_out.mode), zeroed at first; in arenas of output/ */
	size_t run_size, call_size;
	/* Wires stdout and stderr of a job that starts now; stdin is done. */
	void (*stdio)(
	    struct output *o, struct call_out *co, struct job_spec *spec);
	/* Shows what is to be seen of an event in place of go-task's line for
	 * it; false: that line is shown.  NULL: always. */
	bool (*message)(struct output *o, const struct event *ev);
	/* Hears of every event of a call; of one that a script made, whose
	 * output goes where the script says (`streams`), of its begin and end
	 * only. `co` is NULL where nothing is kept of the call: no job of it
	 * ran. */
	void (*event)(
	    struct output *o, struct call_out *co, const struct event *ev);
	/* Gives back what is on the heap or open; may come twice.  NULL: there
	 * is nothing. */
	void (*close)(void *call_mode);
};

extern const struct output_mode mode_interleaved;
extern const struct output_mode mode_group;
extern const struct output_mode mode_prefixed;
extern const struct output_mode mode_group_task;
extern const struct output_mode mode_tidy;
/* Not in the table: a default that has no name. */
extern const struct output_mode mode_beside;

#endif
