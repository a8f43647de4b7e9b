#!/bin/sh
# SPDX-License-Identifier: MIT
# What takes the server minutes: 1,000 and more requests of every kind by
# schemathesis, many readers, a run that prints 1 MB a second, heartbeats, and
# readers that do not read.  P-1201, P-1205

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/serve/lib.sh"
serve_project
cat >>Taskfile.yml <<'EOT'
  one: {cmds: [':']}
  thousands:
    cmds:
      - for: {var: N, split: ' '}
        task: one
        vars: {I: '{{.ITEM}}'}
    vars: {N: '{{range $i := until 2000}}{{if $i}} {{end}}{{$i}}{{end}}'}
EOT
serve=$abs_srcdir/tests/serve

run env SERVE_SLOW=1 python3 "$serve/streams.py" "$PRUN"
is "$status" 0 'streams, with heartbeats and those who do not read'
[ "$status" -eq 0 ] || note "$out"
run python3 "$serve/load.py" "$PRUN"
is "$status" 0 'load'
[ "$status" -eq 0 ] || note "$out"
if command -v schemathesis >/dev/null; then
	run python3 "$serve/fuzz.py" "$PRUN" 1000
	is "$status" 0 'schemathesis'
	[ "$status" -eq 0 ] || note "$out"
else
	skip 'requests of every kind' 'no schemathesis'
fi
done_testing
