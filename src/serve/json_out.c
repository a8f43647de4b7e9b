/* SPDX-License-Identifier: MIT */
#include "serve/json_out.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "go/json.h"

void
json_out_cleanup(struct json_out *j)
{
	sb_free(&j->text);
}

static void
jo_between(struct json_out *j)
{
	if (j->needs_comma)
		sb_addc(&j->text, ',');
	j->needs_comma = true;
}

void
jo_open(struct json_out *j, char bracket)
{
	jo_between(j);
	sb_addc(&j->text, bracket);
	j->needs_comma = false;
}

void
jo_close(struct json_out *j, char bracket)
{
	sb_addc(&j->text, bracket);
	j->needs_comma = true;
}

void
jo_key(struct json_out *j, const char *key)
{
	jo_between(j);
	json_quote(&j->text, sv_of(key), false);
	sb_addc(&j->text, ':');
	j->needs_comma = false;
}

void
jo_sv(struct json_out *j, sv text)
{
	jo_between(j);
	json_quote(&j->text, text, false);
}

void
jo_text(struct json_out *j, const char *text)
{
	jo_sv(j, sv_of(text));
}

void
jo_int(struct json_out *j, int64_t n)
{
	jo_between(j);
	sb_printf(&j->text, "%" PRId64, n);
}

void
jo_seconds(struct json_out *j, int64_t ns)
{
	if (ns < 0)
		ns = 0;
	jo_between(j);
	sb_printf(&j->text, "%" PRId64 ".%03d", ns / NS_PER_S,
	    (int)(ns % NS_PER_S / NS_PER_MS));
}

void
jo_bool(struct json_out *j, bool b)
{
	jo_between(j);
	sb_adds(&j->text, b ? "true" : "false");
}

void
jo_null(struct json_out *j)
{
	jo_between(j);
	sb_adds(&j->text, "null");
}

void
jo_time(struct json_out *j, int64_t at_ns)
{
	time_t seconds = (time_t)(at_ns / NS_PER_S);
	char text[40];
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	jo_between(j);
	sb_printf(&j->text, "\"%.*s.%03dZ\"", (int)n, text,
	    (int)(at_ns % NS_PER_S / NS_PER_MS));
}

void
jo_raw(struct json_out *j, sv json)
{
	jo_between(j);
	sb_addv(&j->text, json);
}

void
jo_text_if(struct json_out *j, const char *key, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	jo_key(j, key);
	jo_text(j, text);
}
