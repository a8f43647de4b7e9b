/* SPDX-License-Identifier: MIT */
#include "go/fmt.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "go/date.h"
#include "go/fmt_internal.h"

/* Maps can be made to hold themselves (`set $d "a" $d`); below this depth a
 * value prints as "...". */
enum { DEPTH_MAX = 500 };

static void print_value(struct fmt_printer *p, value v, uint32_t verb);

/* ---- Go types with a String method ---- */

static bool
has_string_method(value v)
{
	switch (v.type) {
	case GO_UUID:
	case GO_LOCATION:
	case GO_TIME:
	case GO_DURATION:
	case GO_MONTH:
	case GO_WEEKDAY:
		return true;
	default:
		return false;
	}
}

static void
fmt_add_name(struct sb *out, const char *name, int64_t i, const char *type)
{
	if (name != NULL)
		sb_adds(out, name);
	else
		sb_printf(out, "%%!%s(%lld)", type, (long long)i);
}

static void
add_duration(struct sb *out, int64_t ns)
{
	struct arena *a cleanup_arena = arena_new();

	sb_adds(out, duration_text(a, ns));
}

static void
add_string_method(struct sb *out, value v)
{
	switch (v.type) {
	case GO_UUID:
	case GO_LOCATION:
		sb_addv(out, value_text(v));
		return;
	case GO_TIME:
		time_print(out, v.u.time);
		return;
	case GO_DURATION:
		add_duration(out, v.u.i);
		return;
	case GO_MONTH:
		fmt_add_name(out, time_month_name(v.u.i), v.u.i, "Month");
		return;
	case GO_WEEKDAY:
		fmt_add_name(out, time_weekday_name(v.u.i), v.u.i, "Weekday");
		return;
	default:
		BUG("no String method: %s", value_type_name(v));
	}
}

/* ---- values under a verb ---- */

static void
bad_verb(struct fmt_printer *p, value v, uint32_t verb)
{
	bool before = p->erroring;

	p->erroring = true;
	sb_adds(p->out, "%!");
	sb_add_rune(p->out, verb);
	sb_addc(p->out, '(');
	if (value_is_nil(v)) {
		sb_adds(p->out, "<nil>");
	} else {
		sb_adds(p->out, value_type_name(v));
		sb_addc(p->out, '=');
		print_value(p, v, 'v');
	}
	sb_addc(p->out, ')');
	p->erroring = before;
}

static void
print_integer(struct fmt_printer *p, value v, uint64_t u, bool is_signed,
    uint32_t verb)
{
	bool negative = is_signed && (int64_t)u < 0;
	uint64_t size = negative ? 0 - u : u;
	struct fmt_spec f = p->f;

	switch (verb) {
	case 'v':
		if (f.sharp_v && !is_signed) {
			f.sharp = true;
			fmt_integer(p->out, &f, u, false, 16, 'v');
			return;
		}
		/* fallthrough */
	case 'd':
		fmt_integer(p->out, &f, size, negative, 10, verb);
		return;
	case 'b':
		fmt_integer(p->out, &f, size, negative, 2, verb);
		return;
	case 'o':
	case 'O':
		fmt_integer(p->out, &f, size, negative, 8, verb);
		return;
	case 'x':
	case 'X':
		fmt_integer(p->out, &f, size, negative, 16, verb);
		return;
	case 'c':
		fmt_char(p->out, &f, u);
		return;
	case 'q':
		fmt_quoted_char(p->out, &f, u);
		return;
	case 'U':
		fmt_unicode(p->out, &f, u);
		return;
	default:
		bad_verb(p, v, verb);
	}
}

static void
print_float(struct fmt_printer *p, value v, uint32_t verb)
{
	if (verb == 'F')
		verb = 'f';
	if (verb < 0x80 && verb != 0 && strchr("vbgGxXfeE", (int)verb))
		fmt_float_spec(p->out, &p->f, v.u.f, (char)verb);
	else
		bad_verb(p, v, verb);
}

static void
print_text(struct fmt_printer *p, value v, sv s, uint32_t verb)
{
	switch (verb) {
	case 'v':
		if (p->f.sharp_v)
			fmt_quoted(p->out, &p->f, s);
		else
			fmt_string(p->out, &p->f, s);
		return;
	case 's':
		fmt_string(p->out, &p->f, s);
		return;
	case 'x':
	case 'X':
		fmt_hex(p->out, &p->f, s, verb == 'X');
		return;
	case 'q':
		fmt_quoted(p->out, &p->f, s);
		return;
	default:
		bad_verb(p, v, verb);
	}
}

static void
print_bool(struct fmt_printer *p, value v, uint32_t verb)
{
	if (verb == 't' || verb == 'v')
		fmt_pad(p->out, &p->f, v.u.b ? SV("true") : SV("false"));
	else
		bad_verb(p, v, verb);
}

/* An element of a list or map. */
static void
print_element(struct fmt_printer *p, value v, uint32_t verb)
{
	if (!value_is_nil(v)) {
		print_value(p, v, verb);
		return;
	}
	sb_adds(p->out, p->f.sharp_v ? "interface {}(nil)" : "<nil>");
}

static void
open_container(struct fmt_printer *p, value v, const char *plain)
{
	if (p->f.sharp_v) {
		sb_adds(p->out, value_type_name(v));
		sb_addc(p->out, '{');
	} else {
		sb_adds(p->out, plain);
	}
}

static void
print_list(struct fmt_printer *p, value v, uint32_t verb)
{
	const struct value_list *list = v.u.list;

	open_container(p, v, "[");
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			sb_adds(p->out, p->f.sharp_v ? ", " : " ");
		print_element(p, list->v[i], verb);
	}
	sb_addc(p->out, p->f.sharp_v ? '}' : ']');
}

static void
print_map(struct fmt_printer *p, value v, uint32_t verb)
{
	struct arena *a cleanup_arena = arena_new();
	const struct map_entry **entries = value_map_sorted(a, v);
	size_t n = value_map_count(v);

	open_container(p, v, "map[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_adds(p->out, p->f.sharp_v ? ", " : " ");
		print_value(p, value_sv(entries[i]->key), verb);
		sb_addc(p->out, ':');
		print_element(p, *(value *)entries[i]->value, verb);
	}
	sb_addc(p->out, p->f.sharp_v ? '}' : ']');
}

static void
print_container(struct fmt_printer *p, value v, uint32_t verb)
{
	if (p->depth >= DEPTH_MAX || p->out->n > TMPL_TEXT_MAX) {
		sb_adds(p->out, "...");
		return;
	}
	p->depth++;
	if (v.kind == VALUE_LIST)
		print_list(p, v, verb);
	else
		print_map(p, v, verb);
	p->depth--;
}

static bool
print_by_method(struct fmt_printer *p, value v, uint32_t verb)
{
	struct sb text cleanup_sb = SB_INIT;

	if (p->erroring || p->f.sharp_v || !has_string_method(v) ||
	    verb >= 0x80 || verb == 0 || strchr("vsxXq", (int)verb) == NULL)
		return false;
	add_string_method(&text, v);
	print_text(p, v, sb_sv(&text), verb);
	return true;
}

/* Go asks values of other than basic types whether they are errors, for %w. */
static bool
is_refused_as_error(const struct fmt_printer *p, value v, uint32_t verb)
{
	return verb == 'w' && !p->erroring && (v.kind == VALUE_LIST ||
	    v.kind == VALUE_MAP || has_string_method(v));
}

static void
print_value(struct fmt_printer *p, value v, uint32_t verb)
{
	if (print_by_method(p, v, verb))
		return;
	if (is_refused_as_error(p, v, verb)) {
		bad_verb(p, v, verb);
		return;
	}
	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		if (verb == 'v')
			fmt_pad(p->out, &p->f, SV("<nil>"));
		else
			bad_verb(p, v, verb);
		return;
	case VALUE_BOOL:
		print_bool(p, v, verb);
		return;
	case VALUE_INT:
	case VALUE_DURATION:
		print_integer(p, v, (uint64_t)v.u.i, true, verb);
		return;
	case VALUE_UINT:
		print_integer(p, v, v.u.u, false, verb);
		return;
	case VALUE_FLOAT:
		print_float(p, v, verb);
		return;
	case VALUE_STRING:
		print_text(p, v, value_text(v), verb);
		return;
	case VALUE_LIST:
	case VALUE_MAP:
		print_container(p, v, verb);
		return;
	case VALUE_TIME:
		if (p->f.sharp_v)
			time_go_print(p->out, v.u.time);
		else
			time_print(p->out, v.u.time);
		return;
	}
}

static bool
is_reference(value v)
{
	return v.kind == VALUE_LIST || v.kind == VALUE_MAP;
}

void
fmt_operand(struct fmt_printer *p, value v, uint32_t verb)
{
	struct fmt_spec f = p->f;

	if (verb == 'T' && value_is_nil(v)) {
		fmt_pad(p->out, &f, SV("<nil>"));
	} else if (verb == 'T') {
		fmt_string(p->out, &f, sv_of(value_type_name(v)));
	} else if (verb == 'p' && is_reference(v)) {
		f.sharp = !f.sharp;
		fmt_integer(p->out, &f, (uint64_t)(uintptr_t)v.u.list, false,
		    16, 'v');
	} else if (verb == 'p') {
		bad_verb(p, v, verb);
	} else {
		print_value(p, v, verb);
	}
}

void
fmt_value(struct sb *out, value v)
{
	struct fmt_printer p = { .out = out };

	if (v.kind == VALUE_STRING)
		sb_addv(out, value_text(v));
	else if (v.kind == VALUE_INVALID)
		sb_adds(out, "<no value>");
	else
		print_value(&p, v, 'v');
}

sv
fmt_text(struct arena *a, value v)
{
	struct sb b cleanup_sb = SB_INIT;

	if (v.kind == VALUE_STRING)
		return value_text(v);
	fmt_value(&b, v);
	return sb_take(&b, a);
}

static bool
is_string(value v)
{
	return v.kind == VALUE_STRING && v.type == GO_STRING;
}

void
fmt_print(struct sb *out, const value *args, size_t n)
{
	struct fmt_printer p = { .out = out };

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && !is_string(args[i]) && !is_string(args[i - 1]))
			sb_addc(out, ' ');
		fmt_operand(&p, args[i], 'v');
	}
}

void
fmt_println(struct sb *out, const value *args, size_t n)
{
	struct fmt_printer p = { .out = out };

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_addc(out, ' ');
		fmt_operand(&p, args[i], 'v');
	}
	sb_addc(out, '\n');
}
