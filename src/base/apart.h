/* SPDX-License-Identifier: MIT */
/*
 * A few steps that belong together although this process may be killed between
 * them.
 * May include: nothing.
 */
#ifndef BASE_APART_H
#define BASE_APART_H

#include <stdbool.h>

/* Calls fn(arg) and waits for it.  Where the system can do it, that runs in a
 * process of its own with this one's memory and files, in a session of its own:
 * a signal that ends this process or its group, SIGKILL too, does not cut it
 * short, and locks of open files are held until it is done.  No signal is
 * handled meanwhile.  fn must not end the process, nor need much stack. */
void apart_call(void (*fn)(void *arg), void *arg);

#endif
