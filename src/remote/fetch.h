/* SPDX-License-Identifier: MIT */
/*
 * What prun and its helper prun-fetch agree on besides the lines on stdin and
 * stdout (fetch/main.c).
 * May include: nothing.
 */
#ifndef REMOTE_FETCH_H
#define REMOTE_FETCH_H

/* No Taskfile is larger, neither one of a repository. */
enum { FETCH_MAX_BODY = 64 << 20 };

/* Exit statuses of prun-fetch; on failure a reason is on stderr. */
enum fetch_status {
	FETCH_DONE,	   /* an answer came, whatever its status */
	FETCH_FAILED,	   /* none came */
	FETCH_BAD_REQUEST, /* the lines on stdin are wrong */
	FETCH_TIMED_OUT,
	FETCH_BAD_CA,	   /* the CA file cannot be used */
	FETCH_BAD_CERT,	   /* neither can the client's certificate or key */
};

#endif
