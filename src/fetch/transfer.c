/* SPDX-License-Identifier: MIT */
/*
 * Requests to the remote cache, several side by side.  Nothing of an answer is
 * believed: not its length, not its type, and its bytes only by their digest.
 */
#include "config.h"

#include <strings.h>
#include <unistd.h>

#include "base/io.h"
#include "fetch/cache.h"

enum {
	MOST_ACTIVE = 16,
	CONNECT_MS = 1000,
	EXPECT_MS = 300, /* for a server that does not say "100 Continue" */
	STALL_S = 5,     /* without a byte, where there is no bound */
	MOST_PASSED = 64 * 1024, /* of what comes with an error */
};

struct transfer *
transfer_new(struct session *s, enum transfer_kind kind, const char *folder,
    const char *digest, void *owner,
    void (*done)(struct transfer *t, enum transfer_end end))
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->kind = kind;
	t->s = s;
	t->fd = -1;
	t->owner = owner;
	t->done = done;
	t->blob.digest = "";
	snprintf(t->path, sizeof(t->path), "%s/%.64s", folder, digest);
	return t;
}

static void
transfer_free(struct transfer *t)
{
	if (t->easy != NULL) {
		curl_multi_remove_handle(t->s->multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	cache_incoming_drop(&t->in);
	close_cleanup(&t->fd);
	sb_free(&t->bytes);
	err_clear(&t->problem);
	free(t);
}

/* ---- what libcurl calls ---- */

/* Is the answer one with a body that is wanted, and may it be as long? */
static bool
may_take(struct transfer *t)
{
	curl_off_t length = -1;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return false;
	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (t->blob.digest[0] == '\0' || length < 0 ||
	    (uint64_t)length == t->blob.size)
		return true;
	return err_set(&t->problem, ERR_GENERIC,
	    "its length is %lld in place of %llu", (long long)length,
	    (unsigned long long)t->blob.size);
}

static size_t
transfer_take(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	n *= size;
	if (err_is_set(&t->problem))
		return 0;
	if (!may_take(t))
		/* what comes with an error is read for the connection's sake,
		 * as long as it is short */
		return !err_is_set(&t->problem) &&
			       (t->passed += n) <= MOST_PASSED
			   ? n
			   : 0;
	if (t->kind == TRANSFER_BLOB)
		return cache_incoming_add(&t->in, p, n, &t->problem) ? n : 0;
	if (t->bytes.n + n > t->most) {
		err_set(
		    &t->problem, ERR_GENERIC, "it is longer than it should be");
		return 0;
	}
	sb_add(&t->bytes, p, n);
	return n;
}

static size_t
transfer_give(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	sv part;
	ssize_t got;

	n *= size;
	if (t->fd < 0) {
		part = sv_sub(t->body, t->sent, n);
		if (part.n > 0)
			memcpy(p, part.p, part.n);
		t->sent += part.n;
		return part.n;
	}
	got = read(t->fd, p, n);
	return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

/* A request is sent anew where a kept connection turns out to be closed. */
static int
transfer_rewind(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_FAIL;
	if (t->fd >= 0)
		return lseek(t->fd, (off_t)offset, SEEK_SET) < 0
			   ? CURL_SEEKFUNC_FAIL
			   : CURL_SEEKFUNC_OK;
	t->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* ---- starting ---- */

static void
transfer_set_session(struct transfer *t)
{
	const struct session *s = t->s;
	char *url = xasprintf("%s/%s", s->url, t->path);
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_URL, url);
	free(url);
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "prun/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, s->headers);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, s->insecure ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, s->insecure ? 0L : 2L);
	if (s->cacert != NULL) {
		curl_easy_setopt(c, CURLOPT_CAINFO, s->cacert);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(c, CURLOPT_SSLCERT, s->cert);
	curl_easy_setopt(c, CURLOPT_SSLKEY, s->key);
}

static void
transfer_set_request(struct transfer *t)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)EXPECT_MS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_S);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, t->timeout_ms);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, transfer_take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_NOBODY, t->kind == TRANSFER_HEAD ? 1L : 0L);
	if (t->kind != TRANSFER_PUT)
		return;
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, transfer_give);
	curl_easy_setopt(c, CURLOPT_READDATA, t);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, transfer_rewind);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, t);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE,
	    (curl_off_t)(t->fd >= 0 ? t->blob.size : t->body.n));
}

static bool
transfer_open(struct transfer *t)
{
	struct session *s = t->s;

	if (t->kind == TRANSFER_BLOB)
		return cache_incoming_open(
		    s->cache, &t->blob, &t->in, &t->problem);
	if (t->kind == TRANSFER_PUT && t->body.n == 0) {
		t->fd = cache_open_blob(s->cache, &t->blob);
		return t->fd >= 0 || err_set(&t->problem, ERR_GENERIC,
					 "it is not here any more");
	}
	return true;
}

void
transfer_start(struct transfer *t)
{
	struct session *s = t->s;
	int queue = t->is_upload;

	*s->tail[queue] = t;
	s->tail[queue] = &t->next;
}

static void transfer_end(struct transfer *t, enum transfer_end end);

static struct transfer *
next_waiting(struct session *s)
{
	for (int i = 0; i < 2; i++) {
		struct transfer *t = s->waiting[i];

		if (t == NULL)
			continue;
		s->waiting[i] = t->next;
		if (t->next == NULL)
			s->tail[i] = &s->waiting[i];
		return t;
	}
	return NULL;
}

static void
start_waiting(struct session *s)
{
	struct transfer *t;

	while (s->n_active < MOST_ACTIVE && (t = next_waiting(s)) != NULL) {
		t->next = s->active;
		s->active = t;
		s->n_active++;
		if (!transfer_open(t)) {
			t->why = t->problem.message;
			transfer_end(t, TRANSFER_FAILED);
			continue;
		}
		t->easy = curl_easy_init();
		if (t->easy == NULL) {
			t->why = "out of memory";
			transfer_end(t, TRANSFER_FAILED);
			continue;
		}
		transfer_set_session(t);
		transfer_set_request(t);
		curl_multi_add_handle(s->multi, t->easy);
	}
}

/* ---- ends ---- */

static void
leave_active(struct transfer *t)
{
	struct transfer **at = &t->s->active;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->s->n_active--;
}

static void
transfer_end(struct transfer *t, enum transfer_end end)
{
	leave_active(t);
	t->done(t, end);
	transfer_free(t);
}

/* Words for people; never libcurl's own of the address, which may have a
 * password in it. */
static const char *
curl_words(CURLcode rc)
{
	switch ((int)rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "its name is not known";
	case CURLE_COULDNT_CONNECT:
		return "no connection";
	case CURLE_OPERATION_TIMEDOUT:
		return "timed out";
	case CURLE_PARTIAL_FILE:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return "the answer was cut off";
	case CURLE_PEER_FAILED_VERIFICATION:
		return "its certificate is not one to trust";
	case CURLE_SSL_CACERT_BADFILE:
		return "the CA file cannot be used";
	case CURLE_SSL_CERTPROBLEM:
		return "the client's certificate or key cannot be used";
	}
	return curl_easy_strerror(rc);
}

/* A login, most of the time; some servers call all that has no known name one,
 * so it counts only where the content is not what it should be. */
static bool
is_called_web_page(CURL *c)
{
	const char *type = NULL;

	curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
	return type != NULL && strncasecmp(type, "text/html", 9) == 0;
}

static enum transfer_end
transfer_fail(struct transfer *t, long status, const char *words)
{
	err_clear(&t->problem);
	err_set(&t->problem, ERR_GENERIC, "status %ld%s", status, words);
	t->why = t->problem.message;
	return TRANSFER_FAILED;
}

static enum transfer_end
judge_status(struct transfer *t, long status)
{
	if (status == 404 || status == 410)
		return TRANSFER_ABSENT;
	if (status == 401 || status == 403 || status == 407)
		return transfer_fail(t, status, ": it wants other credentials");
	if (status == 413 || status == 507) {
		transfer_fail(t, status, ": that is too much for it");
		return TRANSFER_REFUSED;
	}
	if (status >= 300 && status < 400)
		return transfer_fail(t, status, ": redirects are not followed");
	return transfer_fail(t, status, "");
}

/* All came that was said to come: is it what was asked for? */
static enum transfer_end
judge_body(struct transfer *t)
{
	char digits[SHA256_HEX + 1];

	if (t->kind == TRANSFER_BLOB &&
	    !cache_incoming_keep(&t->in, &t->problem)) {
		t->why = t->problem.message;
		return TRANSFER_FAILED;
	}
	if (t->kind != TRANSFER_BYTES || t->blob.digest[0] == '\0')
		return TRANSFER_OK;
	sha256_text(sb_sv(&t->bytes), digits);
	if (strcmp(digits, t->blob.digest) == 0)
		return TRANSFER_OK;
	t->why = "its content is not what it says";
	return TRANSFER_FAILED;
}

/* A blob that is there with another length is not there: it is sent again. */
static enum transfer_end
judge_head(struct transfer *t)
{
	curl_off_t length = -1;

	curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return length >= 0 && (uint64_t)length != t->blob.size ? TRANSFER_ABSENT
							       : TRANSFER_OK;
}

static enum transfer_end
judge_transfer(struct transfer *t, CURLcode rc)
{
	enum transfer_end end;
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	/* some servers have no HEAD */
	if (t->kind == TRANSFER_HEAD && (status == 405 || status == 501))
		return TRANSFER_ABSENT;
	/* whether the rest of it came, and whether all was sent before it */
	if (status >= 300)
		return judge_status(t, status);
	if (rc != CURLE_OK) {
		t->why = err_is_set(&t->problem) ? t->problem.message
						 : curl_words(rc);
		end = TRANSFER_FAILED;
	} else if (t->kind == TRANSFER_PUT) {
		return TRANSFER_OK;
	} else if (status != 200) {
		return judge_status(t, status);
	} else if (t->kind == TRANSFER_HEAD) {
		return judge_head(t);
	} else {
		end = judge_body(t);
	}
	t->is_web_page = is_called_web_page(t->easy);
	if (end == TRANSFER_FAILED && status == 200 && t->is_web_page)
		t->why = TRANSFER_WEB_PAGE;
	return end;
}

void
transfers_go_on(struct session *s)
{
	int n = 0;
	CURLMsg *m;

	start_waiting(s);
	curl_multi_perform(s->multi, &n);
	while ((m = curl_multi_info_read(s->multi, &n)) != NULL) {
		struct transfer *t = NULL;
		CURLcode rc = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		transfer_end(t, judge_transfer(t, rc));
	}
	start_waiting(s);
}

static void
drop_from(struct transfer **at, const void *owner)
{
	while (*at != NULL) {
		struct transfer *t = *at;

		if (t->owner != owner) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		if (t->easy != NULL)
			t->s->n_active--;
		transfer_free(t);
	}
}

void
transfers_drop(struct session *s, const void *owner)
{
	drop_from(&s->active, owner);
	for (int i = 0; i < 2; i++) {
		drop_from(&s->waiting[i], owner);
		for (s->tail[i] = &s->waiting[i]; *s->tail[i] != NULL;)
			s->tail[i] = &(*s->tail[i])->next;
	}
}
