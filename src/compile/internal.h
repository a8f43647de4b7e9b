/* SPDX-License-Identifier: MIT */
/*
 * What the files of compile/ share.  A variable stands in a layer (L-094) at a
 * place; a text at a place sees, for each name, the last variable before it.
 * The cursor collects the variables that the texts of a task need, resolves
 * them in order of their places, and then makes the final texts.
 */
#ifndef COMPILE_INTERNAL_H
#define COMPILE_INTERNAL_H

#include "compile/compile.h"

/* Layers 3 to 8; the environment and the special variables lie below. */
enum layer {
	LAYER_ENV,	/* file-level env */
	LAYER_VARS,	/* file-level vars, with the command line's */
	LAYER_INCLUDE,	/* vars of the include statements */
	LAYER_INCLUDED, /* copy of the vars of a map-form included file */
	LAYER_CALL,	/* of the call, and MATCH */
	LAYER_TASK,
	LAYERS
};
/* Layers that are the same for all calls of a run. */
#define LAYER_IS_SHARED(layer) ((layer) <= LAYER_VARS)

/* Before the variable `index` of a layer; LAYERS: behind all. */
struct place {
	enum layer layer;
	size_t index;
};
#define PLACE_END ((struct place){ LAYERS, 0 })

/* ---- refs.c: which variables texts read ---- */

struct refs {
	struct map *names;    /* read by templates; NULL: none */
	struct map *mentions; /* words of shell texts: a variable's own one
			       * sees these names as $NAME (L-088) */
	bool all;	      /* templates may read any */
	bool impure; /* another value every time: now, uuid … (L-091) */
};
void refs_add_text(struct arena *a, struct templater *t, struct refs *r,
    const char *text);
void refs_add_ref(struct arena *a, struct templater *t, struct refs *r,
    const char *expr);
void refs_add_value(struct arena *a, struct templater *t, struct refs *r,
    value v);
void refs_add_name(struct arena *a, struct refs *r, const char *name);
void refs_add_var(struct arena *a, struct templater *t, struct refs *r,
    const struct var *v);
void refs_add_vars(struct arena *a, struct templater *t, struct refs *r,
    const vars *v);
/* What the turns of a loop hang on. */
void refs_add_loop(struct arena *a, struct templater *t, struct refs *r,
    const struct for_loop *l);
/* Identifiers in a shell text. */
void refs_add_mentions(struct arena *a, struct refs *r, const char *text);
/* All texts of a task that compiling in this mode replaces. */
void refs_add_task(struct arena *a, struct templater *t, struct refs *r,
    const struct taskfile *file, const struct task *task,
    enum compile_mode mode);

/* ---- scope.c: layers and look-up ---- */

/* What is known of a variable in the course of a compile. */
struct cell {
	bool done;
	bool broken;	 /* its template failed: value is the raw text */
	value value;	 /* VALUE_ABSENT: not visible (sh in fast mode) */
	const char *sh;	 /* the final text of a dynamic one */
	const char *assignment; /* "NAME=value", made when first exported */
};

/* A variable at its place. */
struct slot {
	const char *name;
	const struct var *var;
	struct place place;
	bool prepared; /* refs are known */
	struct refs refs;
	bool classified;
	bool fixed;  /* equal for all calls of the run */
	bool pure_static; /* no shell stands behind it */
	enum { REUSE_UNKNOWN, REUSE_NO, REUSE_YES } reuse; /* of its twin */
	struct cell shared; /* the value, where it is fixed */
};

/* The shared layers with their slots. */
struct scope {
	vars *layers[LAYER_VARS + 1];
	struct slot **slots[LAYER_VARS + 1];
	char **os_environ; /* "NAME=value", NULL at the end */
	size_t n_os_environ;
};
struct scope *scope_new(struct arena *a, const struct compiler *c, vars *env,
    vars *variables);

struct item;

enum phase {
	PHASE_VARS,   /* variables that texts need */
	PHASE_HEAD,   /* fields up to the directory, dotenv files */
	PHASE_DOTENV, /* variables that dotenv values need */
	PHASE_ENV,    /* environment of commands */
	PHASE_BODY,   /* commands, deps, conditions */
	PHASE_DONE,
	PHASE_FAILED
};

struct env_entry;

struct cursor {
	struct arena *a;
	struct compiler *c;
	const struct call *call;
	const struct match *match;
	const struct task *task; /* NULL: root dotenv files */
	enum compile_mode mode;
	bool eager;
	enum phase phase;
	void (*wake)(void *ctx);
	void *wake_ctx;

	/* variables */
	struct scope *scope;
	const vars *layers[LAYERS];
	struct slot **slots[LAYERS];
	struct item **items[LAYERS]; /* of needed variables, by index */
	struct slot *match_slot;
	VEC(struct item *) order; /* all items, by place once sorted */
	bool sorted;
	VEC(struct item *) todo; /* items whose own needs are to be looked at */
	size_t expanded;	 /* how many of todo have been */
	struct place swept; /* static variables before it are in the list */
	struct refs refs;   /* of all texts of the task */
	bool has_dir_refs;
	struct refs dir_refs; /* of the task's `dir` */
	bool in_task_dir;     /* `dir` is being replaced: TASK_DIR is raw */

	/* commands asked for */
	VEC(struct shell_need) needs;
	VEC(struct sh_entry *) asked;
	VEC(const char *) failures; /* per need; NULL: none */
	bool waiting;
	VEC(struct sh_entry *) watched;

	/* result */
	struct ctask *t;
	value data, masked;
	bool has_secrets;
	bool sticky; /* fast mode: after the first template error texts stay raw */
	struct map *env; /* name → struct env_entry * */
};

/* A needed variable. */
struct item {
	struct slot *slot;
	bool hard; /* its template errors count */
	struct cell cell;
	struct sh_entry *sh; /* asked for */
	struct shell_need need;
};

/* Fills in everything up to the layers. */
void cursor_open(struct cursor *cur, struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, enum compile_mode mode);
struct slot *slot_at(struct cursor *cur, enum layer layer, size_t index);
/* The variable that `name` means at a place; NULL: none of a layer. */
struct slot *scope_lookup(struct cursor *cur, sv name, struct place at);
bool place_before(struct place x, struct place y);
/* Walks the variables before `end` in order from *at on; NULL at the end. */
struct slot *scope_next(struct cursor *cur, struct place *at,
    struct place end);
void slot_prepare(struct cursor *cur, struct slot *s);
/* Sets fixed and pure_static; everything that it reads must be classified. */
void slot_classify(struct cursor *cur, struct slot *s);

/* Do the texts at a place read what only a command's output can tell? */
bool refs_are_dynamic(struct cursor *cur, const struct refs *r,
    struct place at);

/* ---- twin.c ---- */

/* A map-form included file's variables stand in two layers.  The first one of
 * the two, for the second; NULL: it has none. */
struct slot *twin_of(struct cursor *cur, const struct slot *s);
/* Does its text name the same variables at both places? */
bool twin_reads_alike(struct cursor *cur, struct slot *s);
/* Is its value the same at both places, so that it runs once? */
bool twin_is_reused(struct cursor *cur, struct slot *s);

/* ---- special.c ---- */

/* A special variable, else one of the environment, else VALUE_ABSENT. */
value base_value(struct cursor *cur, sv name, struct place at);
/* Names of all special variables, NULL at the end. */
extern const char *const special_names[];
/* TASK, ALIAS, …: another value for each call. */
bool special_is_per_call(sv name);

/* ---- vars.c ---- */

/* Does a command make the value?  A reference wins over a value, a value over
 * `sh` (L-082). */
bool var_is_dynamic(const struct var *v);
void need_refs(struct cursor *cur, const struct refs *r, struct place at,
    bool hard);
void need_slot(struct cursor *cur, struct slot *s, bool hard);
void need_everything(struct cursor *cur);
/* Resolves what is needed: DONE, or commands in cur->needs, or WAITS. */
enum compile_status resolve_needed(struct cursor *cur, struct err *e);
/* Is what is known of a variable kept for the run? */
bool slot_is_shared(const struct cursor *cur, const struct slot *s);
/* What is known of a variable; NULL: it is not needed. */
struct cell *cell_of(struct cursor *cur, const struct slot *s);
/* cursor.c: is it declared a secret, there or by its name anywhere; and: this
 * is a secret's value, or has some. */
bool slot_is_secret(const struct cursor *cur, const struct slot *s);
void cursor_learn(struct cursor *cur, value v);
value value_at(struct cursor *cur, sv name, struct place at);
/* Data of a template at a place: what it reads, or all. */
value data_at(struct cursor *cur, const struct refs *r, struct place at);
/* The task's directory as templates before `at` see it: absolute. */
bool task_dir_at(struct cursor *cur, struct place at, const char **out,
    struct err *e);
/* Value of a static or reference variable, or the final text of a shell one in
 * out->sh (then the value is absent).  In fast mode and for soft needs an error
 * leaves the raw text, and out->broken tells. */
bool eval_var(struct cursor *cur, struct arena *a, const struct var *v,
    value data, bool hard, struct cell *out, struct err *e);
/* Absolute form of a templated `dir`: tilde and $NAME expanded (L-202). */
const char *expand_dir(struct cursor *cur, const char *dir);

/* ---- exports.c ---- */

struct assignment {
	const char *name, *text; /* "NAME=value" */
};
typedef VEC(struct assignment) assign_vec;
/* Stands for a command with its folder and what of its environment counts. */
sv shell_key(struct arena *a, const char *cmd, const char *dir,
    const assign_vec *env);
/* Does its command run in the task's folder (L-087)? */
bool slot_runs_in_task_dir(const struct slot *s);
/* Makes item->need for the text in item->cell.sh, and its key. */
bool item_need(struct cursor *cur, struct item *item, sv *key, struct err *e);

/* ---- shcache.c ---- */

enum ask { ASK_DONE, ASK_PENDING };
/* The result of a command under a key (which stands for command, directory and
 * environment): known, or put on the list of needs, or awaited. */
enum ask ask_shell(struct cursor *cur, struct sh_entry **entry, sv key,
    const struct shell_need *need, sv *out);
struct sh_cache *sh_cache_new(struct arena *a);

/* ---- env.c ---- */

/* A name of the process environment, for path_expand(); ctx: compiler. */
const char *env_lookup(void *ctx, const char *name);

/* May a value be in an environment (L-112), and as which text? */
bool env_text(struct arena *a, value v, const char **out);
/* Does the Taskfile's value of this name reach commands (L-109, L-110)? */
bool env_exports(const struct compiler *c, const char *name);
/* The process's environment with `set`; NULL at the end. */
char **env_build(struct arena *a, const struct compiler *c,
    const struct scope *scope, const assign_vec *set);

/* One name of the environment of commands. */
struct env_entry {
	const char *name;
	const struct var *var;
	const struct slot *of_file; /* the file-level variable; or NULL */
	bool skipped; /* reaches no command: not evaluated */
	struct refs refs;
	struct cell cell;
	struct sh_entry *asked;
	struct shell_need need;
};
/* Lists the entries and what they need, but for dotenv files. */
void env_begin(struct cursor *cur);
/* Reads the task's dotenv files; what their values need is added. */
bool env_read_dotenv(struct cursor *cur, struct err *e);
/* Values of all entries, then t->env and t->env_set. */
enum compile_status env_resolve(struct cursor *cur, struct err *e);
/* Reads dotenv files into `out` (name → const char *); the first that defines a
 * name wins, missing files are skipped.  `framed`: errors name the file. */
bool dotenv_read(struct arena *a, const char *path, bool framed,
    struct map *out, struct err *e);

/* ---- text.c: final texts ---- */

/* Replaces a text of the task with cur->data. */
bool subst(struct cursor *cur, const char *text, const char **out,
    struct err *e);
bool subst_with(struct cursor *cur, const char *text, value data,
    const char **out, struct err *e);
bool subst_strings(struct cursor *cur, const string_vec *in, string_vec *out,
    struct err *e);
bool subst_vars(struct cursor *cur, const vars *in, value data, vars **out,
    struct err *e);
/* Copy of the data map to which loop variables can be added. */
value data_copy(struct arena *a, value data);

/* ---- ctask.c, body.c ---- */

bool subst_globs(struct cursor *cur, const glob_vec *in, glob_vec *out,
    struct err *e);
bool compile_head(struct cursor *cur, struct err *e);
bool compile_body(struct cursor *cur, struct err *e);

/* ---- expand.c ---- */

/* One turn of a loop. */
struct turn {
	value item, key; /* VALUE_ABSENT: none */
};
typedef VEC(struct turn) turn_vec;
bool for_turns(struct cursor *cur, const struct for_loop *loop, turn_vec *out,
    struct err *e);
/* The list that a `ref:` of a matrix or an enum gives; false: no list. */
bool value_is_list(value v);

/* ---- requires.c ---- */

bool requires_resolve_enums(struct cursor *cur, struct err *e);

/* ---- key.c ---- */

uint64_t when_changed_key(struct cursor *cur);

#endif
