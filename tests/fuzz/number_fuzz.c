/* SPDX-License-Identifier: MIT */
/* Any bytes as a duration, a version and a size. */
#include "fuzz/fuzz.h"

#include "base/clock.h"
#include "project/ini.h"
#include "taskfile/version.h"

FUZZ_TARGET(number)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct version v, w;
	int64_t ns = 0, again = 0;

	if (!duration_parse(text, &ns, &e)) {
		if (!err_is_set(&e))
			BUG("failure without an error");
	} else if (!duration_parse(sv_of(duration_text(a, ns)), &again, &e) ||
	    again != ns) {
		BUG("a duration is not what it is printed as");
	}
	(void)duration_short(a, ns);
	if (version_parse(text, &v)) {
		if (version_cmp(&v, &v) != 0)
			BUG("a version is not itself");
		if (version_parse(sv_of(version_text(a, &v)), &w) &&
		    (w.part[0] != v.part[0] || w.part[1] != v.part[1] ||
			w.part[2] != v.part[2]))
			BUG("a version is not what it is printed as");
	}
	if (size_parse(sv_cstr(a, text)) < -1)
		BUG("less than no size");
}
