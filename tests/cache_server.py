#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A remote cache on loopback that can be told to go wrong.

usage: cache_server.py ROOT LOG READY [PEM]

Keeps what is PUT below ROOT, and gives it back; by https where PEM has a key
and a certificate.  When it can be asked it
writes its port and its process id to READY, a fifo.  Each request is a line
of LOG: method, path, status or what was done, value of Authorization or "-".
The file ROOT/mode says what goes wrong, one "MODE METHOD FOLDER" a line, where
METHOD and FOLDER (ac, cas, or a whole path) may be "*":

  hang      reads the request and never answers
  deaf      does not even read it
  drip      answers a byte in 0.2 s
  stall     sends half of the body, and then nothing
  cut       sends half of it and closes
  short     sends half of it, and says so
  long      sends more, and says so
  endless   sends x for ever, without a length
  chunked   sends all of it without a length
  flip      sends it with one bit changed
  empty     sends nothing, with 200
  html      sends a page that asks for a password
  swap      sends another file of the folder
  zipped    sends it as gzip that nobody asked for
  redirect  sends elsewhere: to a file of the right content
  garbage   answers with what is no HTTP
  reset     closes without an answer
  login     wants the user "me" with the password "geheim": else 401
  token     wants the token "hunter22": else 401
  N         the status N, with a page that explains it
  lie       says to all that they are there (HEAD), or are taken (PUT)

It ends by itself after two minutes.
"""

import base64
import gzip
import http.server
import os
import ssl
import sys
import threading
import time

root, log_path, ready = sys.argv[1:4]
lock = threading.Lock()
allowed = {
    "login": "Basic " + base64.b64encode(b"me:geheim").decode(),
    "token": "Bearer hunter22",
}


class Cache(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, what):
        with lock, open(log_path, "a") as f:
            f.write("%s %s %s %s\n" % (
                self.command, self.path, what,
                self.headers.get("Authorization", "-")))

    def mode(self):
        folder = self.path.split("/")[1]
        try:
            with open(os.path.join(root, "mode")) as f:
                for line in f:
                    mode, method, where = line.split()
                    if method in ("*", self.command) and \
                            where in ("*", folder, self.path[1:]):
                        return mode
        except OSError:
            pass
        return "right"

    def send(self, status, body=b"", length=None, kind=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/octet-stream")
        if length != -1:
            self.send_header(
                "Content-Length", len(body) if length is None else length)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def wrong(self, mode):
        """Goes wrong whatever is asked for; False: the body has to be known."""
        if mode in allowed:
            if allowed[mode] == self.headers.get("Authorization"):
                return False
            self.send(401, b"no", WWW_Authenticate="Basic realm=cache")
            return True
        if mode == "hang" or mode == "deaf":
            time.sleep(100)
        elif mode == "garbage":
            self.wfile.write(b"\0\1\2 what is HTTP?\r\n\r\n" * 50)
        elif mode == "reset":
            pass
        elif mode == "html":
            self.send(200, b"<html><h1>Who are you?</h1></html>",
                      kind="text/html; charset=utf-8")
            return True
        elif mode.isdigit():
            self.send(int(mode), b"<html>%s</html>" % mode.encode() * 20,
                      kind="text/html")
            return True
        elif mode == "endless":
            self.send(200, length=-1)
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                pass
        else:
            return False
        self.close_connection = True
        return True

    def slow(self, mode, body):
        if mode == "stall":
            self.send(200, body[:len(body) // 2], length=len(body))
            time.sleep(100)
        elif mode == "drip":
            self.send(200, length=len(body))
            for i in range(len(body)):
                self.wfile.write(body[i:i + 1])
                self.wfile.flush()
                time.sleep(0.2)
        elif mode == "cut":
            self.send(200, body[:len(body) // 2], length=len(body))
        else:
            return False
        self.close_connection = True
        return True

    def other(self):
        folder = os.path.dirname(self.file())
        for name in sorted(os.listdir(folder)):
            if name != os.path.basename(self.path):
                with open(os.path.join(folder, name), "rb") as f:
                    return f.read()
        return b""

    def give(self, mode, body):
        if self.slow(mode, body):
            return
        if mode == "short":
            self.send(200, body[:len(body) // 2])
        elif mode == "long":
            self.send(200, body + b"more")
        elif mode == "chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
                             if body else b"0\r\n\r\n")
        elif mode == "flip":
            self.send(200, body[:-1] + bytes([body[-1] ^ 1]))
        elif mode == "empty":
            self.send(200)
        elif mode == "swap":
            self.send(200, self.other())
        elif mode == "zipped":
            self.send(200, gzip.compress(body), Content_Encoding="gzip")
        elif mode == "redirect":
            self.send(302, Location="/elsewhere" + self.path)
        else:
            self.send(200, body)

    def file(self):
        path = self.path[len("/elsewhere"):] \
            if self.path.startswith("/elsewhere") else self.path
        return root + os.path.normpath(path)

    def do_GET(self):
        mode = self.mode()
        self.note(mode)
        if self.wrong(mode):
            return
        if mode == "lie":
            self.send(200)
            return
        try:
            with open(self.file(), "rb") as f:
                body = f.read()
        except OSError:
            self.send(404, b"<html>no</html>", kind="text/html")
            return
        self.give(mode, body)

    do_HEAD = do_GET

    def do_PUT(self):
        mode = self.mode()
        self.note(mode)
        if mode == "deaf":
            time.sleep(100)
        if mode.isdigit() and self.headers.get("Expect"):
            self.close_connection = True
            self.wrong(mode)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.wrong(mode):
            return
        if mode == "redirect":
            self.send(302, Location="/elsewhere" + self.path)
            return
        if mode != "lie":
            os.makedirs(os.path.dirname(self.file()), exist_ok=True)
            with open(self.file() + ".new", "wb") as f:
                f.write(body)
            os.rename(self.file() + ".new", self.file())
        self.send(201)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cache)
server.daemon_threads = True
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Timer(120, os._exit, [0]).start()
with open(ready, "w") as f:
    f.write("%d %d\n" % (server.server_port, os.getpid()))
server.serve_forever()
