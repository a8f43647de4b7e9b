# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034,SC2120 # what lib.sh has and reads
# A Slurm of one node, from the system's packages, in the folder of the test.
#
#	. "${abs_srcdir:-.}/tests/cli/lib_slurm.sh"
#	slurm_up MinJobAge=10
#	…
# At the exit of the script it is gone.

# They write into the folder until they are gone.
slurm_stop()
{
	for f in "$slurm/ctld.pid" "$slurm/d-n1.pid" "$slurm/munge/pid"; do
		[ -s "$f" ] || continue
		pid=$(cat "$f")
		kill "$pid"
		tries=0
		while kill -0 "$pid" && [ $tries -lt 100 ]; do
			tries=$((tries + 1))
			sleep 0.1
		done
	done
} 2>/dev/null

slurm_controller()
{
	slurmctld "$@" >>"$slurm/log/start" 2>&1
}

slurm_is_idle()
{
	sinfo -h -o %T 2>/dev/null | grep -q idle
}

# The folder of state, keys of its own, and ports that no other has.
slurm_configure()
{
	port=$((20000 + $$ % 20000 / 2 * 2))
	# 22.05 looks at cgroups whatever it is told to track
	printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' \
	    >"$slurm/cgroup.conf"
	cat >"$slurm/slurm.conf" <<-END
	ClusterName=prun
	SlurmctldHost=$slurm_host(127.0.0.1)
	SlurmUser=root
	SlurmdUser=root
	AuthType=auth/munge
	AuthInfo=socket=$slurm/munge/s
	CredType=cred/munge
	SlurmctldPort=$port
	SlurmdPort=$((port + 1))
	StateSaveLocation=$slurm/state
	SlurmdSpoolDir=$slurm/spool/%n
	SlurmctldPidFile=$slurm/ctld.pid
	SlurmdPidFile=$slurm/d-%n.pid
	SlurmctldLogFile=$slurm/log/ctld.log
	SlurmdLogFile=$slurm/log/d-%n.log
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
	SlurmctldTimeout=300
	SlurmdTimeout=300
	MailProg=/bin/true
	NodeName=n1 NodeHostname=$slurm_host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=${slurm_cpus:-4} RealMemory=1000 State=UNKNOWN
	PartitionName=debug Nodes=n1 Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
	END
	for line; do
		echo "$line" >>"$slurm/slurm.conf"
	done
}

# slurm_up [SETTING…]
slurm_up()
{
	PATH=$PATH:/usr/sbin:/sbin
	for tool in slurmctld slurmd sbatch munged runuser; do
		command -v $tool >/dev/null || skip_all "no $tool"
	done
	[ "$(id -u)" -eq 0 ] || skip_all 'a node of its own needs root'
	slurm=$work/slurm
	slurm_host=$(hostname -s)
	getent hosts "$slurm_host" >/dev/null ||
	    skip_all "the name $slurm_host has no address"
	mkdir -p "$slurm/state" "$slurm/spool" "$slurm/log"
	chmod 755 "$work"
	install -d -o munge -g munge -m 0755 "$slurm/munge"
	runuser -u munge -- munged --force --socket="$slurm/munge/s" \
	    --pid-file="$slurm/munge/pid" --log-file="$slurm/munge/log" \
	    --seed-file="$slurm/munge/seed" || skip_all 'munged does not start'
	at_exit=slurm_stop
	slurm_configure "$@"
	export SLURM_CONF="$slurm/slurm.conf"
	{ slurm_controller -c && slurmd -N n1 >>"$slurm/log/start" 2>&1; } ||
	    skip_all 'Slurm does not start here'
	wait_for slurm_is_idle || skip_all 'the node does not come up here'
}
