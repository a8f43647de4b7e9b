/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "yaml/yaml.h"

/* What was a text without quotes is one again, unless it has signs that say
 * something where it stands now. */
static bool
is_plain_key(const struct ynode *key)
{
	sv s = key->text;

	if (key->tag != YTAG_STR)
		return !key->quoted;
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_' &&
		    !(i > 0 && s.p[i] == '-'))
			return false;
	return s.n > 0 && !key->quoted;
}

/* Can it stand between single quotes, or as a block of lines? */
static bool
is_printable(sv s, bool lines)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && !(lines && (c == '\n' || c == '\t'))) ||
		    c >= 0x7f)
			return false;
	}
	return true;
}

static void
write_escaped(struct sb *out, sv s)
{
	sb_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			sb_printf(out, "\\%c", c);
		else if (c == '\n')
			sb_adds(out, "\\n");
		else if (c < ' ' || c == 0x7f)
			sb_printf(out, "\\x%02x", c);
		else
			sb_addc(out, (char)c);
	}
	sb_addc(out, '"');
}

static void
write_block(struct sb *out, sv s, int indent)
{
	bool ends = s.p[s.n - 1] == '\n';
	sv line;

	sb_adds(out, ends ? "|" : "|-");
	if (ends)
		s.n--;
	while (s.n > 0) {
		sv_cut(s, '\n', &line, &s);
		sb_addc(out, '\n');
		if (line.n > 0)
			sb_pad(out, ' ', (size_t)indent);
		sb_addv(out, line);
	}
}

static void
write_scalar(struct sb *out, const struct ynode *n, int indent)
{
	sv s = n->text;
	bool lines = sv_find_char(s, '\n', 0) >= 0;

	if (n->tag != YTAG_STR && !n->quoted && !lines) {
		sb_addv(out, s.n > 0 ? s : SV("null"));
	} else if (lines && is_printable(s, true) && !isspace(
		(unsigned char)s.p[0]) && !sv_ends(s, SV("\n\n"))) {
		write_block(out, s, indent);
	} else if (is_printable(s, false)) {
		sb_addc(out, '\'');
		for (size_t i = 0; i < s.n; i++)
			sb_adds(out, s.p[i] == '\'' ? "''" :
				(char[]){ s.p[i], '\0' });
		sb_addc(out, '\'');
	} else {
		write_escaped(out, s);
	}
}

static void
ynode_write_key(struct sb *out, const struct ynode *key, int indent)
{
	if (is_plain_key(key))
		sb_addv(out, key->text);
	else
		write_scalar(out, key, indent);
}

/* A list or a map as a key is not kept. */
void
ynode_write_pair(struct sb *out, const struct ynode *key,
    const struct ynode *value, int indent)
{
	if (key->kind == YNODE_SCALAR)
		ynode_write_key(out, key, indent);
	sb_addc(out, ':');
	if (value->kind == YNODE_SCALAR || value->n == 0) {
		sb_addc(out, ' ');
	} else {
		sb_addc(out, '\n');
		sb_pad(out, ' ', (size_t)indent + 2);
	}
	ynode_write(out, value, indent + 2);
}

void
ynode_write(struct sb *out, const struct ynode *n, int indent)
{
	size_t step = n->kind == YNODE_MAP ? 2 : 1;

	if (n->kind == YNODE_SCALAR) {
		write_scalar(out, n, indent);
		return;
	}
	if (n->n == 0)
		sb_adds(out, n->kind == YNODE_MAP ? "{}" : "[]");
	for (size_t i = 0; i < n->n; i += step) {
		if (i > 0) {
			sb_addc(out, '\n');
			sb_pad(out, ' ', (size_t)indent);
		}
		if (n->kind == YNODE_MAP) {
			ynode_write_pair(out, n->items[i], n->items[i + 1],
			    indent);
		} else {
			sb_adds(out, "- ");
			ynode_write(out, n->items[i], indent + 2);
		}
	}
}
