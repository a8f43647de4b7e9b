#!/bin/sh
# SPDX-License-Identifier: MIT
# Snippets that prun runs without a shell (L-210, P-904): the same comes of each
# as of bash, and they are jobs like others.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 compares'
command -v bash >/dev/null || skip_all 'there is no bash'

run python3 "$abs_srcdir/tests/shell/compare.py" "$PRUN" \
    "$abs_srcdir/tests/shell/snippets.txt"
is "$status" 0 'bash and prun come to the same'
[ "$status" -eq 0 ] || note "$(grep -A8 '^not ok' "$work/out")"

cat >Taskfile.yml <<'EOT'
version: '3'
silent: true
tasks:
  order:
    cmds:
      - |
        echo first; seq 1 30000; echo second; sh -c 'echo third'
        echo fourth; seq 1 3; echo last
  ended:
    cmds:
      - cmd: 'echo begun; sleep 60 || echo on; echo more'
        timeout: 200ms
  fifo:
    deps: [fifo-write, fifo-read]
  fifo-write:
    cmds: ['x=1; echo "through" >fifo; echo "written"']
  fifo-read:
    cmds: ['cat <fifo; true']
  tokens:
    cmds: ['true; sh tokens.sh one; echo between; sh tokens.sh two']
EOT

for mode in interleaved group prefixed; do
	"$PRUN" -o "$mode" order | sed 's/^\[order\] //' >"out.$mode"
done
{
	echo first; seq 1 30000; echo second; echo third; echo fourth; seq 1 3
	echo last
} >want
cmp -s want out.interleaved && cmp -s want out.group && cmp -s want out.prefixed
ok $? 'what builtins print has its place among what programs print'

run "$PRUN" ended
is "$status $out" '208 begun' 'behind a timeout no command runs'

mkfifo fifo
run timeout 20 "$PRUN" -o interleaved fifo
is "$status $(echo "$out" | sort | tr '\n' ' ')" '0 through written ' \
    'the other end of a pipe is waited for by a process'

cat >tokens.sh <<'EOT'
auth=${MAKEFLAGS##*--jobserver-auth=}
auth=${auth%% *}
[ -e "/dev/fd/${auth%,*}" ] && [ -e "/dev/fd/${auth#*,}" ] && echo "$1 has them"
EOT
printf '[run]\njobserver = pipe\n' >prun.ini
run "$PRUN" tokens
is "$status $(echo "$out" | tr '\n' ' ')" '0 one has them between two has them ' \
    'each program has the tokens of the job'
rm prun.ini

run "$PRUN" -x ended
"$PRUN" --features | grep -q '^fast_shell  *on  *1 command that needed no bash$'
ok $? 'what runs step by step is counted'
done_testing
