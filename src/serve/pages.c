/* SPDX-License-Identifier: MIT */
#include "serve/pages.h"

#include <stdlib.h>

#include "serve/answers.h"

enum {
	PAGE_LIMIT = 50,
	PAGE_LIMIT_MAX = 200,
};

/* At most so many that a double holds it. */
static bool
number_read(const char *text, int64_t *out)
{
	size_t n = strlen(text);

	if (n == 0 || n > 16 || strspn(text, "0123456789") != n)
		return false;
	*out = strtoll(text, NULL, 10);
	return *out <= INT64_C(9007199254740991);
}

bool
event_id_read(const char *text, int64_t *out)
{
	return number_read(text, out);
}

bool
query_number(struct request *r, const char *name, int64_t *out)
{
	const char *text = request_query(r, name);

	*out = -1;
	if (text == NULL || number_read(text, out))
		return true;
	reply_problem(r, 400, "%s is no number", name);
	return false;
}

bool
query_bool(struct request *r, const char *name, bool *out)
{
	const char *text = request_query(r, name);

	*out = text != NULL && strcmp(text, "true") == 0;
	if (text == NULL || *out || strcmp(text, "false") == 0)
		return true;
	reply_problem(r, 400, "%s is true or false", name);
	return false;
}

bool
page_read(struct request *r, struct page *out)
{
	const char *after = request_query(r, "after");
	int64_t limit;

	if (!query_number(r, "limit", &limit))
		return false;
	if (request_query(r, "limit") == NULL)
		limit = PAGE_LIMIT;
	if (limit < 1 || limit > PAGE_LIMIT_MAX) {
		reply_problem(r, 400, "limit is 1 to %d", PAGE_LIMIT_MAX);
		return false;
	}
	if (after != NULL && !run_id_is_one(after)) {
		reply_problem(r, 400, "after is an id");
		return false;
	}
	*out = (struct page){ (int)limit, after != NULL ? after : "" };
	return true;
}

/* The same question, but for where it goes on. */
static const char *
next_address(struct request *r, const struct page *page, const char *last)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *nested = request_query(r, "nested");

	sb_addc(&b, '<');
	sb_addv(&b, r->path);
	sb_printf(&b, "?limit=%d&after=%s", page->limit, last);
	if (nested != NULL)
		sb_printf(&b, "&nested=%s", nested);
	sb_adds(&b, ">; rel=\"next\"");
	return sb_take(&b, r->a).p;
}

void
reply_page(struct request *r, const struct page *page, const char *last,
    struct json_out *j)
{
	struct answer an = ANSWER_INIT;

	sb_addc(&j->text, '\n');
	an.type = "application/json";
	an.text = sb_sv(&j->text);
	if (last != NULL)
		answer_header(r, &an, "Link", next_address(r, page, last));
	http_answer(r, &an);
}
