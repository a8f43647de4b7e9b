/* SPDX-License-Identifier: MIT */
/*
 * Time zones of the system's tz database, read as Go reads them, so that no
 * process-wide zone has to be set.
 * May include: base/, value.h.
 */
#ifndef GO_TZ_H
#define GO_TZ_H

#include "base/arena.h"
#include "base/str.h"
#include "go/value.h"

struct tz;

/* The process's zone: what $TZ (NULL: unset) names, else /etc/localtime, else
 * UTC. */
const struct tz *tz_local(struct arena *a, const char *tz_env);
/* A zone by its name ("Europe/Berlin", "UTC", "" is UTC); NULL when the
 * database has none of that name or the name could leave its folder. */
const struct tz *tz_load(struct arena *a, sv name);
const struct tz *tz_utc(void);

/* Sets offset, zone and `local` of a time by its `sec`. */
void tz_apply(const struct tz *z, struct value_time *t);
/* Whether daylight saving time is in force at `sec`. */
bool tz_is_dst(const struct tz *z, int64_t sec);
/* Seconds east of UTC of an abbreviation; where it has stood for several, the
 * one in force at `sec` (local seconds as if UTC).  false: no such name. */
bool tz_offset_of_name(const struct tz *z, sv abbreviation, int64_t sec,
    int32_t *offset);
/* UTC seconds of a wall clock reading given as seconds as if it were UTC. */
int64_t tz_to_utc(const struct tz *z, int64_t wall);
/* "Local", "UTC" or the name. */
const char *tz_name(const struct tz *z);

#endif
