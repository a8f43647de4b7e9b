#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the server bears (P-1201, P-1205): load.py PRUN, in a project's folder.

Times of this process say more of a busy machine than of the server, so what a
request costs is read from the server's own processor time.
"""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server, Tap, wait_for  # noqa: E402

t = Tap()
prun = sys.argv[1]
s = Server(prun)
TICKS = os.sysconf("SC_CLK_TCK")


def cpu():
    with open("/proc/%d/stat" % s.pid()) as f:
        words = f.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def hammer(target, n, seconds=None):
    """Requests on one connection, one behind the other; how many."""
    request = ("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
               "\r\n" % (target, s.host, s.token)).encode()
    c = s.connect()
    good = 0
    end = time.monotonic() + (seconds or 600)
    for _ in range(n):
        if time.monotonic() > end:
            break
        c.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += c.recv(65536)
        head, _, body = got.partition(b"\r\n\r\n")
        size = int(head.lower().split(b"content-length: ")[1].split()[0])
        while len(body) < size:
            body += c.recv(65536)
        good += head.startswith(b"HTTP/1.1 200")
    c.close()
    return good


def cost(target, n, name, most):
    before = cpu()
    good = hammer(target, n)
    each = (cpu() - before) / n
    t.equal(good, n, "%d requests for %s are answered" % (n, name))
    t.ok(each < most, "each costs less than %g ms of a core" % (most * 1e3),
         "%.3f ms" % (each * 1e3))


# ---- what is asked most ----
real = "--worktrees" in subprocess.run(
    [prun, "--help", "all"], capture_output=True, text=True).stdout
cost("/api/v1/server", 5000, "the server", 0.001)
cost("/api/v1/runs?limit=20", 1000, "a page of runs", 0.01)
if real:
    for words in (["init", "-q", "-b", "main"], ["add", "."],
                  ["commit", "-q", "-m", "all"]):
        subprocess.run(["git"] + words, check=True)
    a = s.ask("POST", "/api/v1/parallel-test/start", {
        "test_plans": [{"task": "build", "vars": {"I": str(i)}}
                       for i in range(50)], "num_workers": 3}, timeout=60)
    status = "/api/v1/parallel-test/%s/status" % a.json()["session_id"]
    cost(status, 5000, "the status of a session of 50 tests that goes on",
         0.001)
    t.ok(wait_for(lambda: s.get(status).json()["status"] == "completed", 300),
         "the session ends", s.get(status).body[:500])
else:
    t.skip("the status of a session", "no --worktrees here")

# ---- a run that prints 1 MB a second, and 50 who listen ----
with open("Taskfile.yml", "a") as f:
    f.write("""\
  loud:
    cmds:
      - |
        python3 -c 'import time
        for i in range(100):
            print("x" * 99 + "\\n", end="", flush=True)
            for j in range(100): print("y" * 1023)
            time.sleep(0.1)'
""")
everything = s.stream("/api/v1/events", timeout=60)
p = subprocess.Popen([prun, "--silent", "loud"], stdout=subprocess.DEVNULL)
loud = everything.until("run")[-1]["data"]["run_id"]
ends = []


def listen():
    st = s.stream("/api/v1/runs/%s/events" % loud, timeout=60)
    got = st.until("bye")
    ends.append((got[-1]["event"],
                 [e["data"]["size"] for e in got if e["event"] == "log"][-1]))


before, began = cpu(), time.monotonic()
threads = [threading.Thread(target=listen) for _ in range(50)]
for x in threads:
    x.start()
worst = 0
while p.poll() is None:
    at = time.monotonic()
    s.get("/api/v1/server")
    worst = max(worst, time.monotonic() - at)
    time.sleep(0.1)
for x in threads:
    x.join(60)
share = (cpu() - before) / (time.monotonic() - began)
size = 100 * (100 + 100 * 1024)
t.equal(ends, [("bye", size)] * 50, "50 hear of all of it, to the end")
t.ok(share < 0.5, "for less than half a core", "%.2f" % share)
t.ok(worst < 0.5, "while others are answered", "%.3f s" % worst)
a = s.get("/api/v1/runs/%s/logs/1" % loud)
t.equal(len(a.body), size, "the log is whole")

# ---- a big run ----
big = subprocess.run([prun, "--silent", "thousands"], capture_output=True)
newest = s.get("/api/v1/runs").json()["runs"][0]["run_id"]
at = time.monotonic()
a = s.get("/api/v1/runs/" + newest)
t.ok(len(a.json()["report"]["calls"]) > 2000, "a run of 2,000 calls is told",
     len(a.json()["report"]["calls"]))
before = cpu()
s.get("/api/v1/runs/" + newest)
t.ok(cpu() - before < 0.3, "without keeping others waiting",
     "%.3f s" % (cpu() - before))

memory = s.memory()
t.ok(memory < 64 << 20, "the server takes less than 64 MiB", memory >> 20)
t.equal(s.stop(), 0, "it ends")
t.done()
