/* SPDX-License-Identifier: MIT */
/*
 * What the files of mcp/ share: a client, its requests that are not answered
 * yet, and how they are.
 * May include: as mcp.h.
 */
#ifndef MCP_INTERNAL_H
#define MCP_INTERNAL_H

#include <jansson.h>

#include "exec/errand.h"
#include "mcp/mcp.h"

/* JSON-RPC's codes, and the one of the protocol's own that is needed. */
enum rpc_code {
	RPC_PARSE = -32700,
	RPC_INVALID = -32600,
	RPC_NO_METHOD = -32601,
	RPC_BAD_PARAMS = -32602,
	RPC_INTERNAL = -32603,
	RPC_BAD_VERSION = -32022,
};

struct tool;
struct request;

struct mcp {
	struct project *p;
	const string_vec *flags;
	struct loop *loop;
	const char
	    *legacy; /* the version that `initialize` chose; NULL: none */
	struct request *requests; /* that wait for a program */
	size_t n_requests;
	bool is_deaf; /* nobody reads what it writes */
};

/* A request, or one that waits for a program. */
struct request {
	struct mcp *m;
	json_t *id;
	bool is_modern; /* it says its version itself */
	const struct tool *tool;
	json_t *args;         /* of a tool, checked; or NULL */
	struct arena *a;      /* as long as it is not answered */
	struct errand *b;     /* NULL: nothing is waited for */
	struct request *next;
};

/* ---- rpc.c ---- */

/* One message, as text without its line's end. */
void rpc_take(struct mcp *m, sv line);
/* Answers, and takes `result` or `data` (may be NULL) over. */
void rpc_result(const struct request *r, json_t *result);
void rpc_error(const struct request *r, enum rpc_code code, const char *message,
    json_t *data);
/* An answer for a message of which no request can be made. */
void rpc_refuse(struct mcp *m, enum rpc_code code, const char *message);
/* What is waited for is not answered any more. */
void request_drop(struct request *r);
/* Lets *r wait for a program, as a copy that takes over what is in it; `done`
 * is called with that copy, answers, and calls request_end().  false: it could
 * not be started, which was answered. */
bool request_wait(struct request *r, const char *const *argv,
    void (*done)(void *request, const struct errand_end *end));
void request_end(struct request *r);
/* Does it wait for something that goes on without it? */
bool request_is_idle(const struct request *r);

/* ---- tools.c ---- */

/* The list of tools, as the protocol has it. */
json_t *tools_list(void);
const struct tool *tool_find(const char *name);
/* Answers now, or lets it wait: then false, and *r is taken over as a copy. */
bool tool_call(struct request *r);
/* How a tool's call ends: `text` is for the agent, `data` (taken over; may be
 * NULL) the same as an object.  An error says what to do better. */
void tool_answer(const struct request *r, sv text, json_t *data);
void tool_fail(const struct request *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Of an argument; what was left out has its default. */
int64_t tool_int(const struct request *r, const char *name);
bool tool_bool(const struct request *r, const char *name);
const char *tool_text(const struct request *r, const char *name);

/* ---- programs.c: tools that a program of this one answers ---- */

bool tool_list(struct request *r);
bool tool_run(struct request *r);
bool tool_wait(struct request *r);
bool tool_explain(struct request *r);

/* ---- runs.c: tools that look at what runs have left ---- */

bool tool_log(struct request *r);
bool tool_failed(struct request *r);
bool tool_cancel(struct request *r);
/* The id of the run that is meant; NULL: the error was answered. */
const char *run_id(const struct request *r, const char *text);
/* What is known of a run, with its id and state; NULL: the error was answered.
 */
json_t *run_state(const struct request *r, const char *id);

/* ---- text.c ---- */

/* A JSON string of any bytes: what is no UTF-8 becomes U+FFFD. */
json_t *json_of(sv text);
/* The same of a C string. */
json_t *json_of_text(const char *text);
/* The length of `text` without a rune at its end that is not whole. */
size_t whole_runes(sv text);

#endif
