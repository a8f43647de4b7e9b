/* SPDX-License-Identifier: MIT */
#include "store/state.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/host.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/owner.h"
#include "base/path.h"
#include "go/date.h"

#define MAX_NAME 80
#define SESSION_NAME "session" /* the id of the session of a run */
/* How long a run that was left is kept beyond others, so that it can be asked
 * how it ended. */
#define AWAITED_NS (3600 * NS_PER_S)

static bool
is_state_given(const char *s)
{
	return s != NULL && *s != '\0';
}

struct state_env
state_env_of_process(void)
{
	return (struct state_env){ getenv("HOME"), getenv("XDG_STATE_HOME"),
		getenv("XDG_CACHE_HOME"), getenv("XDG_RUNTIME_DIR") };
}

char *
state_file_name(struct arena *a, const char *text)
{
	size_t n = strlen(text);
	char *out;

	if (n > MAX_NAME)
		n = MAX_NAME;
	out = arena_strndup(a, text, n);
	for (char *p = out; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			*p = '-';
	if (*out == '.')
		*out = '_';
	return *out == '\0' ? arena_strdup(a, "_") : out;
}

/* ---- folders ---- */

/* The folder's own name to be recognised, a hash of its path to be unique. */
char *
state_key(struct arena *a, const char *root)
{
	char *name = state_file_name(a, path_base(a, sv_of(root)));
	char *real = realpath(root, NULL);
	uint64_t hash = hash64(sv_of(real ? real : root));

	free(real);
	return arena_printf(a, "%.40s-%016" PRIx64, name, hash);
}

/* An XDG folder; the specification ignores relative ones. */
static char *
xdg_dir(struct arena *a, const char *xdg, const char *home,
    const char *fallback)
{
	if (is_state_given(xdg) && *xdg == '/')
		return arena_printf(a, "%s/prun", xdg);
	if (is_state_given(home) && *home == '/')
		return arena_printf(a, "%s/%s/prun", home, fallback);
	return NULL;
}

void
state_init(struct arena *a, const struct state_options *o, struct state *out)
{
	const char *root = path_clean(a, sv_of(o->root_dir));
	const char *key = state_key(a, root);
	const struct state_env *env = &o->env;
	char *state = xdg_dir(a, env->xdg_state_home, env->home, ".local/state");
	char *cache = xdg_dir(a, env->xdg_cache_home, env->home, ".cache");

	out->root = root;
	if (is_state_given(o->dir)) {
		state = path_resolve(a, sv_of(root), sv_of(o->dir));
		cache = NULL;
	}
	out->dir = state ? arena_printf(a, "%s/%s", state, key) :
			   arena_printf(a, "%s/.task/prun", root);
	out->cache = state && cache ? arena_printf(a, "%s/%s", cache, key) :
				      arena_printf(a, "%s/cache", out->dir);
	out->runs_apart = is_state_given(o->logs);
	out->runs = out->runs_apart
			? path_resolve(a, sv_of(root), sv_of(o->logs))
			: arena_printf(a, "%s/runs", out->dir);
}

char *
state_path(struct arena *a, const struct state *s, const char *name)
{
	return arena_printf(a, "%s/%s", s->dir, name);
}

/* What is written below somebody else's folder ends where they like. */
static bool
own_folder(const char *path, struct err *e)
{
	if (!mkdir_all(path, 0700, e))
		return false;
	return dir_is_ours(path) ||
	       err_set(e, ERR_GENERIC, "%s belongs to another user", path);
}

bool
state_make(const struct state *s, struct err *e)
{
	/* Logs may hold anything: they are nobody else's. */
	return own_folder(s->dir, e);
}

/* ---- run ids ---- */

char *
run_id_text(struct arena *a, int64_t now_ns)
{
	int64_t sec = now_ns / NS_PER_S, year;
	int of_day = (int)(sec % 86400), month, day;

	/* gmtime_r() reads the file of the local zone first */
	civil_from_days(sec / 86400, &year, &month, &day);
	return arena_printf(a, "%04d%02d%02d-%02d%02d%02d-%06d", (int)year,
	    month, day, of_day / 3600, of_day / 60 % 60, of_day % 60,
	    (int)(now_ns % NS_PER_S / 1000));
}

/* Digits and dashes at the right places? */
static bool
is_run_id(const char *s)
{
	static const char shape[] = "00000000-000000-000000";

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] == '0' ? !isdigit((unsigned char)s[i]) :
				      s[i] != shape[i])
			return false;
	return true;
}

/* The word in it is no size yet; a disk that is full is noticed here, before
 * anything is logged. */
static bool
lock_run(struct arena *a, struct run_dir *r, struct err *e)
{
	char *path = arena_printf(a, "%s/" RUN_LOCK_NAME, r->path), *word;

	r->lock_fd = lock_open(path, LOCK_FILE_OURS, 0600);
	if (r->lock_fd < 0)
		return err_sys(e, errno, "open %s", path);
	/* nobody else knows the folder yet; without locks the word tells that
	 * the run is live */
	r->is_unlocked =
	    lock_try(r->lock_fd, LOCK_KIND_ALONE) == LOCK_UNSUPPORTED;
	word = arena_printf(a, RUN_LOCK_LIVE "%ld\n", (long)getpid());
	if (!write_all(r->lock_fd, word, strlen(word)))
		return err_sys(e, errno, "write %s", path);
	return true;
}

/* What is made in somebody's work tree is nothing to commit. */
static void
hide_from_git(struct arena *a, const struct state *s)
{
	int fd cleanup_close = open(arena_printf(a, "%s/.gitignore", s->runs),
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0)
		write_all(fd, "*\n", 2);
}

bool
run_dir_new(struct arena *a, const struct state *s, int64_t now_ns,
    struct run_dir *out, struct err *e)
{
	*out = (struct run_dir)RUN_DIR_INIT;
	out->id = run_id_text(a, now_ns);
	if (!state_make(s, e) || !own_folder(s->runs, e))
		return false;
	if (s->runs_apart)
		hide_from_git(a, s);
	for (;; now_ns += 1000) {
		out->id = run_id_text(a, now_ns);
		out->path = arena_printf(a, "%s/%s", s->runs, out->id);
		if (mkdir(out->path, 0700) == 0)
			break;
		if (errno != EEXIST) {
			err_sys(e, errno, "mkdir %s", out->path);
			out->path = "";
			return false;
		}
	}
	out->events = arena_printf(a, "%s/events.jsonl", out->path);
	return lock_run(a, out, e);
}

/* Bytes of all files below a folder, links not followed. */
static uint64_t
tree_size(struct arena *a, const char *dir)
{
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;
	uint64_t sum = 0;
	struct stat st;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(d), entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			sum += tree_size(a, arena_printf(a, "%s/%s", dir,
						entry->d_name));
		else
			sum += (uint64_t)st.st_size;
	}
	return sum;
}

/* The lock's file then holds the size of the run, so that the runs after it
 * need not look at each of its logs. */
void
run_dir_close(struct run_dir *r)
{
	struct arena *a cleanup_arena = arena_new();

	if (r->lock_fd < 0)
		return;
	/* the text that is there now is no part of it */
	if (lock_sign(r->lock_fd, SV(""))) {
		r->size = tree_size(a, r->path);
		(void)lock_sign(r->lock_fd,
		    sv_of(arena_printf(a, "%" PRIu64 "\n", r->size)));
	}
	close(r->lock_fd);
	r->lock_fd = -1;
}

bool
run_dir_is_heavy(const struct run_dir *r, uint64_t max_size)
{
	size_t n = strlen(r->id);

	return r->size >= max_size / 64 || n == 0 ||
	       (r->id[n - 1] - '0') % 5 == 0;
}

char *
run_log_name(struct arena *a, unsigned number, const char *task_name)
{
	static const char *const zeros[] = { "", "0", "00", "000" };
	struct sb digits cleanup_sb = SB_INIT;

	sb_uint(&digits, number);
	return arena_concat(a, "logs/", digits.n < 4 ? zeros[4 - digits.n] : "",
	    sb_cstr(&digits), "-", state_file_name(a, task_name), ".log", NULL);
}

char *
run_log_path(struct arena *a, const struct run_dir *r, unsigned number,
    const char *task_name)
{
	struct err e cleanup_err = ERR_INIT;

	mkdir_all(arena_printf(a, "%s/logs", r->path), 0700, &e);
	return arena_printf(
	    a, "%s/%s", r->path, run_log_name(a, number, task_name));
}

/* ---- looking ---- */

static int
state_newest_first(const void *x, const void *y)
{
	return strcmp(*(const char *const *)y, *(const char *const *)x);
}

void
state_runs(struct arena *a, const struct state *s, state_names *out)
{
	DIR *d cleanup_dir = opendir(s->runs);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (is_run_id(entry->d_name))
			vec_push(a, out, arena_strdup(a, entry->d_name));
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), state_newest_first);
}

char *
state_run_path(struct arena *a, const struct state *s, const char *id,
    struct err *e)
{
	const char *found = NULL;
	state_names all = { 0 };
	size_t n = 0;

	state_runs(a, s, &all);
	for (size_t i = 0; i < all.n; i++)
		if (*id != '\0' && sv_starts(sv_of(all.v[i]), sv_of(id))) {
			found = all.v[i];
			n++;
		}
	if (n == 1)
		return arena_printf(a, "%s/%s", s->runs, found);
	err_set(e, ERR_GENERIC, n == 0 ? "there is no run %s" :
	    "more than one run begins with %s", quote_go(a, sv_of(id)));
	return NULL;
}

/* Where nothing can be locked: a run that has ended has replaced the word, and
 * of one that was killed there is no process. */
static bool
says_live(struct arena *a, int fd)
{
	const char *text = lock_holder(a, fd);

	return sv_starts(sv_of(text), SV(RUN_LOCK_LIVE)) &&
	       process_is_there(strtol(text + strlen(RUN_LOCK_LIVE), NULL, 10));
}

bool
run_dir_is_live(const char *path)
{
	struct arena *a cleanup_arena = arena_new();
	int fd cleanup_close = lock_open(
	    arena_printf(a, "%s/" RUN_LOCK_NAME, path), LOCK_FILE_LOOK, 0);

	if (fd < 0)
		return false;
	switch (lock_try(fd, LOCK_KIND_SHARED)) {
	case LOCK_BUSY:
		return true;
	case LOCK_TAKEN:
		return false;
	case LOCK_UNSUPPORTED:
		break;
	}
	return says_live(a, fd);
}

bool
state_run_is_live(struct arena *a, const struct state *s, const char *id)
{
	return run_dir_is_live(arena_printf(a, "%s/%s", s->runs, id));
}

/* ---- pruning ---- */

/* As the run has left it; one that is going on or was killed is measured. */
static uint64_t
run_size(struct arena *a, const char *path)
{
	int fd cleanup_close = lock_open(
	    arena_printf(a, "%s/" RUN_LOCK_NAME, path), LOCK_FILE_LOOK, 0);
	const char *text = fd < 0 ? "" : lock_holder(a, fd);
	char *end;
	uint64_t size = strtoumax(text, &end, 10);

	return end > text && *end == '\n' ? size : tree_size(a, path);
}

/* One that was left to itself: is its program still at its end, after the run's?
 */
static bool
is_program_ending(struct arena *a, const char *path)
{
	int fd cleanup_close = lock_open(
	    arena_printf(a, "%s/" RUN_OUTPUT_NAME, path), LOCK_FILE_LOOK, 0);

	return fd >= 0 && lock_try(fd, LOCK_KIND_SHARED) == LOCK_BUSY;
}

/* Or has it ended so lately that whoever left it may still ask? */
static bool
is_left_lately(struct arena *a, const char *path)
{
	struct stat st;

	return stat(arena_printf(a, "%s/" RUN_EXIT_NAME, path), &st) == 0 &&
	       clock_real_ns() - stat_mtime_ns(&st) < AWAITED_NS;
}

void
run_dir_of_session(const struct run_dir *r, const char *session)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;

	write_atomic(arena_printf(a, "%s/" SESSION_NAME, r->path),
	    sv_of(session), 0600, &ignored);
}

/* Is it kept with a session? */
static bool
is_of_session(struct arena *a, const struct state *s, const char *path)
{
	int fd cleanup_close =
	    open_own(arena_printf(a, "%s/" SESSION_NAME, path), O_RDONLY, 0);
	const char *id = fd < 0 ? "" : lock_holder(a, fd);

	return is_run_id(id) &&
	       path_exists(arena_printf(a, "%s/sessions/%s", s->dir, id));
}

void
state_prune(struct arena *a, const struct state *s, size_t keep,
    uint64_t max_size, const char *current)
{
	state_names all = { 0 };
	bool has_sessions = path_exists(arena_printf(a, "%s/sessions", s->dir));
	uint64_t size = 0;
	size_t kept = 0;

	state_runs(a, s, &all);
	for (size_t i = 0; i < all.n; i++) {
		char *path = arena_printf(a, "%s/%s", s->runs, all.v[i]);
		struct err e cleanup_err = ERR_INIT;
		bool too_many, too_big = false;

		if (has_sessions && is_of_session(a, s, path))
			continue;
		too_many = keep > 0 && ++kept > keep;
		if (max_size > 0) {
			size += run_size(a, path);
			too_big = size > max_size;
		}
		if (!too_many && !too_big)
			continue;
		if ((current != NULL && strcmp(all.v[i], current) == 0) ||
		    state_run_is_live(a, s, all.v[i]) || is_program_ending(a, path))
			continue;
		if (too_big || !is_left_lately(a, path))
			remove_all(path, &e);
	}
}
