/* SPDX-License-Identifier: MIT */
/*
 * How long calls took the last times (P-301): a small text file beside the
 * history, read in one go before a run, written atomically after it.  A missing
 * or damaged one means that nothing is known.
 * May include: base/.
 */
#ifndef STORE_DURATIONS_H
#define STORE_DURATIONS_H

#include "base/err.h"

/* Runs that are remembered per call. */
#define DURATIONS_KEPT 7

struct durations;

/* Never NULL; `a` holds it. */
struct durations *durations_read(struct arena *a, const char *path);
/* Median of the last runs in seconds; < 0 when unknown. */
double durations_expected(const struct durations *d, const char *call);
/* Mean of the expected times of all known calls; < 0 when none is. */
double durations_mean(const struct durations *d);
/* How many cores a call kept busy: the median of its cpu time over that of its
 * time; < 0 when unknown. */
double durations_cores(const struct durations *d, const char *call);
/* One more run of a call: its time, and what it used of the processor. */
void durations_add(
    struct durations *d, const char *call, double seconds, double cpu_seconds);
/* Writes what was added to what the file holds by now. */
bool durations_write(const struct durations *d, const char *path,
    struct err *e);

#endif
