/* SPDX-License-Identifier: MIT */
#include "go/json.h"

#include <inttypes.h>
#include <math.h>

#include "base/utf8.h"
#include "go/date.h"
#include "go/fmt.h"
#include "yaml/resolve.h"

/* Maps can be made to hold themselves. */
#define DEPTH_LIMIT 1000

static void
json_quote_rune(struct sb *out, sv s, uint32_t r, size_t width, bool html)
{
	static const char named[] = "\b\f\n\r\t", letters[] = "bfnrt";
	const char *found = r && r < 0x80 ? strchr(named, (int)r) : NULL;

	if (r == RUNE_ERROR && width == 1)
		sb_add_rune(out, RUNE_ERROR);
	else if (r == '"' || r == '\\')
		sb_printf(out, "\\%c", (char)r);
	else if (found != NULL)
		sb_printf(out, "\\%c", letters[found - named]);
	else if (r < ' ' || r == 0x2028 || r == 0x2029 ||
	    (html && (r == '<' || r == '>' || r == '&')))
		sb_printf(out, "\\u%04x", (unsigned)r);
	else
		sb_add(out, s.p, width);
}

void
json_quote(struct sb *out, sv s, bool html)
{
	sb_addc(out, '"');
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		json_quote_rune(out, s, r, width, html);
		s = sv_sub(s, width, SIZE_MAX);
	}
	sb_addc(out, '"');
}

struct writer {
	struct sb *out;
	unsigned flags;
	struct arena *a; /* scratch */
	struct err *e;
};

static bool write_value(struct writer *w, value v, size_t depth);

/* Plain digits where the number is neither tiny nor huge; an exponent of one
 * digit has no 0 in front of it. */
static bool
json_write_float(struct writer *w, double f)
{
	double size = fabs(f);
	size_t start = w->out->n;
	char *p;

	if (isnan(f) || isinf(f))
		return err_set(w->e, ERR_GENERIC,
		    "json: unsupported value: %s",
		    isnan(f) ? "NaN" :
			f > 0 ? "+Inf" :
				"-Inf");
	if (size == 0 || (size >= 1e-6 && size < 1e21)) {
		fmt_float(w->out, f, 'f', -1);
		return true;
	}
	fmt_float(w->out, f, 'e', -1);
	p = w->out->p + w->out->n - 4;
	if (w->out->n - start >= 4 && memcmp(p, "e-0", 3) == 0) {
		p[2] = p[3];
		w->out->n--;
	}
	return true;
}

static void
json_new_line(struct writer *w, size_t depth)
{
	if (!(w->flags & JSON_INDENT))
		return;
	sb_addc(w->out, '\n');
	sb_pad(w->out, ' ', depth * 2);
}

static bool
json_write_list(struct writer *w, const struct value_list *l, size_t depth)
{
	if (l->is_nil) {
		sb_adds(w->out, "null");
		return true;
	}
	sb_addc(w->out, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i > 0)
			sb_addc(w->out, ',');
		json_new_line(w, depth + 1);
		if (!write_value(w, l->v[i], depth + 1))
			return false;
	}
	if (l->n > 0)
		json_new_line(w, depth);
	sb_addc(w->out, ']');
	return true;
}

/* Keys of a map from YAML: strings and ints will do. */
static bool
json_check_keys(struct writer *w, value v)
{
	const struct map_entry *entry;

	map_each(v.u.map->entries, entry) {
		enum ytag tag = yaml_resolve(entry->key);

		if ((tag != YTAG_STR && tag != YTAG_INT) ||
		    sv_is(entry->key, "<nil>"))
			return err_set(w->e, ERR_GENERIC,
			    "json: unsupported value: jsontext: object member "
			    "name must be a string after offset 2");
	}
	return true;
}

static bool
json_write_map(struct writer *w, value v, size_t depth)
{
	const struct map_entry **entries = value_map_sorted(w->a, v);
	size_t n = value_map_count(v);

	if (v.type == GO_MAP_ANY && !json_check_keys(w, v))
		return false;
	sb_addc(w->out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_addc(w->out, ',');
		json_new_line(w, depth + 1);
		json_quote(w->out, entries[i]->key, w->flags & JSON_HTML);
		sb_adds(w->out, w->flags & JSON_INDENT ? ": " : ":");
		if (!write_value(w, *(value *)entries[i]->value, depth + 1))
			return false;
	}
	if (n > 0)
		json_new_line(w, depth);
	sb_addc(w->out, '}');
	return true;
}

static void
write_time(struct writer *w, const struct value_time *t)
{
	sb_addc(w->out, '"');
	time_format(w->out, t, SV("2006-01-02T15:04:05.999999999Z07:00"));
	sb_addc(w->out, '"');
}

static bool
write_value(struct writer *w, value v, size_t depth)
{
	if (depth > DEPTH_LIMIT)
		return err_set(w->e, ERR_GENERIC,
		    "json: unsupported value: encountered a cycle via %s",
		    value_type_name(v));
	if (w->out->n > TMPL_TEXT_MAX)
		return err_set(w->e, ERR_GENERIC,
		    "json: the text is longer than %zu bytes", TMPL_TEXT_MAX);
	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		sb_adds(w->out, "null");
		return true;
	case VALUE_BOOL:
		sb_adds(w->out, v.u.b ? "true" : "false");
		return true;
	case VALUE_INT:
	case VALUE_DURATION:
		sb_printf(w->out, "%" PRId64, v.u.i);
		return true;
	case VALUE_UINT:
		sb_printf(w->out, "%" PRIu64, v.u.u);
		return true;
	case VALUE_FLOAT:
		return json_write_float(w, v.u.f);
	case VALUE_STRING:
		if (v.type == GO_LOCATION)
			sb_adds(w->out, "{}"); /* no exported fields */
		else
			json_quote(w->out, value_text(v),
			    w->flags & JSON_HTML);
		return true;
	case VALUE_LIST:
		return json_write_list(w, v.u.list, depth);
	case VALUE_MAP:
		return json_write_map(w, v, depth);
	case VALUE_TIME:
		write_time(w, v.u.time);
		return true;
	}
	return true;
}

bool
json_write(struct sb *out, value v, unsigned flags, struct err *e)
{
	struct arena *scratch cleanup_arena = arena_new();
	struct writer w = { out, flags, scratch, e };

	return write_value(&w, v, 0);
}
