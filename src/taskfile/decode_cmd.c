/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "taskfile/decode.h"

/* What is under `defer:`. */
struct defer_form {
	bool given;
	const char *cmd, *task, *timeout;
	vars *vars;
	bool silent;
};

static bool
read_defer(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct defer_form, "defer", cmd, read_string),
		FIELD(struct defer_form, "task", task, read_string),
		FIELD(struct defer_form, "vars", vars, read_vars),
		FIELD(struct defer_form, "silent", silent, read_bool),
		FIELD(struct defer_form, "timeout", timeout, read_string),
	};
	struct defer_form *f = out;

	f->given = true;
	if (n->kind == YNODE_SCALAR)
		f->cmd = n->text.p;
	else if (n->kind == YNODE_MAP)
		return DECODE_MAP(d, n, fields, f);
	else
		return decode_fail_type(d, n, "defer");
	return true;
}

struct cmd_form {
	struct cmd cmd;
	struct cmd_rare rare;
	const char *text, *task, *timeout;
	struct defer_form defer;
};

#define CMD_FIELDS(X)                                                          \
	X("cmd", text, read_string)                                            \
	X("task", task, read_string)                                           \
	X("for", rare.loop, read_loop)                                         \
	X("if", cmd.if_text, read_string)                                      \
	X("silent", cmd.silent, read_bool)                                     \
	X("set", rare.set, read_strings)                                       \
	X("shopt", rare.shopt, read_strings)                                   \
	X("vars", cmd.vars, read_vars)                                         \
	X("ignore_error", cmd.ignore_error, read_bool)                         \
	X("defer", defer, read_defer)                                          \
	X("platforms", rare.platforms, read_platforms)                         \
	X("timeout", timeout, read_string)

static const struct field cmd_fields[] = {
#define X(key, member, read) FIELD(struct cmd_form, key, member, read),
	CMD_FIELDS(X)
#undef X
};
const char *const cmd_keys[] = {
#define X(key, member, read) key,
	CMD_FIELDS(X)
#undef X
	NULL
};

static bool
is_text(const char *s)
{
	return s != NULL && *s != '\0';
}

/* L-051: a timeout that is none would be the endless run it is to prevent. */
static bool
parse_timeout(struct decoder *d, const struct ynode *n, const char *text,
    int64_t *out)
{
	struct err e cleanup_err = ERR_INIT;

	if (!is_text(text))
		return true;
	if (!duration_parse(sv_of(text), out, &e))
		return decode_fail(d, n, "invalid timeout format");
	return *out > 0 ||
	    decode_fail(d, n, "timeout must be greater than zero");
}

/* What was given of it, in the arena. */
static const struct cmd_rare *
keep_rare(struct decoder *d, const struct cmd_rare *rare)
{
	struct cmd_rare *kept;

	if (rare->loop.kind == FOR_NONE && rare->set.n == 0 &&
	    rare->shopt.n == 0 && rare->platforms.n == 0 &&
	    rare->timeout_ns == 0)
		return &cmd_rare_none;
	kept = arena_new_of(d->a, struct cmd_rare);
	*kept = *rare;
	return kept;
}

/* L-049: keys beside `defer` other than silent and timeout count for nothing.
 */
static bool
use_defer(struct decoder *d, const struct ynode *n, const struct cmd_form *f,
    struct cmd *out)
{
	const struct defer_form *defer = &f->defer;

	if (is_text(defer->timeout))
		return decode_fail(d, n,
		    "timeout must be set next to defer, not inside it");
	out->rare = keep_rare(
	    d, &(struct cmd_rare){ .timeout_ns = f->rare.timeout_ns });
	if (is_text(defer->cmd)) {
		out->defer = true;
		out->kind = CMD_SHELL;
		out->cmd = defer->cmd;
		out->silent = f->cmd.silent;
	} else if (is_text(defer->task)) {
		out->defer = true;
		out->kind = CMD_TASK;
		out->task = defer->task;
		out->vars = defer->vars;
		out->silent = defer->silent;
	} else {
		out->kind = CMD_NOTHING;
	}
	return true;
}

/* L-046: defer, then task, then cmd; what belongs to the others is dropped. */
static bool
decode_cmd_map(struct decoder *d, const struct ynode *n, struct cmd *out)
{
	struct cmd_form f = { .cmd = *out };

	if (!DECODE_MAP(d, n, cmd_fields, &f) ||
	    !parse_timeout(d, n, f.timeout, &f.rare.timeout_ns))
		return false;
	if (f.defer.given)
		return use_defer(d, n, &f, out);
	*out = f.cmd;
	if (is_text(f.task)) {
		out->kind = CMD_TASK;
		out->task = f.task;
		f.rare.set = f.rare.shopt = (string_vec){ 0 };
		f.rare.platforms = (platform_vec){ 0 };
		out->rare = keep_rare(d, &f.rare);
		return true;
	}
	if (!is_text(f.text))
		return decode_fail(d, n, "invalid keys in command");
	out->rare = keep_rare(d, &f.rare);
	out->kind = CMD_SHELL;
	out->cmd = f.text;
	out->vars = NULL;
	return true;
}

bool
decode_cmd(struct decoder *d, const struct ynode *n, struct cmd *out)
{
	out->at = decode_at(d, n);
	if (n->kind == YNODE_MAP)
		return decode_cmd_map(d, n, out);
	if (n->kind != YNODE_SCALAR)
		return decode_fail_type(d, n, "command");
	out->plain = true;
	out->kind = n->text.n > 0 ? CMD_SHELL : CMD_NOTHING;
	out->cmd = n->text.p;
	return true;
}

struct dep_form {
	struct dep dep;
	struct cmd_rare rare;
	const char *timeout;
};

#define DEP_FIELDS(X)                                                          \
	X("task", dep.task, read_string)                                       \
	X("for", rare.loop, read_loop)                                         \
	X("vars", dep.vars, read_vars)                                         \
	X("silent", dep.silent, read_bool)                                     \
	X("timeout", timeout, read_string)

static const struct field dep_fields[] = {
#define X(key, member, read) FIELD(struct dep_form, key, member, read),
	DEP_FIELDS(X)
#undef X
};
const char *const dep_keys[] = {
#define X(key, member, read) key,
	DEP_FIELDS(X)
#undef X
	NULL
};

bool
decode_dep(struct decoder *d, const struct ynode *n, struct dep *out)
{
	struct dep_form f = { .dep.task = "" };

	if (n->kind == YNODE_SCALAR)
		f.dep.task = n->text.p;
	else if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "dependency");
	else if (!DECODE_MAP(d, n, dep_fields, &f) ||
		 !parse_timeout(d, n, f.timeout, &f.rare.timeout_ns))
		return false;
	*out = f.dep;
	out->rare = keep_rare(d, &f.rare);
	out->at = decode_at(d, n);
	return true;
}

static bool
decode_row(struct decoder *d, const struct ynode *matrix,
    const struct ynode *n, struct matrix_row *row)
{
	static const struct field fields[] = {
		FIELD(struct matrix_row, "ref", ref, read_string),
	};

	row->list = VALUE_NULL;
	if (n->kind == YNODE_SEQ)
		return read_value(d, n, &row->list) &&
		    decode_check_types(d, matrix);
	if (n->kind != YNODE_MAP)
		return decode_fail(d, matrix,
		    "matrix values must be an array or a reference");
	if (!decode_struct(d, n, fields, 1, row, "") ||
	    !decode_check_types(d, matrix))
		return false;
	/* a reference to nothing is an empty row */
	if (!is_text(row->ref)) {
		row->ref = NULL;
		row->list = value_list_new(d->a, GO_LIST);
	}
	return true;
}

static void
put_row(struct decoder *d, struct for_loop *loop, struct matrix_row row)
{
	for (size_t i = 0; i < loop->matrix.n; i++)
		if (strcmp(loop->matrix.v[i].name, row.name) == 0) {
			loop->matrix.v[i] = row;
			return;
		}
	vec_push(d->a, &loop->matrix, row);
}

static bool
read_matrix(struct decoder *d, const struct ynode *n, void *out)
{
	struct for_loop *loop = out;
	string_vec outer = d->types;
	bool good = true;

	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "matrix");
	d->types = (string_vec){ 0 };
	for (size_t i = 0; i < n->n && good; i += 2) {
		struct matrix_row row = { .name = ynode_key(n->items[i]).p };

		good = decode_row(d, n, n->items[i + 1], &row);
		if (good)
			put_row(d, loop, row);
	}
	d->types = outer;
	return good;
}

static bool
decode_loop_map(struct decoder *d, const struct ynode *n, struct for_loop *out)
{
	static const struct field fields[] = {
		/* the reader of matrix fills the loop itself */
		FIELD_WHOLE("matrix", read_matrix),
		FIELD(struct for_loop, "var", var, read_string),
		FIELD(struct for_loop, "split", split, read_string),
		FIELD(struct for_loop, "as", as, read_string),
	};
	bool by_var;

	if (!DECODE_MAP(d, n, fields, out))
		return false;
	by_var = is_text(out->var);
	if (!by_var && out->matrix.n == 0)
		return decode_fail(d, n, "invalid keys in for");
	if (by_var && out->matrix.n > 0)
		return decode_fail(d, n,
		    "cannot use both var and matrix in for");
	out->kind = by_var ? FOR_VAR : FOR_MATRIX;
	return true;
}

static bool
read_loop_list(struct decoder *d, const struct ynode *n, struct for_loop *out)
{
	string_vec outer = d->types;
	bool good;

	out->kind = FOR_LIST;
	d->types = (string_vec){ 0 };
	good = read_value(d, n, &out->list) && decode_check_types(d, n);
	d->types = outer;
	return good;
}

bool
read_loop(struct decoder *d, const struct ynode *n, void *out)
{
	struct for_loop *loop = out;

	*loop = (struct for_loop){ .split = "", .as = "", .list = VALUE_NULL };
	switch (n->kind) {
	case YNODE_SCALAR:
		loop->kind = sv_is(n->text, "sources") ? FOR_SOURCES
		    : sv_is(n->text, "generates")      ? FOR_GENERATES
						       : FOR_EMPTY;
		return true;
	case YNODE_SEQ:
		return read_loop_list(d, n, loop);
	case YNODE_MAP:
		return decode_loop_map(d, n, loop);
	}
	return true;
}
