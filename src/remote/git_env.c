/* SPDX-License-Identifier: MIT */
/*
 * What git is told besides its words: whom it may ask, where a repository may
 * lead it, and passwords.  All of it by the environment, since arguments can be
 * seen by other users.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "remote/internal.h"
#include "vcs/git.h"

static void
add_env(struct arena *a, string_vec *env, const char *name, const char *text)
{
	vec_push(a, env, arena_printf(a, "%s=%s", name, text));
}

/* Is it about how git or ssh ask the user? */
static bool
asks(const char *variable)
{
	static const char *const names[] = { "GIT_TERMINAL_PROMPT=",
		"GIT_ASKPASS=", "SSH_ASKPASS=", "SSH_ASKPASS_REQUIRE=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

bool
remote_is_web(const struct url *u)
{
	return sv_is(u->scheme, "http") || sv_is(u->scheme, "https");
}

/* The environment of one git; settings come by it, too, behind those that are
 * there already. */
struct git_env {
	struct arena *a;
	string_vec v;
	long settings;
};

static void
git_env_set(struct git_env *env, const char *key, const char *text)
{
	long n = env->settings++;

	add_env(env->a, &env->v,
	    arena_printf(env->a, "GIT_CONFIG_KEY_%ld", n), key);
	add_env(env->a, &env->v,
	    arena_printf(env->a, "GIT_CONFIG_VALUE_%ld", n), text);
}

/* The user's list of protocols, which git prefers to all settings. */
static const char *
allowed_protocols(struct remote *r, sv list)
{
	struct sb b cleanup_sb = SB_INIT;
	sv name;

	while (list.n > 0) {
		sv_cut(list, ':', &name, &list);
		if (sv_is(name, "ext") ||
		    (sv_is(name, "http") && !r->o->insecure))
			continue;
		if (b.n > 0)
			sb_addc(&b, ':');
		sb_addv(&b, name);
	}
	return sb_take(&b, r->a).p;
}

/* What a repository leads to, by a redirect or as a submodule, is no file of
 * this machine, no command, and no connection that C-601 refuses.  Whoever has
 * other names for addresses in git's own configuration keeps them. */
static void
bound_protocols(struct remote *r, struct git_env *env)
{
	const char *list = remote_env(r->o->env, "GIT_ALLOW_PROTOCOL");

	git_env_set(env, "protocol.ext.allow", "never");
	git_env_set(env, "protocol.file.allow", "user");
	if (!r->o->insecure)
		git_env_set(env, "protocol.http.allow", "user");
	if (list != NULL)
		add_env(r->a, &env->v, "GIT_ALLOW_PROTOCOL",
		    allowed_protocols(r, sv_of(list)));
}

/* User and password of a web address, for its host alone: a redirect or a
 * submodule may ask for them in the name of another. */
static void
tell_login(struct remote *r, const struct url *repo, struct git_env *env)
{
	const char *base = arena_printf(r->a, "credential.%.*s://%.*s",
	    SV_ARG(repo->scheme), SV_ARG(repo->host));
	const char *helper = arena_printf(r->a, "%s.helper", base);

	if (repo->user.n > 0)
		git_env_set(env, arena_printf(r->a, "%s.username", base),
		    sv_cstr(r->a, repo->user));
	if (!repo->has_password)
		return;
	add_env(r->a, &env->v, "PRUN_GIT_PASSWORD",
	    sv_cstr(r->a, repo->password));
	/* nobody else is asked, nor told to keep it */
	git_env_set(env, helper, "");
	git_env_set(env, helper,
	    "!f() { printf 'password=%s\\n' \"$PRUN_GIT_PASSWORD\"; }; f");
}

/* The environment that was handed in, without what is set below. */
static void
take_environment(struct remote *r, bool quiet, struct git_env *env)
{
	static const char *const ours[] = { "GIT_CONFIG_COUNT=",
		"GIT_ALLOW_PROTOCOL=", "LANGUAGE=" };
	const char *told = remote_env(r->o->env, "GIT_CONFIG_COUNT");
	char **clean = git_clean_env(r->a, r->o->env);

	env->settings = told ? strtol(told, NULL, 10) : 0;
	if (env->settings < 0)
		env->settings = 0;
	for (; *clean != NULL; clean++) {
		bool keep = !quiet || !asks(*clean);

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			keep &= strncmp(*clean, ours[i], strlen(ours[i])) != 0;
		if (keep)
			vec_push(r->a, &env->v, *clean);
	}
}

/* The password comes to git by the environment: arguments can be seen by
 * other users, and git hands a URL on to its helpers as one. */
char *const *
remote_git_env(struct remote *r, const struct url *repo, bool quiet)
{
	struct git_env env = { .a = r->a };

	take_environment(r, quiet, &env);
	bound_protocols(r, &env);
	if (remote_is_web(repo))
		tell_login(r, repo, &env);
	add_env(r->a, &env.v, "GIT_CONFIG_COUNT",
	    arena_printf(r->a, "%ld", env.settings));
	/* what it says about redirects is read below */
	add_env(r->a, &env.v, "LANGUAGE", "en");
	/* neither git nor ssh has anybody to ask */
	if (quiet) {
		add_env(r->a, &env.v, "GIT_TERMINAL_PROMPT", "0");
		add_env(r->a, &env.v, "GIT_ASKPASS", "false");
		add_env(r->a, &env.v, "SSH_ASKPASS", "false");
		add_env(r->a, &env.v, "SSH_ASKPASS_REQUIRE", "force");
	}
	vec_push(r->a, &env.v, NULL);
	return (char *const *)env.v.v;
}
