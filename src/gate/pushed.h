/* SPDX-License-Identifier: MIT */
/*
 * What is about to be pushed (P-703): each commit is checked once, with what is
 * new in it told to the tasks.
 * May include: base/ to project/.
 */
#ifndef GATE_PUSHED_H
#define GATE_PUSHED_H

#include "gate/gate.h"
#include "vcs/hook.h"

/* As git tells its pre-push hook. */
struct pushed {
	const char *remote, *url;
	push_ref_vec refs;
};

/* gate_check() for each distinct commit that the remote has not; where ranges
 * narrow the run, for each range.  A tag, or a branch without any Taskfile in
 * its history, that lacks what is to be run is no failure, but is told. */
bool gate_check_pushed(struct gate *g, const struct pushed *p, struct err *e);

/* Has no commit of the push, nor of what leads to it, a Taskfile anywhere? */
bool pushed_never_had_taskfile(const struct git *g, const push_ref_vec *refs);

#endif
