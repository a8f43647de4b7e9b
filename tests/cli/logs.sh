#!/bin/sh
# SPDX-License-Identifier: MIT
# Logs: P-401 to P-406; never-events 26, 27, 32.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [a, b]}
  a: 'for i in 1 2 3; do echo out $i; echo err $i >&2; done'
  b: [echo one, echo two]
  quiet: 'true'
  'odd/../../name with $x `and`': echo odd
  fails: [echo 'why it fails', exit 3]
  tty: '[ -t 1 ] && echo terminal || echo pipe'
EOF
runs()
{
	find "$XDG_STATE_HOME" -name events.jsonl | sort
}
newest()
{
	dirname "$(runs | tail -n 1)"
}

# ---- P-401 ----
for mode in $(modes); do
	run prun -o $mode all
	run prun --log a
	is "$status" 0 "P-401: --log ($mode)"
	is "$(echo "$out" | grep '^out' | tr '\n' ' ')" 'out 1 out 2 out 3 ' \
	    "P-401: standard output in order ($mode)"
	is "$(echo "$out" | grep '^err' | tr '\n' ' ')" 'err 1 err 2 err 3 ' \
	    "P-401: standard error in order ($mode)"
	run prun --log b
	is "$out" "$(printf 'one\ntwo')" "P-401: the other call ($mode)"
done
run prun --log
like "$out" 'out 1*err 3' 'P-401: --log alone: every call'
like "$out" 'one?two' 'P-401: the other one as well'
run prun --log a b
like "$out" 'out 1*one?two' 'P-401: several tasks'
first=$(basename "$(newest)")
run prun quiet
run prun --log
is "$status" 0 'P-401: a run without output'
run prun --log quiet
is "$out" '' 'P-401: a task without output has an empty log'
like "$err" 'no output' 'P-401: which is said'
run prun --log --run "$first" b
is "$out" "$(printf 'one\ntwo')" 'P-401: an older run by its id'
run prun --log a
isnt "$status" 0 'P-401: a task that was not in the run'
like "$err" '"a"' 'P-401: is named'
run prun quiet
run prun --log queit
like "$err" 'did you mean "quiet"' 'P-401: with the nearest of those that were'
run prun --log --run 20200101-000000-000000
isnt "$status" 0 'P-401: an unknown id'
like "$err" '20200101' 'P-401: is named'
run prun --log --run ../../../etc
isnt "$status" 0 'P-404: a path is no id'
run prun fails
run prun --log fails
is "$out" 'why it fails' 'P-401: the log of a failed call'
run prun -p b fails a
run prun --log
like "$out" '--- fails *why it fails?--- b *one?two?--- a *out 1*' \
    'P-401: what failed comes first'
mkdir -p sub && cd sub || exit 99
run prun --log fails
is "$out" 'why it fails' 'P-401: from a folder below'
cd ..

# ---- P-404 ----
run prun 'odd/../../name with $x `and`'
is "$status" 0 'P-404: any name'
find "$XDG_STATE_HOME" "$work/t" -name '*odd*' >"$work/found"
is "$(grep -c "^$(newest)/logs/[A-Za-z0-9._-]*$" "$work/found")" \
    "$(($(wc -l <"$work/found")))" "P-404: its log lies in the run's folder"
run prun --log 'odd/../../name with $x `and`'
is "$out" odd 'P-404: and is found by its name'

# ---- P-402: what the job sees ----
run prun -s tty
is "$out" pipe 'P-402: no terminal, no pty'
if python3 -c 'import pty' 2>/dev/null; then
	python3 -c 'import pty, sys
pty.spawn(sys.argv[1:])' "$PRUN" -s tty >"$work/pty" 2>&1 </dev/null
	like "$(cat "$work/pty")" terminal 'P-402: on a terminal it gets one'
	run prun --log tty
	like "$out" terminal 'P-402: and the log is kept'
fi

# ---- P-405 ----
printf '[logs]\nkeep = 3\n' >prun.ini
for _ in 1 2 3 4 5; do
	run prun -s quiet
done
is "$(($(runs | wc -l)))" 3 'P-405: keep'
printf '[logs]\nmax_size = 100K\n' >prun.ini
taskfile big.yml <<-'EOF'
version: '3'
tasks:
  big: head -c 60000 /dev/zero
EOF
for _ in 1 2 3; do
	run prun -t big.yml big
done
[ "$(($(find "$XDG_STATE_HOME" -name '*-big.log' | wc -l)))" -le 2 ]
ok $? 'P-405: max_size'
printf '[logs]\nmax_size = 1K\n' >prun.ini
run prun -t big.yml big
is "$(($(find "$XDG_STATE_HOME" -name '*-big.log' | wc -l)))" 1 \
    'P-405: the run itself is never removed'
printf '[logs]\ncapture = off\n' >prun.ini
run prun -s fails
is "$(($(find "$(newest)" -name '*.log' | wc -l)))" 0 'P-405: capture = off'
is "$out" 'why it fails' 'P-405: what is shown is the same'
rm prun.ini

# ---- P-406, 32 ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [s, quiet]}
  quiet: 'true'
  s:
    vars:
      KEY: {value: sekrit-0815, secret: true}
    cmds:
      - echo '<{{.KEY}}>'
      - printf '<sek' > part; cat part; printf 'rit-0815>\n'
      - printf sek; printf '!' >&2; printf rit-0815
      - 'printf "multi-{{.KEY}}"; sh -c "exit 4"'
  other:
    vars: {KEY: {value: sekrit-0815, secret: true}}
    cmds: ["task:prints\n"]
  prints: 'echo sekrit-0815'
  badsh: {vars: {X: {sh: 'false {{.PW}}'}}, cmds: ['echo {{.X}}']}
  baddir: {dir: '/dev/null/{{.PW}}', cmds: [pwd]}
vars: {PW: {value: sekrit-0815, secret: true}}
EOF
for mode in $(modes); do
	run prun -o $mode all
	log=$(find "$(newest)" -name '*-s.log')
	is "$(grep -c '<\*\*\*\*\*>' "$log")" 2 "P-406: masked ($mode)"
	unlike "$err" 'sekrit' "P-406: neither in what prun says ($mode)"
	like "$(cat "$log")" 'multi-\*\*\*\*\*' \
	    "P-406: at the very end, without a newline ($mode)"
	for name in other badsh baddir; do
		run prun -o $mode $name
	done
	is "$(grep -r sekrit "$XDG_STATE_HOME" .task 2>/dev/null)" '' \
	    "32: nowhere in the state ($mode)"
	case $mode in
	interleaved | group-task)
		# where the streams are two
		is "$(grep -c 'sek!rit' "$log")" 0 \
		    "P-406: nor in halves around the other stream ($mode)"
		;;
	esac
done

# ---- 27: standard input ----
taskfile <<-'EOF'
version: '3'
tasks:
  cat: cat
  two: {deps: [cat, cat]}
EOF
status=0
out=$(echo words | "$PRUN" -s cat 2>"$work/err") || status=$?
is "$out" words '27: a piped standard input is inherited'
out=$( (
	read -r first
	"$PRUN" -s -C 2 cat </dev/null
	read -r second
	echo "$first $second"
) <<-'EOF'
	one
	two
EOF
)
is "$out" 'one two' "27: and nobody else's is touched"

# ---- P-403: memory ----
if ! command -v python3 >/dev/null; then
	skip 'P-403: memory' 'there is no python3'
	done_testing
	exit 0
fi
cat >measure <<'EOF'
import os, resource, sys
pid = os.fork()
if pid == 0:
    os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
# of prun itself: its children's peak is not in wait4's figure
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
EOF
taskfile <<-'EOF'
version: '3'
tasks:
  big: head -c {{.SIZE}} /dev/zero
  lines: yes 'a line of some length, as they come' | head -c {{.SIZE}}
EOF
for mode in group group-task interleaved prefixed; do
	t=lines
	[ $mode = prefixed ] || t=big
	out=$(python3 measure "$PRUN" -s -o $mode $t SIZE=67108864 2>"$work/err")
	is "${out% *}" 0 "P-403: 64 MiB ($mode)"
	# sanitizers keep memory of their own
	[ -n "${TEST_SANITIZED-}" ] || [ "${out#* }" -lt 16384 ]
	ok $? "P-403: costs less than 16 MiB ($mode): ${out#* } KiB"
	rm -rf "$XDG_STATE_HOME"
done

done_testing
