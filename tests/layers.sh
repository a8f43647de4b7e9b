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
	yaml) echo 1 ;;
	go) echo 2 ;;
	template) echo 3 ;;
	taskfile) echo 4 ;;
	compile) echo 5 ;;
	plan | fingerprint | store) echo 6 ;;
	exec) echo 7 ;;
	run) echo 8 ;;
	join | output | report | vcs) echo 9 ;;
	remote) echo 10 ;;
	project) echo 11 ;;
	gate | watch | session) echo 12 ;;
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

# Processes belong to exec/, and to join/, which hears who is at the other end of
# a socket.  Exceptions: a worktree whose maker may be gone; tests, which
# fork.
# with_pids FILE…: one line for each that says so
with_pids()
{
	grep -HnE '(^|[^_[:alnum:]])(pid_t|getpgid|waitpid|wait4|(kill|killpg|fork)[[:space:]]*\()' \
	    "$@" /dev/null |
	grep -v -e '_test\.c:' -e '/fake\.c:' -e '/gate_tree\.c:'
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

done_testing
