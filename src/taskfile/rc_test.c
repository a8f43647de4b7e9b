/* SPDX-License-Identifier: MIT */
#include "taskfile/taskfile.h"
#include "tree.h"

/* HOME and XDG_CONFIG_HOME are folders of the tree. */
static const char *
in_tree(void *ctx, const char *name)
{
	struct tree *t = ctx;

	if (strcmp(name, "HOME") == 0)
		return tree_path(t, "home");
	if (strcmp(name, "XDG_CONFIG_HOME") == 0)
		return tree_path(t, "xdg");
	return NULL;
}

/* C-500, C-502, C-503 */
static void
nearer_files_overwrite(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskrc rc;

	(void)state;
	tree_file(&t, "xdg/task/taskrc.yml",
	    "verbose: true\nsilent: yes\nconcurrency: 1\n"
	    "temp-dir: /x\nexperiments: {A: 1, B: 2}\nfailfast: true\n");
	tree_file(&t, "home/.taskrc.yaml",
	    "verbose: false\nremote: {timeout: 5s, trusted-hosts: [b, a],\n"
	    "  headers: [{host: h, headers: {X: 1}},\n"
	    "    {host: k, headers: {Y: 2}}]}\n");
	tree_file(&t, "p/.taskrc.yml",
	    "concurrency: 3\nexperiments: {B: 5}\nfailfast: false\n"
	    "color: false\nunknown: 1\n");
	tree_file(&t, "p/.taskrc.yaml", "concurrency: 9\n");
	tree_file(&t, "p/q/.taskrc.yaml",
	    "interactive: on\nremote: {trusted-hosts: [c, a],\n"
	    "  headers: [{host: h, headers: {Z: z}}]}\n");
	assert_true(taskrc_load(t.a, tree_path(&t, "p/q"), &(struct taskrc_world){ in_tree, &t, NULL, NULL }, &rc,
	    &e));
	assert_int_equal(rc.verbose, TRI_FALSE);
	assert_int_equal(rc.silent, TRI_TRUE);
	assert_int_equal(rc.color, TRI_FALSE);
	assert_int_equal(rc.interactive, TRI_TRUE);
	assert_int_equal(rc.disable_fuzzy, TRI_UNSET);
	/* once on it stays on */
	assert_int_equal(rc.failfast, TRI_TRUE);
	assert_true(rc.has_concurrency);
	assert_int_equal(rc.concurrency, 3);
	assert_string_equal(rc.temp_dir, "/x");
	assert_string_equal(map_get(rc.experiments, SV("A")), "1");
	assert_string_equal(map_get(rc.experiments, SV("B")), "5");
	assert_int_equal(rc.remote_timeout_ns, INT64_C(5000000000));
	assert_int_equal(rc.remote_expiry_ns, -1);
	assert_int_equal(rc.trusted_hosts.n, 3);
	assert_string_equal(rc.trusted_hosts.v[2], "c");
	assert_int_equal(rc.headers.n, 2);
	assert_string_equal(rc.headers.v[0].host, "k");
	assert_string_equal(rc.headers.v[1].name, "Z");
}

static void
broken(const char *text, const char *want)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskrc rc;

	tree_file(&t, "p/.taskrc.yml", text);
	assert_false(taskrc_load(t.a, tree_path(&t, "p"), &(struct taskrc_world){ in_tree, &t, NULL, NULL }, &rc,
	    &e));
	assert_string_equal(e.message,
	    arena_printf(t.a, "task: Failed to parse %s:\n%s",
		tree_path(&t, "p/.taskrc.yml"), want));
}

/* C-504, as decided */
static void
broken_file_is_an_error_that_names_it(void **state)
{
	(void)state;
	broken("a: [\n", "yaml: line 1: did not find expected node content");
	broken("verbose: 5\nconcurrency: x\n",
	    "yaml: unmarshal errors:\n"
	    "  line 1: cannot unmarshal !!int `5` into bool\n"
	    "  line 2: cannot unmarshal !!str `x` into int");
	broken("[]", "yaml: unmarshal errors:\n"
		     "  line 1: cannot unmarshal !!seq into ast.TaskRC");
}

static void
no_file_is_no_setting(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskrc rc;

	(void)state;
	tree_file(&t, "p/.taskrc.yml", "# nothing\n");
	assert_true(taskrc_load(t.a, tree_path(&t, "p"), &(struct taskrc_world){ in_tree, &t, NULL, NULL }, &rc,
	    &e));
	assert_int_equal(rc.verbose, TRI_UNSET);
	assert_false(rc.has_concurrency);
	assert_null(rc.temp_dir);
}

int
test_taskfile_rc(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearer_files_overwrite),
		cmocka_unit_test(broken_file_is_an_error_that_names_it),
		cmocka_unit_test(no_file_is_no_setting),
	};

	return cmocka_run_group_tests_name("taskfile/rc", tests, NULL, NULL);
}
