#!/bin/sh
# SPDX-License-Identifier: MIT
# P-503: the trace as a program reads it that is not ours: speedscope, from npm,
# in a browser without a window.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'
command -v npm >/dev/null || skip_all 'there is no npm'
browser=$(command -v chromium || command -v chromium-browser ||
    command -v google-chrome) || skip_all 'there is no Chromium'
mkdir "$work/viewer"
(cd "$work/viewer" && npm pack speedscope@1.25.0 && tar xzf speedscope-*.tgz) \
    >"$work/npm" 2>&1 || skip_all 'speedscope cannot be had from npm'
viewer=$work/viewer/package/dist/release

taskfile <<-'EOT'
	version: '3'
	tasks:
	  all: {deps: [a, b, c], cmds: [sleep 0.1]}
	  a: sleep 0.3
	  b: {retries: 1, cmds: ['sleep 0.1; test -e tried || { : >tried; exit 3; }']}
	  c: 'sleep 0.2; task:leaf'
	  leaf: sleep 0.1
EOT
run prun -s -C2 all --report trace:"$viewer/trace.json" --report json:all.json
is "$status" 0 'a run with its trace'

at_exit='kill $server 2>/dev/null'
mkfifo "$work/port"
python3 -c 'import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler,
                            directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, file=open(sys.argv[2], "w"))
server.serve_forever()' "$viewer" "$work/port" >"$work/http" 2>&1 &
# shellcheck disable=SC2034 # read at the end
server=$!
read -r port <"$work/port"
url=http://127.0.0.1:$port
HOME=$work timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
    --use-gl=swiftshader --enable-unsafe-swiftshader \
    --virtual-time-budget=20000 --dump-dom \
    "$url/index.html#profileURL=$url/trace.json" >"$work/dom" 2>"$work/said"
run python3 -c 'import html, json, re, sys
seen = [t.strip() for t in re.split("<[^>]*>", open(sys.argv[1]).read())]
seen = [html.unescape(t) for t in seen if t]
busy, until = {}, {}
# what a script calls has the slot of the script, at the same time
for job in sorted(json.load(open("all.json"))["jobs"],
                  key=lambda job: job["start"]):
    slot = job["slot"]
    begin = max(job["start"], until.get(slot, 0))
    until[slot] = max(job["end"], begin)
    busy[slot] = busy.get(slot, 0) + until[slot] - begin
for slot, ns in sorted(busy.items()):
    name = f"prun all (pid 1), cpu {slot} (tid {slot})"
    if name not in seen:
        print("not there:", name)
        continue
    shown = seen[len(seen) - seen[::-1].index(name)]
    number, unit = re.fullmatch(r"([0-9.]+)(ms|s)", shown).groups()
    ms = float(number) * (1000 if unit == "s" else 1)
    print(slot, "shown" if ms > 0.9 * ns / 1e6 else f"{shown}, {ns} ns")' \
    "$work/dom"
is "$status $out" '0 1 shown
2 shown' 'each slot is a thread there, as long as its jobs'
done_testing
