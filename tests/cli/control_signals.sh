#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals and deaths with runs inside of runs (D-5, never-events 24 and 25).
. "${abs_srcdir:-.}/tests/cli/lib.sh"

# Writes a line for each TERM, then ends on the second or when told.
cat >counter.sh <<'END'
#!/bin/sh
trap 'echo got >>signals' TERM INT
echo $$ >pid
i=0
while [ $i -lt 200 ] && [ ! -e end ]; do
	sleep 0.05
	i=$((i + 1))
done
END
chmod +x counter.sh
taskfile <<'END'
version: '3'
silent: true
tasks:
  outer: {cmds: ['task middle']}
  middle: {cmds: ['task inner; true']}
  inner: {cmds: ['./counter.sh']}
  link:
    cmds:
      - |
        task:inner &
        echo $! >link.pid
        wait $!
END

for task in outer link; do
	rm -f pid signals end
	"$PRUN" -C 1 $task >said 2>&1 &
	run=$!
	wait_for test -s pid
	kill -TERM $run
	wait_for test -s signals
	# what comes a second time comes from another level, once that has it
	case $task in
	outer) wait_for sh -c '[ "$(grep -c "Signal received" said)" -eq 3 ]' ;;
	link) wait_for sh -c '! kill -0 "$(cat link.pid)"' ;;
	esac
	is $? 0 "D-5 each level has it ($task)"
	: >end
	wait $run
	is $? 143 "D-5 the run ends with the signal ($task)"
	is "$(grep -c got signals)" 1 \
	    "D-5 each process gets one signal, however deep ($task)"
	kill -0 "$(cat pid)" 2>/dev/null
	isnt $? 0 "D-5 nothing is left ($task)"
done

# A nested run that is killed gives back its slots, and is a failure.
rm -f pid signals end
taskfile <<'END'
version: '3'
silent: true
tasks:
  all: {cmds: ['task:victim || true', 'task:after']}
  outer:
    cmds:
      - task inner & echo $! >nested.pid; wait $! || echo "gave $?"
      - sh -c 'echo after'
  inner: {cmds: ['./counter.sh']}
END
"$PRUN" -C 1 outer >out.txt 2>err.txt &
run=$!
wait_for test -s pid
kill -9 "$(cat nested.pid)"
: >end
wait $run
is $? 0 'never-event 28 a killed nested run is no end of the outer one'
is "$(cat out.txt)" 'gave 137
after' 'P-108 its slot came back'
like "$(cat err.txt)" 'FAIL task inner' 'P-108 the report names it'
done_testing
