#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# P-402, P-501: where the status block is drawn, where not, and what it leaves
# alone.  status_block.py says what happens.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
python3 -c 'import pty' 2>/dev/null || skip_all 'no python3 with pty'

cat >wait_on <<'END'
#!/bin/sh
until [ -e "$1" ]; do sleep 0.05; done
END
chmod +x wait_on
taskfile <<-'END'
version: '3'
tasks:
  two: {deps: [one, other]}
  one: ./wait_on go
  other: ./wait_on go
  asks: {deps: [password, neighbour]}
  password: |
    ./wait_on shown & printf 'first line\n' > /dev/tty; wait
    printf 'Password: ' > /dev/tty
    stty -echo < /dev/tty
    ./wait_on typed
    stty echo < /dev/tty
  neighbour: ./wait_on more; echo neighbour
  lines: {deps: [one, tty]}
  tty: |
    ./wait_on shown
    for i in 1 2 3 4 5 6; do printf "line $i\n" > /dev/tty; done
    ./wait_on seen
    : > go
  beside: {deps: [one, menu]}
  menu:
    interactive: true
    cmds:
      - |
        ./wait_on shown
        printf 'menu 1\nmenu 2\nmenu 3\nchoose: '
        ./wait_on chosen
        : > go
END
unset NO_COLOR
TERM=xterm
PYTHONDONTWRITEBYTECODE=1
export TERM PYTHONDONTWRITEBYTECODE
PYTHONPATH=$abs_srcdir/tests/cli exec timeout 300 \
    python3 "$abs_srcdir/tests/cli/status_block.py"
