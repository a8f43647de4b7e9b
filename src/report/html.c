/* SPDX-License-Identifier: MIT */
/*
 * The kind `html`: the picture of a run in one file that opens from a disk.
 * All lists are in the page as it is written; html.js draws and searches.
 *
 * What tasks print and are called can be nothing but text: it goes through
 * text_markup(), numbers alone are handed to the script, and a policy in the
 * page lets no script run that does not know a number nobody could guess, and
 * no request go anywhere.
 */
#include "report/html_page.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "go/json.h"
/* html.css and html.js as C text; made by the Makefile. */
#include "report/html_text.h"

enum {
	ROWS_END = 13 * MIB / 4, /* no row begins behind it */
	LOGS_END = 5 * MIB / 2,  /* no log does */
	BAD_LOGS = 2 * MIB,      /* the share of what failed, before escapes */
	FINE_LOGS = MIB / 2,     /* and of all the others */
	MOST_NAME = 300, /* bytes that are shown of a text on one line */
	MOST_WHY = 2000,
	OPEN = 5, /* failures that stand open */
};

static const char *const verdict_words[VERDICT_COUNT] = {
	[VERDICT_PASSED] = "passed",
	[VERDICT_SKIPPED] = "skipped",
	[VERDICT_FAILED] = "failed",
	[VERDICT_ERROR] = "error",
	[VERDICT_EXCUSED] = "excused",
	[VERDICT_CANCELLED] = "cancelled",
	[VERDICT_UNFINISHED] = "unfinished",
};

static bool
page_is_bad(enum verdict v)
{
	return v == VERDICT_FAILED || v == VERDICT_ERROR;
}

/* 32 digits that nobody can know. */
static bool
page_nonce(char out[33], struct err *e)
{
	int fd cleanup_close = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	unsigned char bytes[16];

	if (fd < 0 || read(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		return err_sys(e, errno, "read /dev/urandom");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	out[32] = '\0';
	return true;
}

static void
page_text(struct page *g, const char *text, size_t most)
{
	sv s = sv_of(text);

	if (s.n <= most) {
		text_markup(g->out, s);
		return;
	}
	while (most > 0 && (s.p[most] & 0xc0) == 0x80)
		most--;
	text_markup(g->out, sv_sub(s, 0, most));
	sb_adds(g->out, "\xe2\x80\xa6");
}

/* ---- logs ---- */

/* As a relative address, which no name can make one of another kind. */
static void
page_href(struct page *g, const char *log)
{
	const char *path = path_join(g->a, sv_of(g->p->run->dir), sv_of(log));
	struct err ignored cleanup_err = ERR_INIT;
	char *relative;

	if (strcmp(g->target, "-") != 0 &&
	    path_rel(g->a, sv_of(path_dir(g->a, sv_of(g->target))), sv_of(path),
		&relative, &ignored))
		path = relative;
	if (*path != '.' && *path != '/')
		sb_adds(g->out, "./");
	for (const char *p = path; *p != '\0'; p++) {
		if (is_name_byte((unsigned char)*p) || strchr("/.-", *p))
			sb_addc(g->out, *p);
		else
			sb_printf(g->out, "%%%02X", (unsigned char)*p);
	}
}

static void
page_log(struct page *g, const struct call_facts *f)
{
	size_t most = page_is_bad(f->verdict) ? g->bad_log : g->fine_log;
	struct log_part part = { f->log, 0, -1, most / 4, most - most / 4 };
	struct sb log cleanup_sb = SB_INIT;

	if (*f->log == '\0')
		return;
	sb_adds(g->out, "<p><a href=\"");
	page_href(g, f->log);
	sb_adds(g->out, "\">the whole log</a></p>");
	if (g->out->n > LOGS_END)
		return;
	text_log(g->a, g->p, &part, &log);
	if (log.n == 0)
		return;
	sb_adds(g->out, "<pre>\n");
	text_markup(g->out, sb_sv(&log));
	sb_adds(g->out, "</pre>");
}

/* ---- a call ---- */

/* Of a call that a cluster has run. */
static void
page_node(struct page *g, const struct journal_call *c)
{
	if (*c->queue_name == '\0')
		return;
	sb_adds(g->out, " <span class=\"tag\">job ");
	page_text(g, c->queue_name, MOST_NAME);
	if (*c->node != '\0') {
		sb_adds(g->out, " on ");
		page_text(g, c->node, MOST_NAME);
	}
	sb_adds(g->out, "</span>");
}

static void
page_summary(struct page *g, const struct journal_call *c)
{
	static const char *const signs[VERDICT_COUNT] = {
		[VERDICT_PASSED] = "\xe2\x9c\x93",
		[VERDICT_SKIPPED] = "\xe2\x80\x93",
		[VERDICT_FAILED] = "\xe2\x9c\x95",
		[VERDICT_ERROR] = "\xe2\x9c\x95",
		[VERDICT_EXCUSED] = "\xe2\x9c\x95",
		[VERDICT_CANCELLED] = "\xe2\x97\x8b",
		[VERDICT_UNFINISHED] = "\xe2\x80\xa6",
	};
	const struct call_facts *f = &g->p->facts[c->id - 1];

	sb_printf(g->out,
	    "<summary><span class=\"sign\">%s</span><span class=\"name\">",
	    signs[f->verdict]);
	page_text(g, c->name, MOST_NAME);
	sb_printf(g->out, "</span><span class=\"num\">%s</span>",
	    duration_short(g->a, f->own_ns));
	sb_adds(g->out, "<span class=\"num wait\">");
	if (f->wait_ns >= NS_PER_MS)
		sb_printf(
		    g->out, "waited %s", duration_short(g->a, f->wait_ns));
	sb_adds(g->out, "</span><span class=\"what\">");
	page_text(g, c->flaky ? "flaky" : f->status, MOST_NAME);
	if (f->on_path)
		sb_adds(g->out, " <span class=\"tag\">critical</span>");
	page_node(g, c);
	if (past_is_slow(g->past[c->id - 1], f->own_ns))
		sb_adds(g->out, " <span class=\"slow\">slow</span>");
	sb_adds(g->out, "</span></summary>");
}

static void
page_rerun(struct page *g, const struct journal_call *c)
{
	const char *command = picture_rerun(g->a, g->p, c);

	if (*command == '\0')
		return;
	sb_adds(g->out, "<p class=\"row\"><code>");
	text_markup(g->out, sv_of(command));
	sb_adds(g->out,
	    "</code><button class=\"copy\" type=\"button\">copy</button></p>");
}

/* Bars are drawn by the script when they are looked at. */
static void
page_past(struct page *g, const struct journal_call *c)
{
	const struct past *past = g->past[c->id - 1];

	if (past == NULL || past->n == 0)
		return;
	sb_printf(g->out,
	    "<p class=\"past\" data-past=\"%u\">%zu time%s before",
	    past->number, past->n, past->n == 1 ? "" : "s");
	if (past->usual >= 0.001)
		sb_printf(g->out, ", usually %s",
		    duration_short(g->a, (int64_t)(past->usual * NS_PER_S)));
	sb_adds(g->out, "</p>");
}

static void
page_call(struct page *g, const struct journal_call *c, bool open)
{
	const struct call_facts *f = &g->p->facts[c->id - 1];

	sb_printf(g->out,
	    "<details class=\"call %s\" id=\"c%u\" data-v=\"%s\"%s>",
	    verdict_words[f->verdict], c->id, verdict_words[f->verdict],
	    open ? " open" : "");
	page_summary(g, c);
	sb_adds(g->out, "<div class=\"in\">");
	if (*f->why != '\0') {
		sb_adds(g->out, "<p class=\"why\">");
		page_text(g, f->why, MOST_WHY);
		sb_adds(g->out, "</p>");
	}
	if (c->attempts > 1)
		sb_printf(g->out, "<p>%u attempts</p>", c->attempts);
	if (page_is_bad(f->verdict) || f->verdict == VERDICT_UNFINISHED)
		page_rerun(g, c);
	page_past(g, c);
	page_log(g, f);
	sb_adds(g->out, "</div></details>\n");
}

static void
page_calls(struct page *g, size_t from, size_t to, const char *title)
{
	if (from >= to)
		return;
	sb_printf(g->out,
	    "<h2 id=\"%s\">%s <span class=\"n\">%zu</span></h2>\n<div>\n",
	    from == 0 && g->bad > 0 ? "failures" : "calls", title, to - from);
	for (size_t i = from; i < to; i++) {
		if (g->shown >= MOST_CALLS || g->out->n > ROWS_END)
			break;
		page_call(g, &g->p->log->calls.v[g->ids[i] - 1],
		    i < g->bad && i < OPEN);
		g->shown++;
	}
	sb_adds(g->out, "</div>\n");
}

/* ---- around them ---- */

static void
page_sum(struct page *g, const char *what, size_t n)
{
	if (n > 0)
		sb_printf(
		    g->out, "<div><dt>%s</dt><dd>%zu</dd></div>", what, n);
}

static void
page_time(struct page *g, const char *what, int64_t ns)
{
	sb_printf(g->out, "<div><dt>%s</dt><dd>%s</dd></div>", what,
	    duration_short(g->a, ns));
}

static void
page_header(struct page *g)
{
	const struct journal_run *run = &g->p->log->run;
	const size_t *count = g->p->count;

	sb_adds(g->out, "<header><div class=\"head\"><h1>");
	page_text(g, g->p->title, MOST_NAME);
	sb_printf(g->out,
	    "</h1><span class=\"verdict %s\">%s</span></div>\n"
	    "<dl class=\"sums\">",
	    g->p->verdict, g->p->verdict);
	page_sum(g, "calls", g->p->n_calls);
	page_sum(g, "passed", count[VERDICT_PASSED]);
	page_sum(g, "failed", count[VERDICT_FAILED] + count[VERDICT_ERROR]);
	page_sum(g, "skipped", count[VERDICT_SKIPPED]);
	page_sum(g, "excused", count[VERDICT_EXCUSED]);
	page_sum(g, "cancelled", count[VERDICT_CANCELLED]);
	page_sum(g, "unfinished", count[VERDICT_UNFINISHED]);
	page_time(g, "wall time", g->p->wall_ns);
	page_time(g, "jobs", g->p->busy_ns);
	sb_adds(g->out, "</dl>\n<p class=\"meta\">");
	text_time(g->out, run->at_ns);
	sb_adds(g->out, " on ");
	page_text(g, run->host, MOST_NAME);
	sb_adds(g->out, " in ");
	page_text(g, run->root, MOST_NAME);
	sb_adds(g->out, ", run ");
	page_text(g, g->p->run->id, MOST_NAME);
	if (*g->p->log->end.commit != '\0') {
		sb_adds(g->out, ", commit ");
		page_text(g, g->p->log->end.commit, MOST_NAME);
	}
	sb_adds(g->out, "</p>");
	if (*g->p->log->end.error != '\0' && g->bad == 0) {
		sb_adds(g->out, "<p class=\"verdict failed\">");
		page_text(g, g->p->log->end.error, MOST_WHY);
		sb_adds(g->out, "</p>");
	}
	sb_adds(g->out,
	    "</header>\n<nav><span class=\"jump\">"
	    "<a href=\"#timelines\">timeline</a> <a href=\"#graphs\">what "
	    "called "
	    "what</a> <a href=\"#calls\">all calls</a></span><input "
	    "id=\"search\" type=\"search\" "
	    "placeholder=\"Search names and logs\" aria-label=\"Search names "
	    "and logs\" autocomplete=\"off\">"
	    "<button type=\"button\" data-only=\"bad\" "
	    "aria-pressed=\"false\">not passed</button>"
	    "<button type=\"button\" data-only=\"skipped\" "
	    "aria-pressed=\"false\">skipped</button>"
	    "<button type=\"button\" data-only=\"passed\" "
	    "aria-pressed=\"false\">passed</button>"
	    "<span id=\"found\" aria-live=\"polite\"></span></nav>\n");
}

static void
page_body(struct page *g)
{
	page_header(g);
	page_calls(g, 0, g->bad, "Failures");
	sb_adds(g->out,
	    "<h2 id=\"timelines\">Timeline by slot</h2>\n<div class=\"draw\" "
	    "id=\"timeline\"></div>\n<div class=\"cols\">"
	    "<div><h2>Critical path</h2><ul class=\"list\" "
	    "id=\"path\"></ul></div>"
	    "<div><h2>Slowest</h2><ul class=\"list\" "
	    "id=\"slowest\"></ul></div>"
	    "<div><h2>Waited for slots</h2><ul class=\"list\" "
	    "id=\"waits\"></ul></div></div>\n"
	    "<h2 id=\"graphs\">What called what</h2>\n<p class=\"meta\" "
	    "id=\"graphnote\"></p>\n<div class=\"draw\" id=\"graph\"></div>\n");
	page_calls(
	    g, g->bad, g->p->n_calls, g->bad > 0 ? "Other calls" : "Calls");
	if (g->shown < g->p->n_calls)
		sb_printf(g->out,
		    "<p class=\"meta\">%zu more calls are left "
		    "out.</p>\n",
		    g->p->n_calls - g->shown);
	sb_adds(g->out,
	    "<p class=\"keys\"><kbd>/</kbd> search, <kbd>j</kbd> "
	    "<kbd>k</kbd> next and previous call, <kbd>o</kbd> open it, "
	    "<kbd>f</kbd> only what has not passed</p>\n");
}

/* Where there is little to show, more of it. */
static void
page_budget(struct page *g)
{
	size_t fine = g->p->n_calls - g->bad;

	while (g->bad < g->p->n_calls &&
	       page_is_bad(g->p->facts[g->ids[g->bad] - 1].verdict))
		g->bad++;
	fine = g->p->n_calls - g->bad;
	g->bad_log = g->bad > 0 ? BAD_LOGS / g->bad : 0;
	g->fine_log = fine > 0 ? FINE_LOGS / fine : 0;
	if (g->bad_log > 64 * 1024)
		g->bad_log = 64 * 1024;
	if (g->fine_log > 4 * 1024)
		g->fine_log = 4 * 1024;
}

bool
report_html(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	struct page g = { .a = a, .p = p, .target = target, .out = out };
	unsigned *ids;
	char nonce[33];

	if (!page_nonce(nonce, e))
		return false;
	picture_order(a, p, &ids);
	g.ids = ids;
	g.past = past_read(a, p);
	page_budget(&g);
	sb_printf(out,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'nonce-%s'; script-src "
	    "'nonce-%s'; img-src data:; base-uri 'none'; form-action "
	    "'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<link rel=\"icon\" href=\"data:,\">\n<title>",
	    nonce, nonce);
	page_text(&g, p->title, MOST_NAME);
	sb_printf(
	    out, ": %s</title>\n<style nonce=\"%s\">\n", p->verdict, nonce);
	sb_adds(out, html_css);
	sb_adds(out, "</style>\n</head>\n<body>\n");
	page_body(&g);
	sb_adds(out, "<script type=\"application/json\" id=\"data\">");
	page_data(&g);
	sb_printf(out, "</script>\n<script nonce=\"%s\">\n", nonce);
	sb_adds(out, html_js);
	sb_adds(out, "</script>\n</body>\n</html>\n");
	return true;
}
