#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for shells
# Reports of a run that ends and of older ones (P-503).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
reads()
{
	python3 "$abs_srcdir/tests/cli/reports.py" "$@"
}
all='--report json:r/all.json --report junit:r/junit.xml
    --report trace:r/trace.json --report markdown:r/all.md
    --report ctrf:r/ctrf.json'

cat >print <<'EOS'
#!/bin/sh
printf '</script><!--\033[31mred\033[0m \001\033]0;title\007|\377\376 ]]> & "x" <script>alert(1)</script>\r\n'
printf '```\n\302\205\357\277\277 end\n'
exit 2
EOS
chmod +x print
taskfile <<-'EOT'
	version: '3'
	tasks:
	  all:
	    deps: [build, lint, 'ns:evil']
	    cmds: [echo never]
	  build:
	    deps: [gen]
	    cmds: [echo built]
	  gen: echo gen; sleep 0.05
	  lint:
	    retries: 2
	    cmds: ['echo try; test -e tried || { touch tried; exit 3; }']
	  slow:
	    cmds: [{cmd: sleep 20, timeout: 50ms}]
	  'ns:evil':
	    label: <script>alert("&]]>")</script> `|
	    cmds: [./print]
EOT
# shellcheck disable=SC2086 # words
run prun -C4 $all all
is "$status" 201 'a run that fails has reports, and its own status'
is "$(python3 -c 'import json
r = json.load(open("r/all.json"))
print(*[r["calls"][p["call"] - 1]["name"][:5] for p in r["critical_path"]])')" \
    'gen build' 'the critical path is what the run had to wait for'
run prun --schema=report
printf '%s\n' "$out" >schema.json
run reads json r/all.json schema.json
is "$status $out" '0 all: not run
build: passed
lint: passed
<script>alert("&]]>")</script> `|: failed
gen: passed' 'json is as its schema says (P-503)'
run reads junit r/junit.xml
is "$status $out" '0 prun.all: skipped
prun.build: passed
prun.lint: flakyFailure
prun.ns.<script>alert("&]]>")</script> `|: failure
prun.gen: passed' 'junit: a case a call'
junit=$(cat r/junit.xml)
like "$junit" 'skipped message="needs &lt;script&gt;*, which failed"' \
    'what was skipped names what it needs'
like "$junit" 'property name="prun.flaky" value="true"' \
    'flaky for those who know no flakyFailure'
like "$junit" 'flakyFailure message="attempt 1: exit status 3"*try' \
    'with the output of that attempt'
like "$junit" '&lt;/script&gt;&lt;!--red |' 'output is text'
unlike "$junit" '<script' 'and no markup'
if command -v xmllint >/dev/null; then
	run xmllint --noout --schema "$abs_srcdir/tests/cli/junit.xsd" \
	    r/junit.xml
	is "$status" 0 'junit is as its schema says'
else
	skip 'junit is as its schema says' 'no xmllint'
fi
run reads ctrf r/ctrf.json
is "$status $out" '0 all: skipped
build: passed
lint: passed
<script>alert("&]]>")</script> `|: failed
gen: passed' 'ctrf'
run reads trace r/trace.json
is "$status" 0 'trace: slices that nest, arrows that begin, counters that end'
like "$out" 'arrows: 1' 'with the edge from gen to build'
unlike "$(awk '/^```/ { inside = !inside } !inside' r/all.md)" '<script' \
    'markdown: no markup of others'
like "$(cat r/all.md)" '<details>*alert*prun all*````
</script><!--red |*```*end
````*</details>*| all |' \
    'failures first, their output in a fence that it cannot close'

# Of an older run; of one that was killed; and what cannot be.
prun --silent gen >/dev/null 2>&1
ids=$(ls "$XDG_STATE_HOME"/prun/*/runs)
first=${ids%%
*}
run prun --run "$first" --report json:again.json
is "$status $out$err" '0 ' 'of an older run, in silence'
cmp -s again.json r/all.json
ok $? 'it is the same'
run prun --run nope --report json:x.json
isnt "$status" 0 'of a run that is none'
is "$(ls x.json 2>/dev/null)" '' 'there is none'
run prun --report toml:x gen
is "$status $err" '1 prun: --report knows html, json, junit, trace, markdown, ctrf and otlp, not "toml"' \
    'an unknown kind is refused before anything runs'
run prun --report junit gen
like "$err" '--report wants KIND:FILE' 'so is one without a file'
run prun --report json:- --run "$first"
is "$out" "$(cat again.json)" 'to standard output'
run prun --silent slow --report junit:slow.xml
like "$(cat slow.xml)" '<error message="*" type="timeout"/>' \
    'what took too long is an error, no failure'

# Failures that the run got over: none of the reports turns red by them.
taskfile over/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  all:
	    deps: [quarantined, good]
	    cmds:
	      - {task: ignored, ignore_error: true}
	      - {defer: {task: late}}
	      - 'task:handled || echo handled'
	  quarantined:
	    flaky: {owner: ann, until: 2999-12-31}
	    cmds: [exit 3]
	  good: echo good
	  ignored: exit 4
	  late: exit 5
	  handled: exit 6
	  red: {deps: [quarantined], cmds: [exit 7]}
EOT
# shellcheck disable=SC2086 # words
run prun -d over --silent $all all
is "$status" 0 'a run that got over failures'
run reads json r/all.json schema.json
is "$status $(echo "$out" | sort | tr '\n' ' ')" \
    '0 all: passed good: passed handled: failed ignored: failed late: failed quarantined: failed ' \
    'json says what happened'
is "$(python3 -c 'import json
r = json.load(open("r/all.json"))
print(*sorted(r["calls"][int(i) - 1]["name"] for i in r["end"]["excused"]))')" \
    'handled ignored late quarantined' 'and which failures did not count'
run reads junit r/junit.xml
is "$status $(echo "$out" | grep -v passed | sort | tr '\n' ' ')" \
    '0 prun.handled: skipped prun.ignored: skipped prun.late: skipped prun.quarantined: skipped ' \
    'junit has no failure'
like "$(cat r/junit.xml)" \
    'message="failed, in quarantine: *exit status 3"' \
    'but says which it would have been'
! command -v xmllint >/dev/null || {
	xmllint --noout --schema "$abs_srcdir/tests/cli/junit.xsd" \
	    r/junit.xml 2>/dev/null
	ok $? 'as its schema has it'
}
run reads ctrf r/ctrf.json
is "$status $(echo "$out" | grep -c other)" '0 4' 'ctrf has them as other'
like "$(cat r/all.md)" '2 passed, 0 failed, 0 skipped, 4 other*failed, in quarantine' \
    'so has markdown'
run prun -d over --silent red --report junit:r/red.xml
run reads junit r/red.xml
is "$(echo "$out" | tr '\n' ' ')" 'prun.red: failure prun.quarantined: skipped ' \
    'in a run that failed the others are red'

# How busy the machine was, of runs that are long enough.
taskfile long/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  all: {cmds: [sleep 0.3, sleep 0.3, sleep 0.3]}
EOT
run prun -d long --silent all --report json:long.json --report trace:long.trace
is "$(reads json long.json schema.json)" 'all: passed' 'a longer run'
is "$(python3 -c 'import json
times = [m["time"] for m in json.load(open("long.json"))["machine"]]
print(len(times) in (2, 3), times == sorted(times))')" 'True True' \
    'says how busy the machine was, now and then'
run reads trace long.trace
is "$status" 0 'so does its trace'
if [ -e /proc/meminfo ]; then
	like "$(grep '"pid":2,"name":"memory MiB"' long.trace)" '"memory MiB":*[0-9]' \
	    'with the memory in use'
else
	skip 'with the memory in use' 'no /proc'
fi

mkdir full
: >file
run prun --silent --report json:full --report json:file/x.json \
    --report junit:good.xml gen
is "$status $out" '1 gen' 'one that cannot be written fails the run'
like "$err" 'prun: no json report: *full*prun: no json report: *file' \
    'and is named'
run reads junit good.xml
is "$out" 'prun.gen: passed' 'the others are whole'
is "$(find . -name '*good.xml*')" ./good.xml 'and nothing lies beside'

# What is shown alike is told apart: GitLab takes the first of two alike.
taskfile alike/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  all: {deps: [a, b, c]}
	  a: {label: "x\u0001", cmds: ['true']}
	  b: {label: x, cmds: ['true']}
	  c: {label: "x\e[1m", cmds: ['true']}
EOT
run prun -d alike --silent all --report junit:alike.xml
is "$(reads junit alike.xml)" 'prun.all: passed
prun.x: passed
prun.x (2): passed
prun.x (3): passed' 'names that look alike are told apart'

# A link leads on; a watch has reports of each of its runs.
ln -s behind.json link.json
run prun --silent --report json:link.json gen
[ -L link.json ] && [ -s behind.json ]
ok $? 'a report goes where a link leads'
prun --silent -w gen --report json:watched.json >/dev/null 2>&1 &
pid=$!
wait_for test -s watched.json
ok $? 'a run of a watch has its reports'
kill -TERM $pid
wait $pid
is "$(reads json watched.json schema.json)" 'gen: passed' 'whole ones'

# [report], which counts for the outermost run alone.
mkdir ini
cat >ini/prun.ini <<-'EOT'
	[report]
	junit = out/junit.xml
	json = out/all.json
EOT
taskfile ini/Taskfile.yml <<-EOT
	version: '3'
	tasks:
	  outer: "'$PRUN' inner"
	  inner: echo inner
EOT
mkdir -p ini/sub
(cd ini/sub && prun --silent outer >/dev/null 2>&1)
run reads json ini/out/all.json
like "$out" 'outer: passed' '[report] is of the outermost run'
[ -f ini/out/junit.xml ]
ok $? 'and its files are seen from prun.ini'

# GitHub's file of the step is added to.
echo before >summary
GITHUB_STEP_SUMMARY=$PWD/summary
export GITHUB_STEP_SUMMARY
prun --silent --report markdown:summary gen >/dev/null 2>&1
like "$(cat summary)" 'before
## gen: passed*| gen |' 'the summary of a step is added to'
awk 'BEGIN { for (i = 0; i < 1000000; i++) printf "x" }' >summary
run prun --silent --report markdown:summary all
[ "$status" -eq 201 ] && [ "$(wc -c <summary)" -gt 1000500 ] &&
    [ "$(wc -c <summary)" -le 1048576 ]
ok $? 'with less where others have taken much'
awk 'BEGIN { for (i = 0; i < 1040000; i++) printf "x" }' >summary
run prun --silent --report markdown:summary gen
is "$status" 1 'but never beyond what GitHub takes'
is "$(wc -c <summary | tr -d ' ')" 1040000 'which would drop all of it'
unset GITHUB_STEP_SUMMARY

# A killed run.
mkfifo wait up
taskfile killed/Taskfile.yml <<-'EOT'
	version: '3'
	tasks:
	  all:
	    deps: [a, b]
	  a: echo a
	  b:
	    deps: [a]
	    cmds: ['echo half; echo >../up; read x <../wait']
EOT
cd killed || exit 1
prun all >/dev/null 2>&1 &
pid=$!
read -r _ <../up
kill -9 $pid
wait $pid 2>/dev/null
id=$(ls "$XDG_STATE_HOME"/prun/killed-*/runs)
# shellcheck disable=SC2086 # words
run prun --run "$id" $all
is "$status $err" '0 ' 'a run that was killed has reports'
is "$(reads json r/all.json ../schema.json)" 'all: unfinished
a: passed
b: unfinished
a: passed' 'with what is known'
is "$(reads junit r/junit.xml)" 'prun.all: error
prun.a: passed
prun.b: error
prun.a (2): passed' 'what has no end is an error'
like "$(cat r/junit.xml)" 'type="unfinished"*half' 'with its output so far'
run reads trace r/trace.json
is "$status" 0 'and a trace'

done_testing
