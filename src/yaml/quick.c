/* SPDX-License-Identifier: MIT */
/* Documents, lines, and the collections that indentation makes. */
#include "yaml/quick.h"

bool
quick_is_marker(const char *p)
{
	/* a text ends with a line end, where both comparisons stop */
	return (*p == '-' || *p == '.') && p[1] == *p && p[2] == *p &&
	       (p[3] == ' ' || p[3] == '\n' || p[3] == '\t');
}

/* From the start of a line to the first token on it or below, where `p` and
 * `indent` then are; false at what is no token of this document. */
static bool
quick_next_line(struct quick *q)
{
	const char *p = q->p, *bol;
	int line = q->line;

	for (;; p++, line++) {
		bol = p;
		if (p == q->end)
			break;
		p = quick_skip_blanks(p);
		if (*p == '#')
			p = memchr(p, '\n', (size_t)(q->end - p));
		else if (*p != '\n')
			break;
	}
	q->p = p;
	q->bol = bol;
	q->line = line;
	q->indent = (int)(p - bol);
	if (p == q->end)
		q->indent = -1;
	else if (*p == '\t' || (p == bol && quick_is_marker(p)))
		return false;
	return true;
}

/* The same from the end of a token, behind which nothing else may stand. */
static bool
quick_end_line(struct quick *q)
{
	const char *p = quick_line_end(q, q->p);

	if (p == NULL)
		return false;
	q->p = p + 1;
	q->line++;
	return quick_next_line(q);
}

int
quick_count_column(struct quick *q, const char *at)
{
	if (q->counted < q->bol || q->counted > at) {
		q->counted = q->bol;
		q->chars = 0;
	}
	for (; q->counted < at; q->counted++)
		q->chars += ((unsigned char)*q->counted & 0xC0) != 0x80;
	return q->chars + 1;
}

struct ynode *
quick_null(struct quick *q, int line, int column)
{
	struct ynode *n = arena_new_of(q->nodes, struct ynode);

	*n = (struct ynode){ .line = (unsigned)line,
		.column = (unsigned)column,
		.kind = YNODE_SCALAR,
		.tag = YTAG_NULL,
		.text = SV("") };
	return n;
}

void
quick_close(struct quick *q, struct ynode *n, size_t first)
{
	size_t count = q->pending.n - first;

	n->items = arena_alloc(q->nodes, count * sizeof(*n->items));
	n->n = count;
	if (count > 0)
		memcpy(
		    n->items, q->pending.v + first, count * sizeof(*n->items));
	q->pending.n = first;
}

static bool
is_dash(const char *p)
{
	return *p == '-' && (p[1] == ' ' || p[1] == '\n');
}

/* Is the scalar from `start` to `p` a key?  Goes to its colon. */
static bool
find_colon(struct quick *q, const struct ynode *n, const char *start)
{
	const char *p = quick_skip_blanks(q->p);

	if (*p != ':' || (p[1] != ' ' && p[1] != '\n') ||
	    p - start > QUICK_KEY_MAX || n->line != (unsigned)q->line)
		return false;
	q->p = p;
	return true;
}

static struct ynode *quick_node(struct quick *q, int outer);
static struct ynode *quick_seq(struct quick *q, int column, bool is_indentless);

/* Behind the colon of a key, or the dash of an item, of a collection at column
 * `outer`, with nothing more on the line. */
static struct ynode *
quick_below(struct quick *q, int outer, bool of_key)
{
	int line = q->line, column = quick_column(q, q->p);

	if (!quick_end_line(q))
		return NULL;
	if (q->indent > outer)
		return quick_node(q, outer);
	/* items may stand right below the key that they belong to */
	if (of_key && q->indent == outer && is_dash(q->p))
		return quick_seq(q, outer, true);
	return quick_null(q, line, column);
}

/* Blanks have been skipped. */
static bool
is_line_over(const char *p)
{
	return *p == '\n' || *p == '#';
}

/* A scalar that is no key: with the lines that belong to it. */
static bool
end_scalar(struct quick *q, struct ynode *n, int outer)
{
	const char *end = q->p;
	int line = q->line;

	if (!quick_end_line(q))
		return false;
	if (q->indent <= outer)
		return true;
	q->p = end;
	q->line = line;
	return quick_more_lines(q, n, outer) && quick_end_line(q);
}

/* A node that is no block collection. */
static struct ynode *
quick_leaf(struct quick *q, int outer)
{
	struct ynode *n;
	bool good;

	if (*q->p == '|' || *q->p == '>') {
		n = quick_block_scalar(q, outer);
		good = n != NULL && quick_next_line(q);
	} else if (*q->p == '[' || *q->p == '{') {
		n = quick_flow(q);
		good = n != NULL && quick_end_line(q);
	} else {
		n = quick_scalar(q, false);
		good = n != NULL && end_scalar(q, n, outer);
	}
	/* nothing stands deeper below it */
	return good && q->indent <= outer ? n : NULL;
}

/* `p` is behind the colon of a key at column `outer`. */
static struct ynode *
quick_value(struct quick *q, int outer)
{
	const char *p = quick_skip_blanks(q->p);

	if (is_line_over(p))
		return quick_below(q, outer, true);
	q->p = p;
	return quick_leaf(q, outer);
}

/* `p` is at the colon of the first key. */
static struct ynode *
quick_map(struct quick *q, int column, struct ynode *key, struct ynode *map)
{
	size_t first = q->pending.n;

	for (;;) {
		struct ynode *value;
		const char *start;

		q->p++;
		value = quick_value(q, column);
		if (value == NULL)
			return NULL;
		vec_push(NULL, &q->pending, key);
		vec_push(NULL, &q->pending, value);
		if (q->indent != column)
			break;
		start = q->p;
		key = quick_scalar(q, false);
		if (key == NULL || !find_colon(q, key, start))
			return NULL;
	}
	quick_close(q, map, first);
	return map;
}

/* `p` is at the first dash. */
static struct ynode *
quick_seq(struct quick *q, int column, bool is_indentless)
{
	struct ynode *seq = quick_new_node(q, YNODE_SEQ, YTAG_SEQ, q->p);
	size_t first = q->pending.n;

	do {
		const char *p = quick_skip_blanks(++q->p);
		struct ynode *item;

		if (is_line_over(p)) {
			item = quick_below(q, column, false);
		} else {
			q->p = p;
			item = quick_node(q, column);
		}
		if (item == NULL)
			return NULL;
		vec_push(NULL, &q->pending, item);
	} while (q->indent == column && is_dash(q->p));
	if (q->indent == column && !is_indentless)
		return NULL;
	quick_close(q, seq, first);
	return seq;
}

/* Where a key may begin, that is on a line of its own or behind a dash, which
 * a scalar with a colon behind it then is. */
static struct ynode *
quick_node_here(struct quick *q, int outer)
{
	const char *start = q->p;
	int column = (int)(start - q->bol);
	struct ynode *n, *map;

	if (is_dash(start))
		return quick_seq(q, column, false);
	if (*start == '|' || *start == '>' || *start == '[' || *start == '{')
		return quick_leaf(q, outer);
	n = quick_scalar(q, false);
	if (n == NULL)
		return NULL;
	if (!find_colon(q, n, start))
		return end_scalar(q, n, outer) ? n : NULL;
	map = quick_new_node(q, YNODE_MAP, YTAG_MAP, start);
	return quick_map(q, column, n, map);
}

static struct ynode *
quick_node(struct quick *q, int outer)
{
	struct ynode *n = NULL;

	if (q->depth < QUICK_DEPTH_MAX) {
		q->depth++;
		n = quick_node_here(q, outer);
		q->depth--;
	}
	return n != NULL && q->indent <= outer ? n : NULL;
}

/* One document and nothing else; the `---` before it on a line of its own. */
static struct ynode *
quick_document(struct quick *q)
{
	if (!quick_next_line(q)) {
		if (strncmp(q->p, "---", 3) != 0)
			return NULL;
		q->p += 3;
		if (!quick_end_line(q))
			return NULL;
	}
	return q->indent < 0 ? NULL : quick_node(q, -1);
}

static bool
read_quick(struct arena *a, struct arena *nodes, sv text, struct ynode **out)
{
	char *ended cleanup_free = NULL;
	struct quick q = { .nodes = nodes, .src = text.p, .line = 1 };

	if (text.n == 0 || text.n >= YNODE_MARK_MAX ||
	    !quick_check_text(text, &q.is_ascii))
		return false;
	q.copy = arena_strndup(a, text.p, text.n);
	if (text.p[text.n - 1] != '\n') {
		q.is_unended = true;
		ended = xmalloc(text.n + 1);
		memcpy(ended, text.p, text.n);
		ended[text.n++] = '\n';
		q.src = ended;
	}
	q.p = q.bol = q.src;
	q.end = q.src + text.n;
	*out = quick_document(&q);
	vec_free(&q.pending);
	return *out != NULL;
}

bool
yaml_read_quick(
    struct arena *a, struct arena *nodes, sv text, struct ynode **out)
{
	struct arena_mark mark = arena_mark(a), nodes_mark = arena_mark(nodes);

	if (read_quick(a, nodes, text, out))
		return true;
	arena_release(nodes, nodes_mark);
	arena_release(a, mark);
	return false;
}
