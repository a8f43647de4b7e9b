/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/tree_still.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"

static void
add_stat(struct sb *b, const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		sb_adds(b, "gone\n");
		return;
	}
	sb_printf(b, "%ju %ju %jo %jd %" PRId64 " %" PRId64 "\n",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (uintmax_t)st.st_mode,
	    (intmax_t)st.st_size, stat_mtime_ns(&st), stat_ctime_ns(&st));
}

static const char *
look_at_files(const struct git *g, const string_vec *paths)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < paths->n; i++)
		add_stat(
		    &b, path_join(g->a, sv_of(g->top), sv_of(paths->v[i])));
	return sha256_hex(g->a, sb_sv(&b));
}

/* git writes each of these anew, or adds to it, when HEAD goes elsewhere.  NULL
 * where git does not say where that is. */
static const char *
look_at_head(const struct git *g)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	bool yes;
	sv text;

	add_stat(&b, path_join(g->a, sv_of(g->git_dir), SV("HEAD")));
	add_stat(&b, path_join(g->a, sv_of(g->git_dir), SV("logs/HEAD")));
	if (!git_ask(g, GIT_WORDS("symbolic-ref", "-q", "HEAD"), &yes, &text,
		&ignored))
		return NULL;
	if (yes) {
		add_stat(
		    &b, path_join(g->a, sv_of(g->common_dir), sv_trim(text)));
		sb_addv(&b, text);
	}
	if (!git_ask(g, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"), &yes,
		&text, &ignored))
		return NULL;
	if (yes)
		sb_addv(&b, text);
	return sb_take(&b, g->a).p;
}

void
tree_still_take(const struct git *g, struct tree_still *out)
{
	sv text, path;

	*out = (struct tree_still){ .head = look_at_head(g) };
	if (!git_try(g,
		GIT_WORDS("ls-files", "--cached", "--others",
		    "--exclude-standard", "-z", "--", ":/",
		    ":(top,exclude,glob)**/.task/**"),
		&text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (path.n > 0)
			vec_push(g->a, &out->paths, sv_cstr(g->a, path));
	}
	out->files = look_at_files(g, &out->paths);
}

bool
tree_still_files(const struct git *g, const struct tree_still *before)
{
	return before->files != NULL &&
	       strcmp(look_at_files(g, &before->paths), before->files) == 0;
}

bool
tree_still_head(const struct git *g, const struct tree_still *before)
{
	const char *now = look_at_head(g);

	return before->head != NULL && now != NULL &&
	       strcmp(now, before->head) == 0;
}
