/* SPDX-License-Identifier: MIT */
/* What decides about the outputs of all tasks (P-1001). */
#include "project/run_cache_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/host.h"
#include "base/path.h"
#include "base/real_path.h"
#include "exec/capture.h"
#include "fingerprint/memo.h"

static bool
is_in_repository(struct project *p, sv path)
{
	const char *real = path_real(p->a, sv_cstr(p->a, path));
	const char *top = path_real(p->a, p->repo_dir);
	size_t n = strlen(top);

	return strncmp(real, top, n) == 0 &&
	       (real[n] == '/' || real[n] == '\0');
}

/* Version commands are asked from the root of the file system, with only those
 * folders of PATH that are outside of the repository: a program that came with
 * the sources is not run because somebody looks at them. */
static char **
around_env(struct project *p, char **path_entry)
{
	sv rest = sv_of(environment_get(p->in->env, "PATH")), dir;
	struct sb path cleanup_sb = SB_INIT;
	char **env = environment_block(p->in->env), **out;
	size_t n = 0, k = 0;

	while (rest.n > 0) {
		sv_cut(rest, ':', &dir, &rest);
		if (dir.n == 0 || dir.p[0] != '/' || is_in_repository(p, dir))
			continue;
		sb_printf(&path, "%s%.*s", path.n > 0 ? ":" : "", SV_ARG(dir));
	}
	*path_entry = arena_printf(p->a, "PATH=%s", sb_cstr(&path));
	while (env[n] != NULL)
		n++;
	out = arena_alloc(p->a, (n + 2) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (strncmp(env[i], "PATH=", 5) != 0)
			out[k++] = env[i];
	out[k++] = *path_entry;
	return out;
}

static void
around_add_tools(struct project *p, struct sb *b)
{
	sv rest = sv_of(CFG_S(&p->config, cache, tools)), tool;
	char *path = NULL;
	char **env = rest.n > 0 ? around_env(p, &path) : NULL;

	while (rest.n > 0) {
		const char *argv[] = { "/bin/sh", "-c", NULL, NULL };
		struct capture c = { .argv = argv, .env = env, .dir = "/" };
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 }, said = { "", 0 };
		int status = -1; /* it could not be asked */

		sv_cut(rest, ',', &tool, &rest);
		tool = sv_trim(tool);
		argv[2] = sv_cstr(p->a, tool);
		sv_cut(tool, ' ', &tool, &said);
		if (!sv_starts(tool, SV("/")) || !is_in_repository(p, tool))
			capture_run(p->a, &c, &status, &text, &said, &none);
		else
			said = SV("");
		sb_printf(
		    b, "tool %s %d %zu %zu\n", argv[2], status, text.n, said.n);
		sb_addv(b, text);
		sb_addv(b, said);
	}
}

/* Every bash and sh on PATH, by content: which of them runs is told by their
 * versions, and asking for those takes longer than a hit. */
static void
around_add_shells(struct run_cache *k, struct sb *b)
{
	struct project *p = k->p;
	static const char *const names[] = { "bash", "sh" };
	sv rest = sv_of(environment_get(p->in->env, "PATH")), dir;

	while (rest.n > 0) {
		sv_cut(rest, ':', &dir, &rest);
		for (size_t i = 0; dir.n > 0 && i < 2; i++) {
			char *path = path_join(p->a, dir, sv_of(names[i]));
			struct stat st;

			if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
				continue;
			sb_printf(b, "shell %s ", names[i]);
			fp_add_content(k->fp, b, path);
		}
	}
}

const char *
run_cache_around(struct run_cache *k)
{
	struct project *p = k->p;
	struct sb b cleanup_sb = SB_INIT;

	if (k->around != NULL)
		return k->around;
	sb_printf(&b, "%s %s\n", host_os(), host_arch());
	around_add_shells(k, &b);
	around_add_tools(p, &b);
	k->around = sv_cstr(p->a, sb_sv(&b));
	return k->around;
}
