/* SPDX-License-Identifier: MIT */
/*
 * Did anybody touch a tree between two moments, even if all is as it was
 * afterwards?  A branch that was switched and back, a stash that was popped, an
 * edit that was undone: what ran meanwhile saw another tree (P-706).
 * May include: base/ to run/.
 */
#ifndef VCS_TREE_STILL_H
#define VCS_TREE_STILL_H

#include "vcs/git.h"

struct tree_still {
	string_vec paths;  /* that git knows, or would add */
	const char *files; /* what they were like; NULL: not known */
	const char *head;  /* what HEAD was like */
};

/* By what stat() says of each file, times of the inode included; one git is
 * started for the list. */
void tree_still_take(const struct git *g, struct tree_still *out);
/* Are these files the same ones, not written or replaced since? */
bool tree_still_files(const struct git *g, const struct tree_still *before);
/* Has HEAD not moved since, to another branch or commit and back either? */
bool tree_still_head(const struct git *g, const struct tree_still *before);

#endif
