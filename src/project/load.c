/* SPDX-License-Identifier: MIT */
/* From the settings to what every command on a Taskfile stands on. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/owner.h"
#include "base/path.h"
#include "base/real_path.h"
#include "fingerprint/fp.h"
#include "project/program.h"
#include "project/project.h"
#include "taskfile/source.h"

/* By the name that it has without links, as git has it: whichever way somebody
 * came, the repository with its state and its locks is the same one. */
static const char *
find_repo(const struct project *p)
{
	const char *work_dir = path_real(p->a, p->work_dir), *dir = work_dir;

	while (strcmp(dir, "/") != 0) {
		if (path_exists(path_join(p->a, sv_of(dir), SV(".git"))))
			return trust_repository(p->in->trust, dir)
				   ? dir
				   : p->work_dir;
		dir = path_dir(p->a, sv_of(dir));
	}
	return work_dir;
}

static const char *
home_dir(const struct project *p, const char *otherwise)
{
	const char *home = environment_get(p->in->env, "HOME");

	return home != NULL ? home : otherwise;
}

static bool
load_config(struct project *p, struct err *e)
{
	const char *home = environment_get(p->in->env, "XDG_CONFIG_HOME");
	const char *paths[2];
	size_t n = 2;

	if (home == NULL || *home == '\0')
		home = path_join(p->a, sv_of(home_dir(p, "")), SV(".config"));
	paths[0] = path_join(p->a, sv_of(home), SV("prun/prun.ini"));
	paths[1] = path_join(p->a, sv_of(p->repo_dir), SV("prun.ini"));
	if (path_exists(paths[1]) && !trust_file(p->in->trust, paths[1]))
		n--;
	if (!config_load(p->a, paths, n, &p->config, e))
		return false;
	p->sources.ini = &p->config;
	settings_add_ini(p->a, &p->sources, p->o.early, &p->settings);
	p->s = &p->settings;
	return true;
}

void
project_set_repo(struct project *p, const char *dir)
{
	const struct protocol *outer = &p->in->outer;
	const struct environment *env = p->in->env;
	struct state_options o = {
		.root_dir = outer->state_of ? outer->state_of : dir,
		.dir = CFG_S(&p->config, state, dir),
		.logs = CFG_S(&p->config, logs, dir),
		.env = { .home = environment_get(env, "HOME"),
		    .xdg_state_home = environment_get(env, "XDG_STATE_HOME"),
		    .xdg_cache_home = environment_get(env, "XDG_CACHE_HOME"),
		    .xdg_runtime_dir =
			environment_get(env, "XDG_RUNTIME_DIR") },
	};

	p->repo_dir = dir;
	state_init(p->a, &o, &p->state);
	if (path_exists(p->state.dir) && !dir_is_ours(p->state.dir)) {
		trust_refuse_state(p->in->trust, p->state.dir);
		o.dir = NULL;
		state_init(p->a, &o, &p->state);
	}
	trust_tell(p->in->trust, p->term);
}

static bool
read_stdin(const struct project *p, struct load_options *lo, struct err *e)
{
	if (strcmp(p->path, "__stdin__") != 0)
		return true;
	return read_fd(p->a, STDIN_FILENO, 64 << 20, &lo->stdin_text, e);
}

static bool
load_taskfile(struct project *p, struct err *e)
{
	struct load_options lo = {
		.path = p->path,
		.root_dir = p->root_dir,
		.cwd = p->in->cwd,
		.phases_dir = program_phases_dir(p->a, p->program,
		    environment_get(p->in->env, "PRUN_TASKFILES")),
		.env = environment_map(p->in->env),
		.templater = p->templater,
		.compat = p->s->is_compat,
	};
	struct remote_options ro;
	struct remote *remote;
	bool good;

	if (!read_stdin(p, &lo, e))
		return false;
	project_remote(p, &ro);
	remote = remote_open(p->a, &ro);
	lo.remote = remote_ops(remote);
	good = taskfile_load(p->a, &lo, &p->taskfile, e);
	remote_close(remote);
	/* C-617: a remote root has no directory, its tasks run here */
	if (*p->root_dir == '\0' &&
	    source_kind_of(sv_of(p->path)) != SOURCE_FILE)
		p->root_dir = p->in->cwd;
	return good;
}

static int
compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* Where a Taskfile is another one, each of its tasks may be. */
static bool
is_taskfile_among(const struct project *p, const string_vec *changed)
{
	struct map *names = map_new(p->a);
	const char **file;

	vec_each(changed, file) map_put(names, sv_of(*file), names);
	vec_each(&p->taskfile->files, file)
	{
		trail_vec trail = { 0 };

		path_trail(p->a, *file, &trail);
		for (size_t i = 0; i < trail.n; i++)
			if (map_get(names, sv_of(trail.v[i])) != NULL ||
			    map_get(names,
				sv_of(arena_printf(
				    p->a, "%s/", trail.v[i]))) != NULL)
				return true;
	}
	return false;
}

/* P-703: the files by which --changed narrows the run. */
static bool
read_changed(struct project *p, struct err *e)
{
	string_vec *files, *unknown;
	struct git git;

	if (!SETTING_IS_SET(p->s, changed))
		return true;
	files = arena_new_of(p->a, string_vec);
	unknown = arena_new_of(p->a, string_vec);
	if (!project_git(p, p->work_dir, &git, e) ||
	    !git_changed_files(&git, p->s->changed, files, e) ||
	    !git_add_links_to_gone(&git, files, e) ||
	    !git_unknown_files(&git, unknown, e))
		return err_wrap(e, "prun: --changed: ");
	if (is_taskfile_among(p, files))
		return true;
	if (files->n > 0)
		qsort(files->v, files->n, sizeof(*files->v), compare_names);
	if (unknown->n > 0)
		qsort(
		    unknown->v, unknown->n, sizeof(*unknown->v), compare_names);
	p->changed = files;
	p->unknown = unknown;
	return true;
}

/* L-116 to L-118: the root's dotenv files, before anything is listed or run. */
static bool
read_dotenv(struct project *p, struct err *e)
{
	return p->taskfile->dotenv.n == 0 ||
	       project_compile(p, compile_globals(p->a, &p->compiler), e);
}

/* ---- fingerprints for the compiler ---- */

static void
free_idle_fp(void *fp)
{
	fp_free(fp);
}

/* Much is compiled where nothing runs (--plan, the look before --push).  It
 * gets fingerprints that read only, made when a text asks for a value. */
static struct fp *
idle_fp(void *ctx)
{
	struct project *p = ctx;

	if (p->idle_fp == NULL) {
		p->idle_fp = project_fp(p, "", true);
		arena_defer(p->a, free_idle_fp, p->idle_fp);
	}
	return p->idle_fp;
}

static bool
idle_checksum(void *ctx, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	return fp_checksum_value(idle_fp(ctx), a, t, out, e);
}

static bool
idle_timestamp(void *ctx, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	return fp_timestamp_value(idle_fp(ctx), a, t, out, e);
}

void
project_use_fp(struct project *p, struct fp *fp)
{
	struct compiler *c = &p->compiler;

	c->ctx = fp != NULL ? (void *)fp : p;
	c->checksum = fp != NULL ? fp_checksum_value : idle_checksum;
	c->timestamp = fp != NULL ? fp_timestamp_value : idle_timestamp;
}

static void
init_compiler(struct project *p)
{
	p->compiler = (struct compiler){
		.taskfile = p->taskfile,
		.templater = p->templater,
		.root_dir = p->root_dir,
		.cwd = p->in->cwd,
		.task_exe = p->in->argv.v[0],
		.os_env = environment_map(p->in->env),
		.env_precedence = p->s->env_precedence,
		.eager = p->s->is_compat,
		.disable_fuzzy = p->s->disable_fuzzy,
		.files = fp_files_for,
		.secrets = p->in->secrets,
	};
	project_use_fp(p, NULL);
	vec_push(p->a, &p->compiler.extra_texts, p->style.group_begin);
	vec_push(p->a, &p->compiler.extra_texts, p->style.group_end);
	vec_push(
	    p->a, &p->compiler.extra_texts, CFG_S(&p->config, commit, message));
	compiler_init(p->a, &p->compiler);
}

static bool
find_taskfile(struct project *p, struct err *e)
{
	const struct settings *s = p->o.early;
	const char *dir = s->global ? home_dir(p, "/") : s->dir;

	if (*dir != '\0')
		dir = path_abs(p->a, sv_of(dir));
	if (!taskfile_find(
		p->a, s->taskfile, dir, p->in->cwd, &p->path, &p->root_dir, e))
		return false;
	/* a remote root has no directory of its own (C-617), nor has stdin */
	p->work_dir = *p->root_dir != '\0' ? p->root_dir : p->in->cwd;
	return true;
}

/* What templates see of the world, with this run's environment. */
static struct templater *
new_templater(struct project *p)
{
	struct tmpl_env *env = arena_new_of(p->a, struct tmpl_env);

	*env = *tmpl_env_system();
	env->getenv = environment_answer;
	env->ctx = p->in->env;
	return templater_new(p->a, env);
}

bool
project_load(struct arena *a, const struct invocation *in,
    const struct project_options *o, struct term *term, struct project *out,
    struct err *e)
{
	struct project *p = out;

	*p = (struct project){ .a = a,
		.in = in,
		.o = *o,
		.term = term,
		.sources = *o->sources, .events = o->events,
		.program = program_path(a, in->argv.v[0]) };
	if (!find_taskfile(p, e))
		return false;
	p->repo_dir = find_repo(p);
	if (!load_config(p, e))
		return false;
	project_set_repo(p, p->repo_dir);
	if (o->place_only)
		return true;
	p->templater = new_templater(p);
	if (!load_taskfile(p, e) ||
	    !settings_style(
		a, p->s, &p->taskfile->output, &p->style, &p->mode, e))
		return false;
	p->has_default_mode = p->mode == NULL;
	if (p->has_default_mode)
		p->mode = output_mode_find("interleaved");
	init_compiler(p);
	project_read_words(p);
	return read_changed(p, e) && read_dotenv(p, e);
}

bool
project_load_at(const struct project *p, const char *dir, const char *taskfile,
    struct project *out, struct err *e)
{
	static const string_vec none = { 0 };
	struct arena *a = p->a;
	struct invocation *in = arena_new_of(a, struct invocation);
	struct setting_sources *src = arena_new_of(a, struct setting_sources);
	struct setting_value *flags =
	    arena_alloc(a, SETTING_COUNT * sizeof(*flags));
	struct settings *early = arena_new_of(a, struct settings);
	const struct project_options o = { src, early, &none, &none, NULL,
		false };

	*in = *p->in;
	in->env = arena_new_of(a, struct environment);
	environment_open(a, in->env);
	protocol_leave(&in->outer, in->env);
	in->outer.in_hook = false;
	in->outer.state_of = NULL;
	in->outer.id_to = NULL;
	memset(flags, 0, SETTING_COUNT * sizeof(*flags));
	if (*taskfile != '\0')
		flags[SET_taskfile] =
		    (struct setting_value){ .is_set = true, .s = taskfile };
	else
		flags[SET_dir] =
		    (struct setting_value){ .is_set = true, .s = dir };
	in->trust = trust_new(a, in->env);
	if (!setting_sources_read(a, dir, in, src, e))
		return false;
	src->outer = &in->outer;
	src->is_task = in->is_task;
	src->flags = flags;
	settings_resolve(a, src, early);
	return project_load(a, in, &o, p->term, out, e);
}
