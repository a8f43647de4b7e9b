#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2154 # lib.sh; text for tasks
# Sessions that are killed with -9 at any moment, each followed by one that
# repairs (P-804, P-805): nothing is left over, what is the user's is as it was,
# and every commit that a test made is reachable.  KILLS=N for another number.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
for tool in git python3 ps setsid; do
	command -v $tool >/dev/null || skip_all "there is no $tool"
done
MARKS=$work/marks
export MARKS
mkdir "$MARKS" main
cd main || bail_out 'no folder'
git_repo
taskfile <<'EOT'
version: '3'
silent: true
tasks:
  ok: 'true'
  commits: 'echo $$ >>one; git add one; git commit -qm one && git rev-parse HEAD >>"$MARKS/commits"; sleep 0.1'
  leaves: 'mkdir -p a/b; echo x >a/b/c; echo y >>Taskfile.yml; git add -A; sleep 0.1'
  slow: 'setsid sleep 77 & sleep 78'
EOT
printf '[worktrees]\nretries = 1\ntimeout = 700ms\n[run]\ngrace = 100ms\n' >prun.ini
git add -A
git commit -qm first
echo stashed >stashed
git stash -q -u
git branch my-own
git worktree add -q ../my-tree my-own
echo mine >>../my-tree/prun.ini
echo staged >staged
git add staged

cat >"$work/kill.py" <<'EOT'
import os, random, signal, subprocess, sys, time
prun, marks, kills = os.environ["PRUN"], os.environ["MARKS"], int(sys.argv[1])
seed = int(os.environ.get("SEED", "11"))
rng = random.Random(seed)

def git(*words):
    return subprocess.run(("git",) + words, capture_output=True, text=True).stdout

def mine():
    refs = [line for line in git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
            if "worktree-wt-" not in line and "refs/prun/" not in line]
    return (refs, open(".git/config").read(), git("stash", "list"), open(".git/index", "rb").read(),
            git("status", "--porcelain"), git("-C", "../my-tree", "status", "--porcelain"),
            git("symbolic-ref", "HEAD"))

def left():
    out = []
    for pid in os.listdir("/proc"):
        try:
            words = open("/proc/%s/cmdline" % pid, "rb").read().split(b"\0")
            cwd = os.readlink("/proc/%s/cwd" % pid)
        except OSError:
            continue
        if b"__worker" in words and cwd.startswith(os.getcwd()) or "main-worktrees" in cwd:
            out.append(" ".join(w.decode() for w in words))
    return out

def locks():
    out = []
    for top, _, files in os.walk(".git"):
        out += [os.path.join(top, f) for f in files if f.endswith(".lock")]
    return out

before, bad = mine(), []
def check(what, good, more=""):
    if not good:
        bad.append("%s: %s" % (what, more))
        print("#", what, more)

for turn in range(kills):
    open(marks + "/commits", "w").close()
    p = subprocess.Popen([prun, "--worktrees=3", "commits", "leaves", "slow", "commits", "ok"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = rng.uniform(0.0, 1.5)
    time.sleep(after)
    p.kill()
    p.wait()
    where = "turn %d, after %.3f s" % (turn, after)
    deadline = time.time() + 10
    while left() and time.time() < deadline:
        time.sleep(0.01)
    check(where, not left(), "still there: %s" % left())
    r = subprocess.run([prun, "--worktrees=3", "ok", "leaves", "ok"], capture_output=True, text=True)
    check(where, r.returncode == 0, "the next session: %d %s %s" % (r.returncode, r.stdout, r.stderr))
    check(where, mine() == before, "what is the user's has changed")
    check(where, not locks(), "locks: %s" % locks())
    trees = [line for line in git("worktree", "list", "--porcelain").splitlines() if line.startswith("worktree ")]
    check(where, len(trees) <= 5, "trees: %s" % trees)
    for commit in open(marks + "/commits").read().split():
        check(where, git("for-each-ref", "--contains", commit).strip() != "", "lost: %s" % commit)
    if len(bad) > 5:
        break
print("# seed %d, %d sessions killed" % (seed, kills))
sys.exit(1 if bad else 0)
EOT
python3 "$work/kill.py" "${KILLS:-200}"
ok $? 'P-804: sessions that were killed leave nothing, change nothing, lose nothing'

done_testing
