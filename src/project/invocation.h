/* SPDX-License-Identifier: MIT */
/*
 * How this program was started.
 * May include: base/, taskfile/.
 */
#ifndef PROJECT_INVOCATION_H
#define PROJECT_INVOCATION_H

#include "base/secrets.h"
#include "project/environment.h"
#include "project/protocol.h"
#include "project/trust.h"

struct invocation {
	string_vec argv; /* the name it was started by, then its words */
	const char *cwd;
	bool is_task; /* that name is go-task's */
	struct environment *env;
	struct protocol outer;
	struct trust *trust;
	struct secrets *secrets; /* what nobody is to see (P-406) */
};

#endif
