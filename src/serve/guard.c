/* SPDX-License-Identifier: MIT */
/*
 * Who may ask what: looked at in the head of a request, in this order.  Host,
 * before all else and for reads too, since a page that had its name lead here
 * is of our own origin for the browser.  Sizes; what the address says, byte by
 * byte; the token; whether there is such a thing; for changes the Origin and
 * the type of the body, so that no form of another page can make one.
 */
#include "config.h"

#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/hmac.h"
#include "go/json.h"
#include "serve/answers.h"
#include "serve/router.h"

/* ---- Host ---- */

static bool
guard_host(struct request *r, struct answer *an)
{
	const char *host = NULL;
	const struct http_pair *p;
	size_t n = 0;

	vec_each(&r->headers, p)
		if (strcasecmp(p->name, "Host") == 0) {
			host = p->value;
			n++;
		}
	if (n != 1 || *host == '\0') {
		answer_problem(r, an, 400, "a request names one Host");
		return false;
	}
	if (listen_is_host(&r->s->listen, sv_of(host)))
		return true;
	answer_problem(r, an, 403,
	    "this server is not called %.200s; [server] hosts can say that "
	    "it is",
	    host);
	return false;
}

/* ---- sizes ---- */

static bool
guard_sizes(struct request *r, struct answer *an)
{
	const char *length = request_header(r, "Content-Length");
	const struct http_pair *p;
	size_t size = 0;

	vec_each(&r->headers, p)
		size += strlen(p->name) + strlen(p->value) + 4;
	if (strlen(r->target) > TARGET_MAX)
		answer_problem(r, an, 414, "the address has more than %d bytes",
		    TARGET_MAX);
	else if (size > HEADERS_MAX || r->headers.n > HEADERS_N_MAX)
		answer_problem(r, an, 431,
		    "there are more than %d headers or %d bytes of them",
		    HEADERS_N_MAX, HEADERS_MAX);
	else if (length != NULL &&
		 (strlen(length) > 12 || strtoll(length, NULL, 10) > BODY_MAX))
		answer_problem(r, an, 413, "the body has more than 1 MiB");
	else
		return true;
	return false;
}

/* ---- the address ---- */

/* "%41" and, in a query, "+"; NULL: it is no text, or one with a NUL. */
static const char *
percent_decode(struct arena *a, sv text, bool plus)
{
	struct sb out cleanup_sb = SB_INIT;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '%') {
			int high = -1, low = -1;

			if (i + 2 < text.n) {
				high = hex_value((unsigned char)text.p[i + 1]);
				low = hex_value((unsigned char)text.p[i + 2]);
			}
			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		sb_addc(&out, c);
	}
	return sb_take(&out, a).p;
}

static bool
read_parts(struct request *r)
{
	sv rest = sv_sub(r->path, 1, SIZE_MAX), part;
	bool more = rest.n > 0;

	while (more) {
		const char *text;

		more = sv_cut(rest, '/', &part, &rest);
		text = percent_decode(r->a, part, false);
		if (text == NULL)
			return false;
		vec_push(r->a, &r->parts, text);
	}
	return true;
}

static bool
read_query(struct request *r, sv query)
{
	sv one, key, text;

	while (query.n > 0) {
		struct http_pair p;

		sv_cut(query, '&', &one, &query);
		if (one.n == 0)
			continue;
		if (!sv_cut(one, '=', &key, &text))
			text = SV("");
		p.name = percent_decode(r->a, key, true);
		p.value = percent_decode(r->a, text, true);
		if (p.name == NULL || p.value == NULL)
			return false;
		vec_push(r->a, &r->query, p);
	}
	return true;
}

static bool
guard_address(struct request *r, struct answer *an)
{
	sv query = SV("");

	if (!sv_cut(sv_of(r->target), '?', &r->path, &query))
		query = SV("");
	if (r->path.n > 0 && r->path.p[0] == '/' && read_parts(r) &&
	    read_query(r, query))
		return true;
	answer_problem(r, an, 400, "the address is none");
	return false;
}

/* ---- who asks ---- */

/* A name of its own for each project: cookies do not know of ports. */
static const char *
cookie_name(struct request *r)
{
	char sum[SHA256_HEX + 1];

	hmac_sha256(sv_of(r->s->token.text), SV("cookie's name"), sum);
	return arena_printf(r->a, COOKIE_NAME "-%.8s", sum);
}

static bool
has_cookie(struct request *r)
{
	const char *text = request_header(r, "Cookie");
	sv rest = sv_of(text != NULL ? text : ""), one, name, text_of;
	int64_t now = clock_real_ns();
	const char *ours = cookie_name(r);

	while (rest.n > 0) {
		sv_cut(rest, ';', &one, &rest);
		if (sv_cut(sv_trim(one), '=', &name, &text_of) &&
		    sv_is(name, ours) &&
		    token_cookie_is(&r->s->token, text_of, now))
			return true;
	}
	return false;
}

/* A browser says which page it asks for; a page from another port is none of
 * ours, though cookies are sent. */
static bool
is_from_page(const struct request *r)
{
	const char *site = request_header(r, "Sec-Fetch-Site");

	return site == NULL || strcmp(site, "same-origin") == 0 ||
	       strcmp(site, "none") == 0;
}

static bool
guard_token(struct request *r, struct answer *an)
{
	const char *text = request_header(r, "Authorization");

	if (text != NULL && strncasecmp(text, "Bearer ", 7) == 0) {
		if (token_is(&r->s->token, sv_trim(sv_of(text + 7))))
			return true;
	} else if (has_cookie(r) && is_from_page(r)) {
		r->by_cookie = true;
		return true;
	}
	if (router_is_open(r))
		return true;
	answer_problem(
	    r, an, 401, "the token of the server is missing or wrong");
	return false;
}

/* ---- changes ---- */

static bool
changes_something(const struct request *r)
{
	return strcmp(r->route->method, "GET") != 0;
}

/* The Host has been found to be ours, so the origin is the same with it. */
static bool
guard_origin(struct request *r, struct answer *an)
{
	const char *origin = request_header(r, "Origin");
	const char *host = request_header(r, "Host");

	if (origin == NULL
		? !r->by_cookie
		: strcasecmp(origin, arena_printf(r->a, "http://%s", host)) ==
			  0 ||
		      strcasecmp(
			  origin, arena_printf(r->a, "https://%s", host)) == 0)
		return true;
	answer_problem(r, an, 403, "the change comes from another page");
	return false;
}

static bool
has_body(const struct request *r)
{
	const char *length = request_header(r, "Content-Length");

	return request_header(r, "Transfer-Encoding") != NULL ||
	       (length != NULL && strtoll(length, NULL, 10) > 0);
}

static bool
guard_type(struct request *r, struct answer *an)
{
	const char *type = request_header(r, "Content-Type");
	sv word = SV(""), rest;

	if (type != NULL)
		sv_cut(sv_of(type), ';', &word, &rest);
	word = sv_trim(word);
	if ((word.n == 16 &&
		strncasecmp(word.p, "application/json", 16) == 0) ||
	    (strcmp(r->method, "DELETE") == 0 && !has_body(r)))
		return true;
	answer_problem(r, an, 415, "a change is application/json");
	return false;
}

bool
guard_check(struct request *r, struct answer *an)
{
	return guard_host(r, an) && guard_sizes(r, an) &&
	       guard_address(r, an) && guard_token(r, an) &&
	       router_find(r, an) &&
	       (!changes_something(r) ||
		   (guard_origin(r, an) && guard_type(r, an)));
}

/* ---- the cookie ---- */

static void
reply_cookie(struct request *r, const char *text, int seconds)
{
	struct answer an = ANSWER_INIT;

	an.status = 204;
	answer_header(r, &an, "Set-Cookie",
	    arena_printf(r->a,
		"%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict",
		cookie_name(r), text, seconds));
	http_answer(r, &an);
}

void
login_post(struct request *r)
{
	struct err e cleanup_err = ERR_INIT;
	faults all = { 0 };
	value body, text;

	if (!json_read(r->a, sb_sv(&r->body), &body, &e)) {
		reply_problem(r, 400, "the body is no JSON: %s", e.message);
		return;
	}
	text = body.kind == VALUE_MAP ? value_map_get(body, SV("token"))
				      : VALUE_ABSENT;
	if (text.kind != VALUE_STRING || value_map_count(body) != 1) {
		fault_add(r, &all, body.kind == VALUE_MAP ? "/token" : "",
		    "it is {\"token\": \"...\"}");
		reply_invalid(r, &all);
	} else if (!token_is(&r->s->token, value_text(text))) {
		reply_problem(r, 401, "the token is wrong");
	} else {
		reply_cookie(r,
		    token_cookie(r->a, &r->s->token, clock_real_ns()),
		    COOKIE_S);
	}
}

void
login_delete(struct request *r)
{
	reply_cookie(r, "", 0);
}
