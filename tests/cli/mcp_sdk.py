# SPDX-License-Identifier: MIT
"""prun --mcp as the protocol's own client library sees it (P-1207)."""
import os

import anyio
from mcp import Client, StdioServerParameters, stdio_client

n_tests = 0


def same(got, want, name):
    global n_tests
    n_tests += 1
    print(f"{'ok' if got == want else 'not ok'} {n_tests} - {name}", flush=True)
    if got != want:
        print(f"# got {got!r}, want {want!r}", flush=True)


def server():
    return StdioServerParameters(command=os.environ["PRUN"], args=["--mcp"],
                                 env=dict(os.environ))


async def tools_work(call, kind):
    got = await call("list", {})
    names = [t["name"] for t in got.structured_content["tasks"]]
    same(names, ["bad", "good", "slow"], f"{kind}: list")
    got = await call("run", {"tasks": ["bad", "good"]})
    run = got.structured_content["run"]
    got = await call("wait", {"run": run, "seconds": 60})
    same(got.structured_content["state"], "failed", f"{kind}: run and wait")
    got = await call("failed", {"run": run})
    same([f["task"] for f in got.structured_content["failed"]], ["bad"],
         f"{kind}: failed")
    got = await call("log", {"run": run, "task": "bad"})
    same(got.content[0].text, "oh no\n", f"{kind}: log")
    got = await call("explain", {"task": "good"})
    same("good would run" in got.content[0].text, True, f"{kind}: explain")
    got = await call("run", {"tasks": ["--init"]})
    same(got.is_error, True, f"{kind}: a flag is no task")
    got = await call("run", {"tasks": ["slow"]})
    run = got.structured_content["run"]
    same((await call("cancel", {"run": run})).is_error, False,
         f"{kind}: cancel")
    got = await call("wait", {"run": run})
    same(got.structured_content["state"], "interrupted", f"{kind}: its end")


async def by_version(mode):
    async with Client(stdio_client(server()), mode=mode) as c:
        kind = c.protocol_version
        same([t.name for t in (await c.list_tools()).tools],
             ["list", "run", "wait", "log", "failed", "explain", "cancel"],
             f"{kind}: tools")
        await tools_work(c.call_tool, kind)
        return kind


async def main():
    same(await by_version("auto"), "2026-07-28", "discovered")
    same(await by_version("legacy"), "2025-11-25", "by initialize")


anyio.run(main)
print(f"1..{n_tests}")
