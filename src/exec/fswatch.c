/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/fswatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/map.h"
#include "exec/loop_uv.h"

struct dir_watch {
	uv_fs_event_t uv;
	struct fswatch *owner; /* NULL: given up, its handle is closing */
	char *dir;
	dev_t dev;
	ino_t ino;
};

struct fswatch {
	struct loop *l;
	struct arena *a;
	struct map *dirs; /* path → struct dir_watch * */
	fswatch_fn *fn;
	void *ctx;
};

struct fswatch *
fswatch_new(struct loop *l, fswatch_fn *fn, void *ctx)
{
	struct fswatch *fw = xcalloc(1, sizeof(*fw));

	fw->l = l;
	fw->a = arena_new();
	fw->dirs = map_new(fw->a);
	fw->fn = fn;
	fw->ctx = ctx;
	loop_uv(l);
	return fw;
}

static void
happened(uv_fs_event_t *uv, const char *name, int events, int status)
{
	struct dir_watch *w = uv->data;
	struct sb path cleanup_sb = SB_INIT;

	if (w->owner == NULL || status != 0 || name == NULL)
		return;
	sb_adds(&path, w->dir);
	if (path.n > 0 && path.p[path.n - 1] != '/')
		sb_adds(&path, "/");
	sb_adds(&path, name);
	loop_happened(w->owner->l);
	w->owner->fn(w->owner->ctx, sb_cstr(&path),
	    events & UV_RENAME ? FSWATCH_ENTRY : FSWATCH_CHANGED);
}

static void
closed(uv_handle_t *handle)
{
	struct dir_watch *w = handle->data;

	free(w->dir);
	free(w);
}

static void
give_up(struct dir_watch *w)
{
	w->owner = NULL;
	uv_close((uv_handle_t *)&w->uv, closed);
}

bool
fswatch_add(struct fswatch *fw, const char *dir, bool *is_new, struct err *e)
{
	struct dir_watch *w = map_get(fw->dirs, sv_of(dir));
	struct stat st;
	int error;

	*is_new = false;
	if (stat(dir, &st) != 0)
		return err_sys(e, errno, "watch %s", dir);
	if (w != NULL && w->dev == st.st_dev && w->ino == st.st_ino)
		return true;
	if (w != NULL)
		give_up(w);
	map_del(fw->dirs, sv_of(dir));
	w = xcalloc(1, sizeof(*w));
	w->owner = fw;
	w->dir = xstrndup(dir, strlen(dir));
	w->dev = st.st_dev;
	w->ino = st.st_ino;
	uv_fs_event_init(loop_uv(fw->l), &w->uv);
	w->uv.data = w;
	error = uv_fs_event_start(&w->uv, happened, dir, 0);
	if (error != 0) {
		give_up(w);
		return err_sys(e, -error, "watch %s", dir);
	}
	map_put(fw->dirs, sv_of(dir), w);
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
		give_up(m->value);
	arena_free(fw->a);
	free(fw);
}
