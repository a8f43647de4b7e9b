#!/bin/sh
# SPDX-License-Identifier: MIT
# Files made to do harm: each is refused with a message, or done with, in
# bounded time.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

# refused STATUS PATTERN NAME ARG…
refused()
{
	want=$1 pattern=$2 name=$3
	shift 3
	run timeout 60 "$PRUN" "$@"
	is "$status" "$want" "$name: exit status $want"
	like "$(printf '%.2000s' "$err")" "$pattern" "$name: the message"
}

# works OUTPUT NAME ARG…
works()
{
	want=$1 name=$2
	shift 2
	run timeout 60 "$PRUN" -s "$@"
	is "$status$out" "0$want" "$name: works"
}

# rep N TEXT: that often, in one line
rep()
{
	awk -v n="$1" -v s="$2" 'BEGIN { while (n-- > 0) printf "%s", s }'
}

head="version: '3'"

# ---- structure ----
{
	echo "$head"
	echo 'a: &a [x, x, x, x, x, x, x, x, x]'
	before=a
	for c in b c d e f g h i j; do
		echo "$c: &$c [$(rep 8 "*$before, ")*$before]"
		before=$c
	done
	echo 'tasks: {t: {cmds: *j}}'
} >Taskfile.yml
refused 109 'document contains excessive aliasing' 'an alias bomb' t
printf '%s\na: &a [*a]\ntasks: {t: echo}\n' "$head" >Taskfile.yml
refused 109 'yaml: anchor ?a? value contains itself' 'an alias of itself' t
{ echo "$head" && echo "tasks: $(rep 100000 '[')"; } >Taskfile.yml
refused 109 'exceeded max depth of 10000' '100,000 open lists' t
{ echo "$head" && echo "tasks: $(rep 100000 '{a: ')"; } >Taskfile.yml
refused 109 'exceeded max depth of 10000' '100,000 open maps' t
{
	echo "$head"
	echo "vars: {A: $(rep 9000 '[')$(rep 9000 ']')}"
	echo 'tasks: {t: echo deep}'
} >Taskfile.yml
works deep '9,000 nested lists' t

# ---- size ----
{
	echo "$head"
	echo 'tasks:'
	awk 'BEGIN { for (i = 0; i < 50000; i++)
		printf "  t%d: echo %d\n", i, i }'
} >Taskfile.yml
works 49999 '50,000 tasks' t49999
{ echo "$head" && echo "tasks: {t: 'echo $(rep 100000 "word ")| wc -w'}"; } \
    >Taskfile.yml
works 100000 'a command of 500 kilobytes' t
{ echo "$head" && echo 'tasks:' && echo "  ? $(rep 200000 key)" &&
    echo '  : echo' && echo '  t: echo small'; } >Taskfile.yml
works small 'a key of 600 kilobytes' t

# ---- without end ----
taskfile <<'EOT'
version: '3'
tasks:
  cmds:
    cmds:
      - for:
          matrix: &m
            {A: &l [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], B: *l, C: *l, D: *l, E: *l,
              F: *l, G: *l, H: *l, I: *l, J: *l}
        cmd: echo x
  deps: {deps: [{for: {matrix: *m}, task: x}]}
  refs:
    cmds:
      - for: {matrix: {A: {ref: 'until 100000'}, B: {ref: 'until 100000'}}}
        cmd: echo x
  rows:
    cmds: [{for: {matrix: {A: {ref: 'until 1000'}, B: *l}}, cmd: ':'}, echo ok]
  x: echo x
  range: echo {{range until 2000000000}}x{{end}}
  nest: '{{range until 100000}}{{range until 100000}}{{end}}{{end}}'
  seq: echo {{seq 0 2000000000}}
  repeat: 'echo {{repeat 2000000000 "x"}}'
  join: 'echo {{join (repeat 100000 "x") (until 100000)}}'
  indent: 'echo {{indent 100000 (repeat 100000 "\n")}}'
  regex: 'echo {{regexReplaceAll "" (repeat 100000 "x") (repeat 100000 "y")}}'
  print: '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}{{$l}}'
  yaml: '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}{{len (toYaml $l)}}'
  json: '{{$l := list 1}}{{range until 40}}{{$l = list $l $l}}{{end}}{{len (toPrettyJson $l)}}'
  same: '{{$l := dict}}{{$m := dict}}{{range until 40}}{{$l = dict "a" $l "b" (list $l)}}{{$m = dict "a" $m "b" (list $m)}}{{end}}echo {{deepEqual $l $m}} {{has $l (list $m)}} {{len (uniq (list $l $m))}} {{len (without (list $l) $m)}}'
  nested: echo {{splitArgs (print (repeat 100000 "{") (repeat 100000 "}"))}}
  tail: 'echo {{splitArgs (print "{" (repeat 60000 "a,") "b}" (repeat 60000 "x"))}}'
  letters: echo {{splitArgs (repeat 100000 "{a..z}")}}
  defaults: 'echo {{splitArgs (repeat 100000 "${a:-")}}'
  each: '{{range list "a" "" "é" "(x+x+)+z|."}}{{len (regexFindAll . (repeat 200000 "é") -1)}} {{len (regexReplaceAll . (repeat 200000 "é") "b")}} {{end}}'
  backtrack: 'echo {{regexMatch "(a|aa)+$" (print (repeat 300000 "a") "b")}}'
  uniq: 'echo {{len (uniq (until 200000))}}'
  define: '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}'
  loop:
    vars: {L: {ref: 'until 2000000000'}}
    cmds: [{for: {var: L}, cmd: ':'}]
  braces: {sources: [&b '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}'],
    cmds: [echo braces]}
EOT
for t in cmds deps refs; do
	refused 109 'matrix has more than 100000 combinations' "a matrix ($t)" \
	    $t
	like "$err" "prun: at $work/t/Taskfile.yml:" "a matrix ($t): the place"
done
works ok 'a matrix of 10,000' rows
run timeout 60 "$PRUN" --plan cmds
is "$status" 0 'a matrix without end has a plan'
refused 1 'too many numbers: 2000000000' 'a range' range
refused 1 'exceeded maximum number of iterations' 'ranges in ranges' nest
refused 1 'too many numbers' 'a sequence' seq
refused 1 'Repeat output length overflow' 'a repetition' repeat
for t in join indent regex; do
	refused 1 'the text is longer than' "a text that grows ($t)" $t
done
for t in print yaml json; do
	refused 1 'exceeded maximum output size' "lists that double ($t)" $t
done
works 'true true 1 0' 'maps that double are compared' same
for t in nested tail letters; do
	refused 1 'too many braces in each other' "words of braces ($t)" $t
done
refused 1 'more than 500 *in each other' 'nested defaults' defaults
run timeout 60 "$PRUN" -n each
is "$err" 'task: [each] 0 400000 200001 600001 200000 200000 200000 200000 ' \
    '200,000 matches'
works false 'a match that looks back for ever' backtrack
works 200000 '200,000 different items' uniq
refused 1 'exceeded maximum template depth' 'a template in itself' define
refused 1 'too many numbers' 'a loop' loop
works braces '16 million braces' braces
{
	echo "$head"
	echo 'vars:'
	echo '  V0: xxxxxxxxxxxxxxxx'
	awk 'BEGIN { for (i = 1; i < 40; i++)
		printf "  V%d: \"{{.V%d}}{{.V%d}}\"\n", i, i - 1, i - 1 }'
	echo "tasks: {t: 'echo {{.V39}}'}"
} >Taskfile.yml
refused 1 'exceeded maximum output size' 'variables that double' t

{
	long=$(rep 500 q)
	echo "$head"
	echo 'tasks:'
	awk -v l="$long" 'BEGIN { for (i = 0; i < 2000; i++)
		printf "  %s%d: echo\n", l, i }'
} >Taskfile.yml
refused 200 'Did you mean' 'a name like 2,000 long ones' "${long}z1"

# ---- bytes ----
printf '%s\ntasks:\n  t: echo \377\376\n' "$head" >Taskfile.yml
refused 109 'invalid leading UTF-8 octet' 'what is not UTF-8' t
printf '%s\ntasks:\n  t: echo a\000b\n' "$head" >Taskfile.yml
refused 109 'control characters are not allowed' 'a NUL' t
printf '%s\r\ntasks:\r\n  t:\r\n    - echo one\r\n    - |\r\n      echo two\r\n      echo three\r\n' \
    "$head" >Taskfile.yml
works 'one
two
three' 'CRLF' t
printf '\357\273\277%s\ntasks:\n  t: echo bom\n' "$head" >Taskfile.yml
works bom 'a byte order mark' t
printf '%s\ndotenv: [env]\ntasks:\n  t: echo $A-$B\n' "$head" >Taskfile.yml
printf 'A=1\r\nB=2\r\n' >./env
works 1-2 'a dotenv file with CRLF' t
printf '\357\273\277A=1\nB=2\n' >./env
refused 1 'unexpected character "»" in variable name' 'and one with a mark' t

# ---- includes ----
mkdir chain
for i in $(seq 0 999); do
	printf "version: '3'\nincludes: {n: {taskfile: ./%d.yml, flatten: true}}\ntasks: {t%d: echo %d}\n" \
	    $((i + 1)) "$i" "$i" >chain/"$i".yml
done
printf "version: '3'\ntasks: {t1000: echo end}\n" >chain/1000.yml
works end 'a chain of a thousand includes' -t chain/0.yml t1000
printf "version: '3'\nincludes: {n: ./0.yml}\n" >chain/1000.yml
refused 110 'include cycle detected' 'and its end at its beginning' \
    -t chain/0.yml t1

# ---- globs ----
mkdir -p "tree/$(rep 30 a/)" && : >"tree/$(rep 30 a/)x"
printf '%s\ntasks: {t: {sources: ["tree/%sx"], cmds: [echo found]}}\n' \
    "$head" "$(rep 8 '**/*/')" >Taskfile.yml
works found 'many stars that cross folders' t
works '' 'and what they find is up to date' t
rm -r tree .task

# ---- what is no file ----
printf '%s\ntasks: {t: echo small}\n' "$head" >Taskfile.yml
mkfifo pipe
printf '%s\nincludes: {n: ./pipe}\ntasks: {t: echo}\n' "$head" >inc.yml
printf '%s\ndotenv: [pipe]\ntasks: {t: echo}\n' "$head" >dot.yml
printf '%s\ntasks: {t: {sources: ["pip*"], cmds: [echo run]}}\n' "$head" \
    >src.yml
refused 1 'pipe: not a regular file' 'a pipe as an include' -t inc.yml t
refused 1 'pipe: not a regular file' 'a pipe as a dotenv file' -t dot.yml t
works run 'a pipe as a source' -t src.yml t
for file in .taskrc.yml prun.ini; do
	mv pipe $file
	refused 1 "$file: not a regular file" "a pipe as $file" t
	mv $file pipe
done
mkdir .git && mv pipe .gitignore
printf '%s\nuse_gitignore: true\ntasks: {t: {sources: ["*.yml"], cmds: [echo run]}}\n' \
    "$head" >src.yml
works run 'a pipe as .gitignore' -t src.yml t
rm -rf .git .gitignore .task
mkdir pipe
refused 1 'pipe: is a directory' 'a folder as a dotenv file' -t dot.yml t
run sh -c 'cat Taskfile.yml | timeout 60 "$0" -s -t /dev/fd/0 t' "$PRUN"
is "$status$out" 0small 'a pipe that is open already: works'
rmdir pipe && mkfifo pipe
cat Taskfile.yml >pipe &
run timeout 60 "$PRUN" -s -t pipe t
is "$status$out" 0small 'a pipe that the command line names: works'

for section in bogus 'pool ' 'hook ' ''; do
	printf '[run]\n[%s]\n' "$section" >prun.ini
	refused 1 "prun.ini:2: *section*\"$section\"" "[$section]" t
done
rm prun.ini

# ---- the command line ----
printf '%s\ntasks: {t: echo small, xyz: echo}\n' "$head" >Taskfile.yml
refused 200 'Task "xxx' 'a name of 120,000 letters' \
    "$(rep 120000 x)"
works small 'a variable of 120,000 letters' t "X=$(rep 120000 x)"
refused 1 '/dev/zero: file too large' 'a Taskfile without end' -t /dev/zero t
# shellcheck disable=SC2046 # a word each
run timeout 60 "$PRUN" -s $(rep 100 't ')
is "$status $(printf '%s\n' "$out" | grep -cx small)" '0 100' '100 names: work'

done_testing
