#!/bin/sh
# SPDX-License-Identifier: MIT
# What jobs see of the run in their environment (P-108): PATH is the same in
# each run of a repository, whatever other runs do.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<'END'
version: '3'
silent: true
tasks:
  env: env
  path: printf '%s\n' "$PATH"
  key: printf '%s' "$PATH" | cksum
  bin: printf '%s\n' "$PRUN_BIN"
  links: ls -A "$PRUN_BIN"
  which: readlink "$PRUN_BIN/task"
  mode: ls -ld "$PRUN_BIN"
  nested: '"$PRUN_TO_START" path'
  hello: echo hello
  say: "task:hello | cat"
  hold:
    cmds:
      - |
        echo up >up
        read -r go <go
        task:hello
        task path
  borrow: 'task:lent || echo "gave $?"'
END
mkdir other
taskfile other/Taskfile.yml <<'END'
version: '3'
silent: true
tasks:
  lent: echo lent
  hold:
    cmds:
      - |
        task:lent
        echo up >up
        read -r go <go
        task:lent
END
mkfifo go other/go
git_repo
runtime=$XDG_RUNTIME_DIR/prun

bin()
{
	"$PRUN" bin
}

# names of variables whose values differ in two files of env
differing()
{
	sort "$1" >"$1.sorted"
	sort "$2" | comm -3 - "$1.sorted" | sed 's/^[[:space:]]*//; s/=.*//' |
	    sort -u | tr '\n' ' '
}

# ---- two runs ----

prun env >first
prun -C 3 env >second
is "$(differing first second)" \
    'PRUN_CONTROL PRUN_FOLDERS PRUN_JOB PRUN_OWES PRUN_RUNS TRACEPARENT ' \
    'P-108 two runs differ in what names the run itself, and in nothing else'
run prun key
key=$out
run prun --serial key
is "$out" "$key" 'P-108 what keys on PATH is not disturbed by a second run'
mkdir -p below
run sh -c 'cd below && exec "$PRUN" path'
is "$out" "$(prun path)" 'P-108 nor by the folder where prun is started'
run env PRUN_TO_START="$PRUN" "$PRUN" nested
is "$out" "$(prun path)" 'P-108 a run inside of it has the same PATH'
run prun say
is "$out" hello 'P-104 the links are in that folder'
like "$(prun links)" 'task' 'P-108 and the name task'
is "$(prun which)" "$PRUN" 'P-108 which leads to prun'
is "$(prun mode | cut -c1-10)" drwx------ 'P-108 nobody else can enter it'
is "$(ls "$runtime")" '' 'P-901 with the last run it goes'

# ---- runs that overlap ----

prun path >before
"$PRUN" hold >held 2>/dev/null &
outer=$!
wait_for test -s up
is "$(prun path)" "$(head -n 1 before)" \
    'P-108 a second run beside it has the same PATH'
run prun links
like "$out" 'task:hello' 'P-108 with the links of both'
run prun -t other/Taskfile.yml lent
is "$out" lent 'P-108 a run of another Taskfile comes and goes'
echo >go
wait $outer
is "$(head -n 1 held)" hello \
    'P-104 a run goes on to find its links when others have ended'
is "$(tail -n 1 held)" "$(prun path)" 'P-108 and prun itself'
is "$(ls "$runtime")" '' 'P-901 the last of them removes the folder'

rm -f up
prun -t other/Taskfile.yml hold >held 2>/dev/null &
outer=$!
wait_for test -s other/up
run prun links
run prun borrow
is "$out" 'gave 127' "P-104 another run's task is no command of this one"
echo >other/go
wait $outer
is "$(cat held)" 'lent
lent' 'P-104 and goes on to be one of its own'

# many at once, each of which may be the last one and the first one
i=0
while [ $i -lt 24 ]; do
	prun say >"said.$i" 2>"err.$i" &
	i=$((i + 1))
done
wait
is "$(sort -u said.[0-9]*)" hello 'P-104 runs that come and go at once do not disturb each other'
is "$(ls "$runtime")" '' 'P-901 nothing is left of them'

# ---- a run that is killed ----

rm -f up
"$PRUN" hold >/dev/null 2>&1 &
outer=$!
wait_for test -s up
kill -9 $outer
wait $outer 2>/dev/null
run prun say
is "$out" hello 'P-108 what a killed run left disturbs nobody'
exec 3<>go # the script may be there still
echo >&3
exec 3>&-
is "$(ls "$runtime")" '' 'P-901 the next run removes it'
mkdir -m 700 "$runtime/bin-gone-0123456789abcdef-01234567"
run prun say
is "$(ls "$runtime")" '' 'P-901 also of a repository that nobody runs in again'

# ---- programs ----

mkdir "$work/new"
cp "$PRUN" "$work/new/prun"
rm -f up
"$PRUN" hold >held 2>/dev/null &
outer=$!
wait_for test -s up
is "$("$work/new/prun" which)" "$work/new/prun" \
    'P-108 another prun beside it has links to itself'
is "$(prun which)" "$PRUN" 'P-108 and does not change those of the first'
echo >go
wait $outer
is "$(head -n 1 held)" hello 'P-108 which go on to work'
rm -f up
"$work/new/prun" hold >held 2>/dev/null &
outer=$!
wait_for test -s up
cp "$PRUN" "$work/new/next"
mv "$work/new/next" "$work/new/prun"
echo >go
wait $outer
is "$(head -n 1 held)" hello 'P-108 also when prun is upgraded during a run'

# ---- what others put there ----

there=$(bin)
mkdir -m 700 "$there"
ln -s /bin/false "$there/task"
ln -s /bin/false "$there/task:hello"
run prun say
is "$out" hello 'P-104 a link that leads elsewhere is replaced'
is "$(prun which)" "$PRUN" 'P-108 the one named task as well'

mkdir "$work/theirs"
ln -s "$work/theirs" "$there"
run prun say
is "$out" hello 'P-901 where a link takes its name the run has a folder of its own'
isnt "$(bin)" "$there" 'P-901 elsewhere'
is "$(ls "$work/theirs")" '' 'P-901 and nothing is put behind the link'
rm "$there"

mkdir "$there"
chmod 777 "$there"
run prun say
is "$out" hello 'P-901 one that others may enter is not used'
isnt "$(bin)" "$there" 'P-901 and another one is'
is "$(ls "$there")" '' 'P-901 nothing is put into it'
rmdir "$there"
: >"$there"
run prun say
is "$out" hello 'P-901 nor is a file there an error'
rm "$there"
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 700 "$there"
	chown 65534 "$there"
	isnt "$(bin)" "$there" "P-901 another user's folder is not used"
	is "$(ls "$there")" '' 'P-901 and gets nothing'
	rmdir "$there"
else
	skip "P-901 another user's folder is not used" 'only root can make one'
	skip 'P-901 and gets nothing' 'only root can make one'
fi
rmdir "$runtime"
ln -s "$work/theirs" "$runtime"
chmod 700 "$work/theirs"
run prun say
is "$out" hello 'P-901 where a link takes the name of the folder above'
is "$(ls "$work/theirs")" '' 'P-901 nothing is put behind that either'
rm "$runtime"

# a colon ends a part of PATH
mkdir -m 700 "$work/a:b"
run env XDG_RUNTIME_DIR="$work/a:b" "$PRUN" say
is "$out" hello 'P-108 a run-time folder with a colon is passed over'
done_testing
