#!/bin/sh
# SPDX-License-Identifier: MIT
# P-708: what --push pushes is what was checked, ref by ref.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: ['grep -q good state', 'echo "X={{.X}}"']
EOT
echo .task >.gitignore
echo good >state
commit_all
git push -q -u origin main
at() { git -C "$work/t/o.git" rev-parse -q --verify "$1"; }
push()
{
	run_mixed prun --push "$@"
	last=$(printf '%s\n' "$out" | tail -n 1)
}
n=0
good() { n=$((n + 1)); echo "good $n" >state; commit_all "$n"; }
# bad REF: HEAD stays where it is
bad()
{
	git checkout -q --detach
	echo bad >state && commit_all bad
	git update-ref "$1" HEAD && git checkout -q main
}

# further refs
bad refs/heads/broken
good
for words in 'origin main broken' 'origin broken' 'origin broken:topic' \
    '--all origin' 'origin refs/heads/*:refs/heads/*'; do
	# shellcheck disable=SC2086 # words
	push qa -- $words
	is "$status" 1 "a broken branch is refused: $words"
	like "$last" 'not pushed: qa failed' 'because it fails'
	is "$(at broken)$(at topic)" '' 'it is not there'
	isnt "$(at main)" "$(git rev-parse HEAD)" 'and no other one either'
done
git push -q --no-verify origin broken~1:refs/heads/broken
git config push.default matching
push qa
is "$status" 1 'push.default=matching'
isnt "$(at broken)" "$(git rev-parse broken)" 'holds the broken one back'
git config --unset push.default
git branch -q -D broken
bad refs/tags/wrong
push qa -- origin main --tags
is "$status" 1 'a tag of a broken commit'
is "$(at wrong)" '' 'is not pushed'
git tag -d wrong >/dev/null
git tag -a -m x right
push qa X=typed -- --follow-tags
is "$status" 0 'a good tag'
is "$(at 'right^{}')" "$(git rev-parse HEAD)" 'is'
like "$out" 'X=typed' 'variables are for the tasks'
git checkout -q -b second && good && second=$(git rev-parse HEAD)
git checkout -q main
push qa X=typed -- origin second
is "$status $(at second)" "0 $second" 'a good branch that is not checked out'
is "$(printf '%s\n' "$out" | grep -c 'X=typed')" 2 \
    'its check has the variables, too'
push qa -- --delete origin second
is "$status $(at second)" '0 ' 'a removal'

# what moves between the check and the push
real=$(command -v git)
mkdir "$work/bin"
cat >"$work/bin/git" <<EOT
#!/bin/sh
case " \$* " in
*" push "*--dry-run*) ;;
*" push "*) [ -e "$work/move" ] && . "$work/move" >/dev/null 2>&1 ;;
esac
exec "$real" "\$@"
EOT
chmod +x "$work/bin/git"
PATH=$work/bin:$PATH
good
before=$(at main)
echo "rm '$work/move'; $real commit -q --allow-empty -m moved" >"$work/move"
push qa
is "$status $last" '1 not pushed: HEAD moved' 'HEAD moved'
is "$(at main)" "$before" 'nothing is pushed'
push qa
is "$status" 0 'the next one is'
git tag light
echo "rm '$work/move'; $real tag -f light HEAD~1" >"$work/move"
push qa -- origin light
is "$status $last" '1 not pushed: refs/tags/light moved' 'a tag moved'
is "$(at light)" '' 'it is not pushed'

# the hooks of the user
mkdir -p .git/hooks
cat >.git/hooks/pre-push <<EOT
#!/bin/sh
echo "\$0 \$*" >"$work/hook"
cat >>"$work/hook"
git rev-parse --git-path hooks >>"$work/hook"
exit \$(cat "$work/answer")
EOT
chmod +x .git/hooks/pre-push
good
echo 1 >"$work/answer"
push qa
is "$status" 1 'a hook of the user refuses'
echo 0 >"$work/answer"
push qa
is "$status" 0 'or lets it pass'
like "$(cat "$work/hook")" "*/.git/hooks/pre-push origin $work/t/o.git
refs/heads/main $(git rev-parse HEAD) refs/heads/main *
.git/hooks" 'it is told what git tells it'
echo 1 >"$work/answer"
good
push qa -- --no-verify
is "$status" 0 '--no-verify is without it'
good
echo "rm '$work/move'; $real commit -q --allow-empty -m moved" >"$work/move"
push qa -- --no-verify
is "$status $last" '1 not pushed: HEAD moved' 'but with what prun promises'
is "$(find "$XDG_STATE_HOME" -path '*gate/*' | wc -l | tr -d ' ')" 0 \
    'nothing is left behind'
done_testing
