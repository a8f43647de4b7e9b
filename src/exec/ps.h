/* SPDX-License-Identifier: MIT */
/*
 * The list of all processes as ps prints it, for systems without /proc.  It
 * costs a process and some milliseconds: only for ending a tree.
 * May include: base/, procs.h.
 */
#ifndef EXEC_PS_H
#define EXEC_PS_H

#include "exec/procs.h"

/* Asks ps; false when there is none, or it fails or takes too long. */
bool ps_list(struct arena *a, proc_vec *out);
/* What it printed, ordered by pid; lines that make no sense are left out. */
void ps_parse(struct arena *a, sv text, proc_vec *out);
/* A time as `start` of a process has it, which ps knows to the second. */
uint64_t ps_start_of(int64_t real_ns);

#endif
