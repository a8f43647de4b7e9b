/* SPDX-License-Identifier: MIT */
/*
 * A project: the Taskfile with all that is known of it once it is loaded, and
 * the settings that hold for it.
 * May include: base/ to remote/.
 */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H

#include "compile/compile.h"
#include "output/output.h"
#include "project/invocation.h"
#include "project/settings.h"
#include "remote/remote.h"
#include "store/state.h"
#include "vcs/git.h"
#include "vcs/tree_still.h"

typedef VEC(struct call) call_vec;

struct capture;

/* What is to be loaded. */
struct project_options {
	/* without prun.ini, which the project's place tells; and what they come
	 * to */
	const struct setting_sources *sources;
	const struct settings *early;
	/* the words of the command line: tasks and NAME=value; and those behind
	 * the dashes.  NULL: the command line has no say (C-108). */
	const string_vec *words, *behind;
	struct event_stream *events; /* hears of its runs; NULL: nobody */
	/* Where it is and what its state is, whatever the Taskfile says. */
	bool place_only;
};

/* Const once it is loaded but for what its parts remember; a copy with an arena
 * of its own is another generation (watch mode). */
struct project {
	struct arena *a; /* of all that is in it */
	const struct invocation *in;
	struct project_options o;
	struct setting_sources sources;
	struct config config;
	struct settings settings;
	const struct settings *s; /* NULL: it did not come so far */
	struct term *term;
	const char *program; /* path of the running program */

	const char *path, *root_dir; /* Taskfile, directory of root tasks; the
				      * latter is "" where stdin is read */
	const char *work_dir;	     /* root_dir, else the working directory */
	const char *repo_dir;        /* git work tree above it, or work_dir;
				      * without links on the way */
	struct state state;	     /* of the repository */
	struct taskfile *taskfile;
	struct templater *templater;
	struct compiler compiler;
	struct fp *idle_fp; /* of project_use_fp(p, NULL), when needed */
	struct output_style style; /* with begin, end, error_only */
	const struct output_mode *mode;
	bool has_default_mode; /* nobody says how: project_calls() chooses */
	call_vec named;		   /* the tasks of the command line */
	struct event_stream *events; /* hears of its runs; NULL: nobody */
	struct rerun *rerun; /* --failed: what has passed; NULL: nothing */
	const string_vec *changed; /* P-703: files of --changed, sorted; NULL:
				    * all */
	const string_vec *unknown; /* with that: what git knows nothing of,
				    * sorted */
};

/* Finds and loads the Taskfile, prun.ini, the output style, the compiler.  What
 * was found before an error is in *out. */
bool project_load(struct arena *a, const struct invocation *in,
    const struct project_options *o, struct term *term, struct project *out,
    struct err *e);
/* The Taskfile in another folder, or the one that is named ("": none is), with
 * the settings that hold there. */
bool project_load_at(const struct project *p, const char *dir,
    const char *taskfile, struct project *out, struct err *e);
/* Its state is that of this repository, whether there is a Taskfile or not. */
void project_set_repo(struct project *p, const char *dir);

/* What its settings are for remote/, once the root and the templater are
 * known. */
void project_remote(struct project *p, struct remote_options *out);

/* A word of the command line as it may be kept: NAME=value without the value
 * where NAME is a secret (P-406), without passwords of addresses. */
const char *project_kept_word(const struct project *p, const char *word);
/* Stands for a value that was not kept. */
#define KEPT_SECRET "*****"

/* ---- project.c ---- */

/* Runs a command where there is no run, for root dotenv paths and --explain:
 * its folder, environment and stderr are those of `c`, its words are filled in.
 * false: it could not be run. */
bool project_shell(struct project *p, const char *cmd, struct capture *c,
    sv *text, int *status, struct err *e);
/* Steps to the end and runs the commands of sh variables that it needs. */
bool project_compile(struct project *p, struct cursor *cursor, struct err *e);
/* The same of a call whose task is found, in full.  may_ask false: nothing is
 * run; *out is NULL where that would be needed. */
bool project_compile_call(struct project *p, const struct call *call,
    const struct match *m, bool may_ask, struct ctask **out, struct err *e);
/* Fingerprints of this Taskfile (C-300) for a run; read_only never writes. */
struct fp *project_fp(struct project *p, const char *run_id, bool read_only);
/* What CHECKSUM and TIMESTAMP are read with, until the next call; NULL: with
 * fingerprints of the project's own, as before the first call.  The caller
 * keeps `fp` and calls with NULL before it frees it. */
void project_use_fp(struct project *p, struct fp *fp);
/* The git repository of a folder. */
bool project_git(
    const struct project *p, const char *dir, struct git *out, struct err *e);
/* Tree id of the repository's HEAD when nothing differs from it, else NULL; and
 * what it is like, to see later whether it was touched. */
const char *project_clean_tree(
    const struct project *p, struct tree_still *still);

/* ---- calls.c ---- */

/* The tasks and variables that the words are, into named and the compiler;
 * project_load() calls it. */
void project_read_words(struct project *p);
/* Does it make tasks of what is there, where the Taskfile has none? */
bool project_derives(const struct project *p);
/* The named tasks (default: "default"), each looked up before anything runs
 * (C-062); derives what the Taskfile has not (P-1403, P-1404).  `lenient`: what
 * is not there is told when it is reached (C-098). */
bool project_calls(
    struct project *p, bool lenient, call_vec *out, struct err *e);

#endif
