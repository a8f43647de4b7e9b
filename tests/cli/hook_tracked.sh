#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701, P-707: a hook that is a tracked file is left as it is, and the line for
# it is printed; which prun the hook finds.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

log=$work/log
export log
start_repo
add_remote
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: echo qa >>$log
EOT
mkdir -p sub .husky && cp Taskfile.yml sub
printf '#!/bin/sh\necho mine >>"$log"\n' >.husky/pre-push
chmod +x .husky/pre-push
printf '.task\n' >.gitignore
commit_all
git config core.hooksPath .husky
bin=$work/bin
mkdir "$bin" && ln -s "$PRUN" "$bin/prun"

push()
{
	: >"$log"
	echo "$((n = ${n:-0} + 1))" >number && git add number
	git commit -q -m number
	run git push -q origin main
	ran=$(tr '\n' ' ' <"$log")
}
with_path()
{
	old_path=$PATH
	PATH=$bin:$PATH
	"$@"
	PATH=$old_path
}

run prun --hook install pre-push
is "$status" 1 'P-701 a tracked hook is not rewritten'
like "$err" '.husky/pre-push is a tracked file*prun --hook run pre-push -- "$@"' \
    'P-701 the line for it is printed'
is "$(git status --porcelain)" '' 'P-701 the tree stays as it is'
line=$(printf '%s\n' "$err" | sed -n 's/^.*\(prun --hook run\)/\1/p')
echo "# $line" >>.husky/pre-push
run prun --hook install pre-push
is "$status" 1 'P-701 a comment is no line'
echo "$line" >>.husky/pre-push
commit_all
like "$(prun --hook status)" 'pre-push: .husky/pre-push runs prun' \
    'P-701 status sees the line'
run prun --hook install pre-push
like "$out" 'already: .husky/pre-push runs prun' 'P-701 and so does install'
with_path push
is "$status $ran" '0 mine qa ' 'P-701 with it the hook runs the task'
push
is "$status" 1 'P-707 without a prun it refuses'
cd sub || exit 1
run prun --hook install pre-push
is "$status" 1 'P-701 another folder has another line'
like "$err" 'prun --hook run pre-push -d sub -- "$@"' 'P-701 which is printed'
cd .. || exit 1
printf '#!/bin/sh\necho mine >>"$log"\n' >.husky/pre-push
commit_all
run prun --hook install pre-push --force
is "$status" 0 'P-701 --force replaces it'
like "$(git status --porcelain)" 'M .husky/pre-push' 'P-701 in the work tree'
is "$(git status --porcelain | wc -l | tr -d ' ')" 1 'P-701 and nothing else there'
push
is "$status $ran" '0 mine qa ' 'P-701 it runs first'
run prun --hook remove pre-push
isnt "$status" 0 'P-701 removal does not write it either'
run prun --hook remove pre-push --force
is "$status $(git status --porcelain)" '0 ' 'P-701 with --force it is back'
# not tracked, in the tree
git rm -q .husky/pre-push && commit_all
run prun --hook install pre-push
is "$status" 0 'P-701 a hook in the tree that is not tracked'
push
is "$status $ran" '0 qa ' 'P-701 is written, and runs'
rm -r .husky
git config --unset core.hooksPath

# husky 9: git looks into a folder that is written anew
mkdir -p .husky/_ && echo '*' >.husky/_/.gitignore
cat >.husky/_/h <<'EOT'
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
[ ! -f "$s" ] && exit 0
sh -e "$s" "$@"
exit $?
EOT
manager()
{
	printf '#!/usr/bin/env sh\n. "$(dirname "$0")/h"' >.husky/_/pre-push
	chmod +x .husky/_/pre-push
}
manager
echo 'echo husky >>"$log"' >.husky/pre-push
git config core.hooksPath .husky/_
commit_all
run prun --hook install pre-push
like "$out" 'installed: .husky/_/pre-push*this line in .husky/pre-push lasts:*prun --hook run pre-push -- "$@"' \
    'P-701 the line that lasts is printed'
push
is "$status $ran" '0 husky qa ' 'P-701 both run'
is "$(git status --porcelain)" '' 'P-701 the tree has no change'
manager
like "$(prun --hook status)" "prun's is gone" 'P-701 status: written anew'
prun --hook install pre-push >/dev/null
push
is "$status $ran" '0 husky qa ' 'P-701 installed again'
prun --hook remove pre-push >/dev/null
push
is "$status $ran" '0 husky ' 'P-701 and removed'
echo 'prun --hook run pre-push -- "$@"' >>.husky/pre-push
like "$(prun --hook status)" 'pre-push: .husky/pre-push runs prun' \
    'P-701 status sees the line above'
with_path push
is "$status $ran" '0 husky qa ' 'P-701 which runs'
git config --unset core.hooksPath

# which prun: that of PATH, else the one that installed it, as it was asked for
mkdir -p "$work/cellar/1.0" "$work/cellar/opt"
cp "$PRUN" "$work/cellar/1.0/prun"
ln -s ../1.0/prun "$work/cellar/opt/prun"
"$work/cellar/opt/prun" --hook install pre-push >/dev/null
mv "$work/cellar/1.0" "$work/cellar/2.0"
ln -sf ../2.0/prun "$work/cellar/opt/prun"
push
is "$status $ran" '0 qa ' 'P-707 a package that was upgraded'
rm "$work/cellar/opt/prun"
push
is "$status" 1 'P-707 one that was removed refuses'
like "$err" "pre-push refused: prun is missing (not on PATH, not $work/cellar/opt/prun)" \
    'P-707 and says where it looked'
with_path push
is "$status $ran" '0 qa ' 'P-707 unless PATH has one'
rm "$bin/prun"
printf '#!/bin/sh\necho "path $2 $3" >>"$log"\n' >"$bin/prun"
chmod +x "$bin/prun"
"$PRUN" --hook install pre-push >/dev/null
with_path push
is "$ran" 'path run pre-push ' 'P-707 that of PATH comes first'
chmod -x "$bin/prun"
with_path push
is "$status $ran" '0 qa ' 'P-707 where it can be run'
PATH=$work/cellar/2.0:$PATH prun --version >/dev/null
(PATH=$work/cellar/2.0:$PATH && command prun --hook install pre-push >/dev/null)
grep -q "prun=$work/cellar/2.0/prun" .git/hooks/pre-push
ok $? 'P-707 a name alone is found on PATH'
done_testing
