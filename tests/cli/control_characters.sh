#!/bin/sh
# SPDX-License-Identifier: MIT
# P-502: what others have written, names of files and tasks, what git says,
# reaches the terminal without what it would obey.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

esc=$(printf '\033')
bad="$esc]0;owned$(printf '\007')"
csi=$(printf '\302\233')

# clean FILE NAME: nothing but line ends and tabs
clean()
{
	LC_ALL=C tr -d '\n\t -\176\200-\377' <"$1" >"$work/controls"
	[ ! -s "$work/controls" ] && ! grep -qF -e "$csi" "$1"
	ok $? "$2"
}

start_repo
printf '%s\n' "version: '3'" 'tasks:' \
    '  all: {deps: [{task: named}, other], commit: true}' \
    '  "named\e[31m": {cmds: ["exit 1"]}' \
    '  named: {label: "red\e[31m\x9b5m", cmds: ["exit 1"]}' \
    '  other: {cmds: ["echo >>made"]}' \
    '  asks: {sources: ["*.src"], cmds: ["true"]}' \
    '  fine: {commit: true, cmds: ["echo >>made"]}' \
    '  pre: {preconditions: [{sh: "false", msg: "no\e]0;x\a\rfake"}]}' \
    '  warns: {cmds: ["echo \e[31m; : \e]0;t\a"]}' >Taskfile.yml
commit_all
run prun all
is "$status" 201 'a label with control characters: the run fails as it must'
clean "$work/err" 'its summary has none'
like "$err" 'red\\x1b' 'they are shown'
like "$err" 'u009b5m' 'those of the upper half, too'
run prun pre
clean "$work/err" 'the message of a precondition has none'
like "$err" 'no\\x1b' 'but its text'
run prun warns
clean "$work/err" 'nor has the echo of a command'
run prun "no-such$bad"
clean "$work/err" 'a task that is not there is named without them'
like "$err" 'no-such\\x1b' 'but named'

echo 1 >"a$bad.src"
echo 1 >"b.src"
run prun -s asks
echo 2 >"a$bad.src"
run prun --explain asks
clean "$work/out" '--explain names a changed file without them'
like "$out" 'a\\x1b' 'but names it'

# ---- what is only looked at ----

cat >looks.yml <<EOT
version: '3'
tasks:
  "named\e[31m": {desc: "says\e]0;x\a\x9b5m", aliases: ["al\e[1m"], deps: ["dep\e[2m"], cmds: ["echo \e[3m"]}
  "dep\e[2m": {label: "lab\e[4m\x9b5m", summary: "sum\e[5m", cmds: ["true"]}
EOT
for words in --list --list-all '-s --list-all' --plan --graph=dot \
    --graph=mermaid '--list-all --json' --graph=json; do
	# shellcheck disable=SC2086 # they are words
	run prun -t looks.yml $words "named${esc}[31m"
	is "$status" 0 "$words works"
	case $words in
	*json) unlike "$out" "$esc" "$words has escapes of its own" ;;
	*) clean "$work/out" "$words shows no control characters" ;;
	esac
	like "$out" 'named' "$words shows the name"
done
run prun -t looks.yml --summary "named${esc}[31m" "dep${esc}[2m"
clean "$work/out" '--summary shows no control characters'
like "$out" 'sum\\x1b' 'but the text'
run prun --compat -t looks.yml --list
like "$out" "says$esc" '--compat lists what is written'

rm -f ./*.src
commit_all
printf x >"dirty$bad
second"
run prun fine
clean "$work/err" 'a file that is left out of the commit is named without them'
like "$err" 'left out*dirty\\x1b\]0;owned\\x07\\x0asecond' 'on one line'

printf '#!/bin/sh\nprintf "\\033]0;owned\\007refused\\n" >&2\nexit 1\n' >.git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
run prun fine
isnt "$status" 0 'a hook that refuses'
clean "$work/err" 'what git says has none'
like "$err" 'refused' 'and is shown'

# go-task's answers are byte for byte its own
run prun --compat warns
like "$err" "$esc" 'L-092 --compat echoes what is written'

done_testing
