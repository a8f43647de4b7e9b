#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The server against schemathesis, a program that makes requests of every kind
from the document and looks at every answer: fuzz.py PRUN CASES, in a project's
folder.  Requests that start something come with tasks that end at once."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import DOCUMENT, Server, Tap  # noqa: E402

t = Tap()
prun, cases = sys.argv[1], int(sys.argv[2])
s = Server(prun)
operations = sum(m in ("get", "post", "delete") for item in
                 s.document.all["paths"].values() for m in item)
each = -(-cases // operations)
done = subprocess.run(
    ["schemathesis", "run", os.path.abspath(DOCUMENT),
     "--url", "http://" + s.host, "-H", "Authorization: Bearer " + s.token,
     "--checks", "not_a_server_error,status_code_conformance,"
     "content_type_conformance,response_schema_conformance,"
     "response_headers_conformance,unsupported_method,ignored_auth",
     "--exclude-path-regex", "/events$", "--max-examples", str(each),
     "--phases", "examples,coverage,fuzzing,stateful", "--request-timeout", "20",
     "--suppress-health-check", "all", "--generation-database", "none",
     "--seed", "11", "--continue-on-failure", "--no-color"],
    capture_output=True, text=True, stdin=subprocess.DEVNULL)
with open("schemathesis.log", "w") as f:
    f.write(done.stdout + done.stderr)
if not t.equal(done.returncode, 0, "schemathesis finds nothing"):
    print("# " + (done.stdout + done.stderr)[-12000:].replace("\n", "\n# "))
found = re.findall(r"(\d+) generated", done.stdout)
t.ok(found and int(found[-1]) >= cases, "in %d cases or more" % cases, found)
a = s.get("/api/v1/server")
t.equal(a.status, 200, "the server goes on")
memory = s.memory()
if memory is None or os.environ.get("TEST_SANITIZED"):
    t.skip("and takes less than 64 MiB", "cannot be told here")
else:
    t.ok(memory < 64 << 20, "and takes less than 64 MiB", memory)
t.equal(s.stop(), 0, "it ends when told to")
t.done()
