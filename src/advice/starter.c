/* SPDX-License-Identifier: MIT */
#include "advice/starter.h"

#include <glob.h>
#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "base/vec.h"

/* A phase of a language; NULL: nothing is known for it. */
struct kit {
	const char *name;
	const char *build, *lint, *test;
};
typedef VEC(struct kit) kits;

struct folder {
	struct arena *a;
	const char *dir;
	kits found;
};

/* ---- what is there ---- */

static const char *
starter_path(const struct folder *f, const char *name)
{
	return path_join(f->a, sv_of(f->dir), sv_of(name));
}

static bool
has_file(const struct folder *f, const char *name)
{
	return path_exists(starter_path(f, name));
}

static bool
has_match(const struct folder *f, const char *pattern)
{
	glob_t g = { 0 };
	bool any = glob(starter_path(f, pattern), GLOB_NOSORT, NULL, &g) == 0;

	globfree(&g);
	return any;
}

/* Does the file have that text?  Not where it is huge or cannot be read. */
static bool
file_says(const struct folder *f, const char *name, const char *text)
{
	struct err none cleanup_err = ERR_INIT;
	sv content;

	return has_file(f, name) &&
	       read_file(f->a, starter_path(f, name), &content, &none) &&
	       sv_find(content, sv_of(text), 0) >= 0;
}

/* ---- languages ---- */

static void
look_for_go(struct folder *f)
{
	if (has_file(f, "go.mod"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "go", "go build ./...",
			has_match(f, ".golangci.*") ? "golangci-lint run"
						    : "go vet ./...",
			"go test ./..." }));
}

static const char *
node_manager(const struct folder *f)
{
	static const char *const by_lock[][2] = {
		{ "pnpm-lock.yaml", "pnpm" },
		{ "yarn.lock", "yarn" },
		{ "bun.lock", "bun" },
		{ "bun.lockb", "bun" },
	};

	for (size_t i = 0; i < sizeof(by_lock) / sizeof(by_lock[0]); i++)
		if (has_file(f, by_lock[i][0]))
			return by_lock[i][1];
	return "npm";
}

/* The script of that name, if package.json has one. */
static const char *
node_script(const struct folder *f, const json_t *package, const char *name)
{
	const json_t *scripts = json_object_get(package, "scripts");

	if (json_string_value(json_object_get(scripts, name)) == NULL)
		return NULL;
	return arena_printf(f->a, "%s run %s", node_manager(f), name);
}

static void
look_for_node(struct folder *f)
{
	struct err none cleanup_err = ERR_INIT;
	json_t *package;
	sv text;

	if (!has_file(f, "package.json") ||
	    !read_file(f->a, starter_path(f, "package.json"), &text, &none))
		return;
	package = json_loadb(text.p, text.n, 0, NULL);
	vec_push(f->a, &f->found,
	    ((struct kit){ "node", node_script(f, package, "build"),
		node_script(f, package, "lint"),
		node_script(f, package, "test") }));
	json_decref(package);
}

static void
look_for_python(struct folder *f)
{
	const char *run = has_file(f, "uv.lock")       ? "uv run "
			  : has_file(f, "poetry.lock") ? "poetry run "
						       : "";
	bool pytest = has_file(f, "pytest.ini") || has_file(f, "conftest.py") ||
		      has_file(f, "tests/conftest.py") ||
		      file_says(f, "pyproject.toml", "pytest") ||
		      file_says(f, "setup.cfg", "pytest") ||
		      file_says(f, "tox.ini", "pytest");
	bool flake8 =
	    has_file(f, ".flake8") || file_says(f, "setup.cfg", "[flake8]");

	if (!has_file(f, "pyproject.toml") && !has_file(f, "setup.py") &&
	    !has_file(f, "setup.cfg") && !has_file(f, "requirements.txt"))
		return;
	vec_push(f->a, &f->found,
	    ((struct kit){ "python",
		has_file(f, "pyproject.toml") || has_file(f, "setup.py")
		    ? arena_printf(f->a, "%spython3 -m build", run)
		    : NULL,
		arena_printf(
		    f->a, "%s%s", run, flake8 ? "flake8" : "ruff check ."),
		arena_printf(f->a, "%s%s", run,
		    pytest ? "pytest -q" : "python3 -m unittest") }));
}

static void
look_for_rust(struct folder *f)
{
	if (has_file(f, "Cargo.toml"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "rust", "cargo build",
			"cargo clippy --all-targets -- -D warnings",
			"cargo test" }));
}

static void
look_for_c(struct folder *f)
{
	if (has_file(f, "CMakeLists.txt"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "cmake",
			"cmake -B build && cmake --build build", NULL,
			"ctest --test-dir build --output-on-failure" }));
	else if (has_file(f, "meson.build"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "meson",
			"test -d build || meson setup build; "
			"meson compile -C build",
			NULL, "meson test -C build" }));
	else if (has_file(f, "Makefile") || has_file(f, "configure.ac"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "make", "make",
			file_says(f, "Makefile", "\nlint:") ? "make lint"
							    : NULL,
			file_says(f, "Makefile", "\ntest:") ? "make test"
							    : "make check" }));
}

/* Scripts are looked at where there is nothing else. */
static void
look_for_shell(struct folder *f)
{
	if (f->found.n == 0 && has_match(f, "*.sh"))
		vec_push(f->a, &f->found,
		    ((struct kit){ "shell", NULL, "shellcheck *.sh", NULL }));
}

/* ---- the file ---- */

struct phase {
	const char *name, *desc;
	size_t at; /* of its command in struct kit */
};

static const struct phase phases[] = {
	{ "build", "Build what the tests need", offsetof(struct kit, build) },
	{ "lint", "Look for mistakes", offsetof(struct kit, lint) },
	{ "test", "Run the tests", offsetof(struct kit, test) },
};

static const char *
command_in(const struct kit *k, const struct phase *p)
{
	return *(const char *const *)((const char *)k + p->at);
}

/* In single quotes, as YAML reads a text as it stands, where it has to be. */
static void
write_quoted(struct sb *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789 ./_-";

	if (text[strspn(text, plain)] == '\0') {
		sb_adds(out, text);
		return;
	}
	sb_addc(out, '\'');
	for (; *text != '\0'; text++)
		sb_adds(out, *text == '\'' ? "''" : (char[]){ *text, '\0' });
	sb_addc(out, '\'');
}

static void
write_task(struct sb *out, const char *name, const char *of, const char *desc,
    const char *command)
{
	sb_printf(out, "  %s%s%s:\n", name, *of != '\0' ? ":" : "", of);
	if (desc != NULL)
		sb_printf(out, "    desc: %s\n", desc);
	sb_adds(out, "    cmds:\n      - ");
	write_quoted(out, command);
	sb_adds(out, "\n\n");
}

/* One language: its command.  Several: a call of a task for each. */
static void
write_phase(struct sb *out, const struct folder *f, const struct phase *p)
{
	const struct kit *k, *only = NULL;
	size_t n = 0;

	vec_each(&f->found, k) {
		if (command_in(k, p) == NULL)
			continue;
		only = k;
		n++;
	}
	if (n < 2) {
		write_task(out, p->name, "", p->desc,
		    n == 1 ? command_in(only, p)
			   : arena_printf(f->a, "echo \"%s: nothing here yet\"",
				 p->name));
		return;
	}
	sb_printf(out, "  %s:\n    desc: %s\n    cmds:\n", p->name, p->desc);
	vec_each(&f->found, k)
		if (command_in(k, p) != NULL)
			sb_printf(
			    out, "      - task: %s:%s\n", p->name, k->name);
	sb_addc(out, '\n');
	vec_each(&f->found, k)
		if (command_in(k, p) != NULL)
			write_task(
			    out, p->name, k->name, NULL, command_in(k, p));
}

char *
starter_text(struct arena *a, const char *dir, const char *schema)
{
	struct folder f = { .a = a, .dir = dir };
	struct sb out cleanup_sb = SB_INIT;

	look_for_go(&f);
	look_for_node(&f);
	look_for_python(&f);
	look_for_rust(&f);
	look_for_c(&f);
	look_for_shell(&f);
	sb_printf(&out,
	    "# yaml-language-server: $schema=%s\n\nversion: '3'\n\n"
	    "tasks:\n",
	    schema);
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		write_phase(&out, &f, &phases[i]);
	sb_adds(&out,
	    "  # prun qa-parallel: the same, with the checks side by side\n"
	    "  # prun --hook install pre-push: before each push\n"
	    "  qa:\n"
	    "    desc: All that must pass\n"
	    "    cmds:\n"
	    "      - task: build\n"
	    "      - task: lint\n"
	    "      - task: test\n");
	return (char *)sb_take(&out, a).p;
}
