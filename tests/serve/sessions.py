#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Test sessions over HTTP (P-1202 to P-1204): sessions.py PRUN, in a project's
folder."""
import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import JSON, Server, Tap, jsonschema, wait_for  # noqa: E402

t = Tap()
prun = sys.argv[1]
API = "/api/v1/parallel-test"
S = 10 ** 9
NOW = time.time_ns()
state = os.path.dirname([
    d for d, _, _ in os.walk(os.environ["XDG_STATE_HOME"])
    if os.path.basename(d) == "runs"][0])
real = "--worktrees" in subprocess.run(
    [prun, "--help", "all"], capture_output=True, text=True).stdout

s = Server(prun)
t.equal(s.get(API).json(), {"sessions": []}, "without a database there are none")
t.equal(s.get(API + "/20260101-000000-000000/status").status, 404,
        "and nothing is known of one")

# ---- what is read, of rows that are made up ----
# a key is looked up, so the database is made; the body is refused
s.ask("POST", API + "/start", {"test_plans": [{"task": "nope-nope"}],
                               "num_workers": 1},
      headers={"Idempotency-Key": "k"})
db = sqlite3.connect(os.path.join(state, "sessions.db"))


def put(table, **columns):
    db.execute("INSERT OR REPLACE INTO parallel_test_%s (%s) VALUES (%s)" % (
        table, ",".join(columns), ",".join("?" * len(columns))),
        list(columns.values()))
    db.commit()


def put_session(sid, status, total, passed=0, failed=0, completed=0):
    put("sessions", id=sid, num_workers=2, status=status,
        started_at=NOW - 90 * S, completed_at=completed, tests_total=total,
        tests_passed=passed, tests_failed=failed, head="", root="", reason="",
        exit=-1, pid=1, max_retries=2, task_timeout=0, pool=0, expected=0,
        rate="")


def put_test(sid, number, status, **more):
    row = dict(session_id=sid, number=number, name="n%d" % number,
               task="test-plan", plan_file="plan%d.md" % number,
               batch_range="all", test_run_id="", worktree_id="",
               worker_id="", status=status, retry_count=0, queued_at=NOW,
               started_at=0, completed_at=0, vars="", priority=0, exit=-1,
               reason="", tasks_passed=-1, tasks_failed=-1, report_path="",
               worktree_path="", kept="", expected=0)
    row.update(more)
    put("executions", **row)


one, two, three = ("20260101-00000%d-000000" % i for i in (1, 2, 3))
put_session(one, "failed", 4, 2, 1, NOW - 30 * S)
put_test(one, 1, "completed", started_at=NOW - 90 * S,
         completed_at=NOW - 60 * S, tasks_passed=3, tasks_failed=0,
         report_path="out/1.md", worktree_id="wt-1", worker_id="worker-1",
         test_run_id="20260101-000001-000001", retry_count=1)
put_test(one, 2, "failed", started_at=NOW - 80 * S,
         completed_at=NOW - 70 * S, tasks_passed=1, tasks_failed=2,
         reason="exit status 1", worktree_path="/kept/wt-2")
put_test(one, 3, "completed", started_at=NOW - 60 * S,
         completed_at=NOW - 59 * S, plan_file="", task="lint", batch_range="")
put_test(one, 4, "skipped")
a = s.get(API + "/%s/results" % one).json()
t.equal({k: a[k] for k in a if k != "results"}, {
    "session_id": one, "status": "failed", "duration_minutes": 1.0,
    "summary": {"total_tests": 4, "tests_passed": 2, "tests_failed": 1}},
    "the results of a session that is over")
t.equal(a["results"][0], {
    "plan_file": "plan1.md", "status": "completed", "tasks_passed": 3,
    "tasks_failed": 0, "report_path": "out/1.md", "duration_seconds": 30.0,
    "task": "test-plan", "batch_range": "all", "execution_id": 1,
    "test_run_id": "20260101-000001-000001", "worktree_id": "wt-1",
    "worker_id": "worker-1", "retry_count": 1}, "of a test that passed")
t.equal(a["results"][1], {
    "plan_file": "plan2.md", "status": "failed", "tasks_passed": 1,
    "tasks_failed": 2, "duration_seconds": 10.0, "task": "test-plan",
    "batch_range": "all", "execution_id": 2, "retry_count": 0,
    "worktree_path": "/kept/wt-2", "error": "exit status 1"},
    "of one that failed")
t.equal([a["results"][2][k] for k in ("plan_file", "tasks_passed",
                                      "tasks_failed")], ["lint", 1, 0],
        "one without a plan is called by its task, which is all it had")
t.equal(s.get(API + "/%s/status" % one).json()["progress"],
        {"total": 4, "completed": 2, "running": 0, "pending": 0, "failed": 2},
        "its progress adds up")


def put_live(sid):
    put_session(sid, "running", 3, 1)
    put_test(sid, 1, "completed", started_at=NOW - 50 * S,
             completed_at=NOW - 40 * S)
    put_test(sid, 2, "running", started_at=NOW - 20 * S, worktree_id="wt-2")
    put_test(sid, 3, "pending")
    put("workers", session_id=sid, worker_id="worker-1", status="busy",
        number=2, worktree_id="wt-2", pid=1)
    put("workers", session_id=sid, worker_id="worker-2", status="idle",
        number=0, worktree_id="", pid=1)


def lock(sid):
    folder = os.path.join(state, "sessions", sid)
    os.makedirs(folder, exist_ok=True)
    fd = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd


stream = s.stream("/api/v1/events")
held = lock(two)
put_live(two)
a = s.get(API + "/%s/status" % two).json()
t.equal(a, {
    "session_id": two, "status": "running",
    "progress": {"total": 3, "completed": 1, "running": 1, "pending": 1,
                 "failed": 0},
    "workers": [{"worker_id": "worker-1", "status": "busy",
                 "current_test": "plan2.md", "worktree_id": "wt-2"},
                {"worker_id": "worker-2", "status": "idle",
                 "current_test": None, "worktree_id": None}]},
    "the status of a session that goes on")


def told(wanted, most=20):
    """The news of a session that are so; what was half made up comes before."""
    for _ in range(most):
        news = stream.until("session")[-1]["data"]
        if wanted(news["status"]):
            break
    return news


news = told(lambda x: x["workers"] and len(x["workers"]) == 2)
t.equal(news["status"], a, "a stream tells it as well")
t.equal((news["summary"]["session_id"], news["summary"]["tests_total"]),
        (two, 3), "with the summary")
put_test(two, 2, "completed", started_at=NOW - 20 * S, completed_at=NOW)
put_test(two, 3, "running", started_at=NOW)
news = told(lambda x: x["progress"]["running"] and
            x["progress"]["completed"] == 2)
t.equal(news["status"]["progress"],
        {"total": 3, "completed": 2, "running": 1, "pending": 0, "failed": 0},
        "each change is told")
put_live(three)
a = s.get(API + "/%s/status" % three).json()
t.equal((a["status"], a["progress"], a["workers"][0]["status"]),
        ("interrupted", {"total": 3, "completed": 1, "running": 0,
                         "pending": 0, "failed": 2}, "died"),
        "one whose process is gone was interrupted")
os.close(held)
t.ok(wait_for(lambda: s.get(API + "/%s/status" % two).json()["status"] ==
              "interrupted"), "as soon as it is")
t.equal(told(lambda x: x["status"] != "running")["status"]["status"],
        "interrupted", "which is told, too")
stream.close()
s.stop(signal.SIGKILL)
s.start()
t.equal([(x["session_id"], x["status"]) for x in
         s.get(API).json()["sessions"]],
        [(three, "interrupted"), (two, "interrupted"), (one, "failed")],
        "the next server names them")
a = s.get(API + "?limit=2")
t.equal((len(a.json()["sessions"]), a.header("Link")),
        (2, "<%s?limit=2&after=%s>; rel=\"next\"" % (API, two)),
        "they come in pages")
t.equal([x["session_id"] for x in s.get(
    API + "?limit=2&after=" + two).json()["sessions"]], [one], "to the end")
t.equal(s.ask("DELETE", API + "/" + one).status, 409,
        "what has ended cannot be ended")
t.equal(s.ask("DELETE", API + "/20200101-000000-000000").status, 404,
        "nor what is not there")
t.equal(s.ask("DELETE", API + "/start").status, 405, "start is no session")
held = lock(three)
db.execute("BEGIN IMMEDIATE")
t.equal(s.get(API).status, 200, "a writer keeps no reader waiting")
db.rollback()
db.close()
os.close(held)

# ---- bodies ----
start = API + "/start"
for body, pointers in (
        ({}, ["/test_plans"]), ({"test_plans": []}, ["/test_plans"]),
        ({"test_plans": [{}]}, ["/test_plans/0"]),
        ({"test_plans": [1]}, ["/test_plans/0"]),
        ({"test_plans": [{"plan_file": "plan.md", "batch_range": x} for x in
                         ("1-", "x", "", "1;2", "-1", "1234567", 1)]},
         ["/test_plans/%d/batch_range" % i for i in range(7)]),
        ({"test_plans": [{"task": "build", "priority": x} for x in
                         (1.5, "1", 1001, -1001, True)]},
         ["/test_plans/%d/priority" % i for i in range(5)]),
        ({"test_plans": [{"task": "-x"}, {"task": "a", "vars": {"1": "x"}}]},
         ["/test_plans/0/task", "/test_plans/1/vars/1"]),
        ({"test_plans": [{"task": "build", "cmd": "rm"}], "x": 1},
         ["/x", "/test_plans/0/cmd"]),
        ({"test_plans": [{"task": "build"}], "num_workers": 0},
         ["/num_workers"]),
        ({"test_plans": [{"task": "build"}], "num_workers": 65,
          "config": {"task_timeout": "soon", "max_retries": -1}},
         ["/config/task_timeout", "/config/max_retries", "/num_workers"]),
        ({"test_plans": [{"task": "build"}], "config": {"task_timeout": 0}},
         ["/config/task_timeout"]),
        ({"test_plans": [{"task": "build"}],
          "config": {"task_timeout": "0h"}}, ["/config/task_timeout"]),
        ({"test_plans": [{"task": "build"}], "config": []}, ["/config"])):
    a = s.ask("POST", start, body)
    t.equal((a.status, [e["pointer"] for e in a.json().get("errors", [])]),
            (422, pointers), "every fault of %s" % json.dumps(body)[:70])
a = s.ask("POST", start, {"test_plans": [{"task": "build"}] * 101})
t.ok(a.status == 429 and int(a.header("Retry-After")) > 0,
     "more than the queue holds are refused", a.status, a.body)
with open("prun.ini", "w") as f:
    f.write("[worktrees]\nmax_queue = 2\nworkers = 5\n"
            "plan_task = other-plan\n")
s.stop()
s.start()
a = s.get("/api/v1/server").json()
t.equal((a["plan_task"], a["num_workers"]), ("other-plan", 5),
        "prun.ini says what plans run, and how many at a time")
t.equal(s.ask("POST", start, {"test_plans": [{"task": "build"}] * 3}).status,
        429, "and how many may wait")
with open("prun.ini", "a") as f:
    f.write("[server]\nplan_task = test-plan\nhosts = ci.example.org a.b:1\n")
s.stop()
s.start()
t.equal(s.get("/api/v1/server").json()["plan_task"], "test-plan",
        "[server] is stronger")
t.equal([s.get("/api/v1/server", headers={"Host": h}).status for h in
         ("ci.example.org", "a.b:1", "a.b", "ci.example.org:80")],
        [200, 200, 403, 403], "and says by which names it is called")
os.unlink("prun.ini")
s.stop()
s.start()


def starts(server, most):
    """A session of three tests, and a failing one."""
    body = {"test_plans": [
        {"plan_file": "plan.md", "batch_range": "1-3", "priority": 5},
        {"plan_file": "plan.md"}, {"task": "fails"}],
        "num_workers": 2, "config": {"task_timeout": "1m", "max_retries": 0}}
    key = {"Idempotency-Key": "session"}
    a = server.ask("POST", start, body, headers=key, timeout=60)
    if not t.equal(a.status, 202, "a session is started"):
        return print("# %s" % a.body)
    sid = a.json()["session_id"]
    t.equal((a.header("Location"), a.json()["num_workers"],
             a.json()["tests_queued"], sorted(a.json())),
            (API + "/%s/status" % sid, 2, 3,
             ["estimated_duration_minutes", "num_workers", "session_id",
              "status", "tests_queued"]), "with all that is said of it")
    t.equal(server.ask("POST", start, body, headers=key).body, a.body,
            "the same key starts no other")
    return sid


if real:
    for words in (["init", "-q", "-b", "main"], ["add", "."],
                  ["commit", "-q", "-m", "all"]):
        subprocess.run(["git"] + words, check=True)
    sid = starts(s, 60)
    status = API + "/%s/status" % sid
    t.ok(wait_for(lambda: s.get(status).json()["status"] == "failed", 60),
         "it ends", s.get(status).body)
    a = s.get(API + "/%s/results" % sid).json()
    t.equal(a["summary"], {"total_tests": 3, "tests_passed": 2,
                           "tests_failed": 1}, "its results are counted")
    t.equal([(x["plan_file"], x["status"]) for x in a["results"]],
            [("plan.md", "completed"), ("plan.md", "completed"),
             ("fails", "failed")], "each has its own")
    run = s.get("/api/v1/runs/" + a["results"][2]["test_run_id"])
    t.ok(run.status == 200 and run.json()["status"] == "failed",
         "whose run can be looked at", run.body[:300])
    sid = s.ask("POST", start, {"test_plans": [{"task": "slow"}]},
                timeout=60).json()["session_id"]
    status = API + "/%s/status" % sid
    t.ok(wait_for(lambda: s.get(status).json()["progress"]["running"] == 1,
                  60), "a session goes on", s.get(status).body)
    t.equal(s.ask("DELETE", API + "/" + sid).status, 202, "it can be ended")
    t.ok(wait_for(lambda: s.get(status).json()["status"] == "cancelled", 60),
         "and ends", s.get(status).body)
    t.equal(s.ask("DELETE", API + "/" + sid).status, 409, "not twice")
else:
    t.skip("a session from its start to its end", "no --worktrees here")
s.stop()
t.equal(s.faults, [], "every answer is as the document says")
if jsonschema is None:
    t.skip("their bodies, too", "no module jsonschema")
else:
    t.ok(s.document.checked > 25, "their bodies, too", s.document.checked)
t.done()
