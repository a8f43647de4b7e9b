#!/bin/sh
# SPDX-License-Identifier: MIT
# P-706: a receipt is for exactly what ran: what the tasks could see, and a tree
# that nobody touched meanwhile (never-event 14).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
mkdir sub src
cat >Taskfile.yml <<'EOT'
version: '3'
dotenv: [.env]
includes: {inc: sub/inc.yml}
tasks:
  qa: {cmds: ['echo qa >>$seen']}
  files: {cmds: ['echo "files {{.CHANGED_FILES}}" >>$seen']}
  range: {cmds: ['echo "range {{index . "PUSH_RANGE"}}" >>$seen']}
  passed: {cmds: [{task: below, vars: {F: '{{.CHANGED_FILES}}'}}]}
  below: {vars: {G: '{{.F}}'}, cmds: ['echo "below {{.G}}" >>$seen']}
  own: {vars: {G: '{{.CHANGED_FILES}}'}, cmds: ['echo "own {{.G}}" >>$seen']}
  word: {deps: [{task: low}], cmds: ['true']}
  low: {cmds: ['task:own']}
  place: {cmds: ['echo "place {{.USER_WORKING_DIR}}" >>$seen']}
  shell: {cmds: ['echo "shell $(basename "$USER_WORKING_DIR")" >>$seen']}
  exe: {cmds: ['echo "exe {{.TASK_EXE}}" >>$seen']}
  quiet: {cmds: ['echo "quiet {{.CLI_SILENT}}" >>$seen']}
  sure: {cmds: ['echo "sure {{.CLI_ASSUME_YES}}" >>$seen']}
  included: {cmds: [{task: 'inc:named'}]}
  swap: {cmds: ['git checkout -q other', 'git checkout -q main']}
  there: {cmds: ['git checkout -q --detach', 'git checkout -q main']}
  again: {cmds: ['git commit -q --allow-empty -m x', 'git reset -q HEAD~1']}
  edit: {cmds: ['cp src/a ../a', 'echo 2 >src/a', 'cp ../a src/a']}
  stash: {cmds: ['echo 2 >src/a', 'git stash -q', 'git stash drop -q']}
EOT
cp Taskfile.yml other.yml
cat >sub/Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: {cmds: ['echo sub >>$seen']}
EOT
cat >sub/inc.yml <<'EOT'
version: '3'
tasks:
  named: {cmds: ['echo "named $INCLUDED_MODE" >>$seen']}
EOT
cat >sub/all.yml <<'EOT'
version: '3'
tasks:
  qa: {cmds: ['for k in {{range $k, $v := .}}{{if eq $k "PUSH_URL"}}{{$v}}{{end}}{{end}}; do echo all $k >>$seen; done']}
EOT
echo 1 >src/a
printf '.task\n.env\n' >.gitignore
commit_all
git branch other
prun --hook install pre-push >/dev/null
zero=0000000000000000000000000000000000000000

# gated [RANGE-START] [ARGS…]: what the hook runs for HEAD
gated()
{
	from=${1:-$zero}
	[ $# -eq 0 ] || shift
	: >"$seen"
	id=$(git rev-parse HEAD)
	echo "refs/heads/main $id refs/heads/main $from" >"$work/refs"
	prun --hook run pre-push "$@" -- origin "$work/t/o.git" \
	    <"$work/refs" >"$work/out" 2>&1
	ran=$(cat "$seen")
}
n=0
fresh()
{
	n=$((n + 1))
	echo $n >counter
	commit_all "$n"
}

# what the hook tells
fresh; first=$(git rev-parse HEAD)
echo x >x; fresh; second=$(git rev-parse HEAD)
echo y >y; fresh
gated "$second" files
like "$ran" 'files counter y' 'a narrow push'
gated "$first" files
like "$ran" 'files counter x y' 'is no receipt for a wide one'
gated "$second" files
is "$ran" '' 'but for one like it'
gated "$second" range
gated "$first" range
like "$ran" "range $first" 'nor where the range is looked at by name'
gated "$second"
gated "$first"
is "$ran" '' 'what the tasks do not look at does not count'
for task in passed own word; do
	gated "$second" "$task"
	gated "$first" "$task"
	like "$ran" 'counter x y' "$task: a variable that comes by another name"
done
prun files >/dev/null 2>&1
gated "$zero" files
like "$ran" 'files .' 'a run by hand saw no list of files'
gated "$zero" -t sub/all.yml
: >"$seen"
prun --hook run pre-push -t sub/all.yml -- origin "$work/t/elsewhere" \
    <"$work/refs" >/dev/null 2>&1
like "$(cat "$seen")" elsewhere 'a template that reads all variables'

# which Taskfile, from where
fresh; prun qa >/dev/null 2>&1; gated "$zero" -t other.yml
is "$ran" qa 'another Taskfile (-t)'
fresh; prun -d sub qa >/dev/null 2>&1; gated
is "$ran" qa 'another folder (-d)'
gated "$zero" -d sub
is "$ran" '' 'the same folder'
fresh; prun -d sub -t Taskfile.yml qa >/dev/null 2>&1; gated
is "$ran" qa 'the same Taskfile in another folder'

# the environment that it names, files that git does not know
fresh; seen=$work/other prun qa >/dev/null 2>&1; gated
is "$ran" qa 'another value of a variable that it names'
fresh; nobody=1 prun qa >/dev/null 2>&1; gated
is "$ran" '' 'a variable that it does not name'
fresh; echo A=1 >.env; prun qa >/dev/null 2>&1; echo A=2 >.env; gated
is "$ran" qa 'a dotenv file that git ignores'
fresh; prun qa X=hidden >/dev/null 2>&1
grep -r hidden "$XDG_STATE_HOME"/prun/*/receipts >/dev/null
isnt "$?" 0 'what was typed is not in the receipt as it is'
gated "$zero" qa X=hidden
is "$ran" '' 'but counts'
gated "$zero" qa X=other
is "$ran" qa 'by its value'

# what an included file names, and what go-task says of the run itself
fresh; INCLUDED_MODE=1 prun included >/dev/null 2>&1; gated "$zero" included
is "$ran" 'named ' 'a variable that an included file names'
gated "$zero" included
is "$ran" '' 'as it was'
for what in place shell; do
	fresh; (cd sub && prun -d .. $what >/dev/null 2>&1); gated "$zero" $what
	like "$ran" $what "$what: where the run was started"
	gated "$zero" $what
	is "$ran" '' 'which is the same for the next hook'
	(cd src && prun -d .. $what >/dev/null 2>&1)
	fresh; prun $what >/dev/null 2>&1; gated "$zero" $what
	is "$ran" '' 'and for a run by hand in the same place'
done
fresh; PATH=$(dirname "$PRUN"):$PATH sh -c 'prun exe' >/dev/null 2>&1; gated "$zero" exe
like "$ran" "exe $PRUN" 'the name by which the run was started'
fresh; prun -s quiet >/dev/null 2>&1; gated "$zero" quiet
is "$ran" 'quiet false' 'a flag that the tasks ask for'
fresh; prun -y sure >/dev/null 2>&1; gated "$zero" sure
is "$ran" 'sure false' 'and another one'
fresh; prun -d sub -s -y qa >/dev/null 2>&1; gated "$zero" -d sub
is "$ran" '' 'flags that nobody asks for do not count'

# somebody was there meanwhile
for what in swap there again edit stash; do
	fresh; prun qa "$what" >/dev/null 2>&1
	gated "$zero" qa "$what"
	is "$ran" qa "a run with $what leaves none"
done
done_testing
