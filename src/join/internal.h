/* SPDX-License-Identifier: MIT */
/* What control.c (connections), joined_job.c (jobs with guests), nested_run.c
 * and script_call.c (the two kinds of guests) share. */
#ifndef JOIN_INTERNAL_H
#define JOIN_INTERNAL_H

#include "join/control.h"
#include "join/message.h"
#include "store/bin_dir.h"

/* One slot that a nested run asked for. */
struct nested_slot {
	struct slot_loan loan;
	uint32_t number;
	bool granted;
	struct client *c;
	struct nested_slot *next;
};

/* One lock that a nested run asked for. */
struct nested_lock {
	struct guest_lock *lock;
	uint32_t number;
	struct client *c;
	struct nested_lock *next;
};

enum client_kind {
	CLIENT_NEW,
	CLIENT_RUN,
	CLIENT_CALL
};

struct client {
	struct control *k;
	struct client *next;
	int fd; /* -1: it is gone */
	struct message_reader wire;
	pid_t pid;
	enum client_kind kind;
	int status; /* of the nested run, -1: it did not say; or of the call */
	struct command *job; /* whose process it is; NULL: over, or nobody's */
	struct sb queue; /* what it is to be told, when the socket is full */
	/* CLIENT_RUN */
	struct run_call *record;
	struct nested_slot *asked;
	struct nested_lock *locks;
	int signal;
	/* CLIENT_CALL */
	struct arena *a; /* of its words */
	const char *task;
	vars *vars;
	char how;    /* MESSAGE_CALL */
	long parent; /* of the link */
	bool waiting; /* for an earlier one of the same script (P-107) */
	struct guest_call *call; /* NULL: not started */
	struct call_streams streams;
	size_t ahead;     /* bytes of output that it has not written yet */
	bool is_held;     /* too many: the jobs that write them wait */
	bool is_over;     /* settled, but for those bytes */
	const char *lost; /* why it cannot write any more; or NULL */
	const char *text; /* of the call's error */
};

/* A call that failed in the background; the newest is first. */
struct unseen {
	struct unseen *next;
	long pid, parent; /* of its link */
	char how;	  /* MESSAGE_CALL */
	struct run_call *record;
	const char *text;
	enum err_code code;
	int status;
};

/* What is remembered of a job: command.guest. */
struct joined_job {
	struct command *cm;
	bool has_links;
	const char *waits; /* a file: the pids whose status it asked for */
	struct unseen *unseen;
	bool is_held;           /* it is over, the calls that it made are not */
	size_t open_calls;      /* of its links */
	int64_t calls_since_ns; /* there are any */
	/* it is over, while its links may come */
	long group; /* executor_group(); 0: they may not */
	int64_t late_until_ns;
	struct timer *late;
	struct joined_job *late_next;
};

struct control {
	struct control_options o;
	struct run_hooks hooks;
	struct run *r;
	struct loop *loop;
	bool is_open; /* somebody could come, so it was tried */
	const char *dir, *path;   /* of the socket, which is in it */
	int dir_lock;         /* -1: none */
	const char *bin;          /* first on the PATH of jobs */
	struct bin_dir shared;    /* which others have as well; or none */
	const char *variables[2]; /* PRUN_CONTROL=… and PRUN_BIN=… */
	int listener;         /* -1: there is none, nobody joins */
	struct client *clients;
	struct map *links;
	size_t n_waits;
	struct joined_job *late; /* jobs that are over, whose links may come */
	struct secrets_reader learns;
	const struct client *told_by; /* whose secret is being learnt; or NULL */
};

/* control.c: lets go of the connection; the client stays. */
void client_hang_up(struct client *c);
void client_free(struct client *c);
/* Hears what was said up to now. */
void control_hear(struct control *k);

/* joined_job.c: NULL for a job that nobody can have joined. */
static inline struct joined_job *
joined_job(const struct command *cm)
{
	return cm->guest;
}
/* The process is over: does the command go on for what its links do? */
bool joined_job_holds(struct control *k, struct joined_job *j);
/* A call of its script begins, and is over: the last one of a job that is held
 * ends the command. */
void joined_job_call_begins(struct control *k, struct joined_job *j);
void joined_job_call_over(struct control *k, struct joined_job *j);

/* nested_run.c */
/* Tells a run that has just joined all that it must not show, then that this
 * was all; and one secret. */
void nested_welcome(struct client *c);
void nested_tell(struct client *c, const char *secret);
void nested_slot_ask(struct client *c, const struct message *m);
void nested_slot_back(struct client *c, const struct message *m);
void nested_slots_free(struct client *c);
void nested_lock_ask(struct client *c, const struct message *m);
void nested_lock_back(struct client *c, const struct message *m);
void nested_locks_free(struct client *c);
/* Its job is over, while it goes on: from now on it is nobody's. */
void nested_run_is_left(struct client *c);
/* It has read what it was told: there is room for more. */
void nested_run_reads(struct client *c);
/* A nested run begins, and how it ended. */
void nested_begin(struct client *c, const struct message *m);
void nested_settle(struct client *c);

/* script_links.c: makes the links for the `task:NAME` in command position of a
 * text, of known tasks only; `made` has those that are there.  true: there are
 * such words. */
bool script_links_make(
    struct command *cm, const char *bin, const char *program, struct map *made);

/* script_wait.c: lets the script say whose status its `wait` gave it. */
void script_wait_wrap(
    struct control *k, struct command *cm, struct job_spec *spec);
/* A call has failed while its script goes on. */
void script_wait_failed(
    struct client *c, struct run_call *record, const struct err *err);
/* The script is over: it fails by those that it has not seen. */
void script_wait_judge(struct joined_job *j, const struct job_result *result);

/* script_call.c.  false: the client is not listened to any more. */
bool script_call_begin(struct client *c, const struct message *m);
/* It has written some of the output. */
void script_call_taken(struct client *c, const struct message *m);
/* It cannot write any more. */
void script_call_lost(struct client *c, const struct message *m);
/* Frees it where that was the last thing to wait for. */
void script_call_look(struct client *c);
/* The link is gone before its call is done: killed, so the call ends too. */
void script_call_abandon(struct client *c);
/* P-107: the next call of a script, in the order in which they came. */
void script_call_next(struct control *k, const struct command *job);

#endif
