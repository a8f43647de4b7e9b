#!/bin/sh
# SPDX-License-Identifier: MIT
# A system without bash (L-210): what dash can do runs, and what it can't is
# named before anything runs.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

dash=$(command -v dash) || skip_all 'dash is not installed'

mkdir "$work/only"
for program in cat env false git grep head ls mkdir printf rm sed sleep sort \
    touch tr true wc; do
	ln -s "$(command -v $program)" "$work/only/$program"
done
ln -s "$dash" "$work/only/sh"

# prun where there is nothing but dash
only()
{
	run env PATH="$work/only" "$PRUN" "$@"
}

taskfile <<'END'
version: '3'
silent: true
includes: {lib: ./lib}
tasks:
  can:
    vars: {V: {sh: 'printf %s "$(printf var)"'}}
    set: [errexit, nounset]
    status: ['test -n "" && true']
    preconditions: ['[ -n "{{.V}}" ]']
    cmds:
      - 'for i in 1 2; do printf %s "$i"; done; echo'
      - |
        x=a.b.c; echo "${x%.*} ${#x} ${y:-none}"
        case $x in a*) echo "$((1 + 2))" ;; esac
        cat <<-EOF
        [[ is text ]] and so is a=(1 2)
        EOF
      - 'echo ''[[ quoted ]]'' # and {a,b}'
      - 'echo "{{.V}} $(echo nested `echo deep`)" | tr a-z A-Z'
      - {cmd: 'echo "$(echo if)"', if: '[ 1 = 1 ]'}
      - 'echo "${UID} ${EUID} ${GID}" | wc -w'
      - defer: echo "$(echo deferred)"
  first: touch first
  test: {deps: [first], cmds: ['[[ 1 == 1 ]] && touch ran']}
  below: {cmds: [touch before, {task: test}, {task: 'lib:arrays'}]}
  pipefail: {set: [pipefail], cmds: ['false | true', 'echo plain']}
  inline: |
    touch before
    set -euo pipefail
  shopt: {shopt: [globstar], cmds: ['echo $(echo **)']}
  words: touch before && echo {a,b}
  deferred: [touch before, {defer: 'declare x'}]
  string: ['task:first', 'task:inline']
  # what only the run can tell
  maybe: [{cmd: '[[ a ]]', if: '[ -e never ]'}, 'echo "$(echo fine)"']
  windows: [{cmd: '[[ a ]]', platforms: [windows]}, 'echo "$(echo fine)"']
  fresh: {status: ['test -e .'], cmds: ['[[ a ]]']}
  looped: {cmds: [{for: [], cmd: '[[ a ]]'}, 'echo "$(echo fine)"']}
  named: {vars: {T: test}, cmds: [touch before, {task: '{{.T}}'}]}
  text: {vars: {C: '[[ 1 == 1 ]]'}, cmds: [touch before, 'echo a; {{.C}}']}
  variable: {vars: {V: {sh: 'a=(1 2); echo ${a[1]}'}}, cmds: ['echo "<{{.V}}>"']}
  condition: {cmds: [{cmd: echo ran, if: '[[ a == b ]]'}]}
  status: {status: ['[[ a == b ]]'], cmds: [echo ran]}
END
taskfile lib/Taskfile.yml <<'END'
version: '3'
tasks:
  arrays:
    - |
      touch ../before
      list=(a b c)
      echo "${list[1]}"
END

only can
is "$status" 0 'L-210 what dash can do runs'
is "$out" '12
a.b 5 none
3
[[ is text ]] and so is a=(1 2)
[[ quoted ]]
VAR NESTED DEEP
if
3
deferred' 'L-210 as under bash'
run prun can
is "$out" "$(only can; echo "$out")" 'L-210 and the same with bash'

# refused TASK NAME LINE WHAT [FILE]
refused()
{
	rm -f first before ran
	only "$1"
	is "$status" 201 "L-210 $1: refused"
	like "$err" "${4:-Taskfile.yml}:$2: task $3 needs bash" "L-210 $1: with the place"
	is "$(ls -d first before ran 2>/dev/null)" '' "L-210 $1: before anything runs"
}
line()
{
	grep -n "^  $1:" Taskfile.yml | cut -d: -f1
}

refused test "$(line test)" 'test: \[\[ \]\]'
refused below "$(line test)" 'test: \[\[ \]\]'
like "$err" 'lib/Taskfile.yml:6: task lib:arrays: arrays needs bash' \
    'L-210 all of them, in included files as well'
refused pipefail "$(line pipefail)" 'pipefail: set: pipefail'
refused inline "$(($(line inline) + 2))" 'inline: set -o pipefail'
refused shopt "$(line shopt)" 'shopt: shopt: globstar'
refused words "$(line words)" 'words: {a,b}'
refused deferred "$(line deferred)" 'deferred: declare'
refused string "$(($(line inline) + 2))" 'inline: set -o pipefail'
rm -f first before ran

for task in maybe windows fresh looped; do
	only $task
	is "$status" 0 "L-210 $task: what does not run is not refused"
done
only named
is "$status" 201 'L-210 what nobody knew before'
like "$err" '1:1: \[\[ \]\] needs bash' 'L-210 is named when it is about to run'
only text
like "$err" '1:9: \[\[ \]\] needs bash' 'L-210 with its place in the text'
is "$(ls -d ran 2>/dev/null)" '' 'L-210 and does not run'
only variable
isnt "$status" 0 'L-210 a variable'
like "$err" 'arrays needs bash' 'L-210 is no empty text'
only condition
isnt "$status" 0 'L-210 a condition that cannot be asked'
is "$out" '' 'L-210 is not taken for no, nor for yes'
only status
isnt "$status" 0 'L-210 neither is a status'
only --dry test
is "$status" 0 'L-210 a dry run runs nothing'
only --list-all
is "$status" 0 'L-210 nor does a listing'
for task in test inline shopt words; do
	run prun $task
	is "$status" 0 "L-210 $task: with bash it runs"
done

# A shell that has more than dash is not refused what it has.
cat >"$work/more" <<END
#!$dash
case \$2 in *pipefail*) exit 0 ;; esac
exec $dash "\$@"
END
chmod +x "$work/more"
rm "$work/only/sh"
ln -s "$work/more" "$work/only/sh"
only pipefail
unlike "$err" 'needs bash' 'L-210 the shell is asked what it has'
done_testing
