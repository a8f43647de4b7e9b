/* SPDX-License-Identifier: MIT */
/*
 * Folds the graph of files into the root's Taskfile (L-160 to L-170).  Files
 * that lie deepest are merged first, those of one depth in the order in which
 * they were read; so a file is whole before it is merged into another.
 */
#include "base/path.h"
#include "base/vec.h"
#include "taskfile/graph.h"

/* One include statement being merged. */
struct merge {
	struct arena *a;     /* for what stays */
	struct arena *names; /* for names: those of a file on the way to the
			      * root die once it is merged */
	struct taskfile *to, *from;
	const struct include *inc;
	bool moves; /* the only include of `from`: its tasks need no copy */
	vars *included_vars; /* layer 6, the same for all its tasks */
	vars *seen_vars, *made_vars; /* layer 5: of the task before */
	bool has_made;
	/* and its namespace, in the file around */
	const char *seen_namespace, *made_namespace;
	const char *bare_dir; /* of a task that has no dir; NULL: not made */
	struct err *e;
};

/* "ns:name".  Chains of includes make long names of long names: printf's two
 * passes over them would be most of the time. */
static const char *
joined(struct merge *m, const char *ns, const char *name)
{
	size_t n = strlen(ns), k = strlen(name);
	char *p = arena_alloc(m->names, n + k + 2);

	memcpy(p, ns, n);
	p[n] = ':';
	memcpy(p + n + 1, name, k);
	return p;
}

/* "ns:name"; a leading colon takes one level back (L-162). */
static const char *
in_namespace(struct merge *m, const char *name, const char *ns)
{
	if (*name == ':')
		return arena_strdup(m->names, name + 1);
	return joined(m, ns, name);
}

/* The name that stands for `name` in the file around. */
static const char *
outer_name(struct merge *m, const char *name)
{
	return m->inc->flatten
	    ? arena_strdup(m->names, name)
	    : in_namespace(m, name, m->inc->namespace_);
}

/* L-087: what comes through a map-form include runs its `sh` in its dir. */
static void
merge_vars(struct merge *m, vars *to, const vars *from)
{
	const struct map_entry *it;

	map_each(from, it) {
		struct var *v = it->value;

		if (m->inc->advanced) {
			struct var *copy = arena_new_of(m->a, struct var);

			*copy = *v;
			copy->dir = m->inc->dir;
			v = copy;
		}
		map_put(to, it->key, v);
	}
}

static bool
is_excluded(struct merge *m, const char *name)
{
	for (size_t i = 0; i < m->inc->excludes.n; i++) {
		sv x = sv_of(m->inc->excludes.v[i]);

		if (!sv_ends(x, SV(":*"))) {
			if (sv_is(x, name))
				return true;
			continue;
		}
		/* everything below "d:" (L-165) */
		if (x.n > 2 && sv_starts(sv_of(name), sv_sub(x, 0, x.n - 1)))
			return true;
	}
	return false;
}

/* Calls are renamed in place, so a copy of a task has its own. */
static void
copy_calls(struct merge *m, struct task *t)
{
	const struct task old = *t;

	t->deps.v = NULL;
	t->deps.n = t->deps.cap = 0;
	for (size_t i = 0; i < old.deps.n; i++) {
		struct dep *dep = arena_new_of(m->a, struct dep);

		*dep = *old.deps.v[i];
		vec_push(m->a, &t->deps, dep);
	}
	t->cmds.v = NULL;
	t->cmds.n = t->cmds.cap = 0;
	for (size_t i = 0; i < old.cmds.n; i++) {
		struct cmd *cmd = old.cmds.v[i];

		if (cmd->kind == CMD_TASK) {
			cmd = arena_new_of(m->a, struct cmd);
			*cmd = *old.cmds.v[i];
		}
		vec_push(m->a, &t->cmds, cmd);
	}
}

static void
rename_calls(struct merge *m, struct task *t)
{
	for (size_t i = 0; i < t->deps.n; i++) {
		struct dep *dep = t->deps.v[i];

		if (*dep->task != '\0')
			dep->task = outer_name(m, dep->task);
	}
	for (size_t i = 0; i < t->cmds.n; i++) {
		struct cmd *cmd = t->cmds.v[i];

		if (cmd->kind == CMD_TASK)
			cmd->task = outer_name(m, cmd->task);
	}
}

/* Its own aliases below the namespace, then its name and them below each alias
 * of the namespace. */
static void
rename_aliases(struct merge *m, struct task *t)
{
	string_vec own = t->aliases, all = { 0 };

	for (size_t i = 0; i < own.n; i++)
		vec_push(m->names, &all, outer_name(m, own.v[i]));
	for (size_t k = 0; k < m->inc->aliases.n && !m->inc->flatten; k++) {
		const char *ns = m->inc->aliases.v[k];

		vec_push(m->names, &all, in_namespace(m, t->name, ns));
		for (size_t i = 0; i < own.n; i++)
			vec_push(m->names, &all,
			    in_namespace(m, own.v[i], ns));
	}
	t->aliases = all;
}

static const char *
outer_namespace(struct merge *m, const char *name)
{
	if (m->inc->flatten)
		return arena_strdup(m->names, name);
	return *name == '\0' ? m->inc->namespace_
			     : joined(m, m->inc->namespace_, name);
}

static void
rename_task(struct merge *m, struct task *t)
{
	rename_calls(m, t);
	rename_aliases(m, t);
	t->name = outer_name(m, t->name);
	if (m->seen_namespace != t->namespace_) {
		m->seen_namespace = t->namespace_;
		m->made_namespace = outer_namespace(m, t->namespace_);
	}
	t->namespace_ = m->made_namespace;
}

/* A path that a template makes absolute counts as absolute. */
static bool
starts_absolute(const char *dir)
{
	return *dir == '/' || strstr(dir, ".ROOT_DIR") != NULL ||
	    strstr(dir, ".TASKFILE_DIR") != NULL ||
	    strstr(dir, ".USER_WORKING_DIR") != NULL;
}

/* L-167, L-168: the map form brings its dir and variables along. */
static void
apply_map_form(struct merge *m, struct task *t)
{
	if (m->bare_dir == NULL)
		m->bare_dir = path_join(m->a, sv_of(m->inc->dir), SV(""));
	if (*t->dir == '\0')
		t->dir = m->bare_dir;
	else if (!starts_absolute(t->dir))
		t->dir = path_join(m->a, sv_of(m->inc->dir), sv_of(t->dir));
	t->include_dir = m->inc->dir;
	if (!m->has_made || m->seen_vars != t->include_vars) {
		const struct map_entry *it;

		m->seen_vars = t->include_vars;
		m->made_vars = t->include_vars != NULL
		    ? map_copy(m->a, t->include_vars)
		    : map_new(m->a);
		m->has_made = true;
		map_each(m->inc->vars, it) {
			map_put(m->made_vars, it->key, it->value);
		}
	}
	t->include_vars = m->made_vars;
	t->included_vars = m->included_vars;
}

static bool
merge_task(struct merge *m, struct task *t)
{
	if (is_excluded(m, t->name))
		return true;
	if (!m->moves) {
		struct task *copy = task_new(m->a);

		*copy = *t;
		t = copy;
		copy_calls(m, t);
	}
	t->internal |= m->inc->internal;
	t->in_library |= m->inc->internal;
	rename_task(m, t);
	if (m->inc->advanced)
		apply_map_form(m, t);
	return map_add_kept(m->to->tasks, sv_of(t->name), t) ||
	       err_set(m->e, ERR_TASK_CONFLICT,
		   "task: Found multiple tasks (%s) included by \"%s\"\"",
		   t->name, m->inc->namespace_);
}

/* L-161: the namespace's own name calls its default task. */
static void
add_default_alias(struct merge *m)
{
	const char *ns = m->inc->namespace_;
	struct task *t;

	if (m->inc->flatten ||
	    map_get(m->from->tasks, SV("default")) == NULL ||
	    map_get(m->to->tasks, sv_of(ns)) != NULL)
		return;
	t = map_get(m->to->tasks,
	    sv_of(joined(m, ns, "default")));
	if (t == NULL)
		return;
	m->to->has_aliases = true;
	vec_push(m->names, &t->aliases, ns);
	for (size_t i = 0; i < m->inc->aliases.n; i++)
		vec_push(m->names, &t->aliases, m->inc->aliases.v[i]);
}

/* L-170: what a file says of all its tasks goes into them. */
static void
push_down(const struct taskfile *from)
{
	const struct map_entry *it;

	map_each(from->tasks, it) {
		struct task *t = it->value;

		if (t->silent == TRI_UNSET && from->silent == TRI_TRUE)
			t->silent = TRI_TRUE;
		if (t->use_gitignore == TRI_UNSET)
			t->use_gitignore = from->use_gitignore;
	}
}

static bool
merge_check_file(struct merge *m)
{
	if (strcmp(m->to->version, m->from->version) != 0)
		return err_set(m->e, ERR_GENERIC,
		    "task: Taskfiles versions should match. First is \"%s\" "
		    "but second is \"%s\"",
		    m->to->version, m->from->version);
	if (m->from->dotenv.n > 0)
		return err_set(m->e, ERR_GENERIC,
		    "task: Included Taskfiles can't have dotenv declarations. "
		    "Please, move the dotenv declaration to the main "
		    "Taskfile");
	return true;
}

/* L-098: all variables and environment go into one pool, the included file's
 * over those of the file around it. */
static bool
merge_file(struct merge *m)
{
	const struct map_entry *it;

	if (!merge_check_file(m))
		return false;
	if (*m->from->output.name != '\0')
		m->to->output = m->from->output;
	push_down(m->from);
	merge_vars(m, m->to->vars, m->from->vars);
	merge_vars(m, m->to->env, m->from->env);
	m->to->has_secrets |= m->from->has_secrets;
	m->to->has_groups |= m->from->has_groups;
	m->to->has_executors |= m->from->has_executors;
	m->to->has_aliases |= m->from->has_aliases || m->inc->aliases.n > 0;
	if (m->inc->advanced)
		m->included_vars = map_copy(m->a, m->to->vars);
	map_each(m->from->tasks, it) {
		if (!merge_task(m, it->value))
			return false;
	}
	add_default_alias(m);
	for (size_t i = 0; i < m->from->unknown.n; i++)
		vec_push(m->a, &m->to->unknown, m->from->unknown.v[i]);
	m->from->unknown.n = 0;
	return true;
}

/* Longest way from the root, file by file in topological order. */
static void
find_levels(struct graph *g)
{
	VEC(struct vertex *) ready = { 0 };

	vec_push(NULL, &ready, g->all.v[0]);
	for (size_t k = 0; k < ready.n; k++) {
		struct vertex *v = ready.v[k];

		for (size_t i = 0; i < v->edges.n; i++) {
			struct vertex *to = v->edges.v[i].to;

			if (to->level <= v->level)
				to->level = v->level + 1;
			if (++to->parents_done == to->includers.n)
				vec_push(NULL, &ready, to);
		}
	}
	vec_free(&ready);
}

struct order {
	struct vertex *v;
	size_t number;
};

static int
deepest_first(const void *x, const void *y)
{
	const struct order *p = x, *q = y;

	if (p->v->level != q->v->level)
		return p->v->level > q->v->level ? -1 : 1;
	return p->number < q->number ? -1 : p->number > q->number;
}

/* Names made for a file that is not the root live until it is merged. */
static struct arena *
merge_names_of(struct graph *g, struct vertex *v)
{
	if (v == g->all.v[0])
		return g->a;
	if (v->names == NULL) {
		v->names = arena_new();
		v->tf->tasks = map_copy(v->names, v->tf->tasks);
	}
	return v->names;
}

static bool
merge_edge(struct graph *g, struct vertex *to, const struct edge *edge,
    struct err *e)
{
	const struct vertex *from = edge->to;

	for (size_t i = 0; i < edge->includes.n; i++) {
		struct merge m = {
			.a = g->a,
			.names = merge_names_of(g, to),
			.to = to->tf,
			.from = from->tf,
			.inc = edge->includes.v[i],
			.moves =
			    from->includers.n == 1 && edge->includes.n == 1,
			.e = e,
		};

		if (!merge_file(&m))
			return false;
	}
	return true;
}

static void
forget_names(struct vertex *v)
{
	arena_free(v->names);
	v->names = NULL;
}

static bool
merge_into_all(struct graph *g, struct vertex *v, struct err *e)
{
	for (size_t i = 0; i < v->includers.n; i++) {
		struct vertex *to = v->includers.v[i];

		for (size_t k = 0; k < to->edges.n; k++)
			if (to->edges.v[k].to == v &&
			    !merge_edge(g, to, &to->edges.v[k], e))
				return false;
	}
	forget_names(v);
	v->tf->tasks = NULL;
	return true;
}

bool
graph_merge(struct graph *g, struct err *e)
{
	size_t n = g->all.n;
	struct order *order = arena_alloc(g->a, n * sizeof(*order));
	bool good = true;

	find_levels(g);
	for (size_t i = 0; i < n; i++)
		order[i] = (struct order){ g->all.v[i], i };
	qsort(order, n, sizeof(*order), deepest_first);
	for (size_t i = 0; i + 1 < n && good; i++)
		good = merge_into_all(g, order[i].v, e);
	for (size_t i = 0; i < n; i++)
		forget_names(g->all.v[i]);
	return good;
}
