/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/names.h"

#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#ifndef PRUN_STATIC

const char *
names_home_of(struct arena *a, const char *user)
{
	const struct passwd *pw = getpwnam(user);

	return pw == NULL ? NULL : arena_strdup(a, pw->pw_dir);
}

void
names_addresses_of(struct arena *a, const char *host, address_vec *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char text[NI_MAXHOST];

	*out = (address_vec){ 0 };
	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return;
	for (const struct addrinfo *ai = found; ai != NULL; ai = ai->ai_next)
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) == 0)
			vec_push(a, out, arena_strdup(a, text));
	freeaddrinfo(found);
}

#else

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"

extern char **environ;

static bool
spawn_getent(const char *database, const char *name,
    const posix_spawn_file_actions_t *actions, pid_t *pid)
{
	static const char *const paths[] = { "/usr/bin/getent", "/bin/getent" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const char *const argv[] = { paths[i], database, name, NULL };

		if (posix_spawn(pid, paths[i], actions, NULL,
			(char *const *)argv, environ) == 0)
			return true;
	}
	return false;
}

/* What getent prints of a name; nothing where it knows none, or where there is
 * no such program. */
static sv
ask_getent(struct arena *a, const char *database, const char *name)
{
	posix_spawn_file_actions_t actions;
	struct err ignored cleanup_err = ERR_INIT;
	sv text = SV("");
	bool has_begun;
	int fds[2];
	pid_t pid;

	if (*name == '\0' || *name == '-' || pipe2(fds, O_CLOEXEC) != 0)
		return SV("");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	has_begun = spawn_getent(database, name, &actions, &pid);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (has_begun) {
		(void)read_fd(a, fds[0], 0, &text, &ignored);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	return text;
}

/* The home folder is the sixth of seven fields. */
static const char *
home_of_line(struct arena *a, sv line)
{
	sv field = SV("");

	for (int i = 0; i < 6; i++)
		if (!sv_cut(line, ':', &field, &line))
			return NULL;
	return sv_cstr(a, field);
}

const char *
names_home_of(struct arena *a, const char *user)
{
	FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw;
	const char *home = NULL;
	sv line, rest;

	while (f != NULL && home == NULL && (pw = fgetpwent(f)) != NULL)
		if (strcmp(pw->pw_name, user) == 0)
			home = arena_strdup(a, pw->pw_dir);
	if (f != NULL)
		fclose(f);
	if (home != NULL)
		return home;
	/* a number would be looked for among the numbers */
	if (strspn(user, "0123456789") == strlen(user))
		return NULL;
	sv_cut(ask_getent(a, "passwd", user), '\n', &line, &rest);
	return home_of_line(a, line);
}

/* "ADDRESS STREAM NAME" among others. */
void
names_addresses_of(struct arena *a, const char *host, address_vec *out)
{
	sv text = ask_getent(a, "ahosts", host), line, address, kind;

	*out = (address_vec){ 0 };
	while (sv_cut(text, '\n', &line, &text)) {
		sv_cut(line, ' ', &address, &kind);
		if (sv_starts(sv_trim(kind), SV("STREAM")))
			vec_push(a, out, sv_cstr(a, address));
	}
}

#endif
