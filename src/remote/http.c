/* SPDX-License-Identifier: MIT */
/* C-610 to C-613, C-618, C-630: files of web servers, by way of prun-fetch. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "remote/fetch.h"
#include "remote/internal.h"

/* prun-fetch is left this much time to say that it is too late. */
#define SLACK_NS (500 * NS_PER_MS)

/* The lines before the body. */
enum { MOST_HEAD = 1 << 20 };

struct answer {
	int status;
	sv type, body, from;
};

/* A file on its way. */
struct web_file {
	struct flight flight; /* first */
	const struct remote_file *f;
	struct url url; /* that is asked for */
	int name;       /* of the default ones, -1: the address itself */
	bool found;     /* GET it */
	sv text, from;
	sv reason; /* for --verbose: why there was no answer */
};

/* ---- the program ---- */

static const char *
beside(struct arena *a, const char *self, const char *name)
{
	if (strchr(self, '/') == NULL)
		return NULL;
	return path_join(a, sv_of(path_dir(a, sv_of(self))), sv_of(name));
}

const char *
remote_fetch_program(
    struct arena *a, const char *self, char *const *env, const char **where)
{
	const char *told = remote_env(env, "PRUN_FETCH");
	const char *places[] = {
		told && *told ? told : NULL,
		beside(a, self, "prun-fetch"),
		beside(a, self, "../libexec/prun/prun-fetch"),
		PKGLIBEXECDIR "/prun-fetch",
	};
	/* what was told is not guessed again */
	size_t n = places[0] ? 1 : sizeof(places) / sizeof(places[0]);

	*where = places[0] ? places[0] : PKGLIBEXECDIR "/prun-fetch";
	for (size_t i = 0; i < n; i++)
		if (places[i] != NULL && access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static bool
find_program(struct remote *r, const char *location, struct err *e)
{
	const char *where;

	r->program = remote_fetch_program(r->a, r->o->self, r->o->env, &where);
	return r->program != NULL ||
	       err_set(e, ERR_FETCH_FAILED,
		   "task: Download of %s failed: there is no program %s",
		   quote_go(r->a, sv_of(location)), where);
}

/* ---- headers ---- */

static bool
is_header_name(const char *s)
{
	size_t n = strspn(s, "!#$%&'*+-.^_`|~0123456789"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz");

	return n > 0 && s[n] == '\0';
}

static bool
add_header(struct remote *r, const struct rc_header *h, struct sb *request,
    struct err *e)
{
	const char *host = quote_go(r->a, sv_of(h->host));
	sv text;

	if (!is_header_name(h->name))
		return err_set(e, ERR_GENERIC,
		    "remote headers for host %s: invalid header name %s", host,
		    quote_go(r->a, sv_of(h->name)));
	if (!templater_replace(r->o->templater, r->a, sv_of(h->value),
		value_map_new(r->a, GO_MAP), &text, e))
		return err_wrap(e, "remote headers for host %s: ", host);
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' && text.p[i] != '\t')
			return err_set(e, ERR_FETCH_FAILED,
			    "remote headers for host %s: invalid value of "
			    "header %s",
			    host, quote_go(r->a, sv_of(h->name)));
	/* libcurl's way to send a header without a value */
	if (sv_trim(text).n == 0)
		sb_printf(request, "header %s;\n", h->name);
	else
		sb_printf(request, "header %s: %.*s\n", h->name, SV_ARG(text));
	return true;
}

static bool
http_add_headers(struct remote *r, sv host, struct sb *request, struct err *e)
{
	for (size_t i = 0; i < r->o->n_headers; i++)
		if (sv_is(host, r->o->headers[i].host) &&
		    !add_header(r, &r->o->headers[i], request, e))
			return false;
	return true;
}

/* ---- one request ---- */

static void
parse_answer(struct arena *a, sv out, struct answer *answer)
{
	sv line, key, text;

	*answer = (struct answer){ 0 };
	while (sv_cut(out, '\n', &line, &out) && line.n > 0) {
		sv_cut(line, ' ', &key, &text);
		if (sv_is(key, "status"))
			answer->status =
			    (int)strtol(sv_cstr(a, text), NULL, 10);
		else if (sv_is(key, "type"))
			answer->type = text;
		else if (sv_is(key, "from"))
			answer->from = text;
	}
	answer->body = out;
}

/* What prun-fetch's exit status means for the file. */
static bool
judge(
    struct remote *r, struct web_file *w, int status, sv reason, struct err *e)
{
	const char *cert = "failed to load client certificate";

	switch (status) {
	case FETCH_DONE:
		return true;
	case FETCH_TIMED_OUT:
		return err_set(e, ERR_FETCH_TIMEOUT, "timed out");
	case FETCH_BAD_CA:
		return err_set(
		    e, ERR_GENERIC, "failed to parse CA certificate");
	case FETCH_BAD_CERT:
		return err_set(
		    e, ERR_GENERIC, "%s: %.*s", cert, SV_ARG(reason));
	}
	w->reason = reason;
	return err_set(e, ERR_FETCH_FAILED, "task: Download of %s failed",
	    quote_go(r->a, sv_of(w->f->shown)));
}

static void
http_add_option(struct sb *request, const char *key, const char *path)
{
	if (*path != '\0')
		sb_printf(request, "%s %s\n", key, path);
}

static bool
ask_server(struct remote *r, struct web_file *w, struct err *e)
{
	const struct remote_options *o = r->o;
	const char **argv = arena_alloc(r->a, 2 * sizeof(*argv));
	struct capture c = { .argv = argv, .most = FETCH_MAX_BODY + MOST_HEAD };
	struct sb request cleanup_sb = SB_INIT;
	int64_t left = r->deadline_ns - clock_mono_ns();

	if (left <= 0)
		return err_set(e, ERR_FETCH_TIMEOUT, "timed out");
	sb_printf(&request, "method %s\nurl %s\ntimeout-ms %lld\n",
	    w->found ? "GET" : "HEAD", source_text(r->a, &w->url, true),
	    (long long)(left / NS_PER_MS + 1));
	http_add_option(&request, "cacert", o->cacert);
	http_add_option(&request, "cert", o->cert);
	http_add_option(&request, "key", o->cert_key);
	if (o->insecure)
		sb_adds(&request, "insecure\n");
	if (!http_add_headers(r, w->url.host, &request, e))
		return false;
	argv[0] = r->program;
	argv[1] = NULL;
	c.input = sb_take(&request, r->a);
	c.deadline_ns = r->deadline_ns + SLACK_NS;
	w->flight.job = capture_start(r->a, &c, e);
	return w->flight.job != NULL;
}

static bool
take_answer(
    struct remote *r, struct web_file *w, struct answer *answer, struct err *e)
{
	struct capture_job *job = w->flight.job;
	sv out, reason;
	int status;

	w->flight.job = NULL;
	if (!capture_finish(job, &status, &out, &reason, e) ||
	    !judge(r, w, status, reason, e))
		return false;
	parse_answer(r->a, out, answer);
	return true;
}

static bool
is_allowed_type(sv type)
{
	static const char *const allowed[] = { "text/plain", "text/yaml",
		"text/x-yaml", "application/yaml", "application/x-yaml",
		"application/octet-stream" };

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (sv_find(type, sv_of(allowed[i]), 0) >= 0)
			return true;
	return false;
}

static const char *
reason_of(int status)
{
	static const struct {
		int status;
		const char *text;
	} reasons[] = {
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 407, "Proxy Authentication Required" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 418, "I'm a teapot" },
		{ 421, "Misdirected Request" },
		{ 423, "Locked" },
		{ 425, "Too Early" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 451, "Unavailable For Legal Reasons" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 507, "Insufficient Storage" },
		{ 508, "Loop Detected" },
		{ 511, "Network Authentication Required" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 203, "Non-Authoritative Information" },
		{ 204, "No Content" },
		{ 205, "Reset Content" },
		{ 206, "Partial Content" },
		{ 300, "Multiple Choices" },
		{ 304, "Not Modified" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

static bool
refused(
    struct remote *r, const struct remote_file *f, int status, struct err *e)
{
	return err_set(e, ERR_FETCH_FAILED,
	    "task: Download of %s failed with status code %d (%s)",
	    quote_go(r->a, sv_of(f->shown)), status, reason_of(status));
}

/* The address itself was no file: one of the default names below it may be. */
static bool
next_name(struct remote *r, struct web_file *w, struct err *e)
{
	const char *name = taskfile_names[++w->name];
	sv element;

	if (name == NULL)
		return err_set(e, ERR_NO_TASKFILE,
		    "task: No Taskfile found at %s",
		    quote_go(r->a, sv_of(w->f->shown)));
	element = sv_of(name);
	w->url = w->f->at.url;
	if (w->url.path.n == 0)
		w->url.path = SV("/");
	return url_join_path(r->a, &w->url, &element, 1, e);
}

/* C-610, C-613: HEAD until there is a file, then GET; false: that is all. */
static bool
go_on(struct remote *r, struct web_file *w, struct err *e)
{
	struct answer answer;

	if (r->program == NULL && !find_program(r, w->f->shown, e))
		return false;
	if (w->flight.job == NULL)
		return ask_server(r, w, e);
	if (!take_answer(r, w, &answer, e))
		return false;
	if (w->found) {
		w->text = answer.body;
		w->from = answer.from;
		if (answer.status != 200)
			refused(r, w->f, answer.status, e);
		return false;
	}
	if (w->name < 0 && answer.status == 401)
		return refused(r, w->f, 401, e);
	w->found = answer.status == 200 &&
		   (w->name >= 0 || is_allowed_type(answer.type));
	if (!w->found && !next_name(r, w, e))
		return false;
	return ask_server(r, w, e);
}

static void
next_request(struct remote *r, struct flight *flight)
{
	flight->done = !go_on(r, (struct web_file *)flight, &flight->e);
}

void
remote_http_begin(struct remote *r, const struct remote_file *f)
{
	struct web_file *w = arena_new_of(r->a, struct web_file);
	sv key = sv_of(source_text(r->a, &f->at.url, true));

	if (map_get(r->by_address, key) != NULL)
		return;
	w->f = f;
	w->url = f->at.url;
	w->name = -1;
	w->flight.next = next_request;
	flight_add(r, &w->flight);
	map_put(r->by_address, key, w);
}

bool
remote_http_read(struct remote *r, const struct remote_file *f, sv *text,
    sv *from, struct err *e)
{
	struct web_file *w;

	remote_http_begin(r, f);
	w = map_get(r->by_address, sv_of(source_text(r->a, &f->at.url, true)));
	if (flight_land(r, &w->flight, e)) {
		*text = w->text;
		*from = w->from;
		return true;
	}
	if (!r->o->compat && w->reason.n > 0)
		remote_say(
		    r, "failed to fetch remote file: %.*s", SV_ARG(w->reason));
	return false;
}

/* ---- C-618 ---- */

static bool
http_check_file(struct remote *r, const char *path, const char *mark,
    const char *broken, struct err *e)
{
	sv text;

	if (*path == '\0')
		return true;
	if (!read_file(r->a, path, &text, e))
		return false;
	return sv_find(text, sv_of(mark), 0) >= 0 ||
	       err_set(e, ERR_GENERIC, "%s", broken);
}

bool
remote_http_check_files(struct remote *r, struct err *e)
{
	const struct remote_options *o = r->o;
	sv text;

	if (r->files_checked)
		return true;
	if (o->cacert[0] != '\0') {
		if (!read_file(r->a, o->cacert, &text, e))
			return err_wrap(e, "failed to read CA certificate: ");
		if (sv_find(text, SV("-----BEGIN CERTIFICATE-----"), 0) < 0)
			return err_set(
			    e, ERR_GENERIC, "failed to parse CA certificate");
	}
	if (!http_check_file(r, o->cert, "-----BEGIN CERTIFICATE-----",
		"tls: failed to find any PEM data in certificate input", e) ||
	    !http_check_file(r, o->cert_key, "PRIVATE KEY-----",
		"tls: failed to find any PEM data in key input", e))
		return err_wrap(e, "failed to load client certificate: ");
	r->files_checked = true;
	return true;
}
