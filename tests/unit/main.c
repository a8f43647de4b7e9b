/* SPDX-License-Identifier: MIT */
/*
 * Runs all groups of unit tests, or those whose name contains an argument:
 * `tests/unit/unit base/map`, `tests/unit/unit map`.
 */
#include <signal.h>
#include <stdbool.h>
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

/* Groups are printed with the slash of their file's path. */
static bool
contains(const char *name, const char *part)
{
	size_t n = strlen(part);

	for (; strlen(name) >= n; name++) {
		size_t i = 0;

		while (i < n && name[i] == (part[i] == '/' ? '_' : part[i]))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

static bool
is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (contains(name, argv[i]))
			return true;
	return argc < 2;
}

/* Jobs inherit what is ignored or blocked, and the tests send them signals:
 * nohup, or a shell that starts this in the background, must not decide. */
static void
reset_signals(void)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM,
		SIGTERM, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1,
		SIGUSR2, SIGWINCH, SIGXFSZ };
	sigset_t none;

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		signal(sigs[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int
main(int argc, char **argv)
{
	int failed = 0, ran = 0;

	reset_signals();
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (is_wanted(groups[i].name, argc, argv)) {
			failed += groups[i].run();
			ran++;
		}
	if (ran == 0)
		fprintf(stderr, "no group of unit tests has such a name\n");
	return failed > 0 || ran == 0;
}
