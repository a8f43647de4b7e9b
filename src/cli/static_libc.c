/* SPDX-License-Identifier: MIT */
/*
 * What a program with a static C library cannot do, and the linker warns of:
 * to load a library, and to ask the name services.  SQLite and libuv could, and
 * prun never asks it of them; they get these answers (ld --wrap).
 */
#include <errno.h>
#include <pwd.h>
#include <stddef.h>

void *__wrap_dlopen(const char *path, int flags);
int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *buffer, size_t size,
    struct passwd **out);

void *
__wrap_dlopen(const char *path, int flags)
{
	(void)path;
	(void)flags;
	return NULL;
}

int
__wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *buffer, size_t size,
    struct passwd **out)
{
	(void)uid;
	(void)pw;
	(void)buffer;
	(void)size;
	*out = NULL;
	return ENOENT;
}
