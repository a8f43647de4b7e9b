#!/bin/sh
# SPDX-License-Identifier: MIT
# A state folder that cannot be written, a full disk, a closed or full output
# (never-events 11, 29): the run goes on or fails; it never lies.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

write_taskfile()
{
	taskfile <<-'EOF'
	version: '3'
	tasks:
	  all: {deps: [a, b]}
	  a: {sources: [in], cmds: [echo a, echo a >> ran]}
	  b: [echo b, echo b >> ran]
	  big: head -c 2000000 /dev/zero
	  bad: [echo bad, exit 7]
	EOF
	echo 1 >in
	rm -rf .task ran
}

# works NAME: with this state folder all runs, and says that no logs are kept.
works()
{
	write_taskfile
	run prun all
	is "$status" 0 "$1: the run goes on"
	is "$(sort ran | tr '\n' ' ')" 'a b ' "$1: everything ran"
	like "$err" 'prun: no logs are kept:' "$1: and is told"
	run prun bad
	is "$status" 201 "$1: a failure stays one"
	like "$err" 'Failed to run task "bad": exit status 7' "$1: with its why"
}

root=0
[ "$(id -u)" -eq 0 ] || root=1

mkdir -p "$HOME/.local"
: >"$XDG_STATE_HOME"
works 'a file for the state folder'
rm "$XDG_STATE_HOME"
XDG_STATE_HOME=/proc/nowhere works 'a folder that cannot be made'
XDG_STATE_HOME=/dev/full/x works 'a device for a folder'
if [ $root -ne 0 ]; then
	mkdir "$XDG_STATE_HOME" && chmod 500 "$XDG_STATE_HOME"
	works 'a folder without permission'
	chmod 700 "$XDG_STATE_HOME" && rmdir "$XDG_STATE_HOME"
else
	skip 'a folder without permission' 'root may write anywhere'
fi

# A first Taskfile that cannot be written is not left half.
rm -f Taskfile.yml
run sh -c '(trap "" XFSZ; ulimit -f 0; "$0" --init 2>&1 >/dev/null
echo "gave $?") | cat' "$PRUN"
like "$out" 'gave 1' '--init on a full disk fails'
like "$out" 'write */Taskfile.yml: file too large' '--init: says why'
test ! -e Taskfile.yml
ok $? '--init: nothing half is left'
run prun --init no/folder/Taskfile.yml
like "$err" "open */no/folder/Taskfile.yml: no such file or directory" \
    '--init: a folder that is not there'

# What says that tasks are done cannot be written: that is no success.
write_taskfile
: >.task
run prun a
is "$status" 201 'no fingerprints: the run fails'
like "$err" '.task: not a directory' 'no fingerprints: and says why'
run prun a
is_file ran "$(printf 'a\na')" 'no fingerprints: and it is not taken for done'

# ---- a full disk ----
mkdir -p "$XDG_STATE_HOME"
if [ $root -eq 0 ] &&
    mount -t tmpfs -o size=64k none "$XDG_STATE_HOME" 2>/dev/null; then
	trap 'umount "$XDG_STATE_HOME"; cd / && rm -rf "$work"' EXIT
	for mode in interleaved prefixed group-task; do
		write_taskfile
		run prun -o $mode big
		isnt "$status" 0 "full disk ($mode): the run does not pass"
		like "$err" 'the logs are not whole: no space left' \
		    "full disk ($mode): and says why"
		[ "$(tr -d -c '\000' <"$work/out" | wc -c)" -eq 2000000 ]
		ok $? "full disk ($mode): nobody misses a byte"
		rm -rf "${XDG_STATE_HOME:?}"/*
	done
	run prun -o group big
	isnt "$status" 0 'full disk (group): the run does not pass'
	like "$err" 'the logs are not whole: no space left' \
	    'full disk (group): and says why'
	# what has secrets is collected in a temporary file
	taskfile <<-'EOF'
	version: '3'
	tasks:
	  s:
	    vars: {KEY: {value: sekrit-0815, secret: true}}
	    cmds: [seq 1 200000, 'echo {{.KEY}}']
	EOF
	rm -rf "${XDG_STATE_HOME:?}"/*
	for mode in group group-task; do
		run env TMPDIR="$XDG_STATE_HOME" "$PRUN" -s -o $mode s
		isnt "$status" 0 "full disk ($mode, secret): it does not pass"
		is "$(cksum <"$work/out")" \
		    "$( (seq 1 200000 && echo sekrit-0815) | cksum)" \
		    "full disk ($mode, secret): every byte once, in order"
		rm -rf "${XDG_STATE_HOME:?}"/*
	done
	head -c 100000 /dev/zero >"$XDG_STATE_HOME/fill" 2>/dev/null
	write_taskfile
	run prun all
	isnt "$(($(wc -l <ran)))" 0 'full already: the run goes on'
	is "$(sort ran | tr '\n' ' ')" 'a b ' 'full already: everything ran'
	like "$err" 'no logs are kept: write * no space left' \
	    'full already: and is told'
	run prun bad
	isnt "$status" 0 'full already: a failure stays one'
	run prun -o group big
	is "$status" 0 'full already: grouped output goes elsewhere'
	[ "$(tr -d -c '\000' <"$work/out" | wc -c)" -eq 2000000 ]
	ok $? 'full already: all of it'
	umount "$XDG_STATE_HOME"
	trap 'cd / && rm -rf "$work"' EXIT
else
	skip 'a full disk' 'no right to mount one'
fi

# A bound of file sizes is felt by prun as well as by its jobs.
write_taskfile
(
	ulimit -f 100
	run prun big
	echo "$status" >"$work/limit"
)
isnt "$(cat "$work/limit")" 0 'a bound of file sizes: the run does not pass'
isnt "$(cat "$work/limit")" 153 'a bound of file sizes: nor dies of it'
[ "$(tr -d -c '\000' <"$work/out" | wc -c)" -le 2000000 ]
ok $? 'a bound of file sizes: what is shown is what came'
taskfile <<-'EOF'
version: '3'
tasks:
  x: ['head -c 200000 /dev/zero > file || echo "status $?"']
EOF
(
	ulimit -f 100
	run prun -x x
	printf '%s' "$out" >"$work/limit"
)
is "$(cat "$work/limit")" 'status 153' 'a job dies of SIGXFSZ as anywhere'

# ---- never-event 11: output that cannot be written ----
write_taskfile
for mode in interleaved group prefixed group-task; do
	status=0
	"$PRUN" -f -o $mode all >/dev/full 2>"$work/err" </dev/null ||
	    status=$?
	isnt "$status" 0 "11: full standard output ($mode)"
	like "$(cat "$work/err")" 'no space left on device' \
	    "11: and says why ($mode)"
	# A reader that has gone: nobody is there to be told, but the caller.
	mkfifo "$work/pipe"
	: <"$work/pipe" &
	reader=$!
	exec 7>"$work/pipe"
	wait $reader
	status=0
	"$PRUN" -f -o $mode big >&7 2>/dev/null </dev/null || status=$?
	exec 7>&-
	rm "$work/pipe"
	isnt "$status" 0 "11: a closed pipe ($mode)"
done
status=0
"$PRUN" bad >/dev/null 2>/dev/full </dev/null || status=$?
is "$status" 201 '11: full standard error: a failure stays one'
run sh -c '"$PRUN" bad >&- 2>&- <&-'
isnt "$status" 0 '11: nothing open: a failure stays one'
run sh -c '"$PRUN" -f all >&- 2>&- <&-'
is "$(sort -u ran | tr '\n' ' ')" 'a b ' '11: nothing open: everything runs'

# ---- never-event 11: ways to fail ----
taskfile <<-'EOF'
version: '3'
tasks:
  exit: exit 3
  kill: kill -KILL $$
  term: kill -TERM $$
  dep: {deps: [exit]}
  call: [task: exit]
  pre: {preconditions: ['false'], cmds: ['true']}
  if: {cmds: [{cmd: 'false', if: 'true'}]}
  defer: [defer: 'true', 'false']
  var: {vars: {V: {sh: exit 4}}, cmds: ['echo {{.V}}']}
  lost: {dir: lost/here, cmds: ['rmdir $PWD; ./x']}
  timeout: {cmds: [{cmd: sleep 20, timeout: 50ms}]}
EOF
for t in exit kill term dep call pre if defer var lost timeout; do
	run timeout 15 "$PRUN" $t
	isnt "$status" 0 "11: $t does not pass"
	isnt "$status" 124 "11: nor hangs ($t)"
done
run env PATH=/nowhere "$PRUN" exit
isnt "$status" 0 '11: without a shell nothing passes'

done_testing
