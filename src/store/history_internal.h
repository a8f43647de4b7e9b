/* SPDX-License-Identifier: MIT */
/* What the files of the history share. */
#ifndef STORE_HISTORY_INTERNAL_H
#define STORE_HISTORY_INTERNAL_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/history_db.h"

struct history_db {
	sqlite3 *sql;
	char *path;
	dev_t dev; /* which file it is */
	ino_t ino;
	enum history_fault fault;
	struct err err;
};

/* A prepared statement; NULL with the fault noted where there can be none. */
sqlite3_stmt *history_prepare(struct history_db *db, const char *sql);
/* The next row; false at the end, or where a fault was noted. */
bool history_step(struct history_db *db, sqlite3_stmt *s);
/* Steps to the end, and makes it ready for the next time. */
bool history_do(struct history_db *db, sqlite3_stmt *s);
bool history_exec(struct history_db *db, const char *sql);
void history_finalize(sqlite3_stmt **s);
#define cleanup_stmt __attribute__((cleanup(history_finalize)))

const char *history_text(struct arena *a, sqlite3_stmt *s, int column);

#endif
