/* SPDX-License-Identifier: MIT */
#include "exec/shell_words.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/vec.h"
#include "shell/names.h"

/* Variables that bash, or plan_script() in front of it, makes up; in the order
 * of strcmp(), for bsearch(). */
static const char *const dynamic[] = { "COMP_WORDBREAKS", "DIRSTACK",
	"EPOCHREALTIME", "EPOCHSECONDS", "EUID", "FUNCNAME", "GID", "GROUPS",
	"HISTCMD", "IFS", "LINENO", "OLDPWD", "OPTARG", "OPTERR", "OPTIND",
	"PIPESTATUS", "PPID", "PWD", "RANDOM", "SECONDS", "SHELLOPTS", "SHLVL",
	"SRANDOM", "UID", "_" };

struct reader {
	struct arena *arena;
	sv text;
	size_t at;
	char *const *env;
	struct sb word;
	bool in_word;
	bool complex;
	VEC(const char *) argv;
};

static int
name_cmp(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool
listed(const char *name, const char *const *list, size_t n)
{
	return bsearch(name, list, n, sizeof(*list), name_cmp) != NULL;
}

#define LISTED(name, list) listed((name), (list), sizeof(list) / sizeof(*(list)))

bool
words_is_builtin(const char *name)
{
	return shell_name_is_own(sv_of(name));
}

static const char *
words_env_value(char *const *env, sv name)
{
	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name.p, name.n) == 0 && (*env)[name.n] == '=')
			return *env + name.n + 1;
	return NULL;
}

static int
words_peek(const struct reader *r, size_t ahead)
{
	size_t i = r->at + ahead;

	return i < r->text.n ? (unsigned char)r->text.p[i] : -1;
}

/* An unquoted value is split and globbed by the shell: only one that neither
 * would change may stand for itself. */
static bool
value_is_plain(const char *v)
{
	return *v != '\0' && strpbrk(v, " \t\n*?[]\\") == NULL;
}

/* `$NAME` or `${NAME}` at r->at; false when it is something else or its value
 * is not for us to know. */
static bool
read_variable(struct reader *r, bool quoted)
{
	size_t brace = words_peek(r, 1) == '{';
	size_t from = r->at + 1 + brace, n = 0;
	const char *value, *name;

	while (from + n < r->text.n && is_name_byte(r->text.p[from + n]))
		n++;
	if (n == 0 || isdigit((unsigned char)r->text.p[from]))
		return false;
	if (brace && (from + n >= r->text.n || r->text.p[from + n] != '}'))
		return false;
	name = arena_strndup(r->arena, r->text.p + from, n);
	value = words_env_value(r->env, (sv){ name, n });
	if (value == NULL || strncmp(name, "BASH", 4) == 0 ||
	    LISTED(name, dynamic))
		return false;
	if (!quoted && !value_is_plain(value))
		return false;
	sb_adds(&r->word, value);
	r->at = from + n + brace;
	return true;
}

/* What is inside double quotes; r->at is behind the opening one.  false when
 * the rest can no longer be followed. */
static bool
read_double(struct reader *r)
{
	while (r->at < r->text.n) {
		char c = r->text.p[r->at];
		int next = words_peek(r, 1);

		if (c == '"')
			return true;
		if (c == '`' || (c == '$' && (next == '(' || next == '[')))
			return false;
		if (c == '$' && next != '"' && next != -1) {
			if (read_variable(r, true))
				continue;
			if (next == '{')
				return false;
			r->complex = true;
		}
		if (c == '\\' && next != -1) {
			r->at++;
			if (strchr("$`\"\\\n", next) == NULL)
				sb_addc(&r->word, '\\');
			if (next == '\n') {
				r->at++;
				continue;
			}
			c = (char)next;
		}
		sb_addc(&r->word, c);
		r->at++;
	}
	return true;
}

static void
end_word(struct reader *r)
{
	if (!r->in_word)
		return;
	vec_push(r->arena, &r->argv, sb_take(&r->word, r->arena).p);
	r->in_word = false;
}

static void
unclosed(const struct reader *r, size_t from, struct words *out)
{
	const char *line = r->text.p;

	out->kind = WORDS_UNCLOSED;
	out->quote = r->text.p[from];
	out->line = 1;
	for (const char *p = r->text.p; p < r->text.p + from; p++)
		if (*p == '\n') {
			out->line++;
			line = p + 1;
		}
	out->column = (unsigned)(r->text.p + from - line) + 1;
}

/* A quote at r->at, to its end.  false: stop, out->kind is set. */
static bool
read_quoted(struct reader *r, struct words *out)
{
	size_t from = r->at++;
	const char *end;

	r->in_word = true;
	if (r->text.p[from] == '\'') {
		end = memchr(r->text.p + r->at, '\'', r->text.n - r->at);
		if (end == NULL) {
			unclosed(r, from, out);
			return false;
		}
		sb_add(&r->word, r->text.p + r->at,
		    (size_t)(end - r->text.p) - r->at);
		r->at = (size_t)(end - r->text.p) + 1;
		return true;
	}
	if (!read_double(r)) {
		out->kind = WORDS_COMPLEX;
		return false;
	}
	if (r->at >= r->text.n) {
		unclosed(r, from, out);
		return false;
	}
	r->at++;
	return true;
}

/* Characters that mean something to a shell wherever they stand unquoted.
 * Tilde and braces are left to it everywhere: where they are literal is harder
 * to say than starting a shell is dear. */
static bool
is_words_special(const struct reader *r, char c)
{
	if (strchr("|&;<>()*?[]~{}", c) != NULL)
		return true;
	return c == '=' && r->argv.n == 0;
}

/* One unquoted character that is no blank and no quote.  false: the rest can
 * not be followed (quotes may nest in it). */
static bool
read_plain(struct reader *r, char c)
{
	int next = words_peek(r, 1);

	if (c == '\\') {
		if (next == -1)
			return false;
		r->at += 2;
		if (next != '\n') {
			r->in_word = true;
			sb_addc(&r->word, (char)next);
		}
		return true;
	}
	if (c == '$') {
		if (read_variable(r, false)) {
			r->in_word = true;
			return true;
		}
		if (next == -1 || strchr("({['\"`", next) != NULL)
			return false;
		r->complex = true;
	} else if (c == '`' || c == '\0' || (c == '<' && next == '<')) {
		return false;
	} else if (is_words_special(r, c)) {
		r->complex = true;
	}
	r->in_word = true;
	sb_addc(&r->word, c);
	r->at++;
	/* behind an operator a comment may begin */
	if (strchr("|&;<>()", c) != NULL)
		end_word(r);
	return true;
}

static void
skip_comment(struct reader *r)
{
	while (r->at < r->text.n && r->text.p[r->at] != '\n')
		r->at++;
}

static void
words_read_all(struct reader *r, struct words *out)
{
	bool ended = false; /* a newline stands behind a command */

	while (r->at < r->text.n) {
		char c = r->text.p[r->at];

		if (c == ' ' || c == '\t') {
			end_word(r);
			r->at++;
		} else if (c == '\n') {
			end_word(r);
			ended = r->argv.n > 0 || r->complex;
			r->at++;
		} else if (c == '#' && !r->in_word) {
			skip_comment(r);
		} else {
			/* a line continuation alone begins no command */
			if (ended && !(c == '\\' && words_peek(r, 1) == '\n'))
				r->complex = true;
			if (c == '\'' || c == '"') {
				if (!read_quoted(r, out))
					return;
			} else if (!read_plain(r, c)) {
				out->kind = WORDS_COMPLEX;
				return;
			}
		}
	}
	end_word(r);
	if (r->complex)
		out->kind = WORDS_COMPLEX;
	else if (r->argv.n > 0)
		out->kind = WORDS_PLAIN;
}

void
words_read(struct arena *a, sv text, char *const *env, struct words *out)
{
	struct reader r = { .arena = a, .text = text, .env = env };
	size_t slashes = 0;

	*out = (struct words){ .kind = WORDS_NONE };
	words_read_all(&r, out);
	sb_free(&r.word);
	out->argc = r.argv.n;
	vec_push(a, &r.argv, NULL);
	out->argv = r.argv.v;
	text = sv_trim(text);
	out->lines = memchr(text.p, '\n', text.n) != NULL;
	while (slashes < text.n && text.p[text.n - 1 - slashes] == '\\')
		slashes++;
	out->at_risk = slashes % 2 == 1;
}
