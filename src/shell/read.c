/* SPDX-License-Identifier: MIT */
/* Reading a snippet: lists and compound commands, as operations with jumps. */
#include "shell/names.h"
#include "shell/program.h"

static bool read_commands(
    struct snippet_reader *r, const char *const *ends, const char **end);

static size_t
op_add(struct snippet_reader *r, struct op op)
{
	vec_push(r->a, &r->s->ops, op);
	r->s->work += r->weight;
	return r->s->ops.n - 1;
}

static size_t
op_add_code(struct snippet_reader *r, enum op_code code)
{
	return op_add(r, (struct op){ .code = code });
}

/* Its jump leads to what is emitted next. */
static void
lands_here(struct snippet_reader *r, size_t op)
{
	r->s->ops.v[op].to = r->s->ops.n;
}

/* Failures in there do not end the snippet. */
static void
uncheck(struct snippet_reader *r, size_t from)
{
	for (size_t i = from; i < r->s->ops.n; i++) {
		r->s->ops.v[i].checked = false;
		if (r->s->ops.v[i].simple != NULL)
			r->s->ops.v[i].simple->checked = false;
	}
}

static void
skip_comment_and_blanks(struct snippet_reader *r)
{
	reader_skip_blanks(r);
	if (reader_peek(r, 0) == '#')
		while (reader_peek(r, 0) != -1 && reader_peek(r, 0) != '\n')
			r->at++;
}

static void
skip_lines(struct snippet_reader *r)
{
	skip_comment_and_blanks(r);
	while (reader_peek(r, 0) == '\n') {
		r->line++;
		r->at++;
		skip_comment_and_blanks(r);
	}
}

/* The plain word at r->at, "" where there is none. */
static sv
plain_word(const struct snippet_reader *r)
{
	size_t n = 0;

	while (reader_peek(r, n) != -1 &&
	       strchr(" \t\n;&|<>()", reader_peek(r, n)) == NULL)
		n++;
	return sv_sub(r->text, r->at, n);
}

static bool
take_keyword(struct snippet_reader *r, const char *word)
{
	if (!sv_is(plain_word(r), word))
		return false;
	r->at += strlen(word);
	return true;
}

/* `; do`, `; then` and the like: the list up to the word. */
static bool
read_commands_to(struct snippet_reader *r, const char *word)
{
	const char *const ends[] = { word, NULL };
	const char *end;

	return read_commands(r, ends, &end);
}

/* ---- if ---- */

/* Behind `if` or `elif`, all up to `fi`. */
static bool
read_if(struct snippet_reader *r)
{
	static const char *const ends[] = { "elif", "else", "fi", NULL };
	size_t from = r->s->ops.n, past, over;
	const char *end;
	bool ok;

	if (!read_commands_to(r, "then"))
		return false;
	uncheck(r, from);
	past = op_add_code(r, OP_IF_FAILED);
	if (!read_commands(r, ends, &end))
		return false;
	over = op_add_code(r, OP_GOTO);
	lands_here(r, past);
	if (*end == 'f') {
		op_add_code(r, OP_SUCCEED);
		ok = true;
	} else if (end[2] == 's') {
		ok = read_commands_to(r, "fi");
	} else {
		r->depth++;
		ok = r->depth <= NESTED_MAX ? read_if(r) : reader_refuse(r);
		r->depth--;
	}
	lands_here(r, over);
	return ok;
}

/* ---- for ---- */

static bool
read_for_words(struct snippet_reader *r, struct for_loop *loop)
{
	struct word w;

	for (;;) {
		int c;

		reader_skip_blanks(r);
		c = reader_peek(r, 0);
		if (c == ';' || c == '\n')
			break;
		if (c == -1 || strchr("&|<>()#", c) != NULL ||
		    !word_read(r, WORD_LIST, &w))
			return reader_refuse(r);
		if (w.parts.n > 0)
			vec_push(r->a, &loop->words, w);
		if (loop->words.n > LOOP_WORDS_MAX)
			return reader_refuse(r);
	}
	r->line += reader_peek(r, 0) == '\n';
	r->at++;
	skip_lines(r);
	return take_keyword(r, "do") || reader_refuse(r);
}

static size_t
loop_weight(const struct snippet_reader *r, const struct for_loop *loop)
{
	return r->s->listed.n > 0 || loop->words.n == 0 ? LOOP_WORDS_MAX
							: loop->words.n;
}

static bool
read_for(struct snippet_reader *r, size_t depth)
{
	struct for_loop *loop = arena_new_of(r->a, struct for_loop);
	size_t next, back, weight = r->weight;
	bool ok;

	reader_skip_blanks(r);
	loop->name = sv_sub(r->text, r->at, name_length(r->text, r->at));
	loop->depth = depth;
	if (!name_may_be_set(loop->name))
		return reader_refuse(r);
	vec_push(r->a, &r->s->writes, loop->name);
	r->at += loop->name.n;
	reader_skip_blanks(r);
	if (!take_keyword(r, "in") || !read_for_words(r, loop))
		return reader_refuse(r);
	if (r->s->loops < depth + 1)
		r->s->loops = depth + 1;
	op_add(r, (struct op){ .code = OP_FOR, .loop = loop });
	next = op_add(r, (struct op){ .code = OP_NEXT, .loop = loop });
	r->weight *= loop_weight(r, loop);
	ok = r->weight <= WORK_MAX && read_commands_to(r, "done");
	r->weight = weight;
	if (!ok)
		return reader_refuse(r);
	back = op_add_code(r, OP_GOTO);
	r->s->ops.v[back].to = next;
	lands_here(r, next);
	return true;
}

/* ---- lists ---- */

static bool
read_simple(struct snippet_reader *r)
{
	struct simple *simple = arena_new_of(r->a, struct simple);

	if (shell_name_is_keyword(plain_word(r)))
		return reader_refuse(r);
	simple->checked = true;
	if (!simple_read(r, simple))
		return false;
	op_add(r, (struct op){ .code = OP_RUN, .simple = simple });
	return true;
}

/* Behind a compound command nothing of its own may stand. */
static bool
ends_compound(struct snippet_reader *r)
{
	int c;

	reader_skip_blanks(r);
	c = reader_peek(r, 0);
	return c == -1 || c == '\n' || c == ';' || c == '#' ||
	       ((c == '&' || c == '|') && reader_peek(r, 1) == c) ||
	       reader_refuse(r);
}

static bool
read_compound(struct snippet_reader *r, bool *is_one)
{
	bool ok = false;

	*is_one = true;
	if (r->depth >= NESTED_MAX)
		return reader_refuse(r);
	r->depth++;
	if (take_keyword(r, "if"))
		ok = read_if(r);
	else if (take_keyword(r, "for"))
		ok = read_for(r, r->depth - 1);
	else if (take_keyword(r, "{"))
		ok = read_commands_to(r, "}");
	else
		*is_one = false;
	r->depth--;
	return ok && ends_compound(r);
}

/* What prints and does nothing else may stand in front of a pipe. */
static bool
may_be_piped(const struct snippet_reader *r, size_t from)
{
	const struct op *op = &r->s->ops.v[from];

	if (r->s->ops.n != from + 1 || op->code != OP_RUN ||
	    op->simple->before.n > 0)
		return false;
	switch (op->simple->builtin) {
	case BUILTIN_TRUE:
	case BUILTIN_FALSE:
	case BUILTIN_ECHO:
	case BUILTIN_PRINTF:
	case BUILTIN_TEST:
	case BUILTIN_BRACKET:
	case BUILTIN_PWD:
		return true;
	default:
		return false;
	}
}

/* `|` at r->at, behind the command that begins with that operation.  It and
 * what reads from it are builtins, so that the one can run before the other:
 * the first in a shell of its own, the second, with lastpipe, in this. */
static bool
read_behind_pipe(struct snippet_reader *r, size_t from)
{
	struct snippet *s = r->s;
	bool had_programs = s->has_programs, is_one, ok;

	r->at++;
	skip_lines(r);
	if (r->behind_pipe || !may_be_piped(r, from) ||
	    reader_peek(r, 0) == '&')
		return reader_refuse(r);
	uncheck(r, from);
	op_add_code(r, OP_PIPE);
	s->ops.v[from + 1] = s->ops.v[from];
	s->ops.v[from] = (struct op){ .code = OP_PIPE };
	op_add_code(r, OP_PIPE_READ);
	r->behind_pipe = true;
	s->has_programs = false;
	ok = read_compound(r, &is_one) || (!is_one && read_simple(r));
	if (!ok || s->has_programs)
		return reader_refuse(r);
	s->has_programs = had_programs;
	s->has_pipes = true;
	r->behind_pipe = false;
	op_add(r, (struct op){ .code = OP_PIPE_END, .checked = true });
	return true;
}

static bool
read_command(struct snippet_reader *r)
{
	size_t from = r->s->ops.n, writes = r->s->writes.n;
	bool turned = take_keyword(r, "!"), is_one;

	reader_skip_blanks(r);
	if (!read_compound(r, &is_one) && (is_one || !read_simple(r)))
		return false;
	reader_skip_blanks(r);
	if (reader_peek(r, 0) == '|' && reader_peek(r, 1) != '|' &&
	    (r->s->writes.n != writes || !read_behind_pipe(r, from)))
		return reader_refuse(r);
	if (turned) {
		uncheck(r, from);
		op_add_code(r, OP_NOT);
	}
	return true;
}

/* From left to right: what is behind && or || is jumped over, or it runs. */
static bool
read_and_or(struct snippet_reader *r)
{
	size_t jump = SIZE_MAX;

	for (;;) {
		size_t from = r->s->ops.n;
		int c;

		if (!read_command(r))
			return false;
		if (jump != SIZE_MAX)
			lands_here(r, jump);
		reader_skip_blanks(r);
		c = reader_peek(r, 0);
		if (c != '&' && c != '|')
			return true;
		if (reader_peek(r, 1) != c)
			return reader_refuse(r);
		uncheck(r, from);
		r->at += 2;
		skip_lines(r);
		jump = op_add_code(r, c == '&' ? OP_IF_FAILED : OP_IF_OK);
	}
}

/* Is one of the words there?  NULL in the list: the end of the text. */
static const char *
at_end(struct snippet_reader *r, const char *const *ends)
{
	for (; *ends != NULL; ends++)
		if (take_keyword(r, *ends))
			return *ends;
	return NULL;
}

/* Commands up to one of the words, or (ends is empty) to the end of the text.
 */
static bool
read_commands(
    struct snippet_reader *r, const char *const *ends, const char **end)
{
	size_t from = r->s->ops.n;

	for (;;) {
		int c;

		skip_lines(r);
		*end = at_end(r, ends);
		if (*end != NULL)
			return r->s->ops.n > from || reader_refuse(r);
		if (reader_peek(r, 0) == -1)
			return *ends == NULL || reader_refuse(r);
		if (!read_and_or(r))
			return false;
		skip_comment_and_blanks(r);
		c = reader_peek(r, 0);
		if (c == ';' && reader_peek(r, 1) != ';')
			r->at++;
		else if (c != '\n' && c != -1)
			return reader_refuse(r);
	}
}

static bool
text_is_plain(sv text, bool *ascii)
{
	*ascii = true;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			return false;
		*ascii &= c < 0x80;
	}
	return text.n <= SNIPPET_MAX;
}

struct snippet *
snippet_read(struct arena *a, sv text)
{
	static const char *const none[] = { NULL };
	struct snippet *s = arena_new_of(a, struct snippet);
	struct snippet_reader r = { .a = a, .s = s, .line = 1, .weight = 1 };
	const char *end;

	/* Below a shell no program leads a group of processes, and the steps
	 * of a job do: who wants a session of its own can tell. */
	if (!text_is_plain(text, &s->ascii) ||
	    sv_find(text, SV("setsid"), 0) >= 0)
		return NULL;
	r.text = sv_dup(a, text);
	if (!read_commands(&r, none, &end) || s->ops.n == 0 ||
	    s->work > WORK_MAX)
		return NULL;
	/* which of the two shells of a pipe fails, or ends */
	if (s->has_pipes && s->sets_options)
		return NULL;
	/* the shell gets more than one line between two braces */
	text = sv_trim(text);
	s->last_line = memchr(text.p, '\n', text.n) != NULL ? r.line + 1 : 1;
	return s;
}

bool
snippet_has_programs(const struct snippet *s)
{
	return s->has_programs;
}
