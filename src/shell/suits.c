/* SPDX-License-Identifier: MIT */
/* Whether what was read is the same in that environment. */
#include <ctype.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/path.h"
#include "shell/names.h"
#include "shell/run.h"

/* What bash goes by when it starts: with one of these it may do anything. */
static bool
is_for_bash(const char *entry)
{
	static const char *const names[] = { "BASH_", "BASHOPTS=", "CDPATH=",
		"ENV=", "EUID=", "EXECIGNORE=", "GLOBIGNORE=", "IFS=",
		"POSIXLY_CORRECT=", "PPID=", "SHELLOPTS=", "UID=" };

	if (strchr("BCEGIPSU", *entry) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* In others a byte of a character may be a backslash. */
static bool
is_known_charset(const char *locale)
{
	const char *charset = strchr(locale, '.');

	if (*locale == '\0' || strcmp(locale, "C") == 0 ||
	    strcmp(locale, "POSIX") == 0)
		return true;
	return charset != NULL && (strcasecmp(charset + 1, "UTF-8") == 0 ||
				      strcasecmp(charset + 1, "utf8") == 0);
}

static bool
locale_suits(char *const *env)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = env_get(env, sv_of(names[i]));

		if (value != NULL && *value != '\0')
			return is_known_charset(value);
	}
	return true;
}

/* SHLVL is counted up by bash, from what may be no number at all. */
static bool
level_suits(char *const *env)
{
	const char *level = env_get(env, SV("SHLVL"));
	size_t n = level != NULL ? strlen(level) : 0;

	return level == NULL ||
	       (n > 0 && n < 4 && strspn(level, "0123456789") == n &&
		   (*level != '0' || n == 1));
}

static bool
has_name(const sv_vec *list, sv name)
{
	for (size_t i = 0; i < list->n; i++)
		if (sv_eq(list->v[i], name))
			return true;
	return false;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Values that the snippet must have from outside, without the characters. */
static bool
values_suit(const struct snippet *s, char *const *env, const sv_vec *names,
    const char *without, bool may_be_empty)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *value = env_get(env, names->v[i]);

		if (has_name(&s->writes, names->v[i]) ||
		    sv_is(names->v[i], "PWD") || sv_is(names->v[i], "OLDPWD"))
			return false;
		if (value == NULL || *value == '\0') {
			if (!may_be_empty)
				return false;
		} else if (strpbrk(value, without) != NULL ||
			   (may_be_empty && strlen(value) > LOOP_WORDS_MAX)) {
			return false;
		}
	}
	return true;
}

/* Characters are counted: each of them must be one byte. */
static bool
lengths_suit(const struct snippet *s, const struct snippet_place *place)
{
	if (s->lengths.n == 0)
		return true;
	/* printf makes characters of numbers */
	if (s->has_pipes)
		return false;
	for (size_t i = 0; i < s->reads.n; i++) {
		const char *value = env_get(place->env, s->reads.v[i]);

		if (value != NULL && !is_ascii(value))
			return false;
	}
	return s->ascii && is_ascii(place->dir);
}

static bool
reads_suit(const struct snippet *s, char *const *env)
{
	for (size_t i = 0; i < s->reads.n; i++) {
		const char *value = env_get(env, s->reads.v[i]);

		if (value == NULL && shell_variable_has_default(s->reads.v[i]))
			return false;
		if (value != NULL && s->has_patterns &&
		    strlen(value) > PATTERN_VALUE_MAX)
			return false;
	}
	if (s->has_programs && env_get(env, SV("PATH")) == NULL)
		return false;
	return !s->uses_home || env_get(env, SV("HOME")) != NULL;
}

static bool
folder_suits(const char *dir)
{
	size_t n = dir != NULL ? strlen(dir) : 0;
	struct stat st;

	if (n == 0 || dir[0] != '/' || (n > 1 && dir[n - 1] == '/') ||
	    strstr(dir, "//") != NULL || strstr(dir, "/./") != NULL ||
	    strstr(dir, "/../") != NULL || sv_ends(sv_of(dir), SV("/.")) ||
	    sv_ends(sv_of(dir), SV("/..")))
		return false;
	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
snippet_suits(const struct snippet *s, const struct snippet_place *place)
{
	for (char *const *env = place->env; *env != NULL; env++)
		if (is_for_bash(*env))
			return false;
	/* which of the two shells of a pipe ends, or fails */
	if (s->has_pipes && (place->options.nounset || place->options.pipefail))
		return false;
	return locale_suits(place->env) && level_suits(place->env) &&
	       values_suit(s, place->env, &s->whole, " \t\n*?[\\", false) &&
	       values_suit(s, place->env, &s->listed, "*?[\\", true) &&
	       lengths_suit(s, place) && reads_suit(s, place->env) &&
	       folder_suits(place->dir);
}
