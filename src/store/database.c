/* SPDX-License-Identifier: MIT */
/* A database: opened, brought up to date, put aside where damaged. */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"

/* Bytes of the log beside it that stay. */
#define LOG_MAX (1 << 20)

static bool
database_failed(struct database *db)
{
	int code = sqlite3_errcode(db->sql) & 0xff;

	if (db->fault != DB_FINE)
		return false;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		db->fault = DB_BUSY;
	else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
		 code ==
		     SQLITE_ERROR) /* tables that are not as they were made */
		db->fault = DB_DAMAGED;
	else
		db->fault = DB_FAILED;
	return err_set(
	    &db->err, ERR_GENERIC, "%s: %s", db->path, sqlite3_errmsg(db->sql));
}

sqlite3_stmt *
database_prepare(struct database *db, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL) != SQLITE_OK)
		database_failed(db);
	return s;
}

bool
database_step(struct database *db, sqlite3_stmt *s)
{
	int code;

	if (s == NULL)
		return false;
	code = sqlite3_step(s);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		database_failed(db);
	return code == SQLITE_ROW;
}

bool
database_do(struct database *db, sqlite3_stmt *s)
{
	if (s == NULL)
		return false;
	while (database_step(db, s))
		;
	return sqlite3_reset(s) == SQLITE_OK;
}

bool
database_exec(struct database *db, const char *sql)
{
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       database_failed(db);
}

void
database_finalize(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

const char *
database_text(struct arena *a, sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text == NULL ? "" : arena_strdup(a, text);
}

void
database_bind(sqlite3_stmt *s, int i, const char *text)
{
	sqlite3_bind_text(s, i, text, -1, SQLITE_STATIC);
}

bool
database_begin(struct database *db)
{
	return database_exec(db, "BEGIN");
}

void
database_end(struct database *db)
{
	if (!database_exec(db, db->fault == DB_FINE ? "COMMIT" : "ROLLBACK"))
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

static int
database_version(struct database *db)
{
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, "PRAGMA user_version");

	return database_step(db, s) ? sqlite3_column_int(s, 0) : -1;
}

/* false: a newer prun has made it, or no number can be read. */
static bool
is_version_known(struct database *db, int version)
{
	if (version <= (int)db->schema->n_steps)
		return version >= 0;
	db->fault = DB_NEWER;
	return err_set(&db->err, ERR_GENERIC,
	    "%s: made by a newer prun (its version is %d, known is %d)",
	    db->path, version, (int)db->schema->n_steps);
}

/* Whole or not at all; another run may have done so meanwhile. */
static bool
migrate(struct database *db)
{
	char set[48];
	int version;

	if (!database_exec(db, "BEGIN IMMEDIATE"))
		return false;
	version = database_version(db);
	if (!is_version_known(db, version))
		return false;
	for (int i = version; i < (int)db->schema->n_steps; i++)
		if (!database_exec(db, db->schema->steps[i]))
			return false;
	snprintf(set, sizeof(set), "PRAGMA user_version = %d",
	    (int)db->schema->n_steps);
	return database_exec(db, set) && database_exec(db, "COMMIT");
}

static bool
check_database_version(struct database *db, bool writes)
{
	int version = database_version(db);

	if (!is_version_known(db, version) ||
	    version == (int)db->schema->n_steps)
		return version == (int)db->schema->n_steps;
	if (!writes) {
		db->fault = DB_FAILED;
		return err_set(&db->err, ERR_GENERIC,
		    "%s: of an older prun (its version is %d)", db->path,
		    version);
	}
	/* kept in the file, and for all that open it */
	return database_exec(db, "PRAGMA journal_mode = WAL") && migrate(db);
}

/* What is written lasts when the log goes into the database, not each time: a
 * power cut may cost the last runs, and their journals are there still.  That
 * is done every 1000 pages, not at every end of a run. */
static bool
open_sql(struct database *db, bool writes)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);

	if (sqlite3_open_v2(db->path, &db->sql, flags, NULL) != SQLITE_OK)
		return database_failed(db);
	sqlite3_busy_timeout(db->sql, db->schema->busy_ms);
	sqlite3_db_config(
	    db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return database_exec(db, "PRAGMA synchronous = NORMAL") &&
	       check_database_version(db, writes);
}

/* Its own, made by nobody else and followed through no link. */
static bool
make_file(struct database *db, bool writes)
{
	int fd cleanup_close = open_own(
	    db->path, (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		db->dev = st.st_dev;
		db->ino = st.st_ino;
		return true;
	}
	db->fault = DB_FAILED;
	return err_sys(&db->err, errno, "open %s", db->path);
}

/* The next one begins anew; what was there can be looked at.  Not where another
 * run has done so already, and there is a new one. */
static void
put_aside(const struct database *db)
{
	static const char *const ends[] = { "-wal", "-shm" };
	char *to cleanup_free = xasprintf("%s.damaged", db->path);
	struct stat st;

	if (lstat(db->path, &st) != 0 || st.st_dev != db->dev ||
	    st.st_ino != db->ino || rename(db->path, to) != 0)
		return;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *rest cleanup_free = xasprintf("%s%s", db->path, ends[i]);

		unlink(rest);
	}
}

struct database *
database_open(const char *path, const struct db_schema *schema, bool writes,
    enum db_fault *fault, struct err *e)
{
	struct database *db = xcalloc(1, sizeof(*db));

	*db = (struct database){
		.path = xstrdup(path), .schema = schema, .err = ERR_INIT
	};
	if (make_file(db, writes) && open_sql(db, writes)) {
		*fault = DB_FINE;
		return db;
	}
	*fault = db->fault == DB_FINE ? DB_FAILED : db->fault;
	err_copy(e, &db->err);
	database_close(db);
	return NULL;
}

enum db_fault
database_fault(struct database *db, struct err *e)
{
	if (db->fault != DB_FINE)
		err_copy(e, &db->err);
	return db->fault;
}

/* All of the log is read whenever somebody opens the database first. */
static void
shorten_log(struct database *db)
{
	char *log cleanup_free = xasprintf("%s-wal", db->path);
	struct stat st;

	if (db->fault == DB_FINE && stat(log, &st) == 0 && st.st_size > LOG_MAX)
		sqlite3_exec(db->sql, "PRAGMA wal_checkpoint(TRUNCATE)", NULL,
		    NULL, NULL);
}

void
database_close(struct database *db)
{
	if (db == NULL)
		return;
	shorten_log(db);
	sqlite3_close(db->sql);
	if (db->fault == DB_DAMAGED)
		put_aside(db);
	err_clear(&db->err);
	free(db->path);
	free(db);
}
