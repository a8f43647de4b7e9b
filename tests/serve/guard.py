#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who may ask the server what (P-1201): guard.py PRUN, in a project's folder."""
import os
import socket
import stat
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import JSON, Server, Tap, jsonschema  # noqa: E402

t = Tap()
s = Server(sys.argv[1])
RUN = {"tasks": ["touch"]}


def started():
    return os.path.exists("touched")


# ---- the token ----
for path in ("/api/v1/server", "/api/v1/runs", "/api/v1/tasks", "/metrics",
             "/api/v1/openapi.json", "/api/v1/stats", "/api/v1/events",
             "/api/v1/parallel-test", "/api/v1/nothing", "/nothing"):
    a = s.get(path, token=False)
    t.equal((a.status, a.header("WWW-Authenticate")), (401, "Bearer"),
            "%s needs the token" % path)
for text, name in (("x" * 64, "a wrong one"), ("", "an empty one"),
                   (s.token[:-1], "one that lacks its end"),
                   (s.token + "0", "one that is too long"),
                   (s.token.upper(), "one in capitals")):
    a = s.get("/api/v1/server", token=False,
              headers={"Authorization": "Bearer " + text})
    t.equal(a.status, 401, "%s is none" % name)
t.equal(s.get("/api/v1/server?token=" + s.token, token=False).status, 401,
        "it is not taken from an address")
t.equal(s.get("/api/v1/server").status, 200, "the right one is")
t.equal(s.get("/", token=False).status, 200, "the page itself needs none")
token_file = [os.path.join(d, f) for d, _, fs in
              os.walk(os.environ["XDG_STATE_HOME"])
              for f in fs if f == "serve.token"][0]
mode = stat.S_IMODE(os.stat(token_file).st_mode)
t.equal(oct(mode), "0o600", "it lies in a file for the user alone")
with open(token_file) as f:
    t.equal(f.read(), s.token + "\n", "which holds it")
with open("/proc/%d/cmdline" % s.pid(), "rb") as f:
    t.ok(s.token.encode() not in f.read(), "the command line does not")

# ---- the cookie ----
login = "/api/v1/login"
a = s.ask("POST", login, {"token": s.token}, token=False)
cookie = a.header("Set-Cookie", "")
t.ok(a.status == 204 and "HttpOnly" in cookie and "SameSite=Strict" in cookie
     and s.token not in cookie, "a page gets a cookie that is not the token",
     cookie)
cookie = cookie.split(";")[0]
t.equal(s.ask("POST", login, {"token": "0" * 64}, token=False).status, 401,
        "a wrong token gets none")
t.equal(s.get("/api/v1/server", token=False,
              headers={"Cookie": "a=b; " + cookie}).status, 200,
        "the cookie is as good as the token")
name, _, value = cookie.partition("=")
ends, _, proof = value.partition(".")
for text, what in ((str(int(ends) + 3600) + "." + proof, "one made longer"),
                   (ends + "." + "0" * 64, "one without proof"),
                   ("1." + proof, "one that has ended"), (s.token, "the token"),
                   ("", "an empty one")):
    t.equal(s.get("/api/v1/server", token=False,
                  headers={"Cookie": name + "=" + text}).status, 401,
            "%s is no cookie" % what)
t.equal(s.get("/api/v1/server", token=False,
              headers={"Cookie": cookie, "Sec-Fetch-Site": "same-site"})
        .status, 401, "a page from another port has no use of it")
a = s.ask("DELETE", login, token=False,
          headers={"Cookie": cookie, "Origin": "http://" + s.host})
t.ok(a.status == 204 and "Max-Age=0" in a.header("Set-Cookie", ""),
     "it can be given back")

# ---- Host ----
port = s.host.rsplit(":", 1)[1]
for host in ("evil.example", "evil.example:" + port, "127.0.0.1",
             "127.0.0.1:1", "localhost.evil.example:" + port,
             "127.0.0.1:" + port + ".evil.example", "192.168.0.1:" + port,
             "[::1]", "0.0.0.0:" + port, "127.0.0.1:" + port + "@evil"):
    a = s.get("/api/v1/runs", headers={"Host": host})
    t.equal(a.status, 403, "a request for %s is refused, though it has the "
            "token and no Origin" % host)
    t.ok("runs" not in a.json(), "and told nothing")
t.equal(s.get("/", headers={"Host": "evil.example"}, token=False).status, 403,
        "the page as well")
for host in ("localhost:" + port, "LOCALHOST:" + port, "[::1]:" + port):
    t.equal(s.get("/api/v1/server", headers={"Host": host}).status, 200,
            "%s is the server" % host)
line = "GET /api/v1/server HTTP/1.1\r\nAuthorization: Bearer %s\r\n" % s.token
t.equal(s.raw((line + "\r\n").encode())[0], 400, "a request without Host")
t.equal(s.raw((line.replace("1.1", "1.0") + "\r\n").encode())[0], 400,
        "one of HTTP/1.0, too")
t.equal(s.raw((line + "Host: %s\r\nHost: evil\r\n\r\n" % s.host).encode())[0],
        400, "two of them are none")

# ---- changes ----
same = "http://" + s.host
for origin in ("http://evil.example", "null", "http://127.0.0.1:1",
               "http://" + s.host + ".evil", "file://", ""):
    a = s.ask("POST", "/api/v1/runs", RUN, headers={"Origin": origin})
    t.equal(a.status, 403, "a change from %r is refused" % origin)
t.equal(s.ask("POST", "/api/v1/runs", RUN, token=False,
              headers={"Cookie": cookie}).status, 403,
        "with the cookie the Origin has to be there")
for kind in ("text/plain", "application/x-www-form-urlencoded",
             "multipart/form-data; boundary=x", "text/json", "", None,
             "application/jsonx"):
    a = s.ask("POST", "/api/v1/runs", '{"tasks":["touch"]}',
              headers={"Content-Type": kind})
    t.equal(a.status, 415, "a change that is %r is refused" % kind)
a = s.ask("OPTIONS", "/api/v1/runs", headers={
    "Origin": "http://evil.example",
    "Access-Control-Request-Method": "POST"})
t.ok(a.status == 405 and not [k for k, _ in a.headers
                              if k.lower().startswith("access-control")],
     "nobody is told that he may")
for method in ("PUT", "PATCH", "TRACE", "BREW"):
    a = s.ask(method, "/api/v1/runs")
    t.ok(a.status == 405 and a.header("Allow") == "GET, POST",
         "there is no %s" % method, a.status, a.headers)
t.ok(not started(), "nothing was started by any of these")

# ---- names ----
for task in ("-w", "--init", "-", "a=b", "", "x\n--dry", "x\x00y", " " * 300,
             "\x1b[2J"):
    a = s.ask("POST", "/api/v1/runs", {"tasks": [task]})
    t.ok(a.status == 422 and a.json()["errors"][0]["pointer"] == "/tasks/0",
         "%r is no name of a task" % task[:20], a.status, a.body)
for body, pointer in (({"tasks": ["touch"], "command": "rm -rf /"},
                       "/command"),
                      ({"tasks": ["touch"], "vars": {"A B": "x"}}, "/vars/A B"),
                      ({"tasks": ["touch"], "vars": {"A": "x\0y"}}, "/vars/A"),
                      ({"tasks": ["touch"], "vars": {"A": 1}}, "/vars/A"),
                      ({"tasks": "touch"}, "/tasks"), ({}, "/tasks"),
                      ({"tasks": []}, "/tasks"), ([], ""),
                      ({"tasks": ["touch"], "force": "yes"}, "/force")):
    a = s.ask("POST", "/api/v1/runs", body)
    t.ok(a.status == 422 and a.json()["errors"][0]["pointer"] == pointer,
         "%r says where it is wrong" % (body,), a.status, a.body)
for text in ("{", "", "nul", '{"tasks":["touch"]', "\xff", "[" * 100000):
    a = s.ask("POST", "/api/v1/runs", text.encode("latin-1"), headers=JSON)
    t.equal(a.status, 400, "%r is no JSON" % text[:20])
for plan in ("../outside", "/etc/passwd", "a/../../x", "link", "nope",
             "-x", "dir", "x\0y", ""):
    a = s.ask("POST", "/api/v1/parallel-test/start",
              {"test_plans": [{"plan_file": plan}]})
    t.ok(a.status == 422 and a.json()["errors"][0]["pointer"] ==
         "/test_plans/0/plan_file", "%r is no plan" % plan, a.status, a.body)

# ---- addresses ----
run = s.get("/api/v1/runs").json()["runs"][0]["run_id"]
for path in ("/../../etc/passwd", "/assets/../../../etc/passwd",
             "/assets/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/x",
             "/api/v1/runs/../../x", "/api/v1/runs/..%2f..%2f",
             "/api/v1/runs/%s/logs/..%%2f..%%2fevents.jsonl" % run,
             "/api/v1/runs/%s%%00/events" % run, "/api/v1/runs/%00",
             "/api/v1/runs/%s/logs/1%%00" % run, "/api/v1/runs/%", "/%zz",
             "/api/v1/runs/" + run[:-1], "/api/v1/runs/" + run + "x",
             "/api/v1/runs/%s/logs/0x1" % run, "/api/v1/runs/%s/" % run,
             "/api/v1//runs", "//evil.example/", "/api/v1/runs/*",
             "/api/v1/runs/%s/logs/99999999999999999999" % run,
             "/api/v1/runs/%s/logs/-1" % run, "*", "x"):
    a = s.get(path)
    t.ok(a.status in (400, 404), "%s leads nowhere" % path, a.status,
         a.body[:300])
a = s.get("/api/v1/runs?limit=0")
t.equal([s.get("/api/v1/runs" + q).status for q in
         ("?limit=0", "?limit=201", "?limit=x", "?limit=-1", "?after=x",
          "?nested=1", "?limit=%00", "?after=" + "9" * 3000)], [400] * 8,
        "what a query cannot mean is refused")

# ---- sizes ----
head = "Host: %s\r\nAuthorization: Bearer %s\r\n" % (s.host, s.token)


def status_of(first, more="", body=b""):
    return s.raw((first + "\r\n" + head + more + "\r\n").encode() + body)[0]


t.ok(status_of("GET /%s HTTP/1.1" % ("a" * 20000)) in (414, 0),
     "an address of 20 kB is refused")
t.equal(status_of("GET /%s HTTP/1.1" % ("a" * 5000)), 414,
        "one of 5 kB as well")
t.ok(status_of("GET /api/v1/server HTTP/1.1", "X: %s\r\n" % ("a" * 20000))
     == 431, "a header of 20 kB is refused")
t.equal(status_of("GET /api/v1/server HTTP/1.1",
                  "".join("X%d: y\r\n" % i for i in range(200))), 431,
        "200 headers are too many")
many = "X: y\r\n" * 1000000
t.ok(status_of("GET /api/v1/server HTTP/1.1", many) in (431, 0),
     "a million headers are refused")
big = b"x" * (10 * 1024 * 1024)
t.ok(status_of("POST /api/v1/runs HTTP/1.1",
               "Content-Type: application/json\r\nContent-Length: %d\r\n"
               % len(big), big) in (413, 0), "a body of 10 MB is refused")
chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
t.ok(status_of("POST /api/v1/runs HTTP/1.1",
               "Content-Type: application/json\r\n"
               "Transfer-Encoding: chunked\r\n", chunk * 40 + b"0\r\n\r\n")
     == 413, "so is one that does not say how big it is")
t.ok(status_of("POST /api/v1/runs HTTP/1.1",
               "Content-Type: application/json\r\n"
               "Transfer-Encoding: chunked\r\n", chunk * 400) in (413, 0),
     "and one without end")
t.ok(status_of("POST /api/v1/runs HTTP/1.1",
               "Content-Type: application/json\r\nContent-Length: 9e9\r\n")
     in (400, 0), "a length that is none")
t.equal(s.get("/api/v1/server").status, 200, "the server goes on")

# ---- what every answer says ----
for path in ("/", "/api/v1/server", "/nothing"):
    a = s.get(path)
    csp = a.header("Content-Security-Policy", "")
    t.ok("default-src 'none'" in csp and "unsafe" not in csp and
         "frame-ancestors 'none'" in csp and
         a.header("X-Content-Type-Options") == "nosniff" and
         a.header("Referrer-Policy") == "no-referrer" and
         a.header("Cache-Control") == "no-store" and
         a.header("Access-Control-Allow-Origin") is None,
         "%s is guarded in the browser" % path, a.headers)

# ---- who takes his time ----
slow = [s.connect() for _ in range(20)]
idle = [s.connect() for _ in range(300)]


def drip():
    for i in range(20):
        for c in slow:
            try:
                c.send(b"GET /api/v1/server HTTP/1.1\r\nX: y\r\n"[i:i + 1])
            except OSError:
                pass
        time.sleep(0.1)


dripping = threading.Thread(target=drip)
dripping.start()
worst = 0
for _ in range(20):
    began = time.monotonic()
    good = s.get("/api/v1/server").status == 200
    worst = max(worst, time.monotonic() - began)
dripping.join()
t.ok(good and worst < float(os.environ.get("SERVE_WORST", 0.5)),
     "300 idle connections and 20 slow ones keep nobody waiting",
     "worst: %.3f s" % worst)
for c in slow + idle:
    c.close()

# ---- nobody else can reach it ----
other = None
for line in os.popen("hostname -I 2>/dev/null").read().split():
    if "." in line:
        other = line
if other is None or other.startswith("127."):
    t.skip("the port is closed from elsewhere", "no other address here")
else:
    try:
        socket.create_connection((other, int(port)), 2).close()
        reached = True
    except OSError:
        reached = False
    t.ok(not reached, "the port is closed from elsewhere")
memory = s.memory()
if memory is None or os.environ.get("TEST_SANITIZED"):
    t.skip("it takes less than 64 MiB", "cannot be told here")
else:
    t.ok(memory < 64 << 20, "it takes less than 64 MiB",
         "%d KiB" % (memory >> 10))
t.ok(not started(), "nothing was started by all of this")
t.equal(s.stop(), 0, "it ends when told to")

# ---- again, and at a socket ----
token = s.token
s.start()
t.equal(s.token, token, "the next one has the same token")
s.stop()
os.chmod(token_file, 0o644)
s.start()
t.ok(s.token != token, "but not where others could have read it")
s.stop()
token = s.token
u = Server(sys.argv[1], listen="unix:" + os.path.join(os.getcwd(), "sock"))
u.token = token
t.equal(oct(stat.S_IMODE(os.stat("sock").st_mode)), "0o600",
        "a socket is for the user alone")
t.equal(u.get("/api/v1/server").status, 200, "it answers there, too")
t.equal(u.get("/api/v1/server", token=False).status, 401, "with the token")
u.stop(9)
u.start()
u.token = token
t.equal(u.get("/api/v1/server").status, 200,
        "a socket that a killed one has left is taken over")
u.stop()
t.ok(not os.path.exists("sock"), "and removed at the end")
t.equal(s.faults + u.faults, [], "every answer is as the document says")
if jsonschema is None:
    t.skip("their bodies, too", "no module jsonschema")
else:
    t.ok(s.document.checked > 50, "their bodies, too", s.document.checked)
t.done()
