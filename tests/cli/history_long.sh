#!/bin/sh
# SPDX-License-Identifier: MIT
# What the history costs: recording is below 1 % of a run at 100 ms a task
# (P-902), and --stats over 10,000 runs takes less than 50 ms (P-1101).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 measures'
[ -z "${TEST_SANITIZED:-}" ] || skip_all 'sanitizers are slow'

# Processor time of one run and all its jobs, and its wall time; the medians of
# many, with and without a history in turn.
cat >cost.py <<'EOF'
import os, shutil, statistics, sys, time
prun, state, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
tasks = sys.argv[4:]
def one():
    began = time.monotonic()
    pid = os.posix_spawn(prun, [prun, "-s"] + tasks, os.environ)
    _, status, used = os.wait4(pid, 0)
    assert status == 0
    return used.ru_utime + used.ru_stime, time.monotonic() - began
cpu = {"on": [], "off": []}
wall = []
for _ in range(runs):
    for how in "on", "off":
        with open("prun.ini", "w") as f:
            f.write("[features]\nhistory = %s\n" % how)
        c, w = one()
        cpu[how].append(c)
        wall.append(w)
spent = statistics.mean(cpu["on"]) - statistics.mean(cpu["off"])
share = 100 * spent / statistics.mean(wall)
print("# %s: %.2f ms more of the processor in %.0f ms: %.2f %%" % (" ".join(
    tasks), 1000 * spent, 1000 * statistics.mean(wall), share))
sys.exit(share >= 1)
EOF
taskfile <<-'EOT'
version: '3'
tasks:
  one: {cmds: ['sleep 0.1']}
  ten: {cmds: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: nap, vars: {N: '{{.ITEM}}'}}]}
  nap: {cmds: ['sleep 0.1']}
EOT
python3 cost.py "$PRUN" "$XDG_STATE_HOME" 60 one
ok $? 'a task of 100 ms: below 1 %'
python3 cost.py "$PRUN" "$XDG_STATE_HOME" 12 ten
ok $? 'ten of them, one after the other: below 1 %'

# ---- 10,000 runs ----
rm -rf "$XDG_STATE_HOME"
printf '[logs]\nkeep = 20000\n' >prun.ini
prun -s ten
python3 - "$(echo "$XDG_STATE_HOME"/prun/*)/runs" <<'EOF'
import json, os, random, sys
runs = sys.argv[1]
some = runs + "/" + sorted(os.listdir(runs))[0] + "/events.jsonl"
lines = [json.loads(l) for l in open(some)]
random.seed(1)
for n in range(10000):
    name = "2020%02d%02d-%06d-000000" % (1 + n // 1000, 1 + n // 100 % 10, n)
    os.makedirs(runs + "/" + name)
    with open(runs + "/" + name + "/events.jsonl", "w") as f:
        for o in lines:
            o = dict(o)
            if o["ev"] == "run":
                o["id"] = name
            elif o["ev"] == "call_end":
                o["job_time"] = int(o.get("job_time", 0) *
                                    random.uniform(0.9, 1.1))
            f.write(json.dumps(o) + "\n")
EOF
prun --stats >/dev/null
# their journals go, as those of old runs do
for run in "$XDG_STATE_HOME"/prun/*/runs/2020*; do
	rm -r "$run"
done
is "$(prun --stats --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["runs"])')" 10001 '10,000 runs are in the history'
python3 - "$PRUN" <<'EOF'
import os, statistics, subprocess, sys, time
times = []
for _ in range(21):
    began = time.monotonic()
    subprocess.run([sys.argv[1], "--stats"], stdout=subprocess.DEVNULL,
                   check=True)
    times.append(1000 * (time.monotonic() - began))
print("# --stats of 10,000 runs: %.1f ms, at best %.1f ms" % (
    statistics.median(times), min(times)))
sys.exit(min(times) >= 50)
EOF
ok $? '--stats of them takes less than 50 ms'

done_testing
