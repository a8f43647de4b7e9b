#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Events of runs as they happen (P-1205): streams.py PRUN, in a project's
folder."""
import os
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server, Tap, wait_for  # noqa: E402

t = Tap()
prun = sys.argv[1]
s = Server(prun)
runs = "/api/v1/runs"


def newest():
    return s.get(runs + "?nested=true").json()["runs"][0]["run_id"]


# ---- a run that has ended ----
run = newest()
journal = [os.path.join(d, "events.jsonl") for d, _, fs in
           os.walk(os.environ["XDG_STATE_HOME"])
           if d.endswith(run) and "events.jsonl" in fs][0]
lines = open(journal, "rb").read().splitlines(True)
ids = [sum(map(len, lines[:i + 1])) for i in range(len(lines))]
events = s.stream("%s/%s/events" % (runs, run)).until("nothing")
t.equal([e["event"] for e in events[-2:]], ["end", "bye"],
        "the end of a run is the end of its stream")
told = [e for e in events if "id" in e]
t.equal([int(e["id"]) for e in told], ids,
        "each line of the journal is an event with an id that grows")
t.equal([e["data"]["ev"] for e in told], [e["event"] for e in told],
        "which is called what the line is")
t.equal(events[-1]["data"], {"run_id": run, "event_id": ids[-1],
                             "complete": True}, "the last one says where it is")
for i in (0, len(ids) // 2, len(ids) - 1):
    got = s.stream("%s/%s/events" % (runs, run),
                   {"Last-Event-ID": str(ids[i])}).until("bye")
    t.equal([int(e["id"]) for e in got if "id" in e], ids[i + 1:],
            "behind event %d comes the next one" % (i + 1))
got = s.stream("%s/%s/events?after=%d" % (runs, run, ids[0]),
               {"Last-Event-ID": str(ids[-2])}).until("bye")
t.equal([int(e["id"]) for e in got if "id" in e], ids[-1:],
        "Last-Event-ID is stronger than the address")
for after in (ids[0] + 1, ids[-1] + 1, 10 ** 12):
    got = s.stream("%s/%s/events?after=%d" % (runs, run, after)).until("bye")
    t.equal([(e["event"], e["data"]["event_id"]) for e in got],
            [("resync", ids[-1]), ("bye", ids[-1])],
            "an id that never was (%d) is told" % after)
t.equal([s.get("%s/%s/events" % (runs, run), headers={"Last-Event-ID": x})
         .status for x in ("x", "-1", "1e3", "9" * 30)], [400] * 4,
        "what is no id is refused")
t.equal(s.get(runs + "/20200101-000000-000000/events").status, 404,
        "a run that is not there has no events")

# ---- one that goes on ----
everything = s.stream("/api/v1/events")
time.sleep(0.1)
p = subprocess.Popen([prun, "--silent", "slow"], stdout=subprocess.DEVNULL)
event = everything.until("run")[-1]
live = event["data"]["run_id"]
t.equal((event["data"]["status"], event["data"]["tasks"]),
        ("running", ["slow"]), "a run that another started is told at once")
stream = s.stream("%s/%s/events" % (runs, live))
first = stream.until("job")
t.equal([e["event"] for e in first], ["run", "call", "start", "job"],
        "what has happened comes first")
log = stream.until("log")[-1]["data"]
t.equal(log, {"run_id": live, "call": 1, "size": 6}, "then that a log grows")
a = s.get("%s/%s/logs/1" % (runs, live))
t.equal((a.body, a.header("Prun-Complete")), (b"begun\n", "0"),
        "whose text is there")
both = s.stream("/api/v1/events?run=" + live)
t.ok([e for e in both.until("log") if e["event"] == "job"],
     "one stream has the news of all and the events of one")
began = time.monotonic()
open("go", "w").close()
rest = stream.until("bye")
took = time.monotonic() - began
t.equal([e["event"] for e in rest if e["event"] not in ("log", "machine")],
        ["job_end", "call_end", "end", "bye"], "its end comes by itself")
t.ok(took < 5, "soon", took)
p.wait()
t.ok([e for e in both.until("run") + both.until("run")
      if e["event"] == "bye" or e["data"].get("status") == "passed"],
     "and in the other stream, which goes on")
end = everything.until("run")[-1]["data"]
t.equal((end["run_id"], end["status"]), (live, "passed"),
        "those who hear of all hear of it")
os.unlink("go")

# ---- one that is killed ----
p = subprocess.Popen([prun, "--silent", "slow"], stdout=subprocess.DEVNULL)
killed = everything.until("run")[-1]["data"]["run_id"]
stream = s.stream("%s/%s/events" % (runs, killed))
stream.until("job")
p.kill()
p.wait()
rest = stream.until("bye")
t.equal((rest[-1]["event"], rest[-1]["data"]["complete"]), ("bye", False),
        "the stream of a run that was killed ends as well, and says so")
t.equal(s.get("%s/%s" % (runs, killed)).json()["status"], "killed",
        "that run is called killed")
t.equal(everything.until("run")[-1]["data"]["status"], "killed",
        "by the stream of all, too")
everything.close()
both.close()

# ---- too much to be sent again ----
big = journal.replace(run, "20200102-000000-000000")
os.makedirs(os.path.dirname(big))
line = b'{"ev":"machine","time":1}\n'
with open(big, "wb") as f:
    f.write(lines[0])
    f.write(line * 30000)
    f.write(lines[-1])
    size = f.tell()
name = "20200102-000000-000000"
got = s.stream("%s/%s/events" % (runs, name)).until("bye")
t.equal([(e["event"], e["data"]["event_id"]) for e in got],
        [("resync", size), ("bye", size)],
        "more than 20000 events are not sent again")
got = s.stream("%s/%s/events?after=%d" % (
    runs, name, size - len(lines[-1]) - len(line) * 10)).until("bye")
t.equal(len(got), 12, "the last ones are")
with open(big, "wb") as f:
    f.write(lines[0])
    f.write((line[:-3] + b'1,"x":"' + b"x" * 50000 + b'"}\n') * 100)
    f.write(lines[-1])
got = s.stream("%s/%s/events" % (runs, name)).until("bye")
t.equal([e["event"] for e in got], ["resync", "bye"],
        "nor are more than 4 MiB")
with open(big, "wb") as f:
    f.write(lines[0])
    f.write(line[:-3] + b'1,"x":"' + b"x" * 200000 + b'"}\n')
    f.write(b'{"ev":"mach')
got = s.stream("%s/%s/events" % (runs, name)).until("bye")
t.equal(([e["event"] for e in got], len(got[1]["data"].get("x", ""))),
        (["run", "machine", "bye"], 200000),
        "a long line is whole, one without its end waits")

# ---- many, and others meanwhile ----
open("go", "w").close()
os.unlink("go")
p = subprocess.Popen([prun, "--silent", "slow"], stdout=subprocess.DEVNULL)
wait_for(lambda: s.get(runs).json()["runs"][0]["status"] == "running")
live = newest()
streams = [s.stream("%s/%s/events" % (runs, live)) for _ in range(200)]
t.equal({x.status for x in streams}, {200}, "200 listen to a run")
worst = 0
for _ in range(20):
    began = time.monotonic()
    good = s.get("/api/v1/server").status == 200
    worst = max(worst, time.monotonic() - began)
t.ok(good and worst < float(os.environ.get("SERVE_WORST", 0.5)),
     "others are answered meanwhile", "worst: %.3f s" % worst)
more = [s.stream("/api/v1/events") for _ in range(57)]
t.equal(more[-1].status, 503, "the 257th is refused")
t.ok(more[0].status == 200, "the one before was not")
for x in more:
    x.close()
open("go", "w").close()
ends = []
threads = [threading.Thread(target=lambda x=x: ends.append(
    x.until("bye")[-1]["event"])) for x in streams]
for x in threads:
    x.start()
for x in threads:
    x.join(20)
t.equal(ends, ["bye"] * 200, "all of them hear of its end")
p.wait()
os.unlink("go")
t.ok(wait_for(lambda: "prun_server_streams 0\n" in
              s.get("/metrics").body.decode()),
     "nothing is left of streams that have ended")

# ---- a heartbeat, and who does not read ----
quiet = s.stream("/api/v1/events", timeout=30)
stuck = s.connect()
stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
with open(big, "wb") as f:
    f.write(lines[0])
    f.write((line[:-3] + b'1,"x":"' + b"x" * 50000 + b'"}\n') * 70)
stuck.sendall(("GET %s/%s/events HTTP/1.1\r\nHost: %s\r\n"
               "Authorization: Bearer %s\r\n\r\n" % (
                   runs, name, s.host, s.token)).encode())


def beats():
    while quiet.comments == 0 and quiet.next() is not None:
        pass


if os.environ.get("SERVE_SLOW"):
    thread = threading.Thread(target=beats, daemon=True)
    thread.start()
    t.ok(wait_for(lambda: quiet.comments > 0, 25),
         "a stream with nothing to say says that it lives")
    t.ok(wait_for(lambda: "prun_server_streams 1\n" in
                  s.get("/metrics").body.decode(), 60),
         "who does not read is cut")
else:
    t.skip("heartbeats, and who does not read", "takes a minute")
stuck.close()
t.equal(s.stop(), 0, "a server with streams ends when told to")
t.equal(s.faults, [], "every answer is as the document says")
t.done()
