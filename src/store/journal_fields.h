/* SPDX-License-Identifier: MIT */
/*
 * What the record of a run consists of: each field once.  The structs, the
 * writer, the reader, the JSON schema and the copy from the run's own records
 * are made from these tables, so that they agree.  Whoever adds a field adds a
 * line here and, where `from` is HAND, says where it comes from.
 *
 *	X(kind, name, key, from, lines, text)
 *
 * kind: how it is written and what its type is; what is 0, "" or false is left
 * out (an EXIT of -1, since 0 says something).  TEXT and WORDS go through the
 * journal's mask, PLAIN is prun's own or is needed again as it is.
 * name, key: in the struct and in the JSON.
 * from: of a call, how the value is made of the member of that name in struct
 * run_call; SAME: it is the value; TIME: since the start of the run; CALL: the
 * number of that call; HAND: where it is written.
 * lines: which lines have it.
 * text: for people, in the schema.
 * May include: base/.
 */
#ifndef STORE_JOURNAL_FIELDS_H
#define STORE_JOURNAL_FIELDS_H

/* The lines: what "ev" says, which object it is about, what it is there for. */
#define JOURNAL_LINES(X)                                                       \
	X(RUN, "run", run, "The run begins: what was asked for, and where.")   \
	X(CALL, "call", call,                                                  \
	    "A call has come to be; nothing of it runs yet.")                  \
	X(START, "start", call,                                                \
	    "It is known what the call does, and it begins.")                  \
	X(JOB, "job", job, "A command of a call runs.")                        \
	X(JOB_END, "job_end", job, "A command of a call has ended.")           \
	X(CALL_END, "call_end", call, "What became of a call.")                \
	X(END, "end", end,                                                     \
	    "What became of the run; without it the run was killed or goes "   \
	    "on.")                                                             \
	X(MACHINE, "machine", sample,                                          \
	    "How busy the machine is, now and then while jobs begin and end.") \
	X(DROPPED, "dropped", gap,                                             \
	    "Lines that the reader of --events was too slow for; the journal " \
	    "of the run has them.")

#define JOURNAL_RUN_FIELDS(X)                                                  \
	X(INT, format, "format", HAND, AT_RUN, "version of this format: 2")    \
	X(PLAIN, id, "id", HAND, AT_RUN, "of the run; ids sort by time")       \
	X(PLAIN, version, "version", HAND, AT_RUN, "of prun")                  \
	X(PLAIN, root, "root", HAND, AT_RUN, "folder of the Taskfile")         \
	X(PLAIN, cwd, "cwd", HAND, AT_RUN, "folder where prun was started")    \
	X(PLAIN, home, "home", HAND, AT_RUN,                                   \
	    "where a hook checks a tree of its own: folder of the Taskfile "   \
	    "in the user's")                                                   \
	X(PLAIN, parent, "parent", HAND, AT_RUN,                               \
	    "id of the run whose job this one is")                             \
	X(PLAIN, host, "host", HAND, AT_RUN, "name of the machine")            \
	X(PLAIN, machine, "machine", HAND, AT_RUN,                             \
	    "its kind: system, processor, cores; times are compared within "   \
	    "one")                                                             \
	X(PLAIN, head, "head", HAND, AT_RUN, "commit that was checked out")    \
	X(INT, pid, "pid", HAND, AT_RUN, "process of prun")                    \
	X(WORDS, argv, "argv", HAND, AT_RUN,                                   \
	    "command line without the program")                                \
	X(WORDS, tasks, "tasks", HAND, AT_RUN, "tasks asked for")              \
	X(PLAIN, trace, "trace", HAND, AT_RUN,                                 \
	    "TRACEPARENT of the run: its trace and its own span")              \
	X(PLAIN, trace_outer, "trace_outer", HAND, AT_RUN,                     \
	    "TRACEPARENT that it was given")                                   \
	X(INT, at_ns, "at", HAND, AT_RUN, "start, ns of the epoch")            \
	X(COUNT, slots, "slots", HAND, AT_RUN,                                 \
	    "jobs side by side at most; left out: no bound")                   \
	X(BOOL, serial, "serial", HAND, AT_RUN, "one job after another")

#define JOURNAL_CALL_FIELDS(X)                                                 \
	X(COUNT, id, "id", SAME, AT_CALL | AT_START | AT_CALL_END,             \
	    "number of the call, from 1, in the order of creation")            \
	X(COUNT, parent, "parent", CALL, AT_CALL,                              \
	    "the call that made it; left out: asked for")                      \
	X(TEXT, name, "name", SAME, AT_CALL | AT_START | AT_CALL_END,          \
	    "label or full name, for people")                                  \
	X(TEXT, task, "task", HAND, AT_CALL, "declared name")                  \
	X(TEXT, key, "key", HAND, AT_CALL, "as it was called: maybe an alias") \
	X(PLAIN, vars, "vars", HAND, AT_CALL,                                  \
	    "digest of the variables that it was called with")                 \
	X(BOOL, is_dep, "dep", SAME, AT_CALL, "called as a dependency")        \
	X(BOOL, is_background, "background", SAME, AT_CALL,                    \
	    "called with & at its end")                                        \
	X(INT, created_ns, "created", TIME, AT_CALL, "when it came to be")     \
	X(INT, start_ns, "start", TIME, AT_CALL | AT_START, "when it began")   \
	X(PLAIN, status, "status", HAND, AT_CALL_END,                          \
	    "passed, up to date, cached, skipped, failed, not run or "         \
	    "cancelled")                                                       \
	X(TEXT, reason, "reason", HAND, AT_CALL_END,                           \
	    "why it was skipped, stale or not run")                            \
	X(TEXT, error, "error", HAND, AT_CALL_END, "what it failed with")      \
	X(EXIT, exit_status, "exit", SAME, AT_CALL_END,                        \
	    "of the command that failed it")                                   \
	X(NUMBER, signal, "signal", SAME, AT_CALL_END,                         \
	    "that its last command died of")                                   \
	X(COUNT, twin, "twin", CALL, AT_CALL_END,                              \
	    "the call whose execution it shared")                              \
	X(COUNT, cause, "cause", CALL, AT_CALL_END,                            \
	    "the call whose failure it passes on")                             \
	X(PLAIN, log, "log", HAND, AT_CALL_END,                                \
	    "its log, seen from the folder of the run")                        \
	X(INT, end_ns, "end", TIME, AT_CALL_END, "when it settled")            \
	X(INT, slot_wait_ns, "slot_wait", SAME, AT_CALL_END,                   \
	    "how long its jobs waited for slots")                              \
	X(INT, queue_wait_ns, "queue_wait", SAME, AT_CALL_END,                 \
	    "how long its jobs waited in the queue of a cluster")              \
	X(TEXT, node, "node", SAME, AT_CALL_END,                               \
	    "machine of the cluster that its last job there ran on")           \
	X(TEXT, queue_name, "queue_name", SAME, AT_CALL_END,                   \
	    "number of that job in the queue")                                 \
	X(INT, job_ns, "job_time", SAME, AT_CALL_END, "how long its jobs ran") \
	X(INT, calls_ns, "calls_time", SAME, AT_CALL_END,                      \
	    "of that, while calls of its scripts ran")                         \
	X(INT, cpu_ns, "cpu", SAME, AT_CALL_END, "cpu time of its jobs")       \
	X(INT, max_rss_bytes, "max_rss", SAME, AT_CALL_END,                    \
	    "the most memory that one of its processes had, bytes")            \
	X(INT, read_blocks, "blocks_read", SAME, AT_CALL_END,                  \
	    "blocks that its jobs read from disks")                            \
	X(INT, written_blocks, "blocks_written", SAME, AT_CALL_END,            \
	    "blocks that its jobs wrote to disks")                             \
	X(COUNT, jobs, "jobs", SAME, AT_CALL_END, "commands that it started")  \
	X(COUNT, attempts, "attempts", SAME, AT_CALL_END,                      \
	    "how often it was tried")                                          \
	X(BOOL, timed_out, "timeout", HAND, AT_CALL_END,                       \
	    "it failed because it took longer than it may")                    \
	X(BOOL, flaky, "flaky", SAME, AT_CALL_END, "it passed on a retry")     \
	X(BOOL, is_earlier, "earlier", SAME, AT_CALL_END,                      \
	    "left out by --failed: it has passed in an earlier run")           \
	X(BOOL, is_phase, "phase", SAME, AT_CALL_END,                          \
	    "one of the parts that a run is judged by")

#define JOURNAL_JOB_FIELDS(X)                                                  \
	X(COUNT, id, "id", HAND, AT_JOB | AT_JOB_END,                          \
	    "number of the job, from 1, in the order in which they start")     \
	X(COUNT, call, "call", HAND, AT_JOB | AT_JOB_END,                      \
	    "whose command it is")                                             \
	X(COUNT, attempt, "attempt", HAND, AT_JOB, "of the call, from 1")      \
	X(PLAIN, pool, "pool", HAND, AT_JOB,                                   \
	    "whose slot it runs on; left out: cpu")                            \
	X(COUNT, slot, "slot", HAND, AT_JOB,                                   \
	    "number of the slot in its pool, from 1")                          \
	X(COUNT, slots, "slots", HAND, AT_JOB, "how many it takes")            \
	X(PLAIN, executor, "executor", HAND, AT_JOB, "what runs it")           \
	X(INT, job_id, "job_id", HAND, AT_JOB,                                 \
	    "what the executor knows it by: a process, a number in a queue")   \
	X(INT, queue_wait_ns, "queue_wait", HAND, AT_JOB_END,                  \
	    "how long it waited in the queue of a cluster before it began")    \
	X(TEXT, queue_name, "queue_name", HAND, AT_JOB_END,                    \
	    "its number there, with that of its part of an array")             \
	X(TEXT, node, "node", HAND, AT_JOB_END,                                \
	    "machine of the cluster that it ran on")                           \
	X(INT, start_ns, "start", HAND, AT_JOB | AT_JOB_END, "when it began")  \
	X(INT, end_ns, "end", HAND, AT_JOB_END, "when it ended")               \
	X(EXIT, exit_status, "exit", HAND, AT_JOB_END,                         \
	    "as a shell has it: 128 and more for signals")                     \
	X(NUMBER, signal, "signal", HAND, AT_JOB_END, "that it died of")       \
	X(TEXT, error, "error", HAND, AT_JOB_END, "why it did not start")      \
	X(INT, cpu_ns, "cpu", HAND, AT_JOB_END, "cpu time")                    \
	X(INT, max_rss_bytes, "max_rss", HAND, AT_JOB_END,                     \
	    "the most memory that one of its processes had, bytes")            \
	X(PLAIN, log, "log", HAND, AT_JOB,                                     \
	    "where its output goes, seen from the folder of the run; there "   \
	    "is no file before the first byte")                                \
	X(INT, log_begin, "log_begin", HAND, AT_JOB,                           \
	    "size of the log when it began, bytes")                            \
	X(INT, log_end, "log_end", HAND, AT_JOB_END,                           \
	    "size of the log when it had ended, bytes")

#define JOURNAL_END_FIELDS(X)                                                  \
	X(INT, end_ns, "end", HAND, AT_END, "when all had settled")            \
	X(EXIT, exit_status, "exit", HAND, AT_END, "of prun")                  \
	X(NUMBER, signal, "signal", HAND, AT_END, "that ended the run")        \
	X(TEXT, error, "error", HAND, AT_END, "what the run failed with")      \
	X(TEXT, verdict, "verdict", HAND, AT_END,                              \
	    "what was said of it last: \"FAILED: a; 1 failed, 3 passed\"")     \
	X(PLAIN, commit, "commit", HAND, AT_END, "hash of the commit it made") \
	X(WORDS, rerun, "rerun", HAND, AT_END, "tasks to run again")           \
	X(WORDS, excused, "excused", HAND, AT_END,                             \
	    "numbers of the calls whose failure did not count")                \
	X(WORDS, quarantined, "quarantined", HAND, AT_END,                     \
	    "those of them that are in quarantine")                            \
	X(PLAIN, tree, "tree", HAND, AT_END,                                   \
	    "id of the tree that it ran on, where nothing differed from it")   \
	X(INT, load, "load", HAND, AT_END,                                     \
	    "load average of a minute per core, thousandths")                  \
	X(INT, mem_wait, "mem_wait", HAND, AT_END,                             \
	    "share of the last 10 s in which something waited for memory, "    \
	    "thousandths")                                                     \
	X(COUNT, direct, "direct", HAND, AT_END,                               \
	    "commands that were started without a shell")                      \
	X(COUNT, known, "known", HAND, AT_END,                                 \
	    "commands without a process, since what they do is known")         \
	X(COUNT, stepped, "stepped", HAND, AT_END,                             \
	    "commands that prun ran step by step, without a shell")            \
	X(COUNT, by_dash, "by_dash", HAND, AT_END,                             \
	    "commands that dash ran in bash's place")                          \
	X(COUNT, digests, "digests", HAND, AT_END,                             \
	    "files that were not read again, since their digests were known")  \
	X(COUNT, ahead, "ahead", HAND, AT_END,                                 \
	    "calls whose outputs the remote cache had sent before they came "  \
	    "up")                                                              \
	X(COUNT, batched, "batched", HAND, AT_END,                             \
	    "jobs beyond the slots since they are over at once")               \
	X(COUNT, light, "light", HAND, AT_END,                                 \
	    "jobs beyond the slots since what ran hardly used the processor "  \
	    "in the past")                                                     \
	X(COUNT, admitted, "admitted", HAND, AT_END,                           \
	    "jobs beyond the slots since what ran hardly used the processor")  \
	X(BOOL, disturbed, "disturbed", HAND, AT_END,                          \
	    "a source changed while it was in use")                            \
	X(BOOL, idle, "idle", HAND, AT_END,                                    \
	    "no command ran, and nothing failed: all was up to date")          \
	X(BOOL, narrowed, "narrowed", HAND, AT_END,                            \
	    "calls were left out by --changed or --failed")

#define JOURNAL_SAMPLE_FIELDS(X)                                               \
	X(INT, at_ns, "time", HAND, AT_MACHINE, "when")                        \
	X(INT, cpu, "cpu", HAND, AT_MACHINE,                                   \
	    "share of all cores in use since the last time, thousandths")      \
	X(INT, load, "load", HAND, AT_MACHINE,                                 \
	    "load average of a minute per core, thousandths")                  \
	X(INT, memory, "memory", HAND, AT_MACHINE, "memory in use, bytes")

#define JOURNAL_GAP_FIELDS(X)                                                  \
	X(COUNT, lines, "lines", HAND, AT_DROPPED, "how many lines are missing")

/* The C types. */
#define JOURNAL_TYPE_COUNT  unsigned
#define JOURNAL_TYPE_INT    int64_t
#define JOURNAL_TYPE_NUMBER int
#define JOURNAL_TYPE_EXIT   int
#define JOURNAL_TYPE_BOOL   bool
#define JOURNAL_TYPE_TEXT   const char *
#define JOURNAL_TYPE_PLAIN  const char *
#define JOURNAL_TYPE_WORDS  journal_words

enum journal_kind {
	JOURNAL_COUNT,  /* a small number: ids, how many */
	JOURNAL_INT,    /* 64 bits: times in ns, sizes in bytes */
	JOURNAL_NUMBER, /* a signal */
	JOURNAL_EXIT,   /* an exit status; -1: none */
	JOURNAL_BOOL,
	JOURNAL_TEXT,
	JOURNAL_PLAIN,
	JOURNAL_WORDS,
};

#endif
