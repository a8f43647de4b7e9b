/* SPDX-License-Identifier: MIT */
#include "serve/answers.h"

#define JSON_TYPE    "application/json"
#define PROBLEM_TYPE "application/problem+json"

void
answer_header(
    struct request *r, struct answer *an, const char *name, const char *value)
{
	vec_push(r->a, &an->headers, ((struct http_pair){ name, value }));
}

static const char *
status_title(int status)
{
	static const struct {
		int status;
		const char *title;
	} all[] = {
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].status == status)
			return all[i].title;
	return "Internal Server Error";
}

static void
problem_make(struct request *r, struct answer *an, int status,
    const char *detail, const faults *all)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	const struct fault *f;

	jo_open(&j, '{');
	jo_key(&j, "type");
	jo_text(&j, "about:blank");
	jo_key(&j, "title");
	jo_text(&j, status_title(status));
	jo_key(&j, "status");
	jo_int(&j, status);
	jo_text_if(&j, "detail", detail);
	if (all != NULL && all->n > 0) {
		jo_key(&j, "errors");
		jo_open(&j, '[');
		vec_each(all, f) {
			jo_open(&j, '{');
			jo_key(&j, "pointer");
			jo_text(&j, f->pointer);
			jo_key(&j, "detail");
			jo_text(&j, f->detail);
			jo_close(&j, '}');
		}
		jo_close(&j, ']');
	}
	jo_close(&j, '}');
	sb_addc(&j.text, '\n');
	*an = (struct answer)ANSWER_INIT;
	an->status = status;
	an->type = PROBLEM_TYPE;
	an->text = sb_take(&j.text, r->a);
	if (status == 401)
		answer_header(r, an, "WWW-Authenticate", "Bearer");
	if (status == 429 || status == 503)
		answer_header(r, an, "Retry-After", "2");
}

void
answer_problem(
    struct request *r, struct answer *an, int status, const char *fmt, ...)
{
	va_list ap;
	const char *detail;

	va_start(ap, fmt);
	detail = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	problem_make(r, an, status, detail, NULL);
}

void
reply_problem(struct request *r, int status, const char *fmt, ...)
{
	struct answer an;
	va_list ap;
	const char *detail;

	va_start(ap, fmt);
	detail = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	problem_make(r, &an, status, detail, NULL);
	http_answer(r, &an);
}

void
reply_invalid(struct request *r, const faults *all)
{
	struct answer an;

	problem_make(r, &an, 422, all->v[0].detail, all);
	http_answer(r, &an);
}

static void
answer_json(struct request *r, struct answer *an, struct json_out *j)
{
	*an = (struct answer)ANSWER_INIT;
	sb_addc(&j->text, '\n');
	an->type = JSON_TYPE;
	an->text = sb_take(&j->text, r->a);
}

void
reply_json(struct request *r, struct json_out *j)
{
	struct answer an;

	answer_json(r, &an, j);
	http_answer(r, &an);
}

void
reply_accepted(struct request *r, const char *location, struct json_out *j)
{
	struct answer an;

	answer_json(r, &an, j);
	an.status = 202;
	if (location != NULL)
		answer_header(r, &an, "Location", location);
	http_answer(r, &an);
}

void
fault_add(
    struct request *r, faults *all, const char *pointer, const char *fmt, ...)
{
	struct fault f = { .pointer = pointer };
	va_list ap;

	va_start(ap, fmt);
	f.detail = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	vec_push(r->a, all, f);
}
