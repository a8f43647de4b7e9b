/* SPDX-License-Identifier: MIT */
/*
 * Lists in pages, what a query may say of them, and who asks for one thing.
 * May include: serve/.
 */
#ifndef SERVE_PAGES_H
#define SERVE_PAGES_H

#include "serve/http.h"
#include "serve/json_out.h"
#include "serve/run_file.h"

struct page {
	int limit;
	const char *after; /* an id; "": from the newest on */
};

/* Each but event_id_read() answers what is wrong, and is false then. */
bool page_read(struct request *r, struct page *out);
bool query_bool(struct request *r, const char *name, bool *out);
bool event_id_read(const char *text, int64_t *out);
/* Digits; -1 where the query does not say. */
bool query_number(struct request *r, const char *name, int64_t *out);
/* The run of /runs/ID. */
bool request_run(struct request *r, struct run_file *run);

/* `last`: the page goes on behind it; NULL: it does not. */
void reply_page(struct request *r, const struct page *page, const char *last,
    struct json_out *j);

#endif
