/* SPDX-License-Identifier: MIT */
#include "join/outer_run.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "join/message.h"

struct outer_run {
	int fd; /* -1: the outer run is gone */
	struct message_reader wire;
	struct slots *slots;             /* NULL: none is asked for here */
	struct jobserver_client *tokens; /* whose turn is first; or NULL */
	struct loop *loop;
	bool watched;
	struct secrets *secrets; /* NULL: they are not shared */
	struct secrets_reader learns;
	bool is_hearing, is_welcome;
	struct outer_lock *locks;
	uint32_t number; /* of the last lock asked for */
	void (*answered)(void *arg, const char *key);
	void *arg;
};

struct outer_lock {
	struct outer_lock *next;
	uint32_t number;
	int state; /* 0: asked for; else the answer */
	char *key;
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
outer_lock_remove(struct outer_run *j, const struct outer_lock *l)
{
	struct outer_lock **at = &j->locks;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l->key);
	free((void *)l);
}

static void
outer_upstream(struct outer_run *j, const struct slots_upstream *u)
{
	if (j->slots == NULL)
		return;
	if (j->tokens != NULL)
		jobserver_client_then(j->tokens, u);
	else
		slots_set_upstream(j->slots, u);
}

static void
lost(struct outer_run *j)
{
	if (j->fd < 0)
		return;
	while (j->locks != NULL)
		outer_lock_remove(j, j->locks);
	outer_unwatch(j);
	close(j->fd);
	j->fd = -1;
	outer_upstream(j, NULL);
}

static void
lock_answered(struct outer_run *j, const struct message *m)
{
	uint32_t number = message_uint(m->v[0]);

	for (struct outer_lock *l = j->locks; l != NULL; l = l->next)
		if (l->number == number) {
			l->state = message_int(m->v[1]);
			if (j->answered != NULL)
				j->answered(j->arg, l->key);
			return;
		}
}

static void
outer_take(struct outer_run *j, const struct message *m)
{
	if (m->kind == MESSAGE_GRANT && m->n == 1 && j->slots != NULL) {
		slots_answer(j->slots, message_uint(m->v[0]));
	} else if (m->kind == MESSAGE_SECRET && m->n == 1 &&
		   j->secrets != NULL) {
		j->is_hearing = true;
		secrets_add(j->secrets, sv_of(m->v[0]));
		j->is_hearing = false;
	} else if (m->kind == MESSAGE_LOCKED && m->n == 2) {
		lock_answered(j, m);
	} else if (m->kind == MESSAGE_WELCOME) {
		j->is_welcome = true;
	}
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
		outer_take(j, &m);
	}
	snprintf(count, sizeof(count), "%u", n);
	if (j->wire.ended || j->fd < 0 ||
	    (n > 0 && !message_send(j->fd, MESSAGE_TAKEN, texts, NULL, true)))
		lost(j);
}

/* ---- secrets ---- */

static void
on_secret_learnt(void *arg, const char *text)
{
	struct outer_run *j = arg;
	const char *texts[] = { text, NULL };

	/* a failure is seen when the socket is read */
	if (j->fd >= 0 && !j->is_hearing)
		message_send(j->fd, MESSAGE_SECRET, texts, NULL, true);
}

void
outer_run_share(struct outer_run *j, struct secrets *s)
{
	j->secrets = s;
	j->learns = (struct secrets_reader){ on_secret_learnt, j, NULL };
	secrets_tell(s, &j->learns);
	while (j->fd >= 0 && !j->is_welcome) {
		struct pollfd one = { j->fd, POLLIN, 0 };

		/* it has to say so before it can give slots, too */
		if (poll(&one, 1, -1) > 0)
			on_outer_readable(j, j->fd);
	}
}

/* ---- slots ---- */

static void
outer_watch(struct outer_run *j)
{
	if (!j->watched)
		loop_watch(j->loop, j->fd, on_outer_readable, j);
	j->watched = true;
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
	outer_watch(j);
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
outer_run_slots(struct outer_run *j, struct slots *slots,
    struct jobserver_client *tokens, struct loop *l)
{
	j->slots = slots;
	j->tokens = tokens;
	j->loop = l;
	if (j->fd < 0)
		return;
	outer_watch(j);
	outer_upstream(j, &(struct slots_upstream){ outer_ask, give_back, j });
}

static struct outer_lock *
outer_lock_of(const struct outer_run *j, const char *key)
{
	struct outer_lock *l = j->locks;

	while (l != NULL && strcmp(l->key, key) != 0)
		l = l->next;
	return l;
}

int
outer_run_lock(struct outer_run *j, const char *key)
{
	struct outer_lock *l = outer_lock_of(j, key);
	char id[16];
	const char *texts[] = { id, key, NULL };
	int state;

	if (j->fd < 0)
		return -3;
	if (l == NULL) {
		l = xcalloc(1, sizeof(*l));
		*l = (struct outer_lock){ j->locks, ++j->number, 0,
			xstrdup(key) };
		j->locks = l;
		snprintf(id, sizeof(id), "%u", (unsigned)l->number);
		outer_watch(j);
		if (!message_send(j->fd, MESSAGE_LOCK, texts, NULL, true)) {
			lost(j);
			return -3;
		}
	}
	state = l->state;
	/* what is not held is not to be given back */
	if (state < 0)
		outer_run_unlock(j, key);
	return state;
}

void
outer_run_unlock(struct outer_run *j, const char *key)
{
	struct outer_lock *l = outer_lock_of(j, key);
	char id[16];
	const char *texts[] = { id, NULL };

	if (l == NULL)
		return;
	snprintf(id, sizeof(id), "%u", (unsigned)l->number);
	outer_lock_remove(j, l);
	/* a failure is seen when the socket is read */
	message_send(j->fd, MESSAGE_UNLOCK, texts, NULL, true);
}

void
outer_run_on_lock(struct outer_run *j,
    void (*answered)(void *arg, const char *key), void *arg)
{
	j->answered = answered;
	j->arg = arg;
}

void
outer_run_rest(struct outer_run *j)
{
	if (j->fd < 0)
		return;
	outer_unwatch(j);
	outer_upstream(j, NULL);
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
	secrets_leave(j->secrets, &j->learns);
	while (j->locks != NULL)
		outer_lock_remove(j, j->locks);
	message_reader_free(&j->wire);
	free(j);
}
