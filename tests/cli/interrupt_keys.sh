#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh; jobs' own variables
# D-5: ^C and ^\ at a terminal, whatever prun does at that moment.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_talk.sh"

taskfile <<-'END'
version: '3'
tasks:
  all: {deps: [one, two]}
  one: [{defer: echo cleaned >> log}, 'echo $$ > one; exec sleep 100']
  two: 'sleep 100 & echo $! > two; wait'
  deaf: "trap '' INT QUIT TERM; echo $$ > deaf; while :; do sleep 0.1; done"
  many:
    - defer: echo cleaned >> log
    - for: {var: LINES}
      cmd: echo {{.ITEM}} {{.LONG}}
END
cat >>Taskfile.yml <<-'END'
  commits: {commit: true, cmds: [echo new >> tracked]}
vars:
  LINES: '{{range $i, $_ := until 4000}}{{$i}} {{end}}'
  LONG: '{{range $i, $_ := until 30}}0123456789{{end}}'
END

# ^\ is a signal as ^C is: it ended prun, and left the rest.
for mode in '' '-o group' '--compat'; do
	rm -f one two log
	# shellcheck disable=SC2086 # an option and its word
	talk 131 "^\\ $mode" '' -s $mode -C 4 all <<-'END'
		! file one
		! file two
		> \x1c
		< Signal received: "quit"
		! gone one
		! gone two
	END
	is_file log cleaned "^\\ $mode: deferred commands run"
done
rm -f one two log
talk 131 '^\ from outside' '--in null --out file:out --err file:err' \
    -C 4 all <<-'END'
	! file one
	! file two
	! signal QUIT program
	! gone one
	! gone two
END
is_file log cleaned '^\ from outside: deferred commands run'
rm -f deaf
talk 131 'the third ^\ kills' '' -s deaf <<-'END'
	! file deaf
	> \x1c
	< Signal received: "quit"
	> \x1c
	< Signal received: "quit"
	> \x1c
	< Signal received for the third time: "quit"
	! gone deaf
END

# Nothing here is a process: prun still hears, defers run, the end is told.
cat >many.py <<'END'
import os, signal, subprocess, sys
# What prun prints is read no further until the signal was sent, so that it
# cannot be at its end.
sig = getattr(signal, sys.argv[1])
p = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE,
                     stderr=subprocess.STDOUT)
out = os.read(p.stdout.fileno(), 100)
p.send_signal(sig)
out += p.stdout.read()
print(out[-400:].decode())
print("ended", p.wait())
END
for sig in INT:130 TERM:143 HUP:129 QUIT:131; do
	for mode in interleaved prefixed; do
		rm -f log
		run python3 many.py "SIG${sig%:*}" "$PRUN" -s -o $mode many
		like "$out" "ended ${sig#*:}" \
		    "$sig: a run without processes ($mode)"
		is_file log cleaned "$sig: its deferred commands run ($mode)"
		unlike "$out" 'ended 0' "$sig: and it is no success ($mode)"
	done
done

# A hook of git that hears nothing does not hold the third ^C.
git_repo "$work/t/repo"
cd "$work/t/repo" || bail_out 'no folder'
git config user.name n
git config user.email e@example.org
echo old >tracked
taskfile <<-'END'
version: '3'
tasks:
  commits: {commit: true, cmds: [echo new >> tracked]}
END
git add tracked Taskfile.yml
git commit -q -m first
mkdir -p .git/hooks
cat >.git/hooks/pre-commit <<END
#!/bin/sh
trap '' INT TERM QUIT
echo \$\$ >"$work/hook"
while :; do sleep 0.1; done
END
chmod +x .git/hooks/pre-commit
talk 130 'a hook of the commit that hears nothing' '' commits <<END
! file $work/hook
! signal INT program
! signal INT program
! signal INT program
! gone $work/hook
END
is "$(git log --format=%s)" first 'and there is no commit'
done_testing
