#!/bin/sh
# SPDX-License-Identifier: MIT
# P-703: what --changed must not miss.  Where it can't be known whether a
# source is touched, the call runs.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

mkdir 'sh [ab] {x} $y' && cd 'sh [ab] {x} $y' || exit 1
git_repo
git config --global protocol.file.allow always
git init -q -b main ../inner
(cd ../inner && echo 1 >file && git add . && git commit -qm 1)
mkdir -p src/deep real/dir doc far
echo 1 >src/a.c; echo 1 >src/b.c; echo 1 >src/deep/c.c
echo 1 >'src/x[1].c'; echo 1 >src/x1.c
echo 1 >real/dir/t; echo 1 >real/one; echo 1 >doc/d; echo 1 >far/f
ln -s real/dir linkdir
ln -s real/one linkfile
ln -s linkdir chain
ln -s ../real/one doc/link
git submodule --quiet add "$work/t/inner" sub 2>/dev/null ||
    bail_out 'no submodule'
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  flat: {sources: ['src/*.c'], cmds: ['echo flat']}
  tree: {sources: ['src/**/*.c'], cmds: ['echo tree']}
  out: {sources: ['doc/../src/?.c'], cmds: ['echo out']}
  some: {sources: ['src/[ab].c'], cmds: ['echo some']}
  folder: {sources: [src], cmds: ['echo folder']}
  slash: {sources: [src/], cmds: ['echo slash']}
  anyfolder: {sources: ['sr?/deep'], cmds: ['echo anyfolder']}
  linkfile: {sources: [linkfile], cmds: ['echo linkfile']}
  doclink: {sources: ['doc/*'], cmds: ['echo doclink']}
  linkdir: {sources: ['linkdir/*'], cmds: ['echo linkdir']}
  chain: {sources: ['chain/t'], cmds: ['echo chain']}
  sub: {sources: ['sub/*'], cmds: ['echo sub']}
  below: {dir: sub, sources: [file], cmds: ['echo below']}
  far: {sources: ['far/*'], cmds: ['echo far']}
  away: {sources: ['../inner/file'], cmds: ['echo away']}
  none: echo none
EOT
echo .task >.gitignore
commit_all
all='flat tree out some folder slash anyfolder linkfile doclink linkdir chain sub below far'

# both NAME WANT: before and after the commit
both()
{
	# shellcheck disable=SC2086
	run prun -s --changed $all
	is "$(echo "$out" | LC_ALL=C sort | tr '\n' ' ')" "$2" "$1"
	git add -A && git commit -qm "$1"
	rm -rf .task
	# shellcheck disable=SC2086
	run prun -s --changed=HEAD~1..HEAD $all
	is "$(echo "$out" | LC_ALL=C sort | tr '\n' ' ')" "$2" \
	    "$1, as a commit"
	git reset -q --hard HEAD~1 && git submodule --quiet update
	rm -rf .task
}
sources='anyfolder flat folder out slash some tree '

echo 2 >src/a.c; both 'a source' 'flat folder out slash some tree '
rm src/a.c; both 'a source that is gone' 'flat folder out slash some tree '
rm src/deep/c.c; both 'one below' 'anyfolder folder slash tree '
rm -r src; both 'all of them' "$sources"
echo 2 >'src/x[1].c'; both 'a name with brackets' 'flat folder slash tree '
rm 'src/x[1].c'; both 'which is gone' 'flat folder slash tree '
echo 2 >src/readme; both 'a new file in a folder' 'folder slash '
echo 2 >real/one; both 'what a link leads to' 'doclink linkfile '
rm real/one; both 'what it led to is gone' 'doclink linkfile '
echo 2 >real/dir/t; both 'a file behind linked folders' 'chain linkdir '
ln -sfn real linkdir; both 'another folder behind a link' 'chain linkdir '
rm linkdir; both 'a link that is gone' 'chain linkdir '
ln -sfn real/dir chain; both 'the first link of a chain' 'chain '
ln -sfn real/dir/t linkfile; both 'another file behind a link' 'linkfile '
rm doc/d; both 'a removal beside a link' 'doclink '
rm -r far; both 'a folder that is gone' 'far '
echo 2 >far/g; both 'a new source' 'far '
(cd sub && echo 2 >file && git commit -qam 2); both \
    'a new commit of a submodule' 'below sub '
git rm -q --cached sub; rm -rf sub; both 'a submodule that is gone' 'below sub '

# a range that is one commit compares with the tree, new files included
echo 2 >far/g
run prun -s --changed=HEAD far flat
is "$out" far 'a file that is new since a commit'
rm far/g
# a link that git has only now
ln -s ../real/dir src/new
run prun -s --changed tree far
is "$out" tree 'what lies behind a new link'
rm src/new
# where a Taskfile is another one, each of its tasks may be
sed 's/^version/# &/;2i version: "3"' Taskfile.yml >x && mv x Taskfile.yml
rm -rf .task && run prun -s --changed flat far
is "$out" 'flat
far' 'a Taskfile that has changed'
git checkout -q Taskfile.yml
mkdir more real/tasks
printf "version: '3'\ntasks: {x: {sources: [more/f], cmds: ['echo x']}}\n" \
    >real/tasks/Taskfile.yml
echo 1 >more/f
ln -s ../real/tasks/Taskfile.yml more/Taskfile.yml
sed 's/^tasks:/includes: {more: more}\n&/' Taskfile.yml >x &&
    mv x Taskfile.yml
commit_all include
rm -rf .task && run prun -s --changed=HEAD~1..HEAD flat
is "$out" flat 'one that includes another now'
rm -rf .task && run prun -s --changed more:x flat
is "$out" '' 'neither has changed'
echo >>real/tasks/Taskfile.yml
rm -rf .task && run prun -s --changed more:x flat
is "$out" 'x
flat' 'an included one, behind a link'
commit_all 'the included one'
echo 2 >more/f
rm -rf .task && run prun -s --changed more:x flat
is "$out" x 'a source alone'
# nor of what it ignores, or was told not to look at
mkdir -p built/deep && echo 1 >built/deep/x.o && echo 1 >own.log
printf '.task\nbuilt/\n*.log\n' >.gitignore
cat >ignored.yml <<'EOT'
version: '3'
tasks:
  object: {sources: ['built/**/*.o'], cmds: ['echo object']}
  whole: {sources: [built], cmds: ['echo whole']}
  log: {sources: ['*.log'], cmds: ['echo log']}
  both: {sources: ['src/a.c', own.log], cmds: ['echo both']}
  except: {sources: ['src/a.*', '*.log', {exclude: own.log}], cmds: ['echo except']}
  missing: {sources: ['*.logs'], cmds: ['echo missing']}
  all: {sources: ['src/**/*'], cmds: ['echo all']}
  hidden: {sources: [src/b.c], cmds: ['echo hidden']}
EOT
git add -A && git commit -qm ignored
ignored='object whole log both except missing all hidden'
for range in --changed --changed=HEAD --changed=HEAD..HEAD; do
	# shellcheck disable=SC2086
	run prun -s -t ignored.yml $range $ignored
	is "$(echo "$out" | tr '\n' ' ')" 'object whole log both ' \
	    "P-703 a source that git ignores: in doubt the call runs, $range"
	rm -rf .task
done
run prun -s -t ignored.yml object
run prun -s -t ignored.yml --changed object
is "$out" '' 'but not when it is up to date'
rm -rf .task
for flag in assume-unchanged skip-worktree; do
	git update-index --$flag src/b.c
	echo $flag >src/b.c
	run prun -s -t ignored.yml --changed hidden missing
	is "$out" hidden "P-703 so it is with $flag"
	git update-index --no-$flag src/b.c
	git checkout -q src/b.c
	rm -rf .task
done
rm -rf built own.log

# git knows nothing of what lies outside
run prun -s --changed away
is "$out" away 'a source outside of the repository'
run prun -s --changed none
is "$out" none 'a call without sources'
done_testing
