#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2012,SC2016,SC2119,SC2154 # lib.sh; text for shells
# Spans of a run, and where it stands in a trace of others (P-503).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
otlp()
{
	python3 "$abs_srcdir/tests/cli/report_otlp.py" "$@"
}
unset TRACEPARENT TRACESTATE OTEL_EXPORTER_OTLP_HEADERS
unset OTEL_EXPORTER_OTLP_TRACES_HEADERS http_proxy HTTP_PROXY all_proxy
outer=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7

taskfile <<-'EOT'
	version: '3'
	silent: true
	tasks:
	  all:
	    deps: [a, b]
	    cmds: ['sh -c "echo \$TRACEPARENT"']
	  a: {cmds: ['sh -c "echo \$TRACEPARENT"', 'echo $TRACEPARENT']}
	  b: {cmds: ['echo $TRACEPARENT']}
	  bad: {cmds: ['exit 3']}
	  own: {env: {TRACEPARENT: mine}, cmds: ['echo $TRACEPARENT']}
	  nest: {cmds: ['"$PRUN_TO_START" --report otlp:inner.json b']}
EOT

# ---- TRACEPARENT ----

run prun --serial all --report otlp:all.json
is "$status" 0 'a report of spans'
is "$out" "$(otlp jobs all.json)" 'each job has the TRACEPARENT of its span'
is "$(otlp check all.json)" 'all < nothing: 1
all < all: 1
a < all: 1
b < all: 1
a < a: 1
a < a: 1
b < b: 1
all < all: 1' 'a span for the run, each call, each job'
run prun b
is "$(echo "$out" | cut -d - -f 1,4)" 00-01 'without a report, too'
isnt "$(echo "$out" | cut -d - -f 2)" "$(prun b | cut -d - -f 2)" \
    'a run is a trace of its own'
run env TRACEPARENT=$outer-00 "$PRUN" b --report otlp:b.json
is "$(echo "$out" | cut -d - -f 2,4)" "$(echo $outer-00 | cut -d - -f 2,4)" \
    'but where it is given one'
like "$(otlp check b.json)" 'b < 00f067aa0ba902b7: 1' 'it is below that'
run env TRACEPARENT=nonsense "$PRUN" b
is "$(echo "$out" | cut -d - -f 1)" 00 'which must be one'
run prun own
is "$out" mine 'what the Taskfile sets stays'
ln -s "$PRUN" "$work/task"
run env TRACEPARENT=$outer-01 "$work/task" b
is "$out" $outer-01 'and task passes on what it has'
run env PRUN_TO_START="$PRUN" "$PRUN" nest --report otlp:nest.json
like "$(otlp check inner.json)" "b < $(otlp jobs nest.json | cut -d - -f 3): 1" \
    'a run inside of a job is below it'
run prun bad --report otlp:bad.json
is "$(otlp check bad.json)" 'bad < nothing: 2
bad < bad: 2
bad < bad: 2' 'what failed is an error'
if python3 -c 'import opentelemetry.proto.trace.v1.trace_pb2' 2>/dev/null; then
	is "$(otlp parse all.json)" '8 spans' 'a reader of the protocol takes it'
else
	skip 'a reader of the protocol takes it' 'no opentelemetry-proto'
fi

# ---- a collector ----

mkfifo ready
mkdir got
python3 "$abs_srcdir/tests/cli/report_otlp.py" serve ready got &
at_exit="kill $!"
read -r port <ready
to=http://127.0.0.1:$port

run env OTEL_EXPORTER_OTLP_HEADERS='X-Token=a%2Cb, X-Two=2' "$PRUN" b \
    --report otlp:"$to"
is "$status $err" '0 ' 'spans are sent to a collector'
is "$(otlp check got/1.json)" 'b < nothing: 1
b < b: 1
b < b: 1' 'whole'
is "$(sed 's/\r//' got/1.head | grep -e ^/ -e X- -e Content-Type)" \
    '/v1/traces
Content-Type: application/json
X-Token: a,b
X-Two: 2' 'to the place for traces, with the headers wanted'
run prun b --report otlp:"$to"/some/where
is "$(head -n 1 got/2.head)" /some/where 'or to where it is told'
run prun --run "$(ls "$XDG_STATE_HOME"/prun/*/runs | head -n 1)" \
    --report otlp:"$to"
is "$(cat got/3.json)" "$(cat all.json)" 'of an older run the same'
run prun b --report otlp:"$to"/status/503 --report json:b.json
is "$status $err" "1 prun: no otlp report: $to/status/503 answers with 503" \
    'one that does not take them fails the run'
[ -s b.json ]
ok $? 'and harms no other report'
run prun b --report otlp:"$to"/to/elsewhere
like "$err" 'answers with 307' 'nobody is followed elsewhere'
run prun b --report "otlp:http://u:geheim@127.0.0.1:1"
is "$status $err" "1 prun: no otlp report: http://127.0.0.1:1: Couldn't connect to server" \
    'one that is not there is named, without a password'
is "$(grep -rl geheim "$XDG_STATE_HOME")" '' 'which is kept nowhere'
run env PRUN_FETCH=/nowhere "$PRUN" b --report otlp:"$to"
like "$err" 'there is no program prun-fetch' 'it needs prun-fetch'
printf '[report]\notlp = %s\n' "$to" >prun.ini
before=$(ls got | wc -l)
run prun b
is "$(ls got | wc -l)" $((before + 2)) 'prun.ini may name it'

done_testing
