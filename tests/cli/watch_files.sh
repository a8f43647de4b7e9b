#!/bin/sh
# SPDX-License-Identifier: MIT
# Watch mode: how files change.  Editors, many at once, folders that go and
# come, files elsewhere, and how long it has to be quiet.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_watch.sh"

mkdir top top/inc top/.hg elsewhere top/src
cd top || exit 99
echo 1 >src/a.txt
echo 1 >../elsewhere/b.txt
echo 1 >inc/c.txt
taskfile inc/Taskfile.yml <<'EOT'
version: '3'
tasks:
  auto:
    watch: true
    sources: ['*.txt']
    cmds: ['echo auto >>$log']
EOT
taskfile <<'EOT'
version: '3'
silent: true
includes:
  inc: {taskfile: inc, dir: inc}
tasks:
  one:
    sources: [src/*.txt, ../elsewhere/*.txt]
    cmds: ['cat src/*.txt | wc -l >>$log']
  back:
    sources: [back/*.txt]
    cmds: ['echo back >>$log; echo here >here; read -r x <gate']
  last:
    sources: [back/*.txt]
    cmds: ['echo here >here; read -r x <gate; echo last >>$log']
  all:
    sources: ['**/*.txt']
    cmds: ['echo all >>$log']
  lost:
    sources: [src/*.txt]
    vars: {NAME: nope}
    cmds: ['echo lost >>$log', task: '{{.NAME}}']
  broken:
    sources: [src/*.txt]
    cmds: ['echo {{fail "broken"}} >>$log']
EOT

# still N: after whatever has happened, N commands have run
still()
{
	others=$(($(count 'not in sources: src/other.c' "$work/err") + 1))
	echo $others >src/other.c
	told $others 'not in sources: src/other.c' || echo '# no event' >>"$log"
	is "$(grep -c . "$log")" "$1" "$2"
}

# a job's word at the pipe `here`, bounded
hear()
{
	timeout 20 sh -c 'read -r word' <&8
}

# ---- one file ----
watch -v -w one
told 1 "$finished"
touch -d '2001-02-03 04:05:06' src/a.txt
told 2 "$finished"
ok $? 'C-405: touch is a change'
still 1 'C-408: which the fingerprint says is none'

echo 2 >src/.a.txt.swp
mv src/.a.txt.swp src/a.txt
ran 2
ok $? 'C-406: a file that an editor puts in the place of another'
told 3 "$finished"
still 2 'C-406: once'
mv src/a.txt src/a.txt~
echo 3 >src/a.txt
rm src/a.txt~
ran 3
ok $? 'C-406: a file written anew beside its backup'
cp src/a.txt ../elsewhere/copy
mv ../elsewhere/copy ../elsewhere/b.txt
ran 4
ok $? 'C-403: a source outside the project'
echo 1 >../elsewhere/b.c
told 1 'not in sources: ../elsewhere/b.c'
ok $? 'M-75: its path from the root'
mkdir src/.git
told 1 "skipped for being an ignored dir: $PWD/src/.git"
ok $? 'M-76: an ignored directory'
ln -s a.txt src/link.txt
ran 5
ok $? 'C-406: a link is a source as well'
rm src/link.txt
ran 6
told 1 "event: REMOVE        \"$PWD/src/link.txt\""
ok $? 'C-413: REMOVE'
told 1 "event: CREATE        \"$PWD/src/link.txt\""
ok $? 'C-413: CREATE'

# ---- many at once ----
# Stopped, prun finds all events together when it goes on.
before=$(count "$finished" "$work/err")
kill -STOP "$started"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	echo "$i" >"src/f$i.txt"
done
kill -CONT "$started"
ran 7
told $((before + 1)) "$finished"
is "$(tail -n 1 "$log" | tr -d ' ')" 21 'C-405: many changes, all seen'
still 7 'C-405: and one run'
rm src/f*.txt
wait_for sh -c '[ "$(tail -n 1 "$log" | tr -d " ")" = 1 ]'
ok $? 'C-406: many are removed'

# ---- a directory in the place of another ----
mkdir new
echo 4 >new/a.txt
echo 4 >new/b.txt
mv src old
mv new src
wait_for sh -c '[ "$(tail -n 1 "$log" | tr -d " ")" = 2 ]'
ok $? 'C-403: a directory in the place of another'
n=$(grep -c . "$log")
echo 5 >src/b.txt
ran $((n + 1))
ok $? 'C-403: is watched'
rm -r old
ends INT
is "$status" 0 'C-410'

# ---- a directory that comes back while a generation runs ----
mkfifo here gate
exec 8<>here 9<>gate
mkdir back
echo 1 >back/a.txt
watch -w back
hear
echo go >&9
told 1 "$finished"
rm -r back
hear
mkdir back
echo 2 >back/a.txt
echo go >&9
ran 3
ok $? 'C-403: a directory that comes back while a generation runs'
ends INT

# ---- files that come while a generation ends ----
# Stopped, prun finds them together with the end of the command.
rm here gate
mkfifo here gate
exec 8<>here 9<>gate
watch -w last
hear
kill -STOP "$started"
echo go >&9
ran 1
echo 3 >back/b.txt
echo 3 >back/c.txt
kill -CONT "$started"
hear
ok $? 'C-403: files that come while a generation ends'
echo go >&9
told 1 "$finished"
ends INT
rm back/b.txt back/c.txt

# ---- directories that do not count ----
watch -v -w all
told 1 "$finished"
for d in .task .git .hg node_modules; do
	mkdir -p $d src/$d
	echo 1 >$d/x.txt
	echo 1 >src/$d/x.txt
done
# what is found by a look at everything comes with this one
echo 6 >src/b.txt
ran 2
told 2 "$finished"
is "$(grep -c 'dir: .*\(task\|git\|hg\|node_modules\)' "$work/out")" 0 \
    'C-404: they are not watched'
still 2 'C-404: and have no sources'
ends INT

# ---- watch: true of an included Taskfile ----
watch inc:auto
told 1 'Started watching for tasks: inc:auto'
ok $? 'C-400: `watch: true` in an included Taskfile'
told 1 "$finished"
echo 2 >inc/c.txt
ran 2
ok $? 'C-403: sources below its directory'
ends INT

# ---- errors ----
watch -w lost broken
told 1 'nope'
ok $? 'C-412: a task that is not there is told'
told 1 'broken'
ok $? 'C-412: a template error as well'
echo 7 >src/b.txt
ran 2
ok $? 'C-412: and watching goes on'
ends INT

# ---- how long it has to be quiet ----
# The first change is acted upon at once, the second waits; another prun, with
# the usual interval, says that there was time enough.
waits()
{
	name=$1
	shift
	watch -w one "$@"
	told 1 "$finished"
	echo "$name" >>src/a.txt
	ran 2
	ok $? "C-405: the first change is acted upon at once ($name)"
	told 2 "$finished"
	"$PRUN" -t fast.yml -w fast >/dev/null 2>"$work/fast" </dev/null &
	fast=$!
	wait_for grep -q "$finished" "$work/fast"
	echo "$name" >>src/a.txt
	wait_for at_least 2 "$finished" "$work/fast"
	kill -s TERM $fast
	wait $fast
	is "$(grep -c . "$log")" 2 "C-405: the next waits ($name)"
	ends INT
}
taskfile fast.yml <<'EOT'
version: '3'
tasks:
  fast: {sources: [src/*.txt], method: none, cmds: ['true']}
EOT
waits 'C-023: --interval' --interval 100000h
sed 's/^silent/interval: 100000h\n&/' Taskfile.yml >slow.yml
waits 'interval: of the Taskfile' -t slow.yml
watch -w one -t slow.yml -I 1ms
told 1 "$finished"
for i in 1 2 3; do
	echo "$i" >>src/a.txt
	ran $((i + 1))
done
ok $? 'C-023: --interval is before interval:'
ends INT

done_testing
