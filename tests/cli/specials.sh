#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# P-302, C-327: what compiles without running knows every special variable, in
# every place of a task; what only a command can tell is named as such.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "${abs_srcdir:-.}/tests/cli/lib_git.sh"

specials='TASK ALIAS TASK_EXE TASK_VERSION ROOT_TASKFILE ROOT_DIR TASKFILE
TASKFILE_DIR TASK_DIR USER_WORKING_DIR PATH_LIST_SEPARATOR FILE_PATH_SEPARATOR
CLI_ARGS CLI_ARGS_LIST CLI_FORCE CLI_SILENT CLI_VERBOSE CLI_OFFLINE
CLI_ASSUME_YES CHECKSUM TIMESTAMP MATCH ITEM KEY EXIT_CODE'

# A variable in each place of a task that may have a template.
places()
{
	sed "s/@/$1/g" <<-'EOF'
	version: '3'
	output: {group: {begin: 'b {{.@}}', end: 'e {{.@}}'}}
	vars: {FILE: 'f {{.@}}'}
	env: {FILE_ENV: 'v {{.@}}'}
	tasks:
	  default: {cmds: [{task: sum}, {task: time}, {task: w-1}]}
	  sum: &all
	    desc: 'd {{.@}}'
	    summary: 's {{.@}}'
	    label: 'l {{.@}}'
	    prefix: 'p {{.@}}'
	    dir: '{{if .@}}{{end}}.'
	    if: 'true {{.@}}'
	    run: '{{if .@}}{{end}}always'
	    sources: ['{{if .@}}{{end}}src', 'no-{{len (print .@)}}']
	    generates: ['gen-{{len (print .@)}}']
	    status: ['false {{.@}}']
	    preconditions: [{sh: 'true {{.@}}', msg: 'm {{.@}}'}]
	    dotenv: ['{{len (print .@)}}.env']
	    env: {E: 'e {{.@}}', F: {sh: 'echo {{.@}}'}}
	    vars: {V: 'v {{.@}}', R: {ref: .@}, S: {sh: 'echo {{.@}}'}}
	    deps:
	      - 'w-{{len (print .@)}}'
	      - {task: callee, vars: {X: '{{.@}}', Y: {ref: .@}, Z: {sh: 'echo {{.@}}'}}}
	      - {for: [x, y], task: 'w-{{.ITEM}}{{len (print .@)}}'}
	      - {for: {matrix: {M: {ref: 'list .@ 1'}}}, task: 'w-{{len (print .ITEM.M)}}'}
	    cmds:
	      - 'true {{.@}} {{.V}} {{.R}} {{.S}}'
	      - {cmd: 'true {{.ITEM}} {{.@}}', for: [x]}
	      - {cmd: 'true', if: 'true {{.@}}'}
	      - {task: 'w-{{len (print .@)}}', vars: {X: '{{.@}}'}}
	      - {for: {var: R}, task: 'w-{{len (print .ITEM .@)}}'}
	      - {for: sources, cmd: 'true {{.ITEM}} {{.@}}'}
	      - {defer: 'true {{.@}}'}
	      - {defer: {task: callee, vars: {X: '{{.@}}'}}}
	      - {task: 'w-{{.S}}{{.@}}'}
	  time: {<<: *all, method: timestamp}
	  none: {<<: *all, method: none}
	  callee: {vars: {V: '{{.X}}{{.Y}}{{.@}}'}, cmds: ['true {{.V}}'], sources: [src], label: '{{.@}}{{.X}}'}
	  'w-*': {cmds: ['true {{index .MATCH 0}} {{.@}}']}
	EOF
}

# Each command ends by itself and by no signal; a plan is there.
git_repo
echo s >src
echo .task >.gitignore
for special in $specials; do
	places "$special" | taskfile
	git add -A && git commit -qm "$special"
	bad=
	for task in sum time none; do
		for command in --plan --graph=dot --graph=json --graph=mermaid \
		    --explain --summary --dry --status --push; do
			run timeout 60 "$PRUN" "$command" "$task" -- x 'y z'
			[ "$status" -lt 124 ] || bad="$bad $command:$status"
			case $command in
			--plan | --graph*)
				[ "$status" = 0 ] || bad="$bad $command:$status:$err"
				;;
			esac
		done
	done
	for command in --list --list-all --lint '--list --json' \
	    '--list-all --json --nested' '__complete prun' '__complete prun w'; do
		# shellcheck disable=SC2086 # they are words
		run timeout 60 "$PRUN" $command
		[ "$status" -lt 124 ] || bad="$bad $command:$status"
	done
	is "$bad" '' "$special is known to all that compiles without running"
done

# What the plan says of them is what the run does.
taskfile <<-'EOF'
version: '3'
tasks:
  sum: {sources: [src], cmds: [{task: 'w-{{.CHECKSUM}}'}]}
  time: {sources: [src], method: timestamp, deps: ['w-{{.TIMESTAMP.Year}}']}
  off: {sources: [src], method: none, cmds: [{task: 'w-{{.CHECKSUM}}'}]}
  bare: {cmds: [{task: 'w-{{.CHECKSUM}}{{.TIMESTAMP}}'}]}
  text: {sources: [src], cmds: [echo CHECKSUM, echo TIMESTAMP]}
  'w-*': {cmds: ['echo got-w-{{index .MATCH 0}}']}
EOF
touch -t 200102030405 src
for task in sum time off bare; do
	run prun -s "$task"
	called=${out#*got-}
	called=${called%% *}
	run prun --plan "$task"
	like "$out" "${called:-w-}" "C-327: the plan of $task names $called"
done
run prun --plan text
is "$status" 0 'the letters alone are no harm'
touch -t 199902030405 src
run prun --plan time
like "$out" w-1999 'a plan reads the files as they are'
mkfifo src.fifo && mv src.fifo src
run timeout 60 "$PRUN" --plan sum
isnt "$status" 124 'a source that is a pipe does not hold the plan up'
rm src

# P-302: what a command's output decides is in the plan as not known.
taskfile <<-'EOF'
version: '3'
vars: {G: {sh: echo c}, H: 'x-{{.G}}', KNOWN: c}
tasks:
  c: {cmds: [echo c]}
  x-*: {cmds: [echo c]}
  known: {vars: {U: {sh: exit 1}}, deps: ['{{.KNOWN}}'], cmds: [{task: 'x-{{.KNOWN}}'}]}
  call: {cmds: [{task: '{{.G}}'}, {task: c}]}
  dep: {deps: ['{{.H}}', c], cmds: [echo]}
  ref: {vars: {R: {ref: .G}}, deps: ['{{.R}}']}
  loop: {vars: {L: {sh: echo a b}}, cmds: [{for: {var: L}, task: '{{.ITEM}}'}]}
  matrix: {vars: {L: {sh: echo a b}}, deps: [{for: {matrix: {X: {ref: splitList " " .L}}}, task: 'x-{{.ITEM.X}}'}]}
  turns: {cmds: [{for: [a, b], task: 'x-{{.ITEM}}{{.G}}'}]}
  passed: {cmds: [{task: by, vars: {N: 'x-{{.G}}'}}, {task: by, vars: {N: x-2}}]}
  by: {cmds: [{task: '{{.N}}'}]}
  whole: {cmds: [{task: '{{index . "G"}}'}]}
  broken:
    vars: {J: {sh: 'printf {}'}}
    cmds: ['echo {{(fromJson .J).x.y}}', {task: x-4}, {task: by, vars: {N: x-5}}, {task: '{{(fromJson .J).z}}'}]
  group: {parallel: true, cmds: [{task: c}, {task: '{{.G}}'}]}
  again: {vars: {M: {sh: echo 1}}, cmds: [{task: again, vars: {N: '{{.M}}'}}]}
EOF
unknown='(known when it runs)'
# plans TASK UNKNOWN [TASK…]: the calls that are not known, then some that are
plans()
{
	task=$1 count=$2
	shift 2
	run prun --plan "$task"
	is "$status" 0 "$task: there is a plan"
	is "$(printf '%s\n' "$out" | grep -cF "$unknown")" "$count" \
	    "$task: $count calls are not known before it runs"
	for name; do
		like "$out" " $name " "$task: $name is known"
	done
}
plans known 0 c x-c
plans call 1 c
plans dep 1 c
plans ref 1
plans loop 1
plans matrix 1
plans turns 2
plans passed 1 x-2
plans whole 1
plans broken 1 x-4 x-5
plans group 1 c
plans again 0
run prun --graph=json dep
like "$out" '"name": "{{.H}}"*"unknown": true' 'JSON: marked, by its text'
unlike "$out" '"name": "c"*"unknown": true*"name": "dep"' 'the others are not'
run prun --graph=dot dep
like "$out" '"{{.H}}", style=dashed' 'dot: dashed'
run prun --graph=mermaid dep
is "$status" 0 'mermaid: drawn'
run prun --summary dep
unlike "$out" '{{' 'a summary shows names as go-task does'
run prun -s call
is "$status" 0 'the run knows'

done_testing
