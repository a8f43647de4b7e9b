/* SPDX-License-Identifier: MIT */
#include "serve/names.h"

#include <sys/stat.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "base/utf8.h"

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool
name_has_control(sv text)
{
	for (size_t i = 0; i < text.n; i++)
		if (is_control(text.p[i]))
			return true;
	return false;
}

bool
task_name_is_one(sv name)
{
	return name.n > 0 && utf8_count(name) <= TASK_NAME_MAX &&
	       name.p[0] != '-' && !name_has_control(name) &&
	       sv_find_char(name, '=', 0) < 0;
}

bool
var_name_is_one(sv name)
{
	if (name.n == 0 || name.n > VAR_NAME_MAX ||
	    is_digit((unsigned char)name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_name_byte((unsigned char)name.p[i]))
			return false;
	return true;
}

bool
var_value_is_one(value v)
{
	return v.kind == VALUE_STRING &&
	       utf8_count(value_text(v)) <= VAR_VALUE_MAX &&
	       sv_find_char(value_text(v), '\0', 0) < 0;
}

/* 1 to 6 digits from *i on. */
static bool
batch_number(sv text, size_t *i)
{
	size_t from = *i;

	while (*i < text.n && is_digit((unsigned char)text.p[*i]))
		(*i)++;
	return *i > from && *i - from <= 6;
}

bool
batch_range_is_one(sv text)
{
	size_t i = 0;

	if (sv_is(text, "all"))
		return true;
	if (text.n > BATCH_RANGE_MAX)
		return false;
	for (;; i++) {
		if (!batch_number(text, &i))
			return false;
		if (i < text.n && text.p[i] == '-') {
			i++;
			if (!batch_number(text, &i))
				return false;
		}
		if (i == text.n)
			return true;
		if (text.p[i] != ',')
			return false;
	}
}

const char *
plan_file_fault(struct arena *a, const char *root, sv name)
{
	const char *real, *above = path_real(a, root);
	struct stat st;

	if (name.n == 0 || utf8_count(name) > PLAN_FILE_MAX ||
	    name_has_control(name) || name.p[0] == '/' || name.p[0] == '-')
		return "it is no path below the root of the project";
	real = path_join(a, sv_of(root), name);
	if (stat(real, &st) != 0 || !S_ISREG(st.st_mode))
		return "there is no such file";
	real = path_real(a, real);
	if (!sv_starts(sv_of(real), sv_of(above)) || real[strlen(above)] != '/')
		return "it is no path below the root of the project";
	return NULL;
}
