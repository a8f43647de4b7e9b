/* SPDX-License-Identifier: MIT */
/*
 * Addresses of remote Taskfiles (C-600, C-616).  They are taken apart as Go's
 * net/url does, because what it makes of them is written into names of cache
 * files and special variables.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "taskfile/source.h"

static bool
is_scp_char(char c)
{
	return (c >= '0' && c <= '9') ||
	    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '.' ||
	    c == '-';
}

static size_t
span(sv s, const char *more)
{
	size_t n = 0;

	while (n < s.n && (is_scp_char(s.p[n]) ||
			      (s.p[n] != '\0' && strchr(more, s.p[n]))))
		n++;
	return n;
}

/* git's short form of ssh: [user@]host:path[?query] */
static bool
parse_scp(sv s, struct url *u)
{
	sv host, rest, user;
	size_t n;

	*u = (struct url){ .scheme = SV("ssh") };
	if (!sv_cut(s, ':', &host, &rest))
		return false;
	if (sv_find_char(host, '@', 0) >= 0) {
		sv_cut(host, '@', &user, &host);
		if (user.n == 0 || span(user, "~") != user.n)
			return false;
		u->has_user = true;
		u->user = user;
	}
	n = span(rest, "/");
	if (host.n == 0 || n == 0 || span(host, "") != host.n)
		return false;
	u->host = host;
	u->path = sv_sub(rest, 0, n);
	rest = sv_sub(rest, n, SIZE_MAX);
	u->query = sv_starts(rest, SV("?")) ? sv_sub(rest, 1, SIZE_MAX) : rest;
	return true;
}

/* Where the part inside a repository begins in a path, or -1. */
static ptrdiff_t
inside_at(sv path)
{
	return sv_find(path, SV("//"), 0);
}

static bool
is_git(sv scheme, sv path)
{
	ptrdiff_t at = inside_at(path);
	sv repo = at < 0 ? path : sv_sub(path, 0, (size_t)at);
	ptrdiff_t azure = sv_find(repo, SV("/_git/"), 0);

	if (sv_is(scheme, "git"))
		return true;
	return (sv_ends(repo, SV(".git")) ||
		   (azure >= 0 && (size_t)azure + 6 < repo.n)) &&
	       (sv_is(scheme, "ssh") || sv_is(scheme, "http") ||
		   sv_is(scheme, "https"));
}

enum source_kind
source_kind_of(sv s)
{
	ptrdiff_t at = sv_find(s, SV("://"), 0);
	struct url u;
	sv scheme, rest;

	if (at < 0)
		return parse_scp(s, &u) && is_git(u.scheme, u.path)
		    ? SOURCE_GIT
		    : SOURCE_FILE;
	scheme = sv_sub(s, 0, (size_t)at);
	rest = sv_sub(s, (size_t)at + 3, SIZE_MAX);
	sv_cut(rest, '#', &rest, &(sv){ 0 });
	sv_cut(rest, '?', &rest, &(sv){ 0 });
	at = sv_find_char(rest, '/', 0);
	if (is_git(scheme,
		at < 0 ? SV("") : sv_sub(rest, (size_t)at, SIZE_MAX)))
		return SOURCE_GIT;
	return sv_is(scheme, "http") || sv_is(scheme, "https") ? SOURCE_HTTP
							       : SOURCE_FILE;
}

/* As in a query, where '+' is a blank; false: it is broken. */
static bool
unescape_query(struct arena *a, sv text, sv *out)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high =
			    i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
			int low = high >= 0 ? hex_value(text.p[i + 2]) : -1;

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		sb_addc(&b, c);
	}
	*out = sb_take(&b, a);
	return true;
}

/* The value of `ref` in a query, unescaped; "" when there is none. */
static sv
ref_of(struct arena *a, sv query)
{
	sv item, text, key;

	while (query.n > 0) {
		sv_cut(query, '&', &item, &query);
		if (sv_cut(item, '=', &key, &text) && sv_is(key, "ref") &&
		    unescape_query(a, text, &text))
			return text;
	}
	return SV("");
}

static void
split_git(struct arena *a, struct source_address *x)
{
	struct url *u = &x->repo;
	ptrdiff_t at = inside_at(u->path);
	sv inside = SV("");

	if (at >= 0) {
		inside = sv_sub(u->path, (size_t)at + 2, SIZE_MAX);
		u->path = sv_sub(u->path, 0, (size_t)at);
		at = inside_at(inside);
		if (at >= 0)
			inside = sv_sub(inside, 0, (size_t)at);
	}
	u->raw_path = SV("");
	x->inside = inside;
	x->ref = ref_of(a, u->query);
	u->query = u->fragment = u->raw_fragment = SV("");
	u->force_query = false;
}

bool
source_parse(struct arena *a, const char *address, struct source_address *out,
    struct err *e)
{
	*out = (struct source_address){ .kind = source_kind_of(
					    sv_of(address)) };
	if (!(strstr(address, "://") == NULL &&
		parse_scp(sv_of(address), &out->url)) &&
	    !url_parse(a, sv_of(address), &out->url, e))
		return false;
	out->repo = out->url;
	if (out->kind == SOURCE_GIT)
		split_git(a, out);
	return true;
}

const char *
source_text(struct arena *a, const struct url *u, bool with_password)
{
	struct sb b cleanup_sb = SB_INIT;
	struct url shown = *u;

	if (!with_password && shown.has_password)
		shown.password = SV("xxxxx");
	url_write(&b, &shown);
	return sb_take(&b, a).p;
}

const char *
source_redacted(struct arena *a, const char *address)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct source_address x;

	if (!source_parse(a, address, &x, &ignored))
		return address;
	return source_text(a, &x.url, false);
}

/* Names of parameters whose values open doors. */
static bool
is_key_name(sv name)
{
	static const char *const names[] = { "token", "access_token",
		"private_token", "job_token", "auth_token", "auth", "key",
		"api_key", "apikey", "password", "secret", "sig", "signature",
		"x-amz-signature", "x-amz-security-token", "x-amz-credential",
		"x-goog-signature", "x-goog-credential" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == name.n &&
		    strncasecmp(names[i], name.p, name.n) == 0)
			return true;
	return false;
}

/* What stands between "://" and the path; returns where that ends.  A user
 * alone is a token, where it is a web server's. */
static size_t
mask_user(sv rest, size_t from, bool web, struct sb *out)
{
	size_t end = from, colon = 0, host = 0;

	for (; end < rest.n && !strchr("/?# \t\n\"'", rest.p[end]); end++) {
		if (rest.p[end] == '@')
			host = end;
		else if (rest.p[end] == ':' && colon == 0)
			colon = end;
	}
	if (colon != 0 && colon < host)
		sb_addv(out, sv_sub(rest, 0, colon + 1));
	else if (host != 0 && web)
		sb_addv(out, sv_sub(rest, 0, from));
	else
		host = 0;
	if (host != 0)
		sb_adds(out, "xxxxx");
	sb_addv(out, sv_sub(rest, host, end - host));
	return end;
}

/* What a message adds to an address: ":", or ":12:3", a place in the file. */
static sv
message_behind(sv s)
{
	size_t at = s.n;

	for (int i = 0; i < 2; i++) {
		size_t n = at;

		while (n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9')
			n--;
		if (n == at || n == 0 || s.p[n - 1] != ':')
			return sv_ends(s, SV(":")) ? SV(":") : SV("");
		at = n - 1;
	}
	return sv_sub(s, at, SIZE_MAX);
}

/* The path and the parameters, up to the end of the address. */
static size_t
mask_query(sv rest, size_t from, struct sb *out)
{
	size_t end = from, name = SIZE_MAX;
	bool hides = false;

	for (; end < rest.n && !strchr(" \t\n\"'", rest.p[end]); end++) {
		char c = rest.p[end];

		if (c == '?' || c == '&' || c == '#') {
			name = end + 1;
			hides = false;
		}
		if (!hides)
			sb_addc(out, c);
		if (c == '=' && name != SIZE_MAX) {
			hides = is_key_name(sv_sub(rest, name, end - name));
			name = SIZE_MAX;
			if (hides)
				sb_adds(out, "xxxxx");
		}
	}
	if (hides)
		sb_addv(out, message_behind(sv_sub(rest, from, end - from)));
	return end;
}

const char *
source_masked(struct arena *a, const char *text)
{
	struct sb out cleanup_sb = SB_INIT;
	sv rest = sv_of(text);
	ptrdiff_t at;

	if (strstr(text, "://") == NULL)
		return text;
	while ((at = sv_find(rest, SV("://"), 0)) >= 0) {
		sv before = sv_sub(rest, 0, (size_t)at);
		bool web = sv_ends(before, SV("http")) ||
		    sv_ends(before, SV("https"));
		size_t end = mask_user(rest, (size_t)at + 3, web, &out);

		end = mask_query(rest, end, &out);
		rest = sv_sub(rest, end, SIZE_MAX);
	}
	sb_addv(&out, rest);
	return arena_strdup(a, sb_cstr(&out));
}

/* Folder part of a path, with its slash. */
static sv
address_folder_of(sv path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return sv_sub(path, 0, n);
}

/* With these letters as escapes, so that the text is read as it was. */
static const char *
escape_letters(struct arena *a, sv text, const char *letters)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' ||
		    strchr(letters, text.p[i]) != NULL)
			sb_printf(&b, "%%%02X", (unsigned char)text.p[i]);
		else
			sb_addc(&b, text.p[i]);
	return sb_take(&b, a).p;
}

static const char *
resolve_git(struct arena *a, const struct source_address *x, const char *ref)
{
	const char *folder =
	    escape_letters(a, address_folder_of(x->inside), "%?#");

	return arena_printf(a, "%s//%s%s%s", source_text(a, &x->repo, true),
	    path_join(a, sv_of(folder), sv_of(ref)), x->ref.n ? "?ref=" : "",
	    escape_letters(a, x->ref, "%&+#;"));
}

/* Without "." and ".." (RFC 3986, 5.2.4); begins with a slash. */
static const char *
without_dots(struct arena *a, const char *path)
{
	sv s = sv_of(path);
	bool folder = sv_ends(s, SV("/")) || sv_ends(s, SV("/.")) ||
	    sv_ends(s, SV("/.."));
	const char *clean = path_clean(a,
	    sv_of(arena_printf(a, "/%s", path)));

	return folder && clean[1] != '\0' ? arena_printf(a, "%s/", clean)
					  : clean;
}

/* A relative reference against an address (RFC 3986, 5.2.2). */
static const char *
resolve_http(struct arena *a, const struct url *base, const char *ref)
{
	struct url u = *base;
	sv path = sv_of(ref), query, fragment;
	const char *stem;
	bool has_query;

	if (sv_starts(path, SV("//")))
		return arena_printf(a, "%.*s:%s", SV_ARG(base->scheme), ref);
	sv_cut(path, '#', &path, &fragment);
	has_query = sv_cut(path, '?', &path, &query);
	if (path.n == 0 && !has_query) {
		query = u.query;
		if (fragment.n == 0)
			fragment = u.fragment;
	}
	/* the path of the base as it is escaped, without what follows it */
	u.query = u.fragment = u.raw_fragment = SV("");
	u.force_query = false;
	stem = source_text(a, &u, true);
	u.path = u.raw_path = SV("");
	base = &u;
	if (path.n > 0) {
		const char *root = source_text(a, base, true);
		const char *full = *path.p == '/'
				       ? arena_printf(a, "%.*s", SV_ARG(path))
				       : arena_printf(a, "%.*s%.*s",
					     SV_ARG(address_folder_of(
						 sv_of(stem + strlen(root)))),
					     SV_ARG(path));

		stem = arena_printf(a, "%s%s", root, without_dots(a, full));
	}
	return arena_printf(a, "%s%s%.*s%s%.*s", stem, query.n ? "?" : "",
	    SV_ARG(query), fragment.n ? "#" : "", SV_ARG(fragment));
}

const char *
source_resolve_remote(struct arena *a, const char *base,
    enum source_kind kind, const char *ref)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct source_address x;

	if (source_kind_of(sv_of(ref)) != SOURCE_FILE ||
	    !source_parse(a, base, &x, &ignored))
		return ref;
	if (kind == SOURCE_GIT)
		return resolve_git(a, &x, ref);
	return resolve_http(a, &x.url, ref);
}
