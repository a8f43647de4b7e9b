/* SPDX-License-Identifier: MIT */
#include "exec/steer.h"

#include "base/clock.h"

#define STEER_EVERY_NS (500 * NS_PER_MS)
/* Shares of the time in which something waited for memory. */
#define PRESSED 0.1
#define EASY    0.02

bool
steer_is_pressed(const struct machine *m)
{
	return m->mem_pressure >= PRESSED;
}

/* How many cores others keep busy; without a count of ticks by the load, in
 * which the own jobs are.  < 0: unknown. */
static double
cores_of_others(const struct steer *s, int64_t running, const struct machine *m,
    int64_t window_ns)
{
	double others = -1;

	if (m->cpu_busy >= 0)
		others = m->cpu_busy * s->cores -
			 (double)s->cpu_ns / (double)window_ns;
	else if (m->load_per_core >= 0)
		others = m->load_per_core * s->cores - (double)running;
	else
		return -1;
	return others < 0 ? 0 : others;
}

static int
wanted_bound(const struct steer *s, int now, int64_t running,
    const struct machine *m, int64_t window_ns)
{
	double others = cores_of_others(s, running, m, window_ns);
	int free =
	    others < 0 ? s->most : (int)((double)s->cores - others + 0.5);

	if (steer_is_pressed(m))
		return 1;
	if (m->mem_pressure > EASY && free > now)
		return now;
	return free;
}

void
steer_count(struct steer *s, int64_t cpu_ns)
{
	s->cpu_ns += cpu_ns;
}

bool
steer_is_due(const struct steer *s, int64_t now_ns)
{
	return !s->measures || now_ns - s->at_ns >= STEER_EVERY_NS;
}

int
steer_bound(struct steer *s, int now, int64_t running, const struct machine *m,
    int64_t now_ns)
{
	int wanted = now;

	if (s->measures)
		wanted = wanted_bound(s, now, running, m, now_ns - s->at_ns);
	s->measures = true;
	s->at_ns = now_ns;
	s->cpu_ns = 0;
	now += (wanted > now) - (wanted < now);
	if (now > s->most)
		now = s->most;
	return now < 1 ? 1 : now;
}
