/* SPDX-License-Identifier: MIT */
/* The table of the output modes: the one place where they are listed. */
#include "output/internal.h"

/* go-task's first, so that a list of names reads so */
static const struct output_mode *const modes[] = {
	&mode_interleaved,
	&mode_group,
	&mode_prefixed,
	&mode_group_task,
	&mode_tidy,
};

enum {
	MODE_COUNT = sizeof(modes) / sizeof(modes[0])
};

const struct output_mode *const output_mode_beside = &mode_beside;

const struct output_mode *
output_mode_find(const char *name)
{
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (strcmp(name, modes[i]->name) == 0)
			return modes[i];
	return NULL;
}

void
output_mode_names(struct arena *a, bool prun, string_vec *out)
{
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (prun || !modes[i]->is_prun)
			vec_push(a, out, modes[i]->name);
}

const char *
output_mode_words(struct arena *a)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < MODE_COUNT; i++)
		sb_printf(&b, "%s%s",
		    i == 0                ? ""
		    : i + 1 == MODE_COUNT ? " or "
					  : ", ",
		    modes[i]->name);
	return sb_take(&b, a).p;
}
