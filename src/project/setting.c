/* SPDX-License-Identifier: MIT */
#include "project/setting.h"

#include <string.h>

#include "base/clock.h"
#include "project/ini.h"

static void
setting_add_list(struct arena *a, string_vec *list, const char *text)
{
	sv rest = sv_of(text), part;

	while (rest.n > 0) {
		sv_cut(rest, ',', &part, &rest);
		vec_push(a, list, sv_cstr(a, sv_trim(part)));
	}
}

static bool
setting_parse_bool(
    struct arena *a, const char *text, bool *out, const char **reason)
{
	if (go_bool_parse(text, out))
		return true;
	*reason =
	    arena_printf(a, "strconv.ParseBool: parsing %s: invalid syntax",
		quote_go(a, sv_of(text)));
	return false;
}

static bool
setting_parse_int(struct arena *a, const char *text, int base, int64_t *out,
    const char **reason)
{
	bool range = false;

	if (go_int_parse(text, base, out, &range))
		return true;
	*reason = arena_printf(a, "strconv.ParseInt: parsing %s: %s",
	    quote_go(a, sv_of(text)),
	    range ? "value out of range" : "invalid syntax");
	return false;
}

static bool
setting_parse_jobs(
    const char *text, int base, int64_t *out, const char **reason)
{
	bool range = false;

	if (strcmp(text, "max") == 0)
		*out = JOBS_MAX;
	else if (strcmp(text, "auto") == 0)
		*out = JOBS_AUTO;
	else if (!go_int_parse(text, base, out, &range) || *out < 0) {
		*reason = "wanted a number, max or auto";
		return false;
	}
	return true;
}

static bool
setting_parse_duration(
    struct arena *a, const char *text, int64_t *out, const char **reason)
{
	struct err e cleanup_err = ERR_INIT;

	if (duration_parse(sv_of(text), out, &e))
		return true;
	*reason = arena_strdup(a, e.message);
	return false;
}

bool
setting_parse(struct arena *a, enum setting_kind kind, const char *text,
    int base, struct setting_value *v, const char **reason)
{
	struct setting_value new = *v;
	bool ok = true;

	switch (kind) {
	case SETTING_BOOL:
		ok = setting_parse_bool(a, text, &new.b, reason);
		break;
	case SETTING_INT:
		ok = setting_parse_int(a, text, base, &new.i, reason);
		break;
	case SETTING_JOBS:
		ok = setting_parse_jobs(text, base, &new.i, reason);
		break;
	case SETTING_DURATION:
		ok = setting_parse_duration(a, text, &new.i, reason);
		break;
	case SETTING_LIST:
		setting_add_list(a, &new.list, text);
		break;
	case SETTING_REPEAT:
		vec_push(a, &new.list, text);
		break;
	case SETTING_STRING:
	case SETTING_OPTIONAL:
		break;
	}
	if (!ok)
		return false;
	new.s = text;
	new.is_set = true;
	*v = new;
	return true;
}
