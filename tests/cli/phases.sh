#!/bin/sh
# SPDX-License-Identifier: MIT
# The ready-made phases of taskfiles/ (P-1401).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
PRUN_TASKFILES=$abs_srcdir/taskfiles
export PRUN_TASKFILES

# include NAME [KEY: VALUE…]: a Taskfile that includes the phases as `it`.
include()
{
	name=$1
	shift
	{
		printf "version: '3'\nincludes:\n  it:\n    taskfile: prun:%s\n" \
		    "$name"
		for line; do
			printf '    %s\n' "$line"
		done
	} | taskfile Taskfile.yml
}

# tool NAME [STATUS]: a program that says how it was called.
tool()
{
	printf '#!/bin/sh\necho "%s $*" >>"%s/called"\nexit %s\n' "$1" "$work" \
	    "${2:-0}" >"$work/fake/$1"
	chmod +x "$work/fake/$1"
}

called()
{
	cat "$work/called" 2>/dev/null
	rm -f "$work/called"
}

# A PATH with what the scripts of the phases take for granted, and no tools.
mkdir "$work/fake" "$work/plain"
for name in sh bash env find sort tr xargs grep ls head cat sed awk rm mkdir \
    touch git sleep; do
	path=$(command -v $name) && ln -s "$path" "$work/plain/$name"
done

# bare COMMAND-LINE…: prun where there are only these
bare()
{
	PATH=$work/fake:$work/plain "$PRUN" "$@"
}

# ---- all have the same tasks
want='build clean docs format format-check lint qa qa-parallel sdlc sdlc-parallel security test test-integration test-unit type-check '
for language in c go node python rust shell; do
	include $language
	run bare --list-all
	is "$(printf '%s\n' "$out" | sed -n 's/^\* it:\([a-z-]*\):.*/\1/p' |
	    sort | tr '\n' ' ')" "$want" "P-1401: $language has all phases"
done
include cobol
run bare it:lint
is "$status" 100 'P-1401: phases that there are not are an error'
like "$err" 'cobol' 'and are named'

# ---- which tool is taken
include python
echo 'x = 1' >a.py
tool python3
run bare it:lint
is "$status" 0 'P-1401: without a linter the syntax is checked'
like "$err" 'lint: none of ruff, flake8, pylint is installed' \
    'P-1401: what is missing is said'
like "$(called)" 'python3 -m compileall' 'P-1401: with what is there'
tool flake8
run bare it:lint
is "$(called)" 'flake8 .' 'P-1401: an installed tool is taken'
tool ruff 3
run bare it:lint
is "$status $(called)" '201 ruff check .' \
    'P-1401: the first of the list; its failure is the phase'\''s'
echo '[flake8]' >setup.cfg
run bare it:lint
is "$status $(called)" '0 flake8 .' \
    'P-1401: what the repository is set up for comes before'
rm "$work/fake/flake8"
run bare it:lint
is "$status" 201 'P-1401: it must be there'
like "$err" 'lint: flake8 is not installed' 'P-1401: or is named'
rm setup.cfg "$work/fake/ruff"

run bare it:format
is "$status" 201 'P-1401: what cannot be done fails'
like "$err" 'format: ruff or black is not installed*PY_FORMAT' \
    'P-1401: and says what is missing'
run bare it:type-check
is "$status" 0 'P-1401: a check that is not set up is skipped'
like "$err" 'type-check: skipped: *neither mypy nor pyright' \
    'P-1401: and says so'
echo '[tool.mypy]' >pyproject.toml
run bare it:type-check
is "$status" 201 'P-1401: one that is set up must be there'
like "$err" 'type-check: mypy is not installed' 'P-1401: or is named'
rm pyproject.toml

# ---- a command of one's own
include python "vars: {PY_LINT: 'echo \"it''s\" \"\$HOME\" ; echo two', PY_TYPE_CHECK: ':'}"
run bare it:lint
is "$out" "it's $HOME
two" 'P-1401: a variable is the whole command, quotes and all'
run bare it:type-check
is "$status$out$err" 0 'P-1401: a colon turns a phase off'
include python
run bare it:lint PY_LINT='echo mine'
is "$out" mine 'P-1401: also from the command line'

# ---- another folder; nothing leaks
mkdir -p 'pa th'
include shell "dir: 'pa th'"
echo 'echo hello' >'pa th/b c.sh'
tool shellcheck
run bare it:lint
is "$(called)" 'shellcheck ./b c.sh' 'P-1401: dir says where'
{
	cat Taskfile.yml
	printf 'vars: {PYTHON: mine, CC: mine}\ntasks: {show: "echo {{.PYTHON}} {{.CC}} {{.HELPERS}}"}\n'
} >new && mv new Taskfile.yml
run bare --silent show
is "$out" 'mine mine' 'P-1401: what includes them keeps its variables'

# ---- shell
mkdir s
cd s || bail_out 'no folder'
include shell
run bare it:test
is "$status" 201 'shell: no tests are a failure'
like "$err" 'test: no \*.bats or \*.sh in' 'shell: that is explained'
mkdir tests
echo 'echo one' >tests/one.sh
echo 'echo two; exit 1' >tests/two.sh
echo 'echo three' >tests/z.sh
run bare it:test
is "$status" 201 'shell: a failing test fails the phase'
is "$out" 'one
two
three' 'shell: the others run all the same'
like "$err" 'test: failed: tests/two.sh' 'shell: it is named'
rm tests/two.sh
run bare it:qa-parallel
is "$status" 0 'shell: qa-parallel passes'
like "$out$err" '+ sh -n ./tests/one.sh' 'shell: the syntax is checked'
echo 'if' >tests/z.sh
run bare it:type-check
is "$status" 201 'shell: a syntax error is a failure'
cd .. || bail_out 'no way back'

# ---- C: a folder called tests is not a target of make
rm -f "$work/fake"/*
PATH=$work/fake:$PATH
if command -v make >/dev/null && command -v cc >/dev/null; then
	mkdir -p c/tests
	cd c || bail_out 'no folder'
	include c
	printf 'all: ; @echo built\n' >Makefile
	echo 'int f(void) { return 1; }' >f.c
	run prun it:test
	is "$status" 201 'C: a folder tests is no test'
	like "$err" 'test: found nothing that runs tests' 'C: that is explained'
	printf 'check: ; @echo checked\n' >>Makefile
	run prun it:test
	is "$status$out" 0checked 'C: make check is taken'
	tool cppcheck
	run prun it:qa-parallel
	is "$status" 0 'C: qa-parallel passes'
	is "$(printf '%s\n' "$out" | grep -Ex 'built|checked')" 'built
checked' 'C: the build comes first'
	called >/dev/null
	echo 'int g(void) { return h(); }' >g.c
	run prun it:type-check
	is "$status" 201 'C: what the compiler refuses fails'
	cd .. || bail_out 'no way back'
else
	skip 'C' 'there is no make or cc'
fi

# ---- Node: scripts of package.json come first
if command -v node >/dev/null; then
	mkdir n
	cd n || bail_out 'no folder'
	include node
	echo '{"scripts": {"lint": "x", "format:check": "y"}}' >package.json
	tool npm
	run prun it:lint
	is "$status $(called)" '0 npm run lint' 'Node: a script is run'
	run prun it:format-check
	is "$(called)" 'npm run format:check' 'Node: under any of its names'
	tool pnpm
	touch pnpm-lock.yaml
	run prun it:lint
	is "$(called)" 'pnpm run lint' "Node: by the lock file's manager"
	run prun it:test
	is "$status" 201 'Node: no tests are a failure'
	like "$err" 'test: found neither a script' 'Node: that is explained'
	echo 'console.log("in a test")' >a.test.mjs
	run prun it:test
	is "$status" 0 'Node: files *.test.mjs are tests'
	like "$err" '+ node --test ./a.test.mjs' 'Node: they are named'
	echo 'throw new Error("no")' >b.test.mjs
	run prun it:test
	is "$status" 201 'Node: a failing one fails the phase'
	cd .. || bail_out 'no way back'
else
	skip 'Node' 'there is no node'
fi

# ---- one commit at the end
git_repo r
cd r || bail_out 'no folder'
include python "vars: {PY_BUILD: ':', PY_LINT: 'echo linted', PY_TEST: ':', PY_DOCS: 'echo text >manual'}"
git add . && git commit -q -m start
run prun it:sdlc-parallel
is "$status" 0 'sdlc-parallel passes'
is "$(git show --name-only --format=%s HEAD)" 'Parallel execution results

manual' 'sdlc-parallel makes one commit of what was made'
done_testing
