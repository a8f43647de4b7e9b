#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # what a function gives a name to
# P-605: runs that commit in one repository at the same time, and a user who
# writes meanwhile.  Each commit is made after the other; what another live run
# may have changed is left to it; what nobody declares is named.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

# Each task writes, says so on its pipe, and ends when it is told.
start_repo
printf '.task\np.*\n' >.gitignore
# shellcheck disable=SC2016 # for the tasks' shells
taskfile <<'EOT'
version: '3'
vars: {WAIT: 'echo >p.{{.TASK}}.up; cat p.{{.TASK}}.end'}
tasks:
  one: {commit: {message: One}, generates: [one.out, 'd1/**', old1], cmds: ['echo 1 >one.out; mkdir -p d1/e; echo 1 >d1/e/f; rm -f old1; {{.WAIT}}']}
  two: {commit: {message: Two}, generates: [two.out, old2], cmds: ['echo 2 >two.out; rm -f old2; {{.WAIT}}']}
  vague1: {commit: {message: Vague1}, cmds: ['echo 1 >vague1; {{.WAIT}}']}
  vague2: {commit: {message: Vague2}, cmds: ['echo 2 >vague2; {{.WAIT}}']}
  plain: {cmds: ['echo 3 >plain; {{.WAIT}}']}
  all: {commit: {message: All, paths: all}, cmds: ['echo 1 >all']}
  list: {commit: {message: List, paths: [list, sub]}, cmds: ['echo 1 >list; mkdir -p sub; echo 1 >sub/a; echo 1 >nolist']}
EOT
echo 1 >old1
echo 1 >old2
commit_all

# begin TASK: in the background, its pid in $pid_TASK; written when this returns
begin()
{
	mkfifo "p.$1.up" "p.$1.end"
	"$PRUN" "$1" >"p.$1.said" 2>&1 </dev/null &
	eval "pid_$1=$!"
	read -r _ <"p.$1.up"
}

# end TASK: $status of it, what it said in $out
end()
{
	echo >"p.$1.end"
	status=0
	eval "wait \$pid_$1" || status=$?
	out=$(cat "p.$1.said")
	rm -f "p.$1".*
}

last() { git log -1 --format=%s; }

begin one
begin two
end one
is "$status $(last) $(committed)" '0 One A d1/e/f D old1 A one.out' \
    'the first to end commits what its task declares'
like "$out" 'left out of the commit, it is left to the run 20*-*-*, which is still at work: two.out' \
    'and names what it leaves to the other'
like "$out" 'still at work: old2' 'a removed file, too'
unlike "$out" 'no called task declares' 'with nothing that nobody declares'
end two
is "$status $(last) $(committed)" '0 Two D old2 A two.out' \
    'the second commits the rest'
is "$(git status --porcelain)" '' 'nothing is left'

begin vague1
begin vague2
echo 3 >either
end vague1
is "$status $(last) $(committed)" '0 Vague1 A vague1' \
    'what was changed before another began is not that one'"'"'s'
like "$out" 'still at work: either*still at work: vague2' \
    'what came later may be, and is named'
unlike "$out" 'still at work: vague1' 'no more than that'
end vague2
is "$status $(last) $(committed)" '0 Vague2 A either A vague2' \
    'the one that goes on commits it'
like "$out" 'committed 2 files as ??????????; no called task declares either, vague2' \
    'naming what nobody declares'

# a peer that dies, one that does not commit
begin one
echo 5 >two.out
begin vague2
kill -9 "$pid_vague2"
wait "$pid_vague2" 2>/dev/null
(cat p.vague2.end >/dev/null 2>&1 &) ; echo >p.vague2.end
rm -f p.vague2.*
begin plain
echo 7 >user
end one
is "$status $(last)" '0 One' 'beside a run that was killed and one that commits nothing'
like "$(committed)" 'A plain*A user' 'nothing is left to them'
like "$out" 'no called task declares*plain*user' \
    'a file that the user wrote meanwhile is named'
end plain

# the first waits for the second, whose hook takes its time
mkdir -p .git/hooks
mkfifo p.hook.up p.hook.end
cat >.git/hooks/pre-commit <<'EOT'
#!/bin/sh
echo >p.hook.up
cat p.hook.end
EOT
chmod +x .git/hooks/pre-commit
rm -rf one.out two.out d1 && git commit -qan -m removed
begin one
begin two
echo >p.one.end
read -r _ <p.hook.up
echo >p.two.end
wait_for grep -q 'waiting for the commit of another run' p.two.said
ok $? 'a commit waits for that of another run'
rm .git/hooks/pre-commit
echo >p.hook.end
wait "$pid_one"
first=$?
wait "$pid_two"
is "$first $? $(git log -2 --format=%s | tr '\n' ' ')" '0 0 Two One ' \
    'and both are made'
is "$(committed) $(git status --porcelain)" 'A two.out ' 'each what is its own'
rm -f p.*

# what a killed run had begun comes to its end in the middle of the next commit
mkfifo p.hook.up p.hook.end p.next.up p.next.end
cat >.git/hooks/post-commit <<'EOT'
#!/bin/sh
mkdir p.first 2>/dev/null || exit 0
echo >p.hook.up
cat p.hook.end
EOT
cat >.git/hooks/post-index-change <<'EOT'
#!/bin/sh
[ -d p.first ] || exit 0
case $GIT_INDEX_FILE in *prun-index*) ;; *) exit 0 ;; esac
mkdir p.second 2>/dev/null || exit 0
echo >p.next.up
cat p.next.end
EOT
chmod +x .git/hooks/post-*
rm -rf one.out two.out d1 && mkdir p.first p.second && git commit -qanm removed
rm -r p.first p.second
echo staged >vague1 && git add vague1
begin one
echo >p.one.end
read -r _ <p.hook.up
kill -9 "$pid_one"
wait "$pid_one" 2>/dev/null
begin two
echo >p.two.end
read -r _ <p.next.up
ls .git/prun-index* >p.indexes
echo >p.hook.end
wait_for sh -c '[ "$(ls .git/prun-index*)" != "$(cat p.indexes)" ]'
echo >p.next.end
wait "$pid_two"
is "$? $(last) $(committed)" '0 Two A two.out' \
    'a commit beside the end of one whose run was killed'
is "$(git log -1 --skip=1 --format=%s) $(git status --porcelain -uall)" \
    'One M  vague1' 'both are whole'
git fsck --no-dangling --no-progress >p.fsck 2>&1
is "$? $(cat p.fsck)" '0 ' 'nothing is broken'
rm -rf p.* .git/hooks/post-*; git reset -q --hard

# a wait that a person ends
mkfifo p.hold
state=$(find "$XDG_STATE_HOME" -name commit-lock)
if command -v flock >/dev/null; then
	flock "$state" cat p.hold &
	exec 9>p.hold
	begin two
	rm two.out
	echo 9 >two.out
	echo >p.two.end
	wait_for grep -q 'waiting for the commit' p.two.said
	kill -TERM "$pid_two"
	exec 9>&-
	wait "$pid_two"
	isnt "$?" 0 'TERM ends the wait'
	rm -f p.*
	git checkout -q .
fi

# the words that keep files out
printf '[commit]\nundeclared = refuse\n' >prun.ini
commit_all ini
begin one
echo 2 >>one.out
echo 1 >>user
echo 1 >new
end one
is "$status $(last) $(committed)" '0 One M one.out' \
    'undeclared = refuse: the commit has what is declared'
like "$out" 'left out of the commit, no called task declares it: new' 'the rest is named'
like "$out" 'no called task declares it: user' 'file by file'
is "$(git status --porcelain)" ' M user
?? new' 'and stays as it is'
git checkout -q . && rm new
run prun list
is "$status $(committed)" '0 A list A sub/a' 'a list of paths says itself what is its own'
is "$(git status --porcelain)" '?? nolist' 'and leaves the rest'
run prun all
is "$status $(committed)" '0 A all A nolist' 'paths: all takes all'
# what tasks below declare, those of runs inside of the run too
cat >below.yml <<'EOT'
version: '3'
tasks:
  outer:
    commit: true
    cmds: [{task: called}, '"$PRUN" -t below.yml nested', 'cd sub && "$PRUN" -t ../below.yml -d . deep']
  called: {generates: [by.called], cmds: ['echo 1 >>by.called']}
  nested: {cmds: [{task: made}, '"$PRUN" -t below.yml further']}
  made: {generates: ['by.nest*', {exclude: by.nested.not}], cmds: ['echo 1 >>by.nested; echo 1 >>by.nested.not']}
  further: {generates: [by.further], cmds: ['echo 1 >>by.further; exit 0']}
  deep: {generates: [by.deep], cmds: ['echo 1 >>by.deep']}
EOT
commit_all below
run prun -t below.yml outer
is "$status $(committed)" '0 A by.called A by.further A by.nested A sub/by.deep' \
    'P-605 called tasks and those of nested runs declare their files'
is "$(git status --porcelain)" '?? by.nested.not' 'and what they except is left out'
rm by.nested.not
printf '' >prun.ini
commit_all 'no ini'
run prun -t below.yml outer
like "$err" 'no called task declares by.nested.not' 'P-605 else it alone is named'
unlike "$err" 'declares*by.called' 'not what is declared'
is "$(find "$XDG_STATE_HOME" -name declares)" '' 'no report is left'
rm -f below.yml
commit_all "done"
printf '[commit]\nundeclared = never\n' >prun.ini
run prun all
isnt "$status" 0 'another word is an error'
like "$err" 'prun.ini:2:*"never"' 'with its place'
done_testing
