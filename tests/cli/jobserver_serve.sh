#!/bin/sh
# SPDX-License-Identifier: MIT
# P-206: what commands start themselves (make, ninja, cargo) takes its jobs from
# prun's free slots, stays within the bound, and loses no token however it ends.
# JOBSERVER_KILLS=200: how many commands are killed while they hold some.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'needs python3'

# not by a wrapper of its name, which takes its time
python=$(python3 -c 'import sys; print(sys.executable)')
helper=$abs_srcdir/tests/cli/jobserver.py
kills=$(seq -s ' ' "${JOBSERVER_KILLS:-20}")
export python helper kills

# The jobs that have run since the last time: "MOST ALL".
counted()
{
	"$python" "$helper" most "$count" 2>&1
}

fresh()
{
	count=$(mktemp -d "$work/count.XXXXXX")
	export count
}

ini()
{
	printf '[run]\njobserver = %s\n' "$1" >prun.ini
}

taskfile <<'EOT'
version: '3'
silent: true
tasks:
  make: make -s -f below.mk five
  both: {deps: [make, b, fake]}
  fake: '"$python" "$helper" fake 4 1 "$count"'
  five: '"$python" "$helper" fake 5 3 "$count"'
  b: '"$python" "$helper" job "$count" 1'
  nest: make -s -f below.mk nest
  two: {deps: [b, c]}
  c: '"$python" "$helper" job "$count" 1'
  flags: echo "<$MAKEFLAGS>"
  asks:
    vars: {SEEN: {sh: 'echo "<$MAKEFLAGS>"'}}
    cmds: ['echo "{{.SEEN}}"']
  own:
    env: {MAKEFLAGS: kw}
    cmds: ['echo "<$MAKEFLAGS>"']
  talk: {interactive: true, cmds: ['echo "<$MAKEFLAGS>"']}
  low: |
    for fd in 3 4 5 6 7 8 9; do
    	if [ -e /dev/fd/$fd ]; then ls -l /dev/fd/$fd; fi
    done
  killed:
    cmds:
      - for: {var: kills}
        cmd: '"$python" "$helper" take 2 sh -c "kill -9 \$PPID"'
        ignore_error: true
      - '"$python" "$helper" take 2 echo all there'
  rogue:
    cmds:
      - '"$python" "$helper" spill 5'
      - '"$python" "$helper" fake 5 3 "$count"'
  wide: {slots: 3, cmds: ['"$python" "$helper" take 2 echo two of its own']}
  beside: {deps: [wide, b, c]}
  in: cat
  hog: |
    "$python" "$helper" take 2 sh -c 'echo >taken; cat go'
  free:
    deps: [hog, late]
  late: |
    cat taken
    exec "$python" "$helper" job "$count" 1 sh -c 'echo >go'
EOT
cat >below.mk <<'EOT'
five: m1 m2 m3 m4 m5
m1 m2 m3 m4 m5: ; @"$$python" "$$helper" job "$$count" "$${want-3}"
nest: n1 n2 n3
n1 n2: ; +@"$$PRUN" -C 9 two
n3: ; @"$$python" "$$helper" job "$$count" 1
EOT

# ---- kinds ----

run prun -C 3 flags
is "$out" '<>' 'P-206: off is the default'
ini off
run prun -C 3 flags
is "$out" '<>' 'off'
ini pipe
run prun -C 3 flags
like "$out" '< -j3 --jobserver-auth=[1-9][0-9],[1-9][0-9]>' 'pipe: two numbers from 10 on'
is "$(printf '%s' "$err" | grep -c jobserver)" 0 'nothing is said of it'
ini fifo
run prun -C 3 flags
like "$out" '< -j3 --jobserver-auth=fifo:/*>' 'fifo: a path'
is "$(find "$XDG_RUNTIME_DIR" -name '*jobs*')" '' 'is gone at the end'
ini maybe
run prun flags
like "$err" 'prun.ini:2: not a known value: "maybe"' 'another word is an error'

# auto asks the make that commands would find.
mkdir "$work/bin" "$work/none"
for tool in sh bash echo cat env dash; do
	ln -s "$(command -v $tool || command -v sh)" "$work/none/$tool"
done
make_of()
{
	printf '#!/bin/sh\necho "%s"\necho >>"%s/asked"\n' "$1" "$work" >"$work/bin/make"
	chmod +x "$work/bin/make"
}
ini auto
for version in 3.82 4.3 4.4 4.4.1 4.10 5.0; do
	make_of "GNU Make $version"
	PATH=$work/bin:$PATH run prun -C 3 flags
	case $version in
	3.* | 4.3) like "$out" '-auth=[1-9]' "auto: a pipe for GNU Make $version" ;;
	*) like "$out" '-auth=fifo:' "auto: a fifo for GNU Make $version" ;;
	esac
done
make_of 'bmake'
PATH=$work/bin:$PATH run prun -C 3 flags
like "$out" '-auth=[1-9]' 'auto: a pipe for what is no GNU make'
rm -f "$work/asked"
PATH=$work/bin:$PATH run prun -C 3 flags own
is "$(wc -l <"$work/asked" | tr -d ' ')" 1 'it is asked once'
rm -f "$work/asked"
PATH=$work/bin:$PATH run prun --list-all
is "$(test -e "$work/asked" && echo asked)" '' 'and only where it is needed'
PATH=$work/none run "$PRUN" -C 3 flags
like "$out" '-auth=fifo:' 'auto: a fifo where there is no make'

# ---- what commands see ----

ini pipe
MAKEFLAGS=k run prun -C 3 flags
like "$out" '<k -j3 --jobserver-auth=[1-9]*>' 'what the user had in MAKEFLAGS stays'
run prun -C 3 own
like "$out" '<kw -j3 --jobserver-auth=[1-9]*>' 'what the task has stays'
MAKEFLAGS='k -j2 --jobserver-auth=7,8 -- A=b' run prun -C 3 flags
like "$out" '<k -j2 -j3 --jobserver-auth=[1-9]* -- A=b>' 'one that cannot be used does not'
run prun -C 3 asks
like "$out" '< -j3 --jobserver-auth=[1-9]*>' 'a variable has one as well'
run prun -C 3 talk
is "$out" '<>' 'an interactive task has none'
MAKEFLAGS='k -j2 --jobserver-auth=7,8' run prun --silent -C 3 talk
is "$out" '<k -j2>' 'nor that of others'
run prun -C 0 flags
is "$out" '<>' 'without a bound there is none'
run prun --compat -C 3 flags
is "$out" '<>' 'in compat there is none'
run prun -C 3 low 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
is "$status.$out" 0. 'the descriptors 3 to 9 are free'
printf 'a line\n' >lines
status=0
out=$("$PRUN" -C 3 in <lines 2>"$work/err") || status=$?
is "$status.$out" '0.a line' "stdin is the task's"
rm -rf "${XDG_RUNTIME_DIR:?}/prun"
run prun --dry -C 3 make
is "$status.$(ls -A "$XDG_RUNTIME_DIR")" 0. 'with --dry nothing is made'

# ---- within the bound ----

for kind in pipe fifo; do
	ini $kind
	fresh
	run timeout 100 "$PRUN" -C 3 five
	is "$status.$(counted)" '0.3 5' "$kind: a command has all slots that are free"
	fresh
	run timeout 100 "$PRUN" -C 3 killed
	is "$status.$out" '0.all there' "$kind: killed commands lose no token"
	fresh
	run timeout 100 "$PRUN" -C 3 rogue
	is "$status.$(counted)" '0.3 5' "$kind: tokens that nobody gave are not used"
	is "$(printf '%s\n' "$err" | grep jobserver)" "prun: rogue left 5 more\
 tokens in its jobserver than it was given; they are thrown away" "$kind: and named"
	fresh
	run timeout 100 "$PRUN" -C 3 beside
	is "$status.$out" '0.two of its own' "$kind: slots of a task are its tokens"
	fresh
	rm -f taken go
	mkfifo taken go
	run timeout 100 "$PRUN" -C 4 free
	is "$status.$(counted)" '0.1 1' \
	    "$kind: a command that holds tokens and waits does not stop the others"
done

if command -v make >/dev/null && make --version 2>/dev/null | grep -q GNU; then
	ini auto
	fresh
	run timeout 100 "$PRUN" -C 3 make
	is "$status.$(counted)" '0.3 5' 'a plain make runs side by side'
	unlike "$err" 'INTERNAL' 'and finds its tokens'
	fresh
	want=1 run timeout 100 "$PRUN" -C 3 both
	is "$status.$(counted | sed 's/^[1-3] /1-3 /')" '0.1-3 10' \
	    'a make, a job and another tool side by side are within the bound'
	fresh
	run timeout 100 "$PRUN" -C 3 nest
	is "$status.$(counted | sed 's/^[1-3] /1-3 /')" '0.1-3 5' \
	    'and pruns in a make in a prun'
	unlike "$err" 'INTERNAL' 'and no token is lost'
	ini off
	fresh
	want=1 run timeout 100 "$PRUN" -C 3 make
	is "$status.$(counted)" '0.1 5' 'with off a plain make is serial'
else
	skip 'below prun' 'there is no GNU make'
fi

# ---- ninja and cargo, where they are ----

at_least()
{
	"$python" -c 'import sys
have, want = (tuple(map(int, v.split(".")[:2])) for v in sys.argv[1:3])
sys.exit(have < want)' "$1" "$2"
}

ninja=${TEST_NINJA-ninja}
if version=$($ninja --version 2>/dev/null) && at_least "$version" 1.13; then
	{
		printf 'rule j\n  command = %s %s job $$count 3\n' "$python" "$helper"
		for i in 1 2 3 4 5 6; do
			echo "build o$i: j"
		done
	} >build.ninja
	taskfile ninja/Taskfile.yml <<-EOT
	version: '3'
	tasks:
	  default: {dir: .., cmds: ['$ninja']}
	EOT
	ini fifo
	cp prun.ini ninja
	fresh
	run timeout 100 "$PRUN" -C 3 -d ninja
	is "$status.$(counted)" '0.3 6' 'ninja takes its jobs from there'
else
	skip 'ninja takes its jobs from there' 'needs ninja 1.13'
fi

home=$("$python" -c 'import os, pwd; print(pwd.getpwuid(os.getuid()).pw_dir)')
: "${RUSTUP_HOME:=$home/.rustup}"
export RUSTUP_HOME
if cargo --version >/dev/null 2>&1; then
	mkdir -p crate/src/bin
	printf '[package]\nname = "c"\nversion = "0.1.0"\nedition = "2021"\n' \
	    >crate/Cargo.toml
	for i in 1 2 3 4 5; do
		echo 'fn main() {}' >crate/src/bin/b$i.rs
	done
	cat >rustc.sh <<-'EOT'
	#!/bin/sh
	# what cargo asks for is no job
	case " $* " in
	*' --crate-name b'*) exec "$python" "$helper" job "$count" 2 "$@" ;;
	esac
	exec "$@"
	EOT
	chmod +x rustc.sh
	taskfile crate/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  default: cargo build --offline --quiet
	EOT
	ini pipe
	cp prun.ini crate
	fresh
	RUSTC_WRAPPER=$PWD/rustc.sh run timeout 100 "$PRUN" -C 2 -d crate
	is "$status.$(counted)" '0.2 5' 'cargo takes its jobs from there'
else
	skip 'cargo takes its jobs from there' 'needs cargo'
fi

done_testing
