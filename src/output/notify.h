/* SPDX-License-Identifier: MIT */
/*
 * What a terminal may show outside of its text (P-505): how far the run is (OSC
 * 9;4) and, at its end, a notification (OSC 9).  Nothing that moves the cursor,
 * and no text of a task.
 * May include: base/ to run/.
 */
#ifndef OUTPUT_NOTIFY_H
#define OUTPUT_NOTIFY_H

#include "run/run.h"

struct notify {
	size_t calls, done, failed;
	int shown; /* what the terminal was told last */
	int64_t start_ns;
};

struct sink notify_sink(struct notify *n);

#endif
