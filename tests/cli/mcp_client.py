# SPDX-License-Identifier: MIT
"""prun --mcp as a client of the standard library alone sees it (P-1207)."""
import json
import os
import re
import select
import subprocess
import sys
import threading
import time

PRUN = os.environ["PRUN"]
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
META = {"io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {}}
ID = re.compile(r"\d{8}-\d{6}-\d{6}$")
n_tests = 0


def check(good, name, got=None):
    global n_tests
    n_tests += 1
    print(f"{'ok' if good else 'not ok'} {n_tests} - {name}", flush=True)
    if not good:
        print(f"# got: {got!r}"[:2000], flush=True)


def same(got, want, name):
    check(got == want, name, (got, "instead of", want))


class Client:
    def __init__(self, *flags, cwd="."):
        self.p = subprocess.Popen([PRUN, "--mcp", *flags], cwd=cwd,
                                  stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.last = 0
        self.early = {}
        self.lines = b""

    def send(self, message):
        self.raw(json.dumps(message).encode() + b"\n")

    def raw(self, line):
        self.p.stdin.write(line)
        self.p.stdin.flush()

    def read(self):
        while b"\n" not in self.lines:
            if not select.select([self.p.stdout], [], [], 30)[0]:
                raise SystemExit("Bail out! no answer in 30 s")
            self.lines += os.read(self.p.stdout.fileno(), 65536)
        line, self.lines = self.lines.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, params=None, modern=True):
        """Sends a request; its id."""
        self.last += 1
        params = dict(params or {})
        if modern:
            params["_meta"] = META
        self.send({"jsonrpc": "2.0", "id": self.last, "method": method,
                   "params": params})
        return self.last

    def answer(self, ident):
        """Of that request; others that come first are kept."""
        while ident not in self.early:
            got = self.read()
            self.early[got.get("id")] = got
        return self.early.pop(ident)

    def request(self, *args, **kwargs):
        return self.answer(self.ask(*args, **kwargs))

    def start(self, tool, **args):
        return self.ask("tools/call", {"name": tool, "arguments": args})

    def call(self, tool, **args):
        """(isError, text, structuredContent)"""
        return result(self.answer(self.start(tool, **args)))

    def end(self):
        self.p.stdin.close()
        self.p.wait(20)
        rest = self.p.stdout.read(), self.p.stderr.read().decode()
        self.p.stdout.close()
        self.p.stderr.close()
        return self.p.returncode, *rest


def result(message):
    r = message["result"]
    return r["isError"], r["content"][0]["text"], r.get("structuredContent")


def go(name="go"):
    """Lets a task that waits at the pipe go on."""
    with open(name, "w") as f:
        f.write("\n")


def code(message):
    return message.get("error", {}).get("code")


# ---- the way in, by both kinds of revisions ----
c = Client()
got = c.request("tools/list", modern=False)
same(code(got), -32602, "a request of neither kind is refused")
got = c.request("initialize", {"protocolVersion": LEGACY, "capabilities": {},
                               "clientInfo": {"name": "t", "version": "1"}},
                modern=False)
r = got["result"]
same((r["protocolVersion"], r["capabilities"], r["serverInfo"]["name"]),
     (LEGACY, {"tools": {}}, "prun"), "P-1207 initialize")
check("resultType" not in r, "as the older revisions have it", r)
c.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
same(c.request("ping", modern=False)["result"], {}, "ping")
tools = c.request("tools/list", modern=False)["result"]["tools"]
same([t["name"] for t in tools],
     ["list", "run", "wait", "log", "failed", "explain", "cancel"],
     "P-1207 the tools")
check(all(t["inputSchema"]["type"] == "object" and
          t["inputSchema"]["additionalProperties"] is False and
          t["description"] for t in tools), "each with its schema", tools)
for version in ["2024-11-05", "2025-03-26", "2025-06-18"]:
    got = c.request("initialize", {"protocolVersion": version}, modern=False)
    same(got["result"]["protocolVersion"], version, f"revision {version}")
got = c.request("initialize", {"protocolVersion": "1.0"}, modern=False)
same(got["result"]["protocolVersion"], LEGACY, "an unknown one: the newest")
same(code(c.request("initialize", {}, modern=False)), -32602, "none at all")

got = c.request("server/discover")["result"]
same((got["supportedVersions"][:2], got["capabilities"], got["resultType"],
      got["_meta"]["io.modelcontextprotocol/serverInfo"]["name"]),
     ([MODERN, LEGACY], {"tools": {}}, "complete", "prun"),
     f"server/discover, of {MODERN}")
check(got["ttlMs"] > 0 and got["cacheScope"] == "public", "may be kept", got)
got = c.request("tools/list")["result"]
same((got["tools"], got["resultType"]), (tools, "complete"),
     "the same tools, side by side with the other kind")
meta = {**META, "io.modelcontextprotocol/protocolVersion": "1900-01-01"}
got = c.request("tools/list", {"_meta": meta}, modern=False)
same((code(got), got["error"]["data"]["requested"],
      MODERN in got["error"]["data"]["supported"]),
     (-32022, "1900-01-01", True), "an unknown revision")
del meta["io.modelcontextprotocol/clientCapabilities"]
meta["io.modelcontextprotocol/protocolVersion"] = MODERN
same(code(c.request("tools/list", {"_meta": meta}, modern=False)), -32602,
     "without capabilities")
same(code(c.request("ping")), -32601, "ping is gone there")
same(code(c.request("resources/list")), -32601, "an unknown method")
same(code(c.request("tools/call", {"name": "shell"})), -32602,
     "an unknown tool")
same(code(c.request("tools/call", {"name": "list", "arguments": []})), -32602,
     "arguments that are no object")

# ---- what is no message ----
for bad, want, name in [
        (b"{", -32700, "half an object"), (b"nonsense", -32700, "no JSON"),
        (b"\xff\xfe", -32700, "no UTF-8"), (b"[" * 100000, -32700, "depth"),
        (b'{"a":1,"a":2}', -32700, "a key twice"),
        (b"17", -32600, "a number"), (b"[]", -32600, "an empty list"),
        (b'{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, "JSON-RPC 1"),
        (b'{"jsonrpc":"2.0","id":1}', -32600, "no method"),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, "id null"),
        (b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32600, "id a list"),
        (b'{"x":"' + b"y" * (5 << 20) + b'"}', -32600, "a line of 5 MiB")]:
    writer = threading.Thread(target=c.raw, args=(bad + b"\n",))
    writer.start()
    got = c.read()
    writer.join()
    same((code(got), got["id"]), (want, None), f"{name} is refused")
c.raw(b"\n  \n")
c.send({"jsonrpc": "2.0", "method": "notifications/unknown"})
c.send({"jsonrpc": "2.0", "id": 5, "result": {}})
same(c.request("ping", modern=False)["result"], {},
     "blank lines, notices and answers get none")
c.raw(b'[{"jsonrpc":"2.0","id":"a","method":"ping"},'
      b'{"jsonrpc":"2.0","id":"b","method":"ping"}]\n')
same([c.read()["id"], c.read()["id"]], ["a", "b"], "several in one line")

# ---- list, run, wait ----
bad, text, data = c.call("list")
names = {t["name"]: t for t in data["tasks"]}
same((bad, names["fails"].get("desc"), names["hold"].get("aliases")),
     (False, "It fails", ["h"]), "P-1207 list")
check("hidden" not in names and json.loads(text) == data,
      "without internal tasks", data)
bad, text, data = c.call("run", tasks=["hello"], vars={"WHO": "a b; id"})
run = data["run"]
check(not bad and ID.match(run) and data["state"] == "running",
      "P-1207 run returns an id", data)
bad, text, data = c.call("wait", run=run)
same((bad, data["state"], data["exit_status"], data["run"]),
     (False, "passed", 0, run), "P-1207 wait")
same(c.call("log", run=run, task="hello")[1], "hello a b; id\n",
     "a variable is a text")
run = c.call("run", tasks=["hello", "more"], parallel=True)[2]["run"]
bad, text, data = c.call("wait", run=run)
check("2 calls" in data["summary"] and data["summary"] in text,
      "the summary is there", data)
same(c.call("run")[0], False, "without tasks: the default task")
bad, text, data = c.call("wait", run="last")
same(data["state"], "passed", "the last run")
c.call("wait", run=c.call("run", tasks=["once"])[2]["run"])
c.call("wait", run=c.call("run", tasks=["once"])[2]["run"])
c.call("wait", run=c.call("run", tasks=["once"], force=True)[2]["run"])
same(open("once.out").read(), "once\nonce\n", "force")

# ---- what is refused ----
for tool, args, want in [
        ("run", {"tasks": ["hidden"]}, 'Task "hidden" is internal'),
        ("run", {"tasks": ["nosuch"]}, 'Task "nosuch" does not exist'),
        ("run", {"tasks": ["--init"]}, "run: tasks must be a list"),
        ("run", {"tasks": ["-w"]}, "run: tasks must be a list"),
        ("run", {"tasks": ["A=1"]}, "run: tasks must be a list"),
        ("run", {"tasks": ["hello; touch made"]}, "does not exist"),
        ("run", {"tasks": "hello"}, "run: tasks must be a list"),
        ("run", {"tasks": [""]}, "run: tasks must be a list"),
        ("run", {"tasks": ["a\0b"]}, "run: tasks must be a list"),
        ("run", {"tasks": ["hello"] * 101}, "at most 100"),
        ("run", {"tasks": ["hello"], "vars": {"A B": "x"}}, "run: vars must"),
        ("run", {"tasks": ["hello"], "vars": {"": "x"}}, "run: vars must"),
        ("run", {"tasks": ["hello"], "vars": {"A": 1}}, "run: vars must"),
        ("run", {"tasks": ["hello"], "vars": []}, "run: vars must"),
        ("run", {"command": "touch made"}, 'no argument "command"'),
        ("run", {"tasks": ["hello"], "force": "yes"}, "true or false"),
        ("wait", {}, "wait: run is needed"),
        ("wait", {"run": None}, "wait: run is needed"),
        ("wait", {"run": "last", "seconds": 601}, "from 0 to 600"),
        ("wait", {"run": "last", "seconds": 1.5}, "from 0 to 600"),
        ("wait", {"run": "--init"}, "no run"),
        ("wait", {"run": "../../etc"}, "no run"),
        ("log", {"run": "last", "task": "nosuch"}, "was not called"),
        ("log", {"run": "last", "bytes": 1 << 20}, "from 4 to 262144"),
        ("failed", {"run": 17}, "failed: run must be a text"),
        ("explain", {"task": "nosuch"}, "does not exist"),
        ("explain", {"task": "-h"}, "explain: task must be"),
        ("cancel", {"run": "20000101"}, "no run")]:
    bad, text, _ = c.call(tool, **args)
    check(bad and want in text, f"refused: {tool} {args!r}"[:70], text)
check(not os.path.exists("made"), "and nothing was done")

# ---- while a run goes on ----
run = c.call("run", tasks=["h"])[2]["run"]
begun = c.start("wait", run=run, seconds=600)
dropped = c.start("wait", run=run, seconds=600)
bad, text, data = c.call("wait", run=run, seconds=0)
same((bad, data["state"], "exit_status" in data), (False, "running", False),
     "P-1207 wait is bounded")
same(c.request("ping", modern=False)["result"], {},
     "P-1207 others are answered while calls wait")
before = time.monotonic()
c.call("wait", run=run, seconds=1)
check(1 <= time.monotonic() - before < 15, "as long as it says")
while c.call("log", run=run)[2]["size"] < 4:
    pass
bad, text, data = c.call("log", run=run, bytes=4)
same((text, data["offset"], data["next_offset"], data["is_complete"]),
     ("one\n", 0, 4, False), "P-1207 the log of one that goes on")
got = c.request("ping", modern=False)
c.send({"jsonrpc": "2.0", "id": begun, "method": "ping"})
same(code(c.answer(begun)), -32600, "an id that is in use")
c.send({"jsonrpc": "2.0", "method": "notifications/cancelled",
        "params": {"requestId": dropped}})
go()
same(result(c.answer(begun))[2]["state"], "passed",
     "P-1207 wait returns when it has ended")
c.request("ping", modern=False)
check(dropped not in c.early, "a request that is cancelled is not answered")
bad, text, data = c.call("log", run=run, task="h", offset=4)
same((text, data["next_offset"], data["size"], data["is_complete"]),
     ("two ✓\n", 12, 12, True), "P-1207 the rest, from an offset")
same(c.call("log", run=run, offset=4, bytes=6)[2]["next_offset"], 8,
     "a rune is not cut")
same(c.call("log", run=run, offset=-6)[1][-2:], "✓\n", "from the end")
same(c.call("log", run=run, offset=99)[2]["text"], "", "beyond the end")

# ---- failures ----
run = c.call("run", tasks=["both"])[2]["run"]
data = c.call("wait", run=run)[2]
same((data["state"], data["exit_status"]), ("failed", 201), "a run that fails")
bad, text, data = c.call("failed", run=run)
f = data["failed"]
same([(x["task"], x["exit_status"], x["file"], x["line"]) for x in f],
     [("fails", 3, "main.c", 3)], "P-1207 failed")
check("nope" in f[0]["said"] and "context" in f[0]["log_end"] and
      "nope" in text, "why, and the end of its log", f)
check("would run" in c.call("explain", task="fails")[1], "P-1207 explain")
bad, text, data = c.call("log", run=run, task="garbage")
check("\ufffd" in text and not bad, "what is no UTF-8 is shown", text)

run = c.call("run", tasks=["hold"])[2]["run"]
bad, text, data = c.call("cancel", run=run)
same((bad, data["is_over"]), (False, False), "P-1207 cancel")
same(c.call("cancel", run=run)[0], False, "twice is fine")
data = c.call("wait", run=run)[2]
same((data["state"], data["exit_status"]), ("interrupted", 143),
     "a run that was cancelled")
bad, text, data = c.call("cancel", run=run)
same((bad, data["is_over"]), (False, True), "one that has ended is said to")

# Somebody edits the Taskfile.
good = open("Taskfile.yml").read()
open("Taskfile.yml", "w").write("tasks: [")
check(c.call("list")[0] and c.call("run", tasks=["hello"])[0],
      "a broken Taskfile is an answer")
same(c.call("wait", run=run)[2]["state"], "interrupted",
     "runs that were are still known")
open("Taskfile.yml", "w").write(good + "  added: 'true'\n")
check("added" in c.call("list")[1], "a task that was added is there")

# ---- many at once ----
run = c.call("run", tasks=["hold"])[2]["run"]
waits = [c.start("wait", run=run, seconds=600) for _ in range(70)]
early = [c.answer(i) for i in waits[64:]]
check(all(result(a)[0] and "too many" in result(a)[1] for a in early),
      "calls that wait are bounded", early)
go()
check(all(result(c.answer(i))[2]["state"] == "passed" for i in waits[:64]),
      "and all of them are answered")

# ---- the end ----
run = c.call("run", tasks=["hold"])[2]["run"]
c.start("wait", run=run, seconds=600)
same(c.end(), (0, b"", ""), "the end of the input ends it, in silence")
d = Client()
same(d.call("wait", run=run, seconds=0)[2]["state"], "running",
     "P-1207 its runs go on")
go()
same(d.call("wait", run=run)[2]["state"], "passed", "and end")
ident = d.start("list")
status, out, err = d.end()
same((status, json.loads(out)["id"]), (0, ident),
     "what was asked before the end is answered")
d = Client()
d.p.stdout.close()
d.send({"jsonrpc": "2.0", "id": 1, "method": "ping"})
d.p.wait(20)
same(d.p.returncode, 1, "nobody reads: it ends")
with open("in", "w") as f:
    f.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}))
with open("in") as f:
    got = subprocess.run([PRUN, "--mcp"], stdin=f, capture_output=True)
same((got.returncode, json.loads(got.stdout)["id"]), (0, 1),
     "a file as input, its last line without an end")
got = subprocess.run([PRUN, "--mcp", "hello"], capture_output=True, text=True)
same((got.returncode, got.stdout), (1, ""), "with a task it is an error")
d = Client("-t", "other/Taskfile.yml")
same(d.call("list")[2], {"tasks": [{"name": "there"}]},
     "its flags are those of the programs that it starts")
d.end()
print(f"1..{n_tests}")
