#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702, P-705: git's environment and the hook's standard input do not reach the
# jobs; a git inside acts on no repository but its own (never-events 19, 27).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
seen=$work/seen
export seen
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa:
    cmds:
      - cat >>$seen
      - env | grep -E "^($(git rev-parse --local-env-vars | paste -sd '|'))=" >>$seen || true
      - |
        rm -rf "$TMPDIR/inner" && mkdir "$TMPDIR/inner" && cd "$TMPDIR/inner"
        git init -q && git config core.bare false && echo 1 >f
        git add . && git commit -q -m inner && git rev-parse HEAD >$seen.inner
EOT
commit_all
prun --hook install pre-push >/dev/null
prun --hook install pre-commit >/dev/null

# the_same NAME COMMAND…: the repository is the same, but for what git did
the_same()
{
	config=$(cat "$work/t/r/.git/config")
	head=$(git rev-parse HEAD)
	index=$(git ls-files -s)
	: >"$seen"
	name=$1
	shift
	run "$@"
	is "$status" 0 "$name: passes"
	is "$(cat "$seen")" '' "$name: no variable of git, nothing to read"
	test -s "$seen.inner"
	ok $? "$name: the git inside has its own repository"
	is "$(cat "$work/t/r/.git/config")" "$config" \
	    "$name: the configuration is the same"
}
the_same 'a push' git push -q origin main
is "$(git rev-parse HEAD) $(git ls-files -s)" "$head $index" \
    'a push: HEAD and index are the same'
is "$(git -C "$work/t/o.git" rev-parse main)" "$head" \
    'a push: and all refs were read'
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
the_same 'a commit in a linked worktree' \
    git -c user.name=x commit -q --allow-empty -m 1
is "$(git rev-parse HEAD~1) $(git ls-files -s)" "$head $index" \
    'a commit: on what was there, with the index as it was'
echo 1 >a && git add a
the_same 'a push from a linked worktree' git push -q origin linked
is "$(git rev-parse HEAD) $(git ls-files -s)" "$head $index" \
    'from a linked worktree: HEAD and index are the same'
the_same 'commit -a' git commit -q -a -m 2
is "$(committed)" 'A a' 'commit -a: what it shall'
cd "$work/t/r" || exit 1
unset GIT_DIR

# a very long list of refs is read to its end, also where nothing is run
id=$(git rev-parse HEAD)
i=0
while [ $i -lt 3000 ]; do
	echo "refs/tags/t$i $id refs/tags/t$i 0000000000000000000000000000000000000000"
	i=$((i + 1))
done >"$work/refs"
for mode in 0 1; do
	(
		trap - PIPE
		sh -c 'cat "$1"; echo $? >"$2"' sh "$work/refs" "$work/cat" |
		    PRUN_HOOKS=$mode prun --hook run pre-push -- origin url
	) >/dev/null 2>&1
	is "$(cat "$work/cat")" 0 "PRUN_HOOKS=$mode: all refs are read"
done

# PRUN_HOOKS=0
printf "version: '3'\ntasks: {qa: 'false'}\n" >Taskfile.yml
git commit -q --no-verify -am bad
run git push -q origin main
isnt "$status" 0 'a gate that fails'
PRUN_HOOKS=0 run git push -q origin main
is "$status" 0 'PRUN_HOOKS=0 skips it'
like "$err" 'pre-push skipped' 'says so'
run prun --hook status
like "$out" 'skipped by PRUN_HOOKS=0: 2, last *pre-push' 'and leaves a record'
done_testing
