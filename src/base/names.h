/* SPDX-License-Identifier: MIT */
/*
 * What the system's name services know of users and hosts.  A program that is
 * linked statically cannot load them, and asks getent(1), which can.
 * May include: base/.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/vec.h"

typedef VEC(const char *) address_vec;

/* A user's home folder; NULL: there is no such user. */
const char *names_home_of(struct arena *a, const char *user);
/* The addresses of a host, as texts, in the order in which they are to be
 * tried; none where nobody knows it. */
void names_addresses_of(struct arena *a, const char *host, address_vec *out);

#endif
