#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for shells
# What an editor asks, in its order: version, list, a run, a first Taskfile
# (C-720 to C-724).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
mkdir "$work/bin"
ln -s "$PRUN" "$work/bin/task"
task()
{
	"$work/bin/task" "$@"
}

for name in task prun; do
	run $name --version
	is "$status|$err" '0|' "C-720: $name --version has nothing on stderr"
	like "$out" '[0-9].[0-9]*+' "C-720: the version of $name has a +"
done

mkdir ws empty
taskfile ws/Taskfile.yml <<-'EOT'
	version: '3'
	includes: {lib: ./lib}
	tasks:
	  default: {desc: 'say <hello> & "bye"', cmds: [echo hello]}
	  build:
	    label: Build it
	    desc: Builds
	    summary: |
	      Two
	      lines
	    aliases: [b]
	    sources: [in]
	    generates: [out]
	    cmds: [cp in out]
	  args: {cmds: ['echo {{.CLI_ARGS}}']}
	  hidden: {internal: true, cmds: [echo no]}
EOT
taskfile ws/lib/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  test: {desc: Tests, cmds: [echo tested]}
EOT
echo in >ws/in
cd ws || exit 1

# members PATH…: the values at these places of the list on standard input
members()
{
	python3 -c '
import json, sys
root = json.loads(sys.stdin.read())
for path in sys.argv[1:]:
    value = root
    for part in path.split("."):
        value = value[int(part) if part.isdigit() else part]
    print(json.dumps(value))
' "$@"
}

if command -v python3 >/dev/null; then
	run task --list-all --json --sort default --nested --no-status
	is "$status|$err" '0|' 'C-721: a list, and nothing on stderr'
	is "$(printf '%s\n' "$out" | members location tasks.1.name tasks.1.task \
	    tasks.1.desc tasks.1.summary tasks.1.location \
	    namespaces.lib.tasks.0.task \
	    namespaces.lib.tasks.0.location.taskfile)" \
	    "\"$PWD/Taskfile.yml\"
\"Build it\"
\"build\"
\"Builds\"
\"Two\\nlines\\n\"
{\"line\": 5, \"column\": 3, \"taskfile\": \"$PWD/Taskfile.yml\"}
\"lib:test\"
\"$PWD/lib/Taskfile.yml\"" 'C-722: what the tree shows and jumps to'
	unlike "$out" up_to_date 'C-721: no status unless asked for'
	unlike "$out" hidden 'C-721: internal tasks are not there'
	run task --list-all --json --sort alphanumeric
	is "$(printf '%s\n' "$out" | members tasks.1.up_to_date)" false \
	    'C-722: a status when asked for'
else
	skip 'C-721, C-722' 'no python3'
fi
for i in 1 2 3; do
	task --list-all --json >"$work/list$i"
done
[ ! -e .task ] && cmp -s "$work/list1" "$work/list3"
ok $? 'C-724: refreshing the list writes nothing'

run task build
is "$status|$(cat out)" '0|in' 'C-723: a run of the task that the list names'
run task --list-all --json
like "$out" '"up_to_date": true' 'C-724: what the list says then'
run task args -- -v 'a b'
is "$status|$out" '0|-v a b' 'C-723: with words behind --'
run task 'lib:test'
is "$status|$out" '0|tested' 'C-723: of a namespace'

cd ../empty || exit 1
run task --list-all --json --no-status
isnt "$status" 0 'C-721: no Taskfile is no list'
isnt "$status" 102 'C-721: and no mistake in one'
is "$out" '' 'C-721: nothing on stdout then'
run task --init
is "$status|$err" '0|' 'C-723: --init says nothing on stderr'
test -f Taskfile.yml
ok $? 'C-723: and makes a name that the editor opens'
run task --init
is "$status|$out" '101|' 'C-723: never over one that is there'
like "$err" 'already exists' 'C-723: which is told on stderr'
run task --list-all --json --no-status
is "$status" 0 'C-723: and the new one has a list'

printf "version: '3'\ntasks: {a: {cmds: 3}}\n" >Taskfile.yml
run task --list-all --json --no-status
is "$status|$out" '102|' 'C-721: a mistake in the Taskfile has its own status'
like "$err" 'Taskfile.yml:2' 'C-721: and a place'
printf "version: '3'\n" >Taskfile.yml
run task --list-all --json --no-status
is "$status" 1 'C-721: an empty list'

done_testing
