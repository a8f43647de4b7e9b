/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/descendants.h"

#include <stdlib.h>

static const struct proc *
desc_find(const proc_vec *all, pid_t pid)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->v[mid].pid == pid)
			return &all->v[mid];
		if (all->v[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static const struct proc *
desc_member(const struct descendants *k, pid_t pid)
{
	for (size_t i = 0; i < k->members.n; i++)
		if (k->members.v[i].pid == pid)
			return &k->members.v[i];
	return NULL;
}

void
descendants_add_group(struct descendants *k, pid_t group, uint64_t until)
{
	struct descendant_group g = { group, until };

	vec_push(NULL, &k->groups, g);
}

void
descendants_add_root(struct descendants *k, pid_t pid)
{
	k->root = pid;
}

void
descendants_leader_gone(struct descendants *k, pid_t group, uint64_t when)
{
	if (k->root == group)
		k->root = 0;
	for (size_t i = 0; i < k->groups.n; i++)
		if (k->groups.v[i].id == group && k->groups.v[i].until == 0)
			k->groups.v[i].until = when;
}

void
descendants_prune_groups(struct descendants *k, bool (*lives)(pid_t group))
{
	size_t n = 0;

	for (size_t i = 0; i < k->groups.n; i++)
		if (lives(k->groups.v[i].id))
			k->groups.v[n++] = k->groups.v[i];
	k->groups.n = n;
}

void
descendants_add_runner(struct descendants *k, pid_t pid)
{
	vec_push(NULL, &k->runners, pid);
}

static bool
is_runner(const struct descendants *k, pid_t pid)
{
	for (size_t i = 0; i < k->runners.n; i++)
		if (k->runners.v[i] == pid)
			return true;
	return false;
}

/* Whether a process has taken the number of the group since its leader ended;
 * who is dead, and was there before, is that leader. */
static bool
has_new_leader(const struct descendant_group *g, const proc_vec *all)
{
	const struct proc *leader = desc_find(all, g->id);

	return leader != NULL && !(leader->zombie && leader->start <= g->until);
}

/* In one of the groups that are known to be the job's.  With the leader gone
 * the number is free once the group is empty: then a process of that pid is a
 * new leader, and only who was there before proves that it is the old group. */
static bool
is_of_group(
    const struct descendants *k, const proc_vec *all, const struct proc *p)
{
	for (size_t i = 0; i < k->groups.n; i++) {
		const struct descendant_group *g = &k->groups.v[i];

		if (g->id == p->pgid &&
		    (g->until == 0 ||
			(p->start <= g->until && !has_new_leader(g, all))))
			return true;
	}
	return false;
}

/* One pid, one start, and the parent of before unless that one is gone: the
 * start alone, known to the second, might be that of a successor. */
static bool
is_remembered(
    const struct descendants *k, const proc_vec *all, const struct proc *p)
{
	const struct proc *was = desc_member(k, p->pid), *parent;

	if (was == NULL || was->start != p->start)
		return false;
	if (was->ppid == p->ppid)
		return true;
	parent = desc_find(all, was->ppid);
	return parent == NULL || parent->zombie;
}

static bool
was_led(const struct descendants *k, pid_t group)
{
	for (size_t i = 0; i < k->led.n; i++)
		if (k->led.v[i] == group)
			return true;
	for (size_t i = 0; i < k->groups.n; i++)
		if (k->groups.v[i].id == group)
			return true;
	return false;
}

/* Somebody of `now`, the members found so far, is in its group, which a member
 * once made.  A group with somebody in it keeps its number. */
static bool
is_of_led_group(
    const struct descendants *k, const proc_vec *now, const struct proc *p)
{
	if (!was_led(k, p->pgid))
		return false;
	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].pgid == p->pgid)
			return true;
	return false;
}

/* Puts it among `now`, with the outermost nested run above it. */
static void
desc_join(struct descendants *k, proc_vec *now, const struct proc *p)
{
	const struct proc *was = desc_member(k, p->pid);
	struct proc m = *p;

	if (was != NULL && was->start == p->start)
		m.runner = was->runner;
	for (size_t i = 0; i < now->n && m.runner == 0; i++)
		if (now->v[i].pid == p->ppid)
			m.runner = now->v[i].runner != 0   ? now->v[i].runner
				   : is_runner(k, p->ppid) ? p->ppid
							   : 0;
	vec_push(NULL, now, m);
	if (p->pid == p->pgid && !was_led(k, p->pgid))
		vec_push(NULL, &k->led, p->pgid);
}

static bool
has(const proc_vec *v, pid_t pid)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i].pid == pid)
			return true;
	return false;
}

/* Those who belong to `now` by what is known of its members; true: some. */
static bool
join_relatives(struct descendants *k, const proc_vec *all, proc_vec *now)
{
	size_t before = now->n;

	for (size_t i = 0; i < all->n; i++) {
		const struct proc *p = &all->v[i];

		if (!p->zombie && !has(now, p->pid) &&
		    (has(now, p->ppid) || is_of_led_group(k, now, p)))
			desc_join(k, now, p);
	}
	return now->n > before;
}

void
descendants_update(struct descendants *k, const proc_vec *all)
{
	proc_vec now = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		const struct proc *p = &all->v[i];

		if (!p->zombie &&
		    (p->is_marked || p->pid == k->root ||
			is_of_group(k, all, p) || is_remembered(k, all, p)))
			desc_join(k, &now, p);
	}
	while (now.n > 0 && join_relatives(k, all, &now))
		;
	vec_free(&k->members);
	k->members = now;
}

bool
descendants_is_told_by_another(
    const struct descendants *k, const struct proc *p)
{
	return p->runner > 0 && p->runner != p->pid &&
	       desc_member(k, p->runner) != NULL;
}

void
descendants_free(struct descendants *k)
{
	vec_free(&k->members);
	vec_free(&k->groups);
	vec_free(&k->led);
	vec_free(&k->runners);
}
