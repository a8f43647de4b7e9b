#!/bin/sh
# SPDX-License-Identifier: MIT
# P-1003, never-events 4 to 8: what many tasks ask for is looked at once, and
# again as soon as anything of the run may have changed it.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v git >/dev/null 2>&1 || skip_all 'no git'
git_repo
mkdir bin src
PATH=$PWD/bin:$PATH
export PATH

taskfile <<-'EOF'
version: '3'
silent: true
tasks:
  use:*:
    label: '{{index .MATCH 0}}'
    sources: [src/a]
    generates: ['out.{{index .MATCH 0}}']
    cmds:
      - tool > out.{{index .MATCH 0}}
      - echo {{index .MATCH 0}} >> ran
  script:*:
    sources: [src/a]
    generates: ['out.{{index .MATCH 0}}']
    cmds:
      - ./script > out.{{index .MATCH 0}}
      - echo {{index .MATCH 0}} >> ran
  seen:*:
    sources: [src/*]
    use_gitignore: true
    cmds: ['echo {{index .MATCH 0}} >> ran']
  timed:*:
    sources: [src/*]
    method: timestamp
    generates: ['out.{{index .MATCH 0}}']
    cmds: ['touch out.{{index .MATCH 0}}; echo {{index .MATCH 0}} >> ran']
  tool:
    sources: [version]
    generates: [bin/tool]
    cache: true
    cmds: ['cp version bin/tool; chmod +x bin/tool; echo tool >> ran']
  by-task: [{task: 'use:a'}, {task: tool}, {task: 'use:b'}]
  by-dep: {deps: [later], cmds: [{task: 'use:a'}]}
  later: {deps: [tool], cmds: [{task: 'use:b'}]}
  by-command:
    - task: use:a
    - cp version bin/tool && chmod +x bin/tool
    - task: use:b
  by-script:
    - task: script:c
    - cp version script && chmod +x script
    - task: script:d
  by-rules:
    - task: seen:e
    - cp rules .gitignore
    - task: seen:f
  by-time:
    - task: timed:g
    - touch src/a
    - task: timed:h
  by-name:
    - task: seen:e
    - cp rules src/new
    - task: seen:f
  gone:
    - task: use:a
    - rm bin/tool
    - task: use:b
EOF

# version N: the tool as it is to be.
version()
{
	printf '#!/bin/sh\necho %s\n' "$1" >version
}

# ran WHAT WORDS TASK…: runs, and compares which of the tasks did something.
ran()
{
	what=$1 want=$2
	shift 2
	: >ran
	run prun "$@"
	is "$(tr '\n' ' ' <ran)" "$want" "$what"
}

echo 1 >src/a
echo 1 >src/x
: >.gitignore
echo x >rules

version 1
ran 'a tool is made for one that uses it' 'tool b ' later
run prun by-task
ran 'all is up to date' '' by-task
version 22
ran 'the one behind it sees the new tool' 'tool b ' by-task
is "$(cat out.b)" 22 'and has used it'
ran 'the one in front of it sees it the next time' 'a ' by-task
version 1
ran 'so it does where the tool is put back from the cache' 'b ' by-task
like "$out$err" 'cache' 'it was'
is "$(cat out.b)" 1 'and used'
version 333
ran 'a dependency makes it' 'tool b a ' by-dep
version 4444
ran 'a command makes it' 'b ' by-command
is "$(cat out.b)" 4444 'which is used'
run prun use:a use:b
ran 'a tool that is gone is not what it was' '' gone
isnt "$status" 0 'so it is looked for'
version 1

cp version script && chmod +x script
run prun by-script
run prun by-script
ran 'scripts of the project are as they were' '' script:c script:d
version 2
ran 'the content of a script counts, of the same size too' 'd ' by-script

run prun seen:e seen:f
ran 'what git ignores is read anew behind a command' 'f ' by-rules
run prun seen:e seen:f
ran 'a new source is found' 'f ' by-name
run prun seen:e seen:f

run prun timed:g timed:h
ran 'by time they are up to date' '' timed:g timed:h
ran 'a source that was touched is newer' 'h ' by-time

done_testing
