/* SPDX-License-Identifier: MIT */
/*
 * prun.ini (P-903): the file at the root of the repository over the user's own.
 * Unknown sections, unknown keys and bad values are errors that name the file,
 * the line and the nearest known word.
 * May include: base/ to vcs/; inih.
 */
#ifndef PROJECT_INI_H
#define PROJECT_INI_H

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

/* section, key, kind, default, what it does (prun.ini.5 is checked against
 * this table) */
#define CONFIG_KEYS(X)                                                         \
	X(run, jobs, JOBS, "",                                                 \
	    "the bound of the cpu pool: a number, max, auto")                  \
	X(run, parallel, BOOL, "on", "off: one job at a time")                 \
	X(run, compat, BOOL, "off", "go-task's own answers")                   \
	X(run, flaky, TEXT, "pass", "what a flaky call counts as: pass, fail") \
	X(run, grace, TIME, "", "from a signal to KILL: 30s after ^C, or 10s") \
	X(run, jobserver, TEXT, "off",                                         \
	    "for make and others in jobs: auto, pipe, fifo, off")              \
	X(run, load, SHARE, "", "start no job while cpu use is above")         \
	X(run, max_var, SIZE, "64M", "bytes that an sh: variable may print")   \
	X(run, memfree, SIZE, "", "start no job with less memory available")   \
	X(run, order, TEXT, "critical-path",                                   \
	    "of ready calls: critical-path, declared, shortest")               \
	X(run, timeout, TIME, "", "bounds the whole run")                      \
	X(logs, dir, TEXT, "", "folder of the runs and their logs")            \
	X(logs, keep, INT, "20", "runs whose logs are kept")                   \
	X(logs, max_size, SIZE, "256M", "bytes of logs that are kept")         \
	X(logs, capture, CAPTURE, "on",                                        \
	    "off: no logs; always: the terminal's jobs too")                   \
	X(output, mode, TEXT, "", "how output is shown: a mode of output/")    \
	X(output, ci, TEXT, "auto", "annotations for CI systems: auto, off")   \
	X(output, progress, BOOL, "on", "live status on a terminal")           \
	X(output, notify, BOOL, "off", "tell the terminal of progress")        \
	X(commit, message, TEXT, "", "subject of the one commit")              \
	X(commit, push, BOOL, "off", "push after the commit")                  \
	X(commit, undeclared, TEXT, "commit",                                  \
	    "files that no called task declares: commit, refuse")              \
	X(report, ctrf, TEXT, "", "file for a report in CTRF")                 \
	X(report, html, TEXT, "", "file for a page that shows the run")        \
	X(report, json, TEXT, "", "file for a report of all that is known")    \
	X(report, junit, TEXT, "", "file for a report in JUnit's XML")         \
	X(report, markdown, TEXT, "", "file for a summary in Markdown")        \
	X(report, otlp, TEXT, "",                                              \
	    "file or address for spans of OpenTelemetry, as JSON")             \
	X(report, trace, TEXT, "", "file for a trace, as Perfetto reads it")   \
	X(receipt, tools, TEXT, "", "commands whose versions receipts name")   \
	X(server, listen, TEXT, "127.0.0.1:8377",                              \
	    "where --serve listens: ADDRESS:PORT, unix:PATH")                  \
	X(server, hosts, TEXT, "", "more names that the server is called by")  \
	X(server, plan_task, TEXT, "",                                         \
	    "what a plan runs; else what [worktrees] says")                    \
	X(slurm, partition, TEXT, "", "where jobs go on the cluster")          \
	X(slurm, account, TEXT, "", "whom the cluster charges")                \
	X(slurm, qos, TEXT, "", "quality of service on the cluster")           \
	X(slurm, options, TEXT, "", "more words for sbatch")                   \
	X(slurm, jobs, INT, "100", "jobs at a time on the cluster")            \
	X(slurm, poll, TIME, "5s", "between two questions to Slurm")           \
	X(slurm, orphan, TEXT, "cancel",                                       \
	    "jobs of a killed run: cancel, adopt")                             \
	X(slurm, shared, TEXT, "auto",                                         \
	    "do nodes share the work tree: auto, yes, no")                     \
	X(worktrees, dir, TEXT, "", "folder of the work trees of sessions")    \
	X(worktrees, kind, TEXT, "worktree",                                   \
	    "what a tree is: worktree, clone")                                 \
	X(worktrees, workers, JOBS, "3",                                       \
	    "tests side by side: a number, max, auto")                         \
	X(worktrees, order, TEXT, "longest",                                   \
	    "of tests: longest, shortest, fifo")                               \
	X(worktrees, max_queue, INT, "100", "tests that may wait")             \
	X(worktrees, retries, INT, "2",                                        \
	    "tries of a failed test after the first")                          \
	X(worktrees, timeout, TIME, "30m", "ends a test that takes longer")    \
	X(worktrees, plan_task, TEXT, "test-plan",                             \
	    "what --plans runs for each file")                                 \
	X(worktrees, prepare, TEXT, "", "task that readies a tree")            \
	X(worktrees, prepare_key, TEXT, "",                                    \
	    "files whose change asks for it again")                            \
	X(worktrees, keep, TEXT, "", "ignored files that cleaning leaves")     \
	X(worktrees, preserve_failed, BOOL, "off",                             \
	    "keep the tree of a failed test")                                  \
	X(worktrees, cleanup, BOOL, "off", "remove the trees at the end")      \
	X(worktrees, foreign, TEXT, "fail",                                    \
	    "links to other trees: fail, warn, allow")                         \
	X(worktrees, lfs, TEXT, "auto", "large files: auto, pull, skip")       \
	X(worktrees, rate, TEXT, "", "what a test costs, as in 0.02/min")      \
	X(cache, default, BOOL, "off", "keep the outputs of all tasks")        \
	X(cache, dir, TEXT, "", "where outputs are kept")                      \
	X(cache, max_size, SIZE, "2G", "bytes of outputs that are kept")       \
	X(cache, ttl, TIME, "30d", "outputs not used for so long go")          \
	X(cache, memory, SIZE, "64M", "bytes of them that a run holds")        \
	X(cache, tools, TEXT, "", "commands whose versions decide as well")    \
	X(cache, url, WEB, "", "a remote cache, by http or https")             \
	X(cache, write, BOOL, "off", "new outputs go to the remote cache")     \
	X(cache, sign, TEXT, "", "file with the key of signatures there")      \
	X(cache, timeout, TIME, "1.5s", "what a run may lose by asking there") \
	X(cache, upload, TIME, "1s", "the end of a run waits for uploads")     \
	X(state, dir, TEXT, "", "where logs, receipts and history live")       \
	X(features, fast_exec, BOOL, "on", "plain words run without a shell")  \
	X(features, fast_shell, BOOL, "on",                                    \
	    "echo and the like need no process")                               \
	X(features, digest_cache, BOOL, "on", "remember file digests")         \
	X(features, hash_threads, BOOL, "on",                                  \
	    "large trees are hashed by several threads")                       \
	X(features, output_cache, BOOL, "on", "outputs are kept and put back") \
	X(features, prefetch, BOOL, "on",                                      \
	    "the remote cache is asked before a call comes up")                \
	X(features, critical_path, BOOL, "on", "longest path first")           \
	X(features, adaptive_slots, BOOL, "on", "P-204")                       \
	X(features, batching, BOOL, "on",                                      \
	    "calls that are over at once share a slot")                        \
	X(features, history, BOOL, "on", "remember what became of calls")      \
	X(features, derived_tasks, BOOL, "on", "P-1403, P-1404")

/* [logs] capture, beside on and off */
enum {
	CAPTURE_ALWAYS = 2
};

/* [run] jobs, beside numbers: one per core; so many as the machine bears */
enum {
	JOBS_MAX = -1,
	JOBS_AUTO = -2
};

enum config_key {
#define X(section, key, ...) CONFIG_##section##_##key,
	CONFIG_KEYS(X)
#undef X
	CONFIG_COUNT
};

/* [hook NAME] */
struct config_hook {
	const char *name;
	bool only_changed;
	const char *isolate; /* auto, always, never */
	const char *prepare; /* task; "" : none */
};
/* [pool NAME] */
struct config_pool {
	const char *name;
	int slots;
};

struct config {
	struct config_value {
		const char *text; /* "": not said, and no default */
		/* BOOL: 0 or 1; JOBS: also JOBS_MAX, JOBS_AUTO; SIZE: bytes;
		 * TIME: nanoseconds; SHARE: see share_parse() */
		int64_t number;
	} v[CONFIG_COUNT];
	VEC(struct config_hook) hooks;
	VEC(struct config_pool) pools;
};

#define CFG_S(c, section, key) ((c)->v[CONFIG_##section##_##key].text)
#define CFG_I(c, section, key) ((c)->v[CONFIG_##section##_##key].number)
#define CFG_B(c, section, key) (CFG_I(c, section, key) != 0)

/* Defaults, then each file that exists. */
bool config_load(struct arena *a, const char *const *paths, size_t n,
    struct config *out, struct err *e);
/* The settings of a hook; defaults where the file has no section for it. */
struct config_hook config_hook(const struct config *c, const char *name);
/* "80%", "0.8": thousandths of the machine; -1 when it is no share. */
int64_t share_parse(const char *text);

#endif
