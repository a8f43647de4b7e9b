#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server on loopback for the tests of remote Taskfiles.

usage: remote_server.py ROOT LOG READY [--cert PEM --key PEM [--ca PEM] [--both]]

Serves the folder ROOT on a free port.  When it can be asked it writes a line
to READY, a fifo: the port, that of git's own protocol, its process id.  Each
request is a line of LOG: method, path, and the values of X-Token and
Authorization or "-".  The first part of a path may ask for
something special:

  /status/N/…    answers N
  /type/T/…      the rest of the path with the content type text/T
  /to/…          redirects to the rest of the path
  /away/PORT/…   redirects to the rest of the path on another port
  /down/PORT/…   the same, without https
  /as/USER/PORT/…  the same, with a user in the address
  /loc/TEXT      redirects to TEXT, which is unescaped
  /loop/…        redirects to itself
  /git/…         the repositories of ROOT, by git's protocol over http
  /lock/…        the same for the user u with the password geheim
  /token/…       401 without "X-Token: secret"
  /basic/…       401 without a user and a password
  /get/N/…       HEAD finds the file, GET answers N
  /hang/…        never answers
  /slow/…        HEAD answers, GET sends half and then nothing
  /endless/…     the same, GET sends x for ever
  /short/…       the same, GET sends less than it says
  /bomb/…        the same, GET sends little that becomes much
  /say/TEXT      403 with TEXT, which is unescaped, as its body
  /meet/N/…      the rest of the path; the first GET of a file waits until N
                 of them are there at the same time

With --both the port answers http as well as https.  It ends by itself after a
minute.
"""

import argparse
import base64
import gzip
import os
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIFE_SECONDS = 60
LOGIN = "Basic " + base64.b64encode(b"u:geheim").decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
        self.close_connection = True

    def note(self):
        line = " ".join([
            self.command, self.path, self.headers.get("X-Token", "-"),
            self.headers.get("Authorization", "-").replace(" ", "_")])
        with open(self.server.log, "a", encoding="utf-8") as out:
            out.write(line + "\n")

    def send_file(self, path, kind="text/yaml"):
        name = os.path.join(self.server.root, path.split("?")[0].lstrip("/"))
        if not os.path.isfile(name):
            return self.answer(404, b"nothing here\n")
        with open(name, "rb") as file:
            return self.answer(200, file.read(), Content_Type=kind)

    def git(self, path):
        """Hands the request to git http-backend, a CGI program."""
        path, _, query = path.partition("?")
        env = dict(
            os.environ, GIT_PROJECT_ROOT=self.server.root,
            GIT_HTTP_EXPORT_ALL="1", REQUEST_METHOD=self.command,
            PATH_INFO=path, QUERY_STRING=query,
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""))
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        out = subprocess.run(
            ["git", "http-backend"], env=env, input=body, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        head, _, body = out.partition(b"\r\n\r\n")
        fields = dict(
            line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        self.command = "GET"  # so that answer() sends the body
        return self.answer(status, body, **fields)

    def meet(self, number):
        """Waits for the others; False when they do not come."""
        with self.server.meeting:
            place = self.server.places.setdefault(
                number, threading.Barrier(number))
        try:
            place.wait(LIFE_SECONDS)
        except threading.BrokenBarrierError:
            return False
        return True

    def respond(self):
        self.note()
        if self.path.startswith("/meet/"):
            number, self.path = self.path[len("/meet/"):].split("/", 1)
            self.path = "/" + self.path
            if (self.command == "GET" and not self.meet(int(number))):
                return self.answer(503)
        parts = self.path.split("/", 3) + ["", ""]
        word, first = parts[1], parts[2]
        rest = "/" + "/".join(p for p in parts[3:] if p)
        tail = "/" + self.path.split("/", 2)[-1]
        if word == "status":
            return self.answer(int(first), b"told so\n")
        if word == "type":
            return self.send_file(rest, "text/" + first)
        if word == "to":
            return self.answer(302, Location=tail)
        if word == "away":
            scheme = "https" if self.server.tls else "http"
            return self.answer(
                302, Location=f"{scheme}://127.0.0.1:{first}{rest}")
        if word == "down":
            return self.answer(
                302, Location=f"http://127.0.0.1:{first}{rest}")
        if word == "as":
            port, _, rest = self.path[len(f"/as/{first}/"):].partition("/")
            return self.answer(
                302, Location=f"http://{first}@127.0.0.1:{port}/{rest}")
        if word == "loc":
            text = urllib.parse.unquote(self.path[len("/loc/"):])
            return self.answer(302, Location=text)
        if word == "loop":
            return self.answer(302, Location=self.path)
        if word == "say":
            text = urllib.parse.unquote_to_bytes(first.split("/")[0])
            return self.answer(
                403, text, Content_Type="text/plain; charset=utf-8")
        if word == "token" and self.headers.get("X-Token") != "secret":
            return self.answer(401)
        if word == "basic" and "Authorization" not in self.headers:
            return self.answer(401)
        if word == "lock" and self.headers.get("Authorization") != LOGIN:
            return self.answer(401, WWW_Authenticate='Basic realm="r"')
        if word in ("git", "lock"):
            return self.git(tail)
        if word in ("token", "basic"):
            return self.send_file(tail)
        if word == "get" and self.command == "GET":
            return self.answer(int(first))
        if word == "get":
            return self.send_file(rest)
        if word == "hang":
            return self.server.ending.wait()
        if word == "slow" and self.command == "GET":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"version: '3'\n")
            return self.server.ending.wait()
        if word == "endless" and self.command == "GET":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * (1 << 16))
        if word == "short" and self.command == "GET":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"version: '3'\n")
            self.close_connection = True
            return None
        if word == "bomb" and self.command == "GET":
            return self.answer(200, gzip.compress(b"#" * (100 << 20), 1),
                               Content_Encoding="gzip")
        if word in ("slow", "endless", "short", "bomb"):
            return self.send_file(tail)
        return self.send_file(self.path)

    do_GET = do_HEAD = do_POST = respond


class GitHandler(socketserver.BaseRequestHandler):
    """git's own protocol, one git daemon for each connection."""

    def handle(self):
        with open(self.server.log, "a", encoding="utf-8") as out:
            out.write("CLONE\n")
        subprocess.run(
            ["git", "daemon", "--inetd", "--export-all",
             "--base-path=" + self.server.root, self.server.root],
            stdin=self.request, stdout=self.request, check=False,
            stderr=subprocess.DEVNULL)


class GitServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that went away is what some tests are about

    def finish_request(self, request, client_address):
        """Each connection by its first byte, with --both."""
        if self.both and request.recv(1, socket.MSG_PEEK) == b"\x16":
            with self.both.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
        else:
            super().finish_request(request, client_address)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("log")
    parser.add_argument("ready")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--both", action="store_true")
    parser.add_argument("--ca", help="clients need a certificate of this one")
    args = parser.parse_args()

    signal.alarm(LIFE_SECONDS)
    server = Server(("127.0.0.1", 0), Handler)
    server.root, server.log, server.tls = args.root, args.log, args.cert
    server.both = None
    server.ending = threading.Event()
    server.meeting, server.places = threading.Lock(), {}
    if args.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args.cert, args.key)
        if args.ca:
            context.load_verify_locations(args.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        if args.both:
            server.both = context
        else:
            server.socket = context.wrap_socket(
                server.socket, server_side=True,
                do_handshake_on_connect=False)
    git = GitServer(("127.0.0.1", 0), GitHandler)
    git.root, git.log = args.root, args.log
    threading.Thread(target=git.serve_forever, daemon=True).start()
    with open(args.ready, "w", encoding="utf-8") as ready:
        ready.write(f"{server.server_address[1]} {git.server_address[1]} "
                    f"{os.getpid()}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
