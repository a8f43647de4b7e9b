#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs over HTTP: what is there, starting and ending them (P-1205):
api.py PRUN, in a project's folder."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import JSON, Server, Tap, jsonschema, wait_for  # noqa: E402

t = Tap()
prun = sys.argv[1]
RUNS = "/api/v1/runs"


def record(*words):
    subprocess.run([prun, "--silent", *words], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def refused(*words, env=None, stdin=None):
    """Its status, and what it says."""
    p = subprocess.run([prun, *words], capture_output=True, text=True,
                       timeout=20, input=stdin or "",
                       env=dict(os.environ, **(env or {})))
    return p.returncode, p.stderr.strip()


for i in range(4):
    record("build")
s = Server(prun)

# ---- where there can be none ----
for listen in ("8377", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", ":8377",
               "127.0.0.1:65536", "example.org:80", "::1:8377", "unix:",
               "unix:" + "x" * 200, "127.0.0.1:-1", "[::1]"):
    status, text = refused("--serve", "--listen", listen)
    t.ok(status == 2 and text.startswith("prun: listen at ") and
         text.count("\n") == 0, "it cannot listen at %r" % listen[:20],
         status, text)
status, text = refused("--serve", "--listen", s.host)
t.ok(status == 1 and "already" in text and s.host in text,
     "nor where somebody does", status, text)
status, text = refused("--serve", "--listen", "unix:/nope/sock")
t.ok(status == 1 and "/nope/sock" in text, "nor in a folder that is not there",
     status, text)
for words, what in ((("--listen", s.host), "--listen only applies"),
                    (("--serve", "build"), "--serve takes no tasks"),
                    (("--serve", "--detach"), "not for --serve")):
    status, text = refused(*words)
    t.ok(status != 0 and what in text, "%s says why" % " ".join(words), text)
status, text = refused("--serve", "-t", "-", stdin="version: '3'")
t.ok(status == 2 and "stdin" in text, "a Taskfile has to stay", text)
status, text = refused("--serve", env={"PRUN_SERVE": "/nope/prun-serve"})
t.ok(status == 1 and "/nope/prun-serve" in text,
     "a program that is not there is named", text)

# ---- what it is ----
a = s.get("/api/v1/server").json()
t.equal((a["root"], a["project"], a["plan_task"]),
        (os.getcwd(), os.path.basename(os.getcwd()), "test-plan"),
        "the server says whose it is")
with open(s.document and os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "..", "src",
        "serve", "openapi.json"), "rb") as f:
    t.equal(s.get("/api/v1/openapi.json").body, f.read(),
            "and what it can do: the document, byte by byte")
tasks = s.get("/api/v1/tasks").json()["tasks"]
t.equal([x["desc"] for x in tasks if x["task"] == "build"], ["Makes it."],
        "the tasks are those of the Taskfile")
with open("Taskfile.yml", "a") as f:
    f.write("  later: 'true'\n")
t.ok("later" in [x["task"] for x in
                 s.get("/api/v1/tasks").json()["tasks"]], "as it is now")
a = s.get("/api/v1/stats").json()
t.equal([c["runs"] for c in a["calls"] if c["task"] == "build"], [5],
        "the statistics are those of --stats")
a = s.get("/api/v1/stats?task=fails").json()
t.equal([c["task"] for c in a["calls"]], ["fails"], "of one task, too")
t.equal(s.get("/api/v1/stats?task=nope").status, 404,
        "a task that nobody called has none")
t.equal(s.get("/api/v1/stats?task=--init").status, 400, "nor has a flag")

# ---- pages ----
all_runs = s.get(RUNS).json()["runs"]
t.equal(len(all_runs), 5, "all runs are listed")
ids = [r["run_id"] for r in all_runs]
t.equal(ids, sorted(ids, reverse=True), "the newest first")
t.equal([r["status"] for r in all_runs], ["passed"] * 4 + ["failed"],
        "with what became of them")
seen, target = [], RUNS + "?limit=2"
while target:
    a = s.get(target)
    page = [r["run_id"] for r in a.json()["runs"]]
    t.ok(len(page) <= 2, "a page has two at most")
    seen += page
    link = a.header("Link")
    target = link and link.split(">")[0][1:]
t.equal(seen, ids, "page by page it is the same list")
t.equal(s.get(RUNS + "?limit=5").header("Link"), None,
        "the last page has no next one")
t.equal(s.get(RUNS + "?after=" + ids[-1]).json(), {"runs": []},
        "behind the last there is none")
record("build")
t.equal([r["run_id"] for r in s.get(
    RUNS + "?limit=2&after=" + ids[1]).json()["runs"]], ids[2:4],
        "a run that has come meanwhile moves no page")

# ---- one ----
failed = ids[-1]
a = s.get("%s/%s" % (RUNS, failed)).json()
calls = {c["name"]: c for c in a["report"]["calls"]}
t.equal((a["status"], a["exit_status"], a["rerun"]), ("failed", 201,
                                                      ["fails"]),
        "a run says how it ended")
t.equal((calls["build"]["status"], calls["fails"]["status"]),
        ("passed", "failed"), "and so do its calls")
journal = [os.path.join(d, "events.jsonl") for d, _, fs in
           os.walk(os.environ["XDG_STATE_HOME"]) if d.endswith(failed)
           and "events.jsonl" in fs][0]
t.equal(a["event_id"], os.path.getsize(journal), "up to which event it is")
t.equal(s.get(RUNS + "/20200101-000000-000000").status, 404,
        "a run that is not there")
h = s.ask("HEAD", "%s/%s" % (RUNS, failed))
t.ok(h.status == 200 and h.body == b"" and
     int(h.header("Content-Length")) > 500, "HEAD is GET without the body")

# ---- logs ----
log = "%s/%s/logs/%d" % (RUNS, failed, calls["fails"]["id"])
a = s.get(log)
text = b"what\n"
t.equal((a.body, a.header("Content-Type"), a.header("Prun-Complete")),
        (text, "text/plain; charset=utf-8", "1"), "a log is what was printed")
for want, status, body, where in (
        ("bytes=0-1", 206, b"wh", "bytes 0-1/5"),
        ("bytes=2-", 206, b"at\n", "bytes 2-4/5"),
        ("bytes=-2", 206, b"t\n", "bytes 3-4/5"),
        ("bytes=-99", 206, text, "bytes 0-4/5"),
        ("bytes=1-99", 206, b"hat\n", "bytes 1-4/5"),
        ("bytes=4-4", 206, b"\n", "bytes 4-4/5"),
        ("bytes=5-", 416, None, "bytes */5"),
        ("bytes=-0", 416, None, "bytes */5"),
        ("bytes=99999999999999999-", 416, None, "bytes */5"),
        ("bytes=3-1", 200, text, None), ("bytes=x-", 200, text, None),
        ("bytes=0-1,3-4", 200, text, None), ("lines=0-1", 200, text, None),
        ("bytes=0x1-2", 200, text, None), ("bytes=-", 200, text, None)):
    a = s.get(log, headers={"Range": want})
    t.ok(a.status == status and (body is None or a.body == body) and
         a.header("Content-Range") == where, "the part %s of it" % want,
         a.status, a.body, a.header("Content-Range"))
t.equal(s.get("%s/%s/logs/77" % (RUNS, failed)).status, 404,
        "a call that there is not has no log")
os.unlink(journal.replace("events.jsonl", calls["fails"]["log"]))
t.equal(s.get(log).status, 410, "a log that is gone is told as that")
os.symlink("/etc/passwd", journal.replace("events.jsonl",
                                          calls["fails"]["log"]))
t.equal(s.get(log).status, 410, "what lies in its place is not read")
record("trap", "nope")

# ---- starting ----
a = s.ask("POST", RUNS, {"tasks": ["vars"], "vars": {"A": "x y"}})
run = a.json()["run_id"]
t.equal((a.status, a.json()["status"], a.header("Location")),
        (202, "running", RUNS + "/" + run), "a run is started")
t.ok(wait_for(lambda: s.get(a.header("Location")).json()["status"] ==
              "passed"), "and passes")
t.equal(s.get(RUNS + "/%s/logs/1" % run).body, b"got x y\n",
        "with its variables")
a = s.ask("POST", RUNS, {"tasks": ["nope"]})
t.ok(a.status == 422 and "nope" in a.json()["detail"] and
     a.json()["errors"][0]["pointer"] == "/tasks",
     "a task that there is not is told", a.body)
key = {"Idempotency-Key": "one"}
a = s.ask("POST", RUNS, {"tasks": ["build"]}, headers=key)
b = s.ask("POST", RUNS, {"tasks": ["build"]}, headers=key)
t.equal((b.status, b.body, b.header("Location")),
        (202, a.body, a.header("Location")),
        "the same key gets the same answer")
t.equal(s.ask("POST", RUNS, {"tasks": ["touch"]}, headers=key).status, 422,
        "with another body it is refused")
t.equal(s.ask("POST", RUNS, {"tasks": ["build"]},
              headers={"Idempotency-Key": "a b"}).status, 400,
        "what is no key is refused")
wait_for(lambda: s.get(a.header("Location")).json()["status"] == "passed")
before = [r["run_id"] for r in s.get(RUNS).json()["runs"]]
s.stop(signal.SIGKILL)
s.start()
b = s.ask("POST", RUNS, {"tasks": ["build"]}, headers=key)
t.equal(b.body, a.body, "also by the server after one that was killed")
t.equal([r["run_id"] for r in s.get(RUNS).json()["runs"]], before,
        "so nothing was started twice")
a = s.ask("POST", RUNS, {"failed": failed})
t.equal(a.status, 202, "what failed can be run again")
again = a.json()["run_id"]
wait_for(lambda: s.get(RUNS + "/" + again).json()["status"] == "failed")
a = s.get(RUNS + "/" + again).json()
t.equal(a["tasks"], ["fails"], "with the tasks of then")
for body, what in (({"failed": "nope"}, "none"),
                   ({"failed": run}, "one that passed"),
                   ({"failed": failed, "tasks": ["build"]}, "with tasks")):
    t.equal(s.ask("POST", RUNS, body).status, 422, "not of %s" % what)

# ---- ending ----
a = s.ask("POST", RUNS, {"tasks": ["slow"]})
slow = a.json()["run_id"]
t.equal(s.get(RUNS + "/" + slow).json()["status"], "running",
        "a run that was started is there at once")
wait_for(lambda: s.get(RUNS + "/%s/logs/1" % slow).body)
a = s.ask("DELETE", RUNS + "/" + slow)
t.equal((a.status, a.json()), (202, {"run_id": slow, "status": "cancelling"}),
        "it can be ended")
t.ok(wait_for(lambda: s.get(RUNS + "/" + slow).json()["status"] ==
              "cancelled"), "and ends")
t.equal(s.ask("DELETE", RUNS + "/" + slow).status, 409, "not twice")
slow = s.ask("POST", RUNS, {"tasks": ["slow"]}).json()["run_id"]
s.ask("DELETE", RUNS + "/" + slow)
t.ok(wait_for(lambda: s.get(RUNS + "/" + slow).json()["status"] ==
              "cancelled"), "one that has hardly begun ends as well")
t.equal(s.ask("DELETE", RUNS + "/20200101-000000-000000").status, 404,
        "nor one that is not there")

# ---- what was started ends with the server; what was not, does not ----
other = subprocess.Popen([prun, "--silent", "slow"],
                         stdout=subprocess.DEVNULL)
wait_for(lambda: s.get(RUNS).json()["runs"][0]["status"] == "running")
mine = s.ask("POST", RUNS, {"tasks": ["slow"], "vars": {"B": "1"}}).json()[
    "run_id"]
wait_for(lambda: s.get(RUNS + "/%s/logs/1" % mine).status == 200)
s.stop(signal.SIGKILL)
s.start()
t.equal(s.get(RUNS + "/" + mine).json()["status"], "running",
        "a run outlives a server that is killed")
began = time.monotonic()
t.equal(s.stop(), 0, "the next one ends it when it ends")
t.ok(time.monotonic() - began < 9, "as soon as it has",
     time.monotonic() - began)
t.ok(other.poll() is None, "a run of somebody else goes on")
s.start()
t.equal(s.get(RUNS + "/" + mine).json()["status"], "cancelled",
        "it is known how it ended")
open("go", "w").close()
other.wait()
os.unlink("go")

# ---- figures ----
a = s.get("/metrics")
lines = a.body.decode().splitlines()
t.ok(a.header("Content-Type").startswith("text/plain; version=0.0.4"),
     "/metrics is for Prometheus")
t.ok([x for x in lines if x.startswith(
    'prun_call_runs_total{task="build",call="build",vars=""} ')],
     "which has the series of a call", a.body[:500])
t.ok('prun_server_answers_total{status="2xx"} 1' in lines,
     "and the server's", a.body[-500:])
t.equal(s.stop(), 0, "it ends")
t.equal(s.faults, [], "every answer is as the document says")
if jsonschema is None:
    t.skip("their bodies, too", "no module jsonschema")
else:
    t.ok(s.document.checked > 50, "their bodies, too", s.document.checked)
t.done()
