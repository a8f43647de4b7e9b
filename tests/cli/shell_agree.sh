#!/bin/sh
# SPDX-License-Identifier: MIT
# L-210: what a snippet prints, leaves and ends with is the same whether bash
# runs it or something that is faster; the many are in shell_steps_long.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v bash >/dev/null || skip_all 'bash is not installed'
command -v python3 >/dev/null || skip_all 'python3 is not installed'
dash=$(command -v dash) || skip_all 'dash is not installed'
[ "$(readlink -f "$dash")" = "$(readlink -f /bin/sh)" ] ||
    skip_all 'sh is not dash'

# ran: by how many shells of each kind the last run's commands were run
ran()
{
	events=$(find "$XDG_STATE_HOME" -name events.jsonl | sort | tail -1)
	sed -n 's/.*"ev":"end".*"by_dash":\([0-9]*\).*/\1/p' "$events"
}

# `case` is what prun does not run without a shell
taskfile <<-'EOT'
	version: '3'
	silent: true
	tasks:
	  loop: 'for i in 1 2; do echo "$i"; done | cat'
	  arrays: 'a=(1 2); echo "${a[1]}"'
	  options:
	    set: [nounset]
	    cmd: 'for i in 1 2; do echo "$i"; done | cat'
	  level: 'case x in x) ;; esac; if true; then sh -c "echo \$SHLVL"; fi'
	  cd: |
	    echo first
	    case x in x) ;; esac
	    cd nowhere
	    echo last
	  odd: 'x="$ODD"; case x in x) ;; esac; if true; then echo "$x"; echo "[$x]"; fi'
	  gone: 'case x in x) ;; esac; if true; then no-such-program; fi'
EOT
run prun loop
is "$status $out $(ran)" '0 1
2 1' 'what both do alike is for dash'
run prun arrays
is "$status $out $(ran)" '0 2 ' 'what only bash knows is not'
run prun options
is "$status $out $(ran)" '0 1
2 ' 'nor what has options'
PATH=$work/none:$PATH run prun loop
is "$(ran)" 1 'a folder on PATH that is not there does not matter'
BASH_COMPAT=4.2 run prun loop
is "$status $(ran)" '0 ' 'nor what has an environment that bash looks at'
SHLVL=5 run prun level
is "$out $(ran)" '5 1' 'the level is the same'
run prun cd
is "$status $out $(ran)" '201 first 1' 'a folder that is not there'
like "$err" 'gosh: line 3: cd: nowhere: No such file or directory' \
    'is told in the words of bash'
for odd in -n -e '-e a\tb' -nope 'a\tb\\c' '\c' '*' ''; do
	ODD=$odd run prun odd
	fast=$out by=$(ran)
	printf '[features]\nfast_shell = off\n' >prun.ini
	ODD=$odd run prun odd
	rm prun.ini
	is "$fast $by" "$out 1" "echo of \"$odd\""
	is "$(ran)" '' 'switched off it is for bash'
done
run prun gone
is "$(ran)" '' 'nor what cannot be found'
like "$err" 'gosh: line 1: no-such-program: command not found' 'in the same words'

run python3 "$abs_srcdir/tests/cli/shell_steps.py" "$PRUN" --count 150
is "$status" 0 'snippets by a grammar'
note "$out"
done_testing
