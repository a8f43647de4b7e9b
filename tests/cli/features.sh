#!/bin/sh
# SPDX-License-Identifier: MIT
# [features] (P-904): each optimisation can be switched off, a run comes to the
# same without it, and --features says what each spared.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 reads the JSON'

features='fast_exec fast_shell digest_cache hash_threads output_cache prefetch
critical_path adaptive_slots batching history derived_tasks'

# What an optimisation could get wrong: builtins that are programs as well,
# statuses, words with quotes, sources, orders, failures.
make_project()
{
	mkdir -p "$1/src"
	for i in 1 2 3 4 5 6 7 8 9; do
		echo "source $i" >"$1/src/$i.txt"
	done
	cat >"$1/Taskfile.yml" <<-'EOT'
	version: '3'
	vars:
	  NOW: {sh: 'echo dynamic'}
	tasks:
	  all:
	    deps: [gen, last, fails, many]
	  gen:
	    sources: ['src/*.txt']
	    generates: [out/all.txt]
	    cmds: ['mkdir -p out', 'cat src/*.txt >out/all.txt', 'echo made']
	  words:
	    cmds:
	      - echo "two  words" 'and a $HOME' {{.NOW}}
	      - echo -n no newline
	      - echo
	      - echo -e 'a\tb'
	      - ':'
	      - printf '%s\n' x
	      - touch touched
	      - /bin/echo program
	  first: {cmds: ['touch first']}
	  last: {deps: [first], cmds: ['test -e first', 'cp first last']}
	  fails:
	    cmds:
	      - cmd: 'exit 7'
	        ignore_error: true
	      - cmd: 'false'
	        ignore_error: true
	      - exit 3
	  many:
	    cmds:
	      - for: [a, b, c, d, e, f]
	        task: small
	        vars: {N: '{{.ITEM}}'}
	    parallel: true
	  small: {cmds: ['touch small-{{.N}}']}
	EOT
}

# One run, and one more after a source has changed: lines, statuses and files.
outcome()
(
	cd "$1" || exit
	shift
	for _ in first second third; do
		prun -s words 2>&1
		prun -x -s all >out.txt 2>err.txt
		echo "status $?"
		sort out.txt
		grep -o '✗ [a-z]*' err.txt | sort
		rm out.txt err.txt
		find . -type f ! -path './.task/*' ! -name prun.ini |
			sort | while read -r f; do
			echo "$f $(cksum <"$f")"
		done
		echo changed >>src/5.txt
	done
)

mkdir all
make_project all
outcome all >want
is "$(grep -c '^status 3' want) $(grep -c '^made$' want)" '3 3' \
    'with all of them'
for feature in $features; do
	mkdir "$feature"
	make_project "$feature"
	printf '[features]\n%s = off\n' "$feature" >"$feature/prun.ini"
	outcome "$feature" >got
	diff want got | while read -r line; do note "$line"; done
	cmp -s want got
	ok $? "the same without $feature"
done
mkdir none
make_project none
{
	echo '[features]'
	for feature in $features; do
		echo "$feature = off"
	done
} >none/prun.ini
outcome none >got
cmp -s want got
ok $? 'the same without any of them'

# ---- --features ----

spared()
{
	prun --features --json "$@" | python3 -c 'import json, sys
for f in json.load(sys.stdin)["features"]:
    print(f["name"], "on" if f["on"] else "off", f.get("saved", "-"))'
}
mkdir new
make_project new
cd new || exit
run prun --features
is "$status $(echo "$out" | head -1)" '0 FEATURE         STATE  NO RUN IS KNOWN YET' \
    'before the first run'
is "$(echo "$out" | awk 'NR > 1 { print $1 }' | tr '\n' ' ')" \
    "$(echo $features | tr '\n' ' ')" 'each is listed'
prun -s gen >/dev/null 2>&1
prun -s words >/dev/null 2>&1
id=$(ls "$XDG_STATE_HOME"/prun/new-*/runs | tail -1)
is "$(spared | sed -n 1,2p | tr '\n' ' ')" \
    'fast_exec on 2 fast_shell on 7 ' 'what was not started'
prun --features | grep -q '^fast_exec  *on  *2 shells not started$'
ok $? 'in words'
# files that have just been written are not remembered yet
sleep 0.06
prun -s gen >/dev/null 2>&1
prun -s --force gen >/dev/null 2>&1
is "$(spared | sed -n 3p)" 'digest_cache on 9' 'what was not read again'
is "$(spared --run "$id" | sed -n 3p)" "digest_cache on 0" \
    'of an older run'
run prun --features --run nonsense
is "$status" 1 'a run that is not there'
printf '[features]\nfast_exec = off\nfast_shell = off\n' >prun.ini
prun -s words >/dev/null 2>&1
is "$(spared | sed -n 1,2p | tr '\n' ' ')" \
    'fast_exec off 0 fast_shell off 0 ' 'nothing where it is off'
printf '[features]\nfast_exe = off\n' >prun.ini
run prun --features
is "$status $(echo "$err" | grep -c 'fast_exec')" '1 1' 'a word that is none'

done_testing
