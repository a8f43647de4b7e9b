#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701: several folders of one repository have their checks in one hook: each
# installation adds its own, removal takes but its own, each that fails is named;
# folders of hooks that several work trees or repositories share.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

log=$work/log
export log
start_repo
add_remote
for dir in . packages/a 'packages/it'\''s b' packages/c; do
	mkdir -p "$dir"
	cat >"$dir/Taskfile.yml" <<-'EOT'
	version: '3'
	tasks:
	  qa: ['echo "${PWD##*/}" >>$log', 'test ! -e bad']
	  other: echo "other ${PWD##*/}" >>$log
	EOT
done
cp packages/c/Taskfile.yml packages/gates.yml
printf '.task\n' >.gitignore
commit_all
top=${PWD##*/}

# in_dir DIR WORDS…: prun --hook WORDS there, its output in $out.
in_dir()
{
	dir=$1
	shift
	out=$(cd "$dir" && "$PRUN" --hook "$@")
}
push()
{
	: >"$log"
	echo "$((n = ${n:-0} + 1))" >number && git add -A
	git commit -q -m number
	run git push -q origin "${1:-main}"
	ran=$(LC_ALL=C sort "$log" | tr '\n' ' ')
}

in_dir packages/a install pre-push
is "$out" 'pre-push is installed: .git/hooks/pre-push runs qa in packages/a before each push (git push --no-verify skips it)' \
    'P-701 what runs, where and when'
push
is "$ran" 'a ' 'P-701 one folder'
in_dir "packages/it's b" install pre-push
like "$out" "runs qa in packages/it's b before*also runs the default task in packages/a" \
    'P-701 the second installation says what else there is'
push
is "$status $ran" "0 a it's b " 'P-701 adds its own'
in_dir packages/a install pre-push
like "$out" 'already' 'P-701 the first one again changes nothing'
in_dir packages/a install pre-push other
in_dir packages/c install pre-push qa other
push
is "$status $ran" "0 c it's b other a other c " 'P-701 each with its own tasks'
like "$("$PRUN" --hook status)" \
    "runs other in packages/a; the default task in packages/it's b; qa, other in packages/c" \
    'P-701 status names each'
touch "packages/it's b/bad" packages/c/bad
push
is "$status $ran" "1 c it's b other a " 'P-701 all run, also behind one that fails'
like "$err" "pre-push refused: qa failed in packages/it's b on $(git rev-parse --short=7 HEAD); fix and commit, or git push --no-verify*pre-push refused: qa failed (or another) in packages/c on " \
    'P-701 each that fails is named'
is "$(git -C "$work/t/o.git" rev-parse main)" "$(git rev-parse HEAD~1)" \
    'P-701 and nothing is pushed'
rm packages/*/bad
in_dir . install pre-push
(cd packages && "$PRUN" -t gates.yml --hook install pre-push >/dev/null)
push
is "$status $ran" "0 c it's b other a other c packages $top " \
    'P-701 the root and a Taskfile by name are others again'

# removal
in_dir packages/c remove pre-push
like "$out" "removed for this folder; it still runs other in packages/a" \
    'P-701 removal takes its own'
push
is "$ran" "it's b other a packages $top " 'P-701 and no more'
in_dir packages/c remove pre-push
like "$out" 'nothing of this folder; left as it is' 'P-701 and says so'
push
is "$ran" "it's b other a packages $top " 'P-701 which it is'
(cd packages && "$PRUN" -t gates.yml --hook remove pre-push >/dev/null)
in_dir . remove pre-push
rm packages/a/Taskfile.yml
in_dir packages/a remove pre-push
push
is "$ran" "it's b " 'P-701 also where its Taskfile is gone'
in_dir "packages/it's b" remove pre-push
is "$out" 'pre-push is removed' 'P-701 with the last one goes the hook'
test ! -e .git/hooks/pre-push
ok $? 'P-701 it has gone'
git checkout -q HEAD~1 -- packages
in_dir packages/a install pre-push
in_dir packages/c install pre-push
in_dir . remove --force pre-push
test ! -e .git/hooks/pre-push
ok $? 'P-701 --force removes all'

# the hook that was there stays before all of them
printf '#!/bin/sh\necho before >>"$log"\n' >.git/hooks/pre-push
chmod +x .git/hooks/pre-push
in_dir packages/a install pre-push
in_dir packages/c install pre-push
push
is "$(head -n 1 "$log") $ran" 'before a before c ' 'P-701 first what was there, once'
in_dir packages/a remove pre-push
push
is "$ran" 'before c ' 'P-701 also when one is removed'
in_dir packages/c remove pre-push
push
is "$ran" 'before ' 'P-701 and when both are'
rm .git/hooks/pre-push

# a linked work tree has the same hooks, and its own files
in_dir packages/a install pre-push
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
in_dir packages/c install pre-push
touch packages/c/bad
push linked
is "$status $ran" '1 a c ' 'P-701 a linked work tree adds to them'
cd "$work/t/r" || exit 1
push
is "$status $ran" '0 a c ' 'P-701 and they run on the tree that is pushed from'
in_dir packages/a remove pre-push
in_dir packages/c remove pre-push

# a folder of hooks for all repositories: a folder is one of its repository
git config --global core.hooksPath "$work/all hooks"
in_dir packages/a install pre-push
like "$out" 'every repository that uses this folder' 'P-701 a shared folder'
mkdir -p "$work/t/second/packages/a" && cd "$work/t/second" || exit 1
git_repo && git remote add origin "$work/t/o.git"
cp "$work/t/r/Taskfile.yml" . && cp Taskfile.yml packages/a
commit_all
push main:second
is "$status $ran" '0 ' 'P-701 the check of one repository is not for another'
in_dir . install pre-push
push main:second
is "$status $ran" '0 second ' 'P-701 one of the root is for all'
cd "$work/t/r" || exit 1
push
is "$status $ran" "0 a $top " 'P-701 of which the first has its own as well'
in_dir packages/a remove pre-push
push
is "$status $ran" "0 $top " 'P-701 and takes that away alone'
done_testing
