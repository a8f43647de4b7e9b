/* SPDX-License-Identifier: MIT */
/*
 * What the machine has and how busy it is: usable cores for the number of slots
 * (P-201), load and memory for the gates (P-205).
 * May include: base/.
 */
#ifndef EXEC_MACHINE_H
#define EXEC_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Cores that this process may use: affinity mask and cgroup cpu quota honoured;
 * at least 1. */
int cores_usable(void);
/* The quota alone, rounded up to cores; 0: none.  `self_cgroup` is the text of
 * /proc/self/cgroup, `root` where cgroups are mounted. */
int cores_of_cgroup(sv self_cgroup, const char *root);

struct machine {
	double cpu_busy;       /* share of all cores since the last reading,
				* 0 to 1; < 0: unknown */
	double load_per_core;  /* load average of a minute; < 0: unknown */
	double pressure;       /* share of time in which something waited for a
				* core, over 10 s; < 0: unknown */
	double mem_pressure;   /* the same for memory */
	int64_t mem_available; /* bytes; < 0: unknown */
	int64_t mem_total;
	/* private: for the next difference */
	uint64_t busy_ticks, all_ticks;
};
#define MACHINE_INIT                                                           \
	{                                                                      \
		-1, -1, -1, -1, -1, -1, 0, 0                                   \
	}

/* Reads all again into *m; what cannot be read keeps "unknown". */
void machine_read(struct machine *m);
/* Load and pressure of memory alone, which is a third of that. */
void machine_read_shortage(struct machine *m);
/* The cores of the machine, whoever may use them; at least 1. */
int cores_online(void);
/* The texts of /proc/stat, /proc/meminfo and of a file in /proc/pressure. */
void machine_parse_stat(struct machine *m, sv text);
void machine_parse_meminfo(struct machine *m, sv text);
void machine_parse_pressure(double *share, sv text);
/* Whether one more job may start: cpu use at most `max_load` (1.0: all cores;
 * <= 0: no bound), available memory at least `min_free` (<= 0: no bound).
 * What is unknown never forbids. */
bool machine_allows(const struct machine *m, double max_load,
    int64_t min_free);

#endif
