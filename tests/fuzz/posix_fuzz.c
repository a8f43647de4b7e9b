/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a script: what is accepted for dash has the text in it, with
 * nothing lost but the names of commands that are replaced.
 */
#include "fuzz/fuzz.h"

#include "exec/posix.h"

static const char *const env[] = { "PATH=/usr/bin:/bin", "HOME=/h", "A=b c",
	"N=3", NULL };

FUZZ_TARGET(posix)
{
	struct arena *a cleanup_arena = arena_new();
	struct posix_job job = { text, (char *const *)env, "/", "/bin/bash" };
	const char *script = posix_script(a, &job);

	if (script == NULL)
		return;
	if (memchr(text.p, '\0', text.n) != NULL)
		BUG("a NUL is accepted");
	if (strlen(script) < text.n)
		BUG("a part of the text is lost");
}
