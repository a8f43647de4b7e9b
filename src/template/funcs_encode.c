/* SPDX-License-Identifier: MIT */
/* Template functions that write and read encodings: checksums, base64, JSON,
 * YAML, URLs (L-149, L-150). */
#include <inttypes.h>

#include "base/hash.h"
#include "go/basenc.h"
#include "go/date.h"
#include "go/from_yaml.h"
#include "template/funcs_util.h"
#include "go/json.h"
#include "go/url.h"
#include "go/yaml_out.h"
#include "yaml/yaml.h"

static value
encode_take(struct func_ctx *c, struct sb *b)
{
	return value_sv(sb_take(b, c->a));
}

FUNC(fn_sha1sum)
{
	*out = value_cstr(sha1_hex(c->a, arg_text(args[0])));
	return true;
}

FUNC(fn_sha256sum)
{
	*out = value_cstr(sha256_hex(c->a, arg_text(args[0])));
	return true;
}

FUNC(fn_adler32sum)
{
	*out = value_cstr(
	    arena_printf(c->a, "%" PRIu32, adler32_of(arg_text(args[0]))));
	return true;
}

FUNC(fn_b64enc)
{
	struct sb b cleanup_sb = SB_INIT;

	base64_encode(&b, arg_text(args[0]));
	*out = encode_take(c, &b);
	return true;
}

FUNC(fn_b32enc)
{
	struct sb b cleanup_sb = SB_INIT;

	base32_encode(&b, arg_text(args[0]));
	*out = encode_take(c, &b);
	return true;
}

/* The message of an error is the result. */
FUNC(fn_b64dec)
{
	struct sb b cleanup_sb = SB_INIT;
	size_t at;

	if (base64_decode(&b, arg_text(args[0]), &at))
		*out = encode_take(c, &b);
	else
		*out = value_cstr(arena_printf(c->a,
		    "illegal base64 data at input byte %zu", at));
	return true;
}

FUNC(fn_b32dec)
{
	struct sb b cleanup_sb = SB_INIT;
	size_t at;

	if (base32_decode(&b, arg_text(args[0]), &at))
		*out = encode_take(c, &b);
	else
		*out = value_cstr(arena_printf(c->a,
		    "illegal base32 data at input byte %zu", at));
	return true;
}

static bool
write_json(struct func_ctx *c, value v, unsigned flags, value *out,
    struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	bool good = json_write(&b, v, flags, e);

	*out = encode_take(c, &b);
	return good;
}

FUNC(fn_must_to_json)
{
	return write_json(c, args[0], JSON_HTML, out, e);
}

FUNC(fn_must_to_pretty_json)
{
	return write_json(c, args[0], JSON_HTML | JSON_INDENT, out, e);
}

FUNC(fn_must_to_raw_json)
{
	return write_json(c, args[0], 0, out, e);
}

/* Without "must" a value that JSON cannot hold gives an empty text. */
static bool
forgive(bool good, value *out, const char *instead)
{
	/* a text too long stays, for the evaluator to refuse */
	if (!good && out->kind == VALUE_STRING && out->len > TMPL_TEXT_MAX)
		return true;
	if (!good)
		*out = instead ? value_cstr(instead) : VALUE_NULL;
	return true;
}

FUNC(fn_to_json)
{
	struct err ignored cleanup_err = ERR_INIT;

	return forgive(fn_must_to_json(c, args, n, out, &ignored), out, "");
}

FUNC(fn_to_pretty_json)
{
	struct err ignored cleanup_err = ERR_INIT;

	return forgive(fn_must_to_pretty_json(c, args, n, out, &ignored), out,
	    "");
}

FUNC(fn_must_from_json)
{
	return json_read(c->a, arg_text(args[0]), out, e);
}

FUNC(fn_from_json)
{
	struct err ignored cleanup_err = ERR_INIT;

	return forgive(fn_must_from_json(c, args, n, out, &ignored), out,
	    NULL);
}

FUNC(fn_to_yaml)
{
	struct sb b cleanup_sb = SB_INIT;

	yaml_write(c->a, &b, args[0]);
	*out = encode_take(c, &b);
	return true;
}

FUNC(fn_must_from_yaml)
{
	struct ynode *node;

	if (!ynode_parse(c->a, arg_text(args[0]), &node, e))
		return false;
	if (value_from_ynode_times(c->a, node, out, e))
		return true;
	/* mistakes on lines are listed, others stand alone */
	err_wrap(e, strncmp(e->message, "line ", 5) == 0 ?
		"yaml: unmarshal errors:\n  " :
		"yaml: ");
	return false;
}

FUNC(fn_from_yaml)
{
	struct err ignored cleanup_err = ERR_INIT;

	return forgive(fn_must_from_yaml(c, args, n, out, &ignored), out,
	    NULL);
}

static void
set_part(struct func_ctx *c, value map, const char *key, sv part)
{
	value_map_set(c->a, map, sv_of(key), value_sv(sv_dup(c->a, part)));
}

FUNC(fn_url_parse)
{
	struct sb user cleanup_sb = SB_INIT;
	struct url u;

	if (!url_parse(c->a, arg_text(args[0]), &u, e)) {
		err_wrap(e, "unable to parse url: ");
		return false;
	}
	if (u.has_user)
		url_write_user(&user, &u);
	*out = value_map_new(c->a, GO_MAP);
	set_part(c, *out, "scheme", u.scheme);
	set_part(c, *out, "host", u.host);
	set_part(c, *out, "hostname", url_hostname(&u));
	set_part(c, *out, "path", u.path);
	set_part(c, *out, "query", u.query);
	set_part(c, *out, "opaque", u.opaque);
	set_part(c, *out, "fragment", u.fragment);
	set_part(c, *out, "userinfo", sb_sv(&user));
	return true;
}

static bool
get_part(value map, const char *key, sv *out, struct err *e)
{
	value v = map.kind == VALUE_MAP ? value_map_get(map, sv_of(key)) :
					  VALUE_ABSENT;

	*out = SV("");
	if (v.kind == VALUE_INVALID)
		return true;
	if (v.kind == VALUE_NIL)
		return fn_fail(e, "%s", NIL_DEREFERENCE);
	if (v.type != GO_STRING)
		return fn_fail(e,
		    "unable to parse %s key, must be of type string, "
		    "but %s found",
		    key, value_kind_name(v));
	*out = value_text(v);
	return true;
}

FUNC(fn_url_join)
{
	struct sb b cleanup_sb = SB_INIT;
	struct url u = { 0 }, with_user;
	sv user;

	if (!get_part(args[0], "scheme", &u.scheme, e) ||
	    !get_part(args[0], "host", &u.host, e) ||
	    !get_part(args[0], "path", &u.path, e) ||
	    !get_part(args[0], "query", &u.query, e) ||
	    !get_part(args[0], "opaque", &u.opaque, e) ||
	    !get_part(args[0], "fragment", &u.fragment, e) ||
	    !get_part(args[0], "userinfo", &user, e))
		return false;
	if (user.n > 0) {
		sb_printf(&b, "proto://%.*s@host", SV_ARG(user));
		if (!url_parse(c->a, sb_take(&b, c->a), &with_user, e)) {
			err_wrap(e, "unable to parse userinfo in dict: ");
			return false;
		}
		u.has_user = with_user.has_user;
		u.has_password = with_user.has_password;
		u.user = with_user.user;
		u.password = with_user.password;
	}
	url_write(&b, &u);
	*out = encode_take(c, &b);
	return true;
}

FUNC(fn_join_url)
{
	struct sb b cleanup_sb = SB_INIT;
	struct url u;
	sv *elements = arena_alloc(c->a, (n + 1) * sizeof(sv));

	*out = value_cstr("");
	if (n == 0)
		return true;
	for (size_t i = 1; i < n; i++)
		elements[i - 1] = arg_text(args[i]);
	if (!url_parse(c->a, arg_text(args[0]), &u, e) ||
	    !url_join_path(c->a, &u, elements, n - 1, e))
		return false;
	url_write(&b, &u);
	*out = encode_take(c, &b);
	return true;
}

const struct func funcs_encode[] = {
	{ "adler32sum", "s", fn_adler32sum },
	{ "b32dec", "s", fn_b32dec },
	{ "b32enc", "s", fn_b32enc },
	{ "b64dec", "s", fn_b64dec },
	{ "b64enc", "s", fn_b64enc },
	{ "fromJson", "s", fn_from_json },
	{ "fromYaml", "s", fn_from_yaml },
	{ "joinUrl", "s*", fn_join_url },
	{ "mustFromJson", "s", fn_must_from_json },
	{ "mustFromYaml", "s", fn_must_from_yaml },
	{ "mustToJson", "a", fn_must_to_json },
	{ "mustToPrettyJson", "a", fn_must_to_pretty_json },
	{ "mustToRawJson", "a", fn_must_to_raw_json },
	{ "mustToYaml", "a", fn_to_yaml },
	{ "sha1sum", "s", fn_sha1sum },
	{ "sha256sum", "s", fn_sha256sum },
	{ "toJson", "a", fn_to_json },
	{ "toPrettyJson", "a", fn_to_pretty_json },
	{ "toRawJson", "a", fn_must_to_raw_json },
	{ "toYaml", "a", fn_to_yaml },
	{ "urlJoin", "m", fn_url_join },
	{ "urlParse", "s", fn_url_parse },
	{ NULL, NULL, NULL },
};
