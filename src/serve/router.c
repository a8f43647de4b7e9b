/* SPDX-License-Identifier: MIT */
#include "serve/router.h"

#include "serve/answers.h"

#define API     "/api/v1"
#define SESSION API "/parallel-test"

static const struct route routes[] = {
	{ "GET", "/", page_index, true },
	{ "GET", "/assets/{}", page_asset, true },
	{ "GET", "/metrics", metrics_get, false },
	{ "POST", API "/login", login_post, true },
	{ "DELETE", API "/login", login_delete, false },
	{ "GET", API "/openapi.json", page_openapi, false },
	{ "GET", API "/server", server_get, false },
	{ "GET", API "/tasks", tools_tasks, false },
	{ "GET", API "/stats", tools_stats, false },
	{ "GET", API "/events", stream_all, false },
	{ "GET", API "/runs", runs_list, false },
	{ "POST", API "/runs", runs_post, false },
	{ "GET", API "/runs/{}", runs_get, false },
	{ "DELETE", API "/runs/{}", runs_delete, false },
	{ "GET", API "/runs/{}/events", stream_run, false },
	{ "GET", API "/runs/{}/logs/{}", logs_get, false },
	{ "GET", SESSION, tests_list, false },
	{ "POST", SESSION "/start", tests_start, false },
	{ "DELETE", SESSION "/{}", tests_delete, false },
	{ "GET", SESSION "/{}/status", tests_status, false },
	{ "GET", SESSION "/{}/results", tests_results, false },
};
#define N_ROUTES (sizeof(routes) / sizeof(routes[0]))

/* A word of a path is stronger than {}: its own row is found first. */
static bool
route_fits(const struct route *route, const struct request *r)
{
	sv rest = sv_of(route->path + 1), part;
	size_t i = 0;

	for (; rest.n > 0; i++) {
		sv_cut(rest, '/', &part, &rest);
		if (i >= r->parts.n ||
		    (!sv_is(part, "{}") && !sv_is(part, r->parts.v[i])))
			return false;
	}
	return i == r->parts.n;
}

/* HEAD is GET whose body the library leaves out. */
static bool
method_fits(const struct route *route, const struct request *r)
{
	return strcmp(route->method, r->method) == 0 ||
	       (strcmp(r->method, "HEAD") == 0 &&
		   strcmp(route->method, "GET") == 0 &&
		   route->answer != stream_run && route->answer != stream_all);
}

/* "start" is no session. */
static bool
is_no_session(const struct route *route, const struct request *r)
{
	return route->answer == tests_delete &&
	       strcmp(r->parts.v[r->parts.n - 1], "start") == 0;
}

static const struct route *
route_of(const struct request *r, struct sb *allow)
{
	const struct route *found = NULL;

	for (size_t i = 0; i < N_ROUTES; i++) {
		const struct route *one = &routes[i];

		if (!route_fits(one, r) || is_no_session(one, r))
			continue;
		sb_printf(allow, "%s%s", allow->n > 0 ? ", " : "", one->method);
		if (found == NULL && method_fits(one, r))
			found = one;
	}
	return found;
}

bool
router_find(struct request *r, struct answer *an)
{
	struct sb allow cleanup_sb = SB_INIT;

	r->route = route_of(r, &allow);
	if (r->route != NULL)
		return true;
	if (allow.n == 0) {
		answer_problem(
		    r, an, 404, "there is nothing at %.200s", r->target);
		return false;
	}
	answer_problem(r, an, 405, "%.20s is not for this", r->method);
	answer_header(r, an, "Allow", sb_take(&allow, r->a).p);
	return false;
}

bool
router_is_open(const struct request *r)
{
	struct sb allow cleanup_sb = SB_INIT;
	const struct route *route = route_of(r, &allow);

	return route != NULL && route->is_open;
}

void
router_take(struct request *r)
{
	r->route->answer(r);
}
