#!/bin/sh
# SPDX-License-Identifier: MIT
# Logs of calls that scripts make with `task:NAME` (P-104, P-401).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<'END'
version: '3'
tasks:
  all:
    cmds:
      - |
        task:lint-python > python.log 2>&1 &
        task:lint-node &
        wait
  lint-python: {silent: true, cmds: [echo python out, echo python err >&2]}
  lint-node: echo node out
  below: {cmds: ['task:outer | tr a-z A-Z']}
  outer: {silent: true, deps: [inner], cmds: [echo outer]}
  inner: {silent: true, cmds: [echo inner]}
  head: 'task:numbers | head -n 1'
  numbers: {silent: true, cmds: [seq 1 1000000]}
  slow:
    cmds:
      - |
        task:numbers | { sleep 3; cksum; } > slow.sum
  unread:
    cmds:
      - |
        task:numbers | task:count > count
  count: {silent: true, cmds: [wc -l]}
  secret:
    silent: true
    vars:
      KEY: {value: sekrit-0815, secret: true}
    cmds: ['printf "<sek" > part; cat part; printf "rit-0815>"; echo {{.KEY}}']
  tells: task:secret > told
  full: task:numbers > /dev/full
  alone: 'task:numbers > /dev/full & :'
END
cksum_of()
{
	seq 1 1000000 | cksum
}

for mode in $(modes); do
	rm -f python.log
	run timeout 20 "$PRUN" -o $mode all
	is "$status" 0 "P-401 a script with calls ($mode)"
	is "$(sort python.log)" "$(printf 'python err\npython out')" \
	    "P-104 its redirections hold ($mode)"
	like "$out" 'node out' "P-104 the others go where the script's go ($mode)"
	run prun --log lint-python
	is "$(echo "$out" | sort)" "$(printf 'python err\npython out')" \
	    "P-401 each call has its own log ($mode)"
	run prun --log lint-node
	is "$out" 'node out' "P-401 and so has the other ($mode)"
done

run timeout 20 "$PRUN" -s below
is "$out" "$(printf 'INNER\nOUTER')" 'P-104 deps write into the pipe, in order'
run prun --log inner
is "$out" inner 'P-401 a dep of such a call'
run prun --log outer
is "$out" outer 'P-401 and the call itself'

run timeout 20 "$PRUN" -s head
is "$status" 0 'P-104 a reader that has enough'
is "$out" 1 'P-104 ends the writer'

run timeout 20 "$PRUN" -s slow
is "$status" 0 'P-104 a reader that is slow'
is "$(cat slow.sum)" "$(cksum_of)" 'P-104 reads all'
run prun --log numbers
is "$(echo "$out" | cksum)" "$(cksum_of)" 'P-401 and all is in the log'

run timeout 20 "$PRUN" -s unread
is "$status" 0 'P-104 calls on both ends of a pipe'
is "$(tr -d ' ' <count)" 1000000 'P-104 wait for each other and for nobody else'

run timeout 20 "$PRUN" -s tells
is "$(cat told)" '<sekrit-0815>sekrit-0815' 'P-406 the file is the script'\''s own'
is "$(grep -r sekrit "$XDG_STATE_HOME")" '' 'P-406 the log has no secret'
run prun --log secret
is "$out" '<*****>*****' 'P-406 but stars'

if [ -c /dev/full ]; then
	run timeout 20 "$PRUN" -s full
	isnt "$status" 0 'P-104 a full disk fails the call'
	isnt "$status" 124 'P-104 at once'
	like "$err" 'o space left' 'P-104 and says so'
	run timeout 20 "$PRUN" -s alone
	isnt "$status" 0 'P-104 also where the script does not look'
else
	skip 'P-104 a full disk' 'no /dev/full'
fi

printf '[logs]\ncapture = off\n' >prun.ini
rm -f python.log
run timeout 20 "$PRUN" all
is "$(sort python.log)" "$(printf 'python err\npython out')" \
    'P-405 capture = off: the streams are the script'\''s'
rm prun.ini

if python3 -c 'import pty' 2>/dev/null; then
	taskfile <<-'END'
	version: '3'
	silent: true
	tasks:
	  all: |
	    task:tty
	    task:tty > file
	  tty: 'test -t 1 && echo terminal || echo "no terminal"'
	END
	python3 -c 'import pty, sys
pty.spawn(sys.argv[1:])' "$PRUN" -s all >"$work/pty" 2>&1 </dev/null
	is "$(head -n 1 "$work/pty" | tr -d '\r')" terminal \
	    'P-402 a terminal stays one'
	is_file file 'no terminal' 'P-402 a file is none'
fi
is "$(ls "$XDG_RUNTIME_DIR/prun")" '' 'P-901 nothing is left in the folder'
done_testing
