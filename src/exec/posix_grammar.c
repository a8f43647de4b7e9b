/* SPDX-License-Identifier: MIT */
/* Lists, pipes and compound commands of a text that dash may run. */
#include "exec/posix_reader.h"

static bool posix_command(struct posix *p);

static bool
is_delimiter(char c)
{
	return c == '\0' || strchr(" \t\n;&|<>()", c) != NULL;
}

bool
posix_at_keyword(const struct posix *p, const char *word)
{
	size_t n = strlen(word);

	return sv_starts(sv_sub(p->text, p->at, SIZE_MAX), sv_of(word)) &&
	       is_delimiter(posix_peek(p, n));
}

static bool
posix_take_keyword(struct posix *p, const char *word)
{
	posix_skip_blanks(p);
	if (!posix_at_keyword(p, word))
		return false;
	p->at += strlen(word);
	return true;
}

static const char *const closers[] = { "then", "elif", "else", "fi", "do",
	"done", "esac", "}" };

static bool
at_end_of_list(const struct posix *p)
{
	char c = posix_peek(p, 0);

	if (p->at >= p->text.n || c == ')' ||
	    (c == ';' && posix_peek(p, 1) == ';'))
		return true;
	for (size_t i = 0; i < sizeof(closers) / sizeof(*closers); i++)
		if (posix_at_keyword(p, closers[i]))
			return true;
	return false;
}

/* Blanks, newlines and the here-documents behind them. */
static bool
posix_skip_lines(struct posix *p)
{
	for (;;) {
		posix_skip_blanks(p);
		if (posix_peek(p, 0) != '\n')
			return true;
		p->at++;
		if (!posix_heredoc_bodies(p))
			return false;
	}
}

/* bash runs the last part in the shell itself: nothing may tell. */
static bool
is_last_part_alike(struct posix *p, size_t from)
{
	struct posix_span span = { from, p->at };

	if (p->nesting == 0 && posix_is_blank_to_end(p))
		return true;
	vec_push(p->a, &p->last_parts, span);
	return p->effect_at <= from;
}

/* Behind the first part; `from` is where that begins. */
static bool
other_parts(struct posix *p, size_t from)
{
	size_t last = from;

	p->maybe++;
	while (posix_peek(p, 0) == '|' && posix_peek(p, 1) != '|') {
		p->at++;
		if (!posix_skip_lines(p))
			return false;
		last = p->at;
		if (!posix_command(p))
			return false;
		posix_skip_blanks(p);
	}
	p->maybe--;
	return p->jump_at <= from && is_last_part_alike(p, last);
}

static bool
posix_pipeline(struct posix *p)
{
	bool was_tested = p->tested, fine;
	size_t from;

	if (posix_at_keyword(p, "!")) {
		p->at++;
		p->tested = true;
		posix_skip_blanks(p);
		if (posix_at_keyword(p, "!"))
			return false;
	}
	from = p->at + 1;
	fine = posix_command(p);
	posix_skip_blanks(p);
	if (fine && posix_peek(p, 0) == '|' && posix_peek(p, 1) != '|')
		fine = other_parts(p, from);
	p->tested = was_tested;
	return fine;
}

static bool
posix_and_or(struct posix *p)
{
	unsigned maybe = p->maybe;
	size_t from = p->at;

	for (;;) {
		char c;

		if (!posix_pipeline(p))
			return false;
		posix_skip_blanks(p);
		c = posix_peek(p, 0);
		if ((c != '&' && c != '|') || posix_peek(p, 1) != c)
			break;
		if (p->strict_at > from)
			return false;
		posix_edits_are_tested(p, from);
		p->is_list = true;
		p->maybe = maybe + 1;
		p->at += 2;
		if (!posix_skip_lines(p))
			return false;
	}
	p->maybe = maybe;
	return true;
}

bool
posix_list(struct posix *p)
{
	size_t n = 0;

	for (;; n++) {
		if (!posix_skip_lines(p))
			return false;
		if (at_end_of_list(p))
			return n > 0;
		p->is_list |= n > 0;
		if (!posix_and_or(p))
			return false;
		posix_skip_blanks(p);
		if (posix_peek(p, 0) == ';' && posix_peek(p, 1) != ';')
			p->at++;
		else if (posix_peek(p, 0) != '\n')
			return at_end_of_list(p);
	}
}

bool
posix_subshell(struct posix *p, char end)
{
	unsigned loops = p->loops, heredocs = (unsigned)p->heredocs.n;
	bool fine;
	size_t from = p->at;

	p->loops = 0;
	p->nesting++;
	fine = posix_list(p);
	p->nesting--;
	p->loops = loops;
	if (!fine || p->jump_at > from || p->heredocs.n != heredocs)
		return false;
	return end == '\0' ? p->at >= p->text.n : posix_take(p) == end;
}

/* ---- compound commands ---- */

static bool
read_condition(struct posix *p)
{
	bool was = p->tested, fine;

	p->tested = true;
	fine = posix_list(p);
	p->tested = was;
	return fine;
}

static bool
read_branch(struct posix *p)
{
	bool fine;

	p->maybe++;
	fine = posix_list(p);
	p->maybe--;
	return fine;
}

static bool
posix_read_if(struct posix *p)
{
	do {
		if (!read_condition(p) || !posix_take_keyword(p, "then") ||
		    !read_branch(p))
			return false;
		p->maybe++;
	} while (posix_take_keyword(p, "elif"));
	p->maybe--;
	if (posix_take_keyword(p, "else") && !read_branch(p))
		return false;
	return posix_take_keyword(p, "fi");
}

/* do … done */
static bool
read_loop_body(struct posix *p)
{
	bool fine = true;

	p->loops++;
	fine =
	    posix_take_keyword(p, "do") && read_branch(p) && posix_take_keyword(p, "done");
	p->loops--;
	return fine;
}

static bool
read_while(struct posix *p)
{
	return read_condition(p) && read_loop_body(p);
}

static const char *
read_a_name(struct posix *p)
{
	size_t from;

	posix_skip_blanks(p);
	from = p->at;
	while (is_name_byte((unsigned char)posix_peek(p, 0)))
		p->at++;
	if (p->at == from || is_digit((unsigned char)p->text.p[from]))
		return NULL;
	return arena_strndup(p->a, p->text.p + from, p->at - from);
}

static bool
posix_read_for(struct posix *p)
{
	struct posix_word w = { .at = p->at };
	const char *name = read_a_name(p);

	p->maybe++;
	if (name == NULL || !posix_take_keyword(p, "in") ||
	    !posix_name_assign(p, name, &w))
		return false;
	for (;;) {
		posix_skip_blanks(p);
		if (posix_peek(p, 0) == ';' || posix_peek(p, 0) == '\n')
			break;
		if (!posix_word_read(p, POSIX_ARGUMENT, &w) || w.end == w.at ||
		    !posix_name_assign(p, name, &w))
			return false;
	}
	p->maybe--;
	p->at += posix_peek(p, 0) == ';';
	return posix_skip_lines(p) && read_loop_body(p);
}

static bool
read_patterns(struct posix *p)
{
	struct posix_word w;

	p->at += posix_peek(p, 0) == '(';
	do {
		posix_skip_blanks(p);
		if (!posix_word_read(p, POSIX_PATTERN, &w) || w.end == w.at)
			return false;
		posix_skip_blanks(p);
	} while (posix_peek(p, 0) == '|' && ++p->at);
	return posix_take(p) == ')';
}

static bool
read_case(struct posix *p)
{
	struct posix_word w;

	posix_skip_blanks(p);
	if (!posix_word_read(p, POSIX_SUBJECT, &w) || w.end == w.at || w.many ||
	    !posix_skip_lines(p) || !posix_take_keyword(p, "in"))
		return false;
	for (;;) {
		if (!posix_skip_lines(p))
			return false;
		if (posix_take_keyword(p, "esac"))
			return true;
		if (!read_patterns(p) || !posix_skip_lines(p))
			return false;
		if (!at_end_of_list(p) && !read_branch(p))
			return false;
		if (posix_peek(p, 0) == ';' && posix_peek(p, 1) == ';')
			p->at += 2;
		else if (!posix_at_keyword(p, "esac"))
			return false;
	}
}

static bool
posix_read_group(struct posix *p)
{
	return posix_list(p) && posix_take_keyword(p, "}");
}

static const struct {
	const char *word;
	bool (*read)(struct posix *p);
} compounds[] = {
	{ "{", posix_read_group },
	{ "case", read_case },
	{ "for", posix_read_for },
	{ "if", posix_read_if },
	{ "until", read_while },
	{ "while", read_while },
};

/* What the compound command at p->at is; -1: it is none. */
static int
compound_at(const struct posix *p)
{
	for (size_t i = 0; i < sizeof(compounds) / sizeof(*compounds); i++)
		if (posix_at_keyword(p, compounds[i].word))
			return (int)i;
	return -1;
}

static bool
compound_redirects(struct posix *p, size_t from)
{
	struct posix_redirects r = { 0 };
	bool fine = true;

	for (;;) {
		posix_skip_blanks(p);
		if (!fine || !posix_at_redirect(p))
			break;
		fine = posix_redirect_read(p, from, &r);
	}
	/* bash names a line of its own, and its `!` passes on that a file could
	 * not be opened */
	if (r.asks.n > 0 &&
	    (p->tested || sv_find_char(p->text, '\n', 0) >= 0))
		fine = false;
	fine &= posix_redirects_ask(p, from, &r);
	sb_free(&r.asks);
	return fine && !r.err_is_out;
}

static bool
posix_compound(struct posix *p, int which)
{
	size_t from = p->at;
	bool fine;

	p->is_list = true;
	p->nesting++;
	if (which < 0) {
		p->at++;
		fine = posix_subshell(p, ')');
	} else {
		p->at += strlen(compounds[which].word);
		fine = compounds[which].read(p);
	}
	p->nesting--;
	return fine && compound_redirects(p, from);
}

static bool
posix_command(struct posix *p)
{
	int which = compound_at(p);
	bool fine;

	if (!posix_enter(p))
		return false;
	if (which >= 0 || (posix_peek(p, 0) == '(' && posix_peek(p, 1) != '('))
		fine = posix_compound(p, which);
	else
		fine = posix_simple(p);
	posix_leave(p);
	return fine;
}
