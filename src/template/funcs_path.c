/* SPDX-License-Identifier: MIT */
/* Template functions on paths (L-150); slash paths and the system's are one. */
#include "base/path.h"
#include "template/funcs_util.h"

FUNC(fn_base)
{
	*out = value_cstr(path_base(c->a, arg_text(args[0])));
	return true;
}

FUNC(fn_dir)
{
	*out = value_cstr(path_dir(c->a, arg_text(args[0])));
	return true;
}

FUNC(fn_clean)
{
	*out = value_cstr(path_clean(c->a, arg_text(args[0])));
	return true;
}

FUNC(fn_ext)
{
	*out = value_sv(sv_dup(c->a, path_ext(arg_text(args[0]))));
	return true;
}

FUNC(fn_is_abs)
{
	*out = value_bool(path_is_abs(arg_text(args[0])));
	return true;
}

FUNC(fn_join_path)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < n; i++) {
		if (args[i].len == 0)
			continue;
		if (b.n > 0)
			sb_addc(&b, '/');
		sb_addv(&b, arg_text(args[i]));
	}
	*out = value_cstr(b.n > 0 ? path_clean(c->a, sb_sv(&b)) : "");
	return true;
}

FUNC(fn_rel_path)
{
	char *path;

	if (!path_rel(c->a, arg_text(args[0]), arg_text(args[1]), &path, e))
		return false;
	*out = value_cstr(path);
	return true;
}

/* From the process's folder, not the task's. */
FUNC(fn_abs_path)
{
	sv path = arg_text(args[0]);

	if (path_is_abs(path))
		*out = value_cstr(path_clean(c->a, path));
	else
		*out = value_cstr(path_join(c->a,
		    sv_of(c->env->cwd(c->env->ctx)), path));
	return true;
}

FUNC(fn_join_env)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_addc(&b, ':');
		sb_addv(&b, arg_text(args[i]));
	}
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

/* Slashes are the system's own separator. */
FUNC(fn_slash)
{
	*out = args[0];
	return true;
}

const struct func funcs_path[] = {
	{ "FromSlash", "s", fn_slash },
	{ "ToSlash", "s", fn_slash },
	{ "absPath", "s", fn_abs_path },
	{ "base", "s", fn_base },
	{ "clean", "s", fn_clean },
	{ "dir", "s", fn_dir },
	{ "ext", "s", fn_ext },
	{ "fromSlash", "s", fn_slash },
	{ "isAbs", "s", fn_is_abs },
	{ "joinEnv", "s*", fn_join_env },
	{ "joinPath", "s*", fn_join_path },
	{ "osBase", "s", fn_base },
	{ "osClean", "s", fn_clean },
	{ "osDir", "s", fn_dir },
	{ "osExt", "s", fn_ext },
	{ "osIsAbs", "s", fn_is_abs },
	{ "relPath", "ss", fn_rel_path },
	{ "toSlash", "s", fn_slash },
	{ NULL, NULL, NULL },
};
