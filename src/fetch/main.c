/* SPDX-License-Identifier: MIT */
/*
 * prun-fetch: one HTTP request for prun, which itself is not linked with a
 * library for the network.  Everything comes on stdin, since arguments can be
 * seen by other users: lines "key value" up to the end of the input:
 *
 *	method HEAD|GET
 *	url https://user:password@host/path
 *	header Name: value	to the host of `url` alone (C-630)
 *	cacert FILE		in place of the system's (C-618)
 *	cert FILE
 *	key FILE
 *	insecure		certificates are not verified, http is allowed
 *	timeout-ms N
 *
 * On stdout: "status N", "type TEXT", "url TEXT" (after redirects), an empty
 * line, the body.  Exit status: fetch.h.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/io.h"
#include "base/vec.h"
#include "remote/fetch.h"

enum { MAX_REDIRECTS = 10, MAX_REQUEST = 1 << 20, MAX_BODY = 64 << 20 };

struct request {
	const char *method, *url, *cacert, *cert, *key;
	VEC(const char *) headers;
	bool insecure;
	long timeout_ms;
};

struct reply {
	struct sb body;
	bool too_large;
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

	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0 && !main_parse_line(a, line, r)) {
			fprintf(stderr, "prun-fetch: unknown line: %.*s\n",
			    SV_ARG(line));
			return false;
		}
	}
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

	if (r->body.n + size * n > MAX_BODY) {
		r->too_large = true;
		return 0;
	}
	sb_add(&r->body, p, size * n);
	return size * n;
}

/* "host:port" of a URL; the caller frees. */
static char *
host_of(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL, *both = NULL;

	if (curl_url_set(u, CURLUPART_URL, url, 0) ==
		CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
		both = xasprintf("%s:%s", host, port ? port : "");
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return both;
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
	    r->insecure ? "http,https" : "https");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "prun/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_NOBODY,
	    strcmp(r->method, "HEAD") == 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, reply);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, r->insecure ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, r->insecure ? 0L : 2L);
	if (r->cacert != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, r->cacert);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	if (r->cert != NULL) {
		curl_easy_setopt(c, CURLOPT_SSLCERT, r->cert);
		curl_easy_setopt(c, CURLOPT_SSLKEY, r->key);
	}
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

/*
 * Follows redirects here, not in libcurl: headers of the configuration and the
 * password go to the host that they were given for and to no other.
 */
static CURLcode
perform(CURL *c, const struct request *r, struct reply *reply)
{
	char *home = host_of(r->url);
	char *url = xstrdup(r->url), *next = NULL;
	struct curl_slist *headers = NULL;
	CURLcode rc = CURLE_TOO_MANY_REDIRECTS;
	curl_off_t spent = 0, took = 0;

	for (size_t i = 0; i < r->headers.n; i++)
		headers = curl_slist_append(headers, r->headers.v[i]);
	for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
		char *host = host_of(url);
		bool same = host && home && strcmp(host, home) == 0;

		free(host);
		sb_clear(&reply->body);
		curl_easy_setopt(c, CURLOPT_URL, url);
		set_login(c, same ? r->url : url);
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, same ? headers : NULL);
		curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left_ms(r, spent));
		rc = curl_easy_perform(c);
		if (rc != CURLE_OK)
			break;
		curl_easy_getinfo(c, CURLINFO_TOTAL_TIME_T, &took);
		spent += took;
		next = NULL;
		curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &next);
		if (next == NULL)
			break;
		free(url);
		url = xstrdup(next);
		rc = CURLE_TOO_MANY_REDIRECTS;
	}
	curl_slist_free_all(headers);
	free(url);
	free(home);
	return rc;
}

static bool
print_reply(CURL *c, const struct reply *r)
{
	const char *type = NULL, *url = NULL;
	long status = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url);
	printf("status %ld\ntype %s\nurl %s\n\n", status, type ? type : "",
	    url ? url : "");
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
	return status;
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err e = ERR_INIT;
	struct request r = { 0 };
	int status = FETCH_BAD_REQUEST;
	sv text;

	if (!read_fd(a, STDIN_FILENO, MAX_REQUEST, &text, &e)) {
		fprintf(stderr, "prun-fetch: %s\n", e.message);
	} else if (parse_request(a, text, &r)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		status = fetch(&r);
		curl_global_cleanup();
	}
	err_clear(&e);
	arena_free(a);
	return status;
}
