/* SPDX-License-Identifier: MIT */
#include "go/value.h"

#include <stdlib.h>

#include "base/vec.h"

/* Maps can be made to hold themselves; below this depth values count as equal
 * and copies end in nil. */
enum {
	DEPTH_MAX = 500,
	DEPTH_SMALL = 8, /* what is below is remembered */
};

/* Lists and maps may hold another many times, and that a third, so a walk
 * remembers where it has been: pairs that are being compared or were found
 * equal, as in Go, or the copies. */
struct visits {
	struct arena *a;
	struct map *map; /* NULL until needed */
};

static bool equal_at(struct visits *seen, value a, value b, int depth);
static value copy_at(struct visits *copies, value v, int depth);

static struct map *
visits_map(struct visits *v)
{
	if (v->map == NULL) {
		if (v->a == NULL)
			v->a = arena_new();
		v->map = map_new(v->a);
	}
	return v->map;
}

/* Has this pair been met before? */
static bool
value_meet(struct visits *seen, const void *a, const void *b, int depth)
{
	static char mark;
	const void *pair[2] = { a, b };
	sv key = { (const char *)pair, sizeof(pair) };

	if (depth < DEPTH_SMALL)
		return false;
	if (map_get(visits_map(seen), key) != NULL)
		return true;
	map_put(seen->map, key, &mark);
	return false;
}

value
value_bool(bool b)
{
	return (value){ .kind = VALUE_BOOL, .type = GO_BOOL, .u.b = b };
}

value
value_int(int64_t i)
{
	return (value){ .kind = VALUE_INT, .type = GO_INT, .u.i = i };
}

value
value_int64(int64_t i)
{
	return (value){ .kind = VALUE_INT, .type = GO_INT64, .u.i = i };
}

value
value_uint64(uint64_t u)
{
	return (value){ .kind = VALUE_UINT, .type = GO_UINT64, .u.u = u };
}

value
value_float(double f)
{
	return (value){ .kind = VALUE_FLOAT, .type = GO_FLOAT64, .u.f = f };
}

value
value_sv(sv s)
{
	return (value){
		.kind = VALUE_STRING,
		.type = GO_STRING,
		.len = s.n,
		.u.s = s.n ? s.p : "",
	};
}

value
value_cstr(const char *s)
{
	return value_sv(sv_of(s));
}

value
value_list_new(struct arena *a, enum go_type type)
{
	return (value){
		.kind = VALUE_LIST,
		.type = (uint8_t)type,
		.u.list = arena_new_of(a, struct value_list),
	};
}

void
value_list_add(struct arena *a, value list, value item)
{
	vec_push(a, list.u.list, item);
}

value
value_map_new(struct arena *a, enum go_type type)
{
	struct value_map *m = arena_new_of(a, struct value_map);

	m->entries = map_new(a);
	return (value){
		.kind = VALUE_MAP,
		.type = (uint8_t)type,
		.u.map = m,
	};
}

void
value_map_set(struct arena *a, value map, sv key, value item)
{
	value *copy = arena_new_of(a, value);

	*copy = item;
	map_put(map.u.map->entries, key, copy);
}

value
value_map_get(value map, sv key)
{
	const value *v = map_get(map.u.map->entries, key);

	return v ? *v : VALUE_ABSENT;
}

bool
value_map_has(value map, sv key)
{
	return map_get(map.u.map->entries, key) != NULL;
}

bool
value_map_del(value map, sv key)
{
	return map_del(map.u.map->entries, key);
}

size_t
value_map_count(value map)
{
	return map_count(map.u.map->entries);
}

/* Whole numbers by size, other keys by their text. */
static int
compare_any_keys(const void *a, const void *b)
{
	sv ka = (*(const struct map_entry *const *)a)->key;
	sv kb = (*(const struct map_entry *const *)b)->key;
	char *a_end, *b_end;
	long long ia = strtoll(ka.p, &a_end, 10);
	long long ib = strtoll(kb.p, &b_end, 10);

	if (ka.n == 0 || kb.n == 0 || *a_end != '\0' || *b_end != '\0' ||
	    ia == ib)
		return sv_cmp(ka, kb);
	return ia < ib ? -1 : 1;
}

const struct map_entry **
value_map_sorted(struct arena *a, value map)
{
	const struct map_entry **sorted = map_sorted(a, map.u.map->entries);

	if (map.type == GO_MAP_ANY && value_map_count(map) > 1)
		qsort(sorted, value_map_count(map), sizeof(*sorted),
		    compare_any_keys);
	return sorted;
}

bool
value_truth(value v)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		return false;
	case VALUE_BOOL:
		return v.u.b;
	case VALUE_INT:
	case VALUE_DURATION:
		return v.u.i != 0;
	case VALUE_UINT:
		return v.u.u != 0;
	case VALUE_FLOAT:
		return v.u.f != 0;
	case VALUE_STRING:
		return v.len > 0 || v.type == GO_LOCATION;
	case VALUE_LIST:
		return v.u.list->n > 0;
	case VALUE_MAP:
		return value_map_count(v) > 0;
	case VALUE_TIME:
		return true;
	}
	BUG("value of kind %d", v.kind);
}

static bool
lists_equal(struct visits *seen, const struct value_list *a,
    const struct value_list *b, int depth)
{
	if (a == b)
		return true;
	if (a->n != b->n || a->is_nil != b->is_nil)
		return false;
	if (value_meet(seen, a, b, depth))
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (!equal_at(seen, a->v[i], b->v[i], depth))
			return false;
	return true;
}

static bool
maps_equal(struct visits *seen, value a, value b, int depth)
{
	const struct map_entry *e;

	if (a.u.map == b.u.map)
		return true;
	if (value_map_count(a) != value_map_count(b))
		return false;
	if (value_meet(seen, a.u.map, b.u.map, depth))
		return true;
	map_each(a.u.map->entries, e) {
		const value *other = map_get(b.u.map->entries, e->key);

		if (other == NULL ||
		    !equal_at(seen, *(value *)e->value, *other, depth))
			return false;
	}
	return true;
}

static bool
times_equal(const struct value_time *a, const struct value_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec &&
	    a->offset == b->offset && a->local == b->local;
}

static bool
equal_at(struct visits *seen, value a, value b, int depth)
{
	if (depth > DEPTH_MAX)
		return true;
	if (value_is_nil(a) || value_is_nil(b))
		return value_is_nil(a) && value_is_nil(b);
	if (a.kind != b.kind || a.type != b.type)
		return false;
	switch ((enum value_kind)a.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		return true;
	case VALUE_BOOL:
		return a.u.b == b.u.b;
	case VALUE_INT:
	case VALUE_DURATION:
		return a.u.i == b.u.i;
	case VALUE_UINT:
		return a.u.u == b.u.u;
	case VALUE_FLOAT:
		return a.u.f == b.u.f;
	case VALUE_STRING:
		return sv_eq(value_text(a), value_text(b));
	case VALUE_LIST:
		return lists_equal(seen, a.u.list, b.u.list, depth + 1);
	case VALUE_MAP:
		return maps_equal(seen, a, b, depth + 1);
	case VALUE_TIME:
		return times_equal(a.u.time, b.u.time);
	}
	BUG("value of kind %d", a.kind);
}

bool
value_equal(value a, value b)
{
	struct visits seen = { 0 };
	bool same = equal_at(&seen, a, b, 0);

	arena_free(seen.a);
	return same;
}

const char *
value_type_name(value v)
{
	static const char *const names[] = {
#define X(id, name, kind, reflect) [id] = name,
		GO_TYPES(X)
#undef X
	};

	return names[v.type];
}

const char *
value_kind_name(value v)
{
	static const char *const names[] = {
#define X(id, name, kind, reflect) [id] = reflect,
		GO_TYPES(X)
#undef X
	};

	return names[v.type];
}

/* What holds itself is held by its copy, too. */
static void
value_remember(struct visits *copies, const void *p, void *copy)
{
	map_put(visits_map(copies), (sv){ (const char *)&p, sizeof(p) }, copy);
}

static value
list_copy(struct visits *copies, value v, int depth)
{
	struct arena *a = copies->a;
	value copy = value_list_new(a, v.type);

	value_remember(copies, v.u.list, copy.u.list);
	copy.u.list->is_nil = v.u.list->is_nil;
	for (size_t i = 0; i < v.u.list->n; i++)
		value_list_add(a, copy, copy_at(copies, v.u.list->v[i],
		    depth));
	return copy;
}

static value
map_copy_deep(struct visits *copies, value v, int depth)
{
	struct arena *a = copies->a;
	value copy = value_map_new(a, v.type);
	const struct map_entry *e;

	value_remember(copies, v.u.map, copy.u.map);
	map_each(v.u.map->entries, e)
		value_map_set(a, copy, e->key,
		    copy_at(copies, *(value *)e->value, depth));
	return copy;
}

static value
time_copy(struct arena *a, value v)
{
	struct value_time *t = arena_new_of(a, struct value_time);

	*t = *v.u.time;
	t->zone = arena_strdup(a, t->zone ? t->zone : "");
	v.u.time = t;
	return v;
}

/* The copy of a list or map that was met before; NULL: it was not. */
static void *
copy_of(struct visits *copies, const void *p)
{
	return copies->map == NULL ? NULL :
	    map_get(copies->map, (sv){ (const char *)&p, sizeof(p) });
}

static value
copy_at(struct visits *copies, value v, int depth)
{
	struct arena *a = copies->a;
	void *before;

	if (depth > DEPTH_MAX)
		return VALUE_NULL;
	switch ((enum value_kind)v.kind) {
	case VALUE_STRING:
		v.u.s = arena_strndup(a, v.u.s, v.len);
		return v;
	case VALUE_LIST:
		before = copy_of(copies, v.u.list);
		if (before == NULL)
			return list_copy(copies, v, depth + 1);
		v.u.list = before;
		return v;
	case VALUE_MAP:
		before = copy_of(copies, v.u.map);
		if (before == NULL)
			return map_copy_deep(copies, v, depth + 1);
		v.u.map = before;
		return v;
	case VALUE_TIME:
		return time_copy(a, v);
	case VALUE_INVALID:
	case VALUE_NIL:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_FLOAT:
	case VALUE_DURATION:
		return v;
	}
	BUG("value of kind %d", v.kind);
}

value
value_copy(struct arena *a, value v)
{
	struct visits copies = { .a = a };

	return copy_at(&copies, v, 0);
}
