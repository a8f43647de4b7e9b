/* SPDX-License-Identifier: MIT */
/* The plan on paper: levels for people; dot, JSON and mermaid for programs. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "go/json.h"

static char *
seconds_text(struct arena *a, double s)
{
	return duration_short(a, (int64_t)(s * 1e9));
}

/* The first of its callers, and how many there are besides. */
static void
print_callers(
    struct sb *out, const struct plan *p, const struct plan_node *node)
{
	if (node->callers.n == 0)
		return;
	sb_printf(out, "  (%s %s", node->is_dep ? "dep of" : "called by",
	    p->nodes.v[node->callers.v[0]].name);
	if (node->callers.n > 1)
		sb_printf(out, " and %zu more", node->callers.n - 1);
	sb_addc(out, ')');
}

static const char *
where_of(const struct plan *p, const struct plan_node *node)
{
	return p->where != NULL && node->commands > 0
		   ? p->where(p->where_ctx, node->task)
		   : NULL;
}

/* For people. */
static const char *
where_text(const char *where)
{
	if (strcmp(where, "local") == 0)
		return "here";
	return strcmp(where, "slurm") == 0 ? "on slurm" : "here or on slurm";
}

static void
print_node(struct arena *a, struct sb *out, const struct plan *p,
    const struct plan_node *node)
{
	const char *where = where_of(p, node);

	sb_printf(out, "  %s%s", node->on_critical_path ? "* " : "  ",
	    node->name);
	if (node->seconds >= 0)
		sb_printf(out, "  %s", seconds_text(a, node->seconds));
	if (where != NULL)
		sb_printf(out, "  %s", where_text(where));
	if (node->is_unknown)
		sb_adds(out, "  (known when it runs)");
	print_callers(out, p, node);
	sb_addc(out, '\n');
}

/* The nodes by level, each level in declared order. */
static void
print_levels(struct arena *a, struct sb *out, const struct plan *p)
{
	plan_ids *levels = arena_alloc(a, (p->levels + 1) * sizeof(*levels));

	for (unsigned i = 0; i < p->nodes.n; i++)
		vec_push(a, &levels[p->nodes.v[i].level], i);
	for (unsigned level = 0; level < p->levels; level++) {
		sb_printf(out, "level %u\n", level + 1);
		for (size_t i = 0; i < levels[level].n; i++)
			print_node(a, out, p, &p->nodes.v[levels[level].v[i]]);
	}
}

void
plan_print(struct sb *out, const struct plan *p, int slots)
{
	struct arena *a cleanup_arena = arena_new();

	print_levels(a, out, p);
	sb_printf(out, "\n%zu calls in %u levels", p->nodes.n, p->levels);
	if (slots > 0)
		sb_printf(out, ", %d slots", slots);
	sb_adds(out, "; * is the critical path\n");
	if (!p->has_times) {
		sb_adds(out, "no times are known yet: they come from the last "
			     "runs\n");
		return;
	}
	sb_printf(out, "expected: %s", seconds_text(a, plan_wall(a, p, slots)));
	sb_printf(out, "; at least %s with any number of slots",
	    seconds_text(a, p->critical_seconds));
	sb_printf(out, "; one by one %s\n", seconds_text(a, p->work_seconds));
}

bool
plan_format_parse(const char *name, enum plan_format *out)
{
	static const char *const names[] = { "dot", "json", "mermaid" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = (enum plan_format)i;
			return true;
		}
	}
	return false;
}

static void
graph_dot(struct sb *out, const struct plan *p, const plan_ids *before)
{
	sb_adds(out, "digraph plan {\n\trankdir=LR;\n");
	for (size_t i = 0; i < p->nodes.n; i++) {
		sb_printf(out, "\tn%zu [label=", i);
		json_quote(out, sv_of(p->nodes.v[i].name), false);
		if (p->nodes.v[i].is_unknown)
			sb_adds(out, ", style=dashed];\n");
		else
			sb_adds(out, p->nodes.v[i].on_critical_path
				? ", style=bold];\n" : "];\n");
	}
	for (size_t i = 0; i < p->nodes.n; i++)
		for (size_t k = 0; k < before[i].n; k++)
			sb_printf(out, "\tn%u -> n%zu;\n", before[i].v[k], i);
	sb_adds(out, "}\n");
}

static void
graph_mermaid(struct sb *out, const struct plan *p, const plan_ids *before)
{
	sb_adds(out, "graph LR\n");
	for (size_t i = 0; i < p->nodes.n; i++) {
		sb_printf(out, "  n%zu[\"", i);
		for (const char *s = p->nodes.v[i].name; *s != '\0'; s++)
			if (*s == '"')
				sb_adds(out, "#quot;");
			else
				sb_addc(out, *s == '\n' ? ' ' : *s);
		sb_adds(out, "\"]\n");
	}
	for (size_t i = 0; i < p->nodes.n; i++)
		for (size_t k = 0; k < before[i].n; k++)
			sb_printf(out, "  n%u --> n%zu\n", before[i].v[k], i);
}

static void
json_ids(struct sb *out, const char *name, const plan_ids *ids)
{
	sb_printf(out, ", \"%s\": [", name);
	for (size_t k = 0; k < ids->n; k++)
		sb_printf(out, "%s%u", k ? ", " : "", ids->v[k]);
	sb_addc(out, ']');
}

static void
json_node(struct sb *out, const struct plan *p, const struct plan_node *node,
    const plan_ids *before)
{
	const char *where = where_of(p, node);

	sb_printf(out, "    {\"id\": %u, \"name\": ", node->id);
	json_quote(out, sv_of(node->name), false);
	sb_adds(out, ", \"task\": ");
	json_quote(out, sv_of(node->task), false);
	if (node->callers.n > 0)
		sb_printf(out, ", \"parent\": %u", node->callers.v[0]);
	if (node->callers.n > 1)
		json_ids(out, "callers", &node->callers);
	sb_printf(out, ", \"dep\": %s, \"level\": %u, \"commands\": %zu, "
		       "\"critical\": %s",
	    node->is_dep ? "true" : "false", node->level, node->commands,
	    node->on_critical_path ? "true" : "false");
	if (node->is_unknown)
		sb_adds(out, ", \"unknown\": true");
	if (node->seconds >= 0)
		sb_printf(out, ", \"seconds\": %.3f", node->seconds);
	if (where != NULL) {
		sb_adds(out, ", \"executor\": ");
		json_quote(out, sv_of(where), false);
	}
	json_ids(out, "after", before);
	sb_addc(out, '}');
}

static void
graph_json(struct sb *out, const struct plan *p, const plan_ids *before)
{
	sb_adds(out, "{\n  \"nodes\": [\n");
	for (size_t i = 0; i < p->nodes.n; i++) {
		json_node(out, p, &p->nodes.v[i], &before[i]);
		sb_adds(out, i + 1 < p->nodes.n ? ",\n" : "\n");
	}
	sb_printf(out, "  ],\n  \"levels\": %u\n}\n", p->levels);
}

void
plan_graph(struct sb *out, const struct plan *p, enum plan_format f)
{
	struct arena *a cleanup_arena = arena_new();
	const plan_ids *before = plan_edges(a, p);

	switch (f) {
	case PLAN_DOT:
		graph_dot(out, p, before);
		break;
	case PLAN_JSON:
		graph_json(out, p, before);
		break;
	case PLAN_MERMAID:
		graph_mermaid(out, p, before);
		break;
	}
}
