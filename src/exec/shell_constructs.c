/* SPDX-License-Identifier: MIT */
#include "exec/shell_constructs.h"

#include <ctype.h>

static void
construct_add(struct arena *a, dialect_finds *out, size_t at, const char *name,
    const char *probe)
{
	struct dialect_find f = { name, probe, at };

	vec_push(a, out, f);
}

#define PROBE_ARRAY "eval 'a=(1 2); [ \"${a[1]}\" = 2 ]'"

static const struct {
	const char *name, *probe;
} constructs[] = {
	{ "${!x}", "y=a; x=y; eval '[ \"${!x}\" = a ]'" },
	{ "$''", "x=$'\\x61'; [ \"$x\" = a ]" },
	{ "{a,b}", "[ \"$(echo {a,b})\" = 'a b' ]" },
	{ "<<<", "eval 'cat <<< a' >/dev/null" },
	{ "<( )", "eval 'cat <(true)'" },
	{ ">( )", "eval 'true > >(cat)'" },
	{ ">&FILE", "eval 'true >&/dev/null'" },
	{ "&>", "[ -z \"$(eval 'echo a &>/dev/null; wait')\" ]" },
	{ "|&", "eval 'true |& cat'" },
	{ ";&", "eval 'case a in a) ;& b) ;; esac'" },
	{ "arrays", PROBE_ARRAY },
	{ "(( ))", "eval '((1))'" },
	{ "++ in $(( ))", "i=0; eval ': $((i++))'; [ $i = 1 ]" },
	{ "** in $(( ))", "eval ': $((2 ** 3))'" },
};

void
construct_named(
    struct arena *a, dialect_finds *out, size_t at, const char *name)
{
	for (size_t i = 0; i < sizeof(constructs) / sizeof(*constructs); i++)
		if (strcmp(name, constructs[i].name) == 0) {
			construct_add(a, out, at, name, constructs[i].probe);
			return;
		}
	BUG("no such construct: %s", name);
}

static const char *
probe_name(struct arena *a, const char *name)
{
	return arena_printf(a, "command -v %s >/dev/null", name);
}

static bool
is_one_of_words(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* Builtins that a POSIX shell has under no other name. */
static const char *const bash_builtins[] = { "declare", "disown", "dirs", "let",
	"mapfile", "popd", "pushd", "readarray", "shopt", "source", "typeset",
	NULL };

/* A keyword or builtin where a command stands. */
void
construct_of_command(
    struct arena *a, dialect_finds *out, size_t at, const char *word)
{
	if (strcmp(word, "[[") == 0)
		construct_add(a, out, at, "[[ ]]", "eval '[[ a = a ]]'");
	else if (strcmp(word, "function") == 0)
		construct_add(a, out, at, "function NAME",
		    "eval 'function f { true; }; f'");
	else if (strcmp(word, "select") == 0)
		construct_add(a, out, at, "select",
		    "eval 'select x in a; do break; done' </dev/null");
	else if (strcmp(word, "coproc") == 0)
		construct_add(a, out, at, "coproc", "eval 'coproc true'");
	else if (is_one_of_words(word, bash_builtins))
		construct_add(
		    a, out, at, arena_strdup(a, word), probe_name(a, word));
}

/* Options of builtins that both have: command, letters of an option or a whole
 * word, what it is called, and the probe. */
static const struct {
	const char *command, *letters, *word, *name, *probe;
} bash_options[] = {
	{ "echo", "eE", NULL, "echo -e", "[ \"$(echo -e a)\" = a ]" },
	{ "set", NULL, "pipefail", "set -o pipefail", "set -o pipefail" },
	{ "[", NULL, "==", "== in [ ]", "[ a == a ]" },
	{ "test", NULL, "==", "== in test", "test a == a" },
	{ "[", NULL, "-v", "[ -v ]", "[ -v PATH ]" },
	{ "test", NULL, "-v", "test -v", "test -v PATH" },
	{ "read", "adnNtseiu", NULL, "an option of read",
	    "echo a | read -n 1 -t 1 x" },
	{ "printf", NULL, "-v", "printf -v", "printf -v x %s a" },
	{ "wait", NULL, "-n", "wait -n", "true & wait -n" },
	{ "export", NULL, "-f", "export -f", "f() { :; }; export -f f" },
	{ "local", "aAirnlu", NULL, "an option of local",
	    "f() { local -i x; }; f" },
	{ "readonly", "aA", NULL, "an option of readonly", "readonly -a x" },
	{ "trap", NULL, "ERR", "trap ERR", "trap : ERR" },
	{ "trap", NULL, "DEBUG", "trap DEBUG", "trap : DEBUG" },
	{ "type", "aftpP", NULL, "an option of type", "type -t sh" },
};

static bool
is_bash_option(const char *letters, const char *word)
{
	if (letters == NULL || word[0] != '-' || word[1] == '\0')
		return false;
	for (const char *p = word + 1; *p != '\0'; p++)
		if (!isalpha((unsigned char)*p))
			return false;
	return strpbrk(word + 1, letters) != NULL;
}

/* A word behind a command. */
void
construct_of_argument(struct arena *a, dialect_finds *out, size_t at,
    const char *command, const char *word)
{
	for (size_t i = 0; i < sizeof(bash_options) / sizeof(*bash_options);
	     i++)
		if (strcmp(command, bash_options[i].command) == 0 &&
		    (is_bash_option(bash_options[i].letters, word) ||
			(bash_options[i].word != NULL &&
			    strcmp(word, bash_options[i].word) == 0))) {
			construct_add(a, out, at, bash_options[i].name,
			    bash_options[i].probe);
			return;
		}
}

/* NAME=…, NAME+=… or NAME[…]=…?  A command may stand behind it. */
bool
construct_of_assignment(
    struct arena *a, dialect_finds *out, size_t at, const char *word)
{
	const char *p = word;

	while (is_name_byte(*p))
		p++;
	if (p == word || isdigit((unsigned char)*word))
		return false;
	if (*p == '[' && strstr(p, "]=") != NULL)
		construct_add(a, out, at, "arrays", PROBE_ARRAY);
	else if (p[0] == '+' && p[1] == '=')
		construct_add(
		    a, out, at, "+=", "x=a; eval 'x+=b'; [ \"$x\" = ab ]");
	else if (*p != '=')
		return false;
	return true;
}

/* Variables that bash makes up; where the user has them nobody is misled. */
static const char *const bash_variables[] = { "BASHPID", "BASH_SOURCE",
	"BASH_VERSION", "EPOCHREALTIME", "EPOCHSECONDS", "FUNCNAME",
	"PIPESTATUS", "RANDOM", "SECONDS", "SRANDOM", NULL };

void
construct_of_variable(struct arena *a, dialect_finds *out, size_t at, sv name)
{
	const char *text = sv_cstr(a, name);

	if (is_one_of_words(text, bash_variables))
		construct_add(a, out, at, arena_printf(a, "$%s", text),
		    arena_printf(a, "[ -n \"${%s+x}\" ]", text));
}

/* What stands behind the name in ${NAME… */
void
construct_of_expansion(
    struct arena *a, dialect_finds *out, size_t at, char op, char next)
{
	if (op == '[')
		construct_add(a, out, at, "arrays", PROBE_ARRAY);
	else if (op == '/')
		construct_add(
		    a, out, at, "${x/a/b}", "x=a; eval '[ \"${x/a/b}\" = b ]'");
	else if (op == '^' || op == ',')
		construct_add(
		    a, out, at, "${x^}", "x=a; eval '[ \"${x^}\" = A ]'");
	else if (op == '@' && isalpha((unsigned char)next))
		construct_add(a, out, at, "${x@Q}", "x=a; eval ': \"${x@Q}\"'");
	else if (op == ':' && strchr("-=?+", next) == NULL)
		construct_add(
		    a, out, at, "${x:1}", "x=ab; eval '[ \"${x:1}\" = b ]'");
}

void
dialect_read_options(struct arena *a, const char *const *set,
    const char *const *shopt, dialect_finds *out)
{
	for (; set != NULL && *set != NULL; set++)
		if (strcmp(*set, "pipefail") == 0)
			construct_add(
			    a, out, 0, "set: pipefail", "set -o pipefail");
	for (; shopt != NULL && *shopt != NULL; shopt++)
		construct_add(a, out, 0, arena_printf(a, "shopt: %s", *shopt),
		    probe_name(a, "shopt"));
}

bool
construct_is_braces(sv text)
{
	bool has_more = false;

	for (size_t i = 1; i < text.n; i++) {
		char c = text.p[i];

		if (c == '}')
			return has_more;
		if (isspace((unsigned char)c) ||
		    (!has_more && strchr("'\"`$;&|<>()\\", c) != NULL))
			return false;
		has_more |= c == ',' || (c == '.' && text.p[i - 1] == '.');
	}
	return false;
}
