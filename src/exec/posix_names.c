/* SPDX-License-Identifier: MIT */
/* Variables of a text that dash may run: which may stand in it at all, and what
 * may be in them. */
#include "exec/posix_reader.h"

#include <stdlib.h>

/* Made up, or looked at, by bash or by dash; in the order of strcmp(). */
static const char *const special_names[] = { "CDPATH", "COLUMNS", "COPROC",
	"DIRSTACK", "ENV", "EPOCHREALTIME", "EPOCHSECONDS", "EUID",
	"EXECIGNORE", "FCEDIT", "FIGNORE", "FUNCNAME", "FUNCNEST", "GID",
	"GLOBIGNORE", "GROUPS", "HOSTFILE", "HOSTNAME", "HOSTTYPE", "IFS",
	"IGNOREEOF", "INPUTRC", "LINENO", "LINES", "MACHTYPE", "MAIL",
	"MAILCHECK", "MAILPATH", "MAPFILE", "OLDPWD", "OPTARG", "OPTERR",
	"OPTIND", "OSTYPE", "PIPESTATUS", "POSIXLY_CORRECT", "PPID", "PS0",
	"PS1", "PS2", "PS3", "PS4", "RANDOM", "REPLY", "SECONDS", "SHELLOPTS",
	"SHLVL", "SRANDOM", "TIMEFORMAT", "TMOUT", "TMPDIR", "UID", "_",
	"auto_resume", "histchars" };
/* May be read, but not changed. */
static const char *const kept_names[] = { "HOME", "LANG", "LANGUAGE", "PATH",
	"PWD", "SHELL", "TERM" };
static const char *const special_prefixes[] = { "BASH", "COMP_", "HIST",
	"PROMPT_", "READLINE_" };

/* What bash changes in the environment of its children, or what changes it. */
static const char *const odd_in_env[] = { "CDPATH", "COLUMNS", "DIRSTACK",
	"EPOCHREALTIME", "EPOCHSECONDS", "EUID", "EXECIGNORE", "FUNCNAME",
	"FUNCNEST", "GID", "GLOBIGNORE", "GROUPS", "HISTCMD", "HOSTTYPE", "IFS",
	"LINENO", "LINES", "MACHTYPE", "OPTARG", "OPTERR", "OPTIND", "OSTYPE",
	"PIPESTATUS", "POSIXLY_CORRECT", "PPID", "RANDOM", "SECONDS",
	"SHELLOPTS", "SRANDOM", "TMOUT", "UID" };

#define HAS(list, name) posix_has((list), sizeof(list) / sizeof(*(list)), name)

static int
posix_cmp(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool
posix_has(const char *const *list, size_t n, const char *name)
{
	return bsearch(name, list, n, sizeof(*list), posix_cmp) != NULL;
}

static bool
has_special_prefix(const char *name)
{
	for (size_t i = 0;
	     i < sizeof(special_prefixes) / sizeof(*special_prefixes); i++)
		if (strncmp(name, special_prefixes[i],
			strlen(special_prefixes[i])) == 0)
			return true;
	return false;
}

bool
posix_is_plain(sv v)
{
	char last = ' ';

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (strchr("\\*?[", c) != NULL || (c < ' ' && c != '\t') ||
		    c >= 0x7f || (c == '-' && (last == ' ' || last == '\t')))
			return false;
		last = (char)c;
	}
	return true;
}

bool
posix_is_number(sv v)
{
	size_t minus = v.n > 0 && v.p[0] == '-', digits = v.n - minus;

	if (digits == 0 || digits > 15 || (v.p[minus] == '0' && v.n != 1))
		return false;
	for (size_t i = minus; i < v.n; i++)
		if (!is_digit((unsigned char)v.p[i]))
			return false;
	return true;
}

static const char *
posix_env_value(char *const *env, const char *name)
{
	size_t n = strlen(name);
	const char *found = NULL;

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			found = *env + n + 1;
	return found;
}

bool
posix_name_is_usable(struct posix *p, const char *name, bool assigned)
{
	if (HAS(special_names, name) || has_special_prefix(name))
		return false;
	if (assigned)
		return !HAS(kept_names, name) && strncmp(name, "LC_", 3) != 0;
	/* bash makes these up where they are not set */
	if (HAS(kept_names, name) && strcmp(name, "PWD") != 0)
		return posix_env_value(p->job->env, name) != NULL;
	return true;
}

static struct posix_name *
posix_name_of(struct posix *p, const char *name)
{
	struct posix_name *n = map_get(p->names, sv_of(name));

	if (n != NULL)
		return n;
	n = arena_alloc(p->a, sizeof(*n));
	*n = (struct posix_name){ .name = arena_strdup(p->a, name),
		.in_env = posix_env_value(p->job->env, name),
		.sure_at = SIZE_MAX };
	if (n->in_env != NULL) {
		n->odd = !posix_is_plain(sv_of(n->in_env));
		n->wordy =
		    *n->in_env != '\0' && !posix_is_number(sv_of(n->in_env));
		n->sure_at = *n->in_env != '\0' ? 0 : SIZE_MAX;
	}
	if (strcmp(name, "PWD") == 0) /* after cd it is another */
		n->odd = n->wordy = true;
	map_put(p->names, sv_of(n->name), n);
	vec_push(p->a, &p->all_names, n);
	return n;
}

struct posix_name *
posix_name_at(struct posix *p, const char *name, size_t at)
{
	struct posix_name *n;

	if (!posix_name_is_usable(p, name, false))
		return NULL;
	n = posix_name_of(p, name);
	vec_push(p->a, &n->seen, at);
	return n;
}

static struct posix_name *
posix_name_to_set(struct posix *p, const char *name, size_t at)
{
	struct posix_name *n;

	if (!posix_name_is_usable(p, name, true))
		return NULL;
	n = posix_name_of(p, name);
	vec_push(p->a, &n->set, at);
	n->assigned = true;
	return n;
}

bool
posix_name_set(struct posix *p, const char *name, size_t at)
{
	struct posix_name *n = posix_name_to_set(p, name, at);

	if (n == NULL)
		return false;
	n->odd = n->wordy = n->blank = true;
	return true;
}

bool
posix_name_assign(struct posix *p, const char *name, const struct posix_word *w)
{
	struct posix_name *n = posix_name_to_set(p, name, w->at);
	bool copies = w->names.n == 1 && w->parts == 1 && !w->unknown;

	if (n == NULL)
		return false;
	n->odd |= w->unknown || w->odd || w->many;
	n->wordy |= !copies && !w->number && !w->status && w->parts > 0;
	n->blank |= !w->number && !w->status &&
		    (!copies || w->names.v[0]->sure_at == SIZE_MAX);
	for (size_t i = 0; i < w->names.n; i++)
		vec_push(p->a, &n->from, w->names.v[i]);
	if (p->maybe == 0 && n->sure_at == SIZE_MAX)
		n->sure_at = w->at;
	return true;
}

/* Until nothing changes: values go from name to name. */
static void
spread(struct posix *p)
{
	struct posix_name **n;
	bool changed;

	do {
		changed = false;
		vec_each(&p->all_names, n) {
			bool odd = (*n)->odd, wordy = (*n)->wordy;
			bool blank = (*n)->blank;

			for (size_t i = 0; i < (*n)->from.n; i++) {
				odd |= (*n)->from.v[i]->odd;
				wordy |= (*n)->from.v[i]->wordy;
				blank |= (*n)->from.v[i]->blank;
			}
			changed |= odd != (*n)->odd || wordy != (*n)->wordy ||
				   blank != (*n)->blank;
			(*n)->odd = odd;
			(*n)->wordy = wordy;
			(*n)->blank = blank;
		}
	} while (changed);
}

static bool
is_all_within(const size_t *at, size_t n, struct posix_span span)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] < span.from || at[i] >= span.to)
			return false;
	return true;
}

/* What the last part of a pipe sets is seen behind it only in bash. */
static bool
stays_within(const struct posix_name *n, struct posix_span span)
{
	for (size_t i = 0; i < n->set.n; i++)
		if (n->set.v[i] >= span.from && n->set.v[i] < span.to)
			return n->in_env == NULL &&
			       is_all_within(n->set.v, n->set.n, span) &&
			       is_all_within(n->seen.v, n->seen.n, span);
	return true;
}

bool
posix_names_hold(struct posix *p)
{
	struct posix_name **n;

	spread(p);
	vec_each(&p->all_names, n) {
		if (((*n)->must_be_plain && (*n)->odd) ||
		    ((*n)->must_be_number && (*n)->wordy) ||
		    ((*n)->must_be_filled && (*n)->blank))
			return false;
		p->echoes |= (*n)->is_echoed && (*n)->odd;
		for (size_t i = 0; i < p->last_parts.n; i++)
			if (!stays_within(*n, p->last_parts.v[i]))
				return false;
	}
	return true;
}

/* ---- the environment ---- */

static bool
is_env_name_alike(const char *entry)
{
	const char *eq = strchr(entry, '=');
	char name[64];

	if (eq == NULL || eq == entry || is_digit((unsigned char)*entry))
		return false;
	for (const char *c = entry; c < eq; c++)
		if (!is_name_byte((unsigned char)*c))
			return false;
	if ((size_t)(eq - entry) >= sizeof(name))
		return true;
	memcpy(name, entry, (size_t)(eq - entry));
	name[eq - entry] = '\0';
	if (strncmp(name, "BASH", 4) == 0)
		return strcmp(name, "BASH_ENV") == 0;
	return !HAS(odd_in_env, name);
}

/* bash counts it, dash leaves it alone. */
static bool
is_level(const char *value)
{
	return value == NULL ||
	       (posix_is_number(sv_of(value)) && strlen(value) <= 3 &&
		   *value != '-' && *value != '0');
}

/* What stands elsewhere after cd is not looked for. */
static bool
is_path_absolute(const char *path)
{
	sv rest = sv_of(path), dir;
	bool more = true;

	while (more) {
		more = sv_cut(rest, ':', &dir, &rest);
		if (dir.n == 0 || dir.p[0] != '/')
			return false;
	}
	return true;
}

bool
posix_env_is_alike(char *const *env)
{
	const char *path = posix_env_value(env, "PATH");

	for (char *const *entry = env; *entry != NULL; entry++)
		if (!is_env_name_alike(*entry))
			return false;
	return path != NULL && is_path_absolute(path) &&
	       is_level(posix_env_value(env, "SHLVL"));
}
