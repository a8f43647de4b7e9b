# SPDX-License-Identifier: MIT
"""Random repositories, states of work trees and pushes (P-702 to P-708,
never-events 13, 14 and 17).

push_states.py PRUN COUNT SEED [CASE]: what a push brought to the remote is
cloned, and the tasks run there by themselves: no push may have passed where
they fail.  The other way round, a push of what passes there is refused for a
reason that is listed only.  What is the user's is afterwards as it was before.
With CASE that one alone is played, told step by step, and left on the disk.
"""
import concurrent.futures
import os
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile

PRUN, COUNT, SEED = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ONLY = int(sys.argv[4]) if len(sys.argv) > 4 else None
WORK = tempfile.mkdtemp(prefix="prun-pushes-", dir=os.environ.get("TMPDIR"))

TASKFILE = """version: '3'
tasks:
  qa: {deps: [a, o, l, d, n, q, x, s, c]}
  a: {sources: [a/**/*], cmds: ['! grep -rqs bad a', '%s']}
  o: {sources: ['odd/**/*'], cmds: ['! grep -rqs bad odd']}
  l: {sources: [link], cmds: ['! grep -qs bad link']}
  d: {sources: [dir], cmds: ['! grep -rqs bad dir']}
  n: '! grep -qs bad n'
  q: {sources: ['req/*'], cmds: ['test -e req/need']}
  x: {sources: [exe], cmds: ['test ! -x exe']}
  s: {sources: ['sub/**/*'], cmds: ['! grep -rqs --exclude-dir=.git --exclude=.git bad sub']}
  c:
    cmds:
      - cmd: |
          for f in {{.CHANGED_FILES | default "."}}; do
            ! grep -rqs --exclude-dir=.git --exclude=Taskfile.yml worse \\
              "$f" || exit 1
          done
"""
FILES = {"a": ["a/1", "a/2", "a/in/3", "a/[ ]"],
         "o": ["odd/st*r", "odd/-dash", "odd/a b", "odd/\u00fc", "odd/'q'",
               "odd/$(x)"],
         "l": ["real/t", "real/u"], "d": ["dir/1", "dir/in/2"], "n": ["n"],
         "q": ["req/need", "req/other"], "x": ["exe"]}
ALL = [f for some in FILES.values() for f in some]
# Why a push of good commits may be refused.
REASONS = ["non-fast-forward", "fetch first", "already exists", "HEAD moved",
           "there is no Taskfile in what", "No Taskfile found",
           "is not here; fetch it there"]

ENV = {k: v for k, v in os.environ.items()
       if not k.startswith(("PRUN", "TASK", "GIT_")) and k != "CDPATH"}
ENV.update(GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8", TZ="UTC", NO_COLOR="1")
for who in ("AUTHOR", "COMMITTER"):
    ENV[f"GIT_{who}_NAME"] = "tester"
    ENV[f"GIT_{who}_EMAIL"] = "tester@example.com"


class Wrong(Exception):
    """What must not be."""


def call(where, *words, env=None, check=True):
    done = subprocess.run(words, cwd=where, env=env or ENV,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    out = done.stdout.decode("utf-8", "surrogateescape")
    err = done.stderr.decode("utf-8", "surrogateescape")
    if check and done.returncode != 0:
        raise RuntimeError(f"{words}: {done.returncode}\n{out}{err}")
    return done.returncode, out, err


def git(where, *words, check=True):
    return call(where, "git", *words, check=check)[1].strip()


def put(where, path, text, add=False):
    full = os.path.join(where, path)
    parent = os.path.dirname(full)
    while not os.path.isdir(parent):
        if os.path.lexists(parent):
            os.unlink(parent)
        parent = os.path.dirname(parent)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    if os.path.isdir(full) and not os.path.islink(full):
        shutil.rmtree(full)
    elif os.path.lexists(full):
        os.unlink(full)
    with open(full, "w") as f:
        f.write(text)


def make_base(narrow, sub):
    """A remote, and a repository that has pushed once."""
    base = os.path.join(WORK, f"base-{narrow:d}{sub:d}")
    repo = os.path.join(base, "r")
    os.makedirs(os.path.join(base, "home"))
    git(base, "init", "-q", "--bare", "-b", "main", "o.git", "--template=")
    git(base, "init", "-q", "-b", "main", "r", "--template=")
    for path in ALL:
        put(repo, path, f"good {path}\n")
    os.symlink("real/t", os.path.join(repo, "link"))
    put(repo, "Taskfile.yml", TASKFILE % "true")
    put(repo, ".gitignore", ".task\n*.ign\n")
    if narrow:
        put(repo, "prun.ini", "[hook pre-push]\nonly_changed = on\n")
    if sub:
        git(repo, "init", "-q", "-b", "main", "sub", "--template=")
        put(repo, "sub/file", "good\n")
        git(repo + "/sub", "add", ".")
        git(repo + "/sub", "commit", "-qm", "sub")
        put(repo, ".gitmodules",
            '[submodule "sub"]\n\tpath = sub\n\turl = ../none\n')
    git(repo, "-c", "advice.addEmbeddedRepo=false", "add", "-A")
    git(repo, "commit", "-qm", "start")
    if sub:
        git(repo, "submodule", "-q", "init")
        git(repo, "submodule", "-q", "absorbgitdirs")
    git(repo, "remote", "add", "origin", "../o.git")
    git(repo, "config", "advice.detachedHead", "false")
    git(repo, "push", "-q", "-u", "origin", "main")
    return base


class Case:
    def __init__(self, number, bases):
        self.rng = rng = random.Random(f"{SEED} {number}")
        self.dir = os.path.join(WORK, f"case-{number}")
        self.narrow = rng.random() < 0.35
        self.sub = rng.random() < 0.25
        self.by_files = not self.narrow and rng.random() < 0.15
        shutil.copytree(bases[self.narrow, self.sub], self.dir, symlinks=True)
        self.env = dict(ENV, HOME=self.dir + "/home",
                        XDG_STATE_HOME=self.dir + "/state",
                        XDG_CONFIG_HOME=self.dir + "/home",
                        XDG_CACHE_HOME=self.dir + "/home/.cache",
                        XDG_RUNTIME_DIR=self.dir + "/home")
        self.main = self.dir + "/r"
        self.repo = self.main
        self.remote = self.dir + "/o.git"
        self.sparse = []
        self.told = []
        self.verdicts = {}
        self.tips = self.remote_refs()
        self.start = self.tips["refs/heads/main"]
        self.good = self.bad = 0
        self.said = ""
        self.names = 0

    def tell(self, *words):
        self.told.append(" ".join(map(str, words)))
        if ONLY is not None:
            print("#", self.told[-1], flush=True)

    def git(self, *words, check=True):
        self.tell("git", *words)
        return git(self.repo, *words, check=check)

    # ---- the repository ----

    def set_up(self):
        rng = self.rng
        call(self.main, PRUN, "--hook", "install", "pre-push", env=self.env)
        where = rng.choice(["plain", "plain", "link", "subfolder", "linked"])
        if where == "linked" and not self.sub:
            self.git("worktree", "add", "-q", "../w", "-b", "linked")
            self.repo = self.dir + "/w"
        elif where == "link":
            os.symlink("r", self.dir + "/way")
            self.repo = self.dir + "/way"
        self.cwd = self.repo + ("/a" if where == "subfolder" else "")
        if rng.random() < 0.12 and not self.sub and where != "subfolder":
            self.sparse = rng.choice([
                ["--cone", "a", "req", "real"],
                ["--no-cone", "/*", "!/dir/", "!/odd/"]])
            self.git("sparse-checkout", "set", *self.sparse)
        self.tell("in", self.cwd, "narrow" if self.narrow else "")

    def write(self, path, word):
        self.tell("write", word, path)
        put(self.repo, path, f"{word} {path}\n")

    def word(self):
        if self.by_files and self.rng.random() < 0.3:
            return "worse"
        return self.rng.choice(["bad", "good", "better", "fine"])

    def edit(self):
        """One change that is to be committed."""
        rng = self.rng
        what = rng.choice(["write", "write", "write", "new", "rm", "move",
                           "link", "retarget", "mode", "sub", "tasks", "dir"])
        path = rng.choice(ALL)
        full = os.path.join(self.repo, path)
        if what == "new":
            area = rng.choice(["a", "odd", "dir", "a/new", "other"])
            self.write(f"{area}/{rng.choice(['n', 'n w', '[n]', '*'])}",
                       self.word())
        elif what == "rm" and os.path.lexists(full):
            self.tell("rm", path)
            if os.path.isdir(full) and not os.path.islink(full):
                shutil.rmtree(full)
            else:
                os.unlink(full)
        elif what == "move" and os.path.isfile(full):
            to = rng.choice(["a/moved", "odd/moved", "dir/moved", "moved"])
            self.tell("move", path, to)
            os.makedirs(os.path.dirname(os.path.join(self.repo, to)),
                        exist_ok=True)
            if not os.path.isdir(os.path.join(self.repo, to)):
                os.replace(full, os.path.join(self.repo, to))
        elif what == "link":
            self.tell("link", path)
            put(self.repo, path, "")
            os.unlink(full)
            os.symlink(rng.choice(["../real/t", "../n", "nowhere"]), full)
        elif what == "retarget":
            self.tell("retarget")
            put(self.repo, "link", "")
            os.unlink(self.repo + "/link")
            os.symlink(rng.choice(["real/t", "real/u", "n", "real"]),
                       self.repo + "/link")
        elif what == "mode" and os.path.isfile(self.repo + "/exe"):
            self.tell("mode")
            os.chmod(self.repo + "/exe", rng.choice([0o644, 0o755]))
        elif what == "sub" and self.has_sub():
            self.write("sub/" + rng.choice(["file", "new"]), self.word())
            git(self.repo + "/sub", "add", "-A")
            git(self.repo + "/sub", "commit", "-q", "--allow-empty", "-m",
                "sub")
        elif what == "tasks":
            answer = rng.choice(["true", "true", "false", "test -d a"])
            self.tell("tasks:", answer)
            put(self.repo, "Taskfile.yml", TASKFILE % answer)
            if rng.random() < 0.1:
                os.unlink(self.repo + "/Taskfile.yml")
        elif what == "dir":
            self.tell("dir", path)
            put(self.repo, path, "")
            put(self.repo, path + "/below", self.word())
        else:
            self.write(path, self.word())

    def repair(self):
        self.tell("repair")
        git(self.repo, "checkout", "-q", "-f", self.start, "--", "a", "odd",
            "real", "link", "dir", "n", "req", "exe", "Taskfile.yml",
            check=False)
        for path in git(self.repo, "ls-files", "-z").split("\0"):
            full = os.path.join(self.repo, path)
            if path and os.path.isfile(full) and not os.path.islink(full) and \
                    path != "Taskfile.yml":
                with open(full) as f:
                    text = f.read()
                if "bad" in text or "worse" in text:
                    self.write(path, "good")
        if self.has_sub():
            put(self.repo, "sub/file", "good\n")
            put(self.repo, "sub/new", "good\n")
            git(self.repo + "/sub", "add", "-A")
            git(self.repo + "/sub", "commit", "-q", "--allow-empty", "-m",
                "sub")

    def commit(self):
        if self.rng.random() < 0.4:
            self.repair()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            self.edit()
        self.git("add", "-A", *(["--sparse"] if self.sparse else []))
        self.git("commit", "-q", "--allow-empty", "-m", "step")

    def refs(self):
        """Names of the branches, and of the tags."""
        names = git(self.repo, "for-each-ref", "--format=%(refname)",
                    "refs/heads", "refs/tags").split()
        return ([n[11:] for n in names if n.startswith("refs/heads/")],
                [n[10:] for n in names if n.startswith("refs/tags/")])

    def branch(self):
        rng = self.rng
        heads, _ = self.refs()
        what = rng.random()
        if what < 0.3:
            self.names += 1
            at = "HEAD" if rng.random() < 0.5 else rng.choice(heads) + "~1"
            self.git("checkout", "-q", "-b", f"b{self.names}", at, check=False)
        elif what < 0.55:
            self.git("checkout", "-q", rng.choice(heads), check=False)
        elif what < 0.65:
            self.git("checkout", "-q", "--detach")
        elif what < 0.9:
            self.names += 1
            words = rng.choice([[], ["-a", "-m", "tag"]])
            at = rng.choice(["HEAD", "HEAD~1", "main", "HEAD^{tree}", "HEAD:n"])
            self.git("tag", *words, f"t{self.names}", at, check=False)
        else:
            self.git("merge", "-q", "-X", "ours", "-m", "merge",
                     rng.choice(heads), check=False)
            self.git("merge", "--abort", check=False)
        self.put_back_sub()

    def has_sub(self):
        return self.sub and os.path.lexists(self.repo + "/sub/.git")

    def put_back_sub(self):
        """The submodule at the commit that the index names."""
        if self.has_sub():
            link = git(self.repo, "ls-files", "-s", "--", "sub").split()
            git(self.repo + "/sub", "checkout", "-q", "-f", "--detach",
                link[1] if link and link[0] == "160000" else "HEAD")

    def dirty(self):
        """What is not committed; a fix of what is, more often than not."""
        rng = self.rng
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
            path = rng.choice([p for p in ALL
                               if os.path.isfile(os.path.join(self.repo, p))]
                              or ["n"])
            what = rng.choice(["write", "stage", "partly", "new", "ignored",
                               "assume", "skip", "rm", "cached", "mode", "fix",
                               "sub", "hidden in sub", "file mode"])
            word = rng.choice(["good", "good", "bad"])
            self.tell("dirty:", what)
            if what == "new":
                self.write(rng.choice(["a", "odd", "dir"]) + "/untracked", word)
            elif what == "ignored":
                self.write("other/x.ign", word)
            elif what in ("assume", "skip") and not self.sparse:
                flag = {"assume": "assume-unchanged",
                        "skip": "skip-worktree"}[what]
                self.git("update-index", f"--{flag}", "--", path, check=False)
                self.write(path, word)
            elif what == "rm":
                if os.path.isfile(os.path.join(self.repo, path)):
                    os.unlink(os.path.join(self.repo, path))
            elif what == "cached":
                self.git("rm", "-q", "--cached", "--ignore-unmatch", "--",
                         f":(literal){path}", check=False)
            elif what == "mode":
                os.chmod(os.path.join(self.repo, path), 0o755) if \
                    os.path.isfile(os.path.join(self.repo, path)) else None
            elif what == "file mode" and os.path.isfile(self.repo + "/exe"):
                git(self.repo, "config", "core.fileMode", "false")
                os.chmod(self.repo + "/exe", 0o644)
            elif what == "sub" and self.has_sub():
                self.write("sub/file", word)
            elif what == "hidden in sub" and self.has_sub():
                git(self.repo + "/sub", "update-index", "--assume-unchanged",
                    "file", check=False)
                self.write("sub/file", word)
            elif what == "fix":
                for p in ALL:
                    if os.path.isfile(os.path.join(self.repo, p)):
                        self.write(p, "good")
            else:
                self.write(path, word)
                if what in ("stage", "partly"):
                    self.git("add", "--", f":(literal){path}", check=False)
                if what == "partly":
                    self.write(path, rng.choice(["good", "bad"]))

    def clean(self):
        git(self.main, "config", "core.fileMode", "true")
        text = git(self.repo, "ls-files", "-v", "-z", check=False)
        for entry in text.split("\0"):
            if entry[:1] in ("h", "S", "s") and not self.sparse:
                for flag in ("no-assume-unchanged", "no-skip-worktree"):
                    git(self.repo, "update-index", f"--{flag}", "--", entry[2:])
        self.git("reset", "-q", "--hard", check=False)
        self.git("clean", "-qffdx", "-e", ".task", check=False)
        if self.has_sub():
            git(self.repo + "/sub", "update-index", "--no-assume-unchanged",
                "file", check=False)
            self.put_back_sub()
            git(self.repo + "/sub", "clean", "-qfdx", check=False)

    # ---- pushes ----

    def words(self):
        """What is pushed."""
        rng = self.rng
        heads, tags = self.refs()
        there = [r for r in self.tips if r.startswith("refs/heads/") and
                 r != "refs/heads/main"]
        refs = []
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            what = rng.random()
            if what < 0.3:
                refs.append("HEAD:" + rng.choice(
                    ["refs/heads/main", "refs/heads/topic", "refs/heads/x"]))
            elif what < 0.5:
                refs.append(rng.choice(heads))
            elif what < 0.6 and tags:
                refs.append(rng.choice(tags))
            elif what < 0.7 and there:
                refs.append(":" + rng.choice(there))
            elif what < 0.8 and not self.by_files:
                refs.append(f"+{rng.choice(heads)}~1:" + rng.choice(
                    ["refs/heads/main", "refs/heads/topic", "refs/heads/old"]))
            elif what < 0.9:
                refs.append(rng.choice(heads) + ":refs/heads/" +
                            rng.choice(["main", "topic", "y"]))
            elif what < 0.93 and not self.by_files:
                return ["--all"], []
            elif what < 0.95:
                return ["--mirror"], []
            elif what < 0.97:
                return [], ["refs/heads/*:refs/heads/all/*"]
            else:
                refs += ["refs/tags/*:refs/tags/*"]
        options = [o for o in ("--force", "--tags", "--follow-tags", "--atomic")
                   if rng.random() < (0.5 if o == "--force" else 0.15)]
        if self.by_files and "--force" in options:
            options.remove("--force")
        return options, sorted(set(refs))

    def remote_refs(self):
        text = git(self.remote, "for-each-ref",
                   "--format=%(refname) %(objectname)")
        return dict(line.split() for line in text.splitlines())

    def peel(self, name):
        return git(self.repo, "rev-parse", "-q", "--verify", name + "^{commit}",
                   check=False)

    def asked(self, options, refs):
        """Commits that the push would bring, or None where git refuses it."""
        code, out, _ = call(self.repo, "git", "push", "--no-verify",
                            "--dry-run", "--porcelain", *options, "origin",
                            *refs, check=False)
        if code != 0:
            return None
        names = []
        for line in out.splitlines():
            part = line.split("\t")
            if len(part) == 3 and part[0] in (" ", "+", "*"):
                names.append(part[1].split(":")[0])
        return {c for c in map(self.peel, names) if c}

    def look(self):
        """All that is the user's."""
        tree = {}
        for folder, dirs, files in os.walk(self.repo + "/."):
            dirs[:] = [d for d in dirs if d not in (".git", ".task")]
            for name in files + dirs:
                path = os.path.join(folder, name)
                st = os.lstat(path)
                what = None
                if stat.S_ISLNK(st.st_mode):
                    what = os.readlink(path)
                elif stat.S_ISREG(st.st_mode):
                    with open(path, "rb") as f:
                        what = f.read()
                tree[path] = st.st_mode, what
        # of git's own all but objects and what a push brings up to date
        for folder, dirs, files in os.walk(self.main + "/.git"):
            dirs[:] = [d for d in dirs if d not in ("objects", "remotes")]
            for name in files + dirs:
                path = os.path.join(folder, name)
                tree[path] = None
                if name in files:
                    with open(path, "rb") as f:
                        tree[path] = f.read()
        return tree

    # ---- the oracle ----

    def passes(self, commit):
        """Do the tasks pass in a plain clone of the commit?"""
        if commit not in self.verdicts:
            self.verdicts[commit] = self.run_in_clone(commit)
            self.tell("alone", commit[:10],
                      "passes" if self.verdicts[commit] else "fails")
        return self.verdicts[commit]

    def run_in_clone(self, commit):
        clone = self.dir + "/clone"
        shutil.rmtree(clone, ignore_errors=True)
        git(self.dir, "clone", "-q", "-n", "-s", "--template=", self.main,
            clone)
        if self.sparse:
            git(clone, "sparse-checkout", "set", *self.sparse)
        git(clone, "checkout", "-q", "--detach", commit)
        link = git(clone, "ls-files", "-s", "--", "sub").split()
        if link and link[0] == "160000":
            os.rmdir(clone + "/sub")
            git(clone, "clone", "-q", "-n", "-s", "--template=",
                self.main + "/.git/modules/sub", "sub")
            git(clone + "/sub", "checkout", "-q", "--detach", link[1])
        env = dict(self.env, XDG_STATE_HOME=clone + "/.git/state")
        code, out, err = call(clone, PRUN, "qa", env=env, check=False)
        self.said = f"status {code}\n{out}{err}"
        return code == 0

    def push(self):
        rng = self.rng
        options, refs = self.words()
        asked = self.asked(options, refs)
        by_prun = rng.random() < 0.25
        bypass = not self.narrow and not self.by_files and rng.random() < 0.06
        head = self.peel("HEAD")
        if bypass:
            words = ["git", "push", "--no-verify", *options, "origin", *refs]
        elif by_prun:
            words = [PRUN, "--push", "qa", "--", *options, "origin", *refs]
            if asked is not None:
                asked.add(head)
        else:
            words = ["git", "push", *options, "origin", *refs]
        before, tips = self.look(), self.tips
        self.tell("PUSH", *words)
        where = self.cwd if os.path.isdir(self.cwd) else self.repo
        code, out, err = call(where, *words, env=self.env, check=False)
        self.tell("->", code)
        if ONLY is not None:
            print(out + err)
        after = self.look()
        if after != before:
            raise Wrong("the user's tree has changed: " + str(
                [k for k in {**before, **after}
                 if before.get(k) != after.get(k)]))
        self.tips = self.remote_refs()
        moved = {r: i for r, i in self.tips.items() if tips.get(r) != i}
        if moved and not bypass:
            self.check_moved(moved, tips, out + err)
        if bypass or code == 0 or asked is None:
            return
        if moved and "--atomic" not in options and not by_prun:
            return  # the remote took some and refused others
        if any(r in out + err for r in REASONS):
            return
        self.bad += 1
        # one without a Taskfile fails, too
        if all(self.passes(c) for c in asked):
            raise Wrong("refused without a reason:\n" + out + err)

    def check_moved(self, moved, tips, said):
        for ref, new in moved.items():
            commit = self.peel(new)
            if not commit:
                continue
            is_branch = ref.startswith("refs/heads/")
            known = commit in tips.values() if self.narrow and is_branch else \
                git(self.remote, "rev-list", "-1", commit, "--not",
                    *tips.values()) == ""
            if known:
                continue
            if git(self.repo, "ls-tree", commit, "--", "Taskfile.yml") == "":
                # none here ever came to be without one
                if is_branch:
                    raise Wrong(f"{ref} has passed, and has no Taskfile")
                continue
            self.good += 1
            if not self.passes(commit):
                raise Wrong(f"{ref} has passed, and {commit} fails in a clone:\n"
                            f"{self.said}\nthe push:\n{said}")

    def play(self):
        self.set_up()
        for _ in range(self.rng.choice([1, 2, 2, 3])):
            for _ in range(self.rng.choice([0, 1, 1, 2])):
                self.branch()
            for _ in range(self.rng.choice([0, 1, 1, 2])):
                self.commit()
            self.dirty()
            self.push()
            self.clean()


def one(number, bases):
    case = Case(number, bases)
    wrong = ""
    try:
        case.play()
    except Wrong as e:
        wrong = str(e)
    except Exception as e:  # the test itself
        wrong = "the test: " + repr(e)
    if ONLY is None:
        shutil.rmtree(case.dir, ignore_errors=True)
    if wrong:
        wrong = "\n".join(case.told[-40:] + [wrong])
    return number, wrong, case.good, case.bad


def main():
    bases = {(n, s): make_base(n, s) for n in (False, True)
             for s in (False, True)}
    numbers = range(COUNT) if ONLY is None else [ONLY]
    good = bad = wrong = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number, text, g, b in pool.map(lambda n: one(n, bases), numbers):
            good, bad, wrong = good + g, bad + b, wrong + bool(text)
            if text:
                print(f"---- case {number}; play it with: push_states.py PRUN 1 "
                      f"{SEED} {number}\n{text}", flush=True)
    print(f"{wrong} of {len(numbers)} cases are wrong; {good} commits passed, "
          f"{bad} pushes were refused")
    # an empty test is none
    return wrong == 0 and (COUNT < 50 or min(good, bad) * 5 > COUNT)


try:
    PASSED = main()
finally:
    if ONLY is None:
        shutil.rmtree(WORK, ignore_errors=True)
    else:
        print("left in", WORK)
sys.exit(0 if PASSED else 1)
