/* SPDX-License-Identifier: MIT */
#ifndef ROMAN_H
#define ROMAN_H

#include <stddef.h>

/* Writes a number (1 to 3999) in Roman digits; needs 16 bytes.  Returns -1
 * where there are none for it, or they do not fit. */
int roman_write(char *to, size_t size, unsigned number);

/* The number that Roman digits stand for, 0 where they are wrong. */
unsigned roman_read(const char *text);

#endif
