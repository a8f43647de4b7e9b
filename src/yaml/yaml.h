/* SPDX-License-Identifier: MIT */
/*
 * YAML text to a positioned node tree with go-yaml v3's results: scalar
 * resolution, anchors and aliases, merge keys, error texts, and bounds on depth
 * and alias expansion.
 * May include: base/; libyaml.
 */
#ifndef YAML_YAML_H
#define YAML_YAML_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

enum ynode_kind { YNODE_SCALAR, YNODE_SEQ, YNODE_MAP };

/* Resolved type of a scalar (L-019 to L-023), or of a collection. */
enum ytag {
	YTAG_NULL,
	YTAG_BOOL,
	YTAG_INT,
	YTAG_FLOAT,
	YTAG_STR,
	YTAG_TIMESTAMP,
	YTAG_BINARY,
	YTAG_MERGE,
	YTAG_SEQ,
	YTAG_MAP,
	YTAG_OTHER,
};

/* Aliases are resolved: the same node may stand in several places.  Lives in
 * the arena given to ynode_parse().  There are seven of them to a small task:
 * 24 bytes each, so what a node has depends on its kind. */
struct ynode {
	unsigned line : 28; /* from 1; the last one that fits stands for more */
	enum ytag tag : 4;
	unsigned column : 28;
	enum ynode_kind kind : 2;
	bool quoted : 1; /* scalar: any style but plain */
	bool tagged : 1; /* its tag has a name of its own, ynode_tag_text() */
	union {
		sv text; /* scalar: its value, NUL behind it */
		struct { /* seq: n items; map: n keys and values in turn */
			struct ynode **items;
			size_t n;
		};
	};
};

/* The tag as messages show it: short form, "!!str". */
const char *ynode_tag_text(const struct ynode *n);

enum {
	YNODE_MARK_MAX = (1 << 28) - 1
};

/* No tree is deeper than this, so readers of it may recurse. */
enum { YNODE_MAX_DEPTH = 10000 };

/*
 * Parses the first document (L-017); an empty one gives NULL in *out and true.
 * Errors: ERR_PARSE with go-yaml's text `yaml: line N: …` (L-033); too deep or
 * too much expansion likewise.
 */
bool ynode_parse(struct arena *a, sv text, struct ynode **out, struct err *e);

/*
 * The same with the nodes in an arena of their own, for who needs them for a
 * short time only; the texts of scalars are in `a` all the same.  Nodes that
 * aliases share, and others of rare documents, are in `a` as well.
 */
bool ynode_parse_apart(struct arena *a, struct arena *nodes, sv text,
    struct ynode **out, struct err *e);
/* For who goes through a large map of such nodes: those of the keys and values
 * before item `i` are not needed any more, and `a` may have their memory. */
void ynode_recycle(
    struct arena *a, struct arena *nodes, const struct ynode *map, size_t i);

/* Typed readings of a scalar node; false when it is not of that type. */
bool ynode_bool(const struct ynode *n, bool *out);	 /* !!bool only */
bool ynode_bool_yaml11(const struct ynode *n, bool *out); /* yes, on … (L-020) */
bool ynode_int(const struct ynode *n, int64_t *out);
bool ynode_uint(const struct ynode *n, uint64_t *out); /* above INT64_MAX */
bool ynode_float(const struct ynode *n, double *out);

/* Fields of a struct-like map in order: its own pairs, then those that `<<`
 * brings in under keys not seen before (L-028), nothing of a map with clashes
 * being brought in; an arena array of key and value
 * in turn, *n entries of it.  false, with go-yaml's text, when `<<` has
 * something other than a map or a list of maps. */
bool ynode_fields(struct arena *a, const struct ynode *map,
    struct ynode ***fields, size_t *n, struct err *e);
/* What go-yaml says of each two equal keys of a map, `line N: mapping key "x"
 * already defined at line M`, in its order; keys that are maps are all equal,
 * and so are those that are lists.  Not more than 10,000 of them. */
typedef VEC(const char *) ynode_notes;
void ynode_clashes(struct arena *a, const struct ynode *map, ynode_notes *out);
/* The same of the maps that `<<` brings into a map, and into those. */
void ynode_merged_clashes(struct arena *a, const struct ynode *map,
    ynode_notes *out);
/* Is this key node a merge key, that is a plain `<<`? */
bool ynode_is_merge(const struct ynode *key);

/* Value of a key in a map node, merge keys `<<` looked through last (L-028);
 * NULL when there is none. */
struct ynode *ynode_get(const struct ynode *map, const char *key);

/* The node as YAML in block style, its first line where `out` ends, the others
 * indented, without a newline at the end; and a pair of a map.  Comments,
 * anchors and unknown tags are not kept. */
void ynode_write(struct sb *out, const struct ynode *n, int indent);
void ynode_write_pair(struct sb *out, const struct ynode *key,
    const struct ynode *value, int indent);

#endif
