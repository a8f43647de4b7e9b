/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "exec/slots.h"

#define NONE              -1
#define RC(field)         (int)offsetof(struct taskrc, field)
#define INI(section, key) (int)CONFIG_##section##_##key

const struct setting_def setting_defs[SETTING_COUNT] = {
#define X(name, kind, env, rc, ini, fallback)                                  \
	[SET_##name] = { #name, SETTING_##kind, env, rc, ini, fallback },
	SETTINGS(X)
#undef X
};

static const size_t offsets[SETTING_COUNT] = {
#define X(name, ...) [SET_##name] = offsetof(struct settings, name),
	SETTINGS(X)
#undef X
};

/* ---- one source after the other ---- */

/* A value that does not parse counts as absent. */
static bool
of_environment(struct arena *a, const struct setting_sources *src,
    const struct setting_def *d, struct setting_value *v)
{
	const char *text = d->env ? environment_get(src->env, d->env) : NULL;
	const char *ignored;

	return text != NULL && *text != '\0' &&
	       setting_parse(
		   a, d->kind, arena_strdup(a, text), 10, v, &ignored);
}

static bool
of_taskrc(struct arena *a, const struct setting_sources *src,
    const struct setting_def *d, struct setting_value *v)
{
	const void *field = (const char *)&src->rc + d->rc;
	enum tristate t;

	if (d->rc == NONE)
		return false;
	switch (d->kind) {
	case SETTING_BOOL:
		t = *(const enum tristate *)field;
		v->b = t == TRI_TRUE;
		v->s = v->b ? "true" : "false";
		return t != TRI_UNSET;
	case SETTING_INT: /* concurrency alone */
		v->i = *(const int *)field;
		v->s = arena_printf(a, "%d", (int)v->i);
		return src->rc.has_concurrency;
	case SETTING_DURATION:
		v->i = *(const int64_t *)field;
		v->s = v->i >= 0 ? duration_text(a, v->i) : NULL;
		return v->i >= 0;
	case SETTING_STRING:
		v->s = *(const char *const *)field;
		return v->s != NULL;
	case SETTING_LIST:
		v->list = *(const string_vec *)field;
		return v->list.n > 0;
	case SETTING_REPEAT:
	case SETTING_OPTIONAL:
	case SETTING_JOBS:
		break;
	}
	return false;
}

static bool
of_ini(const struct setting_sources *src, const struct setting_def *d,
    struct setting_value *v)
{
	const struct config_value *in;

	if (d->ini == NONE || src->ini == NULL)
		return false;
	in = &src->ini->v[d->ini];
	v->s = in->text;
	v->i = in->number;
	v->b = in->number != 0;
	return *in->text != '\0';
}

static enum setting_source
decide(struct arena *a, const struct setting_sources *src, enum setting_id id,
    struct setting_value *v)
{
	const struct setting_def *d = &setting_defs[id];
	const char *never;

	*v = (struct setting_value){ 0 };
	if (src->flags != NULL && src->flags[id].is_set) {
		*v = src->flags[id];
		return FROM_FLAG;
	}
	if (of_environment(a, src, d, v))
		return FROM_ENVIRONMENT;
	if (of_taskrc(a, src, d, v))
		return FROM_TASKRC;
	*v = (struct setting_value){ 0 };
	if (of_ini(src, d, v))
		return FROM_INI;
	*v = (struct setting_value){ 0 };
	if (*d->fallback != '\0')
		setting_parse(a, d->kind, d->fallback, 10, v, &never);
	return FROM_DEFAULT;
}

static void
keep(struct settings *s, enum setting_id id, const struct setting_value *v)
{
	void *field = (char *)s + offsets[id];

	s->text[id] = v->s != NULL ? v->s : "";
	switch (setting_defs[id].kind) {
	case SETTING_BOOL:
		*(bool *)field = v->b;
		break;
	case SETTING_INT:
	case SETTING_JOBS:
	case SETTING_DURATION:
		*(int64_t *)field = v->i;
		break;
	case SETTING_STRING:
	case SETTING_OPTIONAL:
		*(const char **)field = s->text[id];
		break;
	case SETTING_LIST:
	case SETTING_REPEAT:
		*(string_vec *)field = v->list;
		break;
	}
}

struct setting_value
settings_value(const struct settings *s, enum setting_id id)
{
	const void *field = (const char *)s + offsets[id];
	struct setting_value v = { .is_set = s->from[id] > FROM_INI,
		.s = s->text[id] };

	switch (setting_defs[id].kind) {
	case SETTING_BOOL:
		v.b = *(const bool *)field;
		break;
	case SETTING_INT:
	case SETTING_JOBS:
	case SETTING_DURATION:
		v.i = *(const int64_t *)field;
		break;
	case SETTING_LIST:
	case SETTING_REPEAT:
		v.list = *(const string_vec *)field;
		break;
	case SETTING_STRING:
	case SETTING_OPTIONAL:
		break;
	}
	return v;
}

/* ---- what more than one of them decides ---- */

static bool
is_off(const char *text)
{
	return text != NULL &&
	       (strcmp(text, "false") == 0 || strcmp(text, "0") == 0 ||
		   strcmp(text, "off") == 0 || strcmp(text, "no") == 0);
}

/* P-108: inside of a run, the outermost one has decided. */
static bool
decide_compat(const struct setting_sources *src, const struct settings *s)
{
	return s->compat || src->outer->compat ||
	       (src->is_task && !src->outer->has_level) ||
	       (src->ini != NULL && CFG_B(src->ini, run, compat));
}

/* P-107: --serial, USE_PARALLEL=false, [run] parallel = off. */
static bool
decide_serial(const struct setting_sources *src, const struct settings *s)
{
	return s->serial || is_off(environment_get(src->env, "USE_PARALLEL")) ||
	       (src->ini != NULL && !CFG_B(src->ini, run, parallel));
}

/* P-201: the two names of one bound.  Flags win over the rest whichever they
 * are; then PRUN_JOBS does. */
static void
decide_slots(const struct setting_sources *src, struct settings *s)
{
	enum setting_source c = s->from[SET_concurrency];
	enum setting_source j = s->from[SET_jobs];

	s->is_slots_asked = true;
	if (c == FROM_FLAG || (c > FROM_INI && j <= FROM_INI))
		s->slots =
		    s->concurrency > 0 ? s->concurrency : SLOTS_UNLIMITED;
	else if (j > FROM_DEFAULT)
		s->slots = s->jobs;
	else
		s->is_slots_asked = false;
	if (s->is_slots_asked && s->slots == JOBS_AUTO) {
		/* nobody has asked for one that may not be exceeded */
		s->is_slots_asked = false;
		s->is_slots_auto = src->ini == NULL ||
				   CFG_B(src->ini, features, adaptive_slots);
	}
}

int
settings_slots(const struct settings *s)
{
	if (s->is_slots_auto)
		return cores_usable();
	if (!s->is_slots_asked)
		return slots_default();
	return s->slots < 0 ? cores_usable() : slots_bound(s->slots);
}

/* Whose groups and annotations: by what the CI system sets (P-504). */
static enum output_ci
decide_ci(const struct setting_sources *src, const struct settings *s)
{
	bool github = false, gitlab = false;

	if (s->is_compat || src->ini == NULL ||
	    strcmp(CFG_S(src->ini, output, ci), "off") == 0)
		return OUTPUT_CI_NONE;
	go_bool_parse(environment_get(src->env, "GITHUB_ACTIONS"), &github);
	go_bool_parse(environment_get(src->env, "GITLAB_CI"), &gitlab);
	return github   ? OUTPUT_CI_GITHUB
	       : gitlab ? OUTPUT_CI_GITLAB
			: OUTPUT_CI_NONE;
}

/* C-130: TASK_COLOR forces colours also where it is no bool. */
static int
decide_color(const struct setting_sources *src, const struct settings *s)
{
	const char *text = environment_get(src->env, "TASK_COLOR");

	if (SETTING_IS_SET(s, color))
		return s->color;
	return text != NULL && *text != '\0' ? 1 : -1;
}

static void
decide_one(struct arena *a, const struct setting_sources *src,
    enum setting_id id, struct settings *out)
{
	struct setting_value v;

	out->from[id] = decide(a, src, id, &v);
	keep(out, id, &v);
}

static void
decide_rest(const struct setting_sources *src, struct settings *out)
{
	out->is_compat = decide_compat(src, out);
	out->is_serial = decide_serial(src, out);
	out->color_forced = decide_color(src, out);
	out->ci = decide_ci(src, out);
	decide_slots(src, out);
	/* an empty text is none: what prun.ini says then counts */
	if (*out->load != '\0')
		out->max_load = share_parse(out->load);
	else if (src->ini != NULL)
		out->max_load = CFG_I(src->ini, run, load);
	if (*out->memfree != '\0')
		out->min_free_bytes = size_parse(out->memfree);
	else if (src->ini != NULL)
		out->min_free_bytes = CFG_I(src->ini, run, memfree);
}

void
settings_resolve(
    struct arena *a, const struct setting_sources *src, struct settings *out)
{
	*out = (struct settings){ .ini = src->ini,
		.rc = &src->rc,
		.gentle_force = src->gentle_force,
		.env_precedence = src->env_precedence,
		.in_hook = src->outer->in_hook };
	for (int i = 0; i < SETTING_COUNT; i++)
		decide_one(a, src, (enum setting_id)i, out);
	decide_rest(src, out);
}

void
settings_add_ini(struct arena *a, const struct setting_sources *src,
    const struct settings *early, struct settings *out)
{
	*out = *early;
	out->ini = src->ini;
	for (int i = 0; i < SETTING_COUNT; i++)
		if (setting_defs[i].ini != NONE)
			decide_one(a, src, (enum setting_id)i, out);
	decide_rest(src, out);
}

/* ---- for runs ---- */

static bool
bad_gate(struct arena *a, const char *flag, const char *text,
    const char *wanted, struct err *e)
{
	return err_set(e, ERR_USAGE,
	    "invalid argument %s for \"--%s\" flag: wanted a %s",
	    quote_go(a, sv_of(text)), flag, wanted);
}

bool
settings_check_gates(struct arena *a, const struct settings *s, struct err *e)
{
	if (s->max_load < 0)
		return bad_gate(a, "load", s->load, "share such as 80%", e);
	return s->min_free_bytes >= 0 ||
	       bad_gate(a, "memfree", s->memfree, "size such as 1G", e);
}

bool
settings_style(struct arena *a, const struct settings *s,
    const struct output_style *of_taskfile, struct output_style *out,
    const struct output_mode **mode, struct err *e)
{
	/* a style of the command line replaces the Taskfile's entirely */
	if (*s->output != '\0')
		*out = (struct output_style){
			.name = s->output,
			.group_begin = s->output_group_begin,
			.group_end = s->output_group_end,
			.group_error_only = s->output_group_error_only,
		};
	else
		*out = *of_taskfile;
	if (out->name == NULL || *out->name == '\0')
		out->name = CFG_S(s->ini, output, mode);
	*mode = *out->name != '\0' ? output_mode_find(out->name) : NULL;
	return *mode != NULL || *out->name == '\0' ||
	       err_set(e, ERR_GENERIC,
		   "task: output style %s not recognized",
		   quote_go(a, sv_of(out->name)));
}
