/* SPDX-License-Identifier: MIT */
/*
 * Who has sent a signal.
 * May include: nothing.
 */
#ifndef BASE_SENDER_H
#define BASE_SENDER_H

#include <signal.h>
#include <stdbool.h>

/* Did it come of a key, and so to all of the terminal's foreground?  For
 * handlers. */
static inline bool
signal_is_of_terminal(const siginfo_t *info)
{
#ifdef SI_KERNEL
	return info->si_code == SI_KERNEL;
#else
	return info->si_pid == 0;
#endif
}

#endif
