#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small server that answers as src/serve/openapi.json says, for the page.

    double.py PAGE PRUN ROOT [PORT]

PAGE: folder of the page; PRUN: the program; ROOT: folder of the Taskfile.  Its
first line of output is the address with the token.  Runs are real ones: their
journals and logs are read, they are started by prun and ended by a signal.
Sessions are threads that run tasks in ROOT.  What only a double can do:

    POST /double/away {"seconds": 2}    no answer to anything for that long
    POST /double/forget {}              tokens and cookies count no longer
"""
import http.server
import json
import os
import re
import secrets
import signal
import socket
import sys
import tempfile
import time
import urllib.parse

from double_runs import (ROOT, SESSIONS, Session, lines_of, prun, run_ids,
                         runs_folder, stamp, start, summary, wait_for_run)

PAGE = sys.argv[1]
TOKEN = secrets.token_hex(16)
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; "
       "connect-src 'self'; img-src 'self'; base-uri 'none'; "
       "form-action 'none'; frame-ancestors 'none'")
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css",
         "js": "text/javascript", "svg": "image/svg+xml"}
STATE = {"cookie": secrets.token_hex(16), "away": 0.0}


class Refused(Exception):
    """An answer that is a problem."""

    def __init__(self, status, title, **more):
        super().__init__(title)
        self.status = status
        self.body = dict(more, type="about:blank", title=title,
                         status=status)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Says nothing."""

    def answer(self, status, body=b"", kind="application/json", **headers):
        """Sends all of it."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(
                headers, Content_Type=kind, Content_Length=len(body),
                Content_Security_Policy=CSP, X_Content_Type_Options="nosniff",
                Referrer_Policy="no-referrer",
                Cache_Control="no-store").items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self):
        """All methods come here."""
        if time.time() < STATE["away"]:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        size = int(self.headers.get("Content-Length") or 0)
        self.body = json.loads(self.rfile.read(size) or b"null")
        try:
            self.route(path)
        except Refused as problem:
            self.answer(problem.status, problem.body,
                        "application/problem+json")

    do_POST = do_DELETE = do_GET

    def route(self, path):
        """To what answers it."""
        if path.startswith("/double/"):
            self.double(path)
        elif not path.startswith("/api/v1/"):
            self.file(path[len("/assets/"):] if path.startswith("/assets/")
                      else "index.html" if path == "/" else "/")
        elif path == "/api/v1/login":
            self.login()
        else:
            cookie = "prun=" + STATE["cookie"]
            if (cookie not in (self.headers.get("Cookie") or "") and
                    self.headers.get("Authorization") != "Bearer " + TOKEN):
                raise Refused(401, "The token is needed")
            words = path[len("/api/v1/"):].split("/")
            name = "_".join([self.command.lower(), words[0].replace("-", "_")]
                            + ["id" if re.match(r"\d", w) else w
                               for w in words[1:]])
            work = getattr(self, name, None)
            if work is None:
                raise Refused(404, "There is no such thing")
            work(*[w for w in words[1:] if re.match(r"\d", w)])

    def double(self, path):
        """What only a double can do."""
        self.answer(204)
        if path == "/double/away":
            STATE["away"] = time.time() + self.body["seconds"]
        else:
            STATE["cookie"] = secrets.token_hex(16)

    def file(self, name):
        """A file of the page."""
        at = os.path.join(PAGE, name)
        if "/" in name or not os.path.isfile(at):
            raise Refused(404, "There is no such thing")
        with open(at, "rb") as file:
            self.answer(200, file.read(),
                        TYPES.get(name.rsplit(".")[-1], "text/plain"))

    def login(self):
        """The token for a cookie."""
        if self.body.get("token") != TOKEN:
            raise Refused(401, "This is not the token")
        self.answer(204, Set_Cookie="prun=%s; HttpOnly; SameSite=Strict; "
                    "Path=/" % STATE["cookie"])

    def get_server(self):
        """Who it is."""
        now = stamp(time.time_ns())
        self.answer(200, {
            "version": "double", "api": 1, "root": ROOT, "now": now,
            "project": os.path.basename(ROOT), "started_at": now,
            "plan_task": "test-plan", "num_workers": 3})

    def get_tasks(self):
        """As prun lists them."""
        self.answer(200, prun("--list-all", "--json"))

    def get_stats(self):
        """As prun has them."""
        self.answer(200, prun("--stats", "--json"))

    def get_runs(self):
        """A page of them."""
        ids = [i for i in run_ids() if i < self.query.get("after", "9")]
        limit = int(self.query.get("limit", 50))
        some = [s for s in map(summary, ids[:limit])
                if s and "parent" not in s]
        link = {"Link": '</>; rel="next"'} if len(ids) > limit else {}
        self.answer(200, {"runs": some}, **link)

    def get_runs_id(self, run):
        """All of it."""
        lines = lines_of(run)
        if not lines:
            raise Refused(404, "There is no such run")
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "report")
            prun("--report", "json:" + out, "--run", run)
            with open(out, encoding="utf-8") as text:
                report = json.load(text)
        self.answer(200, dict(summary(run, lines), event_id=len(lines),
                              report=report))

    def get_runs_id_logs_id(self, run, call):
        """A range of a log."""
        events = [json.loads(x) for x in lines_of(run) if call in x]
        text, name = b"", [e["log"] for e in events if e["ev"] == "job" and
                           e["call"] == int(call) and "log" in e]
        is_over = any(e["ev"] == "call_end" and e["id"] == int(call)
                      for e in events)
        at = name and os.path.join(runs_folder(), run, name[-1])
        if at and os.path.isfile(at):
            with open(at, "rb") as log:
                text = log.read()
        m = re.match(r"bytes=(\d+)-(\d*)$", self.headers.get("Range") or "")
        kind, more = "text/plain; charset=utf-8", {
            "Prun_Complete": int(is_over), "Accept_Ranges": "bytes"}
        if not m or not text:
            self.answer(200, text, kind, **more)
            return
        first, last = int(m[1]), int(m[2] or len(text))
        if first >= len(text):
            raise Refused(416, "Not that long")
        part = text[first:last + 1]
        self.answer(206, part, kind, **more, Content_Range="bytes %d-%d/%d" % (
            first, first + len(part) - 1, len(text)))

    def post_runs(self):
        """Starts one."""
        body = self.body
        if "failed" in body:
            words = ["--failed=" + body["failed"]]
        else:
            known = json.loads(prun("--list-all", "--json"))["tasks"]
            names = {t["task"] for t in known}
            for i, task in enumerate(body["tasks"]):
                if task not in names:
                    raise Refused(422, "This cannot be done", errors=[{
                        "pointer": "/tasks/%d" % i,
                        "detail": 'there is no task "%s"' % task}])
            words = body["tasks"] + ["%s=%s" % kv for kv in
                                     body.get("vars", {}).items()]
        words += ["-f"] * bool(body.get("force"))
        words += ["-p"] * bool(body.get("parallel"))
        run = wait_for_run(start(words))
        if not run:
            raise Refused(500, "prun did not start")
        self.answer(202, {"run_id": run, "status": "running"})

    def delete_runs_id(self, run):
        """Ends one."""
        if summary(run)["status"] != "running":
            raise Refused(409, "It has ended already")
        os.kill(json.loads(lines_of(run)[0])["pid"], signal.SIGTERM)
        self.answer(202, {"run_id": run, "status": "cancelling"})

    def get_parallel_test(self):
        """Sessions."""
        some = sorted(SESSIONS, reverse=True)
        self.answer(200, {"sessions": [SESSIONS[i].summary() for i in some]})

    def post_parallel_test_start(self):
        """Starts a session."""
        faults = [{"pointer": "/test_plans/%d/plan_file" % i,
                   "detail": 'there is no file "%s"' % p["plan_file"]}
                  for i, p in enumerate(self.body["test_plans"])
                  if "plan_file" in p and
                  not os.path.isfile(os.path.join(ROOT, p["plan_file"]))]
        faults += [{"pointer": "/test_plans/%d/plan_file" % i,
                    "detail": "a plan file or a task is needed"}
                   for i, p in enumerate(self.body["test_plans"])
                   if "plan_file" not in p and "task" not in p]
        if faults:
            raise Refused(422, "This cannot be done", errors=faults)
        session = Session(self.body)
        SESSIONS[session.id] = session
        session.start()
        self.answer(202, {
            "session_id": session.id, "status": "running",
            "num_workers": len(session.workers),
            "tests_queued": len(session.tests),
            "estimated_duration_minutes": None})

    def session(self, which):
        """Of that id."""
        if which not in SESSIONS:
            raise Refused(404, "There is no such session")
        return SESSIONS[which]

    def get_parallel_test_id_status(self, which):
        """How far it is."""
        self.answer(200, self.session(which).told())

    def get_parallel_test_id_results(self, which):
        """What became of its tests."""
        self.answer(200, self.session(which).results())

    def delete_parallel_test_id(self, which):
        """Ends it."""
        if self.session(which).status != "running":
            raise Refused(409, "It has ended already")
        self.session(which).cancel()
        self.answer(202, {"session_id": which, "status": "cancelling"})

    # ---- the stream ----

    def get_events(self):
        """Until the reader goes away."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        run = self.query.get("run", "")
        after = int(self.headers.get("Last-Event-ID") or
                    self.query.get("after", 0))
        states, sizes, versions = None, {}, {}
        while time.time() >= STATE["away"]:
            states = self.tell_runs(states)
            self.tell_sessions(versions)
            if run:
                after, run = self.tell_run(run, after)
                self.tell_logs(run, sizes)
            self.wfile.flush()
            time.sleep(0.05)

    def tell(self, name, data, number=None):
        """One event."""
        text = "event: %s\n" % name
        text += "id: %d\n" % number if number is not None else ""
        self.wfile.write((text + "data: %s\n\n" % data).encode())

    def tell_runs(self, before):
        """Those that began or ended since."""
        now = {s["run_id"]: s for s in map(summary, run_ids()[:20]) if s}
        for run, one in now.items():
            if (before is None and one["status"] == "running" or
                    before is not None and one["status"] !=
                    before.get(run, {}).get("status")):
                self.tell("run", json.dumps(one))
        if before is None:
            self.wfile.write(b": here\n\n")
        return now

    def tell_sessions(self, versions):
        """Those that changed since."""
        for which, session in list(SESSIONS.items()):
            if versions.get(which, -1) == session.version:
                continue
            versions[which] = session.version
            self.tell("session", json.dumps({
                "summary": session.summary(), "status": session.told()}))

    def tell_run(self, run, after):
        """The lines of its journal since."""
        lines = lines_of(run)
        for number in range(after, len(lines)):
            line = lines[number]
            name = json.loads(line)["ev"]
            self.tell(name, line, number + 1)
            if name == "end":
                self.tell("bye", "{}")
                return len(lines), ""
        return len(lines), run

    def tell_logs(self, run, sizes):
        """Those that have grown."""
        folder = run and os.path.join(runs_folder(), run, "logs")
        for name in os.listdir(folder) if folder and os.path.isdir(
                folder) else []:
            size = os.path.getsize(os.path.join(folder, name))
            if sizes.get(name, 0) != size:
                sizes[name] = size
                self.tell("log", json.dumps({
                    "run_id": run, "call": int(name[:4]), "size": size}))


def main():
    """Serves until it is ended."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    print("http://127.0.0.1:%d/#%s" % (server.server_port, TOKEN), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
