#!/bin/sh
# SPDX-License-Identifier: MIT
# P-108, P-601, P-602, P-115: what a run told its jobs counts while that run
# lives: a terminal, an editor or a daemon that a task started outlives it, and
# a run in there is its own.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
printf '.task\nenv.*\ntalk*\n' >.gitignore
# shellcheck disable=SC2016 # for the tasks' shells
taskfile <<'EOT'
version: '3'
tasks:
  keep: {silent: true, cmds: ['sh -c export\ -p >env.$NAME']}
  keep-owing: {commit: true, silent: true, cmds: ['sh -c export\ -p >env.$NAME']}
  around: {silent: true, cmds: ['"$PRUN" keep']}
  # as long as the pipe is open
  live: {silent: true, cmds: ['sh -c export\ -p >env.$NAME; echo >talk.up; cat talk.end']}
  live-owing: {commit: true, silent: true, cmds: ['sh -c export\ -p >env.$NAME; echo >talk.up; cat talk.end; exit $(cat talk.status)']}
  in-live: {silent: true, cmds: ['"$PRUN" keep; echo >talk.up; cat talk.end']}
  terminal: {silent: true, cmds: ['setsid sh talk.sh >talk.log 2>&1 </dev/null &']}
  fmt: {commit: {message: Formatted}, cmds: ['echo 1 >>f']}
  late: {commit: {message: Late}, cmds: ['echo 1 >>f; echo >talk.up; cat talk.end']}
  compat: {silent: true, cmds: ['echo compat=$PRUN_COMPAT']}
  level: {silent: true, cmds: ['echo $PRUN_LEVEL $PRUN_RUNS']}
EOT
echo 0 >f
commit_all

# The environment of a job is that of a process which outlives it.
# shellcheck disable=SC2016
inside() { name=$1; shift; sh -c '. ./env.'"$name"'; exec "$PRUN" "$@"' sh "$@"; }
head() { git rev-parse HEAD; }
last() { git log -1 --format=%s; }

for task in keep keep-owing around; do
	NAME=$task prun $task >/dev/null 2>&1
	before=$(head)
	run inside $task fmt
	is "$status $(last) $(git rev-parse HEAD~1)" "0 Formatted $before" \
	    "P-601 fmt in what $task left behind makes its commit"
	unlike "$err" 'left to the run' "P-108 and hands it to nobody ($task)"
	run inside $task level
	like "$out" '1 20??????-??????-??????' \
	    "P-115 a run that is over is no level ($task)"
	is "${out##* }" "${out#* }" "P-108 nor a run around it ($task)"
done

NAME=no prun --no-commit keep 2>/dev/null
before=$(head)
run inside no fmt
is "$status $(git rev-parse HEAD~1)" "0 $before" \
    'P-602 --no-commit is over with its run'
PRUN_NO_COMMIT=1
export PRUN_NO_COMMIT
NAME=user prun keep 2>/dev/null
unset PRUN_NO_COMMIT
before=$(head)
run inside user fmt
is "$status $(head)" "0 $before" 'P-602 what the user said stays'
like "$err" 'no commit was made, as asked' 'P-602 which is told'
git checkout -q .

PRUN_COMPAT=1 NAME=compat-user prun keep 2>/dev/null
NAME=compat-flag prun --compat keep 2>/dev/null
run inside compat-user compat
is "$out" 'compat=1' 'P-108 PRUN_COMPAT of the user stays'
run inside compat-flag compat
is "$out" 'compat=' 'P-108 a compat run that is over decides nothing'
run inside compat-flag fmt
like "$err" 'prun: committed' 'P-108 for what is said either'

# a run that was killed has closed nothing
mkfifo talk.up talk.end
NAME=killed "$PRUN" live-owing >/dev/null 2>&1 &
pid=$!
read -r _ <talk.up
before=$(head)
run inside killed fmt
is "$status $(head)" "0 $before" 'P-108 a run that lives makes the commit'
like "$err" 'left to the run' 'P-108 and gets it told'
kill -9 $pid
wait $pid 2>/dev/null
git checkout -q .
# its guardian, which goes by the mark of its jobs, may still be at work
grep -v 'PRUN_JOB=' env.killed >env.later
run inside later fmt
is "$status $(last) $(git rev-parse HEAD~1)" "0 Formatted $before" \
    'P-601 one that was killed makes none'
(cat talk.end >/dev/null 2>&1 &); echo >talk.end

# the outer run ends while the nested one is at work
: >talk.status
rm talk.up talk.end
mkfifo talk.up talk.end
NAME=over "$PRUN" live >/dev/null 2>&1 &
pid=$!
read -r _ <talk.up
mkfifo talk.up2 talk.end2
sed 's/talk.up; cat talk.end/talk.up2; cat talk.end2/' Taskfile.yml >../late.yml
(inside over -t ../late.yml -d . late) >talk.said 2>&1 &
late=$!
read -r _ <talk.up2
before=$(head)
echo >talk.end
wait $pid
echo >talk.end2
wait $late
is "$? $(last) $(git rev-parse HEAD~1)" "0 Late $before" \
    'P-601 where the outer run is over first, the nested one makes the commit'

# the outermost lives, the one that started the terminal does not
NAME=middle "$PRUN" in-live >/dev/null 2>&1 &
pid=$!
read -r _ <talk.up
run inside middle level
like "$out" '2 20??????-??????-??????:20??????-??????-??????' \
    'P-108 of two runs around, the one that lives counts'
before=$(head)
run inside middle fmt
is "$status $(head)" "0 $before" 'P-108 and makes the commit'
echo >talk.end
wait $pid
is "$? $(last) $(git rev-parse HEAD~1)" "0 Parallel execution results $before" \
    'P-108 at its end'

# a process that a task really left behind
cat >talk.sh <<'EOT'
read -r line <talk.end
"$PRUN" fmt
echo "ended $?" >talk.up
EOT
if command -v setsid >/dev/null; then
	run prun terminal
	before=$(head)
	echo >talk.end
	read -r said <talk.up
	is "$said $(last) $(git rev-parse HEAD~1)" "ended 0 Formatted $before" \
	    'P-601 a terminal that outlived its run'
	is "$(cat talk.log | grep left)" '' 'P-108 leaves it to nobody'
else
	skip 'a terminal that outlived its run' 'there is no setsid'
fi
done_testing
