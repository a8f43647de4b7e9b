/* SPDX-License-Identifier: MIT */
/*
 * Runs all groups of unit tests, or those whose name contains an argument:
 * `tests/unit/unit map`.
 */
#include <stdio.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *name;
	int (*run)(void);
} groups[] = {
#define GROUP(name) { #name, test_##name },
#include "groups.h"
#undef GROUP
};

static int
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]) != NULL)
			return 1;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (wanted(groups[i].name, argc, argv))
			failed += groups[i].run();
	return failed > 0;
}
