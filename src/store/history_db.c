/* SPDX-License-Identifier: MIT */
/* The tables of the history. */
#include "store/history_db.h"

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

static const struct db_schema schema = {
	migrations,
	sizeof(migrations) / sizeof(migrations[0]),
	.busy_ms = 200,
};

struct database *
history_db_open(
    const char *path, bool writes, enum db_fault *fault, struct err *e)
{
	return database_open(path, &schema, writes, fault, e);
}
