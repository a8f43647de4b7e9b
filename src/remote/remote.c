/* SPDX-License-Identifier: MIT */
/* C-604 to C-609: the way of one remote file, from the cache or the net. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "go/date.h"
#include "remote/internal.h"

const char *
remote_env(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

void
remote_say(struct remote *r, const char *fmt, ...)
{
	struct sb b cleanup_sb = SB_INIT;
	va_list ap;

	if (r->o->say == NULL)
		return;
	va_start(ap, fmt);
	sb_vprintf(&b, fmt, ap);
	va_end(ap);
	r->o->say(r->o->ctx, sb_cstr(&b));
}

/* M-24; the address named is that of the root (C-614). */
static bool
remote_timed_out(struct remote *r, struct err *e)
{
	const char *root = r->o->root;

	if (source_kind_of(sv_of(root)) != SOURCE_FILE)
		root = source_masked(r->a, source_redacted(r->a, root));
	err_clear(e);
	return err_set(e, ERR_FETCH_TIMEOUT,
	    "task: Network connection timed out after %s while attempting to "
	    "download Taskfile %s",
	    duration_text(r->a, r->o->timeout_ns), quote_go(r->a, sv_of(root)));
}

static bool
verify_pin(struct remote *r, const struct remote_file *f, const char *pin,
    sv text, struct err *e)
{
	const char *sum;

	if (*pin == '\0')
		return true;
	sum = sha256_hex(r->a, text);
	return strcmp(sum, pin) == 0 ||
	       err_set(e, ERR_CHECKSUM,
		   "task: The checksum of the Taskfile at %s does not match!\n"
		   "got: %s\nwant: %s",
		   quote_go(r->a, sv_of(f->shown)), quote_go(r->a, sv_of(sum)),
		   quote_go(r->a, sv_of(pin)));
}

/* How long the user thinks is no time of the network's. */
static bool
remote_ask(struct remote *r, const char *question)
{
	int64_t before = clock_mono_ns(), spent;
	bool yes = r->o->ask(r->o->ctx, question);

	spent = clock_mono_ns() - before;
	r->deadline_ns += spent;
	flights_give_time(r, spent);
	return yes;
}

/* The first use, and that of a changed file, needs a yes (C-607). */
static bool
may_use(struct remote *r, const struct remote_file *f, const char *sum, sv from,
    struct err *e)
{
	const struct remote_claim claim = { .shown = f->shown,
		.host = f->at.url.host,
		.from = from,
		.known = remote_cache_checksum(r, f),
		.sum = sum };
	const char *question =
	    remote_question(r->a, r->o->trusted_hosts, &claim);

	if (question == NULL || remote_ask(r, question))
		return true;
	return err_set(e, ERR_NOT_TRUSTED,
	    "task: Taskfile %s not trusted by user%s%s",
	    quote_go(r->a, sv_of(f->shown)),
	    from.n > 0 ? ": it comes from " : "",
	    from.n > 0 ? quote_go(r->a, from) : "");
}

/* ---- one file ---- */

static bool
download(struct remote *r, const struct remote_file *f, const char *pin,
    int64_t now_s, sv *text, struct err *e)
{
	const char *sum;
	sv from = SV("");

	remote_say(r, "downloading remote file: %s", f->shown);
	if (f->at.kind == SOURCE_GIT ? !remote_git_read(r, f, text, &from, e)
				     : !remote_http_read(r, f, text, &from, e))
		return false;
	remote_say(
	    r, "found remote file at %s", quote_go(r->a, sv_of(f->shown)));
	sum = sha256_hex(r->a, *text);
	if (!verify_pin(r, f, pin, *text, e) ||
	    (*pin == '\0' && !may_use(r, f, sum, from, e)))
		return false;
	remote_say(r, "caching %s to %s", quote_go(r->a, sv_of(f->shown)),
	    quote_go(r->a, sv_of(f->cached)));
	return remote_cache_write(r, f, sum, now_s, *text, e);
}

/* C-604: seconds at which the copy stops being valid. */
static int64_t
expires_at(struct remote *r, int64_t made)
{
	return made + r->o->expiry_ns / NS_PER_S;
}

static bool
is_valid(struct remote *r, int64_t made, int64_t now_ns)
{
	int64_t now_s = now_ns / NS_PER_S;

	/* a time before 1970 would not fit into nanoseconds */
	return made >= 0 && made <= now_s &&
	       now_ns - made * NS_PER_S < r->o->expiry_ns;
}

/* What the copy on disk is good for. */
enum copy {
	COPY_NONE,
	COPY_VALID,
	COPY_EXPIRED
};

static enum copy
find_copy(struct remote *r, const struct remote_file *f, int64_t now_ns,
    int64_t *made)
{
	*made = remote_cache_time(r, f);
	if (!path_exists(f->cached))
		return COPY_NONE;
	return is_valid(r, *made, now_ns) ? COPY_VALID : COPY_EXPIRED;
}

static bool
must_download(const struct remote_options *o, enum copy copy)
{
	return !o->offline && (copy != COPY_VALID || o->download);
}

static bool
no_copy(struct remote *r, const struct remote_file *f, const char *why,
    struct err *e)
{
	return err_set(e, ERR_CACHE_MISS,
	    "task: Taskfile %s %s. Remove the --offline flag to use a remote "
	    "copy or download it using the --download flag",
	    quote_go(r->a, sv_of(f->shown)), why);
}

/* Reads it, and says what it is. */
static bool
look_at_copy(struct remote *r, const struct remote_file *f, int64_t now_ns,
    enum copy *copy, sv *text, struct err *e)
{
	const struct remote_options *o = r->o;
	int64_t made;
	bool damaged;

	*copy = find_copy(r, f, now_ns, &made);
	damaged = *copy != COPY_NONE && !remote_cache_read(r, f, text);
	remote_say(r, "checking cache for %s in %s",
	    quote_go(r->a, sv_of(f->shown)), quote_go(r->a, sv_of(f->cached)));
	if (*copy == COPY_NONE) {
		remote_say(r, "no cache found");
		return !o->offline ||
		       no_copy(r, f, "was not found in the cache", e);
	}
	if (damaged) {
		*copy = COPY_NONE;
		remote_say(r, "cache is damaged");
		return !o->offline ||
		       no_copy(r, f, "is damaged in the cache", e);
	}
	if (*copy == COPY_VALID) {
		remote_say(r, "cache found");
		return true;
	}
	remote_say(r, "cache expired at %s",
	    remote_time_text(r->a, expires_at(r, made)));
	if (o->offline)
		remote_say(r, "in offline mode, using expired cache");
	return true;
}

static bool
open_file(
    struct remote *r, const char *address, struct remote_file *f, struct err *e)
{
	if (!source_parse(r->a, address, &f->at, e))
		return false;
	f->location = source_text(r->a, &f->at.url, false);
	f->shown = source_masked(r->a, f->location);
	return remote_cache_paths(r->a, r->o->cache_dir, f, e);
}

/* Several files of one Taskfile come side by side. */
static void
expect_remote(void *ctx, const char *address)
{
	struct remote *r = ctx;
	struct remote_file *f = arena_new_of(r->a, struct remote_file);
	struct err ignored cleanup_err = ERR_INIT;
	int64_t made;

	if (!open_file(r, address, f, &ignored) ||
	    !must_download(r->o, find_copy(r, f, clock_real_ns(), &made)))
		return;
	if (f->at.kind == SOURCE_GIT)
		remote_git_begin(r, f);
	else
		remote_http_begin(r, f);
}

static bool
remote_read(void *ctx, struct arena *a, const char *address, const char *pin,
    sv *text, struct err *e)
{
	struct remote *r = ctx;
	struct remote_file *f = arena_new_of(r->a, struct remote_file);
	int64_t now_ns = clock_real_ns();
	enum copy copy;
	sv cached;

	(void)a; /* what is read lives as long as the Taskfile: in r->a */
	if (!open_file(r, address, f, e) ||
	    !look_at_copy(r, f, now_ns, &copy, &cached, e))
		return false;
	if (must_download(r->o, copy)) {
		if (download(r, f, pin, now_ns / NS_PER_S, text, e))
			return true;
		if (e->code != ERR_FETCH_TIMEOUT)
			return false;
		if (copy == COPY_NONE)
			return remote_timed_out(r, e);
		err_clear(e);
		remote_say(r,
		    "failed to fetch remote file: context deadline "
		    "exceeded: using %scache",
		    copy == COPY_VALID ? "" : "expired ");
	}
	*text = cached;
	return verify_pin(r, f, pin, *text, e);
}

/* C-601, C-618: before the cache is looked at. */
static bool
check_remote(void *ctx, struct arena *a, const char *address, struct err *e)
{
	struct remote *r = ctx;
	struct source_address at;

	if (!source_parse(a, address, &at, e))
		return false;
	if (sv_is(at.url.scheme, "http") && !r->o->insecure)
		return err_set(e, ERR_NOT_SECURE,
		    "task: Taskfile %s cannot be downloaded over an insecure "
		    "connection. You can override this by using the "
		    "--insecure flag",
		    quote_go(a, sv_of(source_masked(
				    a, source_text(a, &at.repo, false)))));
	return at.kind != SOURCE_HTTP || remote_http_check_files(r, e);
}

struct remote *
remote_open(struct arena *a, const struct remote_options *o)
{
	struct remote *r = arena_new_of(a, struct remote);

	r->o = o;
	r->a = a;
	r->ops.check = check_remote;
	r->ops.expect = expect_remote;
	r->ops.read = remote_read;
	r->ops.ctx = r;
	r->deadline_ns = clock_mono_ns() + o->timeout_ns;
	r->by_repo = map_new(a);
	r->by_address = map_new(a);
	return r;
}

const struct remote_ops *
remote_ops(struct remote *r)
{
	return &r->ops;
}

void
remote_close(struct remote *r)
{
	struct err ignored cleanup_err = ERR_INIT;

	flights_stop(r);
	if (r->clones != NULL)
		remove_all(r->clones, &ignored);
}
