#!/bin/sh
# SPDX-License-Identifier: MIT
# P-501: the status block of a terminal; more of it in status_block.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

python3 -c 'import pty' 2>/dev/null || skip_all 'no python3 with pty'

taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [a, b]}
  a: [echo one, read -r word < gate]
  b: [echo two, sleep 0.3]
  wait: {deps: [c, d]}
  c: echo one; sleep 0.5
  d: echo two; sleep 0.5
EOF
cat >watch.py <<'EOF'
import fcntl, os, pty, select, struct, sys, termios, time
# Runs the command on a terminal until it has shown `word`, then opens the gate.
word, argv = sys.argv[1].encode(), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    columns = int(os.environ.get("WIDTH", "80"))
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execv(argv[0], argv)
seen, gate, end = b"", None, time.monotonic() + 30
while time.monotonic() < end:
    if select.select([fd], [], [], 0.2)[0]:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    if word in seen and "SEND" in os.environ and gate is None:
        gate = os.write(fd, os.environ["SEND"].encode())
    elif word in seen and gate is None:
        gate = os.open("gate", os.O_RDWR)
        os.write(gate, b"go\n")
if "SEND" in os.environ:
    echo = termios.tcgetattr(fd)[3] & termios.ECHO
    _, status = os.waitpid(pid, 0)
    seen += b"\nended %d, echo %s\n" % (
        os.waitstatus_to_exitcode(status), b"on" if echo else b"off")
sys.stdout.buffer.write(seen)
EOF
mkfifo gate
unset NO_COLOR
TERM=xterm
run timeout 60 python3 watch.py '1/3 done' "$PRUN" -C 2 all
like "$out" 'prun: 1/3 done' 'what is done of what is known'
like "$out" '  a *ms' 'a running call with its time'
esc=$(printf '\033')
like "$out" "${esc}8*${esc}\[J" 'it is erased'
unlike "$(echo "$out" | tail -n 4)" 'done' 'and gone at the end'

# a signal
taskfile long.yml <<-'END'
version: '3'
tasks:
  all: {deps: [x, y]}
  x: sleep 20
  y: sleep 20
END
run timeout 60 env SEND="$(printf '\003')" python3 watch.py '0/3 done' \
    "$PRUN" -t long.yml -C 2 all
like "$out" "0/3 done*${esc}\[J*Signal received" 'gone on ^C, before all that is said then'
unlike "${out##*Signal received}" '0/3 done' 'and does not come back'
like "$out" 'ended 130, echo on' 'the terminal is as it was'

# names that a terminal would break
taskfile odd.yml <<-'END'
version: '3'
tasks:
  all: {deps: [x, y]}
  x: {label: "new\nline", cmds: [sleep 0.4]}
  y: {label: 番組番組番組番組番組番組番組番組番組番組番組番組, cmds: [sleep 0.4]}
END
run timeout 60 env WIDTH=30 python3 watch.py none "$PRUN" -t odd.yml -C 2 all
like "$out" '  new?line ' 'a line break in a name breaks no row'
like "$out" "  番組番組番組番組番組番組番${esc}\[K" 'wide letters do not wrap'

# the history tells how long: two of 2 s on two slots
taskfile timed.yml <<-'END'
version: '3'
tasks:
  all: {deps: [x, y]}
  x: sleep {{.N}}
  y: sleep {{.N}}
END
rm -rf "$XDG_STATE_HOME"
NO_COLOR=1 prun -t timed.yml all N=2 >/dev/null 2>&1
cp -R "$XDG_STATE_HOME" known
run timeout 60 python3 watch.py none "$PRUN" -t timed.yml -C 2 all N=0.3
like "$out" 'prun: 0/3 done, about 2s left' 'time left, over the slots'
rm -rf "$XDG_STATE_HOME"
mv known "$XDG_STATE_HOME"
run timeout 60 python3 watch.py none "$PRUN" -t timed.yml -C 1 all N=0.3
like "$out" 'prun: 0/3 done, about 4s left' 'time left, one by one'

# off NAME COMMAND…
off()
{
	name=$1
	shift
	run timeout 60 python3 watch.py none "$@"
	unlike "$out" '/3 done' "off: $name"
}
off --no-progress "$PRUN" -C 2 --no-progress wait
off --silent "$PRUN" -C 2 -s wait
off NO_COLOR /usr/bin/env NO_COLOR=1 "$PRUN" -C 2 wait
off TERM=dumb /usr/bin/env TERM=dumb "$PRUN" -C 2 wait
off CI=true /usr/bin/env CI=true "$PRUN" -C 2 wait
off compat "$PRUN" --compat -C 2 wait
run prun -C 2 wait
unlike "$out$err" '/3 done' 'off: no terminal'
printf '[output]\nprogress = off\n' >prun.ini
off prun.ini "$PRUN" -C 2 wait

# the terminal is told only where the user wants it
taskfile told.yml <<'END'
version: '3'
tasks:
  good: {deps: [x, y]}
  bad: {deps: [x, fails]}
  x: echo one
  y: echo two
  fails: exit 3
  long: {deps: [x, z]}
  z: sleep 20
END
told="${esc}]9;"
bell=$(printf '\007')
run timeout 60 python3 watch.py none "$PRUN" -t told.yml good
unlike "$out" "$told" 'P-505: off by default'
echo 'notify = on' >>prun.ini
run timeout 60 python3 watch.py none "$PRUN" -t told.yml -C 1 good
like "$out" "${told}4;1;33$bell*${told}4;1;66$bell*${told}4;1;100$bell" \
    'P-505: the terminal is told how far the run is'
like "$out" "${told}4;0;0$bell${told}prun: 3 calls done in *s$bell" \
    'P-505: and of its end'
run timeout 60 python3 watch.py none "$PRUN" -t told.yml -C 1 bad
like "$out" "${told}4;2;*${told}prun: 1 of 3 calls failed in" \
    'P-505: a failure is another state'
run timeout 60 env SEND="$(printf '\003')" python3 watch.py '9;4;1;33' \
    "$PRUN" -t told.yml -C 2 long
like "$out" "${told}4;0;0$bell*ended 130" 'P-505: and is gone after ^C'
run prun -t told.yml good
unlike "$out$err" "$told" 'P-505: no terminal, nothing to tell'
run timeout 60 python3 watch.py none "$PRUN" --compat -t told.yml good
unlike "$out" "$told" 'P-505: not in compat'

done_testing
