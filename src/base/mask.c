/* SPDX-License-Identifier: MIT */
#include "base/mask.h"

#include <stdint.h>
#include <stdlib.h>

struct mask {
	sv *secrets; /* longest first, so that the longer one wins */
	size_t n;
	struct sb held;
};

static int
longest_first(const void *x, const void *y)
{
	const sv *a = x, *b = y;

	return (a->n < b->n) - (a->n > b->n);
}

struct mask *
mask_new_empty(void)
{
	return xcalloc(1, sizeof(struct mask));
}

void
mask_learn(struct mask *m, const char *const *secrets, size_t n)
{
	m->secrets = xrealloc(m->secrets, (m->n + n) * sizeof(*m->secrets));
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(secrets[i]);

		if (len >= MASK_MIN)
			m->secrets[m->n++] =
			    (sv){ xstrndup(secrets[i], len), len };
	}
	if (m->n > 0)
		qsort(m->secrets, m->n, sizeof(*m->secrets), longest_first);
}

struct mask *
mask_new(const char *const *secrets, size_t n)
{
	struct mask *m = mask_new_empty();

	mask_learn(m, secrets, n);
	if (m->n > 0)
		return m;
	mask_free(m);
	return NULL;
}

void
mask_free(struct mask *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		free((char *)m->secrets[i].p);
	free(m->secrets);
	sb_free(&m->held);
	free(m);
}

/* Bytes of the longest secret at the head of s, 0 for none; *open says that a
 * longer one may still come. */
static size_t
secret_at(const struct mask *m, sv s, bool *open)
{
	*open = false;
	for (size_t i = 0; i < m->n; i++) {
		sv secret = m->secrets[i];

		if (s.n < secret.n && sv_starts(secret, s))
			*open = true;
		else if (sv_starts(s, secret))
			return secret.n;
	}
	return 0;
}

static void
scan(struct mask *m, bool at_end, struct sb *out)
{
	sv s = sb_sv(&m->held);
	size_t i = 0;

	while (i < s.n) {
		bool open;
		size_t n = secret_at(m, sv_sub(s, i, SIZE_MAX), &open);

		if (open && !at_end)
			break;
		if (n > 0)
			sb_adds(out, MASK_TEXT);
		else
			sb_addc(out, s.p[i]);
		i += n > 0 ? n : 1;
	}
	memmove(m->held.p, m->held.p + i, m->held.n - i);
	m->held.n -= i;
}

void
mask_add(struct mask *m, sv bytes, struct sb *out)
{
	if (bytes.n == 0)
		return;
	sb_addv(&m->held, bytes);
	scan(m, false, out);
}

void
mask_end(struct mask *m, struct sb *out)
{
	if (m->held.n > 0)
		scan(m, true, out);
}
