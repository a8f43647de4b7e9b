/* SPDX-License-Identifier: MIT */
/*
 * `prun-fetch cache`: a remote cache (P-1004) for as long as a run takes, over
 * one set of connections.  It brings entries with their blobs into the local
 * cache and hands new ones on; prun asks by lines, and looks for itself in the
 * local one when it is told that something came.  First the settings, up to an
 * empty line:
 *
 *	url http://user:password@host/path
 *	header Name: value
 *	cacert FILE, cert FILE, key FILE, insecure
 *	dir FOLDER		the local cache
 *	max-size BYTES		of one entry; 0: any
 *	worker NAME		who makes entries
 *	sign FILE		key for signatures; none: they are not looked at
 *	repository TEXT, ref TEXT, taskfiles DIGEST
 *
 * Then, at any time, ID being any number:
 *
 *	get ID KEY MILLISECONDS
 *	drop ID			the answer to that get is not wanted any more
 *	put ID KEY
 *
 * Each get and put is answered once, in any order:
 *
 *	ID hit			it is in the local cache now
 *	ID none TEXT		there is none for us; TEXT says why
 *	ID failed TEXT		the remote does not what it should
 *	ID put			all of it is there
 *	ID refused TEXT		the server does not want this one
 *	0 off TEXT		nothing will come of it at all
 *
 * At the end of its input it drops what is under way and ends.
 * May include: base/, store/.
 */
#ifndef FETCH_CACHE_H
#define FETCH_CACHE_H

#include <curl/curl.h>

#include "base/sha256.h"
#include "store/cache_incoming.h"
#include "store/manifest.h"

struct session;
struct transfer;

enum transfer_kind {
	TRANSFER_BYTES, /* GET into memory */
	TRANSFER_BLOB,  /* GET into the local cache */
	TRANSFER_HEAD,
	TRANSFER_PUT,
};

enum transfer_end {
	TRANSFER_OK,
	TRANSFER_ABSENT,  /* 404 */
	TRANSFER_REFUSED, /* 413, 507: this one, not all */
	TRANSFER_FAILED,
};

#define TRANSFER_WEB_PAGE "a web page came in its place"

/* What is to be sent or got; a lookup's go before an upload's. */
struct transfer {
	enum transfer_kind kind;
	bool is_upload;
	char path[4 + SHA256_HEX + 1]; /* "cas/…", "ac/…" */
	struct cache_blob blob;	/* wanted, or to be sent; digest "": any */
	sv body;		/* PUT: its bytes; else the blob is sent */
	size_t most;		/* BYTES: more is an error */
	long timeout_ms;	/* 0: while something moves */
	/* told once, and then gone; not after transfers_drop() */
	void (*done)(struct transfer *t, enum transfer_end end);
	void *owner;

	struct session *s;
	struct sb bytes; /* BYTES: what came */
	const char *why; /* it failed */
	bool is_web_page; /* says the server */
	/* transfer.c's own */
	CURL *easy;
	struct cache_incoming in;
	int fd;
	size_t sent; /* of the body */
	size_t passed; /* of what comes with an error */
	struct err problem; /* of a callback */
	struct transfer *next;
};

struct lookup;
struct upload;

struct session {
	struct arena *a; /* of the settings */
	const char *url;
	struct curl_slist *headers;
	const char *cacert, *cert, *key;
	bool insecure;
	const char *dir, *worker;
	uint64_t max_size;
	bool wants_signature;
	sv secret;
	struct manifest_scope scope;

	struct cache *cache;
	CURLM *multi;
	/* lookups', uploads' */
	struct transfer *waiting[2], **tail[2];
	struct transfer *active;
	unsigned n_active;
	struct lookup *lookups;
	struct upload *uploads;
};

/* ---- cache.c ---- */

/* The whole program; its exit status. */
int fetch_cache(void);
/* A line to prun. */
void session_answer(struct session *s, unsigned long id, const char *what,
    const char *text);

/* ---- transfer.c ---- */

/* In zeroed memory; to be filled, and started. */
struct transfer *transfer_new(struct session *s, enum transfer_kind kind,
    const char *folder, const char *digest, void *owner,
    void (*done)(struct transfer *t, enum transfer_end end));
void transfer_start(struct transfer *t);
/* Starts what waits, takes in what is done. */
void transfers_go_on(struct session *s);
/* All of an owner. */
void transfers_drop(struct session *s, const void *owner);

/* ---- cache_get.c, cache_put.c ---- */

void lookup_begin(struct session *s, unsigned long id, const char *key,
    int64_t budget_ns);
void lookup_drop(struct session *s, unsigned long id);
/* At the end: nobody waits for an answer. */
void lookups_leave(struct session *s);
/* Ends those whose time is over; when the next one's is, in ms; -1: none. */
int lookups_expire(struct session *s);
void upload_begin(struct session *s, unsigned long id, const char *key);
void uploads_leave(struct session *s);

#endif
