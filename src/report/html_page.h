/* SPDX-License-Identifier: MIT */
/*
 * The page that is being written.  For html.c and html_data.c alone.
 * May include: base/, go/, store/.
 */
#ifndef REPORT_HTML_PAGE_H
#define REPORT_HTML_PAGE_H

#include "report/kind.h"

enum {
	MIB = 1024 * 1024,
	MOST_CALLS = 5000,
};

struct page {
	struct arena *a;
	const struct picture *p;
	const char *target;
	struct sb *out;
	const unsigned *ids; /* in the order in which they are shown */
	const struct past **past;
	size_t bad, shown;
	size_t bad_log, fine_log; /* bytes of each log */
};

/* Appends what the script draws from, an object of JSON: numbers, and the names
 * of pools. */
void page_data(struct page *g);

#endif
