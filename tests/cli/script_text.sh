#!/bin/sh
# SPDX-License-Identifier: MIT
# How the text of a command reaches its shell: nobody sees a secret with ps
# (P-406), and no text is too long (L-210).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

cat >Taskfile.yml <<'EOT'
version: '3'
vars:
  TOKEN: {value: hunter2-in-the-open, secret: true}
  DERIVED: {sh: 'x={{.TOKEN}}; cat /proc/self/cmdline /proc/$$/cmdline | tr "\0" " " >question; echo "$x" | tr a-z A-Z', secret: true}
tasks:
  arguments:
    - |
      token={{.TOKEN}} derived={{.DERIVED}}
      tr '\0' ' ' </proc/$$/cmdline >arguments
      echo "${#token} ${#derived} $0 $# $-" >seen
  asks:
    if: '[ {{.TOKEN}} != x ] && tr "\0" " " </proc/$$/cmdline >condition'
    status: ['[ {{.TOKEN}} != x ] && tr "\0" " " </proc/$$/cmdline >status; false']
    preconditions: ['[ {{.TOKEN}} != x ] && tr "\0" " " </proc/$$/cmdline >precondition']
    cmds:
      - defer: '[ {{.TOKEN}} != x ]; tr "\0" " " </proc/$$/cmdline >deferred'
      - cmd: task:called TOKEN2={{.TOKEN}}
  called: 'x={{.TOKEN2}}; tr "\0" " " </proc/$$/cmdline >called'
  reads: 'x={{.TOKEN}}; read -r line; echo "$line ${#x}"'
  mistake: 'x={{.TOKEN}}; if'
  leaves: 'x={{.TOKEN}}; ls /proc/$$/fd | grep -cx 9'
  last: 'x={{.TOKEN}}; exit 3'
EOT
if [ -r /proc/self/cmdline ]; then
	run prun arguments
	is "$status $(cut -d' ' -f1-4 seen)" '0 19 19 gosh 0' \
	    'a script with a secret runs as ever'
	run prun asks
	is "$status" 0 'conditions, status, preconditions, defers and calls too'
	for file in question arguments condition status precondition deferred called; do
		[ -s $file ] && ! grep -qi hunter2 $file
		ok $? "P-406 $file: the secret is no argument"
	done
	run prun -s leaves
	is "$out" 0 'the script sees no descriptor of it'
	# where there is no run: the root's dotenv files, --explain
	cat >other.yml <<'EOT'
version: '3'
vars:
  TOKEN: {value: hunter2-in-the-open, secret: true}
  FILE: {sh: 'x={{.TOKEN}}; tr "\0" " " </proc/$$/cmdline >dotenv; echo .env'}
dotenv: ['{{.FILE}}']
tasks:
  asks:
    if: '[ {{.TOKEN}} != x ] && tr "\0" " " </proc/$$/cmdline >condition'
    status: ['[ {{.TOKEN}} != x ] && tr "\0" " " </proc/$$/cmdline >status; [ ! -e /proc/$$/fd/9 ]']
    vars: {ASKED: {sh: 'x={{.TOKEN}}; tr "\0" " " </proc/$$/cmdline >question; echo 1'}}
    cmds: ['echo {{.ASKED}} {{.TOKEN}}']
EOT
	rm -f condition status question
	run prun -t other.yml --explain asks
	is "$status $out" '0 asks is up to date' '--explain asks the same'
	for file in dotenv condition status question; do
		[ -s $file ] && ! grep -qi hunter2 $file
		ok $? "P-406 --explain, $file: the secret is no argument"
	done
else
	skip 'what others see' 'there is no /proc'
fi
run sh -c 'echo line | "$PRUN" -s reads' </dev/null
is "$out" 'line 19' 'standard input is the user'"'"'s'
run prun mistake
is "$status" 201 'a mistake in the text is found'
unlike "$err" 'hunter2' 'P-406 and told without the secret'
like "$err" '1:*syntax error' 'L-218 by line'
run prun -x last
is "$status" 3 'the exit status is that of the script'

# L-210: variables that go-task's shell has
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  plain: echo $UID $EUID $GID
  script: 'echo "$UID ${EUID} ${GID}"; printenv GID || echo none'
EOT
ids="$(id -ru) $(id -u) $(id -rg)"
run prun -s plain
is "$out" "$ids" 'UID, EUID and GID are known'
run prun -s script
is "$out" "$ids
none" 'to scripts as well, and not exported'
GID=mine run prun -s plain
is "$out" "${ids% *} mine" 'one of the environment wins'

# texts of 90 KB to 5 MB, for the shell that is there and for sh alone
mkdir "$work/bin"
for tool in sh cat tr grep wc; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
for lines in 90 110 600 3000 5000; do
	{
		printf "version: '3'\ntasks:\n  long:\n    - |\n      x=1\n"
		awk -v n=$lines 'BEGIN { for (i = 0; i < 1000; i++) s = s "y"
		    while (n-- > 0) print "      : " s }'
		printf '      x=2; echo "$x $0 $# $-" >seen\n      exit 4\n'
	} >Taskfile.yml
	run prun -x long
	is "$status $(cut -d' ' -f1-3 seen)" '4 2 gosh 0' "a text of $lines KB"
	like "$(cut -d' ' -f4 seen)" '*e*' 'L-211 with errexit'
	PATH=$work/bin run "$PRUN" -x long
	is "$status $(cut -d' ' -f1-3 seen)" '4 2 gosh 0' "a text of $lines KB, without bash"
done

done_testing
