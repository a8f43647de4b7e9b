/* SPDX-License-Identifier: MIT */
#include "base/owner.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool
uid_is_ours(uid_t uid)
{
	const char *sudo_uid = getenv("SUDO_UID");
	unsigned long long said;
	char *end;

	if (uid == geteuid())
		return true;
	if (geteuid() != 0 || sudo_uid == NULL || *sudo_uid < '0' ||
	    *sudo_uid > '9')
		return false;
	said = strtoull(sudo_uid, &end, 10);
	return *end == '\0' && said == (unsigned long long)uid;
}

bool
dir_is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && uid_is_ours(st.st_uid) &&
	       stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       uid_is_ours(st.st_uid);
}

/* Whoever is root could do as it likes anyway. */
static bool
is_believed(uid_t uid)
{
	return uid == 0 || uid_is_ours(uid);
}

bool
file_is_ours(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return true;
	return is_believed(st.st_uid) &&
	       (stat(path, &st) != 0 || is_believed(st.st_uid));
}
