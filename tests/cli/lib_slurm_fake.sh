# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2016,SC2154,SC2034 # texts for other shells; what others set and read
# A Slurm of programs that answer in the formats of the real ones, or fail as
# they do where a test has asked for that (next_of).  Jobs run at once.  What was
# submitted and asked is in $fake; $plain is the PATH without these programs.

command -v setsid >/dev/null || skip_all 'no setsid'

fake=$work/fake
mkdir -p "$fake/bin" "$fake/queue" "$fake/over" "$fake/start"
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
lost)	echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2
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
	--job-name=*) name=${1#*=} ;;
	--array=0-*) elements=$(seq 0 "${1#*-*-*-}") ;;
	--*) ;;
	*) break ;;
	esac
	shift
done
if [ "$how" = unshared ]; then
	script=$1 dir=$2 tree=$3 what=$5
	set -- "$script" "$dir" "$tree" 0 "$what"
fi
script=$1
shift
run()
{
	[ "$how" = tardy ] || echo "$comment $name" >"$fake/queue/$job"
	printf '%s\n' "SLURM_JOB_ID=$id" "SLURM_ARRAY_TASK_ID=$element" \
	    setsid "$fake/bin/job" "$job" "$script" "$@" >"$fake/start/$job"
	echo "$job" >"$fake/slurmd"
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
if [ "$how" = late ] || [ "$how" = tardy ]; then
	echo 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation' >&2
	exit 1
fi
echo $id
END
program job <<'END'
job=$1
shift
echo $$ >"$fake/queue/$job.pid"
# it is in the queue only when prun has looked for it in vain
[ -e "$fake/queue/$job" ] || sleep 25
how=$(next begin)
if [ -n "$how" ]; then
	echo "JobId=$job JobState=${how%,*} Reason=None ExitCode=${how#*,} BatchHost=n1" >"$fake/over/$job"
	rm -f "$fake/queue/$job" "$fake/queue/$job.pid"
	exit
fi
status=0
sh "$@" || status=$?
echo "$job" >>"$fake/ended"
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
names=
while [ $# -gt 0 ]; do
	case $1 in
	-n) names=,$2, ;;
	-o) format=$2 ;;
	esac
	shift
done
for f in "$fake"/queue/*; do
	case $f in *.pid | *'*') continue ;; esac
	read -r comment name <"$f" || continue
	case $names in
	'' | *",$name,"*) ;;
	*) continue ;;
	esac
	case $format in
	*%T*) echo "${f##*/}|$comment|RUNNING|None" ;;
	*) echo "${f##*/}" ;;
	esac
done
END
program scancel <<'END'
echo "$*" >>"$fake/cancelled"
sig= ids= name= only= batch=
while [ $# -gt 0 ]; do
	case $1 in
	-s) sig=$2; shift ;;
	-n) name=$2; shift ;;
	-t) only=$2; shift ;;
	--batch) batch=1 ;;
	-*) ;;
	*) ids="$ids $1" ;;
	esac
	shift
done
[ -n "$only" ] && exit 0
[ -z "$name" ] || ids=$(cd "$fake/queue" && grep -l " $name\$" * | grep -v '\.pid$')
for id in $ids; do
	read -r pid <"$fake/queue/$id.pid" || continue
	if [ -n "$sig" ] && [ -z "$batch" ]; then
		kill -s "$sig" -- $(ps -o pid= -g "$pid" | grep -vw "$pid")
	else
		echo "JobId=$id JobState=CANCELLED Reason=None ExitCode=0:15 BatchHost=n1" >"$fake/over/$id"
		kill -s KILL -- "-$pid"
		rm -f "$fake/queue/$id" "$fake/queue/$id.pid"
	fi
done 2>/dev/null
exit 0
END
program scontrol <<'END'
if [ "$(next scontrol)" = away ]; then
	echo 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)' >&2
	exit 1
fi
cat "$fake/over/$4" 2>/dev/null && exit
[ -e "$fake/queue/$4" ] &&
    echo "JobId=$4 JobState=RUNNING Reason=None ExitCode=0:0 BatchHost=n1" &&
    exit
echo 'slurm_load_jobs error: Invalid job id specified' >&2
exit 1
END
program sacct <<'END'
how=$(next sacct)
[ -z "$how" ] || { echo "$how"; exit; }
echo 'Slurm accounting storage is disabled' >&2
exit 1
END
plain=$PATH
PATH=$fake/bin:$PATH

# Jobs are no children of a run, which would end them with what is left of its
# own.  Of the environment they have what --export=PATH leaves: nothing that
# tells of which run they are.
slurmd()
{
	while read -r job; do
		(
			set --
			while IFS= read -r arg; do
				set -- "$@" "$arg"
			done <"$fake/start/$job"
			exec env -i PATH="$PATH" fake="$fake" "$@"
		) >/dev/null 2>&1 </dev/null &
	done
}
mkfifo "$fake/slurmd"
slurmd <>"$fake/slurmd" >/dev/null 2>&1 &
at_exit="kill $!"

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
