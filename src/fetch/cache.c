/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "fetch/cache.h"

enum {
	LINE_MAX_BYTES = 64 * 1024
};

void
session_answer(
    struct session *s, unsigned long id, const char *what, const char *text)
{
	struct sb b cleanup_sb = SB_INIT;

	(void)s;
	sb_printf(&b, "%lu %s", id, what);
	if (*text != '\0')
		sb_printf(&b, " %s", text);
	/* texts of others stay on their line */
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < ' ')
			b.p[i] = ' ';
	sb_addc(&b, '\n');
	/* nobody listens any more: the end of the input comes next */
	if (!write_all(STDOUT_FILENO, b.p, b.n))
		return;
}

/* ---- settings ---- */

static bool
set_text(struct session *s, sv word, const char *text)
{
	const struct {
		const char *word;
		const char **place;
	} places[] = {
		{ "url", &s->url },
		{ "cacert", &s->cacert },
		{ "cert", &s->cert },
		{ "key", &s->key },
		{ "dir", &s->dir },
		{ "worker", &s->worker },
		{ "repository", &s->scope.repository },
		{ "ref", &s->scope.ref },
		{ "taskfiles", &s->scope.taskfiles },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (sv_is(word, places[i].word)) {
			*places[i].place = text;
			return true;
		}
	return false;
}

/* The key's bytes, without a newline at their end. */
static bool
read_secret(struct session *s, const char *path, struct err *e)
{
	s->wants_signature = true;
	if (!read_file(s->a, path, &s->secret, e))
		return false;
	s->secret = sv_trim(s->secret);
	return s->secret.n > 0 ||
	       err_set(e, ERR_GENERIC, "%s has no key in it", path);
}

static bool
session_set(struct session *s, sv line, struct err *e)
{
	sv word, text;
	const char *value;

	sv_cut(line, ' ', &word, &text);
	value = sv_cstr(s->a, text);
	if (set_text(s, word, value))
		return true;
	if (sv_is(word, "header"))
		s->headers = curl_slist_append(s->headers, value);
	else if (sv_is(word, "insecure"))
		s->insecure = true;
	else if (sv_is(word, "max-size"))
		s->max_size = strtoull(value, NULL, 10);
	else if (sv_is(word, "sign"))
		return read_secret(s, value, e);
	else
		return err_set(
		    e, ERR_GENERIC, "unknown setting %.*s", SV_ARG(word));
	return true;
}

static bool
session_open(struct session *s, struct err *e)
{
	struct cache_options o = { .dir = s->dir };

	if (s->url == NULL || s->dir == NULL || s->worker == NULL)
		return err_set(e, ERR_GENERIC, "a setting is missing");
	s->cache = cache_open(&o);
	s->multi = curl_multi_init();
	curl_multi_setopt(s->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8L);
	s->tail[0] = &s->waiting[0];
	s->tail[1] = &s->waiting[1];
	return s->multi != NULL || err_set(e, ERR_GENERIC, "out of memory");
}

static void
session_close(struct session *s)
{
	lookups_leave(s);
	uploads_leave(s);
	curl_multi_cleanup(s->multi);
	curl_slist_free_all(s->headers);
	cache_close(s->cache);
}

/* ---- what prun says ---- */

static void
session_obey(struct session *s, sv line)
{
	sv what, id_text, key, rest;
	unsigned long id;
	char name[SHA256_HEX + 1];

	sv_cut(line, ' ', &what, &rest);
	sv_cut(rest, ' ', &id_text, &rest);
	sv_cut(rest, ' ', &key, &rest);
	id = strtoul(sv_cstr(s->a, id_text), NULL, 10);
	if (sv_is(what, "drop")) {
		lookup_drop(s, id);
		return;
	}
	if (!sha256_is_digits(key))
		return;
	memcpy(name, key.p, SHA256_HEX);
	name[SHA256_HEX] = '\0';
	if (sv_is(what, "put"))
		upload_begin(s, id, name);
	else if (sv_is(what, "get"))
		lookup_begin(s, id, name,
		    strtoll(sv_cstr(s->a, rest), NULL, 10) * NS_PER_MS);
}

struct input {
	struct sb bytes;
	bool has_settings;
};

/* false: the input is over. */
static bool
input_more(struct input *in)
{
	ssize_t n;

	sb_reserve(&in->bytes, LINE_MAX_BYTES);
	n = read(STDIN_FILENO, in->bytes.p + in->bytes.n, LINE_MAX_BYTES);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	in->bytes.n += (size_t)n;
	return n > 0;
}

/* Lines that are complete; the settings end with an empty one. */
static bool
input_take(struct session *s, struct input *in, struct err *e)
{
	sv rest = sb_sv(&in->bytes), line, after = rest;
	size_t used;

	while (sv_cut(after, '\n', &line, &rest)) {
		after = rest;
		if (in->has_settings) {
			session_obey(s, line);
		} else if (line.n > 0) {
			if (!session_set(s, line, e))
				return false;
		} else {
			in->has_settings = true;
			if (!session_open(s, e))
				return false;
		}
	}
	used = in->bytes.n - after.n;
	memmove(in->bytes.p, in->bytes.p + used, after.n);
	in->bytes.n = after.n;
	return after.n < LINE_MAX_BYTES ||
	       err_set(e, ERR_GENERIC, "a line is too long");
}

/* Until there is no more input, or the settings are wrong. */
static bool
session_run(struct session *s, struct input *in, struct err *e)
{
	while (input_more(in)) {
		struct curl_waitfd fd = { STDIN_FILENO, CURL_WAIT_POLLIN, 0 };

		if (!input_take(s, in, e))
			return false;
		if (s->multi == NULL)
			continue; /* settings: read() waits */
		do {
			int wait_ms = lookups_expire(s);

			transfers_go_on(s);
			fd.revents = 0;
			curl_multi_poll(s->multi, &fd, 1,
			    wait_ms < 0 ? 60 * 1000 : wait_ms, NULL);
		} while (fd.revents == 0);
	}
	return true;
}

int
fetch_cache(void)
{
	struct session s = {
		.a = arena_new(), .secret = SV(""), .scope = { "", "", "" }
	};
	struct input in = { .bytes = SB_INIT };
	struct err e = ERR_INIT;
	bool ok = session_run(&s, &in, &e);

	if (!ok)
		session_answer(&s, 0, "off", e.message);
	session_close(&s);
	err_clear(&e);
	sb_free(&in.bytes);
	arena_free(s.a);
	return !ok;
}
