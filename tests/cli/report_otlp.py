#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Spans, and who takes them.

report_otlp.py check FILE          what is wrong with it, else a line a span:
                                   name, name of what is above, status
report_otlp.py jobs FILE           the TRACEPARENT that each job should have had
report_otlp.py parse FILE          as a reader of the protocol has it: spans
report_otlp.py serve READY FOLDER  a collector: its port goes to READY, a fifo,
                                   bodies and headers to FOLDER; of its paths
                                   /status/N answers N, /hang never,
                                   /to/… leads elsewhere
"""
import base64
import http.server
import json
import os
import re
import sys
import threading


def spans_of(path):
    with open(path, encoding="utf-8") as f:
        (resource,) = json.load(f)["resourceSpans"]
    (scope,) = resource["scopeSpans"]
    return scope["spans"]


def check(path):
    spans = spans_of(path)
    by_id = {s["spanId"]: s for s in spans}
    wrong = [] if len(by_id) == len(spans) else ["an id twice"]
    lines = []
    for s in spans:
        up = s.get("parentSpanId")
        if not (re.fullmatch("[0-9a-f]{32}", s["traceId"])
                and re.fullmatch("[0-9a-f]{16}", s["spanId"])):
            wrong.append("ids")
        if s["traceId"] != spans[0]["traceId"]:
            wrong.append("another trace")
        if not 0 < int(s["startTimeUnixNano"]) <= int(s["endTimeUnixNano"]):
            wrong.append(s["name"] + ": times")
        if up in by_id:
            if int(by_id[up]["startTimeUnixNano"]) > int(
                    s["startTimeUnixNano"]):
                wrong.append(s["name"] + " begins before what is above it")
        elif s is not spans[0]:
            wrong.append(s["name"] + " is below nothing")
        lines.append("%s < %s: %d" % (
            s["name"], by_id[up]["name"] if up in by_id else up or "nothing",
            s["status"]["code"]))
    print("\n".join(wrong or lines))


def jobs(path):
    for s in spans_of(path):
        if any(a["key"] == "prun.job" for a in s["attributes"]):
            print(f"00-{s['traceId']}-{s['spanId']}-01")


def parse(path):
    from google.protobuf import json_format
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

    def fix(o):
        """The protocol's JSON has ids in hexadecimal, protobuf's in base64."""
        if isinstance(o, list):
            return [fix(x) for x in o]
        if not isinstance(o, dict):
            return o
        return {k: base64.b64encode(bytes.fromhex(v)).decode("ascii")
                if k in ("traceId", "spanId", "parentSpanId") else fix(v)
                for k, v in o.items()}

    with open(path, encoding="utf-8") as f:
        message = json_format.ParseDict(
            fix(json.load(f)), trace_service_pb2.ExportTraceServiceRequest())
    print(len(message.resource_spans[0].scope_spans[0].spans), "spans")


class Collector(http.server.BaseHTTPRequestHandler):
    folder, n = "", 0
    never = threading.Event()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/hang"):
            self.never.wait()
        status = re.match("/status/([0-9]+)", self.path)
        to = self.path.startswith("/to/")
        self.send_response(int(status[1]) if status else 307 if to else 200)
        if to:
            self.send_header("Location", "/v1/traces")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        Collector.n += 1
        name = os.path.join(self.folder, str(self.n))
        with open(name + ".json", "wb") as f:
            f.write(body)
        with open(name + ".head", "w", encoding="utf-8") as f:
            f.write(f"{self.path}\n{self.headers}")

    def log_message(self, *_):
        pass


def serve(ready, folder):
    Collector.folder = folder
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.daemon_threads = True
    with open(ready, "w", encoding="utf-8") as f:
        f.write(f"{server.server_port}\n")
    server.serve_forever()


globals()[sys.argv[1]](*sys.argv[2:])
