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

#include "base/io.h"
#include "base/str.h"

/* What getent prints of a name; nothing where it knows none, or where there is
 * no such program.  A name in quotes is nothing else to the shell. */
static sv
ask_getent(struct arena *a, const char *database, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text = SV("");
	FILE *f;

	if (*name == '\0' || *name == '-' || strchr(name, '\'') != NULL)
		return text;
	f = popen(arena_concat(a, "PATH=/usr/bin:/bin exec getent ", database,
		      " '", name, "' 2>/dev/null </dev/null", NULL),
	    "re");
	if (f == NULL)
		return text;
	(void)read_fd(a, fileno(f), 0, &text, &ignored);
	pclose(f);
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
