#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh; jobs' own variables
# L-201, C-200, P-402: a prompt waits as anything else does; no more than its
# answer is read.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_talk.sh"

cat >wait_on <<'END'
#!/bin/sh
until [ -e "$1" ]; do sleep 0.05; done
END
chmod +x wait_on
taskfile <<-'END'
version: '3'
tasks:
  all: {deps: [ask, chatty]}
  ask: {prompt: 'Sure?', cmds: [echo did it]}
  chatty: 'for i in 1 2 3; do echo line $i; sleep 0.1; done'
  reads:
    prompt: Sure?
    interactive: true
    cmds: ['read -r a; read -r b; echo "got <$a> <$b>"']
  both: {deps: [one, two]}
  one: {prompt: [One?, 'One more?'], cmds: [echo did one]}
  two: {prompt: Two?, cmds: [echo did two]}
  cut: {deps: [ask, neighbour]}
  neighbour: [{defer: echo cleaned >> log}, 'echo $$ > neighbour; exec sleep 100']
  deaf: {deps: [ask, hears_nothing]}
  hears_nothing: "trap '' INT TERM; echo $$ > neighbour; while :; do sleep 0.1; done"
END

talk 0 "a neighbour's output comes meanwhile" '' -s -C 4 all <<-'END'
	< Sure? [y/N]: 
	< line 1
	< line 2
	< line 3
	! row -1 Sure? [y/N]:
	> y\r
	< did it
END
run sh -c 'printf "%s\n" "$1" | grep -c "Sure?.*line"' - "$out"
is "$out" 0 'and begins a line of its own'

for mode in -s --compat; do
	talk 0 "what follows the answer is the task's ($mode)" '' $mode reads <<-'END'
		> y\rfirst\rsecond\r
		< got <first> <second>
	END
	talk 201 "an answer without its end is none ($mode)" '' $mode ask <<-'END'
		< Sure? [y/N]: 
		> y\x04\x04
		< EOF
		- did it
	END
	talk 201 "the end of the input ($mode)" '' $mode ask <<-'END'
		< Sure? [y/N]: 
		> \x04
		< task: Failed to run task "ask": EOF
		- did it
	END
	talk 205 "no ($mode)" '' $mode ask <<-'END'
		< Sure? [y/N]: 
		> no\r
		< task: Task "ask" cancelled by user
		- did it
	END
done

talk 0 'one after the other' '' -s -C 4 both <<-'END'
	< One? [y/N]: 
	- Two?
	> y\r
	< One more? [y/N]: 
	- Two?
	> y\r
	< Two? [y/N]: 
	> yes\r
	< did two
END
like "$out" 'did one' 'and all are asked'

talk 130 '^C' '' -s -C 4 cut <<-'END'
	< Sure? [y/N]: 
	! file neighbour
	> \x03
	< Signal received: "interrupt"
	! gone neighbour
	- did it
END
is_file log cleaned '^C: deferred commands of a neighbour run'
rm -f neighbour
talk 130 'the third ^C' '' -s -C 4 deaf <<-'END'
	< Sure? [y/N]: 
	! file neighbour
	> \x03
	< Signal received: "interrupt"
	> \x03
	< Signal received: "interrupt"
	> \x03
	< third time
	! gone neighbour
END

talk 0 '^Z' '--shell' -s ask <<-'END'
	< Sure? [y/N]: 
	> \x1a
	! stopped
	! fg
	< Sure? [y/N]: 
	> y\r
	< did it
END
talk 0 'in the background' '--shell --background' -s ask <<-'END'
	! stopped
	! bg
	! stopped
	! fg
	< Sure? [y/N]: 
	> y\r
	< did it
END

talk 0 '--yes' '' --yes -s both <<-'END'
	< [assuming yes]
	< [assuming yes]
	< [assuming yes]
	! end 0
END
talk 205 'no terminal (C-201)' '--in pipe:y\n' -s ask <<-'END'
	< cancelled because it has a prompt and the environment is not a terminal
END

done_testing
