/* SPDX-License-Identifier: MIT */
/*
 * Go's `any`, as far as templates can see it: a 24-byte tagged value passed by
 * copy.  Besides its kind a value carries the Go type that `typeOf`, `%T`, `eq`
 * on mixed types and argument errors show.  What a value points to lives in an
 * arena and dies with it; no reference counts.
 * May include: base/.
 */
#ifndef GO_VALUE_H
#define GO_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

/* Bytes of a text that templates make: lists that hold each other many times
 * over would print without end, and the evaluator fails beyond. */
#define TMPL_TEXT_MAX ((size_t)64 << 20)

enum value_kind {
	VALUE_INVALID, /* absent: a missing map key; prints "<no value>" */
	VALUE_NIL,     /* prints "<nil>" */
	VALUE_BOOL,
	VALUE_INT,
	VALUE_UINT,
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_MAP,
	VALUE_TIME,
	VALUE_DURATION, /* i: nanoseconds */
};

/* enum value, Go's name, kind, Go's reflect kind */
#define GO_TYPES(X)                                                           \
	X(GO_NONE, "<nil>", VALUE_INVALID, "invalid")                         \
	X(GO_BOOL, "bool", VALUE_BOOL, "bool")                                \
	X(GO_INT, "int", VALUE_INT, "int")                                    \
	X(GO_INT32, "int32", VALUE_INT, "int32") /* runes */                  \
	X(GO_INT64, "int64", VALUE_INT, "int64")                              \
	X(GO_UINT8, "uint8", VALUE_UINT, "uint8")                             \
	X(GO_UINT32, "uint32", VALUE_UINT, "uint32")                          \
	X(GO_UINT64, "uint64", VALUE_UINT, "uint64")                          \
	X(GO_FLOAT64, "float64", VALUE_FLOAT, "float64")                      \
	X(GO_STRING, "string", VALUE_STRING, "string")                        \
	X(GO_UUID, "uuid.UUID", VALUE_STRING, "array")                        \
	X(GO_LIST, "[]interface {}", VALUE_LIST, "slice")                     \
	X(GO_LIST_STRING, "[]string", VALUE_LIST, "slice")                    \
	X(GO_LIST_INT, "[]int", VALUE_LIST, "slice")                          \
	X(GO_LIST_LIST, "[][]interface {}", VALUE_LIST, "slice")              \
	X(GO_MAP, "map[string]interface {}", VALUE_MAP, "map")                \
	X(GO_MAP_STRING, "map[string]string", VALUE_MAP, "map")               \
	X(GO_MAP_ANY, "map[interface {}]interface {}", VALUE_MAP, "map")      \
	X(GO_TIME, "time.Time", VALUE_TIME, "struct")                         \
	X(GO_DURATION, "time.Duration", VALUE_DURATION, "int64")              \
	X(GO_MONTH, "time.Month", VALUE_INT, "int")                           \
	X(GO_WEEKDAY, "time.Weekday", VALUE_INT, "int")                       \
	/* a zone; its text is the name */                                    \
	X(GO_LOCATION, "*time.Location", VALUE_STRING, "ptr")

enum go_type {
#define X(id, name, kind, reflect) id,
	GO_TYPES(X)
#undef X
};

typedef struct value {
	uint8_t kind;  /* enum value_kind */
	uint8_t type;  /* enum go_type */
	/* The evaluator's: read out of an interface{} (an element of a list or
	 * map), of which errors about fields speak.  Others leave it alone. */
	bool boxed;
	size_t len;    /* VALUE_STRING: bytes */
	union {
		bool b;
		int64_t i; /* VALUE_INT, VALUE_DURATION */
		uint64_t u;
		double f;
		const char *s; /* NUL-terminated, may hold NULs */
		struct value_list *list;
		struct value_map *map;
		const struct value_time *time;
	} u;
} value;

struct value_list {
	value *v;
	size_t n, cap;
	bool is_nil; /* Go's nil slice: null in JSON, else an empty list */
};

/* Keys keep the order of insertion (for: loops); range, %v and JSON walk
 * value_map_sorted().  `keys` of a GO_MAP_ANY still are their source texts. */
struct value_map {
	struct map *entries; /* of value * */
};

/* An instant with the zone it is shown in. */
struct value_time {
	int64_t sec;   /* since 1970, UTC */
	int32_t nsec;
	int32_t offset; /* seconds east of UTC */
	const char *zone; /* abbreviation, "UTC" */
	bool local;    /* belongs to the process's zone */
};

#define VALUE_ABSENT ((value){ .kind = VALUE_INVALID })
#define VALUE_NULL ((value){ .kind = VALUE_NIL })

value value_bool(bool b);
value value_int(int64_t i);   /* Go int */
value value_int64(int64_t i); /* Go int64 */
value value_uint64(uint64_t u);
value value_float(double f);
/* The text is not copied: it must live as long as the value. */
value value_sv(sv s);
value value_cstr(const char *s);
/* Empty containers in an arena. */
value value_list_new(struct arena *a, enum go_type type);
void value_list_add(struct arena *a, value list, value item);
value value_map_new(struct arena *a, enum go_type type);
void value_map_set(struct arena *a, value map, sv key, value item);
/* VALUE_ABSENT when there is no such key. */
value value_map_get(value map, sv key);
bool value_map_has(value map, sv key);
bool value_map_del(value map, sv key);
size_t value_map_count(value map);
/* Entries in key order, as Go's fmt and text/template walk them. */
const struct map_entry **value_map_sorted(struct arena *a, value map);

static inline sv
value_text(value v)
{
	return (sv){ v.u.s, v.len };
}

static inline bool
value_is_nil(value v)
{
	return v.kind == VALUE_INVALID || v.kind == VALUE_NIL;
}

/* Go's truth (L-139). */
bool value_truth(value v);
/* Go's reflect.DeepEqual: kinds, types and contents. */
bool value_equal(value a, value b);
const char *value_type_name(value v); /* "map[string]interface {}" */
const char *value_kind_name(value v); /* "map" */
/* Copy of everything it points to. */
value value_copy(struct arena *a, value v);

#endif
