/* SPDX-License-Identifier: MIT */
/* The database itself: opened, brought up to date, put aside where damaged. */
#include "store/history_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"

/* Each brings a database from its place in this list to the next; how many were
 * done stands in its user_version. */
static const char *const migrations[] = {
	"CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" at INTEGER, wall INTEGER, exit INTEGER, signal INTEGER,"
	" serial INTEGER, slots INTEGER, machine TEXT, head TEXT,"
	" tree INTEGER, load INTEGER);"
	"CREATE TABLE series (id INTEGER PRIMARY KEY, task TEXT NOT NULL,"
	" vars TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (task, vars));"
	"CREATE TABLE calls (series INTEGER, run INTEGER, call INTEGER,"
	" outcome INTEGER, flags INTEGER, attempts INTEGER, start INTEGER,"
	" wall INTEGER, busy INTEGER, wait INTEGER, cpu INTEGER, rss INTEGER,"
	" alone INTEGER, PRIMARY KEY (series, run, call)) WITHOUT ROWID;",
	/* what was told, so that it is told once */
	"CREATE TABLE said (series INTEGER, run INTEGER,"
	" PRIMARY KEY (series, run)) WITHOUT ROWID;",
	"ALTER TABLE runs ADD COLUMN mem_wait INTEGER DEFAULT 0;"
	"ALTER TABLE calls ADD COLUMN blocks_read INTEGER DEFAULT 0;"
	"ALTER TABLE calls ADD COLUMN blocks_written INTEGER DEFAULT 0;",
};
#define MIGRATIONS (int)(sizeof(migrations) / sizeof(migrations[0]))

/* How long another run may keep this one waiting. */
#define BUSY_MS 200

/* Bytes of the log beside it that stay. */
#define LOG_MAX (1 << 20)

static bool
history_failed(struct history_db *db)
{
	int code = sqlite3_errcode(db->sql) & 0xff;

	if (db->fault != HISTORY_FINE)
		return false;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		db->fault = HISTORY_BUSY;
	else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
		 code ==
		     SQLITE_ERROR) /* tables that are not as they were made */
		db->fault = HISTORY_DAMAGED;
	else
		db->fault = HISTORY_FAILED;
	return err_set(
	    &db->err, ERR_GENERIC, "%s: %s", db->path, sqlite3_errmsg(db->sql));
}

sqlite3_stmt *
history_prepare(struct history_db *db, const char *sql)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL) != SQLITE_OK)
		history_failed(db);
	return s;
}

bool
history_step(struct history_db *db, sqlite3_stmt *s)
{
	int code;

	if (s == NULL)
		return false;
	code = sqlite3_step(s);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		history_failed(db);
	return code == SQLITE_ROW;
}

bool
history_do(struct history_db *db, sqlite3_stmt *s)
{
	if (s == NULL)
		return false;
	while (history_step(db, s))
		;
	return sqlite3_reset(s) == SQLITE_OK;
}

bool
history_exec(struct history_db *db, const char *sql)
{
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       history_failed(db);
}

void
history_finalize(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}

const char *
history_text(struct arena *a, sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text == NULL ? "" : arena_strdup(a, text);
}

bool
history_db_begin(struct history_db *db)
{
	return history_exec(db, "BEGIN");
}

void
history_db_end(struct history_db *db)
{
	if (!history_exec(
		db, db->fault == HISTORY_FINE ? "COMMIT" : "ROLLBACK"))
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

static int
history_version(struct history_db *db)
{
	sqlite3_stmt *s cleanup_stmt =
	    history_prepare(db, "PRAGMA user_version");

	return history_step(db, s) ? sqlite3_column_int(s, 0) : -1;
}

/* false: a newer prun has made it, or no number can be read. */
static bool
is_version_known(struct history_db *db, int version)
{
	if (version <= MIGRATIONS)
		return version >= 0;
	db->fault = HISTORY_NEWER;
	return err_set(&db->err, ERR_GENERIC,
	    "%s: made by a newer prun (its version is %d, known is %d)",
	    db->path, version, MIGRATIONS);
}

/* Whole or not at all; another run may have done so meanwhile. */
static bool
migrate(struct history_db *db)
{
	char set[48];
	int version;

	if (!history_exec(db, "BEGIN IMMEDIATE"))
		return false;
	version = history_version(db);
	if (!is_version_known(db, version))
		return false;
	for (int i = version; i < MIGRATIONS; i++)
		if (!history_exec(db, migrations[i]))
			return false;
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", MIGRATIONS);
	return history_exec(db, set) && history_exec(db, "COMMIT");
}

static bool
check_history_version(struct history_db *db, bool writes)
{
	int version = history_version(db);

	if (!is_version_known(db, version) || version == MIGRATIONS)
		return version == MIGRATIONS;
	if (!writes) {
		db->fault = HISTORY_FAILED;
		return err_set(&db->err, ERR_GENERIC,
		    "%s: of an older prun (its version is %d)", db->path,
		    version);
	}
	/* kept in the file, and for all that open it */
	return history_exec(db, "PRAGMA journal_mode = WAL") && migrate(db);
}

/* What is written lasts when the log goes into the database, not each time: a
 * power cut may cost the last runs, and their journals are there still.  That
 * is done every 1000 pages, not at every end of a run. */
static bool
open_sql(struct history_db *db, bool writes)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);

	if (sqlite3_open_v2(db->path, &db->sql, flags, NULL) != SQLITE_OK)
		return history_failed(db);
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	sqlite3_db_config(
	    db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return history_exec(db, "PRAGMA synchronous = NORMAL") &&
	       check_history_version(db, writes);
}

/* Its own, made by nobody else and followed through no link. */
static bool
make_file(struct history_db *db, bool writes)
{
	int fd cleanup_close = open_own(
	    db->path, (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0) {
		db->dev = st.st_dev;
		db->ino = st.st_ino;
		return true;
	}
	db->fault = HISTORY_FAILED;
	return err_sys(&db->err, errno, "open %s", db->path);
}

/* The next one begins anew; what was there can be looked at.  Not where another
 * run has done so already, and there is a new one. */
static void
put_aside(const struct history_db *db)
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

struct history_db *
history_db_open(
    const char *path, bool writes, enum history_fault *fault, struct err *e)
{
	struct history_db *db = xcalloc(1, sizeof(*db));

	*db = (struct history_db){ .path = xstrdup(path), .err = ERR_INIT };
	if (make_file(db, writes) && open_sql(db, writes)) {
		*fault = HISTORY_FINE;
		return db;
	}
	*fault = db->fault == HISTORY_FINE ? HISTORY_FAILED : db->fault;
	err_copy(e, &db->err);
	history_db_close(db);
	return NULL;
}

enum history_fault
history_db_fault(struct history_db *db, struct err *e)
{
	if (db->fault != HISTORY_FINE)
		err_copy(e, &db->err);
	return db->fault;
}

/* All of the log is read whenever somebody opens the database first. */
static void
shorten_log(struct history_db *db)
{
	char *log cleanup_free = xasprintf("%s-wal", db->path);
	struct stat st;

	if (db->fault == HISTORY_FINE && stat(log, &st) == 0 &&
	    st.st_size > LOG_MAX)
		sqlite3_exec(db->sql, "PRAGMA wal_checkpoint(TRUNCATE)", NULL,
		    NULL, NULL);
}

void
history_db_close(struct history_db *db)
{
	if (db == NULL)
		return;
	shorten_log(db);
	sqlite3_close(db->sql);
	if (db->fault == HISTORY_DAMAGED)
		put_aside(db);
	err_clear(&db->err);
	free(db->path);
	free(db);
}
