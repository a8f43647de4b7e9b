/* SPDX-License-Identifier: MIT */
/*
 * Where outputs are made, as far as it decides who may use them: which
 * repository, whether on a branch or for a pull request, by which Taskfiles.
 */
#include "config.h"

#include "base/hash.h"
#include "base/io.h"
#include "project/remote_cache.h"

/* Set, in CI for a pull request, to what tells it from others.  The first is
 * GitHub's, whose other variables are those of the branch it would go to. */
static const char *const pulls[] = { "GITHUB_HEAD_REF", "CI_MERGE_REQUEST_IID",
	"CHANGE_ID", "BITBUCKET_PR_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID",
	"BUILDKITE_PULL_REQUEST", "TRAVIS_PULL_REQUEST", "CIRCLE_PULL_REQUEST",
	"DRONE_PULL_REQUEST", "CI_COMMIT_PULL_REQUEST",
	"APPVEYOR_PULL_REQUEST_NUMBER", "CIRRUS_PR" };
static const char *const tags[] = { "CI_COMMIT_TAG", "BITBUCKET_TAG",
	"TRAVIS_TAG", "CIRCLE_TAG", "BUILDKITE_TAG", "DRONE_TAG",
	"CIRRUS_TAG" };

static const char *
first_set(const char *const *names, size_t n,
    const char *(*get)(void *env, const char *name), void *env)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = get(env, names[i]);

		if (text != NULL && *text != '\0' && strcmp(text, "false") != 0)
			return text;
	}
	return NULL;
}

const char *
cache_scope_ref(
    struct arena *a, const char *(*get)(void *env, const char *name), void *env)
{
	const char *ref = get(env, "GITHUB_REF");
	const char *pull =
	    first_set(pulls, sizeof(pulls) / sizeof(pulls[0]), get, env);

	/* two forks may have branches of one name */
	if (pull != NULL && ref != NULL && strncmp(ref, "refs/pull/", 10) == 0)
		return arena_printf(
		    a, "pull %.*s", (int)strcspn(ref + 10, "/"), ref + 10);
	if (pull != NULL)
		return arena_printf(a, "pull %s", pull);
	if ((ref != NULL && strncmp(ref, "refs/tags/", 10) == 0) ||
	    first_set(tags, sizeof(tags) / sizeof(tags[0]), get, env) != NULL)
		return "tag";
	return "branch";
}

const char *
cache_scope_repository(struct arena *a, const char *address)
{
	sv s = sv_trim(sv_of(address)), host, rest;
	ptrdiff_t at = sv_find(s, SV("://"), 0);
	char *out;

	if (at >= 0)
		s = sv_sub(s, (size_t)at + 3, SIZE_MAX);
	sv_cut(s, '/', &host, &rest);
	at = sv_find_char(host, '@', 0);
	if (at >= 0)
		s = sv_sub(s, (size_t)at + 1, SIZE_MAX);
	while (sv_ends(s, SV("/")))
		s.n--;
	if (sv_ends(s, SV(".git")))
		s.n -= 4;
	out = sv_cstr(a, s);
	/* host:owner/name is git's short form; a number is a port */
	sv_cut(s, '/', &host, &rest);
	at = sv_find_char(host, ':', 0);
	if (at >= 0 && !is_digit((unsigned char)out[at + 1]))
		out[at] = '/';
	return out;
}

static const char *
origin_of(struct project *p)
{
	struct err none cleanup_err = ERR_INIT;
	const char *address = "";
	struct git git;

	if (project_git(p, p->repo_dir, &git, &none))
		git_line(&git,
		    GIT_WORDS("config", "--get", "remote.origin.url"), &address,
		    &none);
	return cache_scope_repository(p->a, address);
}

static const char *
taskfiles_of(struct project *p)
{
	const struct taskfile *t = p->taskfile;
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < t->files.n; i++) {
		struct err none cleanup_err = ERR_INIT;
		sv text = { "", 0 };

		read_file(p->a, t->files.v[i], &text, &none);
		sb_printf(&b, "file %s\n", sha256_hex(p->a, text));
	}
	for (size_t i = 0; i < t->digests.n; i++)
		sb_printf(&b, "remote %s\n", t->digests.v[i]);
	return sha256_hex(p->a, sb_sv(&b));
}

void
cache_scope_of(struct project *p, struct cache_scope *out)
{
	out->repository = origin_of(p);
	out->ref = cache_scope_ref(p->a, environment_answer, p->in->env);
	out->taskfiles = taskfiles_of(p);
}
