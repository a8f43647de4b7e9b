/* SPDX-License-Identifier: MIT */
/* What every *_test.c includes: cmocka with the headers that it wants first. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define GROUP(name) int test_##name(void);
#include "groups.h"
#undef GROUP

#endif
