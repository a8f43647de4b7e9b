/* SPDX-License-Identifier: MIT */
/*
 * The settings of a run: what flags, variables of the environment, .taskrc.yml
 * and prun.ini say, decided once and never changed afterwards.  A flag wins over
 * its variable, that over .taskrc.yml, that over prun.ini, that over the
 * default.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_SETTINGS_H
#define PROJECT_SETTINGS_H

#include "output/output.h"
#include "project/ini.h"
#include "project/invocation.h"
#include "project/setting.h"
#include "taskfile/taskfile.h"

/* name, kind, variable, field of struct taskrc, key of prun.ini (one without a
 * default of its own), default.  The flag has the name of the setting. */
#define SETTINGS(X)                                                           \
	X(cacert, STRING, "TASK_REMOTE_CACERT", RC(cacert), NONE, "")         \
	X(cert, STRING, "TASK_REMOTE_CERT", RC(cert), NONE, "")               \
	X(cert_key, STRING, "TASK_REMOTE_CERT_KEY", RC(cert_key), NONE, "")   \
	X(changed, OPTIONAL, NULL, NONE, NONE, "")                            \
	X(color, BOOL, "TASK_COLOR", RC(color), NONE, "true")                 \
	X(commit, OPTIONAL, NULL, NONE, NONE, "")                             \
	X(compat, BOOL, "PRUN_COMPAT", NONE, NONE, "")                        \
	X(concurrency, INT, "TASK_CONCURRENCY", RC(concurrency), NONE, "0")   \
	X(dir, STRING, NULL, NONE, NONE, "")                                  \
	X(disable_fuzzy, BOOL, "TASK_DISABLE_FUZZY", RC(disable_fuzzy), NONE, \
	    "")                                                               \
	X(download, BOOL, NULL, NONE, NONE, "")                               \
	X(dry, BOOL, "TASK_DRY", NONE, NONE, "")                              \
	X(executor, STRING, NULL, NONE, NONE, "")                             \
	X(expiry, DURATION, "TASK_REMOTE_CACHE_EXPIRY", RC(remote_expiry_ns), \
	    NONE, "0s")                                                       \
	X(failfast, BOOL, "TASK_FAILFAST", RC(failfast), NONE, "")            \
	X(force, BOOL, NULL, NONE, NONE, "")                                  \
	X(force_all, BOOL, NULL, NONE, NONE, "")                              \
	X(global, BOOL, NULL, NONE, NONE, "")                                 \
	X(insecure, BOOL, "TASK_REMOTE_INSECURE", RC(insecure), NONE, "")     \
	X(interactive, BOOL, "TASK_INTERACTIVE", RC(interactive), NONE, "")   \
	X(jobs, JOBS, "PRUN_JOBS", NONE, INI(run, jobs), "")                  \
	X(load, STRING, NULL, NONE, INI(run, load), "")                       \
	X(memfree, STRING, NULL, NONE, INI(run, memfree), "")                 \
	X(no_commit, BOOL, NULL, NONE, NONE, "")                              \
	X(no_progress, BOOL, NULL, NONE, NONE, "")                            \
	X(no_receipt, BOOL, NULL, NONE, NONE, "")                             \
	X(offline, BOOL, "TASK_REMOTE_OFFLINE", RC(offline), NONE, "")        \
	X(output, STRING, "TASK_OUTPUT", NONE, NONE, "")                      \
	X(output_group_begin, STRING, "TASK_OUTPUT_GROUP_BEGIN", NONE, NONE,  \
	    "")                                                               \
	X(output_group_end, STRING, "TASK_OUTPUT_GROUP_END", NONE, NONE, "")  \
	X(output_group_error_only, BOOL, "TASK_OUTPUT_GROUP_ERROR_ONLY",      \
	    NONE, NONE, "")                                                   \
	X(overflow, STRING, NULL, NONE, NONE, "")                             \
	X(parallel, BOOL, NULL, NONE, NONE, "")                               \
	X(remote_cache_dir, STRING, "TASK_REMOTE_CACHE_DIR",                  \
	    RC(remote_cache_dir), NONE, "")                                   \
	X(run_timeout, DURATION, NULL, NONE, INI(run, timeout), "0s")         \
	X(serial, BOOL, NULL, NONE, NONE, "")                                 \
	X(silent, BOOL, "TASK_SILENT", RC(silent), NONE, "")                  \
	X(taskfile, STRING, NULL, NONE, NONE, "")                             \
	X(temp_dir, STRING, "TASK_TEMP_DIR", RC(temp_dir), NONE, "")          \
	X(timeout, DURATION, "TASK_REMOTE_TIMEOUT", RC(remote_timeout_ns),    \
	    NONE, "10s")                                                      \
	X(trusted_hosts, LIST, "TASK_REMOTE_TRUSTED_HOSTS",                   \
	    RC(trusted_hosts), NONE, "")                                      \
	X(verbose, BOOL, "TASK_VERBOSE", RC(verbose), NONE, "")               \
	X(watch, BOOL, NULL, NONE, NONE, "")                                  \
	X(yes, BOOL, "TASK_ASSUME_YES", NONE, NONE, "")

enum setting_id {
#define X(name, ...) SET_##name,
	SETTINGS(X)
#undef X
	SETTING_COUNT
};

struct setting_def {
	const char *name;
	enum setting_kind kind;
	const char *env; /* NULL: none */
	int rc, ini;	 /* offset in struct taskrc, enum config_key; or -1 */
	const char *fallback;
};
extern const struct setting_def setting_defs[SETTING_COUNT];

/* Where a value comes from, the strongest last. */
enum setting_source {
	FROM_DEFAULT,
	FROM_INI,
	FROM_TASKRC,
	FROM_ENVIRONMENT,
	FROM_FLAG,
};

/* What there is to decide from; all lent as long as the settings. */
struct setting_sources {
	const struct environment *env;
	struct taskrc rc;
	const struct config *ini; /* NULL: not read yet; as if it were empty */
	/* SETTING_COUNT of them; NULL: the command line says nothing */
	const struct setting_value *flags;
	const struct protocol *outer;
	bool is_task; /* started under go-task's name */
	/* experiments: [name] as .taskrc.yml or TASK_X_name say */
	bool gentle_force, env_precedence;
};

#define SETTING_TYPE_BOOL bool
#define SETTING_TYPE_INT int64_t
#define SETTING_TYPE_JOBS int64_t
#define SETTING_TYPE_DURATION int64_t
#define SETTING_TYPE_STRING const char * /* never NULL */
#define SETTING_TYPE_OPTIONAL const char *
#define SETTING_TYPE_LIST string_vec

struct settings {
	/* `bool dry;` and so on, as the table has them */
#define X(name, kind, ...) SETTING_TYPE_##kind name;
	SETTINGS(X)
#undef X
	enum setting_source from[SETTING_COUNT];
	const char *text[SETTING_COUNT]; /* as it was written; "": not */
	const struct config *ini;	 /* what no flag can say */
	const struct taskrc *rc;	 /* headers */
	/* decided from more than one of them */
	bool is_compat; /* answers as go-task does */
	bool is_serial; /* one job at a time */
	bool gentle_force, env_precedence;
	bool in_hook;	     /* no stdin, no commit */
	int color_forced;    /* 1 on, 0 off, -1 not said */
	bool is_slots_auto;  /* the bound follows the machine (P-1105) */
	bool is_slots_asked; /* somebody asked for a bound (P-201) */
	int64_t slots;       /* the bound; 0: none; JOBS_MAX, JOBS_AUTO */
	int64_t max_load;    /* thousandths of the machine; 0: no bound */
	int64_t min_free_bytes;
	enum output_ci ci;
};

/* Is it said by anybody? */
#define SETTING_IS_SET(s, name) ((s)->from[SET_##name] > FROM_INI)

/* .env and .taskrc.yml of the folder `dir`, and the experiments; in->env gets
 * what .env says of experiments.  A broken .taskrc.yml is an error, with what else
 * could be had in *out. */
bool setting_sources_read(struct arena *a, const char *dir,
    const struct invocation *in, struct setting_sources *out, struct err *e);
/* The value of an experiment, 0 where none is given; for what warns of one. */
long setting_experiment(const struct setting_sources *src, const char *name);
void settings_resolve(struct arena *a, const struct setting_sources *src,
    struct settings *out);
/* The same where it was done (`early`) when there was no prun.ini yet. */
void settings_add_ini(struct arena *a, const struct setting_sources *src,
    const struct settings *early, struct settings *out);
/* The value in the form in which it was parsed. */
struct setting_value settings_value(
    const struct settings *s, enum setting_id id);
/* P-205: load and memfree of the command line can be used. */
bool settings_check_gates(
    struct arena *a, const struct settings *s, struct err *e);
/* The number of jobs at a time; SLOTS_UNLIMITED: no bound. */
int settings_slots(const struct settings *s);
/* The output mode of a run (C-151): of the command line, else of the Taskfile,
 * else of prun.ini; NULL: nobody says. */
bool settings_style(struct arena *a, const struct settings *s,
    const struct output_style *of_taskfile, struct output_style *out,
    const struct output_mode **mode, struct err *e);

#endif
