/* SPDX-License-Identifier: MIT */
/* test and [: with up to three arguments, and a `!` in front of them. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/run.h"

enum verdict {
	VERDICT_NO,
	VERDICT_YES,
	VERDICT_BASH, /* it is bash's to say */
};

static enum verdict
verdict(bool yes)
{
	return yes ? VERDICT_YES : VERDICT_NO;
}

/* Up to 18 digits with a sign: what is more, or none, bash knows. */
static bool
test_number(const char *text, long long *out)
{
	const char *p = text + (*text == '-' || *text == '+');
	size_t n = strspn(p, "0123456789");

	*out = strtoll(text, NULL, 10);
	return n > 0 && n <= 18 && p[n] == '\0';
}

static enum verdict
test_compare(const char *op, const char *left, const char *right)
{
	long long a, b;

	if (!test_number(left, &a) || !test_number(right, &b))
		return VERDICT_BASH;
	if (strcmp(op, "-eq") == 0)
		return verdict(a == b);
	if (strcmp(op, "-ne") == 0)
		return verdict(a != b);
	if (strcmp(op, "-lt") == 0)
		return verdict(a < b);
	if (strcmp(op, "-le") == 0)
		return verdict(a <= b);
	if (strcmp(op, "-gt") == 0)
		return verdict(a > b);
	return verdict(a >= b);
}

static bool
is_operator(const char *op, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(op, *list) == 0)
			return true;
	return false;
}

static bool
is_binary(const char *op)
{
	static const char *const ops[] = { "=", "==", "!=", "-eq", "-ne", "-lt",
		"-le", "-gt", "-ge", NULL };

	return is_operator(op, ops);
}

/* Binary ones that bash has and that are left to it. */
static bool
is_other_binary(const char *op)
{
	static const char *const ops[] = { "<", ">", "-nt", "-ot", "-ef", "-a",
		"-o", "=~", NULL };

	return is_operator(op, ops);
}

static enum verdict
test_binary(const char *left, const char *op, const char *right)
{
	if (op[0] == '-')
		return test_compare(op, left, right);
	return verdict((strcmp(left, right) == 0) == (op[0] == '='));
}

static enum verdict
test_mode(const char *path, char op)
{
	int how = op == 'r' ? R_OK : op == 'w' ? W_OK : X_OK;

	return verdict(faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0);
}

static enum verdict
test_file(struct snippet_run *r, char op, const char *name)
{
	const char *path = run_path(r, name);
	struct stat st;

	if (path_is_strange(r, name))
		return VERDICT_BASH;
	if (op == 'L' || op == 'h')
		return verdict(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
	if (stat(path, &st) != 0)
		return VERDICT_NO;
	switch (op) {
	case 'e':
		return VERDICT_YES;
	case 'f':
		return verdict(S_ISREG(st.st_mode));
	case 'd':
		return verdict(S_ISDIR(st.st_mode));
	case 's':
		return verdict(st.st_size > 0);
	default:
		return test_mode(path, op);
	}
}

static enum verdict
test_two(struct snippet_run *r, const char *op, const char *arg)
{
	if (strcmp(op, "!") == 0)
		return verdict(*arg == '\0');
	if (op[0] != '-' || op[1] == '\0' || op[2] != '\0')
		return VERDICT_BASH;
	switch (op[1]) {
	case 'n':
		return verdict(*arg != '\0');
	case 'z':
		return verdict(*arg == '\0');
	case 'v':
		if (name_length(sv_of(arg), 0) != strlen(arg) || *arg == '\0')
			return VERDICT_BASH;
		return verdict(variable_get(r, sv_of(arg)) != NULL);
	default:
		break;
	}
	if (strchr("efdsrwxLh", op[1]) != NULL)
		return test_file(r, op[1], arg);
	return VERDICT_BASH;
}

static enum verdict
turned(enum verdict v)
{
	return v == VERDICT_BASH ? v : verdict(v == VERDICT_NO);
}

static enum verdict
test_of(struct snippet_run *r, const char *const *arg, size_t n)
{
	switch (n) {
	case 0:
		return VERDICT_NO;
	case 1:
		return verdict(arg[0][0] != '\0');
	case 2:
		return test_two(r, arg[0], arg[1]);
	case 3:
		if (is_binary(arg[1]))
			return test_binary(arg[0], arg[1], arg[2]);
		if (is_other_binary(arg[1]) || strcmp(arg[0], "!") != 0)
			return VERDICT_BASH;
		return turned(test_two(r, arg[1], arg[2]));
	case 4:
		if (strcmp(arg[0], "!") == 0 && is_binary(arg[2]))
			return turned(test_binary(arg[1], arg[2], arg[3]));
		return VERDICT_BASH;
	default:
		return VERDICT_BASH;
	}
}

enum builtin_end
builtin_test(struct snippet_run *r, const char *const *argv, size_t argc)
{
	size_t n = argc - 1;
	enum verdict v;

	if (strcmp(argv[0], "[") == 0) {
		if (n == 0 || strcmp(argv[argc - 1], "]") != 0)
			return BUILTIN_BASHES;
		n--;
	}
	v = test_of(r, argv + 1, n);
	if (v == VERDICT_BASH)
		return BUILTIN_BASHES;
	r->status = v == VERDICT_NO;
	return BUILTIN_ENDED;
}
