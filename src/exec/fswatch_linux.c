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

struct dir_watch {
	char *dir;
	int wd; /* -1: the directory is gone */
	/* Another path of the same directory, or one that it had. */
	struct dir_watch *same;
};

struct fswatch {
	struct loop *l;
	struct arena *a;
	struct map *dirs; /* path → struct dir_watch * */
	struct map *wds;  /* bytes of a wd → struct dir_watch *, a list */
	int fd;           /* -1: there are too many; error says so */
	int error;
	fswatch_fn *fn;
	void *ctx;
};

static sv
wd_key(const int *wd)
{
	return (sv){ (const char *)wd, sizeof(*wd) };
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
tell_one(struct fswatch *fw, const struct dir_watch *w,
    const struct inotify_event *ev)
{
	struct sb path cleanup_sb = SB_INIT;

	sb_adds(&path, w->dir);
	if (path.n > 0 && path.p[path.n - 1] != '/')
		sb_adds(&path, "/");
	sb_adds(&path, watched_name(w, ev));
	fw->fn(fw->ctx, sb_cstr(&path), what_happened(ev->mask));
}

/* No more events have this number. */
static void
forget_wd(struct fswatch *fw, int wd)
{
	for (struct dir_watch *w = map_get(fw->wds, wd_key(&wd)); w != NULL;
	     w = w->same)
		w->wd = -1;
	map_del(fw->wds, wd_key(&wd));
}

static void
watcher_tell(struct fswatch *fw, const struct inotify_event *ev)
{
	struct dir_watch *next, *w = map_get(fw->wds, wd_key(&ev->wd));

	if (ev->mask & IN_IGNORED)
		forget_wd(fw, ev->wd);
	else if (ev->mask & EVENTS)
		for (; w != NULL; w = next) {
			next = w->same;
			tell_one(fw, w, ev);
		}
}

static void
on_inotify(void *ctx, int fd)
{
	struct fswatch *fw = ctx;
	union {
		struct inotify_event align;
		char bytes[8192];
	} buf;
	ssize_t n;

	while ((n = read(fd, buf.bytes, sizeof(buf))) > 0) {
		const struct inotify_event *ev;

		loop_happened(fw->l);
		for (const char *p = buf.bytes; p < buf.bytes + n;
		     p += sizeof(*ev) + ev->len) {
			ev = (const void *)p;
			watcher_tell(fw, ev);
		}
	}
}

struct fswatch *
fswatch_new(struct loop *l, fswatch_fn *fn, void *ctx)
{
	struct fswatch *fw = xcalloc(1, sizeof(*fw));

	fw->l = l;
	fw->a = arena_new();
	fw->dirs = map_new(fw->a);
	fw->wds = map_new(fw->a);
	fw->fn = fn;
	fw->ctx = ctx;
	fw->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	fw->error = errno;
	if (fw->fd >= 0)
		loop_watch(l, fw->fd, on_inotify, fw);
	return fw;
}

/* Its path leads elsewhere now.  The kernel's watch stays, for another path
 * that it may have; nobody is told of it by this one. */
static void
unlink_watch(struct fswatch *fw, struct dir_watch *w)
{
	struct dir_watch *first = map_get(fw->wds, wd_key(&w->wd));
	struct dir_watch **at = &first;

	if (w->wd < 0)
		return;
	while (*at != NULL && *at != w)
		at = &(*at)->same;
	if (*at != NULL)
		*at = w->same;
	if (first != NULL)
		map_put(fw->wds, wd_key(&w->wd), first);
	else if (map_del(fw->wds, wd_key(&w->wd)))
		inotify_rm_watch(fw->fd, w->wd);
}

static struct dir_watch *
watch_of(struct fswatch *fw, const char *dir)
{
	struct dir_watch *w = map_get(fw->dirs, sv_of(dir));

	if (w != NULL)
		return w;
	w = arena_new_of(fw->a, struct dir_watch);
	w->dir = arena_strdup(fw->a, dir);
	w->wd = -1;
	map_put(fw->dirs, sv_of(dir), w);
	return w;
}

bool
fswatch_add(struct fswatch *fw, const char *dir, bool *is_new, struct err *e)
{
	struct dir_watch *w;
	int wd;

	*is_new = false;
	if (fw->fd < 0)
		return err_sys(e, fw->error, "watch %s", dir);
	wd = inotify_add_watch(fw->fd, dir, EVENTS);
	if (wd < 0)
		return err_sys(e, errno, "watch %s", dir);
	w = watch_of(fw, dir);
	if (w->wd == wd)
		return true;
	unlink_watch(fw, w);
	w->wd = wd;
	w->same = map_get(fw->wds, wd_key(&wd));
	map_put(fw->wds, wd_key(&wd), w);
	*is_new = true;
	return true;
}

void
fswatch_free(struct fswatch *fw)
{
	if (fw == NULL)
		return;
	if (fw->fd >= 0) {
		loop_unwatch(fw->l, fw->fd);
		close(fw->fd);
	}
	arena_free(fw->a);
	free(fw);
}
