# SPDX-License-Identifier: MIT
"""Random states of index and work tree, a run that changes files and owes a
commit, and what git says of it before and after (P-601, P-605, never-events 17,
21 to 23).

commit_states.py PRUN COUNT SEED [kill]: each state is one repository.  What the
run does is done in a copy as well, where git alone says what is changed and
what a commit of it is like; with `kill`, prun is killed at a moment of the run
and nothing or all of that must be there.
"""
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

PRUN, COUNT, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
KILL = sys.argv[4:] == ["kill"]
WORK = tempfile.mkdtemp(prefix="prun-states-", dir=os.environ.get("TMPDIR"))
REPO, COPY = os.path.join(WORK, "repo"), os.path.join(WORK, "copy")
SCRIPT = os.path.join(WORK, "run.sh")

FILES = ["a", "b", "run.sh", "d/a", "d/b", "d/e/a", "odd name", "-dash", "st*r",
         "\u00fcber", "x/y/z", "k0", "k1", "k2", "k3"]
NEW = ["new", "d/new", "n/n/new", "*", "new name", "d/e/.hidden"]


def git(where, *words, env=None, data=None, check=True):
    done = subprocess.run(["git", *words], cwd=where, input=data,
                          env=dict(os.environ, **(env or {})),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if check and done.returncode != 0:
        raise SystemExit(f"git {words}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape")


def status(where):
    """path -> its two letters, of everything that is not committed."""
    text = git(where, "status", "--porcelain=v1", "-z", "-uall", "--no-renames")
    return {e[3:]: e[:2] for e in text.split("\0") if e}


def index(where):
    """path -> mode, blob and flags."""
    out = {}
    for entry in git(where, "ls-files", "-s", "-v", "-z").split("\0"):
        if entry:
            head, path = entry.split("\t", 1)
            out.setdefault(path, []).append(head)
    return out


def tree(where):
    """path -> kind, mode and content of all that is in the work tree."""
    out = {}
    for folder, dirs, files in os.walk(where):
        if ".git" in dirs:
            dirs.remove(".git")
        if ".task" in dirs:
            dirs.remove(".task")
        for name in files + [d for d in dirs
                             if os.path.islink(os.path.join(folder, d))]:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                what = os.readlink(path)
            else:
                with open(path, "rb") as f:
                    what = f.read()
            out[os.path.relpath(path, where)] = (stat.S_IFMT(mode),
                                                 mode & 0o777, what)
    return out


def put(where, path, text):
    full = os.path.join(where, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if os.path.islink(full):
        os.unlink(full)
    with open(full, "a") as f:
        f.write(text)


def make_base():
    os.makedirs(REPO)
    git(REPO, "init", "-q", "-b", "main", "--template=")
    for path in FILES:
        put(REPO, path, f"{path}\n" * 3)
    put(REPO, ".gitignore", "ignored*\n.task\n")
    put(REPO, "Taskfile.yml", "version: '3'\ntasks:\n"
        f"  w: {{commit: true, cmds: ['sh {SCRIPT}']}}\n")
    os.symlink("a", os.path.join(REPO, "link"))
    git(REPO, "add", "-A")
    git(REPO, "commit", "-qm", "start")
    return REPO + ".base"


def user_edit(rng, path):
    """One thing that a user does to a file."""
    full = os.path.join(REPO, path)
    there = os.path.lexists(full)
    what = rng.choice(["write", "stage", "partly", "rm", "git rm", "cached",
                       "mode", "link", "move", "ita", "ignored", "back"])
    if not there or what == "write":
        put(REPO, path, "user\n")
        if not there and rng.random() < 0.5:
            words = ["add", "-N"] if what == "ita" else ["add"]
            git(REPO, *words, "--", f":(literal){path}")
            if rng.random() < 0.3:
                put(REPO, path, "later\n")
    elif what in ("stage", "partly", "back"):
        old = tree(REPO)[path][2]
        put(REPO, path, "staged\n")
        git(REPO, "add", "--", f":(literal){path}")
        if what == "partly":
            put(REPO, path, "later\n")
        elif what == "back" and isinstance(old, bytes):
            with open(full, "wb") as f:
                f.write(old)
    elif what == "rm":
        os.unlink(full)
    elif what in ("git rm", "cached"):
        git(REPO, "rm", "-qf", *(["--cached"] if what == "cached" else []),
            "--", f":(literal){path}")
    elif what == "mode" and not os.path.islink(full):
        os.chmod(full, 0o755)
    elif what == "link":
        os.unlink(full)
        os.symlink("nowhere", full)
    elif what == "move":
        git(REPO, "mv", "--", path, path + ".moved")
    elif what == "ignored":
        put(REPO, "ignored." + os.path.basename(path), "mine\n")


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def run_edit(rng, path, dirty):
    """One thing that the run does, in shell; never a folder for a user's file
    nor the other way round: there is no tree with both."""
    name = quote("./" + path)
    folder = quote("./" + (os.path.dirname(path) or "."))
    write = f"mkdir -p {folder}; [ ! -L {name} ] || rm {name}; echo run >>{name}"
    what = rng.choice(["write", "write", "rm", "mode", "link", "dir", "sub",
                       "over"])
    if what == "rm":
        return f"rm -f {name}"
    if what == "mode":
        return f"{write}; chmod +x {name}"
    if what == "link":
        return f"mkdir -p {folder}; rm -f {name}; ln -s k0 {name}"
    if what == "dir" and not dirty:
        return f"rm -f {name}; mkdir -p {name}/in; echo run >{name}/in/side"
    if what == "sub":
        return f"mkdir -p fresh/sub; echo run >fresh/sub/{rng.randrange(9)}"
    if what == "over":
        return f"{write}; printf 'a\\0b' >{name}"
    return write


def expected_tree(paths):
    """The tree of a commit of these, as git makes it in the copy."""
    own = {"GIT_INDEX_FILE": os.path.join(WORK, "own-index")}
    git(COPY, "read-tree", "HEAD", env=own)
    if paths:
        gone = [p for p in paths if not os.path.lexists(os.path.join(COPY, p)) or
                os.path.isdir(os.path.join(COPY, p)) and
                not os.path.islink(os.path.join(COPY, p))]
        there = [p for p in paths if p not in gone]
        for words, some in ((["update-index", "--force-remove", "-z", "--stdin"],
                             gone), (["update-index", "--add", "--replace", "-z",
                                      "--stdin"], there)):
            if some:
                git(COPY, *words, env=own,
                    data="\0".join(some).encode("utf-8", "surrogateescape"))
    made = git(COPY, "write-tree", env=own).strip()
    os.unlink(own["GIT_INDEX_FILE"])
    return made


def start_prun():
    """prun, and a pipe that is open as long as anything of it lives."""
    alive, theirs = os.pipe()
    proc = subprocess.Popen([PRUN, "w"], cwd=REPO, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            pass_fds=[theirs])
    os.close(theirs)
    return proc, alive


def run_prun(kill_after):
    proc, alive = start_prun()
    if kill_after is not None:
        time.sleep(kill_after)
        proc.send_signal(signal.SIGKILL)
    said = proc.communicate(timeout=60)[0].decode("utf-8", "replace")
    while os.read(alive, 1):
        pass
    os.close(alive)
    return proc.returncode, said


def strays():
    return [os.path.join(folder, n)
            for folder, _, names in os.walk(os.path.join(REPO, ".git"))
            for n in names if n.endswith(".lock") or "prun-" in n or
            n.startswith("next-index")]


def check(hook, before, result, killed):
    """What is wrong, one a line."""
    dirty, old_index, start = before
    code, said = result
    after_run = status(COPY)
    expected = sorted(p for p in after_run if p not in dirty)
    head = git(REPO, "rev-parse", "HEAD").strip()
    now = index(REPO)
    bad = []
    whole = tree(REPO) == tree(COPY)
    if not killed and not whole:
        bad.append("the work tree is not what the run made of it")
    made = head != start
    may = bool(expected) and hook != "refuse"
    if made and (not may or git(REPO, "rev-list", "--count",
                                f"{start}..{head}").strip() != "1"):
        bad.append("a commit that should not be")
    if not killed:
        if code != (1 if expected and hook == "refuse" else 0):
            bad.append(f"status {code}")
        if made != may:
            bad.append(f"committed: {made}, should be: {may}")
    if made and may:
        want = expected_tree(expected)
        if git(REPO, "rev-parse", "HEAD^{tree}").strip() != want:
            bad.append("the commit is not what the run changed: " +
                       git(COPY, "diff", "--name-status", want, "HEAD") + "/" +
                       git(REPO, "diff", "--name-status", "HEAD~1", "HEAD"))
    # what was changed or staged before is so, to the last entry
    for path in dirty:
        if now.get(path) != old_index.get(path):
            bad.append(f"index of {path!r}: {old_index.get(path)} -> "
                       f"{now.get(path)}")
    now_status = status(REPO)
    if not killed or made:
        want = {p: s for p, s in after_run.items() if p in dirty or not made}
        if now_status != want:
            bad.append(f"status {now_status}, should be {want}")
    # of a run that was killed nothing may be staged
    staged = [p for p, s in now_status.items()
              if p not in dirty and s[0] not in " ?"]
    if staged:
        bad.append(f"staged: {staged}")
    if strays():
        bad.append(f"left in .git: {strays()}")
    fsck = git(REPO, "fsck", "--no-dangling", "--no-progress", "--strict")
    if fsck:
        bad.append(fsck)
    return bad


def one(rng, base, duration):
    for path in (REPO, COPY):
        shutil.rmtree(path, ignore_errors=True)
    subprocess.run(["cp", "-a", base, REPO], check=True)
    hook = rng.choice(["none", "none", "pass"] +
                      ([] if KILL else ["refuse"]))
    if hook != "none":
        os.makedirs(os.path.join(REPO, ".git/hooks"), exist_ok=True)
        name = os.path.join(REPO, ".git/hooks/pre-commit")
        with open(name, "w") as f:
            f.write(f"#!/bin/sh\nexit {1 if hook == 'refuse' else 0}\n")
        os.chmod(name, 0o755)
    for path in rng.sample(FILES[:-4] + NEW + ["link"],
                           rng.choice([0, 0, 1, 2, 4, 8])):
        user_edit(rng, path)
    git(REPO, "update-index", "-q", "--refresh", check=False)
    dirty = status(REPO)
    edits = [run_edit(rng, p, bool(dirty))
             for p in rng.sample(FILES + NEW + ["link"],
                                 rng.choice([0, 1, 2, 3, 6] if not KILL else
                                            [6, 9]))]
    with open(SCRIPT, "w") as f:
        f.write("\n".join(edits) + "\n:\n")
    # folders that are files, and the like, fail alike in both
    subprocess.run(["cp", "-a", REPO, COPY], check=True)
    before = dirty, index(REPO), git(REPO, "rev-parse", "HEAD").strip()
    subprocess.run(["sh", SCRIPT], cwd=COPY, stderr=subprocess.DEVNULL)
    # most of the time is the commit's
    kill_after = duration * rng.uniform(0.1, 1.2) if KILL else None
    result = run_prun(kill_after)
    bad = check(hook, before, result, KILL)
    made = git(REPO, "rev-parse", "HEAD").strip() != before[2]
    if bad:
        print("\n".join([f"hook: {hook}, dirty: {dirty}", *edits, *bad,
                         result[1]]))
    return not bad, made, bool(dirty)


def main():
    base = make_base()
    os.rename(REPO, base)
    good, made, dirty, duration = 0, 0, 0, 0.0
    if KILL:
        subprocess.run(["cp", "-a", base, REPO], check=True)
        with open(SCRIPT, "w") as f:
            f.write("echo run >>a\n")
        began = time.monotonic()
        for _ in range(3):
            run_prun(None)
        duration = (time.monotonic() - began) / 3
    for i in range(COUNT):
        ok, is_made, was_dirty = one(random.Random(f"{SEED} {i}"), base,
                                     duration)
        if not ok:
            print(f"state {i} of seed {SEED}")
        good += ok
        made += is_made
        dirty += was_dirty
    print(f"{good} of {COUNT} states are right; {made} commits, {dirty} states "
          "with changes of the user")
    # an empty test is none
    return good == COUNT and (COUNT < 20 or min(made, dirty) * 10 > COUNT)


try:
    PASSED = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(0 if PASSED else 1)
