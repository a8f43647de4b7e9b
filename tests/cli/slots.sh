#!/bin/sh
# SPDX-License-Identifier: MIT
# How many run at a time and in which order: P-201 to P-204, P-301, P-302.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# count: how many of them run at the same time, at most, goes to `most`.  Each
# stays until the room has not grown for a while.
cat >count <<'EOF'
#!/bin/sh
mkdir -p room
: >"room/$$"
same=0 before=0
while [ $same -lt 6 ]; do
	now=$(($(ls room | wc -l)))
	[ "$now" -le "$(cat most 2>/dev/null || echo 0)" ] || echo "$now" >most
	if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
	before=$now
	sleep 0.02
done
rm "room/$$"
EOF
chmod +x count
{
	printf "version: '3'\ntasks:\n  all: {deps: ["
	for i in 1 2 3 4 5 6 7; do printf 'j%d, ' $i; done
	printf ']}\n'
	for i in 1 2 3 4 5 6 7; do printf '  j%d: ./count\n' $i; done
} >Taskfile.yml

# most WANT NAME COMMAND…
most()
{
	want=$1 name=$2
	shift 2
	rm -rf room most
	run "$@"
	is "$status $(cat most)" "0 $want" "$name"
}
cores=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
[ "$cores" -le 4 ] || cores=4
most 2 'P-201: -C 2' "$PRUN" -s -C 2 all
most 3 'P-201: --concurrency 3' "$PRUN" -s --concurrency 3 all
most 2 'P-201: --jobs 2' "$PRUN" -s --jobs 2 all
most 3 'P-201: -j3' "$PRUN" -s -j3 all
most 7 'P-201: --jobs 0 is no bound' "$PRUN" -s --jobs 0 all
for n in 2147483648 4294967297 9223372036854775807; do
	most 7 "P-201: -C $n is a large bound" "$PRUN" -s -C "$n" all
	most 7 "P-201: --jobs $n is a large bound" "$PRUN" -s --jobs "$n" all
done
most "$cores" 'P-201: the default' "$PRUN" -s all
most 2 'P-201: PRUN_JOBS' env PRUN_JOBS=2 "$PRUN" -s all
most 3 'P-201: TASK_CONCURRENCY' env TASK_CONCURRENCY=3 "$PRUN" -s all
printf '[run]\njobs = 3\n' >prun.ini
most 3 'P-201: prun.ini' "$PRUN" -s all
most 2 'P-201: the environment beats it' env PRUN_JOBS=2 "$PRUN" -s all
most 1 'P-201: a flag beats both' env PRUN_JOBS=2 "$PRUN" -s -C 1 all
rm prun.ini
# Where only one core may be used, the default is one: a mask of Linux's own.
if [ -z "${TEST_PORTABLE-}" ] && taskset -c 0 true 2>/dev/null; then
	most 1 'P-201: the affinity mask' taskset -c 0 "$PRUN" -s all
else
	skip 'P-201: the affinity mask' 'no taskset, or not on Linux'
fi

# ---- P-202 ----
sed 's/^  j\(.\): .*/  j\1: {pool: db, cmds: [.\/count]}/' Taskfile.yml >pool.yml
printf '[pool db]\nslots = 2\n' >prun.ini
most 2 'P-202: a pool of prun.ini' "$PRUN" -t pool.yml -s -C 7 all
rm prun.ini
sed 's/pool: db/pool: io/' pool.yml >io.yml
most 7 'P-202: io is apart from the bound' "$PRUN" -t io.yml -s -C 1 all
sed 's/pool: db/slots: 2/' pool.yml >two.yml
most 2 'P-202: two slots each' "$PRUN" -t two.yml -s -C 4 all
most 1 'P-202: never more than there are' "$PRUN" -t two.yml -s -C 1 all

# ---- P-203: callers hold none ----
taskfile <<-'EOF'
version: '3'
tasks:
  a: {deps: [b], cmds: [task: c]}
  b: {deps: [c], cmds: [task: c]}
  c: {deps: [d], cmds: ['true']}
  d: ['true']
EOF
run timeout 20 "$PRUN" -s -C 1 a
is "$status" 0 'P-203: one slot is enough for any nesting'

# ---- P-204: servers come up whole, but not where the user set a bound ----
cat >serve <<'EOF'
#!/bin/sh
mkdir -p room
: >"room/$1"
tries=0
while [ "$(ls room | wc -l)" -lt 5 ]; do
	tries=$((tries + 1))
	[ $tries -lt 1000 ] || exit 9
	sleep 0.05
done
EOF
chmod +x serve
{
	printf "version: '3'\ntasks:\n  all: {deps: [1, 2, 3, 4, 5]}\n"
	for i in 1 2 3 4 5; do printf "  '%d': ./serve %d\n" $i $i; done
} >Taskfile.yml
rm -rf room
run timeout 60 "$PRUN" -s all
is "$status" 0 'P-204: five servers come up whatever the default is'

# ---- P-301 ----
taskfile <<-'EOF'
version: '3'
tasks:
  all: {deps: [short, long, middle]}
  short: [echo short, sleep 0.02]
  long: [echo long, sleep 0.3]
  middle: [echo middle, sleep 0.15]
  urgent: {deps: [short, first, last]}
  first: {priority: 1, cmds: [echo first]}
  last: {priority: -1, cmds: [echo last]}
EOF
order()
{
	run "$PRUN" -s -C 1 "$@"
	order=$(echo "$out" | tr '\n' ' ')
}
order all
is "$order" 'short long middle ' 'P-301: the first time as declared'
order all
is "$order" 'long middle short ' 'P-301: then the longest path first'
printf '[run]\norder = shortest\n' >prun.ini
order all
is "$order" 'short middle long ' 'P-301: [run] order = shortest'
printf '[run]\norder = declared\n' >prun.ini
order all
is "$order" 'short long middle ' 'P-301: [run] order = declared'
printf '[features]\ncritical_path = off\n' >prun.ini
order all
is "$order" 'short long middle ' 'P-301: [features] critical_path = off'
printf '[run]\norder = fastest\n' >prun.ini
run prun all
isnt "$status" 0 'P-301: an unknown order is refused'
like "$err" 'prun.ini:2' 'P-301: with the place'
rm prun.ini
order --serial all
is "$order" 'short long middle ' 'P-301: --serial is as declared'
order urgent
is "$order" 'first short last ' 'P-109: priority goes before'

# ---- P-302 ----
run prun --plan all
is "$status" 0 'P-302: the plan'
like "$out" 'level 1*short  *ms*level 2' 'P-302: levels and times'
like "$out" '\* long' 'P-302: the critical path'
like "$out" 'expected: *; at least *; one by one' \
    'P-302: wall time and lower bound'
run prun --graph=dot all
like "$out" 'digraph*n* -> n' 'P-302: as dot'
run prun --graph=mermaid all
like "$out" 'graph LR*-->' 'P-302: as mermaid'
if command -v python3 >/dev/null; then
	run sh -c '"$PRUN" --graph=json all | python3 -c "
import json, sys
print(len(json.load(sys.stdin)[\"nodes\"]))"'
	is "$out" 4 'P-302: as JSON'
else
	skip 'P-302: as JSON' 'there is no python3'
fi
run prun --graph=svg all
isnt "$status" 0 'P-302: an unknown form is refused'

done_testing
