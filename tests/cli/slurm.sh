#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301, P-1302: commands in a Slurm queue, against programs that answer in the
# formats of the real ones, or fail as they do where a test has asked for that.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v setsid >/dev/null || skip_all 'no setsid'

fake=$work/fake
mkdir -p "$fake/bin" "$fake/queue" "$fake/over" sub
export fake

# program NAME <text
program()
{
	{ echo '#!/bin/sh'; cat; } >"$fake/bin/$1"
	chmod +x "$fake/bin/$1"
}

# A word of what a test has asked for, one a call.
program next <<'END'
read -r word <"$fake/next.$1" 2>/dev/null || exit 0
sed 1d "$fake/next.$1" >"$fake/rest" && mv "$fake/rest" "$fake/next.$1"
echo "$word"
END
program sbatch <<'END'
how=$(next sbatch)
case $how in
away)	echo 'sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)' >&2
	exit 1 ;;
refused) echo 'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified' >&2
	exit 1 ;;
esac
id=$(($(cat "$fake/last" 2>/dev/null || echo 0) + 1))
echo $id >"$fake/last"
echo "$*" >>"$fake/submitted"
elements=
while :; do
	case $1 in
	--comment=*) comment=${1#*=} ;;
	--array=0-*) elements=$(seq 0 "${1#*-*-*-}") ;;
	--*) ;;
	*) break ;;
	esac
	shift
done
if [ "$how" = unshared ]; then
	script=$1 dir=$2 tree=$3 name=$5
	set -- "$script" "$dir" "$tree" 0 "$name"
fi
script=$1
shift
run()
{
	echo "$comment" >"$fake/queue/$job"
	SLURM_JOB_ID=$id SLURM_ARRAY_TASK_ID=$element setsid "$fake/bin/job" \
	    "$job" "$script" "$@" >/dev/null 2>&1 </dev/null &
}
if [ -n "$elements" ]; then
	for element in $elements; do
		job=${id}_$element
		run "$@"
	done
else
	element= job=$id
	run "$@"
fi
if [ "$how" = late ]; then
	echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2
	exit 1
fi
echo $id
END
program job <<'END'
job=$1
shift
echo $$ >"$fake/queue/$job.pid"
status=0
sh "$@" || status=$?
state=FAILED code=$status:0
[ $status -eq 0 ] && state=COMPLETED
[ $status -eq 137 ] && code=0:9
how=$(next end)
[ -n "$how" ] && state=$how
[ -e "$fake/over/$job" ] || echo "JobId=$job JobState=$state Reason=None ExitCode=$code BatchHost=n1" >"$fake/over/$job"
rm -f "$fake/queue/$job" "$fake/queue/$job.pid"
END
program squeue <<'END'
echo "$(date +%s) $*" >>"$fake/asked"
if [ "$(next squeue)" = fail ]; then
	echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2
	exit 1
fi
for f in "$fake"/queue/*; do
	case $f in *.pid | *'*') continue ;; esac
	read -r comment <"$f" || continue
	case $* in
	*%T*) echo "${f##*/}|$comment|RUNNING|None" ;;
	*) echo "${f##*/}" ;;
	esac
done
END
program scancel <<'END'
sig= ids= name= only=
while [ $# -gt 0 ]; do
	case $1 in
	-s) sig=$2; shift ;;
	-n) name=$2; shift ;;
	-t) only=$2; shift ;;
	-*) ;;
	*) ids="$ids $1" ;;
	esac
	shift
done
[ -n "$only" ] && exit 0
[ -z "$name" ] || ids=$(cd "$fake/queue" && ls | sed -n 's/\.pid$//p')
for id in $ids; do
	read -r pid <"$fake/queue/$id.pid" || continue
	if [ -n "$sig" ]; then
		kill -s "$sig" -- $(ps -o pid= -g "$pid" | grep -vw "$pid")
	else
		echo "JobId=$id JobState=CANCELLED Reason=None ExitCode=0:15 BatchHost=n1" >"$fake/over/$id"
		kill -KILL -- "-$pid"
		rm -f "$fake/queue/$id" "$fake/queue/$id.pid"
	fi
done 2>/dev/null
exit 0
END
program scontrol <<'END'
cat "$fake/over/$4" 2>/dev/null && exit
echo 'slurm_load_jobs error: Invalid job id specified' >&2
exit 1
END
program sacct <<'END'
echo 'Slurm accounting storage is disabled' >&2
exit 1
END
plain=$PATH
PATH=$fake/bin:$PATH
printf '[slurm]\npoll = 300ms\n' >prun.ini

# next_of PROGRAM WORD…: what it does the next times.
next_of()
{
	to=$fake/next.$1
	shift
	printf '%s\n' "$@" >"$to"
}

in_queue()
{
	ls "$fake/queue"
}

taskfile <<-'END'
version: '3'
tasks:
  pass: 'printf out; printf err >&2'
  env: {env: {WORD: "it's ${x}"}, dir: sub, cmd: 'echo "$WORD" "${PWD##*/}" $((SLURM_JOB_ID > 0))'}
  fails: 'test -z "$HOME"'
  many: {deps: [{for: [1, 2, 3, 4, 5], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: 'echo {{.N}} >n{{.N}}'
  asks: {slots: 2, memory: 100M, cmds: [{cmd: 'test -n x', timeout: 90s}]}
  bound: {cmds: [{cmd: 'exec sleep 50', timeout: 300ms}]}
  here: {interactive: true, cmd: 'test -z "$SLURM_JOB_ID"'}
  own: {executor: slurm, cmds: ['test -n "$SLURM_JOB_ID"']}
  stays: {executor: local, cmds: ['test -z "$SLURM_JOB_ID"']}
  long: 'trap "echo ended >ended; exit 1" TERM; echo up >up; sleep 50 & wait'
  ran: 'echo ran >>ran'
  memory: 'kill -KILL $$'
  both: {deps: [w1, w2, w3]}
  w1: &w 'echo "x$SLURM_JOB_ID" >>where; sleep 0.3'
  w2: *w
  w3: *w
END

run prun -s --executor slurm pass
is "$status:$out:$err" '0:out:err' 'both streams come back (P-1301)'
run prun -s --executor slurm env
is "$status:$out" "0:it's \${x} sub 1" 'environment, folder, a job'
run prun -s -x --executor slurm fails
is "$status" 1 'a failure with its status'
run prun -s --executor slurm many
is "$status:$(cat n1 n2 n3 n4 n5 | tr '\n' ' ')" '0:1 2 3 4 5 ' \
    'calls side by side'
like "$(tail -n 1 "$fake/submitted")" '--array=0-[1-4]' 'go in as an array'
run prun -s --executor slurm asks
like "$(tail -n 1 "$fake/submitted")" \
    '--cpus-per-task=2 --mem=102400K --time=3 ' 'what a task asks for'
run prun -s --executor slurm bound
is "$status" 208 'a timeout'
is "$(in_queue)" '' 'leaves no job'

run prun -s --executor slurm here
is "$status:$err" '0:prun: here is interactive: it runs on this machine' \
    'an interactive task stays, with a message (P-1302)'
run prun -s own
is "$status:$err" '0:' 'executor: slurm on a task'
run prun -s --executor slurm stays
is "$status:$err" '0:' 'executor: local on a task'
run prun -s -C 1 --overflow slurm both
is "$status:$(sort where | sed 's/[0-9][0-9]*/N/' | tr '\n' ' ')" \
    '0:x xN xN ' 'what finds no slot here goes to the cluster'
run prun -s --executor nomad pass
is "$status:$err" '2:prun: --executor nomad: there is no such executor; there are local and slurm' \
    'an executor that is none'

next_of sbatch late
run prun -s --executor slurm ran
is "$status:$(cat ran)" '0:ran' 'a submission that timed out runs once'
rm -f ran
next_of sbatch refused
run prun -s --executor slurm ran
is "$status" 201 'one that is refused fails'
like "$err" 'Invalid account' 'for its reason'
next_of squeue fail fail
run prun -s --executor slurm asks
is "$status" 0 'a status that cannot be had is no failure'
next_of end OUT_OF_MEMORY
run prun -s --executor slurm memory
is "$status" 201 'a job that was killed fails'
like "$err" 'out of memory' 'for the reason that Slurm has'
next_of end CANCELLED
run prun -s --executor slurm memory
like "$err" 'cancelled by somebody else' 'a cancel is told apart'
: >"$fake/next.end"

next_of sbatch unshared
run prun -s --executor slurm ran
is "$status:$(cat ran)" '0:ran' 'without shared folders it runs here (P-1302)'
like "$err" 'does not share' 'and says so'
printf '[slurm]\npoll = 300ms\nshared = no\n' >prun.ini
run prun -s --executor slurm here
like "$err" 'shared = no' 'nor where the settings say so'
printf '[slurm]\npoll = 300ms\n' >prun.ini

"$PRUN" -s --executor slurm long >"$work/bg.out" 2>&1 &
bg=$!
wait_for test -s up
kill -TERM $bg
status=0
wait $bg || status=$?
wait_for test -s ended
is "$(in_queue)" '' 'a signal ends the jobs of a run'
rm -f up ended
"$PRUN" -s --executor slurm long >"$work/bg.out" 2>&1 &
bg=$!
wait_for test -s up
kill -KILL $bg
wait $bg 2>/dev/null
isnt "$(in_queue)" '' 'a run that was killed leaves its job'
run prun -s --executor slurm pass
is "$(in_queue)" '' 'the next one cancels it'
like "$err" 'jobs of the killed run' 'and says so'

PATH=$plain
command -v sbatch >/dev/null || {
	run prun -s --executor slurm pass
	like "$err" 'sbatch is not on the PATH' 'no cluster is an error'
	run prun -s own
	like "$err" 'sbatch is not on the PATH: all tasks run on this' \
	    'but not where a task wants it'
}

done_testing
