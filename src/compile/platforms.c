/* SPDX-License-Identifier: MIT */
/* `platforms:` against this machine (L-078). */
#include "compile/compile.h"

bool
platform_matches(const platform_vec *platforms)
{
	const struct platform *p;

	if (platforms->n == 0)
		return true;
	vec_each(platforms, p) {
		bool os = p->os == NULL || p->os[0] == '\0' ||
		    strcmp(p->os, host_os()) == 0;
		bool arch = p->arch == NULL || p->arch[0] == '\0' ||
		    strcmp(p->arch, host_arch()) == 0;

		if (os && arch)
			return true;
	}
	return false;
}
