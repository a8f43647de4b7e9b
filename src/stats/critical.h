/* SPDX-License-Identifier: MIT */
/*
 * What a run that is over was waiting for at each moment: the calls without
 * which it would have ended earlier.
 * May include: base/.
 */
#ifndef STATS_CRITICAL_H
#define STATS_CRITICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct past_call {
	size_t parent; /* its place in the array; SIZE_MAX: asked for */
	int64_t start_ns, end_ns;
	/* out */
	bool critical;
	int64_t alone_ns; /* of the time on the path, what it was itself and
			   * none of the calls that it made */
};

/* Marks them, by walking back from what ended last: of what a call made, what
 * ended last held it up, before that what had ended when this began, and so on.
 * Linear but for a sort.  Calls that took no time are on no path. */
void critical_mark(struct past_call *calls, size_t n);

#endif
