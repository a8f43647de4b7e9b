/* SPDX-License-Identifier: MIT */
#include "run/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/wire.h"

struct join {
	int fd; /* -1: the outer run is gone */
	struct wire wire;
	struct slots *slots;
	struct executor *x;
	bool watched;
};

struct join *
join_new(const char *socket, const char *mark, const char *name)
{
	const char *texts[] = { WIRE_VERSION, mark != NULL ? mark : "", name,
		NULL };
	int fd = wire_connect(socket);
	struct join *j;

	if (fd < 0)
		return NULL;
	if (!wire_send(fd, WIRE_RUN, texts, NULL, true)) {
		close(fd);
		return NULL;
	}
	j = xcalloc(1, sizeof(*j));
	j->fd = fd;
	wire_init(&j->wire);
	return j;
}

static void
unwatch(struct join *j)
{
	if (j->watched)
		j->x->ops->unwatch(j->x, j->fd);
	j->watched = false;
}

static void
lost(struct join *j)
{
	if (j->fd < 0)
		return;
	unwatch(j);
	close(j->fd);
	j->fd = -1;
	slots_set_upstream(j->slots, NULL);
}

static void
on_readable(void *arg, int fd)
{
	struct arena *a cleanup_arena = arena_new();
	struct join *j = arg;
	struct wire_message m;

	wire_fill(&j->wire, fd);
	while (wire_next(&j->wire, a, &m))
		if (m.kind == WIRE_GRANT && m.n == 1)
			slots_answer(j->slots,
			    (uint32_t)strtoul(m.v[0], NULL, 10));
	if (j->wire.ended)
		lost(j);
}

static void
ask(void *arg, uint32_t number, const struct slot_request *r)
{
	struct join *j = arg;
	char id[16], n[16], priority[16];
	const char *texts[] = { id, r->pool, n, priority, NULL };

	snprintf(id, sizeof(id), "%u", (unsigned)number);
	snprintf(n, sizeof(n), "%d", r->n);
	snprintf(priority, sizeof(priority), "%d", r->priority);
	if (!j->watched)
		j->x->ops->watch(j->x, j->fd, on_readable, j);
	j->watched = true;
	if (!wire_send(j->fd, WIRE_ASK, texts, NULL, true))
		lost(j);
}

static void
give_back(void *arg, uint32_t number)
{
	struct join *j = arg;
	char id[16];
	const char *texts[] = { id, NULL };

	snprintf(id, sizeof(id), "%u", (unsigned)number);
	/* a failure is seen when the socket is read */
	wire_send(j->fd, WIRE_BACK, texts, NULL, true);
}

void
join_slots(struct join *j, struct slots *slots, struct executor *x)
{
	j->slots = slots;
	j->x = x;
	slots_set_upstream(slots,
	    &(struct slots_upstream){ ask, give_back, j });
}

void
join_rest(struct join *j)
{
	if (j->fd < 0)
		return;
	unwatch(j);
	slots_set_upstream(j->slots, NULL);
}

void
join_end(struct join *j, int status, int signal)
{
	char code[16], sig[16];
	const char *texts[] = { code, sig, NULL };

	if (j == NULL)
		return;
	snprintf(code, sizeof(code), "%d", status);
	snprintf(sig, sizeof(sig), "%d", signal);
	if (j->fd >= 0) {
		wire_send(j->fd, WIRE_END, texts, NULL, true);
		close(j->fd);
	}
	wire_free(&j->wire);
	free(j);
}
