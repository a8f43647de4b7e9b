/* SPDX-License-Identifier: MIT */
/* By inotify itself: libuv does not ask when a file that was written is
 * closed. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/fswatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/map.h"
#include "exec/loop_uv.h"

#define PLACED  (IN_MOVED_TO)
#define ENTRIES (IN_CREATE | IN_DELETE | IN_MOVED_FROM)
#define ITSELF  (IN_DELETE_SELF | IN_MOVE_SELF)
#define CHANGES (IN_MODIFY | IN_ATTRIB)
#define EVENTS  (PLACED | ENTRIES | ITSELF | CHANGES | IN_CLOSE_WRITE)

enum {
	BUCKETS = 256
};

struct dir_watch {
	struct fswatch *owner;
	char *dir;
	int wd; /* -1: the directory is gone */
	struct dir_watch *next; /* in its bucket */
	uint64_t told;          /* the last event */
};

/* One descriptor for all that watch on a loop: a user has few of them.  Several
 * paths of a directory have the same number. */
struct inotify {
	struct dir_watch *by_wd[BUCKETS];
	int fd; /* -1: there are too many; error says so */
	int error;
	size_t users;
	bool is_telling;
	uint64_t events;
};

struct fswatch {
	struct loop *l;
	struct inotify *in;
	struct arena *a;
	struct map *dirs; /* path → struct dir_watch * */
	fswatch_fn *fn;
	void *ctx;
};

static struct dir_watch **
watches_of(struct inotify *in, int wd)
{
	return &in->by_wd[(unsigned)wd % BUCKETS];
}

static enum fswatch_event
what_happened(uint32_t mask)
{
	if (mask & PLACED)
		return FSWATCH_PLACED;
	if (mask & (ENTRIES | ITSELF))
		return FSWATCH_ENTRY;
	return mask & CHANGES ? FSWATCH_CHANGED : FSWATCH_CLOSED;
}

/* Of the directory itself: as of a name in it, its own. */
static const char *
watched_name(const struct dir_watch *w, const struct inotify_event *ev)
{
	const char *slash = strrchr(w->dir, '/');

	if (ev->len > 0)
		return ev->name;
	return slash != NULL ? slash + 1 : w->dir;
}

static void
inotify_tell_one(struct dir_watch *w, const struct inotify_event *ev)
{
	struct sb path cleanup_sb = SB_INIT;

	sb_adds(&path, w->dir);
	if (path.n > 0 && path.p[path.n - 1] != '/')
		sb_adds(&path, "/");
	sb_adds(&path, watched_name(w, ev));
	w->owner->fn(w->owner->ctx, sb_cstr(&path), what_happened(ev->mask));
}

/* Who is told may add watches and give some up, also of others. */
static void
inotify_tell_all(struct inotify *in, const struct inotify_event *ev)
{
	struct dir_watch *w;

	in->events++;
	do {
		w = *watches_of(in, ev->wd);
		while (w != NULL && (w->wd != ev->wd || w->told == in->events))
			w = w->next;
		if (w != NULL) {
			w->told = in->events;
			inotify_tell_one(w, ev);
		}
	} while (w != NULL);
}

/* No more events have this number. */
static void
forget_wd(struct inotify *in, int wd)
{
	struct dir_watch **at = watches_of(in, wd), *w;

	while ((w = *at) != NULL) {
		if (w->wd != wd) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->wd = -1;
	}
}

static void
inotify_free(struct inotify *in)
{
	if (in->fd >= 0)
		close(in->fd);
	free(in);
}

static void
on_inotify(void *ctx, int fd)
{
	struct inotify *in = ctx;
	union {
		struct inotify_event align;
		char bytes[8192];
	} buf;
	ssize_t n;

	in->is_telling = true;
	while (in->users > 0 && (n = read(fd, buf.bytes, sizeof(buf))) > 0) {
		const struct inotify_event *ev;

		for (const char *p = buf.bytes; p < buf.bytes + n;
		     p += sizeof(*ev) + ev->len) {
			ev = (const void *)p;
			if (ev->mask & IN_IGNORED)
				forget_wd(in, ev->wd);
			else if (ev->mask & EVENTS)
				inotify_tell_all(in, ev);
		}
	}
	in->is_telling = false;
	if (in->users == 0)
		inotify_free(in);
}

/* The loop's; made with its first user. */
static struct inotify *
inotify_take(struct loop *l)
{
	void **kept = loop_files(l);
	struct inotify *in = *kept;

	if (in == NULL) {
		in = xcalloc(1, sizeof(*in));
		in->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
		in->error = errno;
		if (in->fd >= 0)
			loop_watch(l, in->fd, on_inotify, in);
		*kept = in;
	}
	in->users++;
	return in;
}

static void
inotify_give_back(struct loop *l, struct inotify *in)
{
	if (--in->users > 0)
		return;
	*loop_files(l) = NULL;
	if (in->fd >= 0)
		loop_unwatch(l, in->fd);
	if (!in->is_telling)
		inotify_free(in);
}

struct fswatch *
fswatch_new(struct loop *l, fswatch_fn *fn, void *ctx)
{
	struct fswatch *fw = xcalloc(1, sizeof(*fw));

	fw->l = l;
	fw->in = inotify_take(l);
	fw->a = arena_new();
	fw->dirs = map_new(fw->a);
	fw->fn = fn;
	fw->ctx = ctx;
	return fw;
}

/* Its path leads elsewhere now, or nobody is to be told any more. */
static void
unlink_watch(struct inotify *in, struct dir_watch *w)
{
	struct dir_watch **at = watches_of(in, w->wd);
	bool is_last = true;

	if (w->wd < 0)
		return;
	while (*at != NULL)
		if (*at == w) {
			*at = w->next;
		} else {
			is_last &= (*at)->wd != w->wd;
			at = &(*at)->next;
		}
	if (is_last)
		inotify_rm_watch(in->fd, w->wd);
	w->wd = -1;
}

static struct dir_watch *
watch_of(struct fswatch *fw, const char *dir)
{
	struct dir_watch *w = map_get(fw->dirs, sv_of(dir));

	if (w != NULL)
		return w;
	w = arena_new_of(fw->a, struct dir_watch);
	w->owner = fw;
	w->dir = arena_strdup(fw->a, dir);
	w->wd = -1;
	map_put(fw->dirs, sv_of(dir), w);
	return w;
}

bool
fswatch_add(struct fswatch *fw, const char *dir, bool *is_new, struct err *e)
{
	struct inotify *in = fw->in;
	struct dir_watch *w;
	int wd;

	*is_new = false;
	if (in->fd < 0)
		return err_sys(e, in->error, "watch %s", dir);
	wd = inotify_add_watch(in->fd, dir, EVENTS);
	if (wd < 0)
		return err_sys(e, errno, "watch %s", dir);
	w = watch_of(fw, dir);
	if (w->wd == wd)
		return true;
	unlink_watch(in, w);
	w->wd = wd;
	w->next = *watches_of(in, wd);
	*watches_of(in, wd) = w;
	*is_new = true;
	return true;
}

void
fswatch_free(struct fswatch *fw)
{
	const struct map_entry *m;

	if (fw == NULL)
		return;
	map_each(fw->dirs, m)
		unlink_watch(fw->in, m->value);
	inotify_give_back(fw->l, fw->in);
	arena_free(fw->a);
	free(fw);
}
