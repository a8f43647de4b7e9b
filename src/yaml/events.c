/* SPDX-License-Identifier: MIT */
#include "yaml/events.h"

#include <stdio.h>
#include <yaml.h>

#include "base/map.h"
#include "base/vec.h"
#include "yaml/colon.h"
#include "yaml/resolve.h"

/* A tree with its aliases expanded. */
struct extent {
	int height;   /* a leaf is 1 */
	size_t total; /* nodes, the root included */
};

/* A name of `&name`; open while its own collection is being read. */
struct anchor {
	struct ynode *node;
	struct extent extent;
	bool open;
};

/* A collection that has begun and not ended. */
struct frame {
	struct ynode *node;
	struct anchor *anchor;
	struct extent extent; /* of what has been read of it */
	size_t first; /* where its items start in `pending` */
};

/*
 * The tree grows from events with a stack of its own, so the depth of a
 * document never becomes depth of calls.
 */
struct builder {
	struct arena *a;
	sv text;
	yaml_parser_t parser;
	struct map *anchors; /* name → struct anchor * */
	VEC(struct ynode *) pending; /* finished nodes of open collections */
	VEC(struct frame) open;
	size_t nodes; /* without aliases */
	struct ynode *root;
	size_t total; /* of the root's tree */
	bool has_hidden; /* colons, see colon.h */
	struct err *e;
};

/* Texts with more colons to hide than this are refused as libyaml does. */
enum { MAX_HIDDEN = 200 };

static bool
yaml_fail(struct builder *b, const char *what)
{
	return err_set(b->e, ERR_PARSE, "yaml: %s", what);
}

static void
set_input(yaml_parser_t *p, sv text)
{
	yaml_parser_set_input_string(p,
	    (const unsigned char *)(text.n ? text.p : ""), text.n);
}

/* L-033: go-yaml's choice of line for libyaml's problem.  Marks count from 0
 * and only scanner errors are made 1-based. */
static bool
fail_at(struct builder *b, const yaml_parser_t *p)
{
	size_t line = p->context_mark.line;
	const char *problem = p->problem;

	err_place(b->e, "%zu:%zu", p->problem_mark.line + 1,
	    p->problem_mark.column + 1);
	if (problem == NULL || *problem == '\0')
		problem = "unknown problem parsing YAML content";
	if (line == 0)
		line = p->problem_mark.line;
	if (line == 0 || p->error == YAML_READER_ERROR)
		return yaml_fail(b, problem);
	if (p->error == YAML_SCANNER_ERROR)
		line++;
	return err_set(b->e, ERR_PARSE, "yaml: line %zu: %s", line, problem);
}

/*
 * go-yaml's scanner, looking for comments, is two tokens ahead of its parser;
 * where the parser fails, an error of the scanner in those two tokens has been
 * found before.  So the tokens are scanned once more, to a few past the problem.
 * Returns whether there is such an error, which `p` then holds.
 */
static bool
scan_ahead(yaml_parser_t *p, size_t problem)
{
	int left = 4;

	while (left > 0) {
		yaml_token_t token;
		bool at_end;

		if (!yaml_parser_scan(p, &token))
			return p->error == YAML_SCANNER_ERROR;
		at_end = token.type == YAML_STREAM_END_TOKEN;
		if (token.start_mark.index >= problem)
			left--;
		yaml_token_delete(&token);
		if (at_end)
			break;
	}
	return false;
}

static bool
yaml_fail_parse(struct builder *b)
{
	yaml_parser_t again;

	if (b->parser.error != YAML_PARSER_ERROR ||
	    !yaml_parser_initialize(&again))
		return fail_at(b, &b->parser);
	set_input(&again, b->text);
	fail_at(b, scan_ahead(&again, b->parser.problem_mark.index)
		? &again
		: &b->parser);
	yaml_parser_delete(&again);
	return false;
}

/* "tag:yaml.org,2002:int" is "!!int"; other tags stay. */
static const char *
short_tag(struct arena *a, const char *tag)
{
	static const char prefix[] = "tag:yaml.org,2002:";

	if (strncmp(tag, prefix, sizeof(prefix) - 1) == 0)
		return arena_printf(a, "!!%s", tag + sizeof(prefix) - 1);
	return arena_strdup(a, tag);
}

static bool
is_yaml_given(const yaml_char_t *tag)
{
	return tag != NULL && *tag != '\0' && strcmp((const char *)tag, "!") != 0;
}

/* libyaml counts from 0. */
static unsigned
mark_of(size_t count)
{
	return count < YNODE_MARK_MAX ? (unsigned)count + 1 : YNODE_MARK_MAX;
}

static struct ynode *
new_node(struct builder *b, enum ynode_kind kind, yaml_mark_t at,
    const yaml_char_t *tag)
{
	bool tagged = is_yaml_given(tag);
	struct tagged_ynode *n = arena_alloc(b->a,
	    tagged ? sizeof(struct tagged_ynode) : sizeof(struct ynode));

	n->node.kind = kind;
	n->node.line = mark_of(at.line);
	n->node.column = mark_of(at.column);
	n->node.tagged = tagged;
	if (tagged)
		n->tag_text = short_tag(b->a, (const char *)tag);
	b->nodes++;
	return &n->node;
}

static struct anchor *
add_anchor(struct builder *b, const yaml_char_t *name, struct ynode *n)
{
	struct anchor *anchor;

	if (name == NULL)
		return NULL;
	anchor = arena_new_of(b->a, struct anchor);
	anchor->node = n;
	anchor->extent = (struct extent){ 1, 1 };
	map_put(b->anchors, sv_of((const char *)name), anchor);
	return anchor;
}

/* A finished node goes to the collection around it, or is the document. */
static void
add_node(struct builder *b, struct ynode *n, struct extent extent)
{
	struct extent *outer;

	if (b->open.n == 0) {
		b->root = n;
		b->total = extent.total;
		return;
	}
	vec_push(NULL, &b->pending, n);
	outer = &b->open.v[b->open.n - 1].extent;
	if (outer->height <= extent.height)
		outer->height = extent.height + 1;
	outer->total = extent.total < SIZE_MAX - outer->total
	    ? outer->total + extent.total
	    : SIZE_MAX;
}

static int
base64_value(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return p == NULL ? -1 : (int)(p - digits);
}

/* Text of a !!binary scalar: base64, line ends ignored, padding required. */
static bool
decode_binary(struct arena *a, sv in, sv *out)
{
	char *p = arena_alloc(a, in.n + 1);
	unsigned bits = 0;
	size_t n = 0, chars = 0, pads = 0;

	for (size_t i = 0; i < in.n; i++) {
		int v = base64_value(in.p[i]);

		if (in.p[i] == '\n' || in.p[i] == '\r')
			continue;
		chars++;
		if (in.p[i] == '=') {
			pads++;
			continue;
		}
		if (v < 0 || pads > 0)
			return false;
		bits = (bits << 6 | (unsigned)v) & 0xFFFFFF;
		if (chars % 4 != 1)
			p[n++] = (char)(bits >> (6 - 2 * ((chars - 1) % 4)));
	}
	*out = (sv){ p, n };
	return chars % 4 == 0 && pads <= 2;
}

/* Type of a scalar with a tag of its own; the text must fit it. */
static bool
apply_tag(struct builder *b, struct ynode *n)
{
	enum ytag found = yaml_resolve(n->text);
	enum ytag tag;

	for (tag = YTAG_NULL; tag < YTAG_MERGE; tag++)
		if (strcmp(ynode_tag_text(n), yaml_tag_name(tag)) == 0)
			break;
	n->tag = tag < YTAG_MERGE ? tag : YTAG_OTHER;
	switch (n->tag) {
	case YTAG_NULL:
	case YTAG_BOOL:
	case YTAG_INT:
	case YTAG_FLOAT:
	case YTAG_TIMESTAMP:
		break;
	case YTAG_BINARY:
		return decode_binary(b->a, n->text, &n->text) ||
		       yaml_fail(
			   b, "!!binary value contains invalid base64 data");
	case YTAG_STR:
	case YTAG_MERGE:
	case YTAG_SEQ:
	case YTAG_MAP:
	case YTAG_OTHER:
		return true;
	}
	if (found == n->tag || (n->tag == YTAG_FLOAT && found == YTAG_INT))
		return true;
	return err_set(b->e, ERR_PARSE,
	    "yaml: cannot decode %s `%.*s` as a %s", yaml_tag_name(found),
	    SV_ARG(n->text), ynode_tag_text(n));
}

static bool
add_scalar(struct builder *b, const yaml_event_t *event)
{
	struct ynode *n = new_node(b, YNODE_SCALAR, event->start_mark,
	    event->data.scalar.tag);
	char *text = arena_strndup(b->a,
	    (const char *)event->data.scalar.value,
	    event->data.scalar.length);

	n->text.n = event->data.scalar.length;
	if (b->has_hidden)
		colon_show(text, &n->text.n);
	n->text.p = text;
	n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	if (!n->tagged)
		n->tag = n->quoted ? YTAG_STR : yaml_resolve(n->text);
	else if (!apply_tag(b, n))
		return false;
	add_anchor(b, event->data.scalar.anchor, n);
	add_node(b, n, (struct extent){ 1, 1 });
	return true;
}

static bool
add_alias(struct builder *b, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = map_get(b->anchors, sv_of(name));

	if (anchor == NULL)
		return err_set(b->e, ERR_PARSE,
		    "yaml: unknown anchor '%s' referenced", name);
	if (anchor->open)
		return err_set(b->e, ERR_PARSE,
		    "yaml: anchor '%s' value contains itself", name);
	add_node(b, anchor->node, anchor->extent);
	return true;
}

static bool
too_deep(struct builder *b, int line)
{
	return err_set(b->e, ERR_PARSE,
	    "yaml: line %d: exceeded max depth of %d", line, YNODE_MAX_DEPTH);
}

static bool
open_collection(struct builder *b, enum ynode_kind kind,
    const yaml_event_t *event, const yaml_char_t *tag,
    const yaml_char_t *anchor)
{
	struct ynode *n = new_node(b, kind, event->start_mark, tag);
	struct frame f = { .node = n,
		.extent = { 1, 1 },
		.first = b->pending.n };

	if (b->open.n >= YNODE_MAX_DEPTH)
		return too_deep(b, n->line);
	n->tag = kind == YNODE_SEQ ? YTAG_SEQ : YTAG_MAP;
	f.anchor = add_anchor(b, anchor, n);
	if (f.anchor != NULL)
		f.anchor->open = true;
	vec_push(NULL, &b->open, f);
	return true;
}

static bool
close_collection(struct builder *b)
{
	struct frame f = b->open.v[--b->open.n];
	struct ynode *n = f.node;

	n->n = b->pending.n - f.first;
	n->items = arena_alloc(b->a, n->n * sizeof(*n->items));
	if (n->n > 0)
		memcpy(n->items, b->pending.v + f.first,
		    n->n * sizeof(*n->items));
	b->pending.n = f.first;
	if (f.anchor != NULL) {
		f.anchor->extent = f.extent;
		f.anchor->open = false;
	}
	if (f.extent.height + (int)b->open.n > YNODE_MAX_DEPTH)
		return too_deep(b, n->line);
	add_node(b, n, f.extent);
	return true;
}

/* false with an error, or with *done at the end of the first document. */
static bool
handle(struct builder *b, const yaml_event_t *event, bool *done)
{
	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		return true;
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		*done = true;
		return true;
	case YAML_ALIAS_EVENT:
		return add_alias(b, event);
	case YAML_SCALAR_EVENT:
		return add_scalar(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(b, YNODE_SEQ, event,
		    event->data.sequence_start.tag,
		    event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_collection(b, YNODE_MAP, event,
		    event->data.mapping_start.tag,
		    event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_collection(b);
	}
	return true;
}

/* go-yaml's bound: in small documents up to 99 % of the nodes may come from
 * aliases, in large ones down to 10 %. */
static bool
check_aliases(struct builder *b)
{
	const double low = 400000, high = 4000000;
	double total, aliased, allowed = 0.99;

	if (b->root == NULL)
		return true;
	total = (double)b->total;
	aliased = total - (double)b->nodes;
	if (total >= high)
		allowed = 0.10;
	else if (total > low)
		allowed = 0.99 - 0.89 * ((total - low) / (high - low));
	if (aliased > 100 && total > 1000 && aliased / total > allowed)
		return yaml_fail(b, "document contains excessive aliasing");
	return true;
}

static bool
build(struct builder *b)
{
	bool done = false;

	while (!done) {
		yaml_event_t event;
		bool good;

		if (!yaml_parser_parse(&b->parser, &event))
			return yaml_fail_parse(b);
		good = handle(b, &event, &done);
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return check_aliases(b);
}

/* Is libyaml at a colon that go-yaml would take? */
static bool
is_refused_colon(const yaml_parser_t *p)
{
	return p->error == YAML_SCANNER_ERROR && p->problem != NULL &&
	    strcmp(p->problem, "found unexpected ':'") == 0;
}

/* Parses once; *again is set where a colon was hidden and it is worth another
 * try. */
static bool
parse_once(struct builder *b, bool can_hide, bool *again)
{
	bool good;

	*again = false;
	b->root = NULL;
	b->nodes = 0;
	b->anchors = map_new(b->a);
	if (!yaml_parser_initialize(&b->parser))
		return yaml_fail(b, "out of memory");
	set_input(&b->parser, b->text);
	good = build(b);
	if (!good && can_hide && is_refused_colon(&b->parser))
		*again = colon_hide(b->a, &b->text,
		    b->parser.problem_mark.index);
	yaml_parser_delete(&b->parser);
	b->pending.n = b->open.n = 0;
	return good;
}

bool
yaml_read_events(struct arena *a, sv text, struct ynode **out, struct err *e)
{
	struct builder b = { .a = a, .text = text, .e = e };
	bool good, again, can_hide = colon_can_hide(text);

	good = parse_once(&b, can_hide, &again);
	for (int i = 1; again && i < MAX_HIDDEN; i++) {
		b.has_hidden = true;
		err_clear(e);
		good = parse_once(&b, can_hide, &again);
	}
	vec_free(&b.pending);
	vec_free(&b.open);
	*out = good ? b.root : NULL;
	return good;
}
