/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target is a function of any bytes, which must neither crash nor run
 * without end, whatever they are.  `make fuzz` makes a program of each, with
 * libFuzzer around it; replay.c has all of them, without.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#ifdef FUZZ_ENGINE
#define FUZZ_ENTRY(name)                                                      \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);         \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)          \
	{                                                                     \
		fuzz_##name((sv){ (const char *)data, size });                \
		return 0;                                                     \
	}
#else
#define FUZZ_ENTRY(name)
#endif

/* The head of a target: `text` is the input, without a NUL behind it. */
#define FUZZ_TARGET(name)                                                     \
	void fuzz_##name(sv text);                                            \
	FUZZ_ENTRY(name)                                                      \
	void fuzz_##name(sv text)

#endif
