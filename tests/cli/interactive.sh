#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2119,SC2154 # lib.sh
# C-109, C-202, C-203, L-077: --interactive asks for required variables, on a
# terminal.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'no python3'
TERM=xterm
export TERM

taskfile <<-'EOT'
	version: '3'
	vars: {COLORS: [red, green]}
	tasks:
	  main:
	    deps: [one, two]
	    cmds: [{task: later}, 'echo "<{{.A}}> <{{.B}}>"']
	    requires: {vars: [A, {name: B, enum: [x, y, z]}]}
	  one: {requires: {vars: [A]}, cmds: ['echo one {{.A}}']}
	  two: {requires: {vars: [D]}, cmds: ['echo two {{.D}}']}
	  later: {requires: {vars: [E]}, cmds: ['echo later {{.E}}']}
	  edit: {requires: {vars: [T]}, cmds: ['printf "[%s]\n" "{{.T}}"']}
	  color: {requires: {vars: [{name: C, enum: {ref: .COLORS}}]}, cmds: ['echo {{.C}}']}
EOT

# talk STATUS NAME WORD… <DIALOGUE
talk()
{
	want=$1 name=$2
	shift 2
	cat >"$work/dialogue"
	run python3 "$abs_srcdir/tests/cli/terminal.py" "$work/dialogue" \
	    "$PRUN" -s "$@"
	is "$status" "$want" "$name"
	[ "$status" -eq "$want" ] || note "$out $err"
}

talk 0 'all that is missing is asked for' --interactive main <<-'EOT'
	< ? Enter value for A: > 
	> hello\r
	< ? Select value for B:
	<   (↑/↓ to move, enter to select, esc to cancel)
	> \x1b[B\r
	< ? Enter value for D: > 
	- two
	> d d\r
	< two d d
	< ? Enter value for E: > 
	> \r
	< later
	< <hello> <y>
EOT
like "$out" 'one hello' 'an answer counts for all tasks'

talk 0 'a line can be edited' --interactive edit <<-'EOT'
	< ? Enter value for T: > 
	> ab\x7fc\x15bcd\x17ef gh\x17\x01X\x05Y\x1b[DZ\x1b[C\x1b[HW\x1b[FV\r
	< [WXef ZYV]
EOT
talk 0 'with characters of several bytes' --interactive edit <<-'EOT'
	< ? Enter value for T: > 
	> \xc3\xa4\xc3\xb6\xe2\x82\xac\x1b[D\x7f\x02\x04!\x0b.\r
	< [!.]
EOT
long=$(printf '%0300d' 7)
talk 0 'of at most 256 characters' --interactive edit <<-EOT
	< ? Enter value for T: > 
	> $long\\r
	< [$(printf '%0256d' 0)]
EOT

for keys in jj '\x1b[B\t' '\x0e\x0e' 'jjjjjjjj' 'jjkj'; do
	talk 0 "keys that go down and up: $keys" --interactive main A=1 D=2 \
	    E=3 <<-EOT
		< ❯ x
		> $keys\\r
		< <1> <z>
	EOT
done
for keys in kk 'jj\x1b[A\x1b[A' 'j\x1b[Z' 'jkkk'; do
	talk 0 "keys that end at the top: $keys" --interactive main A=1 D=2 \
	    E=3 <<-EOT
		< ❯ x
		> $keys\\r
		< <1> <x>
	EOT
done
talk 0 'values of a reference' --interactive color <<-'EOT'
	< ❯ red
	<   green
	> j\r
	< green
EOT

talk 205 'ctrl-c cancels (C-203)' --interactive main <<-'EOT'
	< ? Enter value for A: > 
	> \x03
	< task: Task "interactive prompt" cancelled by user
EOT
talk 205 'esc cancels' --interactive main A=1 <<-'EOT'
	< ? Select value for B:
	> \x1b
	< task: Task "interactive prompt" cancelled by user
EOT
talk 205 'the name is the task'\''s when it is asked late' --interactive \
    main A=1 B=x D=1 <<-'EOT'
	< ? Enter value for E:
	> \x03
	< Task "later" cancelled by user
EOT
talk 206 'without the flag nobody is asked (M-35)' main <<-'EOT'
	< missing required variables: A, B
EOT
NO_COLOR='' FORCE_COLOR=1 talk 0 'colours are those of terminals' \
    --interactive color <<-'EOT'
	< red
	> \r
	< red
EOT

run prun --interactive main
is "$status" 206 'without a terminal nobody is asked (C-109)'
unlike "$err" 'Enter value' 'and nothing is drawn'
cat >dialogue <<-'EOT'
	< missing required variables: A, B
EOT
# shellcheck disable=SC2016 # for the inner shell
run python3 "$abs_srcdir/tests/cli/terminal.py" dialogue sh -c \
    '"$0" --interactive main | cat' "$PRUN"
is "$status" 0 'nor where stdout is none'

done_testing
