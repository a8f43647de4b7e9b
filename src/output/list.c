/* SPDX-License-Identifier: MIT */
#include "output/list.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"
#include "output/columns.h"
#include "go/json.h"

static int
list_by_name(const void *x, const void *y)
{
	const struct list_row *a = x, *b = y;

	return strcmp(a->task->name, b->task->name);
}

/* Root tasks before those of namespaces, then bytewise (C-165). */
static int
by_default(const void *x, const void *y)
{
	const struct list_row *a = x, *b = y;

	return a->in_namespace != b->in_namespace
		   ? a->in_namespace - b->in_namespace
		   : list_by_name(x, y);
}

static const struct ctask *
compile_row(struct arena *a, struct compiler *c, const struct task *task)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct call call = { .task = task->name };
	struct match m = { .task = task, .full_name = task->name };
	struct cursor *cursor = compile_begin(a, c, &call, &m, COMPILE_LIST);

	if (compile_step(cursor, &ignored) != COMPILE_DONE)
		return NULL;
	return compile_result(cursor);
}

static bool
list_has_template(const char *text)
{
	return text != NULL && strstr(text, "{{") != NULL;
}

/* Do templates make any of what is shown?  Where there are secrets all are
 * compiled, so that none is shown for want of being known. */
static bool
is_row_made(const struct compiler *c, const struct task *t)
{
	return c->taskfile->has_secrets || list_has_template(t->rare->label) ||
	       list_has_template(t->desc) ||
	       list_has_template(t->rare->summary);
}

static void
list_make_row(struct arena *a, struct compiler *c, struct list_row *r)
{
	const struct ctask *made = compile_row(a, c, r->task);

	if (made == NULL)
		return;
	r->desc = made->desc;
	r->summary = made->summary;
	if (made->label[0] != '\0')
		r->name = made->label;
}

void
list_collect(struct arena *a, struct compiler *c, bool all, const char *sort,
    list_row_vec *out)
{
	const struct map_entry *m;

	*out = (list_row_vec){ 0 };
	map_each(c->taskfile->tasks, m) {
		const struct task *t = m->value;
		struct list_row r = { .task = t,
			.name = t->name,
			.desc = t->desc,
			.summary = t->rare->summary,
			.in_namespace = strchr(t->name, ':') != NULL };

		if (t->internal || t->is_derived ||
		    (!all && t->desc[0] == '\0'))
			continue;
		if (is_row_made(c, t))
			list_make_row(a, c, &r);
		else if (t->rare->label != NULL && t->rare->label[0] != '\0')
			r.name = t->rare->label;
		vec_push(a, out, r);
	}
	if (out->n == 0 || strcmp(sort, "none") == 0)
		return;
	qsort(out->v, out->n, sizeof(*out->v),
	    strcmp(sort, "alphanumeric") == 0 ? list_by_name : by_default);
}

/* Behind a name, in one line. */
static void
add_desc(struct sb *out, const char *text)
{
	size_t from;

	sb_adds(out, ": \t");
	from = out->n;
	sb_adds(out, text);
	for (; from < out->n; from++)
		if (out->p[from] == '\n')
			out->p[from] = ' ';
}

static char *
alias_text(struct arena *a, const struct task *t)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < t->aliases.n; i++)
		sb_printf(&b, "%s%s", i ? ", " : "", t->aliases.v[i]);
	return arena_printf(a, "\t(aliases: %s)", sb_cstr(&b));
}

/* A cell: what the Taskfile says, in colour. */
static void
list_add(struct term *t, struct sb *out, enum color c, sv text)
{
	struct sb said cleanup_sb = SB_INIT;

	if (!t->color) {
		term_add_said(t, out, text);
		return;
	}
	term_add_said(t, &said, text);
	term_add(t, out, c, sb_sv(&said));
}

static void
list_text(struct arena *a, const list_row_vec *rows, struct term *t)
{
	struct sb table cleanup_sb = SB_INIT;
	struct sb desc cleanup_sb = SB_INIT;
	struct sb out cleanup_sb = SB_INIT;

	for (size_t i = 0; i < rows->n; i++) {
		const struct list_row *r = &rows->v[i];

		term_add(t, &table, COLOR_YELLOW, SV("* "));
		list_add(t, &table, COLOR_GREEN, sv_of(r->task->name));
		sb_clear(&desc);
		add_desc(&desc, r->desc);
		list_add(t, &table, COLOR_DEFAULT, sb_sv(&desc));
		if (r->task->aliases.n > 0)
			list_add(t, &table, COLOR_CYAN,
			    sv_of(alias_text(a, r->task)));
		sb_addc(&table, '\n');
	}
	term_add(t, &out, COLOR_DEFAULT,
	    SV("task: Available tasks for this project:\n"));
	columns_align(&out, sb_sv(&table), 6);
	term_say(t, STDOUT_FILENO, sb_sv(&out));
}

static void
add_trimmed(const struct term *t, struct sb *out, const char *name)
{
	sv s = sv_of(name);

	if (sv_ends(s, SV(":")))
		s.n--;
	term_add_said(t, out, s);
	sb_addc(out, '\n');
}

static void
list_names(const list_row_vec *rows, struct term *t)
{
	struct sb out cleanup_sb = SB_INIT;

	for (size_t i = 0; i < rows->n; i++) {
		const struct task *task = rows->v[i].task;

		add_trimmed(t, &out, task->name);
		for (size_t k = 0; k < task->aliases.n; k++)
			add_trimmed(t, &out, task->aliases.v[k]);
	}
	term_say(t, STDOUT_FILENO, sb_sv(&out));
}

/* ---- JSON ---- */

struct json {
	struct arena *a;
	struct compiler *c;
	struct sb *out;
	struct fp *fp;
	bool status;
	struct err *err; /* the first, which ends the listing */
};

static void
indent(struct json *j, int depth)
{
	sb_pad(j->out, ' ', (size_t)depth * 2);
}

static void
list_member(struct json *j, int depth, const char *name, const char *text)
{
	indent(j, depth);
	sb_printf(j->out, "\"%s\": ", name);
	json_quote(j->out, sv_of(text), true);
	sb_adds(j->out, ",\n");
}

static void
aliases(struct json *j, int depth, const string_vec *list)
{
	indent(j, depth);
	sb_adds(j->out, "\"aliases\": [");
	for (size_t i = 0; i < list->n; i++) {
		sb_adds(j->out, i ? ",\n" : "\n");
		indent(j, depth + 1);
		json_quote(j->out, sv_of(list->v[i]), true);
	}
	if (list->n > 0) {
		sb_addc(j->out, '\n');
		indent(j, depth);
	}
	sb_adds(j->out, "],\n");
}

static bool
is_up_to_date(struct json *j, const struct list_row *r)
{
	const struct ctask *t = compile_row(j->a, j->c, r->task);
	struct fp_state state;

	return t != NULL && fp_check(j->fp, j->a, t, &state, j->err) &&
	       state.has_sources && state.up_to_date;
}

static void
one_task(struct json *j, int depth, const struct list_row *r)
{
	indent(j, depth);
	sb_adds(j->out, "{\n");
	list_member(j, depth + 1, "name", r->name);
	list_member(j, depth + 1, "task", r->task->name);
	list_member(j, depth + 1, "desc", r->desc);
	list_member(j, depth + 1, "summary", r->summary);
	aliases(j, depth + 1, &r->task->aliases);
	if (j->status) {
		indent(j, depth + 1);
		sb_printf(j->out, "\"up_to_date\": %s,\n",
		    is_up_to_date(j, r) ? "true" : "false");
	}
	indent(j, depth + 1);
	sb_adds(j->out, "\"location\": {\n");
	indent(j, depth + 2);
	sb_printf(j->out, "\"line\": %d,\n", r->task->at.line);
	indent(j, depth + 2);
	sb_printf(j->out, "\"column\": %d,\n", r->task->at.column);
	indent(j, depth + 2);
	sb_adds(j->out, "\"taskfile\": ");
	json_quote(j->out, sv_of(r->task->at.taskfile), true);
	sb_addc(j->out, '\n');
	indent(j, depth + 1);
	sb_adds(j->out, "}\n");
	indent(j, depth);
	sb_addc(j->out, '}');
}

/* Tasks of one namespace: those of `rows` whose name starts with `prefix` and
 * has no further part. */
struct space {
	VEC(const struct list_row *) tasks;
	struct map *spaces; /* part → struct space */
};

static void
add_to_space(struct arena *a, struct space *s, const struct list_row *r)
{
	sv rest = sv_of(r->task->name), part;

	while (sv_cut(rest, ':', &part, &rest)) {
		struct space *next;

		if (s->spaces == NULL)
			s->spaces = map_new(a);
		next = map_get(s->spaces, part);
		if (next == NULL) {
			next = arena_new_of(a, struct space);
			map_put(s->spaces, part, next);
		}
		s = next;
	}
	vec_push(a, &s->tasks, r);
}

static void one_space(struct json *j, int depth, const struct space *s,
    const char *location);

static void
spaces(struct json *j, int depth, const struct space *s)
{
	const struct map_entry **sorted = map_sorted(j->a, s->spaces);

	indent(j, depth);
	sb_adds(j->out, "\"namespaces\": {\n");
	for (size_t i = 0; i < map_count(s->spaces); i++) {
		indent(j, depth + 1);
		json_quote(j->out, sorted[i]->key, true);
		sb_adds(j->out, ": ");
		one_space(j, depth + 1, sorted[i]->value, NULL);
		sb_adds(j->out, i + 1 < map_count(s->spaces) ? ",\n" : "\n");
	}
	indent(j, depth);
	sb_addc(j->out, '}');
}

static void
one_space(struct json *j, int depth, const struct space *s,
    const char *location)
{
	sb_adds(j->out, "{\n");
	indent(j, depth + 1);
	sb_adds(j->out, "\"tasks\": ");
	if (s->tasks.n == 0)
		sb_adds(j->out, location ? "[]" : "null");
	else
		sb_adds(j->out, "[\n");
	for (size_t i = 0; i < s->tasks.n; i++) {
		one_task(j, depth + 2, s->tasks.v[i]);
		sb_adds(j->out, i + 1 < s->tasks.n ? ",\n" : "\n");
	}
	if (s->tasks.n > 0) {
		indent(j, depth + 1);
		sb_addc(j->out, ']');
	}
	if (s->spaces != NULL) {
		sb_adds(j->out, ",\n");
		spaces(j, depth + 1, s);
	}
	if (location != NULL) {
		sb_adds(j->out, ",\n");
		indent(j, depth + 1);
		sb_adds(j->out, "\"location\": ");
		json_quote(j->out, sv_of(location), true);
	}
	sb_addc(j->out, '\n');
	indent(j, depth);
	sb_addc(j->out, '}');
}

static bool
list_json(struct arena *a, struct compiler *c, struct fp *fp,
    const struct list_options *o, const list_row_vec *rows, struct term *t,
    struct err *e)
{
	struct sb out cleanup_sb = SB_INIT;
	struct json j = { a, c, &out, fp, !o->no_status, e };
	struct space root = { 0 };

	for (size_t i = 0; i < rows->n; i++) {
		if (o->nested)
			add_to_space(a, &root, &rows->v[i]);
		else
			vec_push(a, &root.tasks, &rows->v[i]);
	}
	one_space(&j, 0, &root, c->taskfile->location);
	if (err_is_set(e))
		return false;
	sb_addc(&out, '\n');
	term_say(t, STDOUT_FILENO, sb_sv(&out));
	return true;
}

bool
list_tasks(struct arena *a, struct compiler *c, struct fp *fp,
    const struct list_options *o, struct term *t, bool *empty, struct err *e)
{
	list_row_vec rows;

	list_collect(a, c, o->all, o->sort, &rows);
	*empty = rows.n == 0 && !o->silent;
	if (o->silent)
		list_names(&rows, t);
	else if (o->json && !list_json(a, c, fp, o, &rows, t, e))
		return false;
	else if (!o->json && rows.n > 0)
		list_text(a, &rows, t);
	else if (!o->json)
		term_print(t, STDOUT_FILENO, COLOR_YELLOW, "%s\n",
		    o->all ? "task: No tasks available"
			   : "task: No tasks with description available. Try "
			     "--list-all to list all tasks");
	if (t->stdout_failed)
		return err_sys(e, t->stdout_errno, "write /dev/stdout");
	return true;
}
