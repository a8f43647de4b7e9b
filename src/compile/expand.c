/* SPDX-License-Identifier: MIT */
/* The turns of `for:` (L-055 to L-063). */
#include "base/utf8.h"
#include "base/path.h"
#include "compile/internal.h"

/* Of a matrix, whose text may be short: as many calls as a run may make of one
 * task; and of all their variables together. */
enum { COMBINATIONS_MAX = 100000, CELLS_MAX = 1000000 };

bool
value_is_list(value v)
{
	return v.kind == VALUE_LIST &&
	    (v.type == GO_LIST || v.type == GO_LIST_STRING ||
		v.type == GO_LIST_INT);
}

/* go-task's frame for faults that only show when the loop is expanded; in fast
 * mode such a loop has no turns. */
static bool
loop_error(struct cursor *cur, const char *message, struct err *e)
{
	if (cur->mode != COMPILE_FULL)
		return true;
	return err_set(e, ERR_PARSE, "task: Failed to parse %s:\n%s",
	    cur->task->at.taskfile, message);
}

static void
add_turn(struct cursor *cur, turn_vec *out, value item)
{
	vec_push(cur->a, out, ((struct turn){ item, VALUE_ABSENT }));
}

static void
expand_add_list(struct cursor *cur, turn_vec *out, value list)
{
	if (list.kind != VALUE_LIST)
		return;
	for (size_t i = 0; i < list.u.list->n; i++)
		add_turn(cur, out, list.u.list->v[i]);
}

static void
split_fields(struct cursor *cur, turn_vec *out, sv text)
{
	while (text.n > 0) {
		size_t width, n = 0;

		while (n < text.n) {
			sv rest = sv_sub(text, n, SIZE_MAX);

			if (rune_is_space(utf8_decode(rest, &width)))
				break;
			n += width;
		}
		if (n > 0)
			add_turn(cur, out,
			    value_sv(sv_dup(cur->a, sv_sub(text, 0, n))));
		else
			utf8_decode(text, &n);
		text = sv_sub(text, n, SIZE_MAX);
	}
}

static void
split_at(struct cursor *cur, turn_vec *out, sv text, sv separator)
{
	ptrdiff_t at;

	while ((at = sv_find(text, separator, 0)) >= 0) {
		add_turn(cur, out,
		    value_sv(sv_dup(cur->a, sv_sub(text, 0, (size_t)at))));
		text = sv_sub(text, (size_t)at + separator.n, SIZE_MAX);
	}
	add_turn(cur, out, value_sv(sv_dup(cur->a, text)));
}

static bool
var_turns(struct cursor *cur, const struct for_loop *loop, turn_vec *out,
    struct err *e)
{
	value v = value_map_get(cur->data, sv_of(loop->var));
	const struct map_entry *entry;

	if (value_is_nil(v))
		return true;
	if (v.kind == VALUE_STRING && v.type == GO_STRING) {
		if (loop->split != NULL && loop->split[0] != '\0')
			split_at(cur, out, value_text(v), sv_of(loop->split));
		else
			split_fields(cur, out, value_text(v));
		return true;
	}
	if (value_is_list(v)) {
		expand_add_list(cur, out, v);
		return true;
	}
	if (v.kind == VALUE_MAP && v.type != GO_MAP_ANY) {
		map_each(v.u.map->entries, entry)
			vec_push(cur->a, out,
			    ((struct turn){ *(const value *)entry->value,
				value_sv(entry->key) }));
		return true;
	}
	return loop_error(cur,
	    "loop var must be a delimiter-separated string, list or a map", e);
}

static bool
file_turns(struct cursor *cur, const glob_vec *globs, turn_vec *out,
    struct err *e)
{
	const struct compiler *c = cur->c;
	string_vec files = { 0 };

	if (c->files == NULL || cur->mode == COMPILE_RECIPE)
		return true;
	if (!c->files(c->ctx, cur->a, cur->t->dir, globs,
		cur->t->use_gitignore, &files, e))
		return false;
	for (size_t i = 0; i < files.n; i++) {
		char *relative;

		if (!path_rel(cur->a, sv_of(cur->t->dir), sv_of(files.v[i]),
			&relative, e))
			return false;
		add_turn(cur, out, value_cstr(relative));
	}
	return true;
}

static bool
row_list(struct cursor *cur, const struct matrix_row *row, value *out,
    struct err *e)
{
	struct err local cleanup_err = ERR_INIT;

	*out = row->list;
	if (row->ref == NULL)
		return true;
	if (!templater_resolve(cur->c->templater, cur->a, sv_of(row->ref),
		cur->data, out, &local))
		return loop_error(cur, local.message, e);
	if (!value_is_list(*out))
		return loop_error(cur,
		    arena_printf(cur->a,
			"matrix reference %s must resolve to a list",
			quote_go(cur->a, sv_of(row->ref))),
		    e);
	return true;
}

/* Each combination so far with each value of the row: the last row varies
 * fastest. */
static void
multiply(struct cursor *cur, turn_vec *turns, const char *name, value list)
{
	turn_vec more = { 0 };

	for (size_t i = 0; i < turns->n; i++)
		for (size_t j = 0; list.kind == VALUE_LIST &&
		     j < list.u.list->n; j++) {
			value item = data_copy(cur->a, turns->v[i].item);

			value_map_set(cur->a, item, sv_of(name),
			    list.u.list->v[j]);
			add_turn(cur, &more, item);
		}
	*turns = more;
}

static bool
matrix_turns(struct cursor *cur, const struct for_loop *loop, turn_vec *out,
    struct err *e)
{
	add_turn(cur, out, value_map_new(cur->a, GO_MAP));
	for (size_t i = 0; i < loop->matrix.n; i++) {
		value list;

		if (!row_list(cur, &loop->matrix.v[i], &list, e))
			return false;
		if (list.kind == VALUE_LIST &&
		    (out->n * list.u.list->n > COMBINATIONS_MAX ||
			out->n * list.u.list->n * (i + 1) > CELLS_MAX)) {
			*out = (turn_vec){ 0 };
			return loop_error(cur, arena_printf(cur->a,
			    "matrix has more than %d combinations",
			    COMBINATIONS_MAX), e);
		}
		multiply(cur, out, loop->matrix.v[i].name, list);
	}
	return true;
}

bool
for_turns(struct cursor *cur, const struct for_loop *loop, turn_vec *out,
    struct err *e)
{
	switch (loop->kind) {
	case FOR_NONE:
	case FOR_EMPTY:
		return true;
	case FOR_LIST:
		expand_add_list(cur, out, loop->list);
		return true;
	case FOR_SOURCES:
		return file_turns(cur, &cur->t->sources, out, e);
	case FOR_GENERATES:
		return file_turns(cur, &cur->t->generates, out, e);
	case FOR_VAR:
		return var_turns(cur, loop, out, e);
	case FOR_MATRIX:
		return matrix_turns(cur, loop, out, e);
	}
	return true;
}
