#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# --events: what happens, as JSON lines, while it happens (P-118); the journal
# of a run has the same (P-1205).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
vars: {PW: {value: sekrit-0815, secret: true}}
tasks:
  all:
    deps: [ok, fresh, elsewhere, never, once, twin, flaky, secret]
    cmds:
      - task:ok &
      - wait
      - task: ok
        vars: {N: "1"}
      - task: fails
      - task: late
  ok: {label: 'fine "{{.N}}"', cmds: [echo out, 'echo err >&2', true]}
  fresh: {sources: [in], generates: [made], cmds: [touch made]}
  elsewhere: {platforms: [plan9], cmds: [echo no]}
  never: {if: 'false', cmds: [echo no]}
  once: {run: once, cmds: [echo once]}
  twin: {deps: [once]}
  flaky: {retries: 1, cmds: ['[ -e tried ] || { touch tried; exit 3; }']}
  secret: {cmds: ['echo "{{.PW}}" a; exit 4'], ignore_error: true}
  fails: {cmds: ['printf "%s" torn; exit 7'], defer: }
  then-fails: {deps: [once], cmds: ['exit 7']}
  late: echo late
  group: {parallel: true, failfast: true, cmds: [task:breaks, task:waits]}
  breaks: 'while [ ! -e held ]; do read -r _ <go; done; exit 9'
  waits: 'touch held; echo >go; exec sleep 60'
  broken: "echo 'torn"
  dead: kill -KILL $$
  hold: 'echo before; read -r _ <go; echo after'
  two: {deps: [hold, ok]}
EOF
sed -i.bak 's/, defer: }/}/' Taskfile.yml && rm Taskfile.yml.bak
touch in
mkfifo go

events()
{
	cat "$(find "$XDG_STATE_HOME" -name events.jsonl | sort | tail -n 1)"
}

# has FILE TEXT…: how many lines have all these texts
has()
{
	file=$1
	cp "$file" "$work/some"
	shift
	for text; do
		grep -F -e "$text" "$work/some" >"$work/less"
		mv "$work/less" "$work/some"
	done
	grep -c . "$work/some"
}

# ---- every line is as the schema says ----

run prun --schema=events
is "$status|$err" '0|' 'P-118 the schema is printed'
printf '%s\n' "$out" >schema.json
run prun --schema=taskfile
is "$out" "$(prun --schema)" 'and that of Taskfiles is the one without a name'
run prun --schema=other
like "$status $err" '1 *taskfile, events and report, not "other"' 'others are not known'

prun fresh >/dev/null 2>&1
: >lines
for name in all 'group' broken dead; do
	rm -f held
	prun -p -C 4 --events=one.jsonl $name >/dev/null 2>&1
	cmp -s one.jsonl "$(find "$XDG_STATE_HOME" -name events.jsonl | sort |
	    tail -n 1)"
	ok $? "P-118 the same lines as in the journal ($name)"
	cat one.jsonl >>lines
done
prun --dry --events=dry.jsonl all >/dev/null 2>&1
cat dry.jsonl >>lines
if command -v python3 >/dev/null; then
	cat >check.py <<-'EOF'
		import json, sys
		schema = json.load(open("schema.json"))
		def wrong(rule, v, at):
		    kinds = {"integer": int, "string": str, "array": list,
		             "object": dict}
		    kind = rule.get("type")
		    if "const" in rule and v != rule["const"]:
		        return at + " is not what it must be"
		    if kind and (not isinstance(v, kinds[kind])
		                 or isinstance(v, bool)):
		        return at + " is no " + kind
		    if kind == "integer" and v < rule.get("minimum", v):
		        return at + " is too small"
		    if kind == "string" and len(v) < rule.get("minLength", 0):
		        return at + " is empty"
		    if kind == "array":
		        return next(filter(None, (wrong(rule["items"], i, at)
		                                  for i in v)), None)
		    if kind == "object":
		        for key in rule["required"]:
		            if key not in v:
		                return at + " has no " + key
		        for key in v:
		            if key not in rule["properties"]:
		                return at + " has an unknown " + key
		            bad = wrong(rule["properties"][key], v[key], key)
		            if bad:
		                return bad
		try:
		    import jsonschema
		    jsonschema.Draft7Validator.check_schema(schema)
		    validator = jsonschema.Draft7Validator(schema)
		except ImportError:
		    validator = None
		seen = set()
		for text in open(sys.argv[1]):
		    line = json.loads(text)
		    fits = [r for r in schema["oneOf"]
		            if not wrong(r, line, "the line")]
		    if len(fits) != 1 or validator and not validator.is_valid(line):
		        print(text, [wrong(r, line, "the line")
		                     for r in schema["oneOf"]])
		    seen.add(line.get("ev"))
		print(*sorted(seen))
	EOF
	run python3 check.py lines
	is "$out" 'call call_end end job job_end run start' \
	    'P-118 each line is as the schema says, and all kinds are there'
	printf '{"ev":"job","id":"1"}\n{"ev":"jab"}\n' >bad
	run python3 check.py bad
	is "$(printf '%s\n' "$out" | grep -c '^{')" 2 'which refuses others'
else
	skip 'the lines against the schema' 'no python3'
fi
for outcome in passed 'up to date' skipped failed 'not run' cancelled; do
	[ "$(has lines '"ev":"call_end"' "\"status\":\"$outcome\"")" -gt 0 ]
	ok $? "P-118 a call that is $outcome"
done
is "$(sed -n 1p one.jsonl | cut -c1-23)" '{"ev":"run","format":2,' \
    'P-118 the version is in the first line'
like "$(tail -n 1 one.jsonl)" '{"ev":"end",*"exit":201*' \
    'P-118 and the last one is the end'
[ "$(has lines '"twin":')" -gt 0 ]
ok $? 'P-1205 whose execution a call shared'
[ "$(has lines '"cause":')" -gt 0 ]
ok $? 'P-1205 whose failure it passes on'
[ "$(has lines '"flaky":true' '"attempts":2')" -eq 1 ]
ok $? 'P-1205 that it was tried again'
[ "$(has lines '"ev":"job"' '"attempt":2')" -eq 1 ]
ok $? 'P-1205 in which attempt a job ran'
[ "$(has lines '"background":true')" -gt 0 ]
ok $? 'P-1205 that it was called in the background'
[ "$(has lines '"name":"fine \"1\""' '"ev":"start"')" -gt 0 ]
ok $? 'P-1205 its label, once that is known'
[ "$(has lines '"ev":"call"' '"vars":"')" -gt 0 ]
ok $? 'P-1205 that it was called with variables'
is "$(has lines '"ev":"job_end"' '"signal":9' '"exit":137')" 1 \
    'P-1205 of which signal a job died'
is "$(has lines '"ev":"job_end"' '"error":')" 1 'P-1205 why one did not start'
is "$(has lines sekrit)" 0 'P-406 secrets are masked'
is "$(has dry.jsonl '"ev":"job"') $(has dry.jsonl '"ev":"end"')" '0 1' \
    'P-118 a dry run has no jobs'

# ---- where the output of a job is ----

"$PRUN" --events=e two >out 2>&1 &
held()
{
	grep -qs before "$XDG_STATE_HOME"/prun/*/runs/*/logs/*-hold.log
}
wait_for held
wait_for grep -q '"ev":"call_end".*fine' e
is "$(has e '"ev":"job"' '-hold.log"')" 1 \
    'P-1205 a job that runs is told with its log while it does'
is "$(has e '"ev":"call_end"' 'fine')" 1 'P-118 and what has ended meanwhile'
is "$(has e '"ev":"end"') $(has e '"name":"hold","status"')" '0 0' \
    'P-118 but not what has not'
like "$(grep '"ev":"run"' e)" "\"pid\":$!*" 'P-1205 whose process it is'
echo >go
wait $!
is "$(has e '"ev":"end"' '"exit":0')" 1 'P-118 then that too'
log=$(find "$XDG_STATE_HOME" -name '*-hold.log' | sort | tail -n 1)
is "$(grep '"ev":"job_end"' e | sed -n 's/.*"log_end":\([0-9]*\).*/\1/p' |
    sort -n | tail -n 1)" "$(($(wc -c <"$log")))" \
    'P-1205 the place of its output in the log'

# ---- slots and serial, by whatever they were set ----

head_of()
{
	"$@" >/dev/null 2>&1
	events | sed -n '1s/.*"at":[0-9]*,*//p'
}
is "$(head_of prun -C 3 ok)" '"slots":3}' 'P-1205 the slots of a run'
is "$(head_of prun --serial ok)" '"slots":1,"serial":true}' \
    'P-1205 that it is serial, by flag'
is "$(head_of env USE_PARALLEL=false "$PRUN" ok)" \
    '"slots":1,"serial":true}' 'P-1205 by the environment'
printf '[run]\nparallel = off\n' >prun.ini
is "$(head_of prun ok)" '"slots":1,"serial":true}' 'P-1205 by prun.ini'
rm prun.ini
run prun -C 2 --events=e -p ok twin flaky
is "$(sed -n 's/.*"slot":\([0-9]*\),.*/\1/p' e | sort -u | tr '\n' ' ')" '1 2 ' \
    'P-1205 jobs have the numbers of their slots'

# ---- what a run that failed has left for --plan ----

for how in '-p' '-p -F' '' '--serial'; do
	rm -rf "$XDG_STATE_HOME"
	# shellcheck disable=SC2086 # words
	prun $how twin then-fails late >/dev/null 2>&1
	run prun --plan twin then-fails late
	like "$out" 'once  *[0-9][mµ]s' \
	    "P-301 the time of a call that passed in a run that failed ($how)"
	is "$(grep -c ':then-fails' "$XDG_STATE_HOME"/prun/*/durations)" 0 \
	    "P-301 but not of one that failed ($how)"
done

# ---- standard output ----

run prun --events=- ok
is "$(printf '%s\n' "$out" | grep -cv '^{"ev":"')" 0 \
    'P-118 - is standard output, and all of it'
like "$err" '*out*err*' 'P-118 what jobs print is on standard error'
is "$(printf '%s\n' "$out" | tail -n 1 | cut -c1-11)" '{"ev":"end"' \
    'P-118 to the end'
status=0
prun --events=- ok 2>/dev/null | sed -n 1q || status=$?
is "$status" 0 'P-118 a reader that goes'
for i in 1 2 3; do
	(
		prun --events=- ok 2>err
		echo $? >gave
	) | :
	is "$(cat gave) $(grep -c whole err)" '0 0' \
	    "P-118 does not change how the run ends ($i)"
done
run prun --failed --events=-
is "$status" 0 'P-507 nothing failed'
prun --events=- -p fails ok >/dev/null 2>&1
run prun --failed
is "$(printf '%s\n' "$out" | grep -c '^{')" 0 \
    'P-507 a run that is repeated tells nobody unless it is asked to'
run prun --failed --events=-
is "$(printf '%s\n' "$out" | grep -c '"tasks":\["fails","ok"\]')" 1 'P-507 if it is'

# ---- pipes ----

mkfifo pipe
cat pipe >got &
prun --events=pipe ok >/dev/null 2>&1
wait $!
is "$(sed -n '$s/,.*//p' got)" '{"ev":"end"' 'P-118 a pipe with a reader'
exec 7<>pipe
"$PRUN" --events=pipe hold >/dev/null 2>&1 &
while read -r line <&7; do
	case $line in
	*'"ev":"job"'*) break ;;
	esac
done
pass 'P-118 that a job runs is read while it does'
echo >go
while read -r line <&7; do
	case $line in
	*'"ev":"end"'*) break ;;
	esac
done
wait $!
is "$?" 0 'P-118 and the end when it comes'
exec 7<&-
run timeout 30 "$PRUN" --events=pipe ok
is "$status" 0 'P-118 a pipe that nobody reads holds up no run'
like "$err" '--events is not whole: nobody reads pipe' 'P-118 but is told'

# ---- what cannot be written ----

run prun --events=no/file ok
like "$status|$out|$err" '1||*--events: open no/file: no such file*' \
    'P-118 a file that cannot be: nothing runs'
if [ -w /dev/full ]; then
	run prun --events=/dev/full ok
	is "$status" 0 'P-118 a full disk does not change how the run ends'
	is "$(printf '%s\n' "$err" | grep -c 'no space left')" 1 \
	    'P-118 and is told once'
else
	skip 'a full disk' 'no /dev/full'
fi
run prun --follow ok
like "$err" '--follow only applies to --log' 'P-401 --follow alone'

done_testing
