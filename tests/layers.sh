#!/bin/sh
# SPDX-License-Identifier: MIT
# A folder of src/ includes only folders of a lower level, never its own level
# but itself (src/README.md).  Prints each edge that breaks this.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
cd "$abs_srcdir/src" || bail_out "no src"

# level of a folder; empty for one that the table does not know
level()
{
	case $1 in
	base) echo 0 ;;
	shell | yaml | stats) echo 1 ;;
	go) echo 2 ;;
	template) echo 3 ;;
	taskfile) echo 4 ;;
	compile) echo 5 ;;
	plan | derive | fingerprint | store) echo 6 ;;
	exec) echo 7 ;;
	run) echo 8 ;;
	join | output | report | vcs) echo 9 ;;
	remote) echo 10 ;;
	project) echo 11 ;;
	gate | watch | advice | session | mcp) echo 12 ;;
	cli | serve | fetch) echo 13 ;;
	esac
}

# wrong_edges FOLDER FILE…: one line for each include that points upward
wrong_edges()
{
	folder=$1
	shift
	grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[a-z_]*/' "$@" |
	while IFS= read -r line; do
		to=${line#*\"}
		to=${to%%/*}
		[ "$to" != "$folder" ] || continue
		[ -n "$(level "$to")" ] &&
		    [ "$(level "$to")" -lt "$(level "$folder")" ] ||
		    echo "$line"
	done
}

for folder in *; do
	[ -d "$folder" ] || continue
	[ -n "$(level "$folder")" ]
	ok $? "$folder has a level"
	set -- "$folder"/*.[ch]
	[ -e "$1" ] || continue
	is "$(wrong_edges "$folder" "$@")" '' \
	    "$folder includes only what lies below it"
done

# The environment of the process is read in base/ (what the system itself goes
# by: PWD, TMPDIR, variables in globs) and project/, which hands it to all others,
# and changed nowhere.  Beside them:
#   exec/               children without an environment of their own have the
#                       process's; the shell on PATH; PRUN_JOB, the mark of the
#                       job that this process is
#   join/control.c      the same default, to which it adds the socket
#   store/state.c       the user's folders, for callers without a project
#   template/template.c the world as templates see it, for callers without one
environment_users()
{
	grep -nE '(^|[^_[:alnum:].>*])((get|set|unset|put|clear)env[[:space:]]*\(|environ([^_[:alnum:]"]|$))' "$@" |
	    grep -vE '^[^:]*:[0-9]*:[[:space:]]*(/?\*|//)'
}
# shellcheck disable=SC2046 # names without blanks
is "$(environment_users $(find . -name '*.[ch]' ! -name '*_test.c' |
    sed 's,^\./,,' | grep -vE \
    -e '^(base|project|exec)/' \
    -e '^(join/control|store/state|template/template)\.c$'))" '' \
    'the environment is handed in'
# shellcheck disable=SC2046 # names without blanks
is "$(grep -nE '(^|[^_[:alnum:].>])(set|unset|put|clear)env[[:space:]]*\(' \
    $(find . -name '*.[ch]' ! -name '*_test.c'))" '' 'and never changed'

# Processes belong to exec/, and to join/, which hears who is at the other end of
# a socket.  Exceptions: the question whether one is there; steps that no kill of
# this one may part; tests, which fork.
# with_pids FILE…: one line for each that says so
with_pids()
{
	grep -HnE '(^|[^_[:alnum:]])(pid_t|getpgid|waitpid|wait4|(kill|killpg|fork)[[:space:]]*\()' \
	    "$@" /dev/null |
	grep -v -e '_test\.c:' -e '/fake\.c:' -e '^base/host\.c:' -e '^base/apart\.c:'
}

set --
for folder in *; do
	case $folder in
	exec | join) continue ;;
	esac
	for file in "$folder"/*.[ch]; do
		[ ! -e "$file" ] || set -- "$@" "$file"
	done
done
is "$(with_pids "$@")" '' 'no process is known by its number but in exec and join'

# run/ names nothing of those who join it.
is "$(grep -Hnw -e 'struct control' -e 'struct outer_run' -e 'join/[a-z_]*\.h' \
    run/*.[ch])" '' 'run names nothing of join'

# The test can fail: an upward and a sibling edge are found.
mkdir "$work/src"
echo '#include "run/run.h"' >"$work/src/a.c"
echo '#  include "store/db.h" /* sibling */' >"$work/src/b.c"
echo '#include "base/io.h"' >"$work/src/c.c"
echo '#include "plan/plan.h"' >"$work/src/d.c"
cd "$work/src" || bail_out "no folder"
printf 'static pid_t who;\nint x = kill (1);\nkill(who, 9);\nskill(3);\n' >e.c
is "$(with_pids e.c | wc -l | tr -d ' ')" 3 'numbers of processes are seen'
is "$(wrong_edges plan a.c b.c c.c d.c | sed 's/:.*//' | tr '\n' ' ')" \
    'a.c b.c ' 'edges upward and to the side are seen'
printf '\tx = getenv("A");\n' >e.c
printf '\tfor (p = environ; *p;)\n' >f.c
printf ' * of getenv()\n\tc->env->getenv(c, "B"); /proc/1/environ"\n' >g.c
is "$(environment_users e.c f.c g.c | sed 's/:.*//' | tr '\n' ' ')" \
    'e.c f.c ' 'who reads the environment is seen'

done_testing
