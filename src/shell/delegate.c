/* SPDX-License-Identifier: MIT */
/* Scripts for bash: one command of the snippet, with everything expanded but
 * what only bash can. */
#include "shell/run.h"

static void
script_add_quoted(struct sb *out, sv text)
{
	sb_addc(out, '\'');
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\'')
			sb_adds(out, "'\\''");
		else
			sb_addc(out, text.p[i]);
	sb_addc(out, '\'');
}

/* So that bash names the line where the command stands. */
static void
add_lines(struct sb *out, const struct simple *c)
{
	sb_pad(out, '\n', c != NULL ? c->line - 1 : 0);
}

/* The bytes from i on that are alike in the mask. */
static size_t
run_length(const char *mask, size_t i)
{
	size_t n = 1;

	while (mask[i + n] == mask[i])
		n++;
	return n;
}

/* An argument with a pattern.  What came from an expansion comes from one here
 * too, or backslashes would be taken away. */
static void
add_pattern(struct sb *before, struct sb *out, size_t number, const char *text,
    const char *mask)
{
	for (size_t i = 0; text[i] != '\0';) {
		size_t n = run_length(mask, i);

		if (mask[i] == 'q') {
			script_add_quoted(out, (sv){ text + i, n });
		} else {
			sb_printf(before, "__prun_%zu_%zu=", number, i);
			script_add_quoted(before, (sv){ text + i, n });
			sb_addc(before, ' ');
			sb_printf(out, "${__prun_%zu_%zu}", number, i);
		}
		i += n;
	}
}

static void
add_redirect(struct snippet_run *r, struct sb *out, const struct redirect *d)
{
	static const char *const signs[] = {
		[REDIRECT_IN] = "<",
		[REDIRECT_OUT] = ">",
		[REDIRECT_APPEND] = ">>",
		[REDIRECT_BOTH] = "&>",
	};
	const char *target;

	if (d->kind == REDIRECT_COPY) {
		sb_printf(out, " %d>&%d", d->fd, d->from);
		return;
	}
	sb_addc(out, ' ');
	if (d->kind != REDIRECT_BOTH)
		sb_printf(out, "%d", d->fd);
	sb_adds(out, signs[d->kind]);
	target = word_value(r, d->target);
	script_add_quoted(out, sv_of(target));
}

const char *
script_of_command(struct snippet_run *r, const struct simple *c, bool redirects)
{
	struct sb script cleanup_sb = SB_INIT, command cleanup_sb = SB_INIT;
	const struct fields *f = &r->fields;

	add_lines(&script, c);
	for (size_t i = 0; i < f->argv.n; i++) {
		sb_addc(&command, ' ');
		if (f->masks.v[i] != NULL)
			add_pattern(
			    &script, &command, i, f->argv.v[i], f->masks.v[i]);
		else
			script_add_quoted(&command, sv_of(f->argv.v[i]));
	}
	if (script.n > c->line - 1)
		script.p[script.n - 1] = ';';
	sb_addv(&script, sb_sv(&command));
	for (size_t i = 0; i < c->redirects.n && redirects; i++)
		add_redirect(r, &script, &c->redirects.v[i]);
	return sb_take(&script, r->a).p;
}

const char *
script_of_unset(struct snippet_run *r)
{
	struct sb script cleanup_sb = SB_INIT;

	add_lines(&script, r->simple);
	sb_printf(&script, ": \"$%s\"", r->unset);
	return sb_take(&script, r->a).p;
}

const char *
script_of_text(struct snippet_run *r, int slot, sv text)
{
	struct sb script cleanup_sb = SB_INIT;

	add_lines(&script, r->simple);
	sb_adds(&script, "printf %s ");
	script_add_quoted(&script, text);
	sb_printf(&script, " >&%d", slot);
	return sb_take(&script, r->a).p;
}
