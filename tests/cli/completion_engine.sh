#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# C-700 to C-707, C-063: what `prun __complete WORDS` answers.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
tab=$(printf '\t')

taskfile <<-'EOT'
	version: '3'
	vars: {OS: [u, v], DYN: {sh: echo a b}}
	tasks:
	  default: {desc: "D\tx\ny"}
	  build: {desc: Build, aliases: [b, bb]}
	  hidden: {internal: true}
	  plain: echo
	  'w-*': echo
	  'w-*-x': {desc: two, aliases: ['q-*']}
	  'trail:': {desc: tr}
	  ns:a: echo
	  bad: {desc: '{{.X | nofunc}}'}
	  lab: {label: L, desc: 'in {{.OS}}{{.CLI_FORCE}}'}
	  req:
	    requires: {vars: [A, {name: B, enum: [x, y]}, {name: C, enum: {ref: .OS}}]}
	  two:
	    requires: {vars: [A, D]}
EOT

names="bad$tab{{.X | nofunc}}
build${tab}Build
b${tab}Build
bb${tab}Build
default${tab}D x y
lab${tab}in [u v]
plain
req
two
w-${tab}w-*
q-${tab}two
ns:a
trail${tab}tr
:4"

# answers WANT NAME WORD…
answers()
{
	want=$1 name=$2
	shift 2
	run prun __complete "$@"
	is "$status|$out|$err" "0|$want|" "$name"
}

answers "$names" 'tasks and aliases in the order of lists (C-706)' ''
answers "$names" 'no words are one empty word (C-700)'
answers "$names" 'what is typed does not filter (C-702)' zzz
answers "$names" 'a flag without a value comes before a task' --dry ''
answers "$names" 'so does one that nobody knows (C-707)' --foo ''
answers "$names" 'a value glued to its letter' -C4 ''
answers "$names" 'an unknown task needs nothing' nope ''
run prun __complete --no-aliases --no-descriptions ''
is "$out" 'bad
build
default
lab
plain
req
two
w-
ns:a
trail
:4' 'neither aliases nor descriptions'
run prun __complete --sort none --no-aliases ''
is "$(printf '%s\n' "$out" | sed -n '1p;$p')" "default${tab}D x y
:4" 'an order of the line; control flags count in front only'

answers 'A=
B=x
B=y
C=u
C=v
:38' 'required variables, and the values they may have (C-705)' req ''
answers 'A=
B=x
B=y
C=u
C=v
D=
:38' 'of all tasks, each once' req two ''
answers 'B=x
B=y
:38' 'but for those on the line' req A=1 C=u ''
answers "$names" 'tasks again once all are there' req A=1 B=x C= ''

answers ':0' 'behind the dashes anything goes (C-703)' build -- ''
answers ':0' 'flags as well' -- --output ''
answers 'interleaved
group
prefixed
group-task
tidy
:4' 'values of --output' --output ''
answers 'default
alphanumeric
none
:4' 'of --sort' --sort ''
answers '--sort=default
--sort=alphanumeric
--sort=none
:4' 'inline, the whole word' --sort=al
answers 'dot
json
mermaid
:4' 'of --graph' --graph ''
answers 'bash
zsh
fish
powershell
nu
:4' 'of --completion' build --completion ''
answers 'interleaved
group
prefixed
group-task
tidy
:4' 'of a letter behind others' -so ''
answers 'yml
yaml
:8' 'Taskfiles by their endings' -t ''
answers 'yml
yaml
:8' 'also inline' --taskfile=
for flag in --dir -d --temp-dir --remote-cache-dir --dir=; do
	case $flag in
	*=) answers ':16' "folders for $flag" "$flag" ;;
	*) answers ':16' "folders for $flag" "$flag" '' ;;
	esac
done
for flag in -C --jobs --cacert --interval; do
	answers ':0' "files for $flag" "$flag" ''
done
answers 'install
remove
status
:4' 'actions of --hook' --hook ''
run prun __complete --hook install ''
like "$out" 'pre-push' 'and then the hooks'

run prun __complete -
is "$(printf '%s\n' "$out" | sed -n '$p')" ':4' 'flags are no files (C-704)'
printf '%s\n' "$out" | sed '$d' | cut -f1 >flags
is "$(cat flags)" "$(LC_ALL=C sort flags)" 'flags come in order'
like "$(cat flags)" '--jobs' 'long ones'
like "$(cat flags)" '-C' 'and letters'
prun --help all | grep -oE '^  (-[a-zA-Z], |    )--[a-z-]+' |
    tr -d ' ' | tr ',' '\n' | LC_ALL=C sort >helped
is "$(cat flags)" "$(cat helped)" 'all that --help has'

mkdir broken empty
echo 'tasks: [' >broken/Taskfile.yml
printf "version: '3'\ntasks:\n  other: echo\n" >empty/Other.yml
answers ':4' 'a broken Taskfile has no tasks (C-701)' -d broken ''
answers 'other
:4' 'the Taskfile of the line is read (C-707)' -t empty/Other.yml ''
answers ':4' 'standard input is left alone' -t - ''
cd /
answers ':4' 'no Taskfile, no tasks' ''
cd "$work/t" || exit 1

taskfile <<-'EOT'
	version: '3'
	tasks:
	  __complete: echo ran
	  a: echo a
EOT
run prun -s a __complete
is "$out" 'a
ran' '__complete is a task anywhere but in front (C-063)'

# C-084, C-710: the scripts
for shell in bash zsh fish powershell nu nushell; do
	run prun --completion $shell
	is "$status" 0 "a script for $shell"
	like "$out" '__complete' 'which asks the engine'
done
# this one is tried in no shell
run prun --completion powershell
like "$out" "*@('prun', 'task')*Register-ArgumentCompleter -Native*" \
    'that for PowerShell is for both names (C-711)'
run prun --completion tcsh
is "$status|$out|$err" '1||unknown shell: tcsh' 'no script (C-084, M-93)'

done_testing
