#!/bin/sh
# SPDX-License-Identifier: MIT
# prun and go-task take turns in one repository: the files of .task stay those
# of go-task, whoever has run last.  Needs go-task; GO_TASK names it.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

go_task=${GO_TASK:-$(command -v task || command -v go-task)}
"${go_task:-false}" --version 2>/dev/null | grep -q '^v\{0,1\}3\.' ||
    skip_all 'no go-task'
ln -s "$PRUN" "$work/task" || bail_out 'no link'

mkdir src
taskfile <<-'EOT'
version: '3'
tasks:
  sum:
    sources: ['src/**/*.c', {exclude: src/no.c}, '{a,b}.txt']
    generates: [out]
    cmds: ['cat src/*.c > out']
  time:
    method: timestamp
    sources: ['src/*.c']
    generates: [out2]
    cmds: ['cat src/*.c > out2']
  'w-*':
    sources: ['src/*.c']
    label: 'lab {{index .MATCH 0}}'
    cmds: ['echo {{.CHECKSUM}}']
EOT
echo a >src/a.c
echo b >src/no.c
touch a.txt b.txt

sums()
{
	find .task/checksum -type f -exec cat {} + | sort
}

# turns PROGRAM NAME: it and go-task by turns, each checked by the other.
turns()
{
	rm -rf .task out out2
	bad=0
	turn=0
	while [ $turn -lt 20 ]; do
		turn=$((turn + 1))
		[ $((turn % 3)) -ne 0 ] || echo $turn >>src/a.c
		for t in sum time w-x; do
			first=$1
			[ $((turn % 2)) -eq 0 ] || first=$go_task
			"$first" $t >/dev/null 2>&1 || bad=$((bad + 1))
			before=$(sums)
			"$go_task" $t 2>&1 | grep -q 'is up to date' ||
			    bad=$((bad + 1))
			[ "$before" = "$(sums)" ] || bad=$((bad + 1))
			"$1" $t >/dev/null 2>&1
			"$1" $t 2>&1 | grep -q 'is up to date' ||
			    bad=$((bad + 1))
			[ "$before" = "$(sums)" ] || bad=$((bad + 1))
		done
	done
	is $bad 0 "$2: 20 turns"
}

turns "$PRUN" prun
turns "$work/task" 'prun by the name of task'
is "$(find .task -name '*.run')" '' 'no mark is left'
done_testing
