/* SPDX-License-Identifier: MIT */
#include "taskfile/decode.h"

#include "base/path.h"
#include "taskfile/taskfile.h"
#include "taskfile/version.h"

/* L-012, L-013; the number is read from its source text, so that 3.10 is not
 * 3.1. */
static bool
read_version(struct decoder *d, const struct ynode *n, void *out)
{
	struct version v = { .pre = SV(""), .meta = SV("") };

	if (n->kind == YNODE_SEQ) {
		type_error(d, n, "semver.Version");
		return true;
	}
	/* go-yaml fills nothing from a map, and 0.0.0 remains */
	if (n->kind == YNODE_MAP && note_clashes(d, n))
		return true;
	if (n->kind == YNODE_SCALAR && sv_is(n->text, "3")) {
		*(const char **)out = "3.0.0";
		return true;
	}
	if (n->kind == YNODE_SCALAR && !version_parse(n->text, &v))
		return decode_fail(d, d->root, "invalid semantic version");
	*(const char **)out = version_text(d->a, &v);
	return true;
}

struct output_form {
	struct output_style style;
	bool has_group;
};

static bool
read_group(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD(struct output_style, "begin", group_begin, read_string),
		FIELD(struct output_style, "end", group_end, read_string),
		FIELD(struct output_style, "error_only", group_error_only,
		    read_bool),
	};
	struct output_form *f = out;

	f->has_group = true;
	return decode_struct(d, n, fields, 3, &f->style, "ast.OutputGroup");
}

static bool
read_output(struct decoder *d, const struct ynode *n, void *out)
{
	static const struct field fields[] = {
		FIELD_WHOLE("group", read_group),
	};
	struct output_form f = { .style = { "", "", "", false } };

	if (n->kind == YNODE_SCALAR) {
		f.style.name = n->text.p;
	} else if (n->kind == YNODE_MAP) {
		if (!DECODE_MAP(d, n, fields, &f))
			return false;
		if (!f.has_group)
			return decode_fail(d, n,
			    "output style must have the \"group\" key when in "
			    "mapping form");
		f.style.name = "group";
	} else {
		return decode_fail_type(d, n, "output");
	}
	*(struct output_style *)out = f.style;
	return true;
}

static bool
add_task(struct decoder *d, const struct ynode *key, const struct ynode *n,
    struct map *tasks)
{
	struct task *t = task_new(d->a);
	const char *outer = d->where;
	bool good;

	t->name = t->local_name = ynode_key(key).p;
	t->at = decode_at(d, key);
	d->where = "task ";
	d->name = t->name;
	good = decode_task(d, n, t);
	d->where = outer;
	d->name = NULL;
	if (good)
		map_put_kept(tasks, ynode_key(key), t);
	return good;
}

static bool
read_tasks(struct decoder *d, const struct ynode *n, void *out)
{
	struct map *tasks;

	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "tasks");
	tasks = *(struct map **)out = map_new_for(d->a, n->n / 2);
	for (size_t i = 0; i < n->n; i += 2) {
		/* of thousands of tasks, those that are done */
		if (i % 128 == 0)
			ynode_recycle(d->a, d->nodes, n, i);
		if (!add_task(d, n->items[i], n->items[i + 1], tasks))
			return false;
	}
	return true;
}

#define INCLUDE_FIELDS(X)                                                     \
	X("taskfile", taskfile, read_string)                                  \
	X("dir", dir, read_string)                                            \
	X("optional", optional, read_bool)                                    \
	X("internal", internal, read_bool)                                    \
	X("flatten", flatten, read_bool)                                      \
	X("aliases", aliases, read_strings)                                   \
	X("excludes", excludes, read_strings)                                 \
	X("vars", vars, read_vars)                                            \
	X("checksum", checksum, read_string)

static const struct field include_fields[] = {
#define X(key, member, read) FIELD(struct include, key, member, read),
	INCLUDE_FIELDS(X)
#undef X
};
const char *const include_keys[] = {
#define X(key, member, read) key,
	INCLUDE_FIELDS(X)
#undef X
	NULL
};

/* A path alone, or a map (L-154, L-155). */
bool
decode_include(struct decoder *d, const struct ynode *n, struct include *out)
{
	out->taskfile = out->dir = out->checksum = "";
	if (ynode_is_null(n))
		return true;
	if (n->kind == YNODE_SCALAR) {
		out->taskfile = n->text.p;
		return true;
	}
	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "include");
	out->advanced = true;
	if (!DECODE_MAP(d, n, include_fields, out))
		return false;
	return !is_blank(out->taskfile) || !is_blank(out->dir) ||
	    decode_fail(d, n, "include must specify taskfile or dir");
}

static bool
read_includes(struct decoder *d, const struct ynode *n, void *out)
{
	struct map *includes = *(struct map **)out;
	const char *outer = d->where;

	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "includes");
	for (size_t i = 0; i < n->n; i += 2) {
		struct include *inc = arena_new_of(d->a, struct include);
		sv key = ynode_key(n->items[i]);

		inc->namespace_ = key.p;
		inc->at = decode_at(d, n->items[i]);
		d->where = "include ";
		d->name = key.p;
		if (!decode_include(d, n->items[i + 1], inc))
			return false;
		map_put(includes, key, inc);
	}
	d->where = outer;
	d->name = NULL;
	return true;
}

#define TASKFILE_FIELDS(X)                                                    \
	X("version", version, read_version)                                   \
	X("output", output, read_output)                                      \
	X("method", method, read_string)                                      \
	X("includes", includes, read_includes)                                \
	X("set", set, read_strings)                                           \
	X("shopt", shopt, read_strings)                                       \
	X("vars", vars, read_vars)                                            \
	X("env", env, read_vars)                                              \
	X("tasks", tasks, read_tasks)                                         \
	X("silent", silent, read_tristate)                                    \
	X("dotenv", dotenv, read_strings)                                     \
	X("run", run, read_string)                                            \
	X("interval", interval_ns, read_duration)                             \
	X("use_gitignore", use_gitignore, read_tristate)

static const struct field taskfile_fields[] = {
#define X(key, member, read) FIELD(struct taskfile, key, member, read),
	TASKFILE_FIELDS(X)
#undef X
};
const char *const taskfile_keys[] = {
#define X(key, member, read) key,
	TASKFILE_FIELDS(X)
#undef X
	NULL
};

static struct taskfile *
new_taskfile(struct arena *a, const char *location)
{
	struct taskfile *tf = arena_new_of(a, struct taskfile);

	tf->location = location;
	tf->dir = path_dir(a, sv_of(location));
	tf->method = tf->run = "";
	tf->output = (struct output_style){ "", "", "", false };
	tf->includes = map_new(a);
	tf->vars = map_new(a);
	tf->env = map_new(a);
	tf->tasks = map_new(a);
	return tf;
}

/* L-033: the path as seen from the working directory. */
static bool
fail_syntax(struct arena *a, const char *location, const char *cwd,
    struct err *e)
{
	struct err unused cleanup_err = ERR_INIT;
	char *rel;

	if (!path_rel(a, sv_of(cwd), sv_of(location), &rel, &unused))
		rel = arena_strdup(a, location);
	if (e->place != NULL)
		err_place(e, "%s:%s", rel, arena_strdup(a, e->place));
	return err_wrap(e, "task: Failed to parse %s:\n", rel);
}

bool
taskfile_decode(struct arena *a, struct file_text *text, const char *location,
    const char *cwd, struct taskfile **out, struct err *e)
{
	struct arena *nodes cleanup_arena = arena_new();
	struct decoder d = { .a = a,
		.text = text,
		.e = e,
		.nodes = nodes,
		.where = "Taskfile" };
	struct ynode *root;

	d.tf = *out = new_taskfile(a, location);
	if (!ynode_parse_apart(a, nodes, text->text, &root, e))
		return fail_syntax(a, location, cwd, e);
	file_text_forget(text);
	if (root != NULL && !ynode_is_null(root)) {
		d.root = root;
		if (root->kind != YNODE_MAP)
			return decode_fail_type(&d, root, "taskfile");
		if (!DECODE_MAP(&d, root, taskfile_fields, d.tf))
			return false;
	}
	d.tf->has_dotenv = d.tf->dotenv.n > 0;
	return d.tf->version != NULL ||
	    err_set(e, ERR_VERSION,
		"task: Missing schema version in Taskfile %s",
		quote_go(a, sv_of(location)));
}
