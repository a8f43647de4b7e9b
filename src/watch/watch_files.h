/* SPDX-License-Identifier: MIT */
/*
 * What watch mode looks at: the sources of the watched tasks, of their deps and
 * of the tasks they call, as they were when last seen, and the directories that
 * hold them (C-403 to C-406).  For
 * watch.c.
 */
#ifndef WATCH_WATCH_FILES_H
#define WATCH_WATCH_FILES_H

#include "base/map.h"
#include "project/project.h"
#include "exec/fswatch.h"

struct watch_files {
	struct arena *a;
	struct project *p;      /* for messages; its root_dir */
	struct fswatch *fs;
	struct map *sets;     /* key → struct glob_set * */
	struct map *files;    /* path → struct seen_file * */
	unsigned round;	      /* of looking at everything */
	unsigned generation;  /* of the run that uses the sets */
	int64_t began_ns;     /* that run, of the epoch */
	const char *last_dir; /* the one watched last */
	bool last_is_new;     /* it was not watched before */
	struct map *told;     /* errors that were printed */
};

void watch_files_init(struct watch_files *wf, struct project *p,
    struct fswatch *fs);
void watch_files_free(struct watch_files *wf);
/* C-404: is there a component .task, .git, .hg or node_modules? */
bool watch_ignores(const char *path);

/* Another run begins: what it adds is what counts from its end on. */
void watch_files_next(struct watch_files *wf);
/* The sources of one compiled task. */
void watch_files_add(struct watch_files *wf, const struct ctask *t);
/* The sources of everything that these calls may reach, as far as it can be
 * known without running a command. */
void watch_files_add_calls(struct watch_files *wf, struct compiler *c,
    const call_vec *calls);
/* Drops the sources of tasks that this run did not add. */
void watch_files_forget_old(struct watch_files *wf);

/* Looks at all sources; true when one changed, vanished, or is new and not
 * older than since_ns (of the epoch).  Watches new directories. */
bool watch_files_look(struct watch_files *wf, int64_t since_ns);

enum seen { SEEN_SAME, SEEN_CHANGED, SEEN_NO_SOURCE };
/* Looks at one file that may be a source.  SEEN_NO_SOURCE also for a source
 * that is new.  `note` takes what is found as known. */
enum seen watch_files_see(struct watch_files *wf, const char *path, bool note);

#endif
