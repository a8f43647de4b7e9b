/* SPDX-License-Identifier: MIT */
/*
 * C-640: files of git repositories, cloned once per run by the git program.
 * The clones of a run lie in a folder of their own, so that runs side by side
 * neither remove nor reuse what another is reading.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "remote/fetch.h"
#include "remote/internal.h"
#include "vcs/git.h"

/* A clone on its way, or there. */
struct clone {
	struct flight flight; /* first */
	struct url repo;
	sv ref;
	const char *folder;
	bool quiet; /* git asks nobody */
	sv from;    /* the host that redirects led to; "": none did */
};

enum { STALE_SECONDS = 24 * 3600 };
/* Of what git says: a server can make it say anything. */
enum { MOST_WORDS = 1 << 20, MOST_SHOWN = 8 << 10 };

/* ---- where clones lie ---- */

static const char prefix[] = "prun-git-";

/* Folders that killed runs have left. */
static void
rgit_sweep(struct remote *r, const char *folder)
{
	DIR *d cleanup_dir = opendir(folder);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct err ignored cleanup_err = ERR_INIT;
		const char *path =
		    arena_printf(r->a, "%s/%s", folder, entry->d_name);
		struct stat st;

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) == 0 &&
		    lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		    st.st_uid == geteuid() &&
		    st.st_mtime < time(NULL) - STALE_SECONDS)
			remove_all(path, &ignored);
	}
}

static const char *
make_in(struct remote *r, const char *folder)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *path = arena_printf(r->a, "%s/%sXXXXXX", folder, prefix);

	if (!mkdir_all(folder, 0700, &ignored))
		return NULL;
	rgit_sweep(r, folder);
	return mkdtemp(path);
}

static bool
open_clones(struct remote *r, struct err *e)
{
	const char *cache = remote_env(r->o->env, "XDG_CACHE_HOME");
	const char *home = remote_env(r->o->env, "HOME");
	const char *tmp = remote_env(r->o->env, "TMPDIR");

	if (r->clones != NULL)
		return true;
	if ((cache == NULL || *cache != '/') && home != NULL && *home == '/')
		cache = path_join(r->a, sv_of(home), SV(".cache"));
	if (cache != NULL && *cache == '/')
		r->clones =
		    make_in(r, path_join(r->a, sv_of(cache), SV("prun")));
	if (r->clones == NULL)
		r->clones = make_in(r, tmp && *tmp ? tmp : "/tmp");
	return r->clones != NULL ||
	       err_sys(e, errno, "mkdir %s", tmp && *tmp ? tmp : "/tmp");
}

/* ---- git ---- */

static bool
has_rgit_control(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* What git and its helpers would understand in another way. */
static bool
check_repository(struct remote *r, const struct url *repo, struct err *e)
{
	const char *why =
	    repo->host.n == 0 ? "no host"
	    : has_rgit_control(repo->user) || has_rgit_control(repo->password)
		? "control character in the user or the password"
		: NULL;

	return why == NULL ||
	       err_set(e, ERR_GENERIC, "failed to clone repository: %s in %s",
		   why,
		   quote_go(r->a, sv_of(source_masked(
				      r->a, source_text(r->a, repo, false)))));
}

static bool
start_git(struct remote *r, struct clone *k, struct err *e)
{
	struct url repo = k->repo;
	const char *ref = sv_cstr(r->a, k->ref);
	VEC(const char *) argv = { 0 };
	struct capture c = { .deadline_ns = r->deadline_ns,
		.most = MOST_WORDS };

	if (!check_repository(r, &repo, e))
		return false;
	c.env = remote_git_env(r, &repo, k->quiet);
	repo.has_password = false;
	repo.password = SV("");
	if (remote_is_web(&repo)) {
		repo.has_user = false;
		repo.user = SV("");
	}
#define ARG(s) vec_push(r->a, &argv, s)
	ARG("git");
	ARG("clone");
	ARG("--depth=1");
	if (*ref != '\0')
		ARG(arena_printf(r->a, "--branch=%s", ref));
	ARG("--recurse-submodules");
	ARG("--shallow-submodules");
	ARG("--");
	ARG(source_text(r->a, &repo, false));
	ARG(k->folder);
	ARG(NULL);
#undef ARG
	c.argv = argv.v;
	k->flight.job = capture_start(r->a, &c, e);
	return k->flight.job != NULL ||
	       err_wrap(e, "failed to clone repository: ");
}

/* Part of it is the server's: the end, without what a terminal would obey. */
static const char *
rgit_words(struct arena *a, sv said)
{
	struct sb b cleanup_sb = SB_INIT;

	if (said.n > MOST_SHOWN)
		said = sv_sub(said, said.n - MOST_SHOWN, SIZE_MAX);
	for (size_t i = 0; i < said.n; i++) {
		unsigned char c = (unsigned char)said.p[i];

		if (c == 0xc2 && i + 1 < said.n &&
		    ((unsigned char)said.p[i + 1] & 0xe0) == 0x80)
			i++; /* U+0080 to U+009F */
		else if ((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t')
			sb_addc(&b, (char)c);
	}
	return sv_cstr(a, sv_trim(sb_sv(&b)));
}

/* Without the port that is meant anyway. */
static sv
usual_host(const struct url *u)
{
	sv port = sv_is(u->scheme, "https") ? SV(":443") : SV(":80");

	return sv_ends(u->host, port) ? sv_sub(u->host, 0, u->host.n - port.n)
				      : u->host;
}

/* The host to which git says it was led, where that is another one; "" else.
 * What it says of submodules comes behind that. */
static sv
led_to(struct arena *a, const struct url *repo, sv said)
{
	sv line, url, mark = SV("warning: redirecting to ");

	for (int clones = 0; said.n > 0 && clones < 2;) {
		struct err ignored cleanup_err = ERR_INIT;
		struct url to;

		sv_cut(said, '\n', &line, &said);
		clones += sv_starts(line, SV("Cloning into "));
		if (!sv_starts(line, mark))
			continue;
		url = sv_trim(sv_sub(line, mark.n, SIZE_MAX));
		if (!url_parse(a, url, &to, &ignored))
			return SV("?");
		if (!sv_eq(usual_host(&to), usual_host(repo)))
			return sv_dup(a, usual_host(&to));
	}
	return SV("");
}

static void
end_git(struct remote *r, struct clone *k, struct err *e)
{
	struct capture_job *job = k->flight.job;
	int status;
	sv said;

	k->flight.job = NULL;
	if (!capture_finish(job, &status, NULL, &said, e))
		return;
	if (status != 0)
		err_set(e, ERR_GENERIC,
		    "failed to clone repository: git exited with %d: %s",
		    status, rgit_words(r->a, said));
	else if (remote_is_web(&k->repo))
		k->from = led_to(r->a, &k->repo, said);
}

static void
next_of_clone(struct remote *r, struct flight *flight)
{
	struct clone *k = (struct clone *)flight;

	if (flight->job == NULL) {
		flight->done = !start_git(r, k, &flight->e);
		return;
	}
	end_git(r, k, &flight->e);
	flight->done = true;
}

/* The clone that a file lies in: the one that is there, or a new one. */
static struct clone *
clone_of(
    struct remote *r, const struct remote_file *f, bool quiet, struct err *e)
{
	sv path = f->at.repo.path, ref = f->at.ref;
	struct clone *k;
	const char *id;

	while (path.n > 0 && path.p[0] == '/')
		path = sv_sub(path, 1, SIZE_MAX);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	/* what comes over another kind of connection, or for another user, is
	 * not the same */
	id = arena_printf(r->a, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s",
	    SV_ARG(f->at.repo.scheme), SV_ARG(f->at.repo.user),
	    SV_ARG(f->at.repo.host), SV_ARG(path), SV_ARG(ref));
	k = map_get(r->by_repo, sv_of(id));
	if (k != NULL)
		return k;
	if (!open_clones(r, e))
		return NULL;
	k = arena_new_of(r->a, struct clone);
	k->repo = f->at.repo;
	k->ref = f->at.ref;
	k->quiet = quiet;
	k->flight.next = next_of_clone;
	/* hashed, so that a hostile ref is no path */
	k->folder = arena_printf(
	    r->a, "%s/git/%s", r->clones, sha256_hex(r->a, sv_of(id)));
	if (!mkdir_all(path_dir(r->a, sv_of(k->folder)), 0700, e))
		return NULL;
	flight_add(r, &k->flight);
	map_put(r->by_repo, sv_of(id), k);
	return k;
}

void
remote_git_begin(struct remote *r, const struct remote_file *f)
{
	struct err ignored cleanup_err = ERR_INIT;

	clone_of(r, f, true, &ignored);
}

static bool
has_rgit_terminal(void)
{
	int fd cleanup_close = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	return fd >= 0;
}

/* Several clones at once must not ask for passwords, since nobody would know
 * for which; the one that needs an answer is tried again when its turn comes,
 * and asks then. */
static bool
land_clone(struct remote *r, struct clone *k, struct err *e)
{
	if (flight_land(r, &k->flight, e))
		return true;
	if (!k->quiet || e->code == ERR_FETCH_TIMEOUT || !has_rgit_terminal())
		return false;
	err_clear(e);
	err_clear(&k->flight.e);
	k->quiet = false;
	if (!remove_all(k->folder, e))
		return false;
	k->flight.done = false;
	return flight_land(r, &k->flight, e);
}

/* Links of a repository may not lead to the user's own files. */
static bool
is_inside(const char *path, const char *folder)
{
	char *to = realpath(path, NULL), *from = realpath(folder, NULL);
	bool inside = to != NULL && from != NULL &&
		      strncmp(to, from, strlen(from)) == 0 &&
		      to[strlen(from)] == '/';

	free(to);
	free(from);
	return inside;
}

bool
remote_git_read(struct remote *r, const struct remote_file *f, sv *text,
    sv *from, struct err *e)
{
	struct clone *k = clone_of(r, f, false, e);
	const char *path;
	struct stat st;

	if (k == NULL || !land_clone(r, k, e))
		return false;
	/* cleaned as if the repository were the root: no way leads out */
	path = arena_printf(r->a, "%s%s", k->folder,
	    path_clean(r->a,
		sv_of(arena_printf(r->a, "/%.*s", SV_ARG(f->at.inside)))));
	if (stat(path, &st) != 0)
		return err_sys(e, errno, "stat %s", path);
	if (S_ISDIR(st.st_mode) &&
	    source_search(r->a, path, taskfile_names, &path, e) != SEARCH_FOUND)
		return err_set(e, ERR_GENERIC, "file does not exist");
	if (!is_inside(path, k->folder))
		return err_set(e, ERR_GENERIC,
		    "task: %s leads out of its repository",
		    quote_go(r->a, sv_of(f->shown)));
	if (stat(path, &st) == 0 && st.st_size > FETCH_MAX_BODY)
		return err_set(e, ERR_FETCH_FAILED,
		    "task: Download of %s failed: the file is too large",
		    quote_go(r->a, sv_of(f->shown)));
	*from = k->from;
	return read_file(r->a, path, text, e);
}
