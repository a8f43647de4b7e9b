#!/bin/sh
# SPDX-License-Identifier: MIT
# Questions of a task whose `dir` is not there (C-313, L-087): what a shell
# says by itself holds, a program cannot be started, and no operator of the
# shell makes an answer of that.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v bash >/dev/null || skip_all 'there is no bash'
[ "$(bash -c 'echo "${BASH_VERSINFO:-0}"')" -ge 4 ] ||
    skip_all 'this bash is too old to tell'

printf '#!/bin/sh\nexit 0\n' >yes
chmod +x yes
HERE=$PWD
export HERE

# ask KIND QUESTION: a task with it in a directory that is not there.
ask()
{
	rm -rf lost
	case $1 in
	precondition) key="preconditions: ['$2']" ;;
	status) key="status: ['$2']" ;;
	if) key="if: '$2'" ;;
	sh) key="vars: {V: {sh: '$2'}}" ;;
	esac
	printf "version: '3'\ntasks:\n  a:\n    dir: lost\n    %s\n%s\n" \
	    "$key" "    cmds: ['echo RAN{{.V}}']" >Taskfile.yml
	run timeout 20 "$PRUN" -s a
}

# Each would be taken for yes somewhere.
while IFS= read -r question; do
	ask precondition "$question"
	is "$status/$out" 201/ "precondition: $question"
	ask status "$question"
	is "$status/$out" 0/RAN "status: $question"
	ask if "$question"
	is "$status/$out" 201/ "if: $question"
	like "$err" "chdir $PWD/lost: no such file" "if: $question: why"
	ask sh "$question"
	is "$status/$out" 1/ "sh: $question"
	like "$err" "chdir $PWD/lost: no such file" "sh: $question: why"
	[ ! -e lost ]
	ok $? "sh: $question: the directory is not made"
done <<'EOF'
ls
! ls x
ls || true
(ls) || true
{ ls; } || :
if ls x; then false; fi
[ -z "$(ls)" ]
test -z "$(git status --porcelain)"
ls | read -r x; :
X=1 ls || true
command ls || true
f() { ls; }; f || true
! ./x
! /nowhere/x
$HERE/yes
"$HERE/yes"
eval ls || true
EOF

# What needs no program.
while IFS= read -r question; do
	ask precondition "$question"
	is "$status/$out" 0/RAN "precondition: $question"
	ask if "$question"
	is "$status/$out" 0/RAN "if: $question"
	ask status "$question"
	is "$status/$out" 0/ "status: $question"
done <<'EOF'
test ! -f x
[ ! -d . ] || [ -d . ]
true
! nonexistent-program
test "$(pwd)" = "$PWD"
test "${PWD##*/}" = lost
command -v ls
type ls
X=/a/b; test $X = /a/b
(( 6/2 == 3 ))
for i in /a/*; do test "$i" != x; done
[[ -d / ]]
case /a in /*) true ;; *) false ;; esac
EOF
ask sh 'echo "${PWD##*/}"'
is "$status/$out" 0/RANlost 'sh: the name of the directory'

# Where it is there, all of it is asked as ever.
mkdir there
sed -e 's/dir: lost/dir: there/' -e "s/vars: .*/preconditions: ['! ls x']/" \
    Taskfile.yml >t.yml
run "$PRUN" -s -t t.yml a
is "$status/$out" 0/RAN 'a directory that is there'

done_testing
