#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016,SC2034 # lib.sh; texts for other shells
# P-1301: every way in which a job of a real queue can end, all at a time and
# each in a folder of its own; then what a node and a controller do.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_slurm.sh"
slurm_cpus=32
slurm_up MinJobAge=30 KillWait=30
plain=$PATH

# A file system that shows the results of others late, or half of them: mv of
# the script on the node.
mkdir "$work/late" "$work/torn" "$work/sick" "$work/poor"
cat >"$work/late/mv" <<'END'
#!/bin/sh
case $3 in
*.result) setsid sh -c 'sleep 5; exec /bin/mv "$@"' mv "$@" >/dev/null 2>&1 </dev/null & ;;
*) exec /bin/mv "$@" ;;
esac
END
cat >"$work/torn/mv" <<'END'
#!/bin/sh
case $3 in
*.1.result) dd if="$2" of="$3" bs=6 count=1 2>/dev/null; exec rm "$2" ;;
esac
exec /bin/mv "$@"
END
# A controller that answers nobody for a minute.
cat >"$work/sick/squeue" <<END
#!/bin/sh
[ -e $work/sick/until ] || echo \$((\$(date +%s) + 60)) >$work/sick/until
if [ \$(date +%s) -lt \$(cat $work/sick/until) ]; then
	echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2
	exit 1
fi
exec $(command -v squeue) "\$@"
END
printf '#!/bin/sh\nexit 127\n' >"$work/poor/sacct"
chmod +x "$work"/*/mv "$work/sick/squeue" "$work/poor/sacct"

# begin NAME COMMAND [PRUN OPTION…]: its run, in the folder NAME; each run of the
# command adds a line to `runs`.
begin()
{
	name=$1
	mkdir "$name"
	{
		printf 'version: "3"\ntasks:\n  t: |\n'
		printf '    echo "$SLURM_JOB_ID" >>runs; echo begun\n'
		printf '    %s\n' "$2"
	} >"$name/Taskfile.yml"
	cp prun.ini "$name"
	shift 2
	(
		cd "$name" || exit
		status=0
		"$PRUN" -s -x --executor slurm "$@" t >out 2>err </dev/null ||
		    status=$?
		echo $status >status
	) &
}

# ended NAME STATUS RUNS WHAT
ended()
{
	wait_long test -s "$1/status"
	is "$(cat "$1/status"):$(grep -c . "$1/runs")" "$2:$3" "$4 (P-1301)"
}

wait_long()
{
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 6000 ] || return 1
		sleep 0.1
	done
}

# The job of a run, once it runs.
job_of()
{
	wait_long test -s "$1/runs"
	tail -n 1 "$1/runs"
}

printf '[slurm]\npoll = 5s\n' >prun.ini
begin pass 'exit 0'
begin three 'exit 3'
begin nap 'sleep 0.3'
begin crash 'kill -SEGV $$'
begin shell 'sleep 20; echo late >>late'
begin cancel 'sleep 50'
PATH=$work/late:$plain
begin late 'exit 4'
PATH=$work/torn:$plain
begin torn 'exit 0'
PATH=$work/sick:$plain
begin sick 'sleep 20'
PATH=$work/poor:$plain
begin poor 'sleep 20'
PATH=$plain
printf '[slurm]\npoll = 100s\n' >prun.ini
begin forgotten '[ $(grep -c . runs) -gt 1 ] || sleep 20'
printf '[slurm]\npoll = 5s\noptions = --time=1\n' >prun.ini
begin limit 'sleep 300'
printf '[slurm]\npoll = 5s\n' >prun.ini

kill_shell()
{
	kill -KILL "$(pgrep -f "$slurm/spool/n1/job0*$(job_of "$1")/slurm_script" | head -n 1)"
}
scancel "$(job_of cancel)"
kill_shell shell
kill_shell poor
kill_shell forgotten

ended pass 0 1 'exit 0'
ended three 3 1 'exit 3'
ended nap 0 1 'a sleep of 300 ms'
ended crash 139 1 'SIGSEGV'
ended late 4 1 'a result that comes 5 s late'
ended cancel 143 1 'scancel by another'
like "$(cat cancel/err)" 'cancelled by somebody else' 'says so'
ended shell 137 1 'kill -9 of the shell'
like "$(cat shell/err)" 'killed by signal 9' 'says so'
ended poor 137 1 'the same without sacct'
ended limit 143 1 'the time limit'
like "$(cat limit/err)" 'time limit' 'says so'
ended sick 0 1 'squeue fails for a minute'
like "$(cat sick/err)" 'does not answer' 'says so'
ended torn 0 2 'a torn result is no result: once more'
like "$(cat torn/err)" 'left no result' 'says so'
ended forgotten 0 2 'a job that Slurm forgot: once more'
like "$(cat forgotten/err)" 'does not know it' 'says so'

begin node '[ $(grep -c . runs) -gt 1 ] || sleep 300'
job_of node >/dev/null
scontrol update NodeName=n1 State=DOWN Reason=test
scontrol update NodeName=n1 State=RESUME
ended node 0 2 'a node that went down: once more'
like "$(cat node/err)" 'its node failed' 'says so'

begin controller 'sleep 20; echo over'
job_of controller >/dev/null
kill "$(cat "$slurm/ctld.pid")"
begin queued 'exit 0'
sleep 60
[ -s controller/status ]
ok $? 'a job that ends while the controller is away (P-1301)'
slurm_controller
ended controller 0 1 'passes'
ended queued 0 1 'one that came meanwhile waits for it, and runs'
# Each line says when it was written.
mkdir stream
cp prun.ini stream
cat >stream/Taskfile.yml <<'END'
version: '3'
tasks:
  t: 'for i in 1 2 3 4 5 6 7 8 9 10; do date +%s%N; sleep 0.7; done'
END
most=0
lines=0
mkfifo "$work/lines"
(cd stream && exec "$PRUN" -s --executor slurm t) >"$work/lines" &
while read -r written; do
	lag=$((($(date +%s%N) - written) / 1000000))
	lines=$((lines + 1))
	[ $lag -le $most ] || most=$lag
done <"$work/lines"
[ $lines -eq 10 ] && [ $most -lt 2000 ]
ok $? "$lines lines arrive within 2 s (after $most ms) (P-1301)"

# ^C with 20 jobs, of which half do not hear it: KillWait is 30 s, the grace 3.
mkdir both
cat >both/Taskfile.yml <<'END'
version: '3'
tasks:
  all: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: deaf, vars: {N: '{{.ITEM}}'}}, {for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: hears, vars: {N: '{{.ITEM}}'}}]}
  deaf: 'trap "" INT TERM; echo $$ >pid.d{{.N}}; while :; do sleep 1; done'
  hears: 'echo $$ >pid.h{{.N}}; exec sleep 100'
END
printf '[run]\ngrace = 3s\n[slurm]\npoll = 5s\n' >both/prun.ini
(cd both && exec "$PRUN" -s --executor slurm all >out 2>err) &
bg=$!
all_run()
{
	[ "$(cat both/pid.* 2>/dev/null | grep -c .)" -eq 20 ]
}
wait_long all_run
kill -INT $bg
begin=$(date +%s)
gone()
{
	for f in both/pid.*; do
		! kill -0 "$(cat "$f")" || return 1
	done
}
wait_long gone
took=$(($(date +%s) - begin))
[ $took -le 8 ]
ok $? "^C ends all 20 jobs (after $took s)"
wait $bg
is "$(squeue -h -t R,PD)" '' 'nothing is left'

done_testing
