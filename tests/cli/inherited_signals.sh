#!/bin/sh
# SPDX-License-Identifier: MIT
# What the program that starts prun did to signals: SIGCHLD ignored (Python's
# signal.signal, `trap '' CHLD`) or signals blocked must neither hide the status
# of a command (P-708, D-5) nor make prun deaf; what jobs see is what prun was
# given.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
command -v python3 >/dev/null || skip_all 'there is no python3'

cat >"$work/start.py" <<'EOF'
# start.py ignore:SIG… | block:SIG… -- COMMAND…: runs it so, at most 30 s
import os, signal, subprocess, sys
cut = sys.argv.index('--')
def prepare():
    for word in sys.argv[1:cut]:
        what, name = word.split(':')
        sig = getattr(signal, name)
        if what == 'ignore':
            signal.signal(sig, signal.SIG_IGN)
        else:
            signal.pthread_sigmask(signal.SIG_BLOCK, [sig])
child = subprocess.Popen(sys.argv[cut + 1:], preexec_fn=prepare,
                         restore_signals=False)
if os.environ.get('END_WITH'):
    open('started').read()
    child.send_signal(getattr(signal, os.environ['END_WITH']))
try:
    sys.exit(child.wait(30) % 256)
except subprocess.TimeoutExpired:
    child.kill()
    sys.exit(99)
EOF

# so WORD… TASK: prun TASK under these signals
so()
{
	python3 "$work/start.py" "$@"
}

taskfile <<-'EOF'
version: '3'
tasks:
  good: 'true'
  plain: /bin/false
  script: 'x=1; [ $x = 2 ]'
  guarded:
    preconditions: ['[ -e nothing ]']
    cmds: [echo ran]
  asked:
    if: /bin/false
    cmds: [echo ran]
  checked:
    status: [/bin/false]
    cmds: [echo ran]
  variable:
    vars: {X: {sh: 'exit 3'}}
    cmds: ['echo {{.X}}']
  hang: 'echo >started; exec sleep 100'
  sees:
    cmds: ["grep -E '^Sig(Blk|Ign)' /proc/self/status"]
EOF

for how in ignore block; do
	for task in plain script guarded; do
		run so $how:SIGCHLD -- "$PRUN" $task
		is "$status" 201 "SIGCHLD $how: $task fails as it should"
	done
	run so $how:SIGCHLD -- "$PRUN" variable
	is "$status" 1 "SIGCHLD $how: a variable whose command fails is no value"
	run so $how:SIGCHLD -- "$PRUN" good
	is "$status" 0 "SIGCHLD $how: what passes passes"
	run so $how:SIGCHLD -- "$PRUN" -s checked
	is "$status:$out" 0:ran "SIGCHLD $how: a status that says no is heard"
	run so $how:SIGCHLD -- "$PRUN" -s asked
	is "$status:$out" 0: "SIGCHLD $how: an if that says no is heard"
	for sig in SIGTERM SIGINT SIGHUP; do
		rm -f started
		mkfifo started
		END_WITH=$sig run so $how:SIGCHLD -- "$PRUN" hang
		case $sig in
		SIGTERM) want=143 ;;
		SIGINT) want=130 ;;
		SIGHUP) want=129 ;;
		esac
		is "$status" $want "SIGCHLD $how: $sig ends the run"
	done
done
rm -f started
mkfifo started
END_WITH=SIGTERM run so block:SIGTERM -- "$PRUN" hang
is "$status" 143 'a SIGTERM that was blocked ends the run'

if [ -r /proc/self/status ]; then
	run so block:SIGUSR2 -- "$PRUN" -s sees
	like "$(echo "$out" | head -n 1)" 'SigBlk:*[89abcdef]??' 'jobs have the mask that prun was given'
	run so ignore:SIGHUP -- "$PRUN" -s sees
	like "$out" 'SigIgn:*[13579bdf]' 'a SIGHUP that was ignored stays so for jobs'
	run so ignore:SIGCHLD block:SIGCHLD -- "$PRUN" -s sees
	like "$out" 'SigIgn:*[02468ace]????' 'SIGCHLD is at its default in jobs'
fi

# Git's own programs are waited for as well: nothing is pushed that failed.
start_repo
add_remote
cat >Taskfile.yml <<-'EOF'
version: '3'
tasks:
  check: /bin/false
EOF
commit_all
run so ignore:SIGCHLD -- "$PRUN" --push check -- origin HEAD
[ "$status" -ne 0 ]
ok $? 'SIGCHLD ignored: a push whose check fails is refused'
is "$(git -C "$work/t/o.git" for-each-ref)" '' 'and nothing arrives'

done_testing
