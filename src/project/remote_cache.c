/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/remote_cache.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/path.h"
#include "exec/companion.h"
#include "taskfile/source.h"

enum {
	MOST_FAILURES = 3, /* in */
	FAILURES_S = 30,   /* seconds: then it is off for the run */
	LOOKUP_MAX_S = 10,
	PATIENT_S = 600,
	LOOKUP_MIN_MS = 5, /* less is no time to ask in */
	SLACK_MS = 100,    /* for prun-fetch to say that it is too late */
};

struct remote_ask {
	struct remote_cache *r;
	unsigned long id;
	int64_t start_ns;
	bool is_short; /* the call's own time is the bound */
	bool is_ahead; /* nobody waits for it */
	enum remote_answer answer;
	const char *why;
	struct timer *late;
	void (*wake)(void *arg);
	void *arg;
	struct remote_ask *next; /* of those that wait */
};

/* What went wrong so far. */
struct trouble {
	unsigned n;
	const char *why;              /* the first time */
	int64_t at_ns[MOST_FAILURES]; /* the last ones, oldest first */
};

struct remote_cache {
	struct project *p;
	struct loop *l;
	const char *dir, *shown; /* the latter without passwords */
	const char *token;       /* NULL: none */
	bool writes;
	int64_t upload_ns;           /* how long the end waits */
	struct companion *companion; /* NULL: not started yet */
	bool is_off, is_proven; /* given up; it has answered properly */
	unsigned long n_ids;
	struct remote_ask *asks;
	unsigned n_uploads; /* on their way */
	/* what lookups may lose, and up to when it is taken off already */
	int64_t patience_ns, charged_ns;
	int64_t lookup_max_ns;
	struct trouble lookups, uploads;
	unsigned n_dropped; /* uploads */
	const char *off_why;
};

struct remote_cache *
remote_cache_new(struct project *p, struct loop *l, const char *dir)
{
	const char *url = CFG_S(&p->config, cache, url);
	struct remote_cache *r;

	if (*url == '\0' || p->s->offline)
		return NULL;
	r = arena_new_of(p->a, struct remote_cache);
	*r = (struct remote_cache){ .p = p,
		.l = l,
		.dir = dir,
		.shown = source_masked(p->a, url),
		.token = environment_get(p->in->env, "PRUN_CACHE_TOKEN"),
		.lookup_max_ns = LOOKUP_MAX_S * NS_PER_S,
		.writes = CFG_B(&p->config, cache, write),
		.patience_ns = CFG_I(&p->config, cache, timeout),
		.upload_ns = CFG_I(&p->config, cache, upload) };
	if (r->token != NULL && *r->token == '\0')
		r->token = NULL;
	if (r->token != NULL)
		secrets_add(p->in->secrets, sv_of(r->token));
	return r;
}

void
remote_cache_be_patient(struct remote_cache *r)
{
	r->lookup_max_ns = PATIENT_S * NS_PER_S;
	r->patience_ns = INT64_MAX / 2;
}

bool
remote_cache_has_failed(const struct remote_cache *r)
{
	return r->is_off;
}

bool
remote_cache_is_proven(const struct remote_cache *r)
{
	return r->is_proven;
}

/* ---- off ---- */

/* Nothing is asked or sent any more; whoever waits goes on. */
static void
remote_cache_stop(struct remote_cache *r, const char *why)
{
	struct remote_ask *q;

	if (r->is_off)
		return;
	r->is_off = true;
	r->off_why = arena_strdup(r->p->a, why);
	r->n_dropped += r->n_uploads;
	r->n_uploads = 0;
	if (r->companion != NULL)
		companion_listen(r->companion, false);
	while ((q = r->asks) != NULL) {
		r->asks = q->next;
		loop_timer_stop(r->l, &q->late);
		q->answer = REMOTE_MISS;
		q->why = r->off_why;
		q->wake(q->arg);
	}
}

/* true: it was one of several in a short time, which are enough. */
static bool
trouble_add(struct remote_cache *r, struct trouble *t, const char *why)
{
	t->n++;
	if (t->why == NULL)
		t->why = arena_strdup(r->p->a, why);
	for (int i = 1; i < MOST_FAILURES; i++)
		t->at_ns[i - 1] = t->at_ns[i];
	t->at_ns[MOST_FAILURES - 1] = loop_now(r->l);
	return t->n >= MOST_FAILURES &&
	       t->at_ns[MOST_FAILURES - 1] - t->at_ns[0] <=
		   FAILURES_S * NS_PER_S;
}

/* The time from a question to now was lost, as far as it was not for another
 * one that was asked at the same time. */
static void
charge(struct remote_cache *r, const struct remote_ask *q)
{
	int64_t now = loop_now(r->l);
	int64_t from =
	    q->start_ns > r->charged_ns ? q->start_ns : r->charged_ns;

	r->patience_ns -= now - from;
	r->charged_ns = now;
	if (r->patience_ns < LOOKUP_MIN_MS * NS_PER_MS)
		remote_cache_stop(r, "it is too slow");
}

/* ---- answers ---- */

static void __attribute__((format(printf, 2, 3)))
tell_companion(struct remote_cache *r, const char *fmt, ...)
{
	struct sb b cleanup_sb = SB_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(&b, fmt, ap);
	va_end(ap);
	companion_say(r->companion, sb_sv(&b));
}

static void
leave_asks(struct remote_ask *q)
{
	struct remote_ask **at = &q->r->asks;

	while (*at != NULL && *at != q)
		at = &(*at)->next;
	if (*at != NULL)
		*at = q->next;
	companion_listen(q->r->companion, q->r->asks != NULL);
	loop_timer_stop(q->r->l, &q->late);
}

static void
ask_end(struct remote_ask *q, enum remote_answer answer, const char *why,
    bool has_failed)
{
	struct remote_cache *r = q->r;

	leave_asks(q);
	q->answer = answer;
	q->why = arena_strdup(r->p->a, why);
	if (answer == REMOTE_MISS && !q->is_ahead)
		charge(r, q);
	r->is_proven |= !has_failed;
	if (has_failed && !q->is_short && trouble_add(r, &r->lookups, why))
		remote_cache_stop(r, why);
	q->wake(q->arg);
}

/* prun-fetch has not said so itself. */
static void
on_ask_late(void *arg)
{
	struct remote_ask *q = arg;

	q->late = NULL;
	tell_companion(q->r, "drop %lu\n", q->id);
	ask_end(q, REMOTE_MISS, "timed out", !q->is_ahead);
}

static struct remote_ask *
find_ask(struct remote_cache *r, unsigned long id)
{
	struct remote_ask *q = r->asks;

	while (q != NULL && q->id != id)
		q = q->next;
	return q;
}

/* A server that takes nothing may still give: lookups go on. */
static void
upload_answered(struct remote_cache *r, sv what, const char *text)
{
	if (r->n_uploads == 0)
		return;
	r->n_uploads--;
	if (!sv_is(what, "put") && trouble_add(r, &r->uploads, text) &&
	    sv_is(what, "failed"))
		r->writes = false;
}

static void
on_companion_line(void *arg, sv line)
{
	struct remote_cache *r = arg;
	sv id_text, what, rest;
	struct remote_ask *q;
	const char *text;

	sv_cut(line, ' ', &id_text, &rest);
	sv_cut(rest, ' ', &what, &rest);
	text = sv_cstr(r->p->a, rest);
	if (sv_is(what, "off")) {
		remote_cache_stop(r, text);
		return;
	}
	if (sv_is(what, "put") || sv_is(what, "refused")) {
		upload_answered(r, what, text);
		return;
	}
	q = find_ask(r, strtoul(sv_cstr(r->p->a, id_text), NULL, 10));
	if (q != NULL)
		ask_end(q, sv_is(what, "hit") ? REMOTE_HIT : REMOTE_MISS, text,
		    sv_is(what, "failed"));
	else if (sv_is(what, "failed"))
		upload_answered(r, what, text);
}

static void
on_companion_gone(void *arg)
{
	remote_cache_stop(arg, "prun-fetch has ended");
}

/* ---- prun-fetch ---- */

static bool
is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ')
			return false;
	return true;
}

static bool
add_setting(struct sb *b, const char *word, const char *text, struct err *e)
{
	if (*text == '\0')
		return true;
	if (!is_line(text))
		return err_set(e, ERR_GENERIC,
		    "its %s has a control character in it", word);
	sb_printf(b, "%s %s\n", word, text);
	return true;
}

static bool
add_signing(struct remote_cache *r, struct sb *b, struct err *e)
{
	struct project *p = r->p;
	const char *sign = CFG_S(&p->config, cache, sign);
	struct cache_scope scope = { "", "", "" };

	if (*sign != '\0') {
		cache_scope_of(p, &scope);
		sign = path_resolve(p->a, sv_of(p->state.root), sv_of(sign));
	}
	return add_setting(b, "sign", sign, e) &&
	       add_setting(b, "repository", scope.repository, e) &&
	       add_setting(b, "ref", scope.ref, e) &&
	       add_setting(b, "taskfiles", scope.taskfiles, e);
}

static bool
add_token(struct remote_cache *r, struct sb *b, struct err *e)
{
	if (r->token == NULL)
		return true;
	if (!is_line(r->token))
		return err_set(e, ERR_GENERIC,
		    "PRUN_CACHE_TOKEN has a control character in it");
	sb_printf(b, "header Authorization: Bearer %s\n", r->token);
	return true;
}

static bool
write_settings(struct remote_cache *r, struct sb *b, struct err *e)
{
	const struct project *p = r->p;
	const char *url = CFG_S(&p->config, cache, url);
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	if (!add_setting(b, "url", arena_strndup(p->a, url, n), e) ||
	    !add_setting(b, "dir", r->dir, e) ||
	    !add_setting(b, "worker",
		arena_printf(p->a, "prun/" PACKAGE_VERSION " %s/%s", host_os(),
		    host_arch()),
		e) ||
	    !add_setting(b, "cacert", p->s->cacert, e) ||
	    !add_setting(b, "cert", p->s->cert, e) ||
	    !add_setting(b, "key", p->s->cert_key, e))
		return false;
	if (!add_token(r, b, e))
		return false;
	if (p->s->insecure)
		sb_adds(b, "insecure\n");
	sb_printf(b, "max-size %lld\n",
	    (long long)CFG_I(&p->config, cache, max_size));
	return add_signing(r, b, e);
}

static bool
start_companion(struct remote_cache *r, struct err *e)
{
	struct project *p = r->p;
	struct sb b cleanup_sb = SB_INIT;
	const char *told = environment_get(p->in->env, "PRUN_FETCH");
	struct companion_options o = { .word = "cache",
		.env = environment_block(p->in->env),
		.line = on_companion_line,
		.gone = on_companion_gone,
		.arg = r };

	o.program = remote_program(p->a, p->program, told);
	if (o.program == NULL)
		return err_set(e, ERR_GENERIC, "there is no program %s",
		    told != NULL && *told != '\0' ? told : "prun-fetch");
	if (!write_settings(r, &b, e))
		return false;
	r->companion = companion_start(r->l, &o, e);
	if (r->companion == NULL)
		return false;
	sb_addc(&b, '\n');
	companion_say(r->companion, sb_sv(&b));
	return true;
}

/* Is there somebody to ask? */
static bool
remote_is_on(struct remote_cache *r)
{
	struct err e cleanup_err = ERR_INIT;

	if (r->is_off)
		return false;
	if (r->companion == NULL && !start_companion(r, &e))
		remote_cache_stop(r, e.message);
	return !r->is_off;
}

/* ---- asking ---- */

/* How long a question may take; 0: there is no time for it. */
static int64_t
ask_bound(const struct remote_cache *r, double expected_s, bool *is_short)
{
	int64_t bound = r->lookup_max_ns;

	if (r->patience_ns < bound)
		bound = r->patience_ns;
	*is_short = expected_s >= 0 &&
		    expected_s / 2 * NS_PER_S < (double)bound;
	if (*is_short)
		bound = (int64_t)(expected_s / 2 * NS_PER_S);
	return bound < LOOKUP_MIN_MS * NS_PER_MS ? 0 : bound;
}

struct remote_ask *
remote_cache_ask(struct remote_cache *r, const char *key, double expected_s,
    void (*wake)(void *arg), void *arg, const char **why)
{
	struct remote_ask *q;
	bool is_short;
	int64_t bound;

	*why = "";
	if (!remote_is_on(r))
		return NULL;
	bound = ask_bound(r, expected_s, &is_short);
	if (bound == 0) {
		*why = "the work is done sooner than it answers";
		return NULL;
	}
	q = arena_new_of(r->p->a, struct remote_ask);
	*q = (struct remote_ask){ .r = r,
		.id = ++r->n_ids,
		.start_ns = loop_now(r->l),
		.is_short = is_short,
		.wake = wake,
		.arg = arg,
		.next = r->asks };
	r->asks = q;
	companion_listen(r->companion, true);
	tell_companion(
	    r, "get %lu %s %lld\n", q->id, key, (long long)(bound / NS_PER_MS));
	q->late =
	    loop_timer(r->l, bound + SLACK_MS * NS_PER_MS, on_ask_late, q);
	return q;
}

struct remote_ask *
remote_cache_ask_ahead(struct remote_cache *r, const char *key,
    void (*wake)(void *arg), void *arg, const char **why)
{
	struct remote_ask *q = remote_cache_ask(r, key, -1, wake, arg, why);

	if (q != NULL)
		q->is_ahead = true;
	return q;
}

bool
remote_ask_adopt(struct remote_ask *q, double expected_s,
    void (*wake)(void *arg), void *arg)
{
	struct remote_cache *r = q->r;
	int64_t bound = ask_bound(r, expected_s, &q->is_short);

	if (bound == 0) {
		remote_ask_drop(q);
		return false;
	}
	q->is_ahead = false;
	q->start_ns = loop_now(r->l);
	q->wake = wake;
	q->arg = arg;
	loop_timer_stop(r->l, &q->late);
	q->late =
	    loop_timer(r->l, bound + SLACK_MS * NS_PER_MS, on_ask_late, q);
	return true;
}

enum remote_answer
remote_ask_answer(const struct remote_ask *q, const char **why)
{
	*why = q->why;
	return q->answer;
}

void
remote_ask_drop(struct remote_ask *q)
{
	if (q->answer != REMOTE_WAITS)
		return;
	leave_asks(q);
	q->answer = REMOTE_MISS;
	tell_companion(q->r, "drop %lu\n", q->id);
}

void
remote_cache_offer(struct remote_cache *r, const char *key)
{
	if (!r->writes || !remote_is_on(r))
		return;
	r->n_uploads++;
	tell_companion(r, "put %lu %s\n", ++r->n_ids, key);
}

/* ---- the end ---- */

static bool
has_uploaded(void *arg)
{
	const struct remote_cache *r = arg;

	return r->n_uploads == 0;
}

/* One line for all that went wrong. */
static void
tell_trouble(struct remote_cache *r)
{
	struct sb b cleanup_sb = SB_INIT;

	if (r->off_why != NULL)
		sb_printf(&b, "is off for this run: %s", r->off_why);
	else if (r->lookups.n > 0)
		sb_printf(&b, "failed %u time%s: %s", r->lookups.n,
		    r->lookups.n == 1 ? "" : "s", r->lookups.why);
	if (r->uploads.n > 0)
		sb_printf(&b, "%stook %u upload%s not: %s",
		    b.n > 0 ? "; it " : "", r->uploads.n,
		    r->uploads.n == 1 ? "" : "s", r->uploads.why);
	if (r->n_dropped > 0)
		sb_printf(&b, "%sdid not get %u upload%s in time",
		    b.n > 0 ? "; it " : "", r->n_dropped,
		    r->n_dropped == 1 ? "" : "s");
	if (b.n > 0)
		term_print(r->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: the cache at %s %s\n", r->shown, sb_cstr(&b));
}

void
remote_cache_free(struct remote_cache *r)
{
	if (r == NULL)
		return;
	while (r->asks != NULL)
		remote_ask_drop(r->asks);
	if (r->n_uploads > 0 && !r->is_off)
		companion_wait(r->companion, has_uploaded, r,
		    clock_mono_ns() + r->upload_ns);
	r->n_dropped += r->n_uploads;
	companion_stop(r->companion);
	tell_trouble(r);
}
