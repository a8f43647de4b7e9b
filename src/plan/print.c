/* SPDX-License-Identifier: MIT */
/* The plan on paper: levels for people; dot, JSON and mermaid for programs. */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "go/json.h"

/* Simulation: whenever a slot is free, the ready call with the longest
 * remaining path takes it. */
double
plan_wall(struct arena *a, const struct plan *p, int slots)
{
	size_t n = p->nodes.n, done = 0, running = 0;
	double now = 0;
	double *end = arena_alloc(a, (n + 1) * sizeof(*end));
	char *state = arena_alloc(a, n + 1); /* 0 waits, 1 runs, 2 done */

	while (done < n) {
		size_t best = n, next = n;

		for (size_t i = 0; i < n; i++) {
			const struct plan_node *node = &p->nodes.v[i];
			bool ready = state[i] == 0;

			for (size_t k = 0; ready && k < node->before.n; k++)
				ready = state[node->before.v[k]] == 2;
			if (ready && (best == n || node->remaining >
				p->nodes.v[best].remaining))
				best = i;
			if (state[i] == 1 && (next == n || end[i] < end[next]))
				next = i;
		}
		if (best < n && (slots <= 0 || running < (size_t)slots)) {
			state[best] = 1;
			end[best] = now + p->nodes.v[best].own;
			running++;
			continue;
		}
		if (next == n)
			break;
		now = end[next];
		state[next] = 2;
		running--;
		done++;
	}
	return now;
}

static char *
seconds_text(struct arena *a, double s)
{
	return duration_short(a, (int64_t)(s * 1e9));
}

static void
print_node(struct arena *a, struct sb *out, const struct plan *p,
    const struct plan_node *node)
{
	sb_printf(out, "  %s%s", node->on_critical_path ? "* " : "  ",
	    node->name);
	if (node->seconds >= 0)
		sb_printf(out, "  %s", seconds_text(a, node->seconds));
	if (node->is_unknown)
		sb_adds(out, "  (known when it runs)");
	if (node->parent != node->id)
		sb_printf(out, "  (%s %s)", node->is_dep ? "dep of" :
		    "called by", p->nodes.v[node->parent].name);
	sb_addc(out, '\n');
}

void
plan_print(struct sb *out, const struct plan *p, int slots)
{
	struct arena *a cleanup_arena = arena_new();

	for (unsigned level = 0; level < p->levels; level++) {
		sb_printf(out, "level %u\n", level + 1);
		for (size_t i = 0; i < p->nodes.n; i++)
			if (p->nodes.v[i].level == level)
				print_node(a, out, p, &p->nodes.v[i]);
	}
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
graph_dot(struct sb *out, const struct plan *p)
{
	sb_adds(out, "digraph plan {\n\trankdir=LR;\n");
	for (size_t i = 0; i < p->nodes.n; i++) {
		sb_printf(out, "\tn%zu [label=", i);
		json_quote(out, sv_of(p->nodes.v[i].name), false);
		if (p->nodes.v[i].is_unknown)
			sb_adds(out, ", style=dashed];\n");
		else
			sb_adds(out, p->nodes.v[i].on_critical_path
					 ? ", style=bold];\n"
					 : "];\n");
	}
	for (size_t i = 0; i < p->nodes.n; i++)
		for (size_t k = 0; k < p->nodes.v[i].before.n; k++)
			sb_printf(out, "\tn%u -> n%zu;\n",
			    p->nodes.v[i].before.v[k], i);
	sb_adds(out, "}\n");
}

static void
graph_mermaid(struct sb *out, const struct plan *p)
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
		for (size_t k = 0; k < p->nodes.v[i].before.n; k++)
			sb_printf(out, "  n%u --> n%zu\n",
			    p->nodes.v[i].before.v[k], i);
}

static void
json_node(struct sb *out, const struct plan_node *node)
{
	sb_printf(out, "    {\"id\": %u, \"name\": ", node->id);
	json_quote(out, sv_of(node->name), false);
	sb_adds(out, ", \"task\": ");
	json_quote(out, sv_of(node->task), false);
	if (node->parent != node->id)
		sb_printf(out, ", \"parent\": %u", node->parent);
	sb_printf(out, ", \"dep\": %s, \"level\": %u, \"commands\": %zu, "
		       "\"critical\": %s",
	    node->is_dep ? "true" : "false", node->level, node->commands,
	    node->on_critical_path ? "true" : "false");
	if (node->is_unknown)
		sb_adds(out, ", \"unknown\": true");
	if (node->seconds >= 0)
		sb_printf(out, ", \"seconds\": %.3f", node->seconds);
	sb_adds(out, ", \"after\": [");
	for (size_t k = 0; k < node->before.n; k++)
		sb_printf(out, "%s%u", k ? ", " : "", node->before.v[k]);
	sb_adds(out, "]}");
}

static void
graph_json(struct sb *out, const struct plan *p)
{
	sb_adds(out, "{\n  \"nodes\": [\n");
	for (size_t i = 0; i < p->nodes.n; i++) {
		json_node(out, &p->nodes.v[i]);
		sb_adds(out, i + 1 < p->nodes.n ? ",\n" : "\n");
	}
	sb_printf(out, "  ],\n  \"levels\": %u\n}\n", p->levels);
}

void
plan_graph(struct sb *out, const struct plan *p, enum plan_format f)
{
	switch (f) {
	case PLAN_DOT:
		graph_dot(out, p);
		break;
	case PLAN_JSON:
		graph_json(out, p);
		break;
	case PLAN_MERMAID:
		graph_mermaid(out, p);
		break;
	}
}
