/* SPDX-License-Identifier: MIT */
#include "output/caught_fixture.h"

#include <stdio.h>

#include "output/spool.h"

static int
new_file(void)
{
	char path[] = "/tmp/prun-caught-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	return fd;
}

void
catch_begin(struct caught *c, bool merged)
{
	fflush(stdout);
	fflush(stderr);
	c->merged = merged;
	c->files[0] = new_file();
	c->files[1] = merged ? dup(c->files[0]) : new_file();
	for (int i = 0; i < 2; i++) {
		c->saved[i] = dup(i + 1);
		dup2(c->files[i], i + 1);
	}
}

static const char *
read_caught(struct arena *a, int fd)
{
	struct spool file = { .fd = fd };
	struct sb text cleanup_sb = SB_INIT;

	spool_read(&file, 0, (size_t)spool_look(&file), &text);
	spool_close(&file);
	return text.n > 0 ? sb_take(&text, a).p : "";
}

void
catch_end(struct caught *c, struct arena *a, const char **out,
    const char **err)
{
	const char *texts[2];

	for (int i = 0; i < 2; i++) {
		dup2(c->saved[i], i + 1);
		close(c->saved[i]);
	}
	for (int i = 0; i < 2; i++)
		texts[i] = read_caught(a, c->files[i]);
	*out = texts[0];
	if (err != NULL)
		*err = c->merged ? "" : texts[1];
}

static const char *
no_env(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

void
fixture_term(struct arena *a, struct term *t, bool color)
{
	term_init(a, t, color, no_env, NULL);
	t->ascii = false;
}

void
assert_row(const char *row, const char *what, const char *got,
    const char *want)
{
	if (got == NULL || strcmp(got, want) != 0)
		print_error("row: %s\n%s is:\n%s\nand not:\n%s\n", row, what,
		    got == NULL ? "(none)" : got, want);
	assert_true(got != NULL && strcmp(got, want) == 0);
}
