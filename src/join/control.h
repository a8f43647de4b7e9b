/* SPDX-License-Identifier: MIT */
/* What control.c (connections), seats.c (nested runs) and linked.c (calls of
 * links) share. */
#ifndef JOIN_CONTROL_H
#define JOIN_CONTROL_H

#include "join/message.h"
#include "run/internal.h"

/* One slot that a nested run asked for. */
struct nested_slot {
	struct slot_loan loan;
	uint32_t number;
	bool granted;
	struct client *c;
	struct nested_slot *next;
};

enum client_kind {
	CLIENT_NEW,
	CLIENT_RUN,
	CLIENT_CALL
};

struct client {
	struct run *r;
	struct client *next;
	int fd; /* -1: it is gone */
	struct message_reader wire;
	pid_t pid;
	enum client_kind kind;
	int status; /* of the nested run, -1: it did not say; or of the call */
	struct command *job; /* whose process it is; NULL: over, or nobody's */
	/* CLIENT_RUN */
	struct run_call *record;
	struct nested_slot *asked;
	int signal;
	/* CLIENT_CALL */
	struct arena *a; /* of its words */
	const char *task;
	vars *vars;
	bool waiting; /* for an earlier one of the same script (P-107) */
	struct entry entry;
	struct group group;
	struct call_streams streams;
	struct sb queue;  /* for the link, when the socket is full */
	size_t ahead;     /* bytes of output that it has not written yet */
	bool is_held;     /* too many: the jobs that write them wait */
	bool is_over;     /* settled, but for those bytes */
	const char *lost; /* why it cannot write any more; or NULL */
	const char *text; /* of the call's error */
};

struct control {
	const char *dir, *bin, *path;
	const char *variable; /* PRUN_CONTROL=… */
	int listener;         /* -1: it could not be made, nobody joins */
	struct client *clients;
	struct map *links;
	struct command
	    *late; /* jobs that are over, whose links may still come */
};

/* control.c: lets go of the connection; the client stays. */
void client_hang_up(struct client *c);
void client_free(struct client *c);
/* Its links do not come any more. */
void late_forget(struct command *cm);

/* seats.c */
void nested_slot_ask(struct client *c, const struct message *m);
void nested_slot_back(struct client *c, const struct message *m);
void nested_slots_free(struct client *c);
/* A nested run begins, and how it ended. */
void nested_begin(struct client *c, const struct message *m);
void nested_settle(struct client *c);

/* linked.c.  false: the client is not listened to any more. */
bool script_call_begin(struct client *c, const struct message *m);
/* It has written some of the output. */
void script_call_taken(struct client *c, const struct message *m);
/* It cannot write any more. */
void script_call_lost(struct client *c, const struct message *m);
/* Frees it where that was the last thing to wait for. */
void script_call_look(struct client *c);
/* The link is gone before its call is done: killed, so the call ends too. */
void script_call_abandon(struct client *c);

#endif
