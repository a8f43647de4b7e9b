/* SPDX-License-Identifier: MIT */
#include "join/outer_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "join/message.h"

struct outer_run {
	int fd; /* -1: the outer run is gone */
	struct message_reader wire;
	struct slots *slots;
	struct loop *loop;
	bool watched;
};

struct outer_run *
outer_run_new(const char *socket, const char *mark, const char *name)
{
	const char *texts[] = { MESSAGE_VERSION, mark != NULL ? mark : "", name,
		NULL };
	int fd = message_connect(socket);
	struct outer_run *j;

	if (fd < 0)
		return NULL;
	if (!message_send(fd, MESSAGE_RUN, texts, NULL, true)) {
		close(fd);
		return NULL;
	}
	j = xcalloc(1, sizeof(*j));
	j->fd = fd;
	message_reader_init(&j->wire);
	return j;
}

static void
outer_unwatch(struct outer_run *j)
{
	if (j->watched)
		loop_unwatch(j->loop, j->fd);
	j->watched = false;
}

static void
lost(struct outer_run *j)
{
	if (j->fd < 0)
		return;
	outer_unwatch(j);
	close(j->fd);
	j->fd = -1;
	slots_set_upstream(j->slots, NULL);
}

static void
on_outer_readable(void *arg, int fd)
{
	struct arena *a cleanup_arena = arena_new();
	struct outer_run *j = arg;
	char count[16];
	const char *texts[] = { count, NULL };
	unsigned n = 0;
	struct message m;

	message_fill(&j->wire, fd);
	while (message_next(&j->wire, a, &m)) {
		n++;
		if (m.kind == MESSAGE_GRANT && m.n == 1)
			slots_answer(j->slots, message_uint(m.v[0]));
	}
	snprintf(count, sizeof(count), "%u", n);
	if (j->wire.ended || j->fd < 0 ||
	    (n > 0 && !message_send(j->fd, MESSAGE_TAKEN, texts, NULL, true)))
		lost(j);
}

static void
outer_ask(void *arg, uint32_t number, const struct slot_request *r)
{
	struct outer_run *j = arg;
	char id[16], n[16], priority[16];
	const char *texts[] = { id, r->pool, n, priority, NULL };

	snprintf(id, sizeof(id), "%u", (unsigned)number);
	snprintf(n, sizeof(n), "%d", r->n);
	snprintf(priority, sizeof(priority), "%d", r->priority);
	if (!j->watched)
		loop_watch(j->loop, j->fd, on_outer_readable, j);
	j->watched = true;
	if (!message_send(j->fd, MESSAGE_ASK, texts, NULL, true))
		lost(j);
}

static void
give_back(void *arg, uint32_t number)
{
	struct outer_run *j = arg;
	char id[16];
	const char *texts[] = { id, NULL };

	snprintf(id, sizeof(id), "%u", (unsigned)number);
	/* a failure is seen when the socket is read */
	message_send(j->fd, MESSAGE_BACK, texts, NULL, true);
}

void
outer_run_slots(struct outer_run *j, struct slots *slots, struct loop *l)
{
	j->slots = slots;
	j->loop = l;
	slots_set_upstream(
	    slots, &(struct slots_upstream){ outer_ask, give_back, j });
}

void
outer_run_rest(struct outer_run *j)
{
	if (j->fd < 0)
		return;
	outer_unwatch(j);
	slots_set_upstream(j->slots, NULL);
}

void
outer_run_end(struct outer_run *j, int status, int signal)
{
	char code[16], sig[16];
	const char *texts[] = { code, sig, NULL };

	if (j == NULL)
		return;
	snprintf(code, sizeof(code), "%d", status);
	snprintf(sig, sizeof(sig), "%d", signal);
	if (j->fd >= 0) {
		message_send(j->fd, MESSAGE_END, texts, NULL, true);
		close(j->fd);
	}
	message_reader_free(&j->wire);
	free(j);
}
