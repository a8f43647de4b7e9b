/* SPDX-License-Identifier: MIT */
#include "taskfile/file_text.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/io.h"

bool
file_text_read(struct arena *a, const char *path, bool waits,
    struct file_text *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	bool again;

	*out = (struct file_text){ .path = path };
	if (!read_file_into(&b, path, waits, &again, e))
		return false;
	if (!again || b.n < FILE_TEXT_LARGE) {
		out->text = sb_take(&b, a);
		return true;
	}
	out->text = (sv){ sb_cstr(&b), b.n };
	out->heap = b.p;
	b = (struct sb)SB_INIT;
	return true;
}

void
file_text_forget(struct file_text *t)
{
	if (t->heap == NULL)
		return;
	t->hash = hash64(t->text);
	free(t->heap);
	t->heap = NULL;
	t->text = (sv){ NULL, 0 };
}

sv
file_text_again(struct arena *a, const struct file_text *t)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	if (t->text.p != NULL)
		return t->text;
	if (t->path != NULL && read_file(a, t->path, &text, &ignored) &&
	    hash64(text) == t->hash)
		return text;
	return SV("");
}
