/* SPDX-License-Identifier: MIT */
/*
 * An SQLite database in the state folder: opened, brought up to what this prun
 * knows, put aside where damaged.  Nothing needs one to be right: whoever
 * cannot have it goes on without.  Readers and a writer do not wait for each
 * other. What is in it is its owner's: history_db.h, sessions.h. May include:
 * base/; SQLite.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "base/err.h"

enum db_fault {
	DB_FINE,
	DB_BUSY,    /* another process has it, and had it for busy_ms */
	DB_DAMAGED, /* put aside as NAME.damaged; there is none now */
	DB_NEWER,   /* made by a newer prun, and left alone */
	DB_FAILED,  /* cannot be read or written: *e says why */
};

struct db_schema {
	/* Each brings a database from its place in this list to the next; how
	 * many were done stands in its user_version. */
	const char *const *steps;
	size_t n_steps;
	int busy_ms; /* how long another process may keep this one waiting */
};

struct database {
	sqlite3 *sql;
	const struct db_schema *schema;
	char *path;
	dev_t dev; /* which file it is */
	ino_t ino;
	enum db_fault fault; /* the first one; what follows does nothing */
	struct err err;
};

/* NULL with the fault and, but for DB_BUSY, an error that says what is the
 * matter.  `writes`: it is made where there is none, and brought up to what
 * this prun knows. */
struct database *database_open(const char *path, const struct db_schema *schema,
    bool writes, enum db_fault *fault, struct err *e);
/* NULL is fine. */
void database_close(struct database *db);
/* What went wrong since it was opened, with its error; a damaged database is
 * put aside by database_close(). */
enum db_fault database_fault(struct database *db, struct err *e);

/* A prepared statement; NULL with the fault noted where there can be none. */
sqlite3_stmt *database_prepare(struct database *db, const char *sql);
/* The next row; false at the end, or where a fault was noted. */
bool database_step(struct database *db, sqlite3_stmt *s);
/* Steps to the end, and makes it ready for the next time. */
bool database_do(struct database *db, sqlite3_stmt *s);
bool database_exec(struct database *db, const char *sql);
void database_finalize(sqlite3_stmt **s);
#define cleanup_stmt __attribute__((cleanup(database_finalize)))

/* The text lives until the statement was done. */
void database_bind(sqlite3_stmt *s, int i, const char *text);
/* "" where there is none. */
const char *database_text(struct arena *a, sqlite3_stmt *s, int column);

/* Around many questions, which are then answered of one state. */
bool database_begin(struct database *db);
void database_end(struct database *db);

#endif
