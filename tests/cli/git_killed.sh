#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601, P-703, P-704, P-706: a git that could not be started, or was killed, has
# not said "no".  Each of prun's calls of git fails in turn; what comes of the run
# is an error or the truth.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

# A git first on the PATH, which counts its calls and fails at the one that $at
# names, as $how says; without one it is the real one.  Below it there is none
# else, so that a git that cannot be executed is not found elsewhere.
real_git=$(command -v git)
export real_git count="$work/count"
mkdir "$work/bin" "$work/tools"
for tool in sh bash cat touch rm cp ls sed env basename dirname sleep true \
    false chmod mkdir grep; do
	found=$(command -v $tool) && ln -s "$found" "$work/tools/$tool"
done
cat >"$work/bin/git" <<'EOT'
#!/bin/sh
[ "${at:-0}" != 0 ] || exec "$real_git" "$@"
n=$(cat "$count") n=$((n + 1))
echo $n >"$count"
if [ $n = "$at" ]; then
	case $how in
	killed) kill -9 $$ ;;
	aborted) kill -6 $$ ;;
	esac
fi
# the next one finds no program
[ "$how" != absent ] || [ $n != $((at - 1)) ] || chmod -x "$0"
exec "$real_git" "$@"
EOT
chmod +x "$work/bin/git"
here=$PATH
PATH=$work/bin:$PATH

# with_failing AT HOW COMMAND…
with_failing()
{
	echo 0 >"$count"
	_at=$1 how=$2
	shift 2
	[ "$how $_at" != 'absent 1' ] || chmod -x "$work/bin/git"
	run timeout 60 env "at=$_at" "how=$how" "PATH=$work/bin:$work/tools" "$@"
	chmod +x "$work/bin/git"
}

# each_call SETUP CHECK COMMAND…: CHECK says what is wrong, if anything is
each_call()
{
	_setup=$1 _check=$2
	shift 2
	wrong='' calls=0
	for _how in ${HOWS:-killed}; do
		_n=0
		while _n=$((_n + 1)) && [ $_n -lt 200 ]; do
			$_setup
			with_failing $_n $_how "$@"
			_what=$($_check)
			[ -z "$_what" ] || wrong="$wrong
$_how $_n: $_what (status $status)"
			# it has not come so far
			[ "$(cat "$count")" -ge $_n ] || [ $_how$_n = absent1 ] ||
			    { [ $_how = absent ] && [ "$(cat "$count")" -ge $((_n - 1)) ]; } ||
			    break
			calls=$((calls + 1))
		done
	done
	note "$calls calls, the last with $status: $err"
}

start_repo
add_remote
printf '.task\nran\n' >.gitignore
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  all: [{task: touched}, {task: link}, {task: new}]
  touched: {sources: [a], cmds: ['echo touched >>ran']}
  link: {sources: [l], cmds: ['echo link >>ran']}
  new: {sources: [new], cmds: ['echo new >>ran']}
  qa: {cmds: ['! grep -q bad state']}
  make: {commit: true, generates: [made], cmds: ['echo more >>made']}
EOT
echo good >state
echo 1 >a
echo 1 >far
ln -s far l
commit_all
git push -q origin main
first=$(git rev-parse HEAD)

# ---- --changed ----

echo 2 >a
rm far
echo 1 >new
set_changed()
{
	rm -rf ran .task
}
check_changed()
{
	[ $status != 0 ] || [ "$(sort ran 2>/dev/null | tr '\n' ' ')" = 'link new touched ' ] ||
	    echo "passed, and ran $(cat ran 2>/dev/null)"
}
each_call set_changed check_changed "$PRUN" --changed=HEAD all
is "$wrong" '' 'P-703 what --changed is not told, it does not skip'
[ $calls -ge 5 ]
ok $? 'and each call was tried'
each_call set_changed check_changed "$PRUN" --changed all
is "$wrong" '' 'P-703 the same for what is not committed'
git checkout -q . && rm -f new ran

# ---- the gate ----

echo bad >state
commit_all bad
bad=$(git rev-parse HEAD)
echo good >state
zero=0000000000000000000000000000000000000000
set_gate()
{
	rm -rf "$XDG_STATE_HOME"
}
check_gate()
{
	[ $status != 0 ] || echo 'a commit that fails has passed'
}
pushes()
{
	printf '%s %s %s %s\n' "refs/heads/$1" "$2" "refs/heads/$1" "$3" >"$work/refs"
}
cat >"$work/gate" <<EOT
#!/bin/sh
exec "$PRUN" --hook run pre-push -- origin "$work/t/o.git" <"$work/refs"
EOT
chmod +x "$work/gate"
for old in ${HOWS:+$zero} "$first"; do
	pushes main "$bad" "$old"
	each_call set_gate check_gate "$work/gate"
	is "$wrong" '' "P-704 no call of git lets a commit pass, from $(echo "$old" | cut -c1-5)"
	[ $calls -ge 5 ]
	ok $? 'and each call was tried'
done

# ---- receipts ----

# the file beside the commit makes it pass here; a receipt would let it pass
# everywhere
set_receipt()
{
	rm -rf "$XDG_STATE_HOME"
	echo good >state
}
check_receipt()
{
	PATH=$here
	git checkout -q state
	pushes main "$bad" $zero
	"$work/gate" >"$work/out2" 2>&1 && echo 'its receipt lets a bad commit pass'
}
each_call set_receipt check_receipt "$PRUN" qa
is "$wrong" '' 'P-706 none is left for a tree that git did not describe'

# ---- the commit ----

git reset -q --hard "$first"
set_commit()
{
	git reset -q --hard "$first"
	git clean -fdqx
	echo mine >>a
}
check_commit()
{
	PATH=$here
	head=$(git rev-parse HEAD)
	[ "$(git symbolic-ref HEAD)" = refs/heads/main ] || echo 'another branch'
	if [ "$head" = "$first" ]; then
		[ $status != 0 ] || echo 'passed without a commit'
	else
		[ "$(git rev-parse HEAD^)" = "$first" ] || echo 'another parent'
		[ "$(committed)" = 'A made' ] || echo "it has $(committed)"
	fi
	[ "$(tail -n 1 a)" = mine ] || echo 'an edit is lost'
}
each_call set_commit check_commit "$PRUN" make
is "$wrong" '' 'P-601 the commit is made on its parent, or refused'
[ $calls -ge 10 ]
ok $? 'and each call was tried'

# ---- installing the hook ----

git reset -q --hard "$first"
set_hook()
{
	rm -f .git/hooks/pre-push*
	printf '#!/bin/sh\nexit 7\n' >.git/hooks/pre-push
	chmod +x .git/hooks/pre-push
}
check_hook()
{
	PATH=$here
	[ -x .git/hooks/pre-push ] || echo 'there is no hook any more'
	pushes main "$first" $zero
	.git/hooks/pre-push origin "$work/t/o.git" <"$work/refs" >"$work/out2" 2>&1 &&
	    echo 'the hook that was there is forgotten'
	[ $status != 0 ] || grep -q prun .git/hooks/pre-push || echo 'not installed'
}
each_call set_hook check_hook "$PRUN" --hook install pre-push
is "$wrong" '' 'P-705 a hook is installed whole or not at all'
done_testing
