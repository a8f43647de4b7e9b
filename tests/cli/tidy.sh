#!/bin/sh
# SPDX-License-Identifier: MIT
# -o tidy: a line per call, the output of those that failed, and what the
# requested task says by itself (P-407).
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh

. "${abs_srcdir:-.}/tests/cli/lib.sh"
TASK_OUTPUT=tidy
export TASK_OUTPUT

taskfile <<-'EOT'
version: '3'
tasks:
  default:
    cmds: [{task: lint}, {task: test}, 'echo all done']
  lint: ['echo linted', 'echo warned >&2']
  test: {deps: [gen], cmds: [echo tested]}
  gen: {generates: [out], sources: [Taskfile.yml], cmds: ['echo made; touch out']}
  all: {parallel: true, cmds: [{task: lint}, {task: bad}, {task: skipped}]}
  bad: ['echo before', 'echo broken >&2; printf half; exit 3']
  skipped: {if: 'false', cmds: [echo never]}
  needs: {deps: [bad], cmds: [echo never]}
  long: {cmds: [{task: numbers}]}
  numbers: ['seq 1 {{.N}}; exit 1']
  own: ['echo mine', 'echo said; exit 4']
  beside: {cmds: ['task:wait &', 'echo shown', wait]}
  background: {cmds: [{task: slow}]}
  twice: {deps: [once, also]}
  also: {deps: [once]}
  once: {run: once, cmds: [echo ran]}
  script: ["echo begin\ntask:lint\necho end\n"]
  scripted: {deps: [script]}
  talk: {interactive: true, cmds: [echo asks]}
  secret:
    deps: [leaks]
  leaks:
    vars: {KEY: {value: sekrit-0815, secret: true}}
    cmds: ['printf "<sek"; echo "rit-0815>"; : {{.KEY}}; exit 1']
EOT
# lines: what prun said on stderr, times and log paths made the same.
lines()
{
	echo "$err" | sed -E 's/, waited [0-9.]+m?s//; s/ +([0-9.]+(ms|s)|-)( |$)/ T\3/; s/log .*/log L/'
}
# head N: the first lines of that.
first()
{
	lines | sed "$1q"
}

run prun
is "$status" 0 'a run that passes'
is "$out" 'all done' 'shows what the requested task says by itself'
is "$(first 5)" "$(cat <<-'EOT'
	ok   lint T
	ok   gen T
	ok   test T
	task: [default] echo all done
	ok   default T
	EOT
)" 'and a line per call when it ends'
run prun
is "$(first 2)" "$(printf 'ok   lint T\nok   gen T  up to date')" \
    'of what is up to date as well'
run prun --log lint
is "$out" "$(printf 'linted\nwarned')" 'the logs have all'

run_mixed prun all
is "$(echo "$out" | grep -c -e linted -e never)" 0 \
    'nothing of calls that passed or were skipped'
run prun -C 1 all
is "$out" '' 'and nothing of others on stdout'
is "$(lines | sed -n '/^FAIL bad/,/^half/p')" "$(cat <<-'EOT'
	FAIL bad T  exit status 3, log L
	before
	broken
	half
	EOT
)" 'all that a failed call wrote, below its line'
like "$(lines)" 'half
FAIL all T  because of bad' 'a line begins a line; who passes a failure on'
like "$(lines)" '-    skipped T  skipped' 'what was skipped is said to be'
run prun needs
like "$(lines)" '-    needs T  not run, because bad failed' 'a failed dep'

for n in 500 501; do
	run prun long N=$n
	echo "$err" | sed -n '/^FAIL numbers/,/^FAIL long/p' | sed '1d;$d' >body
	case $n in
	500) want=$(seq 1 500) ;;
	*) want=$(seq 1 100; echo '... more is in L'; seq 102 501) ;;
	esac
	is "$(sed 's/ in .*/ in L/' body)" "$want" \
	    "of $n lines the first 100 and the last 400"
done
log=$(sed -n 's/.* is in //p' body)
is "$(cat "$log")" "$(seq 1 501)" 'the log that is named has all'
printf '[logs]\ncapture = off\n' >prun.ini
run prun long N=501
like "$err" '100
... more is left out
102' 'without logs none is named'
rm prun.ini
run prun own
is "$out" "$(printf 'mine\nsaid')" 'what was shown as it came'
is "$(lines | grep -c said)" 1 'is not shown once more'

run prun twice
is "$(lines | grep -c '^ok   once')" 1 'a shared call has one line'
run prun scripted
is "$out" '' 'what a script calls writes where the script does'
is "$(first 2)" "$(printf 'ok   script T\nok   scripted T')" \
    'and has no line'
run prun -p lint own
is "$out" '' 'nothing is alone where tasks run side by side'
run prun talk
like "$out" asks 'an interactive task has the terminal'
run prun -s default
is "$err" "$(echo "$err" | grep -v '^ok')" '-s: no lines of what passed'
run prun -s needs
like "$(lines)" 'FAIL bad*before' '-s: but of what failed'
run prun -v lint
like "$err" '"lint" started*\[lint\] echo linted*ok   lint' '-v: go-task'\''s too'
run prun -n default
like "$err" '\[lint\] echo linted*\[test\] echo tested' \
    '-n: all that would run'
unlike "$err" 'ok   lint' 'and no line of what did not'
run prun --status test
unlike "$err" 'ok  ' '--status has no lines'
run prun secret
like "$(lines)" 'FAIL leaks T  exit status 1, log L
<\*\*\*\*\*>
' 'secrets are masked'

# signs and columns
pretty()
{
	run env -u NO_COLOR TERM=xterm "$@" "$PRUN" -C 1 all
	lines | sed -n 's/^\([^ ]* *\)bad.*/[\1]/p' | head -n 1
}
is "$(pretty)" '[✗ ]' 'signs where the locale has them'
is "$(pretty LC_ALL=C)" '[FAIL ]' 'ASCII in a locale that has not'
is "$(pretty TERM=dumb)" '[FAIL ]' 'on a dumb terminal'
is "$(pretty NO_COLOR=1)" '[FAIL ]' 'and with NO_COLOR'
is "$(pretty FORCE_COLOR=1 | tr -d '\033')" '[[31m✗[0m ]' 'signs have a colour'
taskfile <<-'EOT'
version: '3'
tasks:
  all: {deps: [aa, 日本語, "a-name-of-some-length"]}
  aa: 'true'
  日本語: echo
  a-name-of-some-length: echo
EOT
run env -u NO_COLOR TERM=xterm "$PRUN" -C 1 all
is "$(echo "$err" | grep '^✓' | head -n 3 | sed -E 's/ +([0-9]+ms|-)/| T/')" \
    "$(cat <<-'EOT'
	✓ aa| T
	✓ 日本語| T
	✓ a-name-of-some-length| T
	EOT
)" 'names'
is "$(echo "$err" | grep '^✓' | head -n 3 | sed 's/日本語/123456/; s/✓/v/' |
    awk '{ print length }' | sort -u | wc -l | tr -d ' ')" 1 \
    'in columns, wide characters too'
done_testing
