/* SPDX-License-Identifier: MIT */
/*
 * Which request is answered by whom.
 * May include: serve/.
 */
#ifndef SERVE_ROUTER_H
#define SERVE_ROUTER_H

#include "serve/http.h"

struct route {
	const char *method, *path; /* {}: any one part */
	void (*answer)(struct request *r);
	bool is_open; /* needs no token: nothing in it is the project's */
};

/* The route of a path and a method into r->route; false: there is none, *an is
 * what to answer. */
bool router_find(struct request *r, struct answer *an);
/* Has the path a route that needs no token, for this method? */
bool router_is_open(const struct request *r);

/* ---- the answers, by the file in which they are ---- */

void page_index(struct request *r); /* page.c */
void page_asset(struct request *r);
void page_openapi(struct request *r);
void login_post(struct request *r); /* guard.c */
void login_delete(struct request *r);
void server_get(struct request *r); /* runs.c */
void runs_list(struct request *r);
void runs_get(struct request *r);
void logs_get(struct request *r);   /* logs.c */
void stream_run(struct request *r); /* stream.c */
void stream_all(struct request *r);
void tools_tasks(struct request *r); /* tools.c */
void tools_stats(struct request *r);
void metrics_get(struct request *r); /* metrics.c */
void runs_post(struct request *r);   /* start.c */
void runs_delete(struct request *r);
void tests_start(struct request *r);
void tests_delete(struct request *r);
void tests_list(struct request *r); /* tests.c */
void tests_status(struct request *r);
void tests_results(struct request *r);

#endif
