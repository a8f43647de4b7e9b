/* SPDX-License-Identifier: MIT */
/* CHECKSUM and TIMESTAMP (C-327). */
#include <time.h>

#include "base/clock.h"
#include "fingerprint/internal.h"

bool
fp_checksum_value(void *fp, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	struct fp *f = fp;
	struct source_list sources;
	enum fp_method method;

	*out = value_cstr("");
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method != METHOD_CHECKSUM || t->sources.n == 0)
		return true;
	if (!fp_read_sources(f, a, t, method, &sources, e))
		return false;
	*out = value_cstr(checksum_text(a, sources.checksum));
	return true;
}

/* Newest source, shown in the local zone; the epoch without sources. */
bool
fp_timestamp_value(void *fp, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	struct fp *f = fp;
	struct source_list sources;
	struct value_time *v;
	enum fp_method method;
	int64_t newest = 0;
	struct tm tm;
	time_t sec;

	*out = value_cstr("");
	if (!fp_method_of(f, t, &method, e))
		return false;
	if (method != METHOD_TIMESTAMP || t->sources.n == 0)
		return true;
	if (!fp_read_sources(f, a, t, method, &sources, e))
		return false;
	for (size_t i = 0; i < sources.n; i++)
		if (i == 0 || sources.v[i].sig.mtime_ns > newest)
			newest = sources.v[i].sig.mtime_ns;
	v = arena_new_of(a, struct value_time);
	sec = (time_t)(newest / NS_PER_S - (newest % NS_PER_S < 0));
	localtime_r(&sec, &tm);
	*v = (struct value_time){
		.sec = sec,
		.nsec = (int32_t)(newest - (int64_t)sec * NS_PER_S),
		.offset = (int32_t)tm.tm_gmtoff,
		.zone = arena_strdup(a, tm.tm_zone),
		.local = true,
	};
	*out = (value){ .kind = VALUE_TIME, .type = GO_TIME, .u.time = v };
	return true;
}
