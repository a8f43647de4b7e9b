#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154,SC2016 # lib.sh; texts for other shells
# P-1301: the real Slurm, one node, started here in a folder of its own.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in slurmctld slurmd sbatch munged runuser; do
	PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null ||
	    skip_all "no $tool"
done
[ "$(id -u)" -eq 0 ] || skip_all 'a node of its own needs root'
PATH=$PATH:/usr/sbin:/sbin
d=$work/slurm
host=$(hostname -s)
getent hosts "$host" >/dev/null || skip_all "the name $host has no address"
mkdir -p "$d/state" "$d/spool" "$d/log"
chmod 755 "$work"
# ports that another cluster of a test does not have
port=$((20000 + $$ % 20000 / 2 * 2))
install -d -o munge -g munge -m 0755 "$d/munge"
runuser -u munge -- munged --force --socket="$d/munge/s" \
    --pid-file="$d/munge/pid" --log-file="$d/munge/log" \
    --seed-file="$d/munge/seed" || skip_all 'munged does not start'
stop()
{
	for f in "$d/ctld.pid" "$d/d-n1.pid" "$d/munge/pid"; do
		[ -s "$f" ] && kill "$(cat "$f")"
	done
} 2>/dev/null
at_exit=stop
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$d/cgroup.conf"
cat >"$d/slurm.conf" <<END
ClusterName=prun
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$d/munge/s
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$d/state
SlurmdSpoolDir=$d/spool/%n
SlurmctldPidFile=$d/ctld.pid
SlurmdPidFile=$d/d-%n.pid
SlurmctldLogFile=$d/log/ctld.log
SlurmdLogFile=$d/log/d-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MailProg=/bin/true
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=debug Nodes=n1 Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
END
export SLURM_CONF="$d/slurm.conf"
{ slurmctld -c && slurmd -N n1; } >"$d/log/start" 2>&1 ||
    skip_all 'Slurm does not start here'
is_idle()
{
	sinfo -h -o %T 2>/dev/null | grep -q idle
}
wait_for is_idle
is_idle || skip_all 'the node does not come up here'

taskfile <<-'END'
version: '3'
tasks:
  pass: 'echo "job $((SLURM_JOB_ID > 0))"; echo err >&2'
  three: 'sh -c "exit 3"'
  crash: 'kill -SEGV $$'
  scancel: 'scancel $SLURM_JOB_ID; sleep 50'
  all: {deps: [{for: [1, 2, 3, 4], task: one, vars: {N: '{{.ITEM}}'}}]}
  one: 'echo {{.N}} >n{{.N}}'
  long: 'echo up >up; sleep 50; echo no'
END
run prun -s --executor slurm pass
is "$status:$out:$err" '0:job 1:err' 'a job of a real queue (P-1301)'
run prun -s -x --executor slurm three
is "$status" 3 'its status'
run prun -s -x --executor slurm crash
is "$status" 139 'a crash'
run prun -s --executor slurm scancel
like "$err" 'cancelled by somebody else' 'a cancel by somebody else'
run prun -s --executor slurm all
is "$status:$(cat n1 n2 n3 n4 | tr '\n' ' ')" '0:1 2 3 4 ' 'side by side'
"$PRUN" -s --executor slurm long >/dev/null 2>&1 &
bg=$!
wait_for test -s up
kill -INT $bg
kill -TERM $bg
wait $bg
is "$(squeue -h)" '' 'a signal ends the jobs of a run'

done_testing
