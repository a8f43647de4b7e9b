/* SPDX-License-Identifier: MIT */
/*
 * prun-fetch: one HTTP request for prun, which itself is not linked with a
 * library for the network.  Everything comes on stdin, since arguments can be
 * seen by other users: lines "key value" up to the end of the input:
 *
 *	method HEAD|GET|POST
 *	url https://user:password@host/path
 *	header Name: value	to the host of `url` alone (C-630)
 *	cacert FILE		in place of the system's (C-618)
 *	cert FILE		to the host of `url` alone, too
 *	key FILE
 *	insecure		certificates are not verified, http is allowed
 *	plain			http is allowed
 *	timeout-ms N
 *	body			what is behind this line is posted; no redirect
 *				is followed
 *
 * On stdout: "status N", "type TEXT", "from HOST[:PORT]" where redirects
 * led to another host, an empty line, the body.  Exit status: fetch.h.
 *
 * With the word "cache" it is another program: cache.h.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/io.h"
#include "base/vec.h"
#include "fetch/cache.h"
#include "remote/fetch.h"

enum {
	MAX_REDIRECTS = 10,
	MAX_REQUEST = FETCH_MAX_BODY + (1 << 20)
};

struct request {
	const char *method, *url, *cacert, *cert, *key;
	VEC(const char *) headers;
	bool insecure, plain, posts;
	long timeout_ms;
	sv body; /* to be posted */
};

struct reply {
	struct sb body;
	bool too_large;
	char *from; /* host[:port] of the last hop, where it is another's */
};

static bool
main_parse_line(struct arena *a, sv line, struct request *r)
{
	sv key, text;
	const char *value;

	sv_cut(line, ' ', &key, &text);
	value = sv_cstr(a, text);
	if (sv_is(key, "method"))
		r->method = value;
	else if (sv_is(key, "url"))
		r->url = value;
	else if (sv_is(key, "cacert"))
		r->cacert = value;
	else if (sv_is(key, "cert"))
		r->cert = value;
	else if (sv_is(key, "key"))
		r->key = value;
	else if (sv_is(key, "header"))
		vec_push(a, &r->headers, value);
	else if (sv_is(key, "insecure"))
		r->insecure = true;
	else if (sv_is(key, "plain"))
		r->plain = true;
	else if (sv_is(key, "body"))
		r->posts = true;
	else if (sv_is(key, "timeout-ms"))
		r->timeout_ms = strtol(value, NULL, 10);
	else
		return false;
	return true;
}

static bool
parse_request(struct arena *a, sv text, struct request *r)
{
	sv line;

	while (text.n > 0 && !r->posts) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0 && !main_parse_line(a, line, r)) {
			fprintf(stderr, "prun-fetch: unknown line: %.*s\n",
			    SV_ARG(line));
			return false;
		}
	}
	r->body = text;
	if (r->url == NULL || r->method == NULL) {
		fputs("prun-fetch: started by prun; the request comes on "
		      "stdin\n", stderr);
		return false;
	}
	return true;
}

static size_t
take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct reply *r = ctx;

	if (r->body.n + size * n > FETCH_MAX_BODY) {
		r->too_large = true;
		return 0;
	}
	sb_add(&r->body, p, size * n);
	return size * n;
}

/* Whom a URL asks; what is missing is "". */
struct place {
	char *scheme, *host, *port;
};

static char *
url_part(CURLU *u, CURLUPart part)
{
	char *text = NULL, *own;

	curl_url_get(u, part, &text, CURLU_DEFAULT_PORT);
	own = xstrdup(text ? text : "");
	curl_free(text);
	return own;
}

static struct place
place_of(const char *url)
{
	CURLU *u = curl_url();
	struct place p;

	curl_url_set(u, CURLUPART_URL, url, 0);
	p = (struct place){ url_part(u, CURLUPART_SCHEME),
		url_part(u, CURLUPART_HOST), url_part(u, CURLUPART_PORT) };
	curl_url_cleanup(u);
	return p;
}

static void
place_free(struct place *p)
{
	free(p->scheme);
	free(p->host);
	free(p->port);
}

/* May what was given for one place go to another?  To the same host and port,
 * and from http to https where both ports are the usual ones; never from https
 * to http. */
static bool
is_same_place(const struct place *home, const struct place *p)
{
	bool from_tls = strcmp(home->scheme, "https") == 0;
	bool to_tls = strcmp(p->scheme, "https") == 0;

	if (*home->host == '\0' || strcasecmp(home->host, p->host) != 0)
		return false;
	if (from_tls == to_tls)
		return strcmp(home->port, p->port) == 0;
	return to_tls && strcmp(home->port, "80") == 0 &&
	       strcmp(p->port, "443") == 0;
}

static char *
part_of(const char *url, CURLUPart part)
{
	CURLU *u = curl_url();
	char *text = NULL;

	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(u, part, &text, CURLU_URLDECODE);
	curl_url_cleanup(u);
	return text;
}

static void
set_login(CURL *c, const char *url)
{
	char *user = part_of(url, CURLUPART_USER);
	char *password = part_of(url, CURLUPART_PASSWORD);

	curl_easy_setopt(c, CURLOPT_USERNAME, user);
	curl_easy_setopt(c, CURLOPT_PASSWORD,
	    user != NULL && password == NULL ? "" : password);
	curl_free(user);
	curl_free(password);
}

static void
set_options(CURL *c, const struct request *r, struct reply *reply)
{
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
	    r->insecure || r->plain ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "prun/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_NOBODY,
	    strcmp(r->method, "HEAD") == 0 ? 1L : 0L);
	if (r->posts) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(
		    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.p);
	}
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, reply);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, r->insecure ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, r->insecure ? 0L : 2L);
	if (r->cacert != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, r->cacert);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
}

/* One hop; what tells who the user is goes `home` alone. */
static void
set_hop(CURL *c, const struct request *r, const char *url,
    struct curl_slist *headers, bool home)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	set_login(c, home ? r->url : url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, home ? headers : NULL);
	curl_easy_setopt(c, CURLOPT_SSLCERT, home ? r->cert : NULL);
	curl_easy_setopt(c, CURLOPT_SSLKEY, home ? r->key : NULL);
}

/* Time that is left, at least one millisecond, since 0 is no bound. */
static long
left_ms(const struct request *r, curl_off_t spent_us)
{
	long left = r->timeout_ms - (long)(spent_us / 1000);

	if (r->timeout_ms <= 0)
		return 0;
	return left > 0 ? left : 1;
}

/* As it would stand in an address: without the usual port. */
static char *
place_text(const struct place *p)
{
	const char *usual = strcmp(p->scheme, "https") == 0 ? "443" : "80";

	return strcmp(p->port, usual) == 0
		   ? xstrdup(p->host)
		   : xasprintf("%s:%s", p->host, p->port);
}

/*
 * Follows redirects here, not in libcurl: headers of the configuration, the
 * password and the certificate go to the host that they were given for and to
 * no other.
 */
static CURLcode
perform(CURL *c, const struct request *r, struct reply *reply)
{
	struct place home = place_of(r->url);
	char *url = xstrdup(r->url), *next = NULL;
	struct curl_slist *headers = NULL;
	CURLcode rc = CURLE_TOO_MANY_REDIRECTS;
	curl_off_t spent = 0, took = 0;

	for (size_t i = 0; i < r->headers.n; i++)
		headers = curl_slist_append(headers, r->headers.v[i]);
	for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
		struct place p = place_of(url);
		bool same = is_same_place(&home, &p);

		free(reply->from);
		reply->from = same ? NULL : place_text(&p);
		place_free(&p);
		sb_clear(&reply->body);
		set_hop(c, r, url, headers, same);
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left_ms(r, spent));
		rc = curl_easy_perform(c);
		if (rc != CURLE_OK)
			break;
		curl_easy_getinfo(c, CURLINFO_TOTAL_TIME_T, &took);
		spent += took;
		next = NULL;
		curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &next);
		if (next == NULL || r->posts)
			break;
		free(url);
		url = xstrdup(next);
		rc = CURLE_TOO_MANY_REDIRECTS;
	}
	curl_slist_free_all(headers);
	free(url);
	place_free(&home);
	return rc;
}

static bool
print_reply(CURL *c, const struct reply *r)
{
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	printf("status %ld\ntype %s\n", status, type ? type : "");
	if (r->from != NULL)
		printf("from %s\n", r->from);
	puts("");
	return fwrite(r->body.p ? r->body.p : "", 1, r->body.n, stdout) ==
	    r->body.n && fflush(stdout) == 0;
}

static int
exit_status(CURLcode rc)
{
	switch ((int)rc) {
	case CURLE_OPERATION_TIMEDOUT:
		return FETCH_TIMED_OUT;
	case CURLE_SSL_CACERT_BADFILE:
		return FETCH_BAD_CA;
	case CURLE_SSL_CERTPROBLEM:
		return FETCH_BAD_CERT;
	default:
		return FETCH_FAILED;
	}
}

static int
fetch(const struct request *r)
{
	struct reply reply = { .body = SB_INIT };
	CURL *c = curl_easy_init();
	int status = FETCH_FAILED;
	CURLcode rc;

	if (c == NULL)
		return FETCH_FAILED;
	set_options(c, r, &reply);
	rc = perform(c, r, &reply);
	if (reply.too_large)
		fputs("the file is too large", stderr);
	else if (rc != CURLE_OK)
		fputs(curl_easy_strerror(rc), stderr);
	if (rc != CURLE_OK)
		status = exit_status(rc);
	else if (print_reply(c, &reply))
		status = FETCH_DONE;
	curl_easy_cleanup(c);
	sb_free(&reply.body);
	free(reply.from);
	return status;
}

static int
fetch_one(void)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct request r = { 0 };
	int status = FETCH_BAD_REQUEST;
	sv text;

	if (!read_fd(a, STDIN_FILENO, MAX_REQUEST, &text, &e)) {
		fprintf(stderr, "prun-fetch: %s\n", e.message);
	} else if (parse_request(a, text, &r)) {
		status = fetch(&r);
	}
	err_clear(&e);
	arena_free(a);
	return status;
}

int
main(int argc, char **argv)
{
	int status;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	status = argc == 2 && strcmp(argv[1], "cache") == 0 ? fetch_cache()
							    : fetch_one();
	curl_global_cleanup();
	return status;
}
