/* SPDX-License-Identifier: MIT */
/* What runs on the node, in the shell that every system has. */
#include "exec/slurm_job.h"

/*
 * DIR TREE INODE NAME or DIR TREE INODE @BATCH: the latter names a file with a
 * line for each element of an array.  INODE "-": whatever it is.  The mark that
 * it began comes before the look at what was revoked, and prun looks the other
 * way round: one of both sees the other.  A signal is for the command, which
 * gets it as well; the script lives on to tell how that ended.
 *
 * Slurm is told the command's status, but for the one that means that nothing
 * was run.
 */
const char slurm_script[] =
    "#!/bin/sh\n"
    "# Runs a command of prun on a node of a cluster.\n"
    "unset SLURM_EXPORT_ENV\n"
    "dir=$1 tree=$2 inode=$3 name=$4\n"
    "here=$(LC_ALL=C ls -di \"$tree\" 2>/dev/null | awk '{ print $1; exit }')\n"
    "[ \"$inode\" = - ] && [ -n \"$here\" ] && here=-\n"
    "if [ ! -e \"$dir/node.sh\" ] || [ \"$here\" != \"$inode\" ]; then\n"
    "	echo \"prun: this node does not share $dir and $tree\" >&2\n"
    "	exit 123\n"
    "fi\n"
    "case $name in\n"
    "@*)\n"
    "	i=0\n"
    "	while read -r line; do\n"
    "		[ \"$i\" -eq \"$SLURM_ARRAY_TASK_ID\" ] && name=$line\n"
    "		i=$((i + 1))\n"
    "	done <\"$dir/${name#@}.batch\"\n"
    "esac\n"
    "case $name in @*) exit 1 ;; esac\n"
    "done=$dir/done/$name\n"
    "host=${SLURMD_NODENAME:-$(uname -n)}\n"
    "host=${host%%.*}\n"
    "say()\n"
    "{\n"
    "	printf '%s .\\n' \"$2\" >\"$done.tmp\" || return\n"
    "	[ \"$1\" = start ] || sync \"$done.tmp\" 2>/dev/null\n"
    "	mv -f \"$done.tmp\" \"$done.$1\"\n"
    "}\n"
    "now()\n"
    "{\n"
    "	t=$(date +%s%N)\n"
    "	case $t in *[!0-9]*) t=$(date +%s)000000000 ;; esac\n"
    "	echo \"$t\"\n"
    "}\n"
    "say start \"$host\"\n"
    "if [ -e \"$dir/$name.revoked\" ]; then\n"
    "	say result revoked\n"
    "	exit 0\n"
    "fi\n"
    "trap : HUP INT QUIT TERM USR1 USR2\n"
    "start=$(now)\n"
    "/bin/sh \"$dir/${name%.*}.cmd\" </dev/null >\"$dir/$name.out\" "
    "2>\"$dir/$name.err\"\n"
    "status=$?\n"
    "end=$(now)\n"
    "out=$(($(wc -c <\"$dir/$name.out\")))\n"
    "err=$(($(wc -c <\"$dir/$name.err\")))\n"
    "say result \"1 $status $start $end $host $out $err\"\n"
    "[ \"$status\" -ne 123 ] || status=1\n"
    "exit $status\n";
