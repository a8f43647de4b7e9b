#!/bin/sh
# SPDX-License-Identifier: MIT
# P-406: a secret that is used in every place is in nothing that prun leaves or
# shows: state folder, logs, journal, receipts, .task, the arguments and the
# environment of processes.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

secret=hunter2-everywhere
late=hunter2-late-found
# leaks NAME TEXT FOLDER…: none of the files has the text
leaks()
{
	_name=$1 _text=$2
	shift 2
	_found=$(grep -rlaF -e "$_text" "$@" 2>/dev/null)
	is "$_found" '' "P-406 $_name"
}
journals()
{
	cat "$XDG_STATE_HOME"/prun/*/runs/*/events.jsonl
}

mkfifo "$work/go" "$work/ready"
export work
git_repo
printf 'x\n' >source
taskfile <<-'EOF'
version: '3'
vars:
  TOKEN: {value: a-default-that-is-replaced, secret: true}
  FILED: {sh: 'cat "$work/filed"', secret: true}
env:
  FROM_ENV: {value: '{{.TOKEN}}', secret: true}
tasks:
  all:
    deps: [dep, {task: called, vars: {TOKEN: '{{.TOKEN}}', OTHER: '{{.TOKEN}}'}}]
    desc: uses it
    sources: [source]
    generates: [out]
    preconditions: [{sh: '[ "{{.TOKEN}}" ]', msg: 'no {{.TOKEN}}'}]
    status: ['false # {{.TOKEN}}']
    cmds:
      - 'x={{.TOKEN}}; echo "text $x"; : >out'
      - echo "env $FROM_ENV"
      - for: [a]
        cmd: 'echo {{.ITEM}} {{.TOKEN}}'
      - '"$PRUN" nested TOKEN={{.TOKEN}}'
      - task: called
        vars: {TOKEN: '{{.TOKEN}}'}
      - defer: 'echo deferred {{.TOKEN}}'
      - cmd: 'echo {{.TOKEN}} >&2; exit 3'
        ignore_error: true
  dep: {cmds: ['echo dep {{.TOKEN}}']}
  called: {label: 'called {{.TOKEN}}', cmds: ['echo called {{.TOKEN}} {{.OTHER}}']}
  nested: {label: 'nested {{.TOKEN}}', cmds: ['echo nested {{.TOKEN}}; exit 0']}
  fails:
    preconditions: [{sh: 'false', msg: 'wanted {{.TOKEN}}'}]
  bad: {label: 'bad {{.TOKEN}}', cmds: ['echo {{.TOKEN}}; exit 4']}
  waits:
    cmds:
      - 'x={{.FILED}}; echo >"$work/ready"; read -r y <"$work/go"'
  early:
    deps: [prints, finds]
  prints:
    cmds:
      - 'echo before; echo >"$work/ready"; read -r y <"$work/go"; echo "now $y"; printf "split %s" "$(echo $y | cut -c1-9)"; echo $y | cut -c10-; exit 5'
  finds:
    vars: {FOUND: {sh: 'read -r x <"$work/ready"; echo hunter2-late-found', secret: true}}
    cmds: ['echo {{.FOUND}} >"$work/go"']
EOF

# ---- given on the command line, passed on to calls and a nested run ----

run_mixed prun all "TOKEN=$secret"
is "$status" 0 'a run that uses it everywhere'
like "$out" "text $secret" 'a command gets the value'
like "$out" "nested $secret" 'and so does a nested run'
run_mixed prun fails "TOKEN=$secret"
run_mixed prun bad "TOKEN=$secret"
leaks 'nothing of the state has it' "$secret" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$TMPDIR" "$XDG_RUNTIME_DIR"
leaks 'nor has .task' "$secret" .task
[ -z "$(find .task "$XDG_STATE_HOME" -name '*hunter2*')" ]
ok $? 'P-406 no name of a file has it'
like "$(journals)" 'TOKEN=\*\*\*\*\*' 'the journal has the name'
run prun --failed
isnt "$status" 0 'P-507 what was given as a secret cannot be given again'
like "$err" 'TOKEN' 'and --failed names it'
leaks 'what was said of it has it not' "$secret" "$work/err"
run_mixed prun --failed "TOKEN=$secret"
like "$out" "$secret" 'it takes a new one'
run_mixed prun --log
unlike "$out" "$secret" 'P-406 --log shows none'
run_mixed prun --explain all "TOKEN=$secret"
unlike "$out" "$secret" 'P-406 nor does --explain'

# ---- the echo of prun ----

run_mixed prun dep "TOKEN=$secret"
like "$out" 'echo dep \*\*\*\*\*' 'L-092 the echo has it masked'

# ---- while it runs ----

if [ -r /proc/self/environ ]; then
	echo $secret >"$work/filed"
	"$PRUN" waits >"$work/waits.out" 2>&1 &
	pid=$!
	read -r _ <"$work/ready"
	here=
	for p in /proc/[0-9]*; do
		# the shell that uses it knows it; its arguments do not tell
		if cat "$p/cmdline" 2>/dev/null | tr '\0' ' ' | grep -qF -e "$secret"; then
			here="$here $(cat "$p/comm")"
		fi
	done
	is "$here" '' 'P-406 no process has it among its arguments'
	echo >"$work/go"
	wait $pid
else
	skip 'arguments of processes' 'there is no /proc'
fi

# ---- known late ----

rm -rf "$XDG_STATE_HOME"
run_mixed timeout 60 "$PRUN" -p early
like "$out" "now $late" 'one call prints what another finds out'
leaks 'its open log has it masked from then on' "$late" "$XDG_STATE_HOME"
like "$(cat "$XDG_STATE_HOME"/prun/*/runs/*/logs/*prints.log)" \
    'before*now \*\*\*\*\**split \*\*\*\*\*' 'and what else was printed'

done_testing
