/* SPDX-License-Identifier: MIT */
#include "project/protocol.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

static struct arena *a;
static char folder[256];

/* An environment with none of the protocol, then these. */
static void
environment_of(struct environment *env, const string_vec *assignments)
{
	environment_open(a, env);
	for (size_t i = 0; protocol_names[i] != NULL; i++)
		environment_set(env, protocol_names[i], NULL);
	for (size_t i = 0; i < assignments->n; i++) {
		sv name, text;

		assert_true(
		    sv_cut(sv_of(assignments->v[i]), '=', &name, &text));
		environment_set(env, sv_cstr(a, name), text.p);
	}
}

static void
same_list(const string_vec *x, const string_vec *y)
{
	assert_int_equal(x->n, y->n);
	for (size_t i = 0; i < x->n; i++)
		assert_string_equal(x->v[i], y->v[i]);
}

static struct protocol
all_said(void)
{
	struct protocol p = { .level = 3,
		.has_level = true,
		.compat = true,
		.compat_of_run = true,
		.has_repos = true,
		.no_commit = true,
		.in_hook = true,
		.state_of = "/r",
		.id_to = "/pipe" };

	vec_push(a, &p.runs, "outermost");
	vec_push(a, &p.runs, "nearest");
	vec_push(a, &p.owes, "/r/near owes");
	vec_push(a, &p.owes, "/r/far");
	vec_push(a, &p.repos, "/a b");
	vec_push(a, &p.repos, "/c:d");
	vec_push(a, &p.no_commit_in, "/a b");
	vec_push(a, &p.no_commit_by, "/r/near");
	vec_push(a, &p.folders, "-");
	vec_push(a, &p.folders, "/r/near");
	return p;
}

/* P-108: what is written is read. */
static void
what_is_written_is_read(void **state)
{
	struct protocol p = all_said(), q;
	struct environment env;
	string_vec said = { 0 };

	(void)state;
	protocol_write(a, &p, &said);
	environment_of(&env, &said);
	protocol_read(a, &env, &q);
	assert_int_equal(q.level, 3);
	assert_true(q.has_level && q.compat && q.compat_of_run && q.has_repos);
	assert_true(q.no_commit && q.in_hook);
	assert_string_equal(q.state_of, "/r");
	assert_string_equal(q.id_to, "/pipe");
	assert_null(q.control);
	assert_null(q.job);
	same_list(&p.runs, &q.runs);
	same_list(&p.owes, &q.owes);
	same_list(&p.repos, &q.repos);
	same_list(&p.no_commit_in, &q.no_commit_in);
	same_list(&p.no_commit_by, &q.no_commit_by);
	same_list(&p.folders, &q.folders);
}

static void
nothing_said_is_nothing_written(void **state)
{
	struct protocol p = { 0 }, q;
	struct environment env;
	string_vec said = { 0 };

	(void)state;
	protocol_write(a, &p, &said);
	assert_int_equal(said.n, 0);
	environment_of(&env, &said);
	protocol_read(a, &env, &q);
	assert_false(q.has_level || q.compat || q.has_repos || q.in_hook);
	assert_false(q.no_commit);
	assert_int_equal(q.runs.n + q.owes.n + q.repos.n, 0);
}

/* P-602: no commit anywhere overrules the places that were said. */
static void
nowhere_is_said_with_an_empty_list(void **state)
{
	struct protocol p = { .no_commit = true };
	string_vec said = { 0 };

	(void)state;
	protocol_write(a, &p, &said);
	assert_int_equal(said.n, 2);
	assert_string_equal(said.v[0], "PRUN_NO_COMMIT=1");
	assert_string_equal(said.v[1], "PRUN_NO_COMMIT_IN=");
}

static void
texts_of_users_are_understood(void **state)
{
	string_vec said = { 0 };
	struct environment env;
	struct protocol p;

	(void)state;
	vec_push(a, &said, "PRUN_NO_COMMIT=0");
	vec_push(a, &said, "PRUN_COMPAT=true");
	vec_push(a, &said, "PRUN_LEVEL=x");
	vec_push(a, &said, "PRUN_HOOK=");
	vec_push(a, &said, "PRUN_RUNS=:a::b");
	environment_of(&env, &said);
	protocol_read(a, &env, &p);
	assert_false(p.no_commit);
	assert_true(p.compat && p.in_hook && p.has_level);
	assert_int_equal(p.level, 0);
	assert_int_equal(p.runs.n, 2);
}

/* P-705: a gate's child hears the gate alone, and who its outer run is. */
static void
child_hears_only_what_is_said_to_it(void **state)
{
	const char *const env[] = { "A=1", "PRUN_OWES=/old", "PRUN_REPO=/old",
		"PRUN_CONTROL=/s", "PRUN_JOB=1-2", "PRUN_LEVEL=2",
		"PRUN_OWES_NOT=x", NULL };
	struct protocol told = { .level = 2, .in_hook = true };
	char **out = protocol_environment(a, (char *const *)env, &told);
	static const char *const want[] = { "A=1", "PRUN_CONTROL=/s",
		"PRUN_JOB=1-2", "PRUN_OWES_NOT=x", "PRUN_LEVEL=2",
		"PRUN_HOOK=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_string_equal(out[i], want[i]);
	assert_null(out[6]);
}

/* What is for this run alone, and the folder of the outer run's links, do not
 * reach what it starts; the process's own environment is as it was. */
static void
what_is_for_one_run_is_not_handed_on(void **state)
{
	string_vec said = { 0 };
	struct environment env;
	struct protocol p;
	const char *was =
	    environment_get(&(struct environment){ .a = a }, "PATH");

	(void)state;
	vec_push(a, &said, "PRUN_HOOK=1");
	vec_push(a, &said, "PRUN_STATE_OF=/r");
	vec_push(a, &said, "PRUN_BIN=/run/x/bin");
	vec_push(a, &said, "PATH=/run/x/bin:/usr/bin");
	environment_of(&env, &said);
	protocol_read(a, &env, &p);
	protocol_leave(&p, &env);
	assert_true(p.in_hook);
	assert_null(environment_get(&env, "PRUN_HOOK"));
	assert_null(environment_get(&env, "PRUN_STATE_OF"));
	assert_string_equal(environment_get(&env, "PATH"), "/usr/bin");
	assert_string_equal(
	    map_get(environment_map(&env), SV("PATH")), "/usr/bin");
	for (char **v = environment_block(&env); *v != NULL; v++)
		assert_true(strncmp(*v, "PRUN_HOOK=", 10) != 0);
	assert_ptr_equal(
	    environment_get(&(struct environment){ .a = a }, "PATH"), was);
}

/* A folder of a run, its lock held by somebody (*fd) or by nobody. */
static char *
run_folder(const char *name, int *fd)
{
	char *path = arena_printf(a, "%s/%s", folder, name);
	char *lock = arena_printf(a, "%s/lock", path);

	assert_int_equal(mkdir(path, 0700), 0);
	*fd = open(lock, O_RDWR | O_CREAT, 0600);
	assert_true(*fd >= 0);
	assert_int_equal(flock(*fd, LOCK_EX), 0);
	return path;
}

/* What a dead outer run and a live one around this run have said. */
static void
dead_and_live(struct protocol *p, const char *dead, const char *live)
{
	*p = (struct protocol){ .level = 2,
		.has_level = true,
		.compat = true,
		.compat_of_run = true,
		.has_repos = true,
		.no_commit = true,
		.control = "/nowhere/control",
		.job = "1-1" };
	vec_push(a, &p->runs, "outer");
	vec_push(a, &p->runs, "nearest");
	vec_push(a, &p->folders, live);
	vec_push(a, &p->folders, dead);
	vec_push(a, &p->owes, arena_printf(a, "%s/owes", dead));
	vec_push(a, &p->owes, arena_printf(a, "%s/owes", live));
	vec_push(a, &p->repos, "/of dead");
	vec_push(a, &p->repos, "/of live");
	vec_push(a, &p->no_commit_in, "/of dead");
	vec_push(a, &p->no_commit_in, "/of live");
	vec_push(a, &p->no_commit_by, dead);
	vec_push(a, &p->no_commit_by, live);
}

/* P-108: what was said by those that live stays, and nothing else. */
static void
the_dead_say_nothing(void **state)
{
	int one, two;
	char *dead = run_folder("one", &one), *live = run_folder("two", &two);
	string_vec none = { 0 };
	struct environment env;
	struct protocol p;

	(void)state;
	environment_of(&env, &none);
	dead_and_live(&p, dead, live);
	protocol_forget_dead(a, &p, &env);
	assert_int_equal(p.runs.n, 2);
	close(one);
	protocol_forget_dead(a, &p, &env);
	assert_int_equal(p.level, 1);
	assert_true(p.has_level && p.compat && p.no_commit);
	assert_string_equal(environment_get(&env, "PRUN_RUNS"), "outer");
	assert_string_equal(environment_get(&env, "PRUN_REPO"), "/of live");
	assert_string_equal(
	    environment_get(&env, "PRUN_NO_COMMIT_IN"), "/of live");
	assert_string_equal(environment_get(&env, "PRUN_NO_COMMIT_BY"), live);
	assert_string_equal(environment_get(&env, "PRUN_FOLDERS"), live);
	assert_null(p.control);
	assert_null(p.job);
	close(two);
	protocol_forget_dead(a, &p, &env);
	assert_int_equal(p.level + (long)p.runs.n + (long)p.owes.n, 0);
	assert_false(p.has_level || p.compat || p.no_commit || p.has_repos);
	for (size_t i = 0; protocol_names[i] != NULL; i++)
		assert_null(environment_get(&env, protocol_names[i]));
}

/* P-602: it is the user's word, whatever runs are over. */
static void
what_the_user_said_stays(void **state)
{
	string_vec said = { 0 };
	struct environment env;
	struct protocol p;

	(void)state;
	vec_push(a, &said, "PRUN_RUNS=gone");
	vec_push(a, &said, "PRUN_FOLDERS=/nowhere");
	vec_push(a, &said, "PRUN_LEVEL=1");
	vec_push(a, &said, "PRUN_NO_COMMIT=1");
	vec_push(a, &said, "PRUN_COMPAT=1");
	environment_of(&env, &said);
	protocol_read(a, &env, &p);
	protocol_forget_dead(a, &p, &env);
	assert_true(p.no_commit && p.compat);
	assert_int_equal(p.runs.n, 0);
	assert_string_equal(environment_get(&env, "PRUN_NO_COMMIT"), "1");
	assert_string_equal(environment_get(&env, "PRUN_COMPAT"), "1");
	assert_null(environment_get(&env, "PRUN_LEVEL"));
}

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	snprintf(
	    folder, sizeof(folder), "%s/prun-protocol-XXXXXX", path_temp_dir());
	return mkdtemp(folder) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_all(folder, &(struct err)ERR_INIT);
	arena_free(a);
	return 0;
}

int
test_project_protocol(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(nothing_said_is_nothing_written),
		cmocka_unit_test(nowhere_is_said_with_an_empty_list),
		cmocka_unit_test(texts_of_users_are_understood),
		cmocka_unit_test(child_hears_only_what_is_said_to_it),
		cmocka_unit_test(what_is_for_one_run_is_not_handed_on),
		cmocka_unit_test(the_dead_say_nothing),
		cmocka_unit_test(what_the_user_said_stays),
	};

	return cmocka_run_group_tests_name(
	    "project/protocol", tests, set_up, tear_down);
}
