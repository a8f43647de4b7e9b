/* SPDX-License-Identifier: MIT */
/* What the name of a task promises, by the words in it. */
#include <ctype.h>
#include <string.h>

#include "derive/internal.h"

bool
name_has_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(name, word); p; p = strstr(p + 1, word)) {
		bool starts = p == name || !isalnum((unsigned char)p[-1]);
		bool ends = !isalnum((unsigned char)p[n]);

		if (starts && ends)
			return true;
	}
	return false;
}

static bool
has_one_of(const char *name, const char *const *words)
{
	for (; *words != NULL; words++)
		if (name_has_word(name, *words))
			return true;
	return false;
}

/* A formatter, a generator …: with one of `verifying` it only looks. */
static const char *const soft[] = { "format", "formatting", "fmt", "tidy",
	"generate", "generated", "gen", "codegen", "deploy", "release",
	"publish", "sync", "imports", "schema", "schemas", NULL };
static const char *const verifying[] = { "check", "checks", "verify",
	"validate", "diff", NULL };

static const char *const changes[] = { "fix", "fixes", "autofix", "clean",
	"clear", "purge", "prune", "delete", "remove", "rm", "destroy", "reset",
	"update", "updates", "upgrade", "bump", "migrate", "migrations", "seed",
	"push", "apply", "create", "write", "tag", "init", "vendor", "commit",
	"accept", "snapshots", "save", NULL };
static const char *const serves[] = { "setup", "teardown", "install", "up",
	"down", "start", "stop", "restart", "serve", "server", "run", "watch",
	"dev", "deps", "dep", "dependencies", "services", "service", "pull",
	"download", "bootstrap", "prepare", "login", "debug", "shell", "open",
	"wait", "kill", "logs", NULL };
static const char *const builds[] = { "build", "builds", "rebuild", "compile",
	"bundle", "package", "image", "images", "docker", NULL };
/* and the programs that do nothing else */
static const char *const checks[] = { "lint", "lints", "linter", "linters",
	"linting", "check", "checks", "test", "tests", "testing", "validate",
	"validation", "verify", "audit", "vet", "type", "types", "typecheck",
	"typing", "security", "vulncheck", "vuln", "unit", "unittest", "mypy",
	"pyright", "tsc", "pytest", "flake8", "pylint", "eslint", "stylelint",
	"shellcheck", "hadolint", "yamllint", "markdownlint", "actionlint",
	"staticcheck", "govulncheck", "gosec", "bandit", "clippy", NULL };

enum name_kind
name_kind(const char *name)
{
	if (has_one_of(name, changes))
		return NAME_CHANGES;
	if (has_one_of(name, soft) && !has_one_of(name, verifying))
		return NAME_CHANGES;
	if (has_one_of(name, serves))
		return NAME_SERVES;
	if (has_one_of(name, soft))
		return NAME_CHECKS;
	if (has_one_of(name, builds))
		return NAME_BUILDS;
	return has_one_of(name, checks) ? NAME_CHECKS : NAME_UNKNOWN;
}
