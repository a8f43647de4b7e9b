/* SPDX-License-Identifier: MIT */
/* Where Taskfiles are found, and files that include a long row of others. */
#include "taskfile/source.h"
#include "taskfile/taskfile.h"
#include "taskfile/version.h"
#include "tree.h"

/* What is found from a folder of the tree: "PATH in ROOT_DIR", or the error,
 * with ROOT for the tree. */
static const char *
find(struct tree *t, const char *entrypoint, const char *dir, const char *cwd)
{
	struct err e cleanup_err = ERR_INIT;
	size_t n = strlen(t->dir);
	const char *path, *root;

	if (!taskfile_find(t->a, entrypoint, dir, tree_path(t, cwd), &path,
		&root, &e))
		return arena_strdup(t->a, e.message);
	path = strncmp(path, t->dir, n) == 0 ? path + n : path;
	root = strncmp(root, t->dir, n) == 0 ? root + n : root;
	return arena_printf(t->a, "%s in %s", path, root);
}

/* L-001, L-003, C-094 */
static void
names_are_tried_in_order_and_upward(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_file(&t, "a/taskfile.dist.yaml", "");
	assert_string_equal(find(&t, "", "", "a"),
	    "/a/taskfile.dist.yaml in /a");
	for (int i = 6; i >= 0; i--) {
		tree_file(&t,
		    arena_printf(t.a, "a/%s", taskfile_names[i]), "");
		assert_string_equal(find(&t, "", "", "a"),
		    arena_printf(t.a, "/a/%s in /a", taskfile_names[i]));
	}
	tree_dir(&t, "a/b/c");
	assert_string_equal(find(&t, "", "", "a/b/c"),
	    "/a/Taskfile.yml in /a");
	assert_string_equal(find(&t, "", tree_path(&t, "a/b"), "."),
	    "/a/Taskfile.yml in /a");
}

/* L-002 */
static void
folder_of_the_name_is_selected(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_dir(&t, "a/Taskfile.yml");
	tree_file(&t, "a/taskfile.yml", "");
	assert_string_equal(find(&t, "", "", "a"), "/a/Taskfile.yml in /a");
}

/* L-004 */
static void
nothing_found(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_dir(&t, "a");
	assert_non_null(strstr(find(&t, "", "", "a"),
	    "task: No Taskfile found at \"\" (or any of the parent "
	    "directories"));
	assert_string_equal(find(&t, "", tree_path(&t, "nope"), "a"),
	    "task: No Taskfile found at \"\" (or any of the parent "
	    "directories). Run `task --init` to create a new Taskfile.");
}

/* L-005 to L-007, C-095 */
static void
given_path(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	tree_file(&t, "a/Taskfile.yaml", "");
	tree_file(&t, "a/x.yml", "");
	tree_dir(&t, "a/b");
	assert_string_equal(find(&t, "x.yml", "", "a"), "/a/x.yml in /a");
	assert_string_equal(find(&t, "a", "", "."), "/a/Taskfile.yaml in /a");
	assert_string_equal(find(&t, "a/x.yml", tree_path(&t, "a/b"), "."),
	    "/a/x.yml in /a/b");
	/* parents are not walked */
	assert_string_equal(find(&t, "b", "", "a"),
	    "task: No Taskfile found at \"b\" Run `task --init` to create a "
	    "new Taskfile.");
	assert_string_equal(find(&t, "nope.yml", "", "a"),
	    "task: No Taskfile found at \"nope.yml\" Run `task --init` to "
	    "create a new Taskfile.");
	assert_string_equal(find(&t, "-", "", "a"), "__stdin__ in ");
	assert_string_equal(find(&t, "-", "/x", "a"), "__stdin__ in /x");
	assert_string_equal(find(&t, "https://h/T.yml", "", "a"),
	    "https://h/T.yml in ");
}

/* C-600, C-601, C-616 */
static void
remote_addresses(void **state)
{
	static const struct {
		const char *address;
		enum source_kind kind;
	} kinds[] = {
		{ "./a.yml", SOURCE_FILE },
		{ "/a/b:c.git/x", SOURCE_FILE },
		{ "https://h/a.yml", SOURCE_HTTP },
		{ "http://h/a.yml?x=1", SOURCE_HTTP },
		{ "https://h/r.git", SOURCE_GIT },
		{ "https://h/r.git//d/T.yml?ref=v1", SOURCE_GIT },
		{ "https://h/x/_git/r//T.yml", SOURCE_GIT },
		{ "https://h/x/_git/", SOURCE_HTTP },
		{ "git@h:o/r.git//T.yml", SOURCE_GIT },
		{ "ssh://git@h/r.git", SOURCE_GIT },
		{ "file:///r.git", SOURCE_FILE },
		{ "ftp://h/a.yml", SOURCE_FILE },
		{ "HTTPS://h/a.yml", SOURCE_FILE },
		{ "git@h/o/r.git//T.yml", SOURCE_FILE },
		{ "git@h:~u/r.git", SOURCE_FILE },
		{ "h:o/r.git", SOURCE_GIT },
	};
	static const char *const refs[][3] = {
		{ "https://h/d/T.yml", "x.yml", "https://h/d/x.yml" },
		{ "https://h/d/T.yml?q", "../x.yml", "https://h/x.yml" },
		{ "https://h/d/T.yml", "/x.yml", "https://h/x.yml" },
		{ "https://h/T.yml", "https://k/x", "https://k/x" },
		{ "https://h/r.git//d/T.yml?ref=v1", "x.yml",
		    "https://h/r.git//d/x.yml?ref=v1" },
		{ "git@h:o/r.git//T.yml", "d/x.yml",
		    "ssh://git@h/o/r.git//d/x.yml" },
		{ "https://h/r.git//d/e?ref=v1", "../x.yml",
		    "https://h/r.git//x.yml?ref=v1" },
		{ "https://h/r.git//d/T.yml?ref=a%26b%25%23", "x.yml",
		    "https://h/r.git//d/x.yml?ref=a%26b%25%23" },
		{ "https://h/r.git//a%3Fb/T.yml?ref=a%2Bb+c", "x.yml",
		    "https://h/r.git//a%3Fb/x.yml?ref=a%2Bb c" },
		{ "https://h/r.git?ref=/a://b", "x.yml",
		    "https://h/r.git//x.yml?ref=/a://b" },
		{ "https://h/r.git?ref=a?b&ref=c", "x.yml",
		    "https://h/r.git//x.yml?ref=a?b" },
		{ "https://h/r.git?ref=%zz&ref=c#f", "x.yml",
		    "https://h/r.git//x.yml?ref=c" },
		{ "https://h/r.git?#f", "x.yml", "https://h/r.git//x.yml" },
		{ "https://h/a%20b/T.yml#f", "x.yml?q=1",
		    "https://h/a%20b/x.yml?q=1" },
		{ "https://u:p@h/d/T.yml?q", "", "https://u:p@h/d/T.yml?q" },
		{ "https://h/d/T.yml", "../d2/", "https://h/d2/" },
		{ "https://h", "x.yml", "https://h/x.yml" },
		{ "https://h/r.git", "x.yml", "https://h/r.git//x.yml" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(source_kind_of(sv_of(kinds[i].address)),
		    kinds[i].kind);
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++)
		assert_string_equal(source_resolve_remote(a, refs[i][0],
					source_kind_of(sv_of(refs[i][0])),
					refs[i][1]),
		    refs[i][2]);
	assert_string_equal(source_redacted(a, "https://me:pw@h/x"),
	    "https://me:xxxxx@h/x");
	assert_string_equal(source_redacted(a, "https://me@h/x"),
	    "https://me@h/x");
	assert_string_equal(source_redacted(a, "git@h:o/r.git//T.yml?ref=v1"),
	    "ssh://git@h/o/r.git//T.yml?ref=v1");
	assert_string_equal(source_redacted(a, "https://h/a b/x"),
	    "https://h/a%20b/x");
}

/* P-406, C-601: what is kept of a run has no passwords and no tokens. */
static void
kept_texts_have_no_secrets_of_addresses(void **state)
{
	static const char *const texts[][2] = {
		{ "https://me:pw@h/x", "https://me:xxxxx@h/x" },
		{ "https://tok@h/x", "https://xxxxx@h/x" },
		{ "A=http://tok@h", "A=http://xxxxx@h" },
		{ "ssh://git@h/o/r.git", "ssh://git@h/o/r.git" },
		{ "git@h:o/r.git", "git@h:o/r.git" },
		{ "https://h/x?token=t1&ref=v1&access_token=t2",
		    "https://h/x?token=xxxxx&ref=v1&access_token=xxxxx" },
		{ "get https://h/x?TOKEN=t1: no https://t@h/y\" (t)",
		    "get https://h/x?TOKEN=xxxxx: no https://xxxxx@h/y\" (t)" },
		{ "at https://h/x?token=t1:12:3",
		    "at https://h/x?token=xxxxx:12:3" },
		{ "https://h/x?token=1:2", "https://h/x?token=xxxxx" },
		{ "https://h/x?token=12", "https://h/x?token=xxxxx" },
		{ "https://h/x?token=", "https://h/x?token=xxxxx" },
		{ "https://h/x?X-Amz-Signature=t1&X-Amz-Date=1",
		    "https://h/x?X-Amz-Signature=xxxxx&X-Amz-Date=1" },
		{ "https://h/token=a?tokens=b", "https://h/token=a?tokens=b" },
		{ "?token=a no address", "?token=a no address" },
		{ "://", "://" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(source_masked(a, texts[i][0]), texts[i][1]);
}

static bool
load(struct tree *t, const char *root, struct taskfile **tf, struct err *e)
{
	struct load_options o = {
		.path = tree_path(t, root),
		.root_dir = t->dir,
		.cwd = t->dir,
	};

	return taskfile_load(t->a, &o, tf, e);
}

/* A thousand files, each included by the one before. */
static void
long_row_of_includes(void **state)
{
	enum { FILES = 1000 };
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb name cleanup_sb = SB_INIT;
	struct taskfile *tf;
	const struct task *task;

	(void)state;
	for (int i = 0; i < FILES; i++) {
		const char *inc = i + 1 < FILES
		    ? arena_printf(t.a, "includes: {n: ./%d.yml}\n", i + 1)
		    : "";

		tree_file(&t, arena_printf(t.a, "%d.yml", i),
		    arena_printf(t.a,
			"version: '3'\n%stasks: {t: {deps: [u, ':t']}}\n",
			inc));
		if (i > 0)
			sb_adds(&name, "n:");
	}
	assert_true(load(&t, "0.yml", &tf, &e));
	assert_int_equal(map_count(tf->tasks), FILES);
	assert_int_equal(tf->files.n, FILES);
	task = map_get(tf->tasks,
	    sv_of(arena_printf(t.a, "%st", sb_cstr(&name))));
	assert_non_null(task);
	assert_string_equal(task->deps.v[0]->task,
	    arena_printf(t.a, "%su", sb_cstr(&name)));
	assert_string_equal(task->deps.v[1]->task,
	    arena_printf(t.a, "%st", sb_cstr(&name) + 2));
}

/* The file with the most ways to it is merged once a way, not renamed twice. */
static void
diamond_copies_its_tasks(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskfile *tf;
	const struct task *task;

	(void)state;
	tree_file(&t, "Taskfile.yml",
	    "version: '3'\nincludes: {a: ./a.yml, b: ./b.yml}\n");
	tree_file(&t, "a.yml", "version: '3'\nincludes:\n"
			       "  c: {taskfile: ./c.yml, flatten: true}\n");
	tree_file(&t, "b.yml", "version: '3'\nincludes:\n"
			       "  c: {taskfile: ./c.yml, flatten: true}\n");
	tree_file(&t, "c.yml",
	    "version: '3'\ntasks: {t: {deps: [u], cmds: [task: u]}}\n");
	assert_true(load(&t, "Taskfile.yml", &tf, &e));
	task = map_get(tf->tasks, SV("a:t"));
	assert_string_equal(task->deps.v[0]->task, "a:u");
	assert_string_equal(task->cmds.v[0]->task, "a:u");
	task = map_get(tf->tasks, SV("b:t"));
	assert_string_equal(task->deps.v[0]->task, "b:u");
	assert_string_equal(task->cmds.v[0]->task, "b:u");
}

/* L-012, L-014 */
static void
versions(void **state)
{
	static const char *const good[][2] = {
		{ "3", "3.0.0" }, { "v3", "3.0.0" }, { "3.10", "3.10.0" },
		{ "3.1.2-rc.1+x-y", "3.1.2-rc.1+x-y" }, { "03", "3.0.0" },
	};
	static const char *const bad[] = { "", "v", "x", "3.", "3.1.2.3",
		"3-", "3-a..b", "3+", "V3", "3 ", "99999999999999999999" };
	struct arena *a cleanup_arena = arena_new();
	struct version v, w;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(version_parse(sv_of(good[i][0]), &v));
		assert_string_equal(version_text(a, &v), good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(version_parse(sv_of(bad[i]), &v));
	version_parse(SV("3.9"), &v);
	version_parse(SV("3.10"), &w);
	assert_true(version_cmp(&v, &w) < 0);
	version_parse(SV("3.10-rc"), &v);
	assert_true(version_cmp(&v, &w) < 0);
	version_parse(SV("3.10.0+meta"), &v);
	assert_int_equal(version_cmp(&v, &w), 0);
}

int
test_taskfile_find(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_tried_in_order_and_upward),
		cmocka_unit_test(folder_of_the_name_is_selected),
		cmocka_unit_test(nothing_found),
		cmocka_unit_test(given_path),
		cmocka_unit_test(remote_addresses),
		cmocka_unit_test(kept_texts_have_no_secrets_of_addresses),
		cmocka_unit_test(long_row_of_includes),
		cmocka_unit_test(diamond_copies_its_tasks),
		cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests_name("taskfile/find", tests, NULL,
	    NULL);
}
