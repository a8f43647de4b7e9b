/* SPDX-License-Identifier: MIT */
/* `[a, b]` and `{a: b}`, on as many lines as they like. */
#include "yaml/quick.h"

/* Over blanks, comments and line ends; false where a document ends. */
static bool
quick_flow_space(struct quick *q)
{
	const char *p = q->p;

	for (;;) {
		p = quick_skip_blanks(p);
		if (*p == '#' && (p == q->bol || p[-1] == ' '))
			p = memchr(p, '\n', (size_t)(q->end - p));
		if (*p != '\n')
			break;
		q->bol = ++p;
		q->line++;
		if (p == q->end || quick_is_marker(p))
			return false;
	}
	q->p = p;
	return true;
}

static struct ynode *
quick_flow_node(struct quick *q)
{
	return *q->p == '[' || *q->p == '{' ? quick_flow(q)
					    : quick_scalar(q, true);
}

/* Is the scalar from `start` to `p` a key?  Goes behind its colon. */
static bool
take_colon(struct quick *q, const struct ynode *n, const char *start)
{
	const char *p = quick_skip_blanks(q->p);

	if (*p != ':' || p - start > QUICK_KEY_MAX ||
	    n->line != (unsigned)q->line ||
	    (!n->quoted && p[1] != ' ' && p[1] != '\n'))
		return false;
	q->p = p + 1;
	return true;
}

/* A key and its value go to `pending`. */
static bool
quick_flow_pair(struct quick *q)
{
	const char *start = q->p;
	struct ynode *key = quick_scalar(q, true), *value = NULL;
	bool has_value;

	if (key == NULL)
		return false;
	has_value = take_colon(q, key, start);
	if (!quick_flow_space(q))
		return false;
	if (*q->p == ',' || *q->p == '}')
		value = quick_null(q, q->line, quick_column(q, q->p));
	else if (has_value)
		value = quick_flow_node(q);
	if (value == NULL)
		return false;
	vec_push(NULL, &q->pending, key);
	vec_push(NULL, &q->pending, value);
	return true;
}

static bool
quick_flow_item(struct quick *q)
{
	struct ynode *n = quick_flow_node(q);

	if (n != NULL)
		vec_push(NULL, &q->pending, n);
	return n != NULL;
}

static bool
quick_flow_items(struct quick *q, bool is_map)
{
	const char close = is_map ? '}' : ']';

	for (;;) {
		if (!quick_flow_space(q))
			return false;
		if (*q->p == close)
			break;
		if (!(is_map ? quick_flow_pair(q) : quick_flow_item(q)) ||
		    !quick_flow_space(q))
			return false;
		if (*q->p == close)
			break;
		if (*q->p != ',')
			return false;
		q->p++;
	}
	q->p++;
	return true;
}

struct ynode *
quick_flow(struct quick *q)
{
	bool is_map = *q->p == '{', good;
	struct ynode *n = is_map ? quick_new_node(q, YNODE_MAP, YTAG_MAP, q->p)
				 : quick_new_node(q, YNODE_SEQ, YTAG_SEQ, q->p);
	size_t first = q->pending.n;

	if (q->depth >= QUICK_DEPTH_MAX)
		return NULL;
	q->p++;
	q->depth++;
	good = quick_flow_items(q, is_map);
	q->depth--;
	if (good)
		quick_close(q, n, first);
	return good ? n : NULL;
}
