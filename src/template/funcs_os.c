/* SPDX-License-Identifier: MIT */
/* Template functions that ask the system, and words of a shell (L-150). */
#include "base/host.h"
#include "base/names.h"
#include "template/funcs_util.h"
#include "go/shellword.h"

FUNC(fn_os)
{
	*out = value_cstr(host_os());
	return true;
}

FUNC(fn_arch)
{
	*out = value_cstr(host_arch());
	return true;
}

FUNC(fn_exe_ext)
{
	*out = value_cstr("");
	return true;
}

FUNC(fn_is_sh)
{
	*out = value_bool(true);
	return true;
}

static const char *
os_environment(struct func_ctx *c, sv name)
{
	const char *found;

	if (sv_find_char(name, '\0', 0) >= 0)
		return "";
	found = c->env->getenv(c->env->ctx, sv_cstr(c->a, name));
	return found ? found : "";
}

FUNC(fn_env)
{
	*out = value_cstr(
	    arena_strdup(c->a, os_environment(c, arg_text(args[0]))));
	return true;
}

static bool
is_os_special(char c)
{
	return c != '\0' && strchr("*#$@!?-0123456789", c) != NULL;
}

/* The name behind a '$' in Go's os.Expand; *used is what it takes up.  No name
 * but something used: bad syntax, which is dropped. */
static sv
variable_name(sv s, size_t *used)
{
	size_t i = 0;
	ptrdiff_t close;

	if (s.p[0] == '{') {
		close = sv_find_char(s, '}', 1);
		if (s.n > 2 && is_os_special(s.p[1]) && s.p[2] == '}')
			close = 2;
		*used = close < 0 ? 1 : (size_t)close + 1;
		return close < 0 ? SV("") : sv_sub(s, 1, (size_t)close - 1);
	}
	if (is_os_special(s.p[0])) {
		*used = 1;
		return sv_sub(s, 0, 1);
	}
	while (i < s.n && is_name_byte(s.p[i]))
		i++;
	*used = i;
	return sv_sub(s, 0, i);
}

FUNC(fn_expandenv)
{
	struct sb b cleanup_sb = SB_INIT;
	sv s = arg_text(args[0]);

	for (size_t i = 0; i < s.n; i++) {
		size_t used;
		sv name;

		if (s.p[i] != '$' || i + 1 == s.n) {
			sb_addc(&b, s.p[i]);
			continue;
		}
		name = variable_name(sv_sub(s, i + 1, SIZE_MAX), &used);
		if (name.n > 0)
			sb_adds(&b, os_environment(c, name));
		else if (used == 0)
			sb_addc(&b, '$');
		i += used;
	}
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

/* One of the host's addresses, drawn at random. */
FUNC(fn_get_host_by_name)
{
	address_vec found;

	names_addresses_of(c->a, value_text(args[0]).p, &found);
	if (found.n == 0)
		return fn_fail(e, "invalid argument to Intn");
	*out = value_cstr(found.v[c->env->random(c->env->ctx) % found.n]);
	return true;
}

FUNC(fn_shell_quote)
{
	char *quoted;

	if (!shell_quote_checked(c->a, arg_text(args[0]), &quoted, e))
		return false;
	*out = value_cstr(quoted);
	return true;
}

static const char *
getenv_of(void *ctx, const char *name)
{
	struct func_ctx *c = ctx;

	return c->env->getenv(c->env->ctx, name);
}

FUNC(fn_split_args)
{
	struct shell_words words = { 0 };

	if (!shell_split(c->a, arg_text(args[0]), getenv_of, c, &words, e))
		return false;
	*out = value_list_new(c->a, GO_LIST_STRING);
	for (size_t i = 0; i < words.n; i++)
		value_list_add(c->a, *out, value_sv(words.v[i]));
	return true;
}

const struct func funcs_os[] = {
	{ "ARCH", "", fn_arch },
	{ "ExeExt", "", fn_exe_ext },
	{ "IsSH", "", fn_is_sh },
	{ "OS", "", fn_os },
	{ "env", "s", fn_env },
	{ "exeExt", "", fn_exe_ext },
	{ "expandenv", "s", fn_expandenv },
	{ "getHostByName", "s", fn_get_host_by_name },
	{ "q", "s", fn_shell_quote },
	{ "shellQuote", "s", fn_shell_quote },
	{ "splitArgs", "s", fn_split_args },
	{ NULL, NULL, NULL },
};
