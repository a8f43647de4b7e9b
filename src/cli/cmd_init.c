/* SPDX-License-Identifier: MIT */
/* --init: a first Taskfile (C-090 to C-092). */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "advice/starter.h"
#include "project/program.h"

static const char greeting[] =
    "# yaml-language-server: $schema=https://taskfile.dev/schema.json\n"
    "\n"
    "version: '3'\n"
    "\n"
    "vars:\n"
    "  GREETING: Hello, world!\n"
    "\n"
    "tasks:\n"
    "  default:\n"
    "    desc: Print a greeting message\n"
    "    cmds:\n"
    "      - echo \"{{.GREETING}}\"\n"
    "    silent: true\n";

/* Where the file goes; NULL when one of the known names is there already. */
static const char *
target(const struct cli *c)
{
	static const char *const names[] = { "Taskfile.yml", "taskfile.yml",
		"Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml",
		"taskfile.dist.yml", "Taskfile.dist.yaml",
		"taskfile.dist.yaml" };
	const char *word = c->o.words.n ? c->o.words.v[0] : "";
	const char *path = path_resolve(c->a, sv_of(c->in.cwd), sv_of(word));
	sv ext = path_ext(sv_of(word));

	if (path_is_dir(path)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (path_exists(path_join(c->a, sv_of(path),
				sv_of(names[i]))))
				return NULL;
		return path_join(c->a, sv_of(path), SV("Taskfile.yml"));
	}
	if (ext.n > 0 && ext.n == strlen(word))
		path = path_join(c->a, sv_of(c->in.cwd),
		    sv_of(arena_printf(c->a, "Taskfile%s", word)));
	return path_exists(path) ? NULL : path;
}

int
cmd_init(const struct cli *c)
{
	struct err e cleanup_err = ERR_INIT;
	struct err none cleanup_err = ERR_INIT;
	const char *path = target(c), *text;
	char *shown;
	int fd cleanup_close = -1;

	if (path == NULL) {
		err_set(&e, ERR_TASKFILE_EXISTS,
		    "task: A Taskfile already exists");
		return cli_fail(c, &e, NULL);
	}
	text = c->s->is_compat ? greeting
			       : starter_text(c->a, path_dir(c->a, sv_of(path)),
				     program_schema(c->a,
					 program_path(c->a, c->in.argv.v[0])));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		err_sys(&e, errno, "open %s", path);
		return cli_fail(c, &e, NULL);
	}
	if (!write_all(fd, text, strlen(text))) {
		err_sys(&e, errno, "write %s", path);
		unlink(path);
		return cli_fail(c, &e, NULL);
	}
	if (c->s->silent)
		return 0;
	if (c->s->verbose)
		term_print(c->term, STDOUT_FILENO, COLOR_DEFAULT, "%s\n", text);
	if (!path_rel(c->a, sv_of(c->in.cwd), sv_of(path), &shown, &none))
		shown = arena_strdup(c->a, path);
	term_print(c->term, STDOUT_FILENO, COLOR_GREEN,
	    "Taskfile created: %s\n", shown);
	if (!c->s->is_compat)
		term_print(c->term, STDOUT_FILENO, COLOR_DEFAULT,
		    "prun --list shows what it has; prun qa-parallel runs "
		    "the checks side by side\n");
	return 0;
}
