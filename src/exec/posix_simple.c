/* SPDX-License-Identifier: MIT */
/* Simple commands of a text that dash may run, and definitions of functions. */
#include "exec/posix_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/shell.h"
#include "exec/shell_words.h"

/* The name of NAME= at p->at, which is taken; NULL: none stands there. */
static const char *
take_assigned(struct posix *p)
{
	size_t n = 0;
	const char *name;

	while (is_name_byte((unsigned char)posix_peek(p, n)))
		n++;
	if (n == 0 || is_digit((unsigned char)posix_peek(p, 0)) ||
	    posix_peek(p, n) != '=')
		return NULL;
	name = arena_strndup(p->a, p->text.p + p->at, n);
	p->at += n + 1;
	return name;
}

struct assignment {
	const char *name;
	struct posix_word value;
};
typedef VEC(struct assignment) assignments;

static bool
read_assignments(struct posix *p, assignments *out)
{
	struct assignment one;

	while ((one.name = take_assigned(p)) != NULL) {
		if (!posix_word_read(p, POSIX_VALUE, &one.value) ||
		    (one.value.many && one.value.splits))
			return false;
		vec_push(p->a, out, one);
		posix_skip_blanks(p);
	}
	return true;
}

/* They stay. */
static bool
assign_all(struct posix *p, const assignments *all)
{
	const struct assignment *one;

	vec_each(all, one)
		if (!posix_name_assign(p, one->name, &one->value))
			return false;
	return true;
}

/* Only the program gets them. */
static bool
may_lend_all(struct posix *p, const assignments *all)
{
	const struct assignment *one;

	vec_each(all, one) {
		const char *value = one->value.text;

		if ((strncmp(one->name, "LC_", 3) == 0 ||
			strcmp(one->name, "LANG") == 0) &&
		    one->value.literal &&
		    (strcmp(value, "C") == 0 || strcmp(value, "POSIX") == 0))
			continue;
		if (!posix_name_is_usable(p, one->name, true))
			return false;
	}
	return true;
}

static bool
simple_read_words(struct posix *p, struct posix_simple *c)
{
	for (;;) {
		struct posix_word w;
		char next;

		posix_skip_blanks(p);
		next = posix_peek(p, 0);
		if (next == '\0' || strchr("\n;&|()", next) != NULL)
			return true;
		if (posix_at_redirect(p)) {
			if (!posix_redirect_read(p, c->at, &c->redirects))
				return false;
			continue;
		}
		if (!posix_word_read(p, POSIX_ARGUMENT, &w) ||
		    posix_at_far_descriptor(p))
			return false;
		vec_push(p->a, &c->words, w);
	}
}

/* ---- functions ---- */

static struct posix_function *
find_function(const struct posix *p, const char *name)
{
	struct posix_function *f;

	vec_each(&p->functions, f)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static bool
is_function_name(const struct posix *p, const char *name)
{
	if (is_digit((unsigned char)*name))
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (!is_name_byte((unsigned char)*c))
			return false;
	return !words_is_builtin(name) && !posix_is_builtin(name) &&
	       strcmp(name, "chdir") != 0 && find_function(p, name) == NULL;
}

/* The body, in braces. */
static bool
read_function_body(struct posix *p, struct posix_function *f)
{
	size_t from = p->at;
	bool fine;

	while (strchr(" \t\n", posix_peek(p, 0)) != NULL && p->at < p->text.n)
		p->at++;
	if (!posix_at_keyword(p, "{"))
		return false;
	p->at++;
	fine = posix_list(p) && posix_at_keyword(p, "}");
	p->at += fine;
	f->strict = p->strict_at > from;
	return fine;
}

/* Behind NAME, at "()". */
static bool
read_function(struct posix *p, const char *name)
{
	struct posix_function f = { .name = name };
	bool tested = p->tested, in = p->in_function;
	unsigned loops = p->loops;

	/* where it might not be defined a program would have that name */
	if (!is_function_name(p, name) || posix_peek(p, 1) != ')' || in ||
	    p->maybe > 0)
		return false;
	p->at += 2;
	p->in_function = true;
	p->tested = false;
	p->loops = 0;
	p->maybe++;
	p->nesting++;
	p->is_list = true;
	if (!read_function_body(p, &f))
		return false;
	p->nesting--;
	p->maybe--;
	p->loops = loops;
	p->tested = tested;
	p->in_function = in;
	p->effect_at = p->at;
	vec_push(p->a, &p->functions, f);
	posix_skip_blanks(p);
	return !posix_at_redirect(p);
}

static bool
call_function(
    struct posix *p, struct posix_simple *c, const struct posix_function *f)
{
	p->is_list = true;
	p->effect_at = p->at;
	if (f->strict) {
		if (p->tested)
			return false;
		p->strict_at = p->at;
	}
	return !c->prefixed && !c->redirects.err_is_out;
}

/* ---- programs ---- */

/* Of a file that says nothing of who runs it each shell thinks that it does. */
static bool
says_what_runs_it(const char *path)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC);
	char head[4] = "";

	return fd >= 0 && read(fd, head, sizeof(head)) == sizeof(head) &&
	       (memcmp(head, "#!", 2) == 0 || memcmp(head, "\177ELF", 4) == 0 ||
		   memcmp(head, "\317\372\355\376", 4) == 0 ||
		   memcmp(head, "\312\376\272\276", 4) == 0);
}

/* These show the environment, in which bash puts "_", and its order. */
static bool
shows_environment(const char *name)
{
	return strcmp(name, "env") == 0 || strcmp(name, "printenv") == 0;
}

static bool
run_program(struct posix *p, struct posix_simple *c)
{
	const char *why, *path;

	if (words_is_builtin(c->name) || strcmp(c->name, "chdir") == 0 ||
	    shows_environment(c->name) ||
	    (p->changes_dir && strchr(c->name, '/') != NULL &&
		c->name[0] != '/'))
		return false;
	/* what the shells say where there is none differs */
	path = shell_look_up(p->a, c->name, p->job->dir, p->job->env, &why);
	return path != NULL && says_what_runs_it(path);
}

static bool
run_command(struct posix *p, struct posix_simple *c)
{
	const struct posix_function *f = find_function(p, c->name);

	if (f != NULL)
		return call_function(p, c, f);
	if (posix_is_builtin(c->name))
		return !c->prefixed && !c->redirects.err_is_out &&
		       posix_builtin(p, c);
	return run_program(p, c);
}

/* "[" is no pattern where a command stands. */
static bool
read_command_name(struct posix *p, struct posix_simple *c)
{
	struct posix_word w;

	if (posix_at_keyword(p, "[")) {
		c->name = "[";
		p->at++;
		return true;
	}
	if (!posix_word_read(p, POSIX_ARGUMENT, &w) || !w.literal || w.quoted)
		return false;
	c->name = w.text;
	return *c->name != '\0';
}

/* Behind its name. */
static bool
finish_simple(
    struct posix *p, struct posix_simple *c, const assignments *before)
{
	unsigned effects = p->effects;
	bool fine = may_lend_all(p, before) && simple_read_words(p, c) &&
		    run_command(p, c);

	/* bash looks at the words first */
	if (c->redirects.asks.n > 0 && (c->prefixed || p->effects != effects))
		fine = false;
	fine = fine && posix_redirects_ask(p, c->at, &c->redirects);
	sb_free(&c->redirects.asks);
	return fine;
}

bool
posix_simple(struct posix *p)
{
	struct posix_simple c = { .at = p->at };
	assignments before = { 0 };
	char next;

	if (!read_assignments(p, &before))
		return false;
	c.prefixed = before.n > 0;
	next = posix_peek(p, 0);
	if (c.prefixed && (next == '\0' || strchr("\n;&|)", next) != NULL))
		return assign_all(p, &before);
	c.at = p->at;
	if (posix_at_redirect(p) || !read_command_name(p, &c) ||
	    posix_at_far_descriptor(p))
		return false;
	posix_skip_blanks(p);
	if (posix_peek(p, 0) == '(')
		return !c.prefixed && read_function(p, c.name);
	return finish_simple(p, &c, &before);
}
