#!/bin/sh
# SPDX-License-Identifier: MIT
# P-701: a hook that was there before runs by its own name, finds what lies
# beside it, gets all that git gives, can refuse, and comes back as it was
# (never-event 38).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

start_repo
add_remote
log=$work/log
export log
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: echo qa >>$log
EOT
commit_all
hooks=.git/hooks

# push: an empty commit; sets $status, and $ran, what ran, as one line.
push()
{
	: >"$log"
	git commit -q --allow-empty -m more --no-verify
	# no receipt: each push shows whether the task runs
	echo "$((n += 1))" >number && git add number
	git commit -q --no-verify -m number
	run git push -q origin main
	ran=$(tr '\n' ' ' <"$log")
}
n=0
hook()
{
	rm -f "$hooks/pre-push"
	{
		echo '#!/bin/sh'
		cat
	} >"$hooks/pre-push"
	chmod +x "$hooks/pre-push"
}
install_it()
{
	"$PRUN" --hook install "${1:-pre-push}" qa >/dev/null
}
remove_it()
{
	"$PRUN" --hook remove "${1:-pre-push}" >/dev/null
}
looks()
{
	find "$hooks/pre-push" -prune -exec ls -lid {} + | cut -d' ' -f1,2
	cksum "$hooks/pre-push" 2>/dev/null
}
# keeps NAME WHAT-IT-WRITES: installs, pushes, removes, pushes.
keeps()
{
	before=$(looks)
	install_it
	push
	is "$status $ran" "0 $2qa " "P-701 $1: runs before the task"
	remove_it
	is "$(looks)" "$before" "P-701 $1: the same file comes back"
	is "$(find .git -maxdepth 1 -name 'hooks?*')" '' \
	    "P-701 $1: nothing else is left"
	push
	is "$status $ran" "0 $2" "P-701 $1: and runs as before"
}

# what programs that manage hooks write
hook <<'EOT'
. "$(dirname "$0")/h"
EOT
cat >"$hooks/h" <<'EOT'
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
sh -e "$s" "$@"
exit $?
EOT
echo 'echo "above $#" >>"$log"' >.git/pre-push
keeps 'one that runs the hook of its name in the folder above' 'above 2 '
rm .git/pre-push "$hooks/h"

mkdir "$hooks/_"
cat >"$hooks/_/init.sh" <<'EOT'
if [ -z "$skip_init" ]; then
	readonly hook_name="$(basename -- "$0")"
	export skip_init=1
	sh -e "$0" "$@"
	exit $?
fi
EOT
hook <<'EOT'
. "$(dirname -- "$0")/_/init.sh"
echo "again ${0##*/} $#" >>"$log"
EOT
keeps 'one that runs itself again' 'again pre-push 2 '
hook <<'EOT'
cd "$(dirname "$0")/.." && test -f HEAD && . hooks/_/part
EOT
# shellcheck disable=SC2016 # for the hook
echo 'echo part >>"$log"' >"$hooks/_/part"
keeps 'one that starts from the folder above' 'part '

# forms of files
mkdir scripts
cat >scripts/check <<'EOT'
#!/bin/sh
echo "linked ${0##*/}" >>"$log"
EOT
chmod +x scripts/check
rm "$hooks/pre-push" && ln -s ../../scripts/check "$hooks/pre-push"
keeps 'a link' 'linked pre-push '
rm "$hooks/pre-push" && ln -s ../../nowhere "$hooks/pre-push"
keeps 'a link to nowhere' ''
hook </dev/null
# shellcheck disable=SC2016
echo 'echo plain >>"$log"' >"$hooks/pre-push"
keeps 'one without a first line' 'plain '
hook <<'EOT'
echo mode >>"$log"
EOT
chmod 0644 "$hooks/pre-push"
keeps 'one that git passes over' ''
chmod 0751 "$hooks/pre-push"
keeps 'one with a mode of its own' 'mode '
false=/bin/false
[ -x "$false" ] || false=/usr/bin/false
if cp "$false" "$work/f" && ! "$work/f" >"$work/out" 2>&1 &&
    test ! -s "$work/out"; then
	rm "$hooks/pre-push" && cp "$work/f" "$hooks/pre-push"
	install_it
	push
	is "$status $ran" '1 ' 'P-701 one that is no text refuses'
	remove_it
	cmp -s "$work/f" "$hooks/pre-push"
	ok $? 'P-701 and comes back'
else
	skip 'one that is no text' 'false is no program of its own'
fi

# what git gives it, and what it may refuse
hook <<'EOT'
echo "$#" "$1" >>"$log"
cat >>"$log"
test ! -e refuse
EOT
install_it
old=$(git -C "$work/t/o.git" rev-parse main)
push
is "$ran" "2 origin refs/heads/main $(git rev-parse HEAD) refs/heads/main $old qa " \
    'P-701 it has the arguments and the refs'
i=0
while [ $i -lt 3000 ]; do
	i=$((i + 1))
	echo "create refs/tags/a-name-that-is-longer-than-most-of-them-are-$i $old"
done | git -C "$work/t/r" update-ref --stdin
: >"$log"
run git push -q --tags origin
is "$status $(grep -c refs/tags "$log")" '0 3000' 'P-701 also 400 kB of them'
touch refuse
push
is "$status $(grep -c qa "$log")" '1 0' \
    'P-701 its failure stops the push before the task'
rm refuse
remove_it
hook <<'EOT'
exit 0
EOT
install_it
push
is "$status $ran" '0 qa ' 'P-701 one that reads nothing'
remove_it

# what comes to lie beside it later
hook <<'EOT'
[ ! -e "${0%/*}/later" ] || . "${0%/*}/later"
EOT
install_it
# shellcheck disable=SC2016
echo 'echo later >>"$log"' >"$hooks/later"
push
is "$ran" 'later qa ' 'P-701 a file that comes later is found'
rm "$hooks/later"
push
is "$ran" 'qa ' 'P-701 and one that goes is not'
remove_it

# another hook beside it that is prun's as well
cat >"$hooks/pre-commit" <<'EOT'
#!/bin/sh
echo commit >>"$log"
EOT
chmod +x "$hooks/pre-commit"
hook <<'EOT'
echo push >>"$log"
"${0%/*}/pre-commit"
EOT
install_it pre-commit
install_it
push
is "$ran" 'push commit qa ' 'P-701 it calls the one that was there beside it'
remove_it pre-commit
remove_it
push
is "$ran" 'push commit ' 'P-701 both come back'
is "$(find .git -maxdepth 1 -name 'hooks?*')" '' 'P-701 and nothing is left'
rm "$hooks/pre-commit"

# an installation that can't keep it, or that ended half way
hook <<'EOT'
echo mine >>"$log"
EOT
: >.git/hooks.before-prun
run "$PRUN" --hook install pre-push
isnt "$status" 0 'P-701 where it cannot be kept nothing is installed'
like "$err" hooks.before-prun 'P-701 which says so'
push
is "$ran" 'mine ' 'P-701 and it goes on to run'
rm .git/hooks.before-prun && mkdir .git/hooks.before-prun
ln "$hooks/pre-push" .git/hooks.before-prun/pre-push
install_it
push
is "$ran" 'mine qa ' 'P-701 one that was kept already is kept once'
remove_it
push
is "$ran" 'mine ' 'P-701 and comes back'
if [ "$(id -u)" -ne 0 ]; then
	chmod a-w "$hooks"
	run "$PRUN" --hook install pre-push
	isnt "$status" 0 'P-701 a folder that cannot be written'
	is "$(find .git -maxdepth 1 -name 'hooks?*')" '' \
	    'P-701 leaves nothing behind'
	chmod u+w "$hooks"
else
	skip 'a folder that cannot be written' 'for root there is none'
fi

# a folder of hooks that is a link, in a repository that moves
mv .git/hooks .git/real-hooks && ln -s real-hooks .git/hooks
install_it
push
is "$ran" 'mine qa ' 'P-701 a folder that is a link'
mv "$work/t/r" "$work/t/moved" && cd "$work/t/moved" || exit 1
push
is "$ran" 'mine qa ' 'P-701 in a repository that has moved'
remove_it
push
is "$ran" 'mine ' 'P-701 comes back there'
done_testing
