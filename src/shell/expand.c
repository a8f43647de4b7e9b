/* SPDX-License-Identifier: MIT */
/* Words into arguments. */
#include "shell/run.h"

void
fields_free(struct fields *f)
{
	sb_free(&f->text);
	sb_free(&f->mask);
}

static void
field_add(struct fields *f, sv text, char mask)
{
	sb_addv(&f->text, text);
	sb_pad(&f->mask, mask, text.n);
	f->in_word = true;
}

static void
field_end(struct snippet_run *r, struct fields *f)
{
	if (!f->in_word)
		return;
	vec_push(r->a, &f->argv, sb_take(&f->text, r->a).p);
	vec_push(r->a, &f->masks,
	    f->pattern_here ? sb_take(&f->mask, r->a).p : NULL);
	sb_clear(&f->mask);
	f->has_pattern |= f->pattern_here;
	f->in_word = f->pattern_here = false;
}

/* What comes of an expansion without quotes: split at blanks, and looked
 * through for patterns. */
static void
field_split(struct snippet_run *r, struct fields *f, sv text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '\t' || c == '\n') {
			field_end(r, f);
			continue;
		}
		/* a backslash may quote in a pattern */
		f->pattern_here |= strchr("*?[\\", c) != NULL;
		field_add(f, (sv){ &c, 1 }, 'x');
	}
}

static bool field_add_parts(
    struct snippet_run *r, const struct word *w, bool splits, struct fields *f);

/* The operand of an expansion, as one text. */
static bool
operand_value(struct snippet_run *r, const struct word *w, sv *out)
{
	const char *value = word_value(r, w);

	*out = sv_of(value);
	return value != NULL;
}

static bool
variable_is_missing(struct snippet_run *r, const struct word_part *part)
{
	if (!r->options.nounset)
		return false;
	r->unset = sv_cstr(r->a, part->text);
	return true;
}

static void
field_add_value(struct snippet_run *r, const struct word_part *part,
    bool splits, sv value, struct fields *f)
{
	if (part->quoted)
		field_add(f, value, 'q');
	else if (splits)
		field_split(r, f, value);
	else if (value.n > 0)
		field_add(f, value, 'q');
}

/* ${x-w}, ${x=w}, ${x+w} */
static bool
add_choice(struct snippet_run *r, const struct word_part *part,
    const char *value, bool splits, struct fields *f)
{
	bool is_set = value != NULL && (!part->colon || *value != '\0');
	sv word;

	if (part->op == VAR_OTHER && !is_set) {
		field_add_value(r, part, splits, (sv){ "", 0 }, f);
		return true;
	}
	if (part->op != VAR_OTHER && is_set) {
		field_add_value(r, part, splits, sv_of(value), f);
		return true;
	}
	if (part->op == VAR_ASSIGN) {
		if (!operand_value(r, part->word, &word))
			return false;
		variable_set(r, part->text, word.p);
		field_add_value(r, part, splits, word, f);
		return true;
	}
	if (part->quoted)
		field_add(f, (sv){ "", 0 }, 'q');
	return field_add_parts(r, part->word, splits, f);
}

static bool
add_variable(struct snippet_run *r, const struct word_part *part, bool splits,
    struct fields *f)
{
	const char *value = variable_get(r, part->text);
	sv text = sv_of(value != NULL ? value : "");

	if (part->op == VAR_DEFAULT || part->op == VAR_ASSIGN ||
	    part->op == VAR_OTHER)
		return add_choice(r, part, value, splits, f);
	if (value == NULL && variable_is_missing(r, part))
		return false;
	if (part->op == VAR_LENGTH)
		text = sv_of(arena_printf(r->a, "%zu", text.n));
	else if (part->op != VAR_PLAIN)
		text =
		    pattern_strip(text, part->word->parts.v[0].text, part->op);
	field_add_value(r, part, splits, text, f);
	return true;
}

/* Text of an operand without quotes is split as well. */
static bool
field_add_part(struct snippet_run *r, const struct word_part *part, bool splits,
    bool is_operand, struct fields *f)
{
	const char *home;

	switch (part->kind) {
	case PART_TEXT:
		if (part->quoted || !is_operand)
			field_add(f, part->text, 'q');
		else
			field_add_value(r, part, splits, part->text, f);
		return true;
	case PART_STATUS:
		field_add_value(r, part, splits,
		    sv_of(arena_printf(r->a, "%d", r->status)), f);
		return true;
	case PART_TILDE:
		home = variable_get(r, SV("HOME"));
		field_add(f, sv_of(home != NULL ? home : "~"), 'q');
		return true;
	case PART_VARIABLE:
		break;
	}
	return add_variable(r, part, splits, f);
}

static bool
field_add_parts(
    struct snippet_run *r, const struct word *w, bool splits, struct fields *f)
{
	for (size_t i = 0; i < w->parts.n; i++)
		if (!field_add_part(r, &w->parts.v[i], splits, true, f))
			return false;
	return true;
}

bool
word_add_fields(struct snippet_run *r, const struct word *w, struct fields *out)
{
	for (size_t i = 0; i < w->parts.n; i++)
		if (!field_add_part(r, &w->parts.v[i], true, false, out))
			return false;
	field_end(r, out);
	return true;
}

const char *
word_value(struct snippet_run *r, const struct word *w)
{
	struct fields f = { 0 };
	const char *value = NULL;

	if (field_add_parts(r, w, false, &f))
		value = sb_take(&f.text, r->a).p;
	fields_free(&f);
	return value != NULL ? value : r->unset != NULL ? NULL : "";
}
