#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# L-085, L-150, C-327: what a Taskfile can make large ends with a message, in
# bounded memory, and what only looks large does not take long.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# bounded COMMAND…: in 2 GB and a minute; sanitizers need addresses without end
bounded()
{
	(
		# shellcheck disable=SC3045 # where it is not there, it is not bounded
		[ -n "${TEST_SANITIZED-}" ] || ulimit -v 2000000 2>/dev/null
		exec timeout 60 "$@"
	)
}
repeat()
{
	seq "$2" | awk -v s="$1" '{ printf "%s", s }'
}

# ---- braces in each other ----
{
	printf "version: '3'\ntasks:\n"
	printf '  deep: {cmds: ["echo %sb%s"]}\n' "$(repeat '{a,' 100000)" "$(repeat '}' 100000)"
	printf '  open: {cmds: ["ls %s"]}\n' "$(repeat '{a,b' 50000)"
	printf '  params: {cmds: ["ls %sx%s"]}\n' "$(repeat '${a:-' 20000)" "$(repeat '}' 20000)"
	printf '  var: {vars: {X: {sh: "ls %s"}}, cmds: ["echo {{.X}}"]}\n' "$(repeat '{a,b' 2000)"
	printf '  quoted: {cmds: ["printf %%s '"'%s'"' | wc -c"]}\n' "$(repeat '{a' 5000)"
	printf '  side: {cmds: ["echo %s | wc -w"]}\n' "$(repeat ' {a,b}' 3000)"
} | taskfile
for task in deep open params; do
	run bounded "$PRUN" -s "$task"
	is "$status" 201 "braces: $task fails"
	like "$err" 'more than 1000 braces in each other' "braces: $task says why"
done
run bounded "$PRUN" -s var
like "$status$err" '1*more than 1000 braces in each other' 'braces: in a variable'
run bounded "$PRUN" -s quoted
is "$status$(echo $out)" 010000 'braces: in quotes they are letters'
run bounded "$PRUN" -s side
is "$status$(echo $out)" 06000 'braces: side by side they are no harm'

{
	printf "version: '3'\ntasks:\n  a: {sources: ['%sb%s'], cmds: [echo]}\n" \
	    "$(repeat '{a,' 100000)" "$(repeat '}' 100000)"
} | taskfile sources.yml
sed 's/sources:/sources: [x], generates:/' sources.yml >generates.yml
for file in sources generates; do
	run bounded "$PRUN" -s -t $file.yml a
	is "$status" 102 "braces: in $file refused"
	like "$err" 'more than 1000 braces in each other' "braces: in $file by name"
done
{
	printf "version: '3'\nvars: {G: '%sb%s'}\ntasks:\n" \
	    "$(repeat '{a,' 100000)" "$(repeat '}' 100000)"
	printf "  a: {sources: ['{{.G}}'], cmds: [echo]}\n"
} | taskfile var.yml
run bounded "$PRUN" -s -t var.yml a
isnt "$status" 124 'braces: that come of a variable end as well'

# ---- what a variable prints ----
taskfile <<-'EOF'
version: '3'
tasks:
  yes: {vars: {X: {sh: yes}}, cmds: ['echo {{len .X}}']}
  zero: {vars: {X: {sh: head -c 200000000 /dev/zero | tr '\0' x}}, cmds: ['echo {{len .X}}']}
  deaf: {vars: {X: {sh: "trap '' TERM INT; while :; do echo xxxxxxxxxxxxxxxx; done"}}, cmds: ["echo {{len .X}}"]}
  fits: {vars: {X: {sh: head -c 1000 /dev/zero | tr '\0' x}}, cmds: ['echo {{len .X}}']}
EOF
for task in yes zero; do
	run bounded "$PRUN" -s $task
	is "$status" 1 "L-085: $task fails"
	like "$err" 'prints more than 67108864 bytes (\[run\] max_var)' \
	    "L-085: $task says why, and what bounds it"
	like "$err" 'Taskfile.yml:' 'and where'
done
printf '[run]\nmax_var = 1000\n' >prun.ini
run bounded "$PRUN" -s fits
is "$status$out" 01000 'L-085: up to the bound all is well'
printf '[run]\nmax_var = 999\n' >prun.ini
run bounded "$PRUN" -s fits
is "$status" 1 'L-085: one more is too many'
like "$err" 'more than 999 bytes' 'by prun.ini'
run bounded "$PRUN" -s deaf
is "$status" 1 'L-085: one that does not listen is ended all the same'
printf 'version: "3"\nvars: {F: {sh: yes}}\ndotenv: ["{{.F}}"]\ntasks: {a: echo}\n' |
    taskfile dot/Taskfile.yml
mv prun.ini dot
run bounded "$PRUN" -s -t dot/Taskfile.yml a
like "$status$err" '1*more than 999 bytes' 'L-085: before the run as well'

# ---- texts of templates ----
{
	printf "version: '3'\ntasks:\n"
	n=0
	for what in 'quote $l $l' 'squote $l $l' 'cat $l $l' 'sortAlpha (list $l $l $l)' \
	    'join "," (list $l $l $l)' 'toStrings (list $l $l $l)' 'print $l $l' 'toJson $l'; do
		n=$((n + 1))
		printf '  t%d: {cmds: [%s{{$l := list "x"}}{{range until 40}}{{$l = list $l $l}}{{end}}{{len (%s)}}%s]}\n' \
		    $n "'echo " "$what" "'"
	done
	cat <<-'EOF'
	  quotes: {cmds: ['echo {{$s := "\""}}{{range until 40}}{{$s = quote $s}}{{end}}{{len $s}}']}
	  lists: {cmds: ['echo {{$l := list "\""}}{{range until 40}}{{$l = list (quote $l $l)}}{{end}}{{len $l}}']}
	  small: {cmds: ['echo {{quote (list "a" "b") "c"}} {{sortAlpha (list "b" "a") | join ","}}']}
	EOF
} | taskfile
for task in t1 t2 t3 t4 t5 t6 t7 t8 quotes lists; do
	run bounded "$PRUN" -s $task
	is "$status" 1 "L-150: $task ends"
	like "$err" '[maximum|longer]*' "L-150: $task says why"
done
run prun -s small
is "$out" '[a b] c a,b' 'L-150: short ones as ever'

{
	printf "version: '3'\ntasks:\n  a: {cmds: ['echo "
	seq 0 39 | awk '{ printf "{{define \"a%d\"}}{{template \"a%d\"}}{{template \"a%d\"}}{{end}}", $1, $1 + 1, $1 + 1 }'
	printf "{{define \"a40\"}}{{end}}{{template \"a0\"}}']}\n"
} | taskfile twice.yml
run bounded "$PRUN" -s -t twice.yml a
is "$status" 1 'L-150: templates that call the next one twice end'
like "$err" 'exceeded maximum number of iterations' 'L-150: and say why'

{
	printf "version: '3'\nvars:\n  A0: [x]\n"
	seq 1 59 | awk '{ printf "  A%d: {ref: \"concat .A%d .A%d\"}\n", $1, $1 - 1, $1 - 1 }'
	printf "tasks: {a: {cmds: [{for: {var: A59}, cmd: echo}]}}\n"
} | taskfile concat.yml
run bounded "$PRUN" -s -t concat.yml a
is "$status" 1 'L-150: lists that double from variable to variable end'
like "$err" 'longer than 4194304 items' 'L-150: and say why'

# ---- regular expressions ----
taskfile <<-'EOF'
version: '3'
tasks:
  a: {cmds: ['echo {{regexMatch "^(a+)+$" (print (repeat 5000 "a") "b")}}']}
  b: {cmds: ['echo {{regexReplaceAll "(x+x+)+y|(z)" (print (repeat 3000 "x") "z") "[$2]" | trunc -5}}']}
EOF
run bounded "$PRUN" -s a
is "$status$out" 0false 'L-150: a pattern that looks back for ever has an answer'
run bounded "$PRUN" -s b
is "$status$out" '0xx[z]' 'L-150: and its groups'

# ---- pipes and devices as files ----
mkfifo fifo
ln -s /dev/zero zero
for file in fifo zero; do
	printf 'version: "3"\nincludes: {i: %s}\ntasks: {a: echo}\n' $file | taskfile inc.yml
	printf 'version: "3"\ndotenv: [%s]\ntasks: {a: echo}\n' $file | taskfile env.yml
	printf 'version: "3"\ntasks: {a: {dotenv: [%s], cmds: [echo]}}\n' $file |
	    taskfile own.yml
	for where in inc env own; do
		run bounded "$PRUN" -s -t $where.yml a
		is "$status" 1 "$file in $where: refused"
		like "$err" "$file: " "$file in $where: by name"
	done
done

# ---- many ----
{
	printf "version: '3'\ntasks:\n  c: {cmds: ['true']}\n  all:\n    parallel: true\n    cmds:\n"
	seq 6000 | sed 's/.*/      - ":"\n      - task: c/'
} | taskfile
run bounded "$PRUN" -s all
is "$status" 0 'P-102: 6,000 stretches of a parallel task'
{
	printf "version: '3'\nvars:\n"
	seq -f '  V%g: x' 3000
	printf 'tasks:\n  all:\n    deps: ['
	seq -f 't%g,' 200
	printf ']\n'
	seq -f "  t%g: {sources: [src], cmds: ['true']}" 200
} | taskfile
echo >src
run bounded "$PRUN" -s all
is "$status" 0 'C-327: 3,000 variables by 200 tasks with sources'

# A tree of 2^24 calls that no plan can count: each has a condition.
{
	printf "version: '3'\ntasks:\n  t24: {if: 'true', cmds: ['true']}\n"
	for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
		printf "  t%d: {if: 'true', deps: [" $i
		for side in a b; do
			printf "{task: t%d, vars: {P: '{{.P}}%s'}}, " $((i + 1)) $side
		done
		printf ']}\n'
	done
} | taskfile
run bounded "$PRUN" -s t0
is "$status" 204 'D-9: calls that nobody can count end with a message'
like "$err" 'Maximum task call exceeded' '... that says so'
done_testing
