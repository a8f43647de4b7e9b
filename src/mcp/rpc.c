/* SPDX-License-Identifier: MIT */
/*
 * Messages of JSON-RPC, and the methods of the protocol but for its tools.  The
 * revisions before 2026-07-28 begin with `initialize`; from that on each
 * request says in its `_meta` what it is of, and nothing is remembered.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "mcp/internal.h"

#define META "io.modelcontextprotocol/"

enum {
	REQUESTS_MAX = 64, /* that wait side by side */
};

/* Newest first. */
static const char *const modern_versions[] = { "2026-07-28", NULL };
static const char *const legacy_versions[] = { "2025-11-25", "2025-06-18",
	"2025-03-26", "2024-11-05", NULL };

static const char instructions[] =
    "Runs the tasks of this repository's Taskfile. `list` says which there "
    "are; NAME-parallel runs what NAME calls side by side. `run` starts tasks "
    "and returns the id of the run at once; `wait` with that id says how it "
    "ended, or that it still runs: then wait again. After a failure `failed` "
    "says what failed and why, and `log` has the output. A run goes on when "
    "this connection ends.";

static bool
is_version_of(const char *const *list, const char *version)
{
	for (; version != NULL && *list != NULL; list++)
		if (strcmp(*list, version) == 0)
			return true;
	return false;
}

/* ---- answers ---- */

static void
rpc_send(struct mcp *m, json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);
	struct sb line cleanup_sb = SB_INIT;

	json_decref(message);
	if (text == NULL)
		return;
	sb_printf(&line, "%s\n", text);
	free(text);
	if (!m->is_deaf && !write_all(STDOUT_FILENO, line.p, line.n))
		m->is_deaf = true;
}

static json_t *
server_info(void)
{
	return json_pack("{s:s, s:s, s:s}", "name", "prun", "title",
	    "prun, a task runner", "version", PACKAGE_VERSION);
}

static json_t *
rpc_id(const struct request *r)
{
	return r->id != NULL ? json_incref(r->id) : json_null();
}

void
rpc_result(const struct request *r, json_t *result)
{
	if (r->is_modern) {
		json_object_set_new(
		    result, "resultType", json_string("complete"));
		json_object_set_new(result, "_meta",
		    json_pack("{s:o}", META "serverInfo", server_info()));
	}
	rpc_send(r->m, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id",
			   rpc_id(r), "result", result));
}

void
rpc_error(const struct request *r, enum rpc_code code, const char *message,
    json_t *data)
{
	json_t *error = json_pack(
	    "{s:i, s:o}", "code", (int)code, "message", json_of_text(message));

	if (data != NULL)
		json_object_set_new(error, "data", data);
	rpc_send(r->m, json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id",
			   rpc_id(r), "error", error));
}

void
rpc_refuse(struct mcp *m, enum rpc_code code, const char *message)
{
	const struct request r = { .m = m };

	rpc_error(&r, code, message, NULL);
}

static void
rpc_fault(const struct request *r, enum rpc_code code, const char *fmt, ...)
{
	struct sb text cleanup_sb = SB_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(&text, fmt, ap);
	va_end(ap);
	rpc_error(r, code, sb_cstr(&text), NULL);
}

/* ---- requests that wait ---- */

static void
request_free(struct request *r)
{
	json_decref(r->id);
	json_decref(r->args);
	arena_free(r->a);
}

static void
request_unlink(struct request *r)
{
	struct request **at = &r->m->requests;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	r->m->n_requests--;
}

void
request_end(struct request *r)
{
	request_unlink(r);
	request_free(r);
	free(r);
}

void
request_drop(struct request *r)
{
	if (r->b != NULL)
		errand_stop(r->b);
	request_end(r);
}

bool
request_wait(struct request *r, const char *const *argv,
    void (*done)(void *request, const struct errand_end *end))
{
	struct request *waits = xcalloc(1, sizeof(*waits));
	const struct errand_options o = { .argv = argv, .most = 1 << 20 };
	struct err e cleanup_err = ERR_INIT;

	*waits = *r;
	waits->b = errand_start(r->m->loop, &o, done, waits, &e);
	if (waits->b == NULL) {
		free(waits);
		tool_fail(r, "prun could not be started: %s", e.message);
		return false;
	}
	waits->next = r->m->requests;
	r->m->requests = waits;
	r->m->n_requests++;
	return true;
}

static struct request *
find_waiting(const struct mcp *m, const json_t *id)
{
	struct request *r = m->requests;

	while (r != NULL && !json_equal(r->id, id))
		r = r->next;
	return r;
}

/* ---- methods ---- */

static json_t *
capabilities(void)
{
	return json_pack("{s:{}}", "tools");
}

static void
rpc_initialize(struct request *r, const json_t *params)
{
	const char *wanted =
	    json_string_value(json_object_get(params, "protocolVersion"));

	if (wanted == NULL) {
		rpc_error(r, RPC_BAD_PARAMS,
		    "initialize: protocolVersion must be a text", NULL);
		return;
	}
	r->m->legacy = legacy_versions[0];
	for (size_t i = 0; legacy_versions[i] != NULL; i++)
		if (strcmp(legacy_versions[i], wanted) == 0)
			r->m->legacy = legacy_versions[i];
	rpc_result(
	    r, json_pack("{s:s, s:o, s:o, s:s}", "protocolVersion",
		   r->m->legacy, "capabilities", capabilities(), "serverInfo",
		   server_info(), "instructions", instructions));
}

static json_t *
all_versions(void)
{
	json_t *all = json_array();

	for (size_t i = 0; modern_versions[i] != NULL; i++)
		json_array_append_new(all, json_string(modern_versions[i]));
	for (size_t i = 0; legacy_versions[i] != NULL; i++)
		json_array_append_new(all, json_string(legacy_versions[i]));
	return all;
}

/* The same for everybody, as long as this is the program. */
static json_t *
cacheable(json_t *result)
{
	json_object_set_new(result, "ttlMs", json_integer(3600000));
	json_object_set_new(result, "cacheScope", json_string("public"));
	return result;
}

static void
rpc_discover(struct request *r)
{
	rpc_result(r, cacheable(json_pack("{s:o, s:o, s:s}",
			  "supportedVersions", all_versions(), "capabilities",
			  capabilities(), "instructions", instructions)));
}

static void
rpc_list_tools(struct request *r)
{
	json_t *result = json_pack("{s:o}", "tools", tools_list());

	rpc_result(r, r->is_modern ? cacheable(result) : result);
}

/* Taken over where it returns true: it waits. */
static bool
rpc_call_tool(struct request *r, const json_t *params)
{
	json_t *said = json_object_get(params, "arguments");
	json_t *args = json_is_null(said) ? NULL : said;
	const char *name = json_string_value(json_object_get(params, "name"));

	r->tool = name != NULL ? tool_find(name) : NULL;
	if (r->tool == NULL)
		rpc_fault(r, RPC_BAD_PARAMS, "Unknown tool: %s",
		    name != NULL ? name : "name must be a text");
	else if (args != NULL && !json_is_object(args))
		rpc_error(
		    r, RPC_BAD_PARAMS, "arguments must be an object", NULL);
	else if (r->m->n_requests >= REQUESTS_MAX)
		tool_fail(r, "too many calls wait already (%d)", REQUESTS_MAX);
	else {
		r->args = args != NULL ? json_incref(args) : json_object();
		return tool_call(r);
	}
	return false;
}

/* ---- messages ---- */

/* What a request says of itself, where it does; false: it was answered. */
static bool
rpc_read_meta(struct request *r, const json_t *params)
{
	const json_t *meta = json_object_get(params, "_meta");
	const json_t *said = json_object_get(meta, META "protocolVersion");
	const char *version = json_string_value(said);

	if (said == NULL)
		return true;
	r->is_modern = true;
	if (!is_version_of(modern_versions, version)) {
		rpc_error(r, RPC_BAD_VERSION, "Unsupported protocol version",
		    json_pack("{s:o, s:O}", "supported", all_versions(),
			"requested", said));
		return false;
	}
	if (json_is_object(json_object_get(meta, META "clientCapabilities")))
		return true;
	rpc_error(r, RPC_BAD_PARAMS,
	    "_meta: " META "clientCapabilities must be an object", NULL);
	return false;
}

static bool
rpc_handle(struct request *r, const char *method, const json_t *params)
{
	if (!rpc_read_meta(r, params))
		return false;
	if (strcmp(method, "initialize") == 0 && !r->is_modern)
		rpc_initialize(r, params);
	else if (strcmp(method, "ping") == 0 && !r->is_modern)
		rpc_result(r, json_object());
	else if (!r->is_modern && r->m->legacy == NULL)
		rpc_error(r, RPC_BAD_PARAMS,
		    "initialize first, or say " META "protocolVersion and " META
		    "clientCapabilities in _meta",
		    NULL);
	else if (strcmp(method, "server/discover") == 0 && r->is_modern)
		rpc_discover(r);
	else if (strcmp(method, "tools/list") == 0)
		rpc_list_tools(r);
	else if (strcmp(method, "tools/call") == 0)
		return rpc_call_tool(r, params);
	else
		rpc_fault(r, RPC_NO_METHOD, "Method not found: %s", method);
	return false;
}

/* Of those that there are one asks for something. */
static void
rpc_notice(struct mcp *m, const char *method, const json_t *params)
{
	struct request *r = NULL;

	if (strcmp(method, "notifications/cancelled") == 0)
		r = find_waiting(m, json_object_get(params, "requestId"));
	if (r != NULL)
		request_drop(r);
}

static bool
rpc_is_answer(const json_t *message)
{
	return json_object_get(message, "result") != NULL ||
	       json_object_get(message, "error") != NULL;
}

static void
rpc_request(struct mcp *m, json_t *id, const char *method, json_t *params)
{
	struct request r = { .m = m, .id = json_incref(id) };

	r.a = arena_new();
	if (find_waiting(m, id) != NULL)
		rpc_error(
		    &r, RPC_INVALID, "a request of this id is under way", NULL);
	else if (rpc_handle(&r, method, params))
		return;
	request_free(&r);
}

static void
rpc_message(struct mcp *m, json_t *message)
{
	json_t *id = json_object_get(message, "id");
	json_t *params = json_object_get(message, "params");
	const char *version =
	    json_string_value(json_object_get(message, "jsonrpc"));
	const char *method =
	    json_string_value(json_object_get(message, "method"));
	bool has_id = json_is_string(id) || json_is_integer(id);

	if (json_is_object(message) && method == NULL && rpc_is_answer(message))
		return; /* nothing was asked */
	if (version == NULL || strcmp(version, "2.0") != 0 || method == NULL)
		rpc_refuse(m, RPC_INVALID,
		    "a message is an object with jsonrpc 2.0 and a method");
	else if (id != NULL && !has_id)
		rpc_refuse(m, RPC_INVALID, "id must be a text or an integer");
	else if (id == NULL)
		rpc_notice(m, method, params);
	else
		rpc_request(m, id, method, params);
}

/* Each of several is answered by itself. */
static void
rpc_batch(struct mcp *m, json_t *batch)
{
	json_t *message;
	size_t i;

	if (json_array_size(batch) == 0)
		rpc_refuse(m, RPC_INVALID, "an empty list of messages");
	json_array_foreach(batch, i, message) rpc_message(m, message);
}

void
rpc_take(struct mcp *m, sv line)
{
	json_error_t error;
	struct sb text cleanup_sb = SB_INIT;
	json_t *message = json_loadb(line.p, line.n,
	    JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (message == NULL) {
		sb_printf(&text, "Parse error: %s (column %d)", error.text,
		    error.column);
		rpc_refuse(m, RPC_PARSE, sb_cstr(&text));
		return;
	}
	if (json_is_array(message))
		rpc_batch(m, message);
	else
		rpc_message(m, message);
	json_decref(message);
}
