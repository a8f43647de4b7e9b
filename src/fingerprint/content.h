/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 of files, for what leaves this machine or is shared; remembered beside
 * the digests of memo.h, by the same signs that a file is unchanged.
 * May include: base/.
 */
#ifndef FINGERPRINT_CONTENT_H
#define FINGERPRINT_CONTENT_H

#include <sys/stat.h>

#include "base/sha256.h"
#include "fingerprint/memo.h"

/* *sig gets what the file was when it was read.  false: it cannot be read, or
 * was written meanwhile. */
bool content_sha256(struct memo *m, const char *path, struct file_sig *sig,
    uint8_t out[SHA256_SIZE]);
/* Is a file with these signs known to have that digest?  And: it has it. */
bool content_is(
    struct memo *m, const struct stat *st, const uint8_t sum[SHA256_SIZE]);
void content_note(
    struct memo *m, const struct stat *st, const uint8_t sum[SHA256_SIZE]);
/* Appends it; a text that is like no other where there is none. */
void content_add(struct sb *b, struct memo *m, const char *path);

#endif
