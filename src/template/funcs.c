/* SPDX-License-Identifier: MIT */
#include "template/funcs.h"

/* Where a name is in two tables the first one has it: go-task's functions win
 * over sprig's and both over the built-ins (`slice`). */
static const struct func *const tables[] = {
	funcs_misc,
	funcs_string,
	funcs_list,
	funcs_dict,
	funcs_math,
	funcs_path,
	funcs_os,
	funcs_encode,
	funcs_date,
	funcs_regex,
	funcs_builtin,
};

/* Templates are parsed once, and each name of theirs is looked up once, so a
 * plain walk over some two hundred names is quick enough; comparing the first
 * byte before the rest rejects nearly all. */
const struct func *
func_find(sv name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct func *f = tables[i]; f->name != NULL; f++)
			if (name.n > 0 && f->name[0] == name.p[0] &&
			    sv_is(name, f->name))
				return f;
	return NULL;
}
