/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/answers.h"

enum {
	SWEEP_S = 1,
	CONNECTION_MEMORY = 32 * 1024,
	DRAIN_MAX = 8 * BODY_MAX, /* of a body that is too large */
};

void
http_lock(struct http *h)
{
	pthread_mutex_lock(&h->lock);
}

void
http_unlock(struct http *h)
{
	pthread_mutex_unlock(&h->lock);
}

/* ---- what has been suspended ---- */

static void on_http_due(void *arg);

/* A library that hangs on the loop is not told by its own
 * descriptor. */
void
http_resume(struct http *h, struct MHD_Connection *c)
{
	MHD_resume_connection(c);
	if (HAS_THREAD || h->is_due)
		return;
	loop_timer_stop(h->s->l, &h->due);
	h->due = loop_timer(h->s->l, 0, on_http_due, h);
	h->is_due = true;
}

/* ---- answers ---- */

static struct MHD_Response *
response_body(struct http_request *hr, const struct answer *an)
{
	if (an->stream != NULL)
		return stream_response(hr, an);
	if (an->fd >= 0 && an->n > 0)
		return MHD_create_response_from_fd_at_offset64(
		    (uint64_t)an->n, an->fd, (uint64_t)an->from);
	if (an->fd >= 0)
		close(an->fd);
	return MHD_create_response_from_buffer(an->text.n,
	    (void *)(uintptr_t)(an->text.n > 0 ? an->text.p : ""),
	    MHD_RESPMEM_MUST_COPY);
}

/* What every answer says: nobody else may use it, frame it or keep it. */
static void
response_guard(struct MHD_Response *to)
{
	static const struct http_pair all[] = {
		{ "Cache-Control", "no-store" },
		{ "Content-Security-Policy",
		    "default-src 'none'; script-src 'self'; style-src 'self'; "
		    "img-src 'self'; font-src 'self'; connect-src 'self'; "
		    "base-uri 'none'; form-action 'none'; "
		    "frame-ancestors 'none'" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Referrer-Policy", "no-referrer" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		MHD_add_response_header(to, all[i].name, all[i].value);
}

static void
response_make(struct http_request *hr, const struct answer *an)
{
	const struct http_pair *p;

	hr->response = response_body(hr, an);
	hr->status = (unsigned)an->status;
	if (hr->response == NULL)
		BUG("no response");
	response_guard(hr->response);
	if (an->type != NULL)
		MHD_add_response_header(hr->response, "Content-Type", an->type);
	vec_each(&an->headers, p)
		MHD_add_response_header(hr->response, p->name, p->value);
}

void
http_answer(struct request *r, const struct answer *an)
{
	struct http_request *hr = (struct http_request *)r;

	response_make(hr, an);
	http_lock(hr->h);
	r->s->answers[an->status / 100]++;
	if (hr->is_suspended) {
		hr->is_suspended = false;
		http_resume(hr->h, hr->c);
	}
	http_unlock(hr->h);
}

/* From now on it is we who are waited for. */
static void
connection_is_served(struct http_request *hr)
{
	struct connection *c = connection_of(hr->c);

	http_lock(hr->h);
	if (c != NULL) {
		c->is_answered = true;
		c->stream = hr->stream;
		c->since_ns = clock_mono_ns();
	}
	http_unlock(hr->h);
}

static enum MHD_Result
response_send(struct http_request *hr)
{
	enum MHD_Result ok;

	connection_is_served(hr);
	ok = MHD_queue_response(hr->c, hr->status, hr->response);
	MHD_destroy_response(hr->response);
	hr->response = NULL;
	return ok;
}

/* ---- requests ---- */

const char *
request_header(const struct request *r, const char *name)
{
	const struct http_pair *p;

	vec_each(&r->headers, p)
		if (strcasecmp(p->name, name) == 0)
			return p->value;
	return NULL;
}

const char *
request_query(const struct request *r, const char *name)
{
	const struct http_pair *p;

	vec_each(&r->query, p)
		if (strcmp(p->name, name) == 0)
			return p->value;
	return NULL;
}

/* The first that is heard of a request: its address, as it came. */
static void *
on_target(void *arg, const char *target, struct MHD_Connection *c)
{
	struct http *h = arg;
	struct http_request *hr = xcalloc(1, sizeof(*hr));

	hr->h = h;
	hr->c = c;
	hr->r = (struct request){ .s = h->s, .a = arena_new() };
	hr->r.target =
	    arena_strndup(hr->r.a, target, strnlen(target, TARGET_MAX + 1));
	http_lock(h);
	list_add(&h->requests, hr);
	http_unlock(h);
	return hr;
}

static enum MHD_Result
on_header(void *arg, enum MHD_ValueKind kind, const char *key, const char *text)
{
	struct request *r = arg;

	(void)kind;
	vec_push(r->a, &r->headers,
	    ((struct http_pair){ arena_strdup(r->a, key),
		arena_strdup(r->a, text != NULL ? text : "") }));
	return MHD_YES;
}

/* Its head is there: what must not go on is answered before its body. */
static enum MHD_Result
request_begin(struct http_request *hr, const char *method)
{
	struct answer an = ANSWER_INIT;

	hr->is_seen = true;
	hr->r.method = arena_strdup(hr->r.a, method);
	MHD_get_connection_values(hr->c, MHD_HEADER_KIND, on_header, &hr->r);
	if (guard_check(&hr->r, &an))
		return MHD_YES;
	http_answer(&hr->r, &an);
	return response_send(hr);
}

static enum MHD_Result
request_body(struct http_request *hr, const char *p, size_t *n)
{
	hr->body_total += *n;
	if (hr->body_total <= BODY_MAX)
		sb_add(&hr->r.body, p, *n);
	else
		hr->is_too_large = true;
	*n = 0;
	return hr->body_total <= DRAIN_MAX ? MHD_YES : MHD_NO;
}

/* From the library's thread to the loop's. */
static void
request_hand_over(struct http_request *hr)
{
	struct http *h = hr->h;

	http_lock(h);
	hr->is_suspended = true;
	MHD_suspend_connection(hr->c);
	*h->given_end = hr;
	h->given_end = &hr->next_given;
	http_unlock(h);
	while (write(h->given_fd[1], "", 1) < 0 && errno == EINTR)
		;
}

static void
on_given(void *arg, int fd)
{
	struct http *h = arg;
	struct http_request *hr, *next;
	char block[256];

	while (read(fd, block, sizeof(block)) > 0)
		;
	http_lock(h);
	hr = h->given;
	h->given = NULL;
	h->given_end = &h->given;
	http_unlock(h);
	for (; hr != NULL; hr = next) {
		next = hr->next_given;
		router_take(&hr->r);
	}
}

/* All of it is there. */
static enum MHD_Result
request_give(struct http_request *hr)
{
	hr->is_given = true;
	connection_is_served(hr);
	if (hr->is_too_large) {
		struct answer an = ANSWER_INIT;

		answer_problem(
		    &hr->r, &an, 413, "the body has more than 1 MiB");
		http_answer(&hr->r, &an);
		return response_send(hr);
	}
	if (HAS_THREAD) {
		request_hand_over(hr);
		return MHD_YES;
	}
	router_take(&hr->r);
	if (hr->response != NULL)
		return response_send(hr);
	hr->is_suspended = true;
	MHD_suspend_connection(hr->c);
	return MHD_YES;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *body, size_t *body_n,
    void **context)
{
	struct http_request *hr = *context;

	(void)arg;
	(void)c;
	(void)url;
	(void)version;
	if (!hr->is_seen)
		return request_begin(hr, method);
	if (*body_n > 0)
		return request_body(hr, body, body_n);
	if (hr->response != NULL)
		return response_send(hr);
	return hr->is_given ? MHD_YES : request_give(hr);
}

static void
on_completed(void *arg, struct MHD_Connection *mc, void **context,
    enum MHD_RequestTerminationCode why)
{
	struct http *h = arg;
	struct http_request *hr = *context;
	struct connection *c = connection_of(mc);

	(void)why;
	if (hr == NULL)
		return;
	*context = NULL;
	http_lock(h);
	list_remove(hr);
	if (c != NULL) {
		c->is_answered = false;
		c->stream = NULL;
		c->since_ns = clock_mono_ns();
	}
	http_unlock(h);
	if (hr->response != NULL)
		MHD_destroy_response(hr->response);
	sb_free(&hr->r.body);
	arena_free(hr->r.a);
	free(hr);
}

/* ---- the library and the loop ---- */

/* Lets the library do what there is to do, and notes when it has more. */
static void
http_run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(h->daemon);
	if (h->is_due)
		return;
	loop_timer_stop(h->s->l, &h->due);
	if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
		h->due = loop_timer(h->s->l,
		    ms > 1000 ? NS_PER_S : (int64_t)ms * NS_PER_MS, on_http_due,
		    h);
}

static void
on_http_due(void *arg)
{
	struct http *h = arg;

	h->due = NULL;
	h->is_due = false;
	http_run(h);
}

static void
on_http_ready(void *arg, int fd)
{
	(void)fd;
	http_run(arg);
}

/* Addresses are decoded by guard.h, which refuses what would be cut short. */
static size_t
on_unescape(void *arg, struct MHD_Connection *c, char *text)
{
	(void)arg;
	(void)c;
	return strlen(text);
}

static struct MHD_Daemon *
http_daemon(struct http *h, unsigned flags)
{
	return MHD_start_daemon(flags | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
	    on_request, h, MHD_OPTION_LISTEN_SOCKET, h->s->listen.fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP,
	    1, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, connection_notify, h, MHD_OPTION_END);
}

/* The library's epoll descriptor is one of the loop's. */
static bool
http_open_on_loop(struct http *h)
{
	const union MHD_DaemonInfo *info;

	h->daemon = http_daemon(h, MHD_USE_EPOLL);
	if (h->daemon == NULL)
		return false;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->epoll_fd = info->epoll_fd;
	loop_watch(h->s->l, h->epoll_fd, on_http_ready, h);
	http_run(h);
	return true;
}

static bool
http_open_beside_loop(struct http *h)
{
	if (pipe(h->given_fd) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		fcntl(h->given_fd[i], F_SETFD, FD_CLOEXEC);
		fcntl(h->given_fd[i], F_SETFL, O_NONBLOCK);
	}
	loop_watch(h->s->l, h->given_fd[0], on_given, h);
	h->daemon =
	    http_daemon(h, MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO);
	return h->daemon != NULL;
}

bool
http_start(struct server *s, struct err *e)
{
	struct http *h = xcalloc(1, sizeof(*h));
	pthread_mutexattr_t again;

	*h = (struct http){ .s = s, .epoll_fd = -1, .given_fd = { -1, -1 } };
	h->given_end = &h->given;
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&h->lock, &again);
	pthread_mutexattr_destroy(&again);
	s->http = h;
	if (HAS_THREAD ? !http_open_beside_loop(h) : !http_open_on_loop(h))
		return err_set(e, ERR_GENERIC,
		    "prun: the server did not start: %s", errno_text(errno));
	h->sweep = loop_timer(s->l, SWEEP_S * NS_PER_S, connections_sweep, h);
	return true;
}

/* The library does not end before all who wait have got something. */
static void
requests_refuse(struct http *h)
{
	for (struct http_request *hr = h->requests, *next; hr != NULL;
	     hr = next) {
		struct answer an = ANSWER_INIT;

		next = hr->next;
		if (!hr->is_suspended)
			continue;
		answer_problem(&hr->r, &an, 503, "the server is ending");
		http_answer(&hr->r, &an);
	}
}

void
http_stop(struct server *s)
{
	struct http *h = s->http;

	if (h == NULL)
		return;
	loop_timer_stop(s->l, &h->sweep);
	loop_timer_stop(s->l, &h->due);
	if (h->epoll_fd >= 0)
		loop_unwatch(s->l, h->epoll_fd);
	if (h->given_fd[0] >= 0)
		loop_unwatch(s->l, h->given_fd[0]);
	http_lock(h);
	h->is_stopping = true;
	requests_refuse(h);
	for (struct http_stream *st = h->streams; st != NULL; st = st->next)
		http_stream_wake(st);
	http_unlock(h);
	if (h->daemon != NULL)
		MHD_stop_daemon(h->daemon);
	pthread_mutex_destroy(&h->lock);
	free(h);
	s->http = NULL;
}

struct http_counts
http_counts(struct http *h)
{
	struct http_counts n;

	http_lock(h);
	n = h->n;
	http_unlock(h);
	return n;
}
