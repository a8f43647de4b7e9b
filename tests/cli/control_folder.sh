#!/bin/sh
# SPDX-License-Identifier: MIT
# P-901: the folder of a run's socket and links is this user's alone, whatever
# lies in its place; and nobody else is listened to, or talked to.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<'EOT'
version: '3'
vars: {TOKEN: {value: hunter2-between-runs, secret: true}}
tasks:
  where: {cmds: ['echo "${PRUN_CONTROL%/*}"; ls -ld "${PRUN_CONTROL%/*}" | cut -c1-10; task:called; "$PRUN" -s called']}
  called: {cmds: ['echo called']}
EOT
# whole NAME: it works, in a folder of its own
whole()
{
	run prun -s where
	is "$status $(echo "$out" | tail -n +2 | tr '\n' ' ')" \
	    '0 drwx------ called called ' "P-901 $1: the run is whole"
	folder=${out%%
*}
	[ -n "$folder" ] && [ ! -e "$folder" ]
	ok $? 'and its folder is gone with it'
}

whole 'a folder that is fit'
like "$folder" "$XDG_RUNTIME_DIR/prun/" 'it lies there'

mkdir "$work/other"
rm -rf "$XDG_RUNTIME_DIR/prun"
ln -s "$work/other" "$XDG_RUNTIME_DIR/prun"
whole 'a link in its place'
unlike "$folder" "$XDG_RUNTIME_DIR" 'it lies elsewhere'
is "$(ls "$work/other")" '' 'nothing was made through the link'
rm "$XDG_RUNTIME_DIR/prun"
echo kept >"$XDG_RUNTIME_DIR/prun"
whole 'a file in its place'
is_file "$XDG_RUNTIME_DIR/prun" kept 'the file is as it was'
rm "$XDG_RUNTIME_DIR/prun"
mkdir -m 777 "$XDG_RUNTIME_DIR/prun"
chmod 777 "$XDG_RUNTIME_DIR/prun"
whole 'a folder that others can enter'
unlike "$folder" "$XDG_RUNTIME_DIR" 'it lies elsewhere'
rmdir "$XDG_RUNTIME_DIR/prun"
chmod 777 "$XDG_RUNTIME_DIR"
whole 'a folder whose names others can change'
unlike "$folder" "$XDG_RUNTIME_DIR" 'it lies elsewhere'
chmod 700 "$XDG_RUNTIME_DIR"
long=$work/$(printf '%0120d' 0)
mkdir -m 700 "$long"
XDG_RUNTIME_DIR=$long
whole 'a path that is too long for sockets'
is "$(ls "$long/prun" 2>/dev/null)" '' 'nothing is left there'
XDG_RUNTIME_DIR=relative
whole 'a path that is not absolute'
XDG_RUNTIME_DIR=/nowhere/at/all
whole 'a path that is not there'
XDG_RUNTIME_DIR=$work/runtime
TMPDIR=$work/$(printf '%0200d' 0)
mkdir "$TMPDIR"
whole 'a temporary folder with a long name'
TMPDIR=$work/tmp

# ---- other users ----

other_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
python=
for p in /usr/bin/python3 /usr/local/bin/python3; do
	# shellcheck disable=SC2086 # they are words
	[ -n "$python" ] || ! $other_user $p -c '' 2>/dev/null || python=$p
done
if [ -z "$python" ]; then
	skip 'P-901 what belongs to another user, and who connects' \
	    'not root, or no setpriv, or no python3 for others'
	done_testing
	exit 0
fi
mkdir -m 700 "$work/theirs"
chown 65534 "$work/theirs"
XDG_RUNTIME_DIR=$work/theirs
whole 'a folder of another user'
is "$(ls "$work/theirs")" '' 'nothing was made there'
XDG_RUNTIME_DIR=$work/runtime
mkdir "$XDG_RUNTIME_DIR/prun"
chown 65534 "$XDG_RUNTIME_DIR/prun"
whole "another user's folder in its place"
is "$(ls "$XDG_RUNTIME_DIR/prun")" '' 'nothing was made there'
rm -rf "$XDG_RUNTIME_DIR/prun"

# somebody else comes to the socket: the folder is opened for the test alone
chmod 755 "$work" "$work/runtime" "$work/t"
mkfifo "$work/ready" "$work/go"
export work
cat >open.yml <<'EOT'
version: '3'
vars: {TOKEN: {value: hunter2-between-runs, secret: true}}
tasks:
  waits: {cmds: ['echo "$PRUN_CONTROL" >"$work/ready"; read -r x <"$work/go"; task:called']}
  called: {cmds: ['echo called']}
EOT
"$PRUN" -s -t open.yml waits >"$work/said" 2>&1 &
pid=$!
control=$(timeout 30 cat "$work/ready")
chmod 755 "$work/runtime/prun" "${control%/*}"
chmod 777 "$control"
cat >"$work/stranger.py" <<'EOT'
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect(sys.argv[1])
body = b"R4\0\0stranger\0"
try:
    s.sendall(struct.pack("<I", len(body)) + body)
    print("heard", s.recv(1000))
except (BrokenPipeError, ConnectionResetError):
    print("heard", b"")
EOT
run $other_user $python "$work/stranger.py" "$control"
is "$out" "heard b''" 'P-901 another user who connects is told nothing'
run $python "$work/stranger.py" "$control"
like "$out" 'hunter2' 'this one is'
echo >"$work/go"
wait $pid
is "$? $(cat "$work/said")" '0 called' 'the run goes on'

# somebody else listens where a run is said to be
cat >"$work/listener.py" <<'EOT'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
s.listen(5)
with open(sys.argv[2], "w") as f:
    f.write("there\n")
s.settimeout(30)
heard = b""
while b"end" not in heard:
    c, _ = s.accept()
    c.settimeout(30)
    part = c.recv(1000)
    print(part, flush=True)
    heard += part
EOT
chmod 777 "$work/theirs" "$work/ready"
$other_user $python "$work/listener.py" "$work/theirs/control" "$work/ready" >"$work/heard" 2>&1 &
pid=$!
at_exit="kill $pid 2>/dev/null"
timeout 30 cat "$work/ready" >/dev/null
PRUN_CONTROL=$work/theirs/control PRUN_JOB=1-2 PRUN_LEVEL=1 run timeout 60 "$PRUN" -s called
is "$status $out" '0 called' "P-901 another user's socket: the run is its own"
$python -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"end")' "$work/theirs/control"
wait $pid
is "$(tr -d '\n' <"$work/heard")" "b''b'end'" 'and has told it nothing'
at_exit=:

done_testing
