#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2119,SC2154 # lib.sh; text for shells
# The page of a run (P-503), and what size and hostility do to all reports.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
big()
{
	python3 "$abs_srcdir/tests/cli/report_big.py" "$@"
}
reads()
{
	python3 "$abs_srcdir/tests/cli/reports.py" "$@"
}
# see FILE: the page as a browser has it once its script has run.
see()
{
	"$browser" --headless --no-sandbox --disable-gpu \
	    --user-data-dir="$work/browser" --window-size=1400,1600 \
	    --enable-logging=stderr --virtual-time-budget=5000 \
	    --dump-dom "file://$PWD/$1" 2>"$work/browser.log"
}
# has FILE PATTERN NAME: as like, of a file that is too long to be shown.
has()
{
	# shellcheck disable=SC2254 # it is a pattern
	case $(cat "$1") in
	*$2*) pass "$3" ;;
	*) fail "$3" ;;
	esac
}
browser=
for name in chromium chromium-browser google-chrome; do
	if command -v $name >/dev/null; then
		browser=$name
		break
	fi
done

taskfile <<-'EOT'
	version: '3'
	tasks:
	  all:
	    deps: [good, 'bad-<i>']
	    cmds: [echo never]
	  good: echo fine; sleep 0.05
	  'bad-<i>': 'echo "<img src=x onerror=alert(1)>"; exit 7'
EOT
run prun --silent --report 'html:out/page.html' -d . all X='it'"'"'s'
is "$(big page out/page.html)" '3 calls' 'a page of a small run'
has out/page.html '>Failures <*bad-&lt;i&gt;*exit status 7*&lt;img src=x onerror=alert(1)&gt;*>Timeline*>Other calls <*good' \
    'failures come first, with their output'
has out/page.html '<code>prun -d . all &quot;X=it&#39;s&quot;</code>' 'and the command to run them again'
href=$(sed -n 's/.*<a href="\([^"]*bad[^"]*\)".*/\1/p' out/page.html | head -n 1)
like "$(cat "out/$href")" 'onerror' 'the link to a log is relative and right'
is "$(awk '/nonce-/ && !n++' out/page.html | grep -c "default-src 'none'")" 1 \
    'a policy lets nothing else in'
if [ -n "$browser" ]; then
	see out/page.html >dom
	has dom 'data-ready="1"' 'the script runs to its end in a browser'
	[ "$(grep -o '<rect [^>]*class="bar' dom | wc -l)" -eq 2 ]
	ok $? 'a bar a job'
	[ "$(grep -o '<rect [^>]*class="box' dom | wc -l)" -eq 3 ]
	ok $? 'and a box a call'
	is "$(grep -i -e refused -e 'violates' -e uncaught "$work/browser.log")" \
	    '' 'and nothing is refused'
else
	skip 'the page in a browser' 'no chromium'
fi

# The runs of a call before this one; of an older run those before that.
for _ in 1 2 3 4 5; do
	prun --silent good >/dev/null 2>&1
done
prun --stats >/dev/null # short runs wait to be written
run prun --silent --report html:out/page.html good
has out/page.html 'class="past" data-past="1">6 times before, usually ' \
    'what was usual of a call (P-503)'
if [ -n "$browser" ]; then
	see out/page.html >dom
	has dom 'data-ready="1"' 'with history the script runs to its end'
	sed 's/<details class="call passed"/& open/' out/page.html >out/open.html
	see out/open.html >dom
	[ "$(grep -o '<rect [^>]*class="bar passed' dom | wc -l)" -eq 8 ]
	ok $? 'a bar for each of them and for this one'
else
	skip 'history in a browser' 'no chromium'
fi
run prun --silent --report html:out/first.html --run "$(basename \
    "$(find "$XDG_STATE_HOME"/prun/*/runs -mindepth 1 | sort | head -n 1)")"
unlike "$(grep -o 'class="past"' out/first.html)" past \
    'before the first run there was none'
printf 'no database' >"$(echo "$XDG_STATE_HOME"/prun/*/history.db)"
run prun --silent --report html:out/page.html --run "$(basename \
    "$(find "$XDG_STATE_HOME"/prun/*/runs -mindepth 1 -maxdepth 1 | sort |
        tail -n 1)")"
is "$status $err" '0 ' 'a damaged history harms no page'

# 2,000 calls with everything in their names, 13 MB of logs.
runs=$(echo "$XDG_STATE_HOME"/prun/*/runs)
id=20260101-000000-000001
big run "$runs/$id" 2000
all='--report html:r/a.html --report json:r/a.json --report junit:r/a.xml
    --report trace:r/t.json --report markdown:r/a.md --report ctrf:r/c.json'
# shellcheck disable=SC2086 # words
run prun $all --run $id
is "$status $err" '0 ' '2,000 hostile calls have reports'
is "$(big page r/a.html)" '2000 calls' 'a page within 5 MiB that asks for nothing'
has r/a.html '<pre>
head of it*bytes are left out*tail of it' \
    'with head and tail of a log of 10 MB'
prun --schema=report >schema.json
for kind in json:r/a.json junit:r/a.xml trace:r/t.json ctrf:r/c.json; do
	run reads "${kind%%:*}" "${kind#*:}"
	is "$status" 0 "${kind%%:*} is well-formed"
done
[ "$(wc -c <r/a.md)" -le $((900 * 1024)) ]
ok $? 'markdown is within 900 KiB'
if command -v xmllint >/dev/null; then
	run xmllint --noout --schema "$abs_srcdir/tests/cli/junit.xsd" r/a.xml
	is "$status" 0 'junit is as its schema says'
else
	skip 'junit is as its schema says' 'no xmllint'
fi
if [ -n "$browser" ]; then
	see r/a.html >dom
	has dom 'data-ready="1"' 'the script takes it all'
	is "$(grep -i -e refused -e violates -e uncaught "$work/browser.log")" \
	    '' 'and nothing else has run'
else
	skip 'the big page in a browser' 'no chromium'
fi
# Texts that fill any bound by themselves, and more calls than a page takes.
id=20260101-000000-000002
big run "$runs/$id" 6000 long
run prun --report html:l/a.html --report junit:l/a.xml \
    --report markdown:l/a.md --run $id
is "$status $err" '0 ' '6,000 calls with texts of 100 KB have reports'
is "$(big page l/a.html | sed 's/[0-9]* calls/some calls/')" 'some calls' \
    'and a page within 5 MiB'
[ "$(wc -c <l/a.md)" -le $((900 * 1024)) ]
ok $? 'and markdown within 900 KiB'
run reads junit l/a.xml
[ "$status" -eq 0 ] && [ "$(wc -c <l/a.xml)" -lt 30000000 ]
ok $? 'and junit within what GitLab takes'
# shellcheck disable=SC2086 # words
run big kill "$PRUN" $all --run 20260101-000000-000001
is "$status $out" '0 killed at many moments; whole' \
    'a kill leaves whole files or none'

done_testing
