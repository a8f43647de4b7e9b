/* SPDX-License-Identifier: MIT */
#include "vcs/push_shown.h"

#include <string.h>

#include "base/io.h"

/* Two shortened ids and the dots between them. */
enum {
	SUMMARY_WIDTH = 17
};

sv
push_short_ref(sv ref)
{
	static const char *const roots[] = { "refs/heads/", "refs/tags/",
		"refs/remotes/" };

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (sv_starts(ref, sv_of(roots[i])))
			return sv_sub(ref, sv_of(roots[i]).n, SIZE_MAX);
	return ref;
}

/* "[rejected] (fetch first)": the reason stands behind the names. */
static void
add_shown_ref(struct sb *b, char flag, sv names, sv summary)
{
	ptrdiff_t at = sv_find(summary, SV(" ("), 0);
	sv from, to, why = { NULL, 0 };

	if (at >= 0) {
		why = sv_sub(summary, (size_t)at, SIZE_MAX);
		summary = sv_sub(summary, 0, (size_t)at);
	}
	sv_cut(names, ':', &from, &to);
	sb_printf(b, " %c %.*s", flag, SV_ARG(summary));
	if (summary.n < SUMMARY_WIDTH)
		sb_pad(b, ' ', SUMMARY_WIDTH - summary.n);
	sb_addc(b, ' ');
	if (from.n > 0) {
		sb_addv(b, push_short_ref(from));
		sb_adds(b, " -> ");
	}
	sb_addv(b, push_short_ref(to));
	sb_addv(b, why);
	sb_addc(b, '\n');
}

const char *
push_shown(struct arena *a, sv text)
{
	struct sb b cleanup_sb = SB_INIT;
	sv line, flag, names, remote = { NULL, 0 };

	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (sv_starts(line, SV("To "))) {
			remote = line;
			continue;
		}
		if (!sv_cut(line, '\t', &flag, &line) || flag.n != 1 ||
		    flag.p[0] == '=' || !sv_cut(line, '\t', &names, &line))
			continue;
		if (remote.n > 0)
			sb_printf(&b, "%.*s\n", SV_ARG(remote));
		remote.n = 0;
		add_shown_ref(&b, flag.p[0], names, line);
	}
	return sb_take(&b, a).p;
}

static bool
is_ref_line(sv line)
{
	sv flag, names, rest, to;

	return sv_cut(line, '\t', &flag, &rest) && flag.n == 1 &&
	       sv_cut(rest, '\t', &names, &rest) &&
	       sv_cut(names, ':', &names, &to);
}

/* May what begins so be a line of git's? */
static bool
may_be_porcelain(sv line)
{
	static const char *const heads[] = { "To ", "Done" };

	for (size_t i = 0; i < 2; i++)
		if (sv_starts(line, sv_of(heads[i])) ||
		    sv_starts(sv_of(heads[i]), line))
			return true;
	return strchr(" =*+-!", line.p[0]) != NULL &&
	       (line.n < 2 || line.p[1] == '\t');
}

static void
pass_bytes(struct push_filter *f, struct sb *b)
{
	write_all(f->fd, b->p, b->n);
	sb_clear(b);
}

/* A whole line, without its end. */
static void
sort_line(struct push_filter *f)
{
	sv line = sb_sv(&f->line);
	bool is_remote = sv_starts(line, SV("To "));

	if (is_ref_line(line)) {
		f->had_refs = true;
		sb_clear(&f->remote);
		sb_clear(&f->line);
		return;
	}
	pass_bytes(f, &f->remote);
	if (sv_is(line, "Done") && f->had_refs) {
		sb_clear(&f->line);
		return;
	}
	sb_addc(&f->line, '\n');
	if (is_remote) {
		struct sb swap = f->remote;

		f->remote = f->line;
		f->line = swap;
		return;
	}
	pass_bytes(f, &f->line);
}

void
push_filter_take(void *ctx, sv bytes)
{
	struct push_filter *f = ctx;

	while (bytes.n > 0) {
		sv part;
		bool ends = sv_cut(bytes, '\n', &part, &bytes);

		sb_addv(&f->line, part);
		if (ends && !f->passes) {
			sort_line(f);
			continue;
		}
		if (!f->passes && f->line.n > 0 &&
		    may_be_porcelain(sb_sv(&f->line)))
			continue;
		pass_bytes(f, &f->remote);
		if (ends)
			sb_addc(&f->line, '\n');
		f->passes = !ends;
		pass_bytes(f, &f->line);
	}
}

void
push_filter_end(struct push_filter *f)
{
	pass_bytes(f, &f->remote);
	pass_bytes(f, &f->line);
	sb_free(&f->remote);
	sb_free(&f->line);
}
