/* SPDX-License-Identifier: MIT */
/*
 * What the files of the local executor share: local.c (the operations), job.c
 * (jobs), start.c (starting them), steps.c (those that run step by step),
 * stream.c (their output), tree.c and members.h (ending them), terminal.c (ptys
 * and the foreground).  For exec/ only. May include: base/, executor.h,
 * loop_uv.h, shell.h, signals.h; libuv.
 */
#ifndef EXEC_LOCAL_H
#define EXEC_LOCAL_H

#include <sys/types.h>
#include <termios.h>

#include <uv.h>

#include "base/clock.h"
#include "exec/executor.h"
#include "exec/guard.h"
#include "exec/listener.h"
#include "exec/loop_uv.h"
#include "exec/shell.h"
#include "exec/signals.h"
#include "exec/spawn.h"

enum {
	READ_SIZE = 65536,
	STREAMS = 3, /* 0 is never one that is read */
};
#define DRAIN_NS (2 * NS_PER_S)

/* One pipe or pty that a job writes into.  It outlives the job when a process
 * that the job left behind still holds the other end: it is read on, for
 * nothing, so that a daemon does not die of a closed pipe. */
struct stream {
	uv_poll_t poll;
	struct local *x;
	struct job *job; /* NULL: nobody listens any more */
	int fd;
	int slot;	 /* 1, 2: of that stream */
	bool is_pty;
	bool is_wide;
	bool is_held;	 /* not read for now */
	bool was_held;	 /* since somebody looked */
	struct stream *next, *prev;
};

enum ending {
	ENDING_NOT,
	ENDING_ASKED,  /* the signal is sent; KILL at kill_ns */
	ENDING_KILLED, /* KILL is sent too */
	ENDING_OVER,   /* nothing of the tree is left */
};

/* What a job prints before anybody can hear it. */
struct job_text {
	struct job_text *next;
	int stream;
	size_t n;
	char text[];
};

struct job {
	struct local *x;
	struct job *next, *prev; /* all jobs that are not done */
	struct job *ready_next;  /* something is to be told at the next turn */
	bool is_ready;
	pid_t pid;		 /* 0: no process */
	struct child child;      /* the same, for the loop */
	unsigned serial;
	bool exited, on_pty;
	bool pty_is_terminal;
	bool here;	     /* in prun's own process group */
	bool has_terminal;   /* counted in loop.on_terminal */
	bool wants_terminal; /* stopped, as it reads a terminal that is not its */
	struct stream *streams[STREAMS];
	struct timer *drain;
	enum ending ending;
	int64_t kill_ns;
	int end_sig; /* that was sent for it */
	struct timer *ending_timer;
	struct members *members; /* what members_ps.c remembers; or NULL */
	char *script;	  /* to tell a syntax error, once it failed */
	struct job_text *texts; /* for output() at the next turn */
	struct steps *steps;    /* a snippet that runs here; or NULL */
	void (*output)(void *arg, int stream, sv bytes);
	void (*done)(void *arg, const struct job_result *result);
	void *arg;
	struct job_result result;
};

/* The terminal of prun itself.  It is shared by the jobs in prun's own group
 * (`here`); else one group can have it, which makes it the foreground. */
struct terminal {
	bool looked;
	int fd; /* /dev/tty; -1: there is none */
	unsigned n_here;
	struct job *owner; /* of another group; NULL: prun's own has it */
	struct termios modes; /* as they were before */
	bool has_modes;
	bool kept_int; /* a ^C was left to a job that is here */
	struct timer *look_timer; /* for the size, while a job owns it */
	struct listener listener; /* in its group */
	int64_t int_ns;		  /* when it got a ^C; 0: never */
};

struct local {
	struct executor base;
	struct arena *keep;    /* the shell */
	struct arena *scratch; /* of one start */
	struct shell shell;
	bool shell_found;
	struct local_spared spared;
	int null_fd;
	unsigned serial;
	char run[40];   /* "PID.TIME-": what the marks of its jobs begin with */
	uint64_t since; /* `start` of the oldest process that may be a job */
	bool spawned;   /* any process, ever */
	struct job *jobs;
	struct job *ready, **ready_end;
	struct soon soon; /* there are any */
	struct stream *streams;
	struct group_owner groups;
	struct terminal terminal;
	struct guard guard;
	struct timer *left_timer; /* end_left is under way */
	int64_t left_kill_ns;
	struct roster *roster; /* of members_ps.c; or NULL */
	char *buffer; /* READ_SIZE */
};

/* job.c */
struct job *job_new(struct local *x, const struct job_spec *spec);
void job_free(struct job *j);
/* It runs as that process. */
void job_has_pid(struct job *j, pid_t pid);
void job_maybe_done(struct job *j);
/* Its process has ended: what that used and said.  true: it died of a ^C that
 * was meant for the run. */
bool job_process_ended(struct job *j, int status, const struct rusage *u);
/* There will be no other: what is left of its output and its tree, then the
 * ^C, if there was one. */
void job_over(struct job *j, bool is_interrupt);
/* Once it has exited: 2 s for what is left of its output (D-5). */
void job_await_end_of_output(struct job *j);
void job_print(struct job *j, int stream, const struct job_stdio *to, sv text);
/* For output(), which is called from a turn only. */
void job_add_text(struct job *j, int stream, sv text);
void job_tell_texts(struct job *j);
/* It is told its texts at the next turn; one without a process is then done. */
void job_ready(struct job *j);
/* Those that were ready when the turn began. */
void jobs_run_ready(void *local);
/* To its group; of one that is here, to its process. */
void job_kill(const struct job *j, int sig);
/* SIGTSTP, SIGCONT: to all groups.  SIGWINCH: to the ptys. */
void jobs_told(void *local, int sig);

/* start.c */
struct job *job_start(struct local *x, const struct job_spec *spec,
    struct err *e);
/* Descriptors of a start: what the child gets, prun's ends of pipes, and what
 * to close behind the spawn. */
struct wiring {
	int child[3];
	int ours[STREAMS]; /* -1: none */
	int close[STREAMS];
	int n_close;
	bool is_pty[STREAMS];
};
bool wire_all(struct local *x, const struct job_spec *spec, struct wiring *w,
    struct err *e);
/* /dev/null, opened once; -1 with *e set. */
int wire_null(struct local *x, struct err *e);
void unwire(struct wiring *w, bool ours_too);
/* Once for the run, with the first script. */
bool know_shell(struct local *x, struct err *e);
bool spawn_error(const char *path, const char *dir, enum spawn_stage stage,
    int error, struct err *e);

/* steps.c: the plan is SHELL_STEPS. */
struct job *steps_start(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan, struct err *e);
/* The process of its command has ended. */
void steps_told(struct job *j, int status, const struct rusage *u);
void steps_free(struct job *j);

/* stream.c */
void stream_start(struct job *j, int slot, int fd, bool is_pty);
/* Everything that is in it now, after the job's exit. */
void stream_drain(struct stream *s);
/* Not read for now, or again. */
void stream_hold(struct stream *s, bool held);
/* Lets go of a stream that somebody else still writes into. */
void stream_orphan(struct stream *s);
void stream_close(struct stream *s);

/* tree.c */
void tree_name_run(struct local *x);
/* PRUN_JOB=… of the job with that number. */
void tree_mark(const struct local *x, unsigned serial, const char *outer,
    struct sb *out);
void tree_end(struct job *j, int sig, int64_t grace_ns);
void tree_root_exited(struct job *j);
void tree_end_left(struct local *x, int sig, int64_t grace_ns);
int64_t tree_cpu_ns(void);

/* terminal.c */
bool pty_open(int *master, int *slave);
void pty_resize_all(struct local *x);
/* Has prun a terminal? */
bool terminal_is_there(struct local *x);
/* A job is about to start here, in prun's own group. */
void terminal_before(struct local *x);
/* It did; `reads`: it can read the terminal. */
void terminal_lent(struct local *x, struct job *j, bool reads);
/* After the end of a job that had it: takes the terminal back, restores its
 * modes where the job failed, and gives it to the next that waits for it. */
void terminal_take_back(struct local *x, struct job *j);
void terminal_job_stopped(struct local *x, struct job *j, int sig);
/* Is a ^C now for a program that reads keys? */
bool terminal_keeps_int(void *local);
/* Has the job that has the terminal just got ^C from it? */
bool terminal_was_interrupted(const struct job *j);

#endif
