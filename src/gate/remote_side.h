/* SPDX-License-Identifier: MIT */
/*
 * What is known of the remote of a push, and so what is new on it (P-702,
 * P-703).
 * May include: base/ to project/.
 */
#ifndef GATE_REMOTE_SIDE_H
#define GATE_REMOTE_SIDE_H

#include "gate/pushed.h"

/* Tips of the branches that were seen there; none where the remote is pushed to
 * another place than it is fetched from. */
void remote_tips(
    const struct git *g, const struct pushed *p, string_vec *out);

/* A ref that is pushed, and the commit that it leads to. */
struct tip {
	const struct push_ref *ref;
	const char *commit;
};
typedef VEC(struct tip) tip_vec;

/* The commits of these, and of all that leads to them, that the remote has not
 * before the push; *out is NULL where any may be new. */
bool remote_lacks(const struct git *g, const struct pushed *p,
    const string_vec *tips, const tip_vec *pushed, struct map **out,
    struct err *e);

/* From where on something is new on the remote: the old tip of the branch, or a
 * tip of the remote that has the commit where this one left what is known; a
 * tip, since what lies behind it may never have been checked as a whole.  NULL:
 * not known. */
const char *remote_base(const struct git *g, const string_vec *tips,
    const struct push_ref *r, const char *commit);

bool push_ref_is_tag(const struct push_ref *r);

#endif
