/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/jobserver_client.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"

enum {
	/* A jobserver that has more is as good as one without a bound. */
	TOKENS_MAX = 4096,
};

/* A job's place in the queue. */
struct seat {
	uint32_t number;
	const struct slot_request *r; /* while it waits */
	enum {
		SEAT_WAITS, /* for a token */
		SEAT_HAS,   /* one of the tokens */
		SEAT_APART, /* it runs elsewhere and needs none */
	} state;
};

struct jobserver_client {
	struct slots *slots;
	struct loop *loop;
	int r, w; /* r -1: nothing can be read now */
	bool owns_w;
	int shared; /* what is read by a thread; -1: `r` is prun's own */
	struct jobserver_reader *reader; /* it, while somebody waits */
	bool watched;
	bool broken;            /* nothing can be read any more */
	VEC(struct seat) seats; /* in the order in which they asked */
	size_t n_has, n_waits;
	struct slots_upstream next; /* ask NULL: there is none */
};

/* What is held, where a handler of signals can reach it. */
static struct {
	volatile sig_atomic_t n;
	volatile sig_atomic_t fd;
	char bytes[TOKENS_MAX];
	struct jobserver_reader *volatile reader;
	pid_t pid; /* whose it is: not that of a child which has not exec'd */
} held = { .fd = -1 };

/* ---- what ends the process ---- */

static void
token_put(char byte)
{
	while (write(held.fd, &byte, 1) < 0 && errno == EINTR)
		;
}

static void
give_back_all(void)
{
	char byte;

	if (held.fd < 0 || held.pid != getpid())
		return;
	if (held.reader != NULL) {
		int fd = jobserver_reader_fd(held.reader);

		jobserver_reader_abandon(held.reader);
		while (read(fd, &byte, 1) == 1)
			token_put(byte);
	}
	while (held.n > 0) {
		byte = held.bytes[held.n - 1];
		held.n--;
		token_put(byte);
	}
}

/* Those of which a process dies, and which prun does not hear by itself. */
static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1,
	SIGUSR2, SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGABRT, SIGSEGV, SIGBUS,
	SIGFPE, SIGILL, SIGSYS, SIGTRAP };
enum {
	DEADLY = sizeof(deadly) / sizeof(deadly[0])
};
static bool is_caught[DEADLY];

static void
on_deadly(int sig)
{
	int error = errno;

	give_back_all();
	signal(sig, SIG_DFL);
	raise(sig);
	errno = error;
}

static void
catch_deadly(void)
{
	struct sigaction ours, now;

	memset(&ours, 0, sizeof(ours));
	ours.sa_handler = on_deadly;
	sigfillset(&ours.sa_mask);
	for (size_t i = 0; i < DEADLY; i++)
		is_caught[i] = sigaction(deadly[i], NULL, &now) == 0 &&
			       now.sa_handler == SIG_DFL &&
			       sigaction(deadly[i], &ours, NULL) == 0;
}

static void
leave_deadly(void)
{
	struct sigaction now;

	for (size_t i = 0; i < DEADLY; i++)
		if (is_caught[i] && sigaction(deadly[i], NULL, &now) == 0 &&
		    now.sa_handler == on_deadly)
			signal(deadly[i], SIG_DFL);
}

/* ---- tokens ---- */

/* One that came with the process is there for one of those that have one. */
static size_t
needed(const struct jobserver_client *c)
{
	return c->n_has > 0 ? c->n_has - 1 : 0;
}

static void
put_back_last(void)
{
	char byte = held.bytes[held.n - 1];

	held.n--;
	token_put(byte);
}

static bool
take_one(struct jobserver_client *c)
{
	char byte;
	ssize_t n;

	if (c->broken || c->r < 0 || held.n >= TOKENS_MAX)
		return false;
	do
		n = read(c->r, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1) {
		held.bytes[held.n] = byte;
		held.n++;
		return true;
	}
	c->broken = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
	return false;
}

/* ---- seats ---- */

static struct seat *
seat_of(struct jobserver_client *c, uint32_t number)
{
	struct seat *s;

	vec_each(&c->seats, s)
		if (s->number == number)
			return s;
	return NULL;
}

static void
seat_remove(struct jobserver_client *c, const struct seat *s)
{
	size_t i = (size_t)(s - c->seats.v);

	c->n_waits -= s->state == SEAT_WAITS;
	c->n_has -= s->state == SEAT_HAS;
	memmove(c->seats.v + i, c->seats.v + i + 1,
	    (--c->seats.n - i) * sizeof(*c->seats.v));
}

/* Behind the token: the next one is asked, or nobody. */
static void
seat_pass(
    struct jobserver_client *c, uint32_t number, const struct slot_request *r)
{
	if (c->next.ask != NULL)
		c->next.ask(c->next.arg, number, r);
	else
		slots_answer(c->slots, number);
}

/* The first that waits is served.  Seats may be others behind this. */
static void
serve_first(struct jobserver_client *c)
{
	struct seat *s = c->seats.v;

	while (s->state != SEAT_WAITS)
		s++;
	s->state = SEAT_HAS;
	c->n_waits--;
	c->n_has++;
	seat_pass(c, s->number, s->r);
}

static void on_tokens(void *arg, int fd);

/* What the thread had read and nobody took goes back. */
static void
reader_leave(struct jobserver_client *c)
{
	char byte;

	if (c->reader == NULL)
		return;
	held.reader = NULL;
	jobserver_reader_stop(c->reader);
	while (read(c->r, &byte, 1) == 1)
		token_put(byte);
	jobserver_reader_free(c->reader);
	c->reader = NULL;
	c->r = -1;
}

/* A thread would go on reading where nobody waits. */
static void
reader_enter(struct jobserver_client *c)
{
	if (c->reader == NULL)
		c->reader = jobserver_reader_new(c->shared);
	if (c->reader == NULL) {
		c->broken = true;
		return;
	}
	c->r = jobserver_reader_fd(c->reader);
	held.reader = c->reader;
	jobserver_reader_want(c->reader, (unsigned)c->n_waits);
}

/* Is there anything to wait for? */
static void
set_watch(struct jobserver_client *c)
{
	bool wants = c->n_waits > 0 && !c->broken && held.n < TOKENS_MAX;

	if (wants && c->shared >= 0)
		reader_enter(c);
	wants = wants && !c->broken;
	if (wants != c->watched && wants)
		loop_watch(c->loop, c->r, on_tokens, c);
	else if (wants != c->watched)
		loop_unwatch(c->loop, c->r);
	c->watched = wants;
	if (!wants)
		reader_leave(c);
}

/* Whoever waits gets what there is; what is left over goes back. */
static void
tokens_settle(struct jobserver_client *c)
{
	while (c->n_waits > 0 &&
	       (c->n_has == 0 || (size_t)held.n > needed(c) || take_one(c)))
		serve_first(c);
	while ((size_t)held.n > needed(c))
		put_back_last();
	set_watch(c);
}

static void
on_tokens(void *arg, int fd)
{
	(void)fd;
	tokens_settle(arg);
}

static void
client_ask(void *arg, uint32_t number, const struct slot_request *r)
{
	struct jobserver_client *c = arg;
	struct seat s = { .number = number,
		.r = r,
		.state = r->elsewhere ? SEAT_APART : SEAT_WAITS };

	vec_push(NULL, &c->seats, s);
	if (s.state == SEAT_APART) {
		seat_pass(c, number, r);
		return;
	}
	c->n_waits++;
	tokens_settle(c);
}

static void
client_give_back(void *arg, uint32_t number)
{
	struct jobserver_client *c = arg;
	struct seat *s = seat_of(c, number);
	bool waited;

	if (s == NULL)
		return;
	waited = s->state == SEAT_WAITS;
	seat_remove(c, s);
	if (!waited && c->next.give_back != NULL)
		c->next.give_back(c->next.arg, number);
	tokens_settle(c);
}

void
jobserver_client_then(
    struct jobserver_client *c, const struct slots_upstream *next)
{
	VEC(uint32_t) numbers = { 0 };
	const struct seat *s;

	c->next = next != NULL ? *next : (struct slots_upstream){ 0 };
	if (next != NULL)
		return;
	vec_each(&c->seats, s)
		if (s->state != SEAT_WAITS)
			vec_push(NULL, &numbers, s->number);
	/* those that run already are passed over */
	for (size_t i = 0; i < numbers.n; i++)
		slots_answer(c->slots, numbers.v[i]);
	vec_free(&numbers);
}

size_t
jobserver_client_held(const struct jobserver_client *c)
{
	(void)c;
	return (size_t)held.n;
}

/* ---- birth and death ---- */

/* The pipe once more, so that it does not wait only where prun reads it. */
static int
open_again(int fd)
{
#ifdef PRUN_LINUX
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
#else
	(void)fd;
	return -1;
#endif
}

static bool
open_pipe(struct jobserver_client *c, const struct jobserver_auth *auth)
{
	c->w = auth->fds[1];
	c->r = open_again(auth->fds[0]);
	if (c->r < 0)
		c->shared = auth->fds[0];
	return true;
}

static bool
client_open_fifo(struct jobserver_client *c, const struct jobserver_auth *auth,
    struct err *e)
{
	struct stat st;

	if (stat(auth->path, &st) != 0)
		return err_sys(e, errno, "%s", auth->path);
	if (!S_ISFIFO(st.st_mode))
		return err_set(e, ERR_GENERIC, "%s is no pipe", auth->path);
	c->r = open(auth->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (c->r < 0)
		return err_sys(e, errno, "open %s", auth->path);
	/* with its own end to write, prun never sees the end of the pipe */
	c->w = open(auth->path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	c->owns_w = true;
	return c->w >= 0 || err_sys(e, errno, "open %s", auth->path);
}

static void
close_ends(struct jobserver_client *c)
{
	if (c->r >= 0)
		close(c->r);
	if (c->owns_w && c->w >= 0)
		close(c->w);
}

struct jobserver_client *
jobserver_client_new(const struct jobserver_auth *auth, struct slots *slots,
    struct loop *l, struct err *e)
{
	struct jobserver_client *c;
	static bool at_exit;
	bool ok;

	if (auth->fault != NULL) {
		err_set(e, ERR_GENERIC, "%s", auth->fault);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	*c = (struct jobserver_client){
		.slots = slots, .loop = l, .r = -1, .w = -1, .shared = -1
	};
	ok = auth->kind == JOBSERVER_FIFO ? client_open_fifo(c, auth, e)
					  : open_pipe(c, auth);
	if (!ok) {
		close_ends(c);
		free(c);
		return NULL;
	}
	if (!at_exit)
		atexit(give_back_all);
	at_exit = true;
	held.n = 0;
	held.pid = getpid();
	held.fd = c->w;
	catch_deadly();
	slots_set_upstream(
	    slots, &(struct slots_upstream){ client_ask, client_give_back, c });
	return c;
}

void
jobserver_client_free(struct jobserver_client *c)
{
	if (c == NULL)
		return;
	if (c->watched)
		loop_unwatch(c->loop, c->r);
	c->watched = false;
	c->broken = true;
	slots_set_upstream(c->slots, NULL);
	give_back_all();
	reader_leave(c);
	leave_deadly();
	held.fd = -1;
	close_ends(c);
	vec_free(&c->seats);
	free(c);
}
