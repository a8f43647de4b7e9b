/* SPDX-License-Identifier: MIT */
/* Reading one simple command: assignments, words, redirections. */
#include "shell/names.h"
#include "shell/program.h"

static const struct {
	const char *name;
	enum builtin builtin;
} builtins_here[] = {
	{ ":", BUILTIN_TRUE },
	{ "[", BUILTIN_BRACKET },
	{ "cd", BUILTIN_CD },
	{ "echo", BUILTIN_ECHO },
	{ "exit", BUILTIN_EXIT },
	{ "export", BUILTIN_EXPORT },
	{ "false", BUILTIN_FALSE },
	{ "printf", BUILTIN_PRINTF },
	{ "pwd", BUILTIN_PWD },
	{ "read", BUILTIN_READ },
	{ "set", BUILTIN_SET },
	{ "test", BUILTIN_TEST },
	{ "true", BUILTIN_TRUE },
	{ "unset", BUILTIN_UNSET },
};

void
reader_skip_blanks(struct snippet_reader *r)
{
	for (;;) {
		int c = reader_peek(r, 0);

		if (c == '\\' && reader_peek(r, 1) == '\n') {
			r->line++;
			r->at += 2;
		} else if (c == ' ' || c == '\t') {
			r->at++;
		} else {
			return;
		}
	}
}

/* ---- redirections ---- */

static bool
read_copy(struct snippet_reader *r, struct redirect *out)
{
	int c = reader_peek(r, 0), next = reader_peek(r, 1);

	/* 2>&1 and >&2, nothing else; not 2>&12, not 2>&1- */
	if ((c != '1' && c != '2') ||
	    (next != -1 && strchr(" \t\n;&|", next) == NULL))
		return reader_refuse(r);
	out->kind = REDIRECT_COPY;
	out->from = c - '0';
	r->at++;
	return true;
}

static bool
read_target(struct snippet_reader *r, struct redirect *out)
{
	struct word *w = arena_new_of(r->a, struct word);

	reader_skip_blanks(r);
	if (reader_peek(r, 0) == '#')
		return reader_refuse(r);
	if (!word_read(r, WORD_WHOLE, w))
		return false;
	out->target = w;
	return w->parts.n > 0 || reader_refuse(r);
}

/* `<`, `>` or `&>` at r->at, behind its number. */
static bool
read_redirect(struct snippet_reader *r, int fd, struct simple *out)
{
	struct redirect redirect = { .fd = fd };
	int c = reader_peek(r, 0), next = reader_peek(r, 1);
	bool ok;

	r->at++;
	if (c == '&') {
		redirect.kind = REDIRECT_BOTH;
		redirect.fd = 1;
		r->at++;
		if (fd >= 0 || reader_peek(r, 0) == '>')
			return reader_refuse(r);
	} else {
		redirect.kind = c == '<' ? REDIRECT_IN : REDIRECT_OUT;
		if (fd < 0)
			redirect.fd = c == '>';
	}
	/* what is read at 1 or written at 0 */
	if ((redirect.fd == 0) != (redirect.kind == REDIRECT_IN))
		return reader_refuse(r);
	if (c == '>' && next == '>') {
		redirect.kind = REDIRECT_APPEND;
		r->at++;
	}
	if (c == '>' && next == '&') {
		r->at++;
		ok = read_copy(r, &redirect);
	} else {
		c = reader_peek(r, 0);
		/* <<, <>, <&, >|, <( */
		if (c == -1 || strchr("<>&|(", c) != NULL)
			return reader_refuse(r);
		ok = read_target(r, &redirect);
	}
	if (ok)
		vec_push(r->a, &out->redirects, redirect);
	return ok;
}

/* Is there a redirection?  Its number is then behind r->at. */
static bool
begins_redirect(struct snippet_reader *r, int *fd)
{
	int c = reader_peek(r, 0), next = reader_peek(r, 1);

	*fd = -1;
	if (c == '<' || c == '>')
		return true;
	if (c == '&')
		return next == '>';
	if (c >= '0' && c <= '2' && (next == '<' || next == '>')) {
		*fd = c - '0';
		r->at++;
		return true;
	}
	return false;
}

/* ---- assignments ---- */

/* NAME= at r->at? */
static size_t
assignment_length(const struct snippet_reader *r)
{
	size_t n = name_length(r->text, r->at);

	return n > 0 && reader_peek(r, n) == '=' ? n : 0;
}

/* An assignment whose name has that length. */
static bool
read_assignment(struct snippet_reader *r, size_t n, struct assignment *out)
{
	struct word *value = arena_new_of(r->a, struct word);

	out->name = sv_sub(r->text, r->at, n);
	out->value = value;
	if (!name_may_be_set(out->name))
		return reader_refuse(r);
	vec_push(r->a, &r->s->writes, out->name);
	r->at += n + 1;
	/* an array */
	if (reader_peek(r, 0) == '(')
		return reader_refuse(r);
	return word_read(r, WORD_VALUE, value);
}

/* An argument of export or unset. */
static bool
read_declared(struct snippet_reader *r, struct simple *out)
{
	struct assignment as = { 0 };
	size_t n = assignment_length(r);
	struct word w;

	if (n > 0 && out->builtin == BUILTIN_EXPORT) {
		if (!read_assignment(r, n, &as))
			return false;
	} else {
		if (!word_read(r, WORD_FIELDS, &w))
			return false;
		as.name = word_literal(&w);
		if (as.name.n == 0 || name_length(as.name, 0) != as.name.n ||
		    !name_may_be_set(as.name))
			return reader_refuse(r);
		/* bash has others to put in their place */
		if (out->builtin == BUILTIN_UNSET &&
		    (sv_is(as.name, "PATH") || sv_is(as.name, "HOME")))
			return reader_refuse(r);
		vec_push(r->a, &r->s->writes, as.name);
	}
	vec_push(r->a, &out->exports, as);
	return true;
}

/* ---- the command's name ---- */

/* The text of a word that has nothing to expand. */
static bool
fixed_text(struct arena *a, const struct word *w, sv *out)
{
	struct sb text cleanup_sb = SB_INIT;

	for (size_t i = 0; i < w->parts.n; i++) {
		if (w->parts.v[i].kind != PART_TEXT)
			return false;
		sb_addv(&text, w->parts.v[i].text);
	}
	*out = sb_take(&text, a);
	return true;
}

static bool
classify(struct snippet_reader *r, const struct word *w, struct simple *out)
{
	sv name;

	if (!fixed_text(r->a, w, &name) || name.n == 0)
		return reader_refuse(r);
	for (size_t i = 0; i < sizeof(builtins_here) / sizeof(*builtins_here);
	     i++)
		if (sv_is(name, builtins_here[i].name))
			out->builtin = builtins_here[i].builtin;
	if (out->builtin == BUILTIN_NONE) {
		if (shell_name_is_own(name))
			return reader_refuse(r);
		r->s->has_programs = true;
	}
	return true;
}

/* A name that begins with an array's element or that is added to, `x[1]=`,
 * `x+=`. */
static bool
is_other_assignment(const struct snippet_reader *r)
{
	size_t n = name_length(r->text, r->at);
	int c = reader_peek(r, n);

	return n > 0 &&
	       (c == '[' || (c == '+' && reader_peek(r, n + 1) == '='));
}

/* ---- builtins whose arguments have to be known ---- */

/* -e, +u, -eu, -o NAME… of set; nothing else. */
static bool
read_set_flags(struct snippet_reader *r, struct simple *out)
{
	for (size_t i = 1; i < out->words.n; i++) {
		sv arg = word_literal(&out->words.v[i]);
		struct snippet_options *to =
		    arg.n > 0 && arg.p[0] == '+' ? &out->off : &out->on;

		if (arg.n < 2 || (arg.p[0] != '-' && arg.p[0] != '+'))
			return reader_refuse(r);
		for (size_t k = 1; k < arg.n; k++) {
			sv name = { "", 0 };

			if (arg.p[k] == 'o' && k + 1 == arg.n &&
			    i + 1 < out->words.n)
				name = word_literal(&out->words.v[++i]);
			if (arg.p[k] == 'e' || sv_is(name, "errexit"))
				to->errexit = true;
			else if (arg.p[k] == 'u' || sv_is(name, "nounset"))
				to->nounset = r->s->sets_options = true;
			else if (sv_is(name, "pipefail"))
				r->s->sets_options = true;
			else
				return reader_refuse(r);
		}
	}
	/* which of the two comes last */
	if ((out->on.errexit && out->off.errexit) ||
	    (out->on.nounset && out->off.nounset))
		return reader_refuse(r);
	return out->words.n > 1 || reader_refuse(r);
}

/* An option that is written there, or may come to be one. */
static bool
may_be_option(const struct word *w)
{
	const struct word_part *first = w->parts.v;

	return w->parts.n == 0 || first->kind == PART_VARIABLE ||
	       first->text.n == 0 || first->text.p[0] == '-';
}

/* `-v` asks for a variable, which only this snippet may have. */
static bool
read_test_words(struct snippet_reader *r, const struct simple *out)
{
	for (size_t i = 1; i < out->words.n; i++) {
		sv name = { "", 0 };

		if (!sv_is(word_literal(&out->words.v[i]), "-v"))
			continue;
		if (i + 1 < out->words.n)
			name = word_literal(&out->words.v[i + 1]);
		if (name.n == 0 || name_length(name, 0) != name.n ||
		    shell_variable_is_special(name))
			return reader_refuse(r);
	}
	return true;
}

/* read [-r] NAME…, of what a pipe holds. */
static bool
read_of_pipe(struct snippet_reader *r, const struct simple *out)
{
	size_t i = 1;

	if (!r->behind_pipe || out->redirects.n > 0 || out->before.n > 0)
		return reader_refuse(r);
	if (out->words.n > 1 && sv_is(word_literal(&out->words.v[1]), "-r"))
		i++;
	if (i == out->words.n)
		return reader_refuse(r);
	for (; i < out->words.n; i++) {
		sv name = word_literal(&out->words.v[i]);

		if (name.n == 0 || name_length(name, 0) != name.n ||
		    !name_may_be_set(name))
			return reader_refuse(r);
		vec_push(r->a, &r->s->writes, name);
	}
	return true;
}

static bool
arguments_are_known(struct snippet_reader *r, struct simple *out)
{
	const struct word *w = out->words.v;
	size_t n = out->words.n;

	switch (out->builtin) {
	case BUILTIN_SET:
		return read_set_flags(r, out);
	case BUILTIN_EXPORT:
	case BUILTIN_UNSET:
		return out->exports.n > 0 || reader_refuse(r);
	case BUILTIN_CD:
		r->s->has_dirs = true;
		return (n == 2 && (w[1].parts.v->kind != PART_TEXT ||
				      word_literal(&w[1]).p[0] != '-' ||
				      sv_is(word_literal(&w[1]), "-"))) ||
		       reader_refuse(r);
	case BUILTIN_EXIT:
		return n <= 2 || reader_refuse(r);
	case BUILTIN_PRINTF:
		return (n > 1 && !may_be_option(&w[1])) || reader_refuse(r);
	case BUILTIN_TEST:
	case BUILTIN_BRACKET:
		return read_test_words(r, out);
	case BUILTIN_READ:
		return read_of_pipe(r, out);
	case BUILTIN_PWD:
		return n == 1 || reader_refuse(r);
	default:
		return true;
	}
}

/* Do variables stand in it that assignments in front of a command may change?
 */
static bool
has_variables(const struct word *w)
{
	for (size_t i = 0; w != NULL && i < w->parts.n; i++)
		if (w->parts.v[i].kind == PART_VARIABLE)
			return true;
	return false;
}

/* Which of these sees which bash knows. */
static bool
sees_before(const struct simple *c)
{
	for (size_t i = 1; i < c->before.n; i++)
		if (has_variables(c->before.v[i].value))
			return true;
	for (size_t i = 0; c->before.n > 0 && i < c->redirects.n; i++)
		if (has_variables(c->redirects.v[i].target))
			return true;
	return false;
}

/* Assignments in front of a builtin that goes by variables, and what stays of
 * redirections of nothing, are bash's to know. */
static bool
goes_together(struct snippet_reader *r, const struct simple *out)
{
	bool stateful =
	    out->builtin == BUILTIN_CD || out->builtin == BUILTIN_EXIT ||
	    out->builtin == BUILTIN_SET || out->builtin == BUILTIN_EXPORT ||
	    out->builtin == BUILTIN_UNSET;

	if (out->before.n > 0 &&
	    (stateful || (out->words.n > 0 && sees_before(out))))
		return reader_refuse(r);
	for (size_t i = 0; i < out->redirects.n && stateful; i++)
		if (out->redirects.v[i].target != NULL &&
		    !sv_is(
			word_literal(out->redirects.v[i].target), "/dev/null"))
			return reader_refuse(r);
	if (out->redirects.n > 0 &&
	    (out->words.n == 0 || out->builtin == BUILTIN_EXIT))
		return reader_refuse(r);
	for (size_t i = 0; i < out->before.n && out->words.n > 0; i++)
		if (sv_is(out->before.v[i].name, "PATH") ||
		    sv_is(out->before.v[i].name, "HOME"))
			return reader_refuse(r);
	return true;
}

static bool
is_number(sv text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_digit((unsigned char)text.p[i]))
			return false;
	return text.n > 0;
}

static bool
read_item(struct snippet_reader *r, struct simple *out)
{
	size_t n = assignment_length(r);
	struct assignment as;
	struct word w;
	int fd;

	if (begins_redirect(r, &fd))
		return read_redirect(r, fd, out);
	if (out->words.n == 0 && n > 0) {
		if (!read_assignment(r, n, &as))
			return false;
		vec_push(r->a, &out->before, as);
		return true;
	}
	if (out->words.n == 0 && is_other_assignment(r))
		return reader_refuse(r);
	if (out->builtin == BUILTIN_EXPORT || out->builtin == BUILTIN_UNSET)
		return read_declared(r, out);
	if (!word_read(
		r, out->builtin == BUILTIN_CD ? WORD_WHOLE : WORD_FIELDS, &w))
		return false;
	/* a number of a descriptor that is none of the three */
	if ((reader_peek(r, 0) == '<' || reader_peek(r, 0) == '>') &&
	    is_number(word_literal(&w)))
		return reader_refuse(r);
	/* a continued line alone */
	if (w.parts.n == 0)
		return true;
	vec_push(r->a, &out->words, w);
	return out->words.n > 1 || classify(r, &w, out);
}

bool
simple_read(struct snippet_reader *r, struct simple *out)
{
	size_t from = r->at;

	out->line = r->line;
	for (;;) {
		int c = reader_peek(r, 0);

		out->source = sv_trim(sv_sub(r->text, from, r->at - from));
		reader_skip_blanks(r);
		c = reader_peek(r, 0);
		if (c == -1 || c == '\n' || c == ';' || c == '|' ||
		    (c == '&' && reader_peek(r, 1) != '>') || c == '#')
			break;
		if (c == '(' || c == ')')
			return reader_refuse(r);
		if (!read_item(r, out))
			return false;
	}
	if (out->words.n == 0 && out->before.n == 0)
		return reader_refuse(r);
	return goes_together(r, out) && arguments_are_known(r, out);
}
