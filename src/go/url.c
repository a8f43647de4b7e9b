/* SPDX-License-Identifier: MIT */
#include "go/url.h"

#include <arpa/inet.h>
#include <stdint.h>

#include "base/path.h"

enum part { PART_PATH, PART_HOST, PART_ZONE, PART_USER, PART_FRAGMENT };

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/* Whether a byte has to be escaped in a part. */
static bool
needs_escape(char c, enum part part)
{
	static const char *const plain[] = {
		[PART_PATH] = "$&+,-./:;=@_~",
		[PART_HOST] = "!\"$&'()*+,-.:;<=>[]_~",
		[PART_ZONE] = "!\"$&'()*+,-.:;<=>[]_~",
		[PART_USER] = "$&+,-.;=_~",
		[PART_FRAGMENT] = "!$&()*+,-./:;=?@_~",
	};

	return !is_letter_or_digit(c) &&
	    (c == '\0' || strchr(plain[part], c) == NULL);
}

static void
escape(struct sb *out, sv s, enum part part)
{
	for (size_t i = 0; i < s.n; i++)
		if (needs_escape(s.p[i], part))
			sb_printf(out, "%%%02X", (unsigned char)s.p[i]);
		else
			sb_addc(out, s.p[i]);
}

static bool
url_fail_escape(struct arena *a, sv s, struct err *e)
{
	return err_set(e, ERR_GENERIC, "invalid URL escape %s",
	    quote_go(a, sv_sub(s, 0, 3)));
}

/* In hosts only bytes above ASCII, and "%25" before a zone, may be escaped. */
static bool
escape_is_allowed(sv s, int byte, enum part part)
{
	if (sv_starts(s, SV("%25")))
		return true;
	if (part == PART_HOST)
		return byte >= 0x80;
	if (part == PART_ZONE)
		return byte == ' ' || !needs_escape((char)byte, PART_HOST);
	return true;
}

static bool
unescape(struct arena *a, sv s, enum part part, sv *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	bool host = part == PART_HOST || part == PART_ZONE;

	for (size_t i = 0; i < s.n; i++) {
		sv rest = sv_sub(s, i, SIZE_MAX);
		int high, low;

		if (s.p[i] != '%') {
			if (host && (unsigned char)s.p[i] < 0x80 &&
			    needs_escape(s.p[i], part))
				return err_set(e, ERR_GENERIC,
				    "invalid character %s in host name",
				    quote_go(a, sv_sub(rest, 0, 1)));
			sb_addc(&b, s.p[i]);
			continue;
		}
		if (rest.n < 3 || (high = hex_value(rest.p[1])) < 0 ||
		    (low = hex_value(rest.p[2])) < 0 ||
		    !escape_is_allowed(rest, high * 16 + low, part))
			return url_fail_escape(a, rest, e);
		sb_addc(&b, (char)(high * 16 + low));
		i += 2;
	}
	*out = sb_take(&b, a);
	return true;
}

static bool
is_port(sv s)
{
	if (s.n == 0)
		return true;
	if (s.p[0] != ':')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static ptrdiff_t
last_char(sv s, char c)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == c)
			return (ptrdiff_t)i;
	return -1;
}

static bool
check_port(struct arena *a, sv port, struct err *e)
{
	return is_port(port) ||
	    err_set(e, ERR_GENERIC, "invalid port %s after host",
		quote_go(a, port));
}

/* "[fe80::1%25en0]:80" */
static bool
parse_ip_literal(struct arena *a, sv host, sv *out, struct err *e)
{
	ptrdiff_t close = last_char(host, ']'), zone_at, percent;
	struct in6_addr ignored;
	sv name, port, zone = SV(""), address;

	if (close < 0)
		return err_set(e, ERR_GENERIC, "missing ']' in host");
	port = sv_sub(host, (size_t)close + 1, SIZE_MAX);
	if (!check_port(a, port, e))
		return false;
	name = sv_sub(host, 1, (size_t)close - 1);
	zone_at = sv_find(name, SV("%25"), 0);
	if (zone_at >= 0 &&
	    !unescape(a, sv_sub(name, (size_t)zone_at, SIZE_MAX), PART_ZONE,
		&zone, e))
		return false;
	if (!unescape(a, sv_sub(name, 0, zone_at < 0 ? SIZE_MAX :
						       (size_t)zone_at),
		PART_HOST, &name, e))
		return false;
	name = sv_of(arena_printf(a, "%s%s", name.p, zone.p));
	percent = sv_find_char(name, '%', 0);
	address = sv_sub(name, 0, percent < 0 ? SIZE_MAX : (size_t)percent);
	if (inet_pton(AF_INET6, sv_cstr(a, address), &ignored) != 1)
		return err_set(e, ERR_GENERIC,
		    "invalid host: ParseAddr(%s): unable to parse IP",
		    quote_go(a, name));
	*out = sv_of(arena_printf(a, "[%s]%.*s", name.p, SV_ARG(port)));
	return true;
}

static bool
parse_host(struct arena *a, sv scheme, sv host, sv *out, struct err *e)
{
	ptrdiff_t open = last_char(host, '['), colon;
	bool strict = sv_is(scheme, "http") || sv_is(scheme, "https");

	if (open > 0)
		return err_set(e, ERR_GENERIC, "invalid IP-literal");
	if (open == 0)
		return parse_ip_literal(a, host, out, e);
	/* some databases list several hosts with ports */
	colon = strict ? sv_find_char(host, ':', 0) : last_char(host, ':');
	if (colon >= 0 &&
	    !check_port(a, sv_sub(host, (size_t)colon, SIZE_MAX), e))
		return false;
	return unescape(a, host, PART_HOST, out, e);
}

static bool
is_userinfo(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter_or_digit(s.p[i]) &&
		    (s.p[i] == '\0' ||
			strchr("-._:~!$&'()*+,;=%@", s.p[i]) == NULL))
			return false;
	return true;
}

static bool
parse_authority(struct arena *a, sv s, struct url *u, struct err *e)
{
	ptrdiff_t at = last_char(s, '@');
	sv info, password;

	if (!parse_host(a, u->scheme, sv_sub(s, (size_t)(at + 1), SIZE_MAX),
		&u->host, e))
		return false;
	if (at < 0)
		return true;
	info = sv_sub(s, 0, (size_t)at);
	if (!is_userinfo(info))
		return err_set(e, ERR_GENERIC, "net/url: invalid userinfo");
	u->has_user = true;
	u->has_password = sv_cut(info, ':', &info, &password);
	return unescape(a, info, PART_USER, &u->user, e) &&
	    (!u->has_password ||
		unescape(a, password, PART_USER, &u->password, e));
}

/* Keeps the text as written where our own escaping would differ. */
static bool
set_escaped(struct arena *a, sv s, enum part part, sv *plain, sv *raw,
    struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!unescape(a, s, part, plain, e))
		return false;
	escape(&b, *plain, part);
	*raw = sv_eq(sb_sv(&b), s) ? SV("") : s;
	return true;
}

/* Cuts off "http:"; a text that cannot begin with a scheme has none. */
static bool
take_scheme(struct arena *a, sv *s, sv *scheme, struct err *e)
{
	*scheme = SV("");
	for (size_t i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (c == ':') {
			char *lower = arena_strndup(a, s->p, i);

			if (i == 0)
				return err_set(e, ERR_GENERIC,
				    "missing protocol scheme");
			for (char *p = lower; *p; p++)
				if (*p >= 'A' && *p <= 'Z')
					*p |= 0x20;
			*scheme = sv_of(lower);
			*s = sv_sub(*s, i + 1, SIZE_MAX);
			return true;
		}
		if (!is_letter_or_digit(c) && c != '+' && c != '-' && c != '.')
			return true;
		if (i == 0 && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return true;
	}
	return true;
}

static void
take_query(sv *s, struct url *u)
{
	ptrdiff_t at = sv_find_char(*s, '?', 0);

	u->force_query = at >= 0 && (size_t)at == s->n - 1;
	sv_cut(*s, '?', s, &u->query);
}

static bool
has_control(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool
first_segment_has_colon(sv path)
{
	sv head, tail;

	sv_cut(path, '/', &head, &tail);
	return sv_find_char(head, ':', 0) >= 0;
}

static bool
parse_parts(struct arena *a, sv rest, struct url *u, struct err *e)
{
	if (has_control(rest))
		return err_set(e, ERR_GENERIC,
		    "net/url: invalid control character in URL");
	if (!take_scheme(a, &rest, &u->scheme, e))
		return false;
	take_query(&rest, u);
	if (!sv_starts(rest, SV("/"))) {
		if (u->scheme.n > 0) {
			u->opaque = rest;
			return true;
		}
		if (first_segment_has_colon(rest))
			return err_set(e, ERR_GENERIC,
			    "first path segment in URL cannot contain colon");
	}
	if (sv_starts(rest, SV("//")) &&
	    (u->scheme.n > 0 || !sv_starts(rest, SV("///")))) {
		sv authority = sv_sub(rest, 2, SIZE_MAX);
		ptrdiff_t slash = sv_find_char(authority, '/', 0);

		rest = slash < 0 ? SV("") :
				   sv_sub(authority, (size_t)slash, SIZE_MAX);
		if (slash >= 0)
			authority = sv_sub(authority, 0, (size_t)slash);
		if (!parse_authority(a, authority, u, e))
			return false;
	} else if (u->scheme.n > 0 && sv_starts(rest, SV("/"))) {
		u->omit_host = true;
	}
	return set_escaped(a, rest, PART_PATH, &u->path, &u->raw_path, e);
}

bool
url_parse(struct arena *a, sv text, struct url *out, struct err *e)
{
	sv rest, fragment;

	*out = (struct url){ 0 };
	sv_cut(text, '#', &rest, &fragment);
	if (sv_is(rest, "*")) {
		out->path = rest;
	} else if (!parse_parts(a, rest, out, e)) {
		err_wrap(e, "parse %s: ", quote_go(a, rest));
		return false;
	}
	if (!set_escaped(a, fragment, PART_FRAGMENT, &out->fragment,
		&out->raw_fragment, e)) {
		err_wrap(e, "parse %s: ", quote_go(a, text));
		return false;
	}
	return true;
}

static bool
is_valid_escaped(sv s, enum part part)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] == '\0' ||
			strchr("!$&'()*+,;=:@[]%", s.p[i]) == NULL) &&
		    needs_escape(s.p[i], part))
			return false;
	return true;
}

/* As it was written, where that still says the same. */
static void
url_write_escaped(struct sb *out, sv plain, sv raw, enum part part)
{
	if (raw.n > 0 && is_valid_escaped(raw, part))
		sb_addv(out, raw);
	else if (part == PART_PATH && sv_is(plain, "*"))
		sb_addc(out, '*');
	else
		escape(out, plain, part);
}

void
url_write_user(struct sb *out, const struct url *u)
{
	escape(out, u->user, PART_USER);
	if (u->has_password) {
		sb_addc(out, ':');
		escape(out, u->password, PART_USER);
	}
}

static void
write_authority(struct sb *out, const struct url *u)
{
	if (u->scheme.n == 0 && u->host.n == 0 && !u->has_user)
		return;
	if (u->omit_host && u->host.n == 0 && !u->has_user)
		return;
	if (u->host.n > 0 || u->path.n > 0 || u->has_user)
		sb_adds(out, "//");
	if (u->has_user) {
		url_write_user(out, u);
		sb_addc(out, '@');
	}
	escape(out, u->host, PART_HOST);
}

void
url_write(struct sb *out, const struct url *u)
{
	struct sb path cleanup_sb = SB_INIT;
	size_t start = out->n;

	if (u->scheme.n > 0) {
		sb_addv(out, u->scheme);
		sb_addc(out, ':');
	}
	if (u->opaque.n > 0) {
		sb_addv(out, u->opaque);
	} else {
		write_authority(out, u);
		url_write_escaped(&path, u->path, u->raw_path, PART_PATH);
		if (path.n > 0 && path.p[0] != '/' && u->host.n > 0)
			sb_addc(out, '/');
		if (out->n == start && first_segment_has_colon(sb_sv(&path)))
			sb_adds(out, "./");
		sb_addv(out, sb_sv(&path));
	}
	if (u->force_query || u->query.n > 0) {
		sb_addc(out, '?');
		sb_addv(out, u->query);
	}
	if (u->fragment.n > 0) {
		sb_addc(out, '#');
		url_write_escaped(
		    out, u->fragment, u->raw_fragment, PART_FRAGMENT);
	}
}

sv
url_hostname(const struct url *u)
{
	sv host = u->host;
	ptrdiff_t colon = last_char(host, ':');

	if (colon >= 0 && is_port(sv_sub(host, (size_t)colon, SIZE_MAX)))
		host = sv_sub(host, 0, (size_t)colon);
	if (sv_starts(host, SV("[")) && sv_ends(host, SV("]")))
		host = sv_sub(host, 1, host.n - 2);
	return host;
}

bool
url_join_path(struct arena *a, struct url *u, const sv *elements, size_t n,
    struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	sv last, path;
	bool rooted;

	url_write_escaped(&b, u->path, u->raw_path, PART_PATH);
	last = n > 0 ? elements[n - 1] : sv_dup(a, sb_sv(&b));
	rooted = b.n > 0 && b.p[0] == '/';
	if (!rooted && n == 0)
		last = sv_of(arena_printf(a, "/%.*s", SV_ARG(last)));
	for (size_t i = 0; i < n; i++)
		if (elements[i].n > 0) {
			sb_addc(&b, '/');
			sb_addv(&b, elements[i]);
		}
	/* a relative path cannot climb out, since it is cleaned as rooted */
	path = sv_of(path_clean(a,
	    sv_of(arena_printf(a, "/%.*s", SV_ARG(sb_sv(&b))))));
	if (!rooted)
		path = sv_sub(path, 1, SIZE_MAX);
	if (sv_ends(last, SV("/")) && !sv_ends(path, SV("/")))
		path = sv_of(arena_printf(a, "%.*s/", SV_ARG(path)));
	return set_escaped(a, path, PART_PATH, &u->path, &u->raw_path, e);
}
