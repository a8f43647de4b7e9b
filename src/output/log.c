/* SPDX-License-Identifier: MIT */
/*
 * One log per call, whatever the mode (P-401): what its commands print is in
 * it, with secrets masked, before a mode sees it.  Where nothing is to be
 * masked a job may write into it without passing through prun.
 */
#include "output/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/mask.h"

static bool
has_secrets(const struct output *o)
{
	return secrets_count(o->c.secrets) > 0 || o->c.may_have_secrets;
}

/* What other calls have found out since the last bytes. */
static void
log_learn(const struct output *o, struct call_log *l)
{
	size_t n = secrets_count(o->c.secrets) - l->known;

	for (int i = 0; i < 2 && n > 0; i++)
		mask_learn(l->masks[i],
		    secrets_texts(o->c.secrets) + l->known, n);
	l->known += n;
}

static struct call_out *
call_out_new(struct output *o, struct run_call *call)
{
	struct call_out *co = arena_new_of(o->arena, struct call_out);

	co->call = call;
	co->log.file.fd = -1;
	if (o->c.mode->call_size > 0)
		co->mode = arena_alloc(o->arena, o->c.mode->call_size);
	/* a secret may become known while the log is open */
	for (int i = 0; i < 2 && has_secrets(o); i++)
		co->log.masks[i] = mask_new_empty();
	return co;
}

struct call_out *
call_out_seen(const struct output *o, const struct run_call *call)
{
	return call != NULL && call->id < o->calls.n ? o->calls.v[call->id]
						     : NULL;
}

struct call_out *
call_out(struct output *o, struct run_call *call)
{
	while (o->calls.n <= call->id)
		vec_push(o->arena, &o->calls, NULL);
	if (o->calls.v[call->id] == NULL)
		o->calls.v[call->id] = call_out_new(o, call);
	return o->calls.v[call->id];
}

bool
log_open(struct output *o, struct call_out *co)
{
	struct call_log *l = &co->log;
	char *path;

	if (l->file.fd >= 0)
		return true;
	if (o->c.run_dir == NULL || o->log_errno != 0)
		return false;
	path = run_log_path(
	    o->arena, o->c.run_dir, co->call->id, co->call->task_name);
	l->file.fd = open_own(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	if (l->file.fd >= 0)
		l->path = path;
	else
		o->log_errno = errno;
	return l->file.fd >= 0;
}

static void
write_log(struct output *o, struct call_out *co, sv bytes)
{
	if (bytes.n > 0 && log_open(o, co) &&
	    !spool_add(&co->log.file, bytes) && o->log_errno == 0)
		o->log_errno = errno;
}

void
log_add(struct output *o, struct call_out *co, int stream, sv bytes)
{
	struct sb masked cleanup_sb = SB_INIT;

	if (o->c.run_dir == NULL)
		return;
	if (!log_is_masked(co)) {
		write_log(o, co, bytes);
		return;
	}
	log_learn(o, &co->log);
	mask_add(co->log.masks[stream == 2], bytes, &masked);
	write_log(o, co, sb_sv(&masked));
}

/* ---- what a run below has told late ---- */

/* Writes stars over each of the secret's bytes in what begins at `at`. */
static void
scrub_block(int fd, off_t at, sv block, sv secret)
{
	static const char stars[] = "****************";
	ptrdiff_t i = 0;

	for (; (i = sv_find(block, secret, (size_t)i)) >= 0;
	     i += (ptrdiff_t)secret.n)
		for (size_t n = 0; n < secret.n; n += sizeof(stars) - 1) {
			size_t part = secret.n - n;

			if (part > sizeof(stars) - 1)
				part = sizeof(stars) - 1;
			if (pwrite(fd, stars, part,
				at + (off_t)i + (off_t)n) < 0)
				return;
		}
}

/* A log that began when there were no secrets, and that jobs may write by
 * themselves: what has become known since is starred in the file.  It keeps its
 * size, which others may know already. */
static void
log_scrub(struct output *o, const struct call_log *l)
{
	char block[64 * 1024];
	int fd cleanup_close = open_own(l->path, O_RDWR, 0);

	if (fd < 0)
		return;
	for (size_t k = 0; k < secrets_count(o->c.secrets); k++) {
		sv secret = sv_of(secrets_texts(o->c.secrets)[k]);
		off_t at = 0;
		ssize_t n;

		if (secret.n > sizeof(block))
			continue;
		while ((n = pread(fd, block, sizeof(block), at)) >=
		    (ssize_t)secret.n) {
			scrub_block(fd, at, (sv){ block, (size_t)n }, secret);
			at += n - (ssize_t)secret.n + 1;
		}
	}
}

void
log_end(struct output *o, struct call_out *co)
{
	struct sb masked cleanup_sb = SB_INIT;

	if (o->c.run_dir == NULL)
		return;
	if (!log_is_masked(co)) {
		if (secrets_count(o->c.secrets) > 0 && co->log.path != NULL)
			log_scrub(o, &co->log);
		return;
	}
	log_learn(o, &co->log);
	mask_end(co->log.masks[0], &masked);
	mask_end(co->log.masks[1], &masked);
	write_log(o, co, sb_sv(&masked));
}

void
log_lent(struct output *o, struct call_out *co)
{
	if (co->log.was_lent || !log_open(o, co))
		return;
	co->log.was_lent = true;
	write_log(o, co,
	    sv_of("(it had the terminal: what it wrote there was not kept)\n"));
}

void
log_close(struct call_out *co)
{
	for (int i = 0; i < 2; i++) {
		mask_free(co->log.masks[i]);
		co->log.masks[i] = NULL;
	}
	spool_close(&co->log.file);
}

struct output_log
output_log_of(const struct output *o, const struct run_call *call)
{
	struct call_out *co = call_out_seen(o, call);

	if (co == NULL || co->log.path == NULL)
		return (struct output_log){ NULL, 0, false };
	return (struct output_log){ co->log.path, spool_look(&co->log.file),
		co->log.was_lent };
}

int
output_log_errno(const struct output *o)
{
	return o->log_errno;
}
