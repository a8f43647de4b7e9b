/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/machine.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

/* A small file in one read, NUL-terminated; an empty sv when there is none. */
static sv
machine_read_small(const char *path, char *buffer, size_t size)
{
	int fd cleanup_close = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buffer, size - 1);

	if (n < 0)
		n = 0;
	buffer[n] = '\0';
	return (sv){ buffer, (size_t)n };
}

/* Cores ------------------------------------------------------------------ */

static int
cores_of_quota(long long quota, long long period)
{
	if (quota <= 0 || period <= 0)
		return 0;
	return (int)((quota + period - 1) / period);
}

/* "MAX PERIOD" or "max PERIOD" of one v2 group. */
static int
quota_v2(const char *dir)
{
	char path[PATH_MAX], text[128], *end;
	long long quota;

	if ((size_t)snprintf(path, sizeof(path), "%s/cpu.max", dir) >=
	    sizeof(path))
		return 0;
	if (machine_read_small(path, text, sizeof(text)).n == 0)
		return 0;
	quota = strtoll(text, &end, 10);
	return end == text ? 0 : cores_of_quota(quota, strtoll(end, NULL, 10));
}

static int
quota_v1(const char *dir)
{
	char path[PATH_MAX], quota[64], period[64];

	if ((size_t)snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", dir) >=
	    sizeof(path))
		return 0;
	machine_read_small(path, quota, sizeof(quota));
	if ((size_t)snprintf(path, sizeof(path), "%s/cpu.cfs_period_us",
	    dir) >= sizeof(path))
		return 0;
	machine_read_small(path, period, sizeof(period));
	return cores_of_quota(strtoll(quota, NULL, 10),
	    strtoll(period, NULL, 10));
}

/* The smallest bound of a group and those above it. */
static int
quota_upwards(const char *root, sv group, int (*quota)(const char *dir))
{
	char dir[PATH_MAX];
	int least = 0;

	while (group.n > 0 && group.p[group.n - 1] == '/')
		group.n--;
	for (;;) {
		int n;

		if ((size_t)snprintf(dir, sizeof(dir), "%s%.*s", root,
		    SV_ARG(group)) >= sizeof(dir))
			return least;
		n = quota(dir);
		if (n > 0 && (least == 0 || n < least))
			least = n;
		if (group.n == 0)
			return least;
		while (group.n > 0 && group.p[--group.n] != '/')
			;
	}
}

static bool
lists_cpu(sv controllers)
{
	bool more = true, found = false;
	sv one;

	while (more) {
		more = sv_cut(controllers, ',', &one, &controllers);
		found |= sv_is(one, "cpu");
	}
	return found;
}

int
cores_of_cgroup(sv text, const char *root)
{
	char cpu[PATH_MAX];
	bool more = true;
	int least = 0;

	while (more) {
		sv line, number, controllers, group;
		int n = 0;

		more = sv_cut(text, '\n', &line, &text);
		if (!sv_cut(line, ':', &number, &line) ||
		    !sv_cut(line, ':', &controllers, &group))
			continue;
		if (controllers.n == 0) {
			n = quota_upwards(root, group, quota_v2);
		} else if (lists_cpu(controllers)) {
			snprintf(cpu, sizeof(cpu), "%s/cpu", root);
			n = quota_upwards(cpu, group, quota_v1);
		}
		if (n > 0 && (least == 0 || n < least))
			least = n;
	}
	return least;
}

int
cores_online(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (int)n;
}

static int
cores_allowed(void)
{
#ifdef PRUN_LINUX
	cpu_set_t set;

	/* fails above 1,024 cores; then all are taken to be allowed */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return CPU_COUNT(&set);
#endif
	return cores_online();
}

int
cores_usable(void)
{
	char text[4096];
	int n = cores_allowed(), quota;

	quota = cores_of_cgroup(
	    machine_read_small("/proc/self/cgroup", text, sizeof(text)),
	    "/sys/fs/cgroup");
	if (quota > 0 && quota < n)
		n = quota;
	return n < 1 ? 1 : n;
}

/* Load ------------------------------------------------------------------- */

void
machine_parse_stat(struct machine *m, sv text)
{
	/* user nice system idle iowait irq softirq steal */
	uint64_t ticks[8] = { 0 }, all = 0, idle;
	const char *at = text.p;
	char *end;

	if (!sv_starts(text, SV("cpu ")))
		return;
	at += 4;
	for (int i = 0; i < 8; i++) {
		ticks[i] = strtoull(at, &end, 10);
		all += ticks[i];
		at = end;
	}
	idle = ticks[3] + ticks[4];
	if (m->all_ticks != 0 && all > m->all_ticks)
		m->cpu_busy = (double)(all - idle - m->busy_ticks) /
		    (double)(all - m->all_ticks);
	m->busy_ticks = all - idle;
	m->all_ticks = all;
}

static int64_t
meminfo_bytes(sv text, sv name)
{
	ptrdiff_t at = sv_find(text, name, 0);

	if (at < 0)
		return -1;
	return strtoll(text.p + at + name.n, NULL, 10) * 1024;
}

void
machine_parse_meminfo(struct machine *m, sv text)
{
	m->mem_available = meminfo_bytes(text, SV("MemAvailable:"));
	m->mem_total = meminfo_bytes(text, SV("MemTotal:"));
}

void
machine_parse_pressure(double *share, sv text)
{
	ptrdiff_t at = sv_find(text, SV("avg10="), 0);

	if (sv_starts(text, SV("some ")) && at >= 0)
		*share = strtod(text.p + at + 6, NULL) / 100;
}

#ifndef PRUN_LINUX
static void
read_pages(struct machine *m)
{
#if defined(_SC_AVPHYS_PAGES) && defined(_SC_PHYS_PAGES)
	long size = sysconf(_SC_PAGESIZE), free_pages, pages;

	free_pages = sysconf(_SC_AVPHYS_PAGES);
	pages = sysconf(_SC_PHYS_PAGES);
	if (size > 0 && free_pages >= 0 && pages >= 0) {
		m->mem_available = (int64_t)free_pages * size;
		m->mem_total = (int64_t)pages * size;
	}
#else
	(void)m;
#endif
}
#endif

void
machine_read_shortage(struct machine *m)
{
	double load[1];

	if (getloadavg(load, 1) == 1)
		m->load_per_core = load[0] / cores_allowed();
#ifdef PRUN_LINUX
	{
		char text[256];

		machine_parse_pressure(&m->mem_pressure,
		    machine_read_small(
			"/proc/pressure/memory", text, sizeof(text)));
	}
#endif
}

void
machine_read(struct machine *m)
{
	machine_read_shortage(m);
#ifdef PRUN_LINUX
	{
		char text[8192];

		machine_parse_stat(
		    m, machine_read_small("/proc/stat", text, sizeof(text)));
		machine_parse_meminfo(
		    m, machine_read_small("/proc/meminfo", text, sizeof(text)));
		machine_parse_pressure(
		    &m->pressure, machine_read_small("/proc/pressure/cpu", text,
				      sizeof(text)));
	}
#else
	read_pages(m);
#endif
}

bool
machine_allows(const struct machine *m, double max_load, int64_t min_free)
{
	if (min_free > 0 && m->mem_available >= 0 &&
	    m->mem_available < min_free)
		return false;
	if (max_load <= 0)
		return true;
	/* The first reading has no difference to tell cpu use by. */
	if (m->cpu_busy >= 0)
		return m->cpu_busy <= max_load;
	return m->load_per_core < 0 || m->load_per_core <= max_load;
}
