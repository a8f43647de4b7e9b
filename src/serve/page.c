/* SPDX-License-Identifier: MIT */
/*
 * The page and the document, which are C arrays: nothing is read from disk, so
 * no name in an address can be a path.
 */
#include "config.h"

#include "serve/answers.h"
#include "serve/router.h"

struct page_file {
	const char *name;
	const unsigned char *p;
	size_t n;
};
#include "serve/page_files.h"

static const char *
page_type(const char *name)
{
	static const struct {
		const char *end, *type;
	} all[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".mjs", "text/javascript; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".ico", "image/x-icon" },
		{ ".woff2", "font/woff2" },
		{ ".json", "application/json" },
		{ ".webmanifest", "application/manifest+json" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (sv_ends(sv_of(name), sv_of(all[i].end)))
			return all[i].type;
	return "text/plain; charset=utf-8";
}

static void
page_reply(struct request *r, const char *name)
{
	struct answer an = ANSWER_INIT;

	for (size_t i = 0; i < sizeof(page_files) / sizeof(page_files[0]);
	     i++) {
		if (strcmp(page_files[i].name, name) != 0)
			continue;
		an.type = page_type(name);
		an.text =
		    (sv){ (const char *)page_files[i].p, page_files[i].n };
		http_answer(r, &an);
		return;
	}
	reply_problem(r, 404, "the page has no %.80s", name);
}

void
page_index(struct request *r)
{
	page_reply(r, "index.html");
}

void
page_asset(struct request *r)
{
	page_reply(r, r->parts.v[1]);
}

void
page_openapi(struct request *r)
{
	struct answer an = ANSWER_INIT;

	an.type = "application/json";
	an.text = (sv){ (const char *)openapi_json, sizeof(openapi_json) };
	http_answer(r, &an);
}
