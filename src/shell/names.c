/* SPDX-License-Identifier: MIT */
#include "shell/names.h"

#include <stdlib.h>

/* All of them in the order of sv_cmp(), for bsearch(). */
static const char *const own[] = { "!", ".", ":", "[", "[[", "alias", "bg",
	"bind", "break", "builtin", "caller", "case", "cd", "command",
	"compgen", "complete", "compopt", "continue", "coproc", "declare",
	"dirs", "disown", "do", "done", "echo", "elif", "else", "enable",
	"esac", "eval", "exec", "exit", "export", "false", "fc", "fg", "fi",
	"for", "function", "getopts", "hash", "help", "history", "if", "in",
	"jobs", "kill", "let", "local", "logout", "mapfile", "popd", "printf",
	"pushd", "pwd", "read", "readarray", "readonly", "return", "select",
	"set", "shift", "shopt", "source", "suspend", "test", "then", "time",
	"times", "trap", "true", "type", "typeset", "ulimit", "umask",
	"unalias", "unset", "until", "wait", "while", "{", "}" };

static const char *const keywords[] = { "!", "[[", "]]", "case", "coproc", "do",
	"done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
	"select", "then", "time", "until", "while", "{", "}" };

static const char *const special[] = { "CDPATH", "CHILD_MAX", "COLUMNS",
	"COMPREPLY", "COMP_WORDBREAKS", "COPROC", "DIRSTACK", "EMACS", "ENV",
	"EPOCHREALTIME", "EPOCHSECONDS", "EUID", "EXECIGNORE", "FCEDIT",
	"FIGNORE", "FUNCNAME", "FUNCNEST", "GID", "GLOBIGNORE", "GROUPS",
	"HISTCMD", "HOSTTYPE", "IFS", "IGNOREEOF", "INSIDE_EMACS", "LANG",
	"LANGUAGE", "LINENO", "LINES", "MACHTYPE", "MAPFILE", "NLSPATH",
	"OPTARG", "OPTERR", "OPTIND", "OSTYPE", "PIPESTATUS", "POSIXLY_CORRECT",
	"PPID", "PRUN_JOB", "PS0", "PS1", "PS2", "PS3", "PS4", "RANDOM",
	"READLINE_LINE", "REPLY", "SECONDS", "SHELLOPTS", "SHLVL", "SRANDOM",
	"TEXTDOMAIN", "TEXTDOMAINDIR", "TIMEFORMAT", "TMOUT", "TZ", "UID", "_",
	"auto_resume", "histchars" };

static const char *const with_default[] = { "HOSTNAME", "PATH", "SHELL",
	"TERM" };

static int
shell_name_cmp(const void *key, const void *item)
{
	return sv_cmp(*(const sv *)key, sv_of(*(const char *const *)item));
}

static bool
in_names(sv name, const char *const *list, size_t n)
{
	return bsearch(&name, list, n, sizeof(*list), shell_name_cmp) != NULL;
}

#define IN(name, list) in_names((name), (list), sizeof(list) / sizeof(*(list)))

bool
shell_name_is_own(sv name)
{
	return IN(name, own);
}

bool
shell_name_is_keyword(sv name)
{
	return IN(name, keywords);
}

bool
shell_variable_is_special(sv name)
{
	return sv_starts(name, SV("BASH")) || sv_starts(name, SV("LC_")) ||
	       sv_starts(name, SV("HIST")) || sv_starts(name, SV("COMP_")) ||
	       IN(name, special);
}

bool
shell_variable_has_default(sv name)
{
	return IN(name, with_default);
}
