/* SPDX-License-Identifier: MIT */
/*
 * Names that mean something to bash.
 * May include: base/.
 */
#ifndef SHELL_NAMES_H
#define SHELL_NAMES_H

#include "base/str.h"

/* A name of the shell's own: builtin or keyword. */
bool shell_name_is_own(sv name);
/* A keyword, where a command may begin. */
bool shell_name_is_keyword(sv name);
/* A variable that bash, or prun in front of it, makes up, or whose value it
 * goes by: what is in it, or comes of setting it, only bash knows. */
bool shell_variable_is_special(sv name);
/* One that bash makes up only where the environment has none. */
bool shell_variable_has_default(sv name);

#endif
