#!/bin/sh
# SPDX-License-Identifier: MIT
# P-112, P-703, P-704, P-901: a repository is one and the same, whatever links
# its user came through.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
mkdir -p sub/src sub/doc
cat >sub/Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: {deps: [src, doc]}
  src: {sources: [src/*], cmds: ['echo ran-src; grep -q good src/a']}
  doc: {sources: ['doc/*'], cmds: ['echo ran-doc']}
  who: 'pwd'
EOT
echo good >sub/src/a
echo text >sub/doc/a
echo .task >.gitignore
commit_all
git push -q origin main
ln -s "$work/t/r" "$work/t/whole"     # to the root of the repository
ln -s "$work/t/r/sub" "$work/t/part"  # to a folder inside of it
ln -s sub inner && commit_all link    # and a link that is in it itself
ways="$work/t/r/sub $work/t/whole/sub $work/t/part $work/t/r/inner"

# enter DIR: as a shell does it, which keeps the name in $PWD
enter() { cd "$1" || bail_out "no folder $1"; }

echo better good >"$work/t/r/sub/src/a"
for way in $ways; do
	enter "$way"
	rm -rf .task
	run prun --changed qa
	is "$(echo "$out" | grep -c ran-src)" 1 \
	    "--changed runs what is touched, through $way"
	unlike "$out" ran-doc 'and not the other'
	rm -rf .task
	run prun -t "$way/Taskfile.yml" --changed qa
	like "$out" ran-src 'as with -t'
	rm -rf .task
	cd / || exit 1
	run prun -d "$way" --changed qa
	like "$out" ran-src 'and with -d'
done
run prun -d "$work/t/part" who
is "$out" "$work/t/part" 'the commands see the name that was asked for'

# one state
enter "$work/t/r/sub"
prun --hook install pre-push >/dev/null
rm -rf "$XDG_STATE_HOME"
for way in $ways; do
	enter "$way"
	prun qa >/dev/null 2>&1
done
is "$(find "$XDG_STATE_HOME/prun" -mindepth 1 -maxdepth 1 | wc -l | tr -d ' ')" \
    1 'one folder of state'

# the gate, beside a tree that is not clean
cd "$work/t/r" || exit 1
git checkout -q .
for way in $ways; do
	enter "$way"
	rm -rf "$work/t/r/.git/hooks"
	mkdir -p "$work/t/r/.git/hooks"
	prun --hook install pre-push >/dev/null
	echo "$way" >"$work/t/r/untracked"
	echo "good $way" >"$work/t/r/sub/src/a"
	git commit -qam "good $way"
	run git push -q origin main
	is "$status" 0 "a good commit passes beside a dirty file, through $way"
	echo bad >"$work/t/r/sub/src/a"
	git commit -qam bad
	run git push -q origin main
	isnt "$status" 0 'a bad one does not'
	like "$err" 'qa failed' 'because the task failed'
	run prun -d "$way" --push
	isnt "$status" 0 'nor with --push'
	git reset -q --hard HEAD~1
done

# narrowed to what is pushed
enter "$work/t/part"
printf '[hook pre-push]\nonly_changed = on\n' >"$work/t/r/prun.ini"
for way in $ways; do
	enter "$way"
	echo "good $way" >"$work/t/r/sub/src/a"
	(cd "$work/t/r" && commit_all good)
	git push -q origin main 2>/dev/null
	echo bad >"$work/t/r/sub/src/a"
	git commit -qam bad
	run git push -q origin main
	isnt "$status" 0 "only_changed refuses a bad commit, through $way"
	git reset -q --hard HEAD~1
done

# a state folder that lies behind a link itself
mkdir "$work/elsewhere"
rm -rf "$XDG_STATE_HOME"
ln -s "$work/elsewhere" "$XDG_STATE_HOME"
enter "$work/t/part"
touch "$work/t/r/untracked"
echo more good >"$work/t/r/sub/src/a"
git commit -qam good
run git push -q origin main
is "$status" 0 'the state behind a link: a good commit passes'
is "$(($(git worktree list | wc -l)))" 1 'and no worktree is left'
done_testing
