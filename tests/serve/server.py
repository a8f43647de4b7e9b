# SPDX-License-Identifier: MIT
"""A server of the project in the current folder, and what tests ask of it.

Every answer that has a body is held against src/serve/openapi.json where the
module jsonschema is there; an answer with a status that the document does not
have for its request is a fault wherever it comes.
"""
import atexit
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "..", "src", "serve", "openapi.json")
JSON = {"Content-Type": "application/json"}

try:
    import jsonschema
except ImportError:
    jsonschema = None


class Tap:
    """Lines of TAP; the caller ends with done()."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, name, *notes):
        self.n += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.n, name))
        if not good:
            for note in notes:
                print("# %s" % str(note).replace("\n", "\n# "))
        sys.stdout.flush()
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, "got: %r" % (got,),
                       "want: %r" % (want,))

    def skip(self, name, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why))

    def done(self):
        print("1..%d" % self.n)
        sys.exit(self.failed > 0)


class Document:
    def __init__(self):
        with open(DOCUMENT) as f:
            self.all = json.load(f)
        self.checked = 0

    def find(self, ref):
        at = self.all
        for part in ref[2:].split("/"):
            at = at[part]
        return at

    def operation(self, method, path):
        """Words of a path are stronger than {names}."""
        best = None
        for pattern, item in self.all["paths"].items():
            regex = re.sub(r"\{[^}]*\}", "[^/]+", re.escape(pattern)
                           .replace(r"\{", "{").replace(r"\}", "}"))
            if re.fullmatch(regex, path) and method.lower() in item:
                if best is None or "{" not in pattern:
                    best = item[method.lower()]
        return best

    def fault(self, method, path, answer):
        """What the document does not allow of an answer; None: nothing."""
        method = "GET" if method == "HEAD" else method
        operation = self.operation(method, path)
        if operation is None:
            return None if answer.status in (400, 401, 403, 404, 405, 414,
                                             415, 431) else \
                "status %d where there is nothing" % answer.status
        said = operation["responses"].get(str(answer.status))
        if said is None:
            return "undocumented status %d" % answer.status
        if "$ref" in said:
            said = self.find(said["$ref"])
        content = said.get("content")
        kind = answer.header("Content-Type", "").split(";")[0]
        if content is None:
            return "a body that is not documented" if answer.body else None
        if kind not in content:
            return "undocumented type %r" % kind
        if not kind.endswith("json") or not answer.body:
            return None
        if jsonschema is None:
            return None
        schema = {"$ref": "#/x", "x": content[kind]["schema"],
                  "components": self.all["components"]}
        try:
            jsonschema.Draft202012Validator(schema).validate(answer.json())
        except jsonschema.ValidationError as e:
            return "%s at %s" % (e.message[:300], list(e.absolute_path))
        self.checked += 1
        return None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name, default=None):
        for key, text in self.headers:
            if key.lower() == name.lower():
                return text
        return default

    def json(self):
        return json.loads(self.body)


class Server:
    """With `env` in place of the own environment where it is given."""

    def __init__(self, prun, *flags, listen="127.0.0.1:0"):
        self.prun, self.flags, self.listen = prun, flags, listen
        self.document = Document()
        self.faults = []
        atexit.register(self.kill)
        self.start()

    def start(self):
        self.log = open("serve.log", "ab")
        self.process = subprocess.Popen(
            [self.prun, "--serve", "--listen", self.listen] +
            list(self.flags), stdout=subprocess.PIPE, stderr=self.log,
            stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode().strip()
        self.address, self.token, self.path = line, "", None
        if line.startswith("unix:"):
            self.path = line[5:]
            self.host = "localhost"
        elif line.startswith("http://"):
            self.host, self.token = line[7:].split("/#")
        else:
            with open("serve.log", errors="replace") as f:
                raise SystemExit("Bail out! no server: " + f.read())

    def stop(self, sig=signal.SIGTERM, timeout=30):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        self.process.wait(timeout)
        self.process.stdout.close()
        self.log.close()
        return self.process.returncode

    def kill(self):
        """A test that dies leaves no server behind."""
        if self.process.poll() is None:
            self.process.kill()

    def connect(self, timeout=20):
        if self.path:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(timeout)
            s.connect(self.path)
            return s
        name, port = self.host.rsplit(":", 1)
        return socket.create_connection((name.strip("[]"), int(port)),
                                        timeout)

    def ask(self, method, target, body=None, headers=None, token=True,
            timeout=20):
        """One request on a connection of its own."""
        h = http.client.HTTPConnection("x", timeout=timeout)
        h.sock = self.connect(timeout)
        all_headers = {"Host": self.host}
        if token:
            all_headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            all_headers.update(JSON)
        all_headers.update(headers or {})
        all_headers = {k: v for k, v in all_headers.items() if v is not None}
        h.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        if body is not None and "Content-Length" not in all_headers:
            all_headers["Content-Length"] = str(len(body))
        for key, text in all_headers.items():
            h.putheader(key, text)
        h.endheaders(body.encode() if isinstance(body, str) else body)
        r = h.getresponse()
        answer = Answer(r.status, r.getheaders(), r.read())
        h.close()
        fault = self.document.fault(method, target.split("?")[0], answer)
        if fault and target.startswith(("/api/", "/metrics")):
            self.faults.append("%s %s: %s" % (method, target[:100], fault))
        return answer

    def get(self, target, **more):
        return self.ask("GET", target, **more)

    def raw(self, data, timeout=20):
        """Bytes as they are; the status of the answer, 0 where there is none,
        and all of it."""
        s = self.connect(timeout)
        got = b""
        try:
            s.sendall(data)
            while True:
                more = s.recv(65536)
                if not more:
                    break
                got += more
                if b"\r\n\r\n" in got and b"\r\nConnection: close" not in got:
                    break
        except OSError:
            pass
        finally:
            s.close()
        m = re.match(rb"HTTP/1\.[01] (\d+)", got)
        return (int(m.group(1)) if m else 0), got

    def stream(self, target, headers=None, timeout=20):
        return Stream(self, target, headers, timeout)

    def pid(self):
        return self.process.pid

    def memory(self):
        """Resident bytes; None where that cannot be told."""
        try:
            with open("/proc/%d/status" % self.pid()) as f:
                for line in f:
                    if line.startswith("VmRSS"):
                        return int(line.split()[1]) * 1024
        except OSError:
            pass
        return None


class Stream:
    """Server-sent events as a list that grows."""

    def __init__(self, server, target, headers=None, timeout=20):
        self.h = http.client.HTTPConnection("x", timeout=timeout)
        self.h.sock = server.connect(timeout)
        self.h.putrequest("GET", target, skip_host=True)
        self.h.putheader("Host", server.host)
        self.h.putheader("Authorization", "Bearer " + server.token)
        for key, text in (headers or {}).items():
            self.h.putheader(key, text)
        self.h.endheaders()
        self.r = self.h.getresponse()
        self.status = self.r.status
        self.comments = 0

    def next(self):
        """{"event", "id", "data"}; None at the end."""
        event = {}
        while True:
            line = self.r.readline()
            if not line:
                return None
            line = line.decode().rstrip("\n")
            if line == "":
                if "data" in event:
                    event["data"] = json.loads(event["data"])
                    return event
                event = {}
            elif line.startswith(":"):
                self.comments += 1
            else:
                key, _, text = line.partition(": ")
                event[key] = text

    def until(self, name, most=100000):
        """All up to an event of that name, with it."""
        got = []
        for _ in range(most):
            event = self.next()
            if event is None:
                return got
            got.append(event)
            if event["event"] == name:
                return got
        return got

    def close(self):
        # a response that has not ended would read on
        self.h.sock and self.h.sock.close()
        self.r.close()
        self.h.close()


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
