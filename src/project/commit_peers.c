/* SPDX-License-Identifier: MIT */
/*
 * Runs that commit in one repository at the same time (P-605).  Each leaves its
 * snapshot in its folder, whose lock dies with it; they commit one after the
 * other.
 */
#include "config.h"

#include "project/commit_share.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"

#define PEER_FILE "commits"

void
commit_before_text(const struct commit_before *b, struct sb *out)
{
	const char *texts[] = { b->git.top, b->head, b->branch };
	const struct map_entry *m;

	for (size_t i = 0; i < 3; i++)
		sb_add(out, texts[i], strlen(texts[i]) + 1);
	map_each (b->dirty, m)
		sb_add(out, m->key.p, strlen(m->key.p) + 1);
	/* no path is empty */
	sb_addc(out, '\0');
}

/* false at the end. */
static bool
next_text(sv *rest, const char **out)
{
	sv text;

	if (!sv_cut(*rest, '\0', &text, rest))
		*rest = (sv){ "", 0 };
	*out = text.p;
	return text.n > 0;
}

bool
commit_before_next(struct arena *a, sv *text, const char **top,
    const char **head, const char **branch, struct map **dirty)
{
	const char *path;

	*dirty = map_new(a);
	if (!next_text(text, top))
		return false;
	next_text(text, head);
	next_text(text, branch);
	while (next_text(text, &path))
		map_put(*dirty, sv_of(path), *dirty);
	return true;
}

static char *
peer_path(struct arena *a, const char *folder)
{
	return path_join(a, sv_of(folder), SV(PEER_FILE));
}

void
commit_peers_join(
    struct arena *a, const char *folder, const struct commit_before *before)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;

	if (*folder == '\0')
		return;
	commit_before_text(before, &text);
	write_atomic(peer_path(a, folder), sb_sv(&text), 0600, &ignored);
}

void
commit_peers_leave(struct arena *a, const char *folder)
{
	if (*folder != '\0')
		unlink(peer_path(a, folder));
}

int
commit_peers_lock(struct arena *a, const struct state *s,
    void (*say)(void *ctx, const char *text), void *ctx)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	struct err ignored cleanup_err = ERR_INIT;
	int fd;

	if (!state_make(s, &ignored))
		return -1;
	fd = lock_open(state_path(a, s, "commit-lock"), LOCK_FILE_OURS, 0600);
	/* its hooks may take as long as they like */
	for (int i = 0; fd >= 0 && lock_try(fd, LOCK_KIND_ALONE) == LOCK_BUSY;
	     i++) {
		if (i == 50)
			say(ctx, "waiting for the commit of another run");
		nanosleep(&pause, NULL);
	}
	return fd;
}

void
commit_peers_find(struct arena *a, const struct state *s, const char *top,
    const char *own, commit_peer_vec *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *their_top, *head, *branch;
	struct commit_peer peer;
	state_names ids = { 0 };
	sv text;

	state_runs(a, s, &ids);
	for (size_t i = 0; i < ids.n; i++) {
		const char *folder =
		    path_join(a, sv_of(s->runs), sv_of(ids.v[i]));

		peer.id = ids.v[i];
		/* the lock last: to look at that of a run which is just about
		 * to take it would be in its way */
		if (strcmp(peer.id, own) != 0 &&
		    read_file(a, peer_path(a, folder), &text, &ignored) &&
		    run_dir_is_live(folder) &&
		    commit_before_next(
			a, &text, &their_top, &head, &branch, &peer.dirty) &&
		    strcmp(their_top, top) == 0)
			vec_push(a, out, peer);
		err_clear(&ignored);
	}
}

/* ---- whose a file is ---- */

const char *
ownership_keep_out(void *arg, const char *path)
{
	const struct ownership *w = arg;

	if (declared_has(&w->declared, path))
		return NULL;
	for (size_t i = 0; i < w->peers.n; i++)
		if (map_get(w->peers.v[i].dirty, sv_of(path)) == NULL)
			return arena_printf(w->p->a,
			    "it is left to the run %s, which is still at work",
			    w->peers.v[i].id);
	return w->refuses_undeclared ? "no called task declares it" : NULL;
}

void
ownership_read(struct project *p, const char *top, const char *run_id,
    const struct declared_calls *calls, struct ownership *w)
{
	*w = (struct ownership){ .p = p,
		.refuses_undeclared =
		    strcmp(CFG_S(&p->config, commit, undeclared), "refuse") ==
		    0 };
	declared_read(p->a, top, calls, &w->declared);
	commit_peers_find(p->a, &p->state, top, run_id, &w->peers);
}

char *
ownership_undeclared(
    const struct ownership *w, const struct commit_outcome *out)
{
	enum {
		NAMED = 20
	};
	struct sb b cleanup_sb = SB_INIT;
	size_t n = 0;

	for (size_t i = 0; i < out->committed.n; i++) {
		if (declared_has(&w->declared, out->committed.v[i]))
			continue;
		if (n++ < NAMED)
			sb_printf(&b, "%s%s",
			    n == 1 ? "; no called task declares " : ", ",
			    out->committed.v[i]);
	}
	if (n > NAMED)
		sb_printf(&b, " and %zu more", n - NAMED);
	return (char *)sb_take(&b, w->p->a).p;
}
