/* SPDX-License-Identifier: MIT */
/*
 * The Model Context Protocol on stdin and stdout, for agents (P-1207): the
 * tools list, run, wait, log, failed, explain and cancel over the tasks of a
 * Taskfile.
 *
 * It promises: nothing runs but tasks that the Taskfile has and does not call
 * internal; what an agent says is never a flag or the text of a command; no
 * call keeps others from being answered.  Runs are left to themselves
 * (--detach), so they outlive the agent and this process.
 *
 * Two kinds of clients are served side by side: those that begin with
 * `initialize`, and those that say version and capabilities with each request.
 * May include: base/ to project/; jansson.
 */
#ifndef MCP_MCP_H
#define MCP_MCP_H

#include "project/project.h"

/* Serves until its input ends or nobody reads its output; returns the exit
 * status.  `p` needs its place only (project_options.place_only); `flags`: the
 * words that the programs which it starts get in front of others. */
int mcp_serve(struct project *p, const string_vec *flags);

#endif
