/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "join/message.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

enum {
	HEAD = 4
};

void
message_reader_init(struct message_reader *w)
{
	*w = (struct message_reader){ .fds = { -1, -1, -1 } };
}

void
message_reader_free(struct message_reader *w)
{
	for (int i = 0; i < MESSAGE_FDS; i++) {
		if (w->fds[i] >= 0)
			close(w->fds[i]);
		w->fds[i] = -1;
	}
	sb_free(&w->in);
}

/* ---- sending ---- */

static void
add_length(struct sb *b, size_t n)
{
	for (int i = 0; i < HEAD; i++)
		sb_addc(b, (char)(n >> (8 * i) & 255));
}

static bool
send_some(
    int fd, const char *p, size_t n, const int *fds, bool patient, size_t *sent)
{
	struct iovec io = { .iov_base = (void *)p, .iov_len = n };
	union {
		char space[CMSG_SPACE(sizeof(int) * MESSAGE_FDS)];
		struct cmsghdr align;
	} u;
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1 };
	ssize_t k;

	if (fds != NULL) {
		struct cmsghdr *c;

		memset(&u, 0, sizeof(u));
		m.msg_control = u.space;
		m.msg_controllen = sizeof(u.space);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * MESSAGE_FDS);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * MESSAGE_FDS);
	}
	for (;;) {
		struct pollfd p1 = { fd, POLLOUT, 0 };

		k = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (k >= 0) {
			*sent = (size_t)k;
			return true;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || !patient)
			return false;
		poll(&p1, 1, -1);
	}
}

bool
message_send(int fd, enum message_kind kind, const char *const *texts,
    const int *fds, bool patient)
{
	struct sb body cleanup_sb = SB_INIT;
	struct sb b cleanup_sb = SB_INIT;
	size_t at = 0, sent;

	sb_addc(&body, (char)kind);
	for (; *texts != NULL; texts++)
		sb_add(&body, *texts, strlen(*texts) + 1);
	if (body.n > MESSAGE_MAX)
		return false;
	add_length(&b, body.n);
	sb_addv(&b, sb_sv(&body));
	while (at < b.n) {
		if (!send_some(fd, b.p + at, b.n - at, at == 0 ? fds : NULL,
			patient, &sent))
			return false;
		at += sent;
	}
	return true;
}

void
message_add(struct sb *out, enum message_kind kind, sv bytes)
{
	add_length(out, bytes.n + 1);
	sb_addc(out, (char)kind);
	sb_addv(out, bytes);
}

bool
message_push(int fd, struct sb *out)
{
	size_t at = 0, sent;
	bool ok = true;

	while (at < out->n && ok) {
		ok =
		    send_some(fd, out->p + at, out->n - at, NULL, false, &sent);
		if (ok)
			at += sent;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
	}
	ok = ok || errno == EAGAIN || errno == EWOULDBLOCK;
	if (at > 0) {
		memmove(out->p, out->p + at, out->n - at);
		out->n -= at;
	}
	return ok;
}

/* ---- receiving ---- */

static void
take_fds(struct message_reader *w, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	     c = CMSG_NXTHDR(m, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			fcntl(fd, F_SETFD, FD_CLOEXEC);
			if (i < MESSAGE_FDS && w->fds[i] < 0)
				w->fds[i] = fd;
			else
				close(fd);
		}
	}
}

void
message_fill(struct message_reader *w, int fd)
{
	char block[32 * 1024];
	union {
		char space[CMSG_SPACE(sizeof(int) * 16)];
		struct cmsghdr align;
	} u;

	while (!w->ended) {
		struct iovec io = { block, sizeof(block) };
		struct msghdr m = { .msg_iov = &io,
			.msg_iovlen = 1,
			.msg_control = u.space,
			.msg_controllen = sizeof(u.space) };
		int flags = MSG_DONTWAIT;
		ssize_t n;

#ifdef MSG_CMSG_CLOEXEC
		flags |= MSG_CMSG_CLOEXEC;
#endif
		n = recvmsg(fd, &m, flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n <= 0) {
			w->ended = true;
			return;
		}
		take_fds(w, &m);
		sb_add(&w->in, block, (size_t)n);
		if (w->in.n > MESSAGE_MAX + HEAD + sizeof(block))
			return; /* the rest when this is read */
	}
}

static size_t
length_of(const struct sb *b)
{
	size_t n = 0;

	for (int i = 0; i < HEAD; i++)
		n |= (size_t)(unsigned char)b->p[i] << (8 * i);
	return n;
}

bool
message_next(struct message_reader *w, struct arena *a, struct message *out)
{
	VEC(const char *) v = { 0 };
	size_t n;
	char *body, *p, *end;

	if (w->in.n < HEAD)
		return false;
	n = length_of(&w->in);
	if (n == 0 || n > MESSAGE_MAX) {
		w->ended = true;
		return false;
	}
	if (w->in.n < HEAD + n)
		return false;
	body = arena_alloc(a, n + 1);
	memcpy(body, w->in.p + HEAD, n);
	body[n] = '\0';
	w->in.n -= HEAD + n;
	memmove(w->in.p, w->in.p + HEAD + n, w->in.n);
	end = body + n;
	for (p = body + 1; p < end; p += strlen(p) + 1)
		vec_push(a, &v, p);
	*out = (struct message){ body[0], { body + 1, n - 1 }, v.v, v.n };
	return true;
}

/* ---- sockets ---- */

static bool
address(const char *path, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(out->sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(out->sun_path, path, strlen(path) + 1);
	return true;
}

static int
socket_new(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
#ifdef SO_NOSIGPIPE
	int on = 1;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

int
message_int(const char *text)
{
	long n = strtol(text, NULL, 10);

	if (n > INT_MAX)
		return INT_MAX;
	return n < INT_MIN ? INT_MIN : (int)n;
}

/* Who is at the other end?  false: not this user.  Of a connection that was made
 * here it is whoever listens. */
static bool
is_message_ours(int fd, pid_t *pid)
{
	*pid = 0;
#ifdef SO_PEERCRED
	{
#ifdef __OpenBSD__
		struct sockpeercred who;
#else
		struct ucred who;
#endif
		socklen_t n = sizeof(who);

		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0)
			return false;
		*pid = who.pid;
		return who.uid == geteuid();
	}
#else
	{
		uid_t uid;
		gid_t gid;
#ifdef LOCAL_PEERPID
		socklen_t n = sizeof(*pid);

		getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, pid, &n);
#endif
		return getpeereid(fd, &uid, &gid) == 0 && uid == geteuid();
	}
#endif
}

uint32_t
message_uint(const char *text)
{
	unsigned long n = strtoul(text, NULL, 10);

	return n > UINT32_MAX ? 0 : (uint32_t)n;
}

int
message_connect(const char *path)
{
	struct sockaddr_un to;
	pid_t pid;
	int fd;

	if (!address(path, &to) || (fd = socket_new()) < 0)
		return -1;
	while (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		int error = errno;

		if (error == EINTR)
			continue;
		close(fd);
		errno = error;
		return -1;
	}
	if (is_message_ours(fd, &pid))
		return fd;
	close(fd);
	errno = EACCES;
	return -1;
}

int
message_listen(const char *path)
{
	struct sockaddr_un at;
	int fd;

	if (!address(path, &at) || (fd = socket_new()) < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, SOMAXCONN) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* For accept() makes a socket before it finds that it is for nobody. */
static bool
is_somebody_there(int listener)
{
	struct pollfd p = { listener, POLLIN, 0 };

	return poll(&p, 1, 0) != 0;
}

int
message_accept(int listener, pid_t *pid)
{
	int fd;

	while (is_somebody_there(listener)) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0 && errno == EINTR)
			continue;
		if (fd < 0)
			return -1;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (is_message_ours(fd, pid))
			return fd;
		close(fd);
	}
	return -1;
}
