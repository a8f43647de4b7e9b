/* SPDX-License-Identifier: MIT */
/*
 * prun-serve.  Arguments, made by `prun --serve` (project/serve_exec.c): pairs
 * "key=value", as in "root=/home/me/project".
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/spawn.h"
#include "project/environment.h"
#include "serve/follow.h"
#include "serve/http.h"
#include "serve/news.h"
#include "serve/start.h"
#include "serve/started.h"
#include "serve/tests.h"
#include "serve/tools.h"

enum {
	LOOK_MS = 100, /* whether what was told to end has ended */
};

/* ---- arguments ---- */

static bool
read_text_argument(struct server_options *o, sv key, const char *text)
{
	const struct {
		const char *key;
		const char **to;
	} all[] = {
		{ "program", &o->program },
		{ "root", &o->root },
		{ "cwd", &o->cwd },
		{ "listen", &o->listen },
		{ "hosts", &o->hosts },
		{ "plan_task", &o->plan_task },
		{ "state", &o->state.dir },
		{ "runs", &o->state.runs },
		{ "cache", &o->state.cache },
		{ "state_root", &o->state.root },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (sv_is(key, all[i].key)) {
			*all[i].to = text;
			return true;
		}
	return false;
}

static bool
read_argument(struct arena *a, struct server_options *o, const char *arg)
{
	sv key, rest;
	const char *text;

	if (!sv_cut(sv_of(arg), '=', &key, &rest))
		return false;
	text = arg + key.n + 1;
	if (read_text_argument(o, key, text))
		return true;
	if (sv_is(key, "workers"))
		o->workers = (int)strtol(text, NULL, 10);
	else if (sv_is(key, "max_queue"))
		o->max_queue = (int)strtol(text, NULL, 10);
	else if (sv_is(key, "grace_ns"))
		o->grace_ns = strtoll(text, NULL, 10);
	else if (sv_is(key, "flag"))
		vec_push(a, &o->flags, text);
	else
		return false;
	return true;
}

static bool
read_arguments(struct arena *a, struct server_options *o, int argc, char **argv)
{
	*o = (struct server_options){ .hosts = "",
		.plan_task = "test-plan",
		.workers = 3,
		.max_queue = 100,
		.grace_ns = 10 * NS_PER_S };
	for (int i = 1; i < argc; i++)
		if (!read_argument(a, o, argv[i]))
			return false;
	return o->program != NULL && o->root != NULL && o->cwd != NULL &&
	       o->listen != NULL && o->state.dir != NULL &&
	       o->state.runs != NULL;
}

/* ---- the end ---- */

static void
on_end_look(void *arg)
{
	*(struct timer **)arg = NULL;
}

/* The first one ends what was started, too; the second one the server alone. */
static void
on_end_signal(void *arg, int sig)
{
	struct server *s = arg;

	(void)sig;
	if (s->ends_ns != 0) {
		s->ends_ns = clock_mono_ns();
		return;
	}
	s->ends_ns = clock_mono_ns() + s->o.grace_ns;
	started_cancel(s);
}

static bool
server_is_over(struct server *s)
{
	return s->ends_ns != 0 &&
	       (clock_mono_ns() >= s->ends_ns ||
		   (tools_are_idle(s->tools) && started_is_over(s)));
}

/* Nobody tells that what was told to end has ended. */
static void
server_loop(struct server *s)
{
	struct timer *look = NULL;

	while (!server_is_over(s)) {
		if (s->ends_ns != 0 && look == NULL)
			look = loop_timer(
			    s->l, LOOK_MS * NS_PER_MS, on_end_look, &look);
		loop_turn(s->l);
	}
	loop_timer_stop(s->l, &look);
}

/* ---- the beginning ---- */

/* Connections, and the journals that they read, are descriptors. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The address is alone on stdout, for programs. */
static void
server_tell(const struct server *s)
{
	if (s->listen.path != NULL)
		printf("%s\n", s->o.listen);
	else
		printf("http://%s/#%s\n", s->listen.address, s->token.text);
	fflush(stdout);
	fprintf(stderr,
	    "prun: the server's token is in %s; ^C ends the server\n",
	    s->token.path);
	if (!s->listen.is_loopback)
		fputs("prun: other machines can reach this server; whoever has "
		      "the token can run tasks\n",
		    stderr);
}

static bool
server_open(struct server *s, struct err *e)
{
	struct state *st = &s->o.state;

	if (!state_make(st, e) || !mkdir_all(st->runs, 0700, e) ||
	    !token_open(
		s->a, state_path(s->a, st, "serve.token"), &s->token, e) ||
	    !listen_open(s->a, s->o.listen, s->o.hosts, &s->listen, e))
		return false;
	s->started_ns = clock_real_ns();
	s->l = loop_new();
	loop_on_signal(s->l, on_end_signal, s);
	s->tools = tools_new(s);
	s->follows = follows_new(s);
	started_open(s);
	return http_start(s, e);
}

static void
server_close(struct server *s)
{
	listen_close(&s->listen);
	tools_free(s->tools);
	http_stop(s);
	watchers_free(s->watchers);
	follows_free(s->follows);
	database_close(s->sessions);
	if (s->l != NULL)
		loop_free(s->l);
	vec_free(&s->started);
	starts_free(s);
}

static int
serve_all(struct server *s)
{
	struct err e cleanup_err = ERR_INIT;

	if (server_open(s, &e)) {
		server_tell(s);
		server_loop(s);
	} else {
		fprintf(stderr, "%s\n", e.message);
	}
	server_close(s);
	return err_is_set(&e) ? err_exit_status(e.code) : 0;
}

int
main(int argc, char **argv)
{
	struct arena *a cleanup_arena = arena_new();
	struct environment env;
	struct server s = { .a = a };

	spawn_take_signals();
	signal(SIGPIPE, SIG_IGN);
	if (!read_arguments(a, &s.o, argc, argv)) {
		fputs("prun-serve: started by prun --serve\n", stderr);
		return 2;
	}
	raise_descriptors();
	environment_open(a, &env);
	s.env = environment_block(&env);
	return serve_all(&s);
}
