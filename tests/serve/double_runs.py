# SPDX-License-Identifier: MIT
"""Runs and sessions of double.py: journals are read, prun is started."""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time


PRUN, ROOT = sys.argv[2:4]
SESSIONS = {}
CHILDREN = {}  # the session of each process of one
LOCK = threading.Lock()


def prun(*words):
    """What it says on its standard output."""
    return subprocess.run([PRUN, "-d", ROOT, *words], capture_output=True,
                          stdin=subprocess.DEVNULL, check=False).stdout


def runs_folder():
    """Where the runs of this project are, or None."""
    base = os.path.join(os.environ["XDG_STATE_HOME"], "prun")
    for name in sorted(os.listdir(base)) if os.path.isdir(base) else []:
        if name.startswith(os.path.basename(ROOT) + "-"):
            return os.path.join(base, name, "runs")
    return None


def run_ids():
    """Newest first."""
    folder = runs_folder()
    names = os.listdir(folder) if folder and os.path.isdir(folder) else []
    return sorted((n for n in names if re.match(r"\d{8}-", n)), reverse=True)


def lines_of(run):
    """The whole lines of a journal."""
    try:
        with open(os.path.join(runs_folder(), run, "events.jsonl"),
                  encoding="utf-8") as journal:
            text = journal.read()
    except OSError:
        return []
    return text.split("\n")[:-1]


def stamp(ns):
    """A time as the API has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ns // 10**9)) + (
        ".%03dZ" % (ns // 10**6 % 1000))


def is_alive(pid):
    """Whether there is such a process."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def summary(run, lines=None):
    """A RunSummary."""
    lines = lines if lines is not None else lines_of(run)
    if not lines:
        return None
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    out = {"run_id": run, "tasks": first.get("tasks", []),
           "argv": first.get("argv", []), "started_at": stamp(first["at"]),
           "status": "running"}
    for name in ("parent", "host", "head"):
        if first.get(name):
            out[name] = first[name]
    with LOCK:
        if first.get("pid") in CHILDREN:
            out["parent"] = CHILDREN[first["pid"]]
    if last["ev"] != "end":
        if not is_alive(first.get("pid", 0)):
            out["status"] = "killed"
        return out
    out["completed_at"] = stamp(first["at"] + last["end"])
    out["duration_seconds"] = last["end"] / 1e9
    out["exit_status"] = last.get("exit", 0)
    out["status"] = ("cancelled" if last.get("signal") else
                     "failed" if last.get("exit") else "passed")
    for name in ("verdict", "commit", "rerun", "signal"):
        if last.get(name):
            out[name] = last[name]
    return out


class Session(threading.Thread):
    """Tests that run side by side, and what is told of them."""

    def __init__(self, body):
        super().__init__(daemon=True)
        self.begin = time.time()
        self.id = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + (
            "%06d" % (self.begin % 1 * 1e6))
        self.status, self.seconds = "running", 0
        self.version = 0
        self.tests = [self.test(i, p) for i, p in
                      enumerate(body["test_plans"])]
        self.workers = [{"worker_id": "worker-%d" % (n + 1), "status": "idle",
                         "current_test": None, "worktree_id": None}
                        for n in range(body.get("num_workers", 3))]
        self.running = set()

    @staticmethod
    def test(number, plan):
        """A row of the results, before it has run."""
        return {"plan_file": plan.get("plan_file") or plan["task"],
                "task": plan.get("task") or "test-plan", "status": "pending",
                "tasks_passed": 0, "tasks_failed": 0, "duration_seconds": 0,
                "batch_range": plan.get("batch_range", "all"),
                "execution_id": number + 1}

    def run(self):
        threads = [threading.Thread(target=self.work, args=(w,), daemon=True)
                   for w in self.workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds = time.time() - self.begin
        if self.status == "running":
            self.status = "completed"
        self.version += 1

    def work(self, worker):
        """One worker: a test after the other, as long as there are some."""
        while self.status == "running":
            with LOCK:
                test = next((t for t in self.tests
                             if t["status"] == "pending"), None)
                if test is None:
                    break
                test.update(status="running", worker_id=worker["worker_id"],
                            worktree_id="wt-" + worker["worker_id"][7:])
                worker.update(status="busy", current_test=test["plan_file"],
                              worktree_id=test["worktree_id"])
                self.version += 1
            self.one(test)
            worker.update(status="idle", current_test=None, worktree_id=None)
            self.version += 1

    def one(self, test):
        """Runs a test to its end."""
        begin = time.time()
        with LOCK:  # who sees its run knows whose it is
            child = start([test["task"], "PLAN_FILE=" + test["plan_file"],
                           "BATCH_RANGE=" + test["batch_range"]])
            CHILDREN[child.pid] = self.id
        self.running.add(child)
        test["test_run_id"] = wait_for_run(child)
        code = child.wait()
        self.running.discard(child)
        test["duration_seconds"] = round(time.time() - begin, 3)
        test["status"] = ("cancelled" if self.status != "running" else
                          "failed" if code else "completed")
        calls = [json.loads(x) for x in lines_of(test["test_run_id"])
                 if '"ev":"call_end"' in x]
        test["tasks_passed"] = sum(c["status"] == "passed" for c in calls)
        test["tasks_failed"] = sum(c["status"] == "failed" for c in calls)
        if code:
            test["error"] = "exit status %d" % code
            test["worktree_path"] = ".prun/worktrees/" + test["worktree_id"]

    def cancel(self):
        """Ends what runs."""
        self.status = "cancelled"
        for child in list(self.running):
            child.send_signal(signal.SIGTERM)

    def told(self):
        """A SessionStatus."""
        n = {s: sum(t["status"] == s for t in self.tests) for s in
             ("pending", "running", "completed")}
        total = len(self.tests)
        return {"session_id": self.id, "status": self.status,
                "progress": dict(n, total=total,
                                 failed=total - sum(n.values())),
                "workers": self.workers}

    def summary(self):
        """A SessionSummary."""
        told = self.told()["progress"]
        return {"session_id": self.id, "status": self.status,
                "num_workers": len(self.workers),
                "started_at": stamp(int(self.begin * 1e9)),
                "tests_total": told["total"],
                "tests_passed": told["completed"],
                "tests_failed": told["failed"]}

    def results(self):
        """SessionResults."""
        s = self.summary()
        return {"session_id": self.id, "status": self.status,
                "duration_minutes": (self.seconds or
                                     time.time() - self.begin) / 60,
                "summary": {"total_tests": s["tests_total"],
                            "tests_passed": s["tests_passed"],
                            "tests_failed": s["tests_failed"]},
                "results": self.tests}


def start(words):
    """A run in the background."""
    return subprocess.Popen(
        [PRUN, "-d", ROOT, *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True)


def wait_for_run(child):
    """The id of the run that a child is, once it has a journal."""
    while True:
        for run in run_ids()[:40]:
            lines = lines_of(run)
            if lines and json.loads(lines[0]).get("pid") == child.pid:
                return run
        if child.poll() is not None:
            return ""
        time.sleep(0.01)
