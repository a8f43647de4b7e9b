#!/bin/sh
# SPDX-License-Identifier: MIT
# A locale that is not installed: bash's warning is no output of a command
# (L-210), which sees what the user has set.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v bash >/dev/null || skip_all 'bash is not installed'

taskfile <<'END'
version: '3'
silent: true
vars: {G: {sh: 'printf %s "$(printf global)"'}}
tasks:
  plain: printf '%s\n' hello
  script: |
    x=hello
    echo "$x"
  value: |
    printf '%s\n' "$LC_ALL"
    env | grep ^LC_ALL=
  line: |
    true
    nonsense_of_a_command || echo gone
  many:
    vars: {V: {sh: 'printf %s "$(echo var)"'}}
    status: ['[[ -n {{.V}} ]] && false']
    preconditions: ['[[ -n {{.V}} ]]']
    cmds:
      - {cmd: 'echo "$(echo {{.V}} {{.G}})"', if: '[[ -n {{.V}} ]]'}
      - defer: echo "$(echo deferred)"
      - |
        task:script
        task script
  file: ./without-shebang 'a b' c
  traced: {set: [xtrace], cmds: ['echo $((1 + 1))']}
  long: 'x={{repeat 200000 "y"}}; echo ${#x}'
  syntax: |
    echo never
    fi
  strict: {set: [nounset, errexit], cmds: ['echo "$(echo strict)"']}
  env:
    env: {LC_ALL: qq_QQ.UTF-8}
    cmds: ['echo "$(echo $LC_ALL)"']
  own: |
    LC_ALL=C bash -c 'echo own'
END
cat >without-shebang <<'END'
printf '%s\n' "$0" "$1" "$#" "$LC_ALL"
exit 3
END
chmod +x without-shebang

# What the system's bash itself does; of one that does not warn all holds.
bad=xx_YY.UTF-8
note "$(LC_ALL=$bad bash -c true 2>&1)"

# shellcheck disable=SC2016 # it is a name
for bad in xx_YY.UTF-8 'not a locale' "it's" '$(echo x)' '*' "a
b"; do
	LC_ALL=$bad
	export LC_ALL
	run prun script
	is "$out" hello "L-210 $bad: the script runs"
	is "$err" '' "L-210 $bad: without a word of the shell"
	run prun value
	is "$out" "$bad
LC_ALL=$(printf %s "$bad" | head -n 1)" "L-210 $bad: it has the user's value, and its programs"
done

LC_ALL=xx_YY.UTF-8
run prun plain
is "$out$err" hello 'L-210 a command without a shell'
run prun many
is "$out" 'var global
hello
hello
deferred' 'L-210 variables, conditions, links, a run inside, defer'
is "$(printf '%s\n' "$err" | grep -c locale)" 0 'L-210 none of them warns'
run prun file
is "$out" './without-shebang
a b
2
xx_YY.UTF-8' 'L-220 a file without shebang has its name, words and locale'
unlike "$err" setlocale 'L-220 and no warning'
is "$status" 201 'L-220 its status counts'
run prun traced
unlike "$err" LC_ALL 'L-212 a trace does not show what prun puts in front'
like "$err" '+ echo 2' 'L-212 but the commands'
run prun long
is "$out" 200000 'L-210 a text that is no argument'
is "$err" '' 'L-210 is as quiet'
run prun syntax
is "$out" '' 'L-218 a mistake is found before anything runs'
like "$err" '2:1: syntax error' 'L-218 at its place'
run prun strict
is "$out$err" strict 'L-212 with options'
run prun -o group script
is "$out" hello 'L-210 in a block'
run prun line
like "$err" 'line 2: nonsense_of_a_command' 'L-210 lines are counted as before'
run prun own
is "$out" own 'L-210 a shell of the command has what it is given'

unset LC_ALL
run prun env
is "$out" qq_QQ.UTF-8 'L-210 a locale of the Taskfile'
is "$err" '' 'L-210 is as quiet'
run prun --list-all --json
is "$err" '' 'L-210 and so are listings'
LC_ALL=xx_YY.UTF-8
export LC_ALL
run prun --list-all --json
is "$err" '' 'L-210 which ask a shell'
done_testing
