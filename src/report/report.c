/* SPDX-License-Identifier: MIT */
/* The table of kinds, and making several side by side. */
#include "report/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <strings.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"

/* In the order in which they are told. */
static const struct report_kind kinds[] = {
	{ "html", false, report_html, NULL },
	{ "json", false, report_json, NULL },
	{ "junit", false, report_junit, NULL },
	{ "trace", false, report_trace, NULL },
	{ "markdown", false, report_markdown, report_markdown_deliver },
	{ "ctrf", false, report_ctrf, NULL },
	{ "otlp", true, report_otlp, report_otlp_deliver },
};

enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0])
};

const char *
report_kind_name(size_t i)
{
	return i < KINDS ? kinds[i].name : NULL;
}

static const struct report_kind *
kind_find(sv name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (sv_is(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static const char *
kind_names(struct arena *a)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < KINDS; i++)
		sb_printf(&b, "%s%s",
		    i == 0          ? ""
		    : i + 1 < KINDS ? ", "
				    : " and ",
		    kinds[i].name);
	return sb_take(&b, a).p;
}

bool
report_is_address(const char *target)
{
	return strncasecmp(target, "http://", 7) == 0 ||
	       strncasecmp(target, "https://", 8) == 0;
}

static void
wish_put(struct arena *a, const struct report_kind *kind, const char *file,
    const char *dir, report_wishes *out)
{
	struct report_wish wish = { kind, file, ERR_INIT };

	if (strcmp(file, "-") != 0 &&
	    !(kind->takes_address && report_is_address(file)))
		wish.target = path_resolve(a, sv_of(dir), sv_of(file));
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].kind == kind &&
		    strcmp(out->v[i].target, wish.target) == 0)
			return;
	vec_push(a, out, wish);
}

bool
report_wish_parse(struct arena *a, const char *text, const char *dir,
    report_wishes *out, struct err *e)
{
	sv name, file;
	const struct report_kind *kind;

	if (!sv_cut(sv_of(text), ':', &name, &file) || file.n == 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --report wants KIND:FILE, as in html:report.html, "
		    "not %s",
		    quote_go(a, sv_of(text)));
	kind = kind_find(name);
	if (kind == NULL)
		return err_set(e, ERR_GENERIC,
		    "prun: --report knows %s, not %s", kind_names(a),
		    quote_go(a, name));
	wish_put(a, kind, sv_cstr(a, file), dir, out);
	return true;
}

void
report_wish_add(struct arena *a, const char *kind, const char *file,
    const char *dir, report_wishes *out)
{
	const struct report_kind *k = kind_find(sv_of(kind));

	if (k == NULL)
		BUG("kind %s", kind);
	wish_put(a, k, file, dir, out);
}

/* ---- making them ---- */

struct making {
	const struct picture *p;
	struct report_wish *wish;
	pthread_t thread;
	bool is_beside; /* a thread makes it */
};

/* What is no plain file is written to, not replaced; neither is a link. */
bool
report_put(struct arena *a, const char *target, sv text, struct err *e)
{
	struct stat st;
	int fd cleanup_close = -1;

	if (strcmp(target, "-") == 0)
		return write_all(STDOUT_FILENO, text.p, text.n) ||
		       err_sys(e, errno, "write /dev/stdout");
	if (lstat(target, &st) == 0 && S_ISLNK(st.st_mode))
		target = path_real(a, target);
	if (stat(target, &st) == 0 && !S_ISREG(st.st_mode) &&
	    !S_ISDIR(st.st_mode)) {
		fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return err_sys(e, errno, "open %s", target);
		return write_all(fd, text.p, text.n) ||
		       err_sys(e, errno, "write %s", target);
	}
	return mkdir_all(path_dir(a, sv_of(target)), 0777, e) &&
	       write_atomic(target, text, 0666, e);
}

static void *
report_make_one(void *ctx)
{
	struct making *m = ctx;
	struct arena *a cleanup_arena = arena_new();
	const struct report_kind *k = m->wish->kind;
	const char *target = m->wish->target;
	struct sb out cleanup_sb = SB_INIT;
	struct err *e = &m->wish->err;

	if (!k->write(a, m->p, target, &out, e) ||
	    !(k->deliver != NULL ? k->deliver(a, m->p, target, sb_sv(&out), e)
				 : report_put(a, target, sb_sv(&out), e)))
		err_wrap(e, "prun: no %s report: ", k->name);
	return NULL;
}

bool
report_make(const struct report_run *run, report_wishes *wishes)
{
	struct arena *a cleanup_arena = arena_new();
	struct making *all = arena_alloc(a, (wishes->n + 1) * sizeof(*all));
	struct picture p;
	bool ok = true;

	picture_make(a, run, &p);
	for (size_t i = 0; i < wishes->n; i++) {
		all[i] = (struct making){ .p = &p, .wish = &wishes->v[i] };
		/* the last one, and any for which there is no thread, here */
		all[i].is_beside =
		    i + 1 < wishes->n && pthread_create(&all[i].thread, NULL,
					     report_make_one, &all[i]) == 0;
		if (!all[i].is_beside)
			report_make_one(&all[i]);
	}
	for (size_t i = 0; i < wishes->n; i++) {
		if (all[i].is_beside)
			pthread_join(all[i].thread, NULL);
		ok = ok && !err_is_set(&wishes->v[i].err);
	}
	return ok;
}
