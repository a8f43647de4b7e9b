/* SPDX-License-Identifier: MIT */
/*
 * Shared by the decode files: how YAML nodes become structs.  Each map of a
 * Taskfile has a table of its fields; a field's reader fills one member.
 *
 * Errors follow go-yaml.  A value of the wrong type is noted in `types`, and
 * decoding goes on, so that all of a map's are reported at once when the map is
 * done (L-044); any other error ends decoding at once.  Both are reported at
 * the map or list that was being decoded, not at the value (L-224).
 * May include: base/, yaml/, template/, model.h.
 */
#ifndef TASKFILE_DECODE_H
#define TASKFILE_DECODE_H

#include <stddef.h>

#include "base/err.h"
#include "taskfile/file_text.h"
#include "taskfile/model.h"
#include "yaml/yaml.h"

struct decoder {
	struct arena *a;
	struct taskfile *tf;
	const struct file_text *text; /* for the snippet */
	struct err *e;
	const struct ynode *root;
	struct arena *nodes; /* of the YAML, while they are needed */
	string_vec types;  /* type errors of the map being decoded */
	/* for unknown keys, as in "task build"; name may be NULL */
	const char *where, *name;
	/* of the task being decoded: its `cmd`, and whether it has `cmds` */
	struct cmd *cmd;
	bool has_cmds;
};

/* Fills the member at `out`; false ends decoding.  Never gets a null. */
typedef bool (*read_fn)(struct decoder *d, const struct ynode *n, void *out);

struct field {
	const char *key;
	size_t key_size; /* its NUL too */
	size_t offset;
	read_fn read;
	/* where the member is, if not in what the map is read into */
	void *(*part)(struct decoder *d, void *out);
};
#define FIELD(type, key, member, read)                                         \
	{                                                                      \
		key, sizeof(key), offsetof(type, member), read, NULL           \
	}
/* A member of a part, and a reader that sees the whole. */
#define FIELD_IN(part, type, key, member, read)                                \
	{                                                                      \
		key, sizeof(key), offsetof(type, member), read, part           \
	}
#define FIELD_WHOLE(key, read)                                                 \
	{                                                                      \
		key, sizeof(key), 0, read, NULL                                \
	}

bool ynode_is_null(const struct ynode *n);
/* Text of a key; "" where the key is no scalar. */
sv ynode_key(const struct ynode *key);

/* Reads the fields of a map node into `out`.  As the body of a type with a
 * decoder of its own: type errors below end decoding here. */
bool decode_map(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out);
/* The same as part of the map around it, which reports the type errors; `type`
 * is Go's name of it. */
bool decode_struct(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out, const char *type);
#define DECODE_MAP(d, n, fields, out)                                         \
	decode_map((d), (n), (fields), sizeof(fields) / sizeof((fields)[0]),  \
	    (out))

/* Notes a type error: "line N: cannot unmarshal !!str `x` into TYPE". */
void type_error(struct decoder *d, const struct ynode *n, const char *type);
/* Ends decoding with a message about a node; always false. */
bool decode_fail(struct decoder *d, const struct ynode *n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "cannot unmarshal !!seq into WHAT" (L-227) */
bool decode_fail_type(struct decoder *d, const struct ynode *n,
    const char *what);
/* Notes the equal keys of a map (L-030); were there any? */
bool note_clashes(struct decoder *d, const struct ynode *n);
/* Ends decoding if type errors were noted. */
bool decode_check_types(struct decoder *d, const struct ynode *n);

struct location decode_at(struct decoder *d, const struct ynode *n);

/* Readers of plain members; *out is const char *, bool, enum tristate, int,
 * int64_t (nanoseconds), string_vec, value. */
bool read_string(struct decoder *d, const struct ynode *n, void *out);
bool read_bool(struct decoder *d, const struct ynode *n, void *out);
bool read_tristate(struct decoder *d, const struct ynode *n, void *out);
bool read_int(struct decoder *d, const struct ynode *n, void *out);
bool read_duration(struct decoder *d, const struct ynode *n, void *out);
bool read_strings(struct decoder *d, const struct ynode *n, void *out);
bool read_value(struct decoder *d, const struct ynode *n, void *out);

/* vars * (L-080 to L-082), struct for_loop (L-055 to L-061) */
bool read_vars(struct decoder *d, const struct ynode *n, void *out);
bool read_loop(struct decoder *d, const struct ynode *n, void *out);

/* One command, dep, task, include; null nodes are the caller's. */
bool decode_cmd(struct decoder *d, const struct ynode *n, struct cmd *out);
bool decode_dep(struct decoder *d, const struct ynode *n, struct dep *out);
bool decode_task(struct decoder *d, const struct ynode *n, struct task *out);
bool decode_include(struct decoder *d, const struct ynode *n,
    struct include *out);
/* struct platform, prompts, commit: in decode_task_parts.c */
bool read_prompts(struct decoder *d, const struct ynode *n, void *out);
bool read_globs(struct decoder *d, const struct ynode *n, void *out);
bool read_platforms(struct decoder *d, const struct ynode *n, void *out);
bool read_preconditions(struct decoder *d, const struct ynode *n, void *out);
bool read_requires(struct decoder *d, const struct ynode *n, void *out);
bool read_commit(struct decoder *d, const struct ynode *n, void *out);
bool read_quarantine(struct decoder *d, const struct ynode *n, void *out);

#endif
