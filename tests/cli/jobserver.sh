#!/bin/sh
# SPDX-License-Identifier: MIT
# P-206: prun below GNU make, another tool's jobserver or cargo takes part in
# it: the jobs of all together stay within one bound, which they count
# themselves, and each token goes back.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'needs python3'

# not by a wrapper of its name, which takes its time
python=$(python3 -c 'import sys; print(sys.executable)')
helper=$abs_srcdir/tests/cli/jobserver.py
export python helper

# The jobs that have run since the last time: "MOST ALL".
counted()
{
	"$python" "$helper" most "$count" 2>&1
}

# What the jobserver has at its end.
tokens()
{
	printf '%s\n' "$err" | sed -n 's/^tokens //p'
}

fresh()
{
	count=$(mktemp -d "$work/count.XXXXXX")
	export count
}

taskfile <<'EOT'
version: '3'
silent: true
tasks:
  six:
    deps: [j1, j2, j3, j4, j5, j6]
  four:
    deps: [j1, j2, j3, j4]
  two:
    deps: [j1, j2]
  j1: '"$python" "$helper" job "$count" "${want-3}"'
  j2: '"$python" "$helper" job "$count" "${want-3}"'
  j3: '"$python" "$helper" job "$count" "${want-3}"'
  j4: '"$python" "$helper" job "$count" "${want-3}"'
  j5: '"$python" "$helper" job "$count" "${want-3}"'
  j6: '"$python" "$helper" job "$count" "${want-3}"'
  make: make -s -f below.mk all
  nested:
    deps: [n1, n2]
  n1: '"$PRUN" -C 9 two'
  n2: '"$PRUN" -C 9 four'
  held:
    deps: [h1, h2, h3]
  h1: echo >>begun; cat never
  h2: echo >>begun; cat never
  h3: echo >>begun; cat never
  bad:
    deps: [b1, b2, b3]
  b1: exit 1
  b2: exit 2
  b3: kill -9 $$
  flags: echo "<$MAKEFLAGS>"
  in: cat
  many:
    slots: 5
    cmds: [echo many]
EOT
cat >below.mk <<'EOT'
all: m1 m2 m3 m4 m5
m1 m2 m3 m4 m5: ; @"$$python" "$$helper" job "$$count" "$${want-3}"
EOT
cat >Makefile <<'EOT'
six: ; +@"$$PRUN" -C 6 six
two: t1 t2 t3
t1: ; +@"$$PRUN" -C 6 six
t2: ; +@"$$PRUN" -C 6 four
t3: ; @"$$python" "$$helper" job "$$count" "$${want-3}"
make: ; +@"$$PRUN" -C 6 make two
nested: ; +@"$$PRUN" -C 6 nested
closed: ; @"$$PRUN" -C 2 flags

EOT

# ---- below GNU make ----

if command -v make >/dev/null && make --version 2>/dev/null | grep -q GNU; then
	fresh
	run timeout 100 make -s -j3 six
	is "$status.$(counted)" '0.3 6' \
	    'P-206: six jobs of a prun in make -j3 run three at a time'
	unlike "$err" INTERNAL 'and make finds all of its tokens'

	fresh
	run timeout 100 make -s -j3 two
	is "$status.$(counted)" '0.3 11' \
	    'two pruns and a job of the same make are three at a time'
	unlike "$err" INTERNAL 'and no token is lost'

	fresh
	run timeout 100 make -s -j3 make
	is "$status.$(counted)" '0.3 7' \
	    'a make in a prun in a make takes of the same tokens'
	unlike "$err" INTERNAL 'and leaves them'

	fresh
	run timeout 100 make -s -j3 nested
	is "$status.$(counted)" '0.3 6' 'a prun in a prun in a make does not double it'
	unlike "$err" INTERNAL 'and loses none'

	fresh
	want=6 run timeout 100 make -s -j1 six
	is "$status.$(counted)" '0.6 6' 'make -j1 has no jobserver: the own bound holds'

	run make -s -j3 closed
	is "$status" 0 'a recipe without + works'
	case $out in
	'<'*'-j3 --jobserver-'*) pass 'what make says stays in the environment' ;;
	*) fail "what make says stays in the environment: $out" ;;
	esac
	said=$(printf '%s\n' "$err" | grep jobserver)
	case $said in
	*'jobserver in MAKEFLAGS is not used: descriptor '*' is closed '*'begins with +'*)
		pass 'that make closed its pipe is said once'
		;;
	'') pass 'this make leaves its jobserver to all recipes' ;;
	*) fail "that make closed its pipe is said once: $said" ;;
	esac
else
	skip 'below GNU make' 'there is none'
fi

# ---- below any jobserver ----

for kind in pipe fifo; do
	fresh
	run timeout 100 "$python" "$helper" serve $kind 3 "$PRUN" -C 6 six
	is "$status.$(counted)" '0.3 6' "$kind: three at a time"
	is "$(tokens)" ab "$kind: the same tokens are back"

	run timeout 100 "$python" "$helper" serve $kind 3 "$PRUN" -C 6 bad
	is "$(tokens)" ab \
	    "$kind: jobs that fail lose none"

	run timeout 100 "$python" "$helper" serve $kind 4 "$PRUN" -C 6 --failfast bad
	is "$(tokens)" abc \
	    "$kind: jobs that are cancelled lose none"

	run timeout 100 "$python" "$helper" serve $kind 2 "$PRUN" -C 6 many
	is "$status.$out.$(tokens)" 0.many.a \
	    "$kind: a task of more slots than there are tokens runs"
done

# h1 to h3 run and wait on a fifo that nobody writes; then a signal comes.
for how in TERM INT HUP USR1 ABRT; do
	rm -f begun never
	mkfifo never
	: >begun
	"$python" "$helper" serve pipe 3 "$PRUN" -C 6 held >o 2>e </dev/null &
	server=$!
	until [ "$(wc -l <begun)" -ge 3 ]; do
		kill -0 $server || break
	done
	target=$(ps -o pid= --ppid $server 2>/dev/null | head -n 1)
	[ -n "$target" ] || target=$(pgrep -P $server | head -n 1)
	# shellcheck disable=SC2086 # without the blanks
	kill -$how $target
	wait $server
	is "$(grep '^tokens' e)" 'tokens ab' "SIG$how: the tokens are back"
done

# ---- what is no jobserver ----

MAKEFLAGS=' -j3 --jobserver-auth=-2,-2' run prun flags
is "$status.$out.$err" '0.< -j3 --jobserver-auth=-2,-2>.' \
    'negative numbers mean none, and that is no news'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun -C 2 flags
is "$status.$err" "0.prun: the jobserver in MAKEFLAGS is not used: descriptor 7\
 is closed (a recipe that starts prun begins with +)" 'closed descriptors'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun flags 7</dev/null 8>file
is "$status.$err" "0.prun: the jobserver in MAKEFLAGS is not used: descriptor 7\
 is no pipe (a recipe that starts prun begins with +)" 'other files'
is "$(cat file)" '' 'are not written'
MAKEFLAGS=' -j3 --jobserver-auth=fifo:/nonexistent/x' run prun flags
is "$status.$err" "0.prun: the jobserver in MAKEFLAGS is not used:\
 /nonexistent/x: no such file or directory" 'a fifo that is not there'
MAKEFLAGS=' -j3 --jobserver-auth=fifo:file' run prun flags
is "$status.$err" "0.prun: the jobserver in MAKEFLAGS is not used: file is no\
 pipe" 'a fifo that is a file'
MAKEFLAGS=' -j3 --jobserver-auth=sem:x' run prun flags
is "$status.$err" "0.prun: the jobserver in MAKEFLAGS is not used: sem:x is no\
 jobserver that is known" 'another system'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun --silent flags
is "$status.$err" 0. 'with --silent nothing is said'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun --compat flags
is "$status.$err" 0. 'nor in compat'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun --dry flags
is "$status.$(printf '%s' "$err" | grep -c jobserver)" 0.0 'nor where nothing runs'
MAKEFLAGS=' -j3 --jobserver-auth=7,8' run prun --list-all
is "$status.$err" 0. 'nor where nothing could'

# ---- beside it nothing changes ----

printf 'a line\n' >lines
# shellcheck disable=SC2016 # $1 is the inner shell's
run "$python" "$helper" serve pipe 2 sh -c 'exec "$PRUN" in <lines'
is "$status.$out" '0.a line' 'stdin is the task'"'"'s'
fresh
want=6 run timeout 100 "$python" "$helper" serve pipe 3 "$PRUN" --compat six
is "$status.$(counted | cut -d' ' -f2).$(tokens)" 0.6.ab 'compat takes no part'

done_testing
