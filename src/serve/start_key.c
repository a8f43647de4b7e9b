/* SPDX-License-Identifier: MIT */
/* Requests with an Idempotency-Key: those under way, and what was answered to
 * those of the last day. */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/sha256.h"
#include "serve/router.h"
#include "serve/start.h"
#include "store/sessions.h"

#define KEPT_NS (24 * 60 * 60 * NS_PER_S)

/* One under way. */
struct started_key {
	char digest[SHA256_HEX + 1];
	struct started_key *next;
};

static bool
key_is_one(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < n; i++)
		if (key[i] < '!' || key[i] > '~')
			return false;
	return n > 0 && n <= 255;
}

static struct database *
keys_open(struct request *r)
{
	struct err e cleanup_err = ERR_INIT;
	const struct state *s = &r->s->o.state;
	enum db_fault fault;

	return state_make(s, &e)
		   ? sessions_open(sessions_path(r->a, s), true, &fault, &e)
		   : NULL;
}

/* LOCATION, a line end, the body. */
static void
reply_again(struct request *r, const char *kept)
{
	struct answer an = ANSWER_INIT;
	sv location, body;

	sv_cut(sv_of(kept), '\n', &location, &body);
	body = sv_of(arena_printf(r->a, "%.*s\n", SV_ARG(body)));
	an.status = 202;
	an.type = "application/json";
	an.text = body;
	answer_header(r, &an, "Location", sv_cstr(r->a, location));
	http_answer(r, &an);
}

/* true: nothing has been answered to it so far. */
static bool
key_is_new(struct start *st, struct database *db)
{
	const char *hash, *answer;

	if (!idempotency_get(db, st->r->a, st->key, clock_real_ns() - KEPT_NS,
		&hash, &answer))
		return true;
	if (strcmp(hash, st->body_hash) == 0) {
		reply_again(st->r, answer);
		return false;
	}
	fault_add(st->r, &st->faults, "",
	    "this Idempotency-Key came with another body before");
	reply_invalid(st->r, &st->faults);
	return false;
}

static bool
key_look(struct start *st)
{
	struct database *db;
	bool is_new;

	for (struct started_key *k = st->r->s->keys; k != NULL; k = k->next)
		if (strcmp(k->digest, st->key) == 0) {
			reply_problem(st->r, 409,
			    "the request with this Idempotency-Key is under "
			    "way");
			return false;
		}
	db = keys_open(st->r);
	if (db == NULL) {
		reply_problem(st->r, 503,
		    "answers cannot be kept now, as Idempotency-Key wants");
		return false;
	}
	is_new = key_is_new(st, db);
	database_close(db);
	return is_new;
}

bool
key_read(struct start *st)
{
	const char *key = request_header(st->r, "Idempotency-Key");
	char sum[SHA256_HEX + 1];

	if (key == NULL)
		return true;
	if (!key_is_one(key)) {
		reply_problem(st->r, 400, "Idempotency-Key is no key");
		return false;
	}
	sha256_text(
	    sv_of(arena_printf(st->r->a, "%s\n%s", st->r->route->path, key)),
	    sum);
	st->key = arena_strdup(st->r->a, sum);
	sha256_text(sb_sv(&st->r->body), sum);
	st->body_hash = arena_strdup(st->r->a, sum);
	return key_look(st);
}

void
key_hold(struct start *st)
{
	struct started_key *k;

	if (st->key == NULL)
		return;
	k = xcalloc(1, sizeof(*k));
	memcpy(k->digest, st->key, SHA256_HEX);
	k->next = st->r->s->keys;
	st->r->s->keys = k;
}

void
key_let_go(struct start *st)
{
	struct started_key **at = &st->r->s->keys, *k;

	for (; st->key != NULL && (k = *at) != NULL; at = &k->next)
		if (strcmp(k->digest, st->key) == 0) {
			*at = k->next;
			free(k);
			return;
		}
}

void
starts_free(struct server *s)
{
	struct started_key *k;

	while ((k = s->keys) != NULL) {
		s->keys = k->next;
		free(k);
	}
}

void
key_keep(struct start *st, const char *location, sv body)
{
	struct database *db;
	int64_t now = clock_real_ns();

	if (st->key == NULL)
		return;
	db = keys_open(st->r);
	if (db == NULL)
		return;
	if (sessions_begin(db)) {
		idempotency_put(db, st->key, st->body_hash,
		    arena_printf(st->r->a, "%s\n%.*s", location, SV_ARG(body)),
		    now, now - KEPT_NS);
		sessions_commit(db);
	}
	database_close(db);
}
