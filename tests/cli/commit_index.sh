#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605, never-events 21 to 23: whatever the index and the hooks are like, a
# commit holds what the run changed, and afterwards nothing is staged or lost
# that was not so before.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

# fresh: a repository in which `prun write` runs write.sh and owes a commit
fresh()
{
	start_repo
	cat >Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  write: {commit: true, cmds: ['sh write.sh']}
	EOT
	printf '.task\n' >.gitignore
	printf 'a  \nb\n' >f
	echo 1 >mine
	echo 'printf "a  \nb\nc  \n" >f; echo "x  " >new' >write.sh
	commit_all
	head=$(git rev-parse HEAD)
}

# hook BODY: a pre-commit hook
hook()
{
	mkdir -p .git/hooks
	printf '#!/bin/sh\n%s\n' "$1" >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
}

# what formatters behind a pre-commit hook do: change the staged files, and
# stage them again
format='git diff --cached --name-only --diff-filter=AM | while read -r file; do
	sed -i.orig "s/ *$//" "$file" && rm -f "$file.orig" && git add "$file"
done'

fresh
hook "$format"
run prun write
is "$status" 0 'a hook that stages what it formatted, on a clean tree'
is "$(git show HEAD:f)" 'a
b
c' 'is in the commit'
is "$(git status --porcelain)" '' 'and leaves nothing staged or changed'

fresh
hook "$format"
echo 2 >mine
git add mine
echo 3 >mine
run prun write
is "$status" 0 'the same beside what the user has staged'
is "$(git show HEAD:f) $(git show HEAD:new)" 'a
b
c x' 'the commit has what the hook made of it'
is "$(committed)" 'M f A new' 'and nothing else'
is "$(git status --porcelain):$(git show :mine):$(cat mine)" 'MM mine:2:3' \
    'what was staged is staged, what was changed is changed'

fresh
hook 'echo extra >extra; git add extra'
run prun write
is "$status $(committed)" '0 A extra M f A new' \
    'a file that the hook adds is committed, as people commit'
is "$(git status --porcelain)" '' 'with nothing left over'

# refusing hooks, with something that the user stages meanwhile
for files in 3 1100; do
	fresh
	echo "mkdir many; i=0; while [ \$i -lt $files ]; do : >many/\$i; i=\$((i+1)); done
	rm mine; mv f g" >write.sh
	echo 1 >theirs
	commit_all
	head=$(git rev-parse HEAD)
	hook 'echo 2 >theirs; GIT_INDEX_FILE=.git/index git add theirs; echo no >&2; exit 1'
	run prun write
	is "$status $(git rev-parse HEAD)" "1 $head" "$files files: refused"
	is "$(git status --porcelain | LC_ALL=C sort)" " D f
 D mine
?? g
?? many/
M  theirs" "$files files: the index is as before, but for what was staged meanwhile"
done

# folders and files that change places
for dirty in no yes; do
	fresh
	echo 'rm f; mkdir f' >write.sh
	commit_all
	[ $dirty = no ] || echo 2 >mine
	run prun write
	is "$status $(committed)" '0 D f' "dirty: $dirty: a file became an empty folder"
	fresh
	echo 'rm f; mkdir f; echo 1 >f/a; mkdir f/b; echo 2 >f/b/c' >write.sh
	commit_all
	[ $dirty = no ] || echo 2 >mine
	run prun write
	is "$status $(committed)" '0 D f A f/a A f/b/c' \
	    "dirty: $dirty: a file became a folder with files"
	fresh
	mkdir d && echo 1 >d/x && echo 'rm -r d; echo 1 >d; rm f; ln -s mine f' >write.sh
	commit_all
	[ $dirty = no ] || echo 2 >mine
	run prun write
	is "$status $(committed)" '0 A d D d/x T f' \
	    "dirty: $dirty: a folder became a file, a file a link"
	[ $dirty = no ] || is "$(git status --porcelain)" ' M mine' \
	    "dirty: $dirty: the rest is as it was"
	fresh
	echo 'chmod +x f; mv mine "odd
name *"' >write.sh
	commit_all
	[ $dirty = no ] || echo 2 >new
	run prun write
	is "$status $(git diff --name-only --cached HEAD)" '0 ' \
	    "dirty: $dirty: odd names and modes"
	is "$(git ls-tree HEAD f | cut -c1-6)" 100755 "dirty: $dirty: the mode"
done

# changes that git does not see in the end
for dirty in no yes; do
	fresh
	printf '* text=auto\n' >.gitattributes
	echo 'printf "a  \r\nb\r\n" >f' >write.sh
	commit_all
	head=$(git rev-parse HEAD)
	[ $dirty = no ] || echo 2 >mine
	run prun write
	is "$status $(git rev-parse HEAD)" "0 $head" \
	    "dirty: $dirty: line ends that git normalises are no change"
	like "$err" 'nothing to commit' "dirty: $dirty: which is said"
	fresh
	git config filter.low.clean 'tr A-Z a-z'
	git config filter.low.smudge cat
	printf 'f filter=low\n' >.gitattributes
	echo 'printf "A  \nB\n" >f' >write.sh
	commit_all
	head=$(git rev-parse HEAD)
	[ $dirty = no ] || echo 2 >mine
	run prun write
	is "$status $(git rev-parse HEAD)" "0 $head" \
	    "dirty: $dirty: a change that a clean filter undoes is none"
done

# a change that only its content tells, since the index is of the same moment
fresh
git config core.trustctime false
git config core.checkStat minimal
echo 2 >mine
git add f && git update-index -q --refresh
echo 'printf "A  \nB\n" >f; touch -r .git/index f' >write.sh
git commit -qm write write.sh
touch -r .git/index f && git update-index -q --refresh
run prun write
is "$status $(committed)" '0 M f' 'a change within the grain of the clock'
is "$(git status --porcelain)" ' M mine' 'and the rest is as it was'

# the branch of the start
fresh
git branch other
git checkout -qb work
for word in 'other' '-b third' '--detach'; do
	echo "echo 5 >>f; git checkout -q $word" >write.sh
	git commit -qam "$word"
	run prun write
	is "$status" 1 "git checkout $word during the run: no commit"
	like "$err" 'the branch was work when the run began' 'and why'
	[ "$(git log --all --format=%s --grep=Parallel)" = '' ]
	ok $? 'none anywhere'
	git checkout -q . && git checkout -q work
done

# before the first commit
fresh
rm -rf .git && git init -q -b main
hook "$format"
run prun write
is "$status $(git rev-list --count HEAD) $(git show HEAD:new)$(committed)" \
    '0 1 xA new' 'the first commit of a repository'
is "$(git status --porcelain -- f new)" '?? f' 'leaves what was there before'


# P-605: a hook that asks is answered by whoever sits at the terminal
if command -v python3 >/dev/null; then
	for task in commit push; do
		fresh
		add_remote
		git push -q -u origin main
		cat >Taskfile.yml <<-'EOT'
		version: '3'
		tasks:
		  commit: {commit: true, cmds: ['sh write.sh']}
		  push: {commit: {push: true}, cmds: ['sh write.sh']}
		EOT
		git commit -qam tasks
		head=$(git rev-parse HEAD)
		hook='pre-commit'
		[ $task = commit ] || hook=pre-push
		mkdir -p .git/hooks
		cat >.git/hooks/$hook <<-'EOT'
		#!/bin/sh
		printf 'passphrase? ' >/dev/tty || exit 3
		read -r answer </dev/tty || exit 4
		[ "$answer" = secret ] || { echo "wrong: $answer" >&2; exit 5; }
		EOT
		chmod +x .git/hooks/$hook
		printf '< passphrase? \n> secret\\n\n' >"$work/talk"
		run python3 "$abs_srcdir/tests/cli/terminal.py" "$work/talk" "$PRUN" $task
		is "$status $(git log -1 --format=%s)" '0 Parallel execution results' \
		    "$task: a hook asks at the terminal and is answered"
		git reset -q --hard "$head"
		printf '< passphrase? \n> other\\n\n' >"$work/talk"
		run python3 "$abs_srcdir/tests/cli/terminal.py" "$work/talk" "$PRUN" $task
		is "$status" 1 "$task: with the wrong answer it fails"
		like "$out" 'wrong: other' "$task: and says what the hook said"
		git reset -q --hard "$head"
		run timeout 20 setsid -w "$PRUN" $task
		is "$status" 1 "$task: without a terminal it fails at once"
		like "$err" '*/dev/tty*' "$task: and says what the hook said"
		[ "$(git status --porcelain | cut -c1)" != M ]
		ok $? "$task: nothing is staged"
	done
	fresh
	hook 'echo asked >/dev/tty; read -r answer </dev/tty; exit 5'
	head=$(git rev-parse HEAD)
	cat >"$work/talk" <<-'EOT'
	< asked
	> \x03
	EOT
	# prun is there until a git that takes its time has taken all back
	mkdir -p "$work/bin"
	cat >"$work/bin/git" <<-EOT
	#!/bin/sh
	case " \$* " in *' reset '*) sleep 0.5;; esac
	exec "$(command -v git)" "\$@"
	EOT
	chmod +x "$work/bin/git"
	run env PATH="$work/bin:$PATH" python3 \
	    "$abs_srcdir/tests/cli/terminal.py" "$work/talk" "$PRUN" write
	is "$(git rev-parse HEAD) $(git status --porcelain)" "$head  M f
?? new" 'a ^C at the question leaves no commit and nothing staged'
	is "$status" 130 'and it is ^C that ends prun'
	# a git that is ended while it is asked something has not said no
	cat >"$work/bin/git" <<-EOT
	#!/bin/sh
	[ "\$1" != commit ] || touch "$work/committing"
	[ "\$*" != 'rev-parse -q --verify HEAD' ] ||
	    [ ! -e "$work/committing" ] || kill -INT \$\$
	exec "$(command -v git)" "\$@"
	EOT
	chmod +x "$work/bin/git"
	fresh
	hook 'exit 5'
	run env PATH="$work/bin:$PATH" "$PRUN" write
	is "$(git rev-parse HEAD) $(git status --porcelain)" "$head  M f
?? new" 'nor does one while what was staged is taken back'
	rm "$work/bin/git" "$work/committing"
else
	skip 'hooks that ask' 'there is no python3'
fi

done_testing
