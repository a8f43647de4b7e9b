# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # what lib.sh sets
# For the tests of examples/.  Read after lib.sh.

# example NAME [DIR]: a copy of it, in a repository with one commit.
example()
{
	to=${2:-$1}
	cp -R "$abs_srcdir/examples/$1" "$to" || bail_out "no examples/$1"
	chmod -R u+w "$to"
	rm -rf "$to/build" "$to/out" "$to/.task"
	git_repo "$to"
	git -C "$to" add -A
	git -C "$to" commit -q -m start || bail_out "no copy of examples/$1"
}

commits()
{
	git rev-list --count HEAD
}

# The lines of a text in one order, without times.
settled()
{
	printf '%s\n' "$1" | sed 's/[0-9][0-9.]*/N/g' | sort
}

need_languages()
{
	for tool in python3 node; do
		command -v $tool >/dev/null || skip_all "there is no $tool"
	done
	node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' ||
	    skip_all 'this Node has no test runner'
}

made()
{
	find build -type f ! -name '*.log' -exec cksum {} + | sort -k 3
}

# light TOOL: a program in front of the interpreter, for runs that are about
# their order and not about the packages: its tests and some checks just pass.
light()
{
	mkdir -p "$work/bin"
	cat >"$work/bin/$1" <<-EOT
	#!/bin/sh
	case \$* in
	*--test* | *unittest*) echo 'Ran 1 tests' ;;
	*' types '* | *' security '* | *' format '* | *.mjs' lint '*) ;;
	*) exec $1 "\$@" ;;
	esac
	EOT
	chmod +x "$work/bin/$1"
}

# form FILE: what holds for each way of writing the polyglot example.
form()
{
	file=$1
	example polyglot
	cd polyglot || bail_out 'no copy'
	light python3
	light node

	run prun -t "$file" qa-parallel
	is "$status" 0 "$file: qa-parallel passes"
	is_file build/qa.txt 'all checks passed' 'what comes last has run'
	parallel_made=$(made)
	like "$parallel_made" 'build/settings.pyz' 'the packages are built'
	is "$(git status --porcelain)" '' 'nothing else is left behind'

	# P-107
	PYTHON=$work/bin/python3 NODE=$work/bin/node
	export PYTHON NODE
	run prun -t "$file" qa-parallel
	parallel_out=$(settled "$out")
	rm -rf build
	USE_PARALLEL=false
	export USE_PARALLEL
	run prun -t "$file" qa-parallel
	unset USE_PARALLEL
	is "$status" 0 "$file: serial: it passes"
	is "$(made)" "$parallel_made" 'P-107: the same files'
	is "$(settled "$out")" "$parallel_out" 'P-107: the same lines'

	one_fails
	dependency_fails

	NODE=no-such-node
	export NODE
	run prun -t "$file" lint-parallel
	unset NODE
	isnt "$status" 0 "$file: a missing tool is a failure"
	like "$err" 'no-such-node is not installed: packages/integration needs Node' \
	    'the missing tool is named'
	cd ..
}

one_fails()
{
	rm -rf build
	echo 'import os' >>packages/config/settings/kinds.py
	git commit -q -a -m broken

	run prun -t "$file" --commit qa-parallel
	is "$status" 201 "$file: a failing lint fails the run"
	[ -f build/docs/config.md ] && [ -f build/integration/digests.json ]
	ok $? 'P-105: its siblings finish'
	[ ! -e build/qa.txt ]
	ok $? 'P-105: what comes after them does not run'
	is "$(commits)" 2 'P-607: there is no commit'
	like "$err" 'lint-python (*): exit status 1*lint-python*.log' \
	    'P-106: what failed is named with its log'
	like "$(printf '%s\n' "$err" | sed '1,/^prun: [0-9]* calls/d')" \
	    'kinds.py:*: os is not used' 'P-106: the last lines of the log'
	like "$(printf '%s\n' "$err" | tail -n 1)" 'FAILED: ' \
	    'P-106: the last line names the failed phases'

	again=$(printf '%s\n' "$err" | sed -n 's/^prun: run again what failed: prun/"$PRUN"/p')
	like "$again" '--failed' 'P-106: a command to run just these again'
	run sh -c "$again"
	is "$status" 201 'run again, it still fails'
	like "$out$err" 'os is not used' 'for the same reason'
	unlike "$out$err" 'unittest' 'and without what had passed'
	git reset -q --hard HEAD^
	run sh -c "$again"
	is "$status" 0 'mended, it passes'
}

dependency_fails()
{
	rm -rf build
	mkdir -p build/settings.pyz
	run prun -t "$file" test-parallel
	is "$status" 201 "$file: a failing build fails the tests"
	like "$(settled "$out$err")" 'Ran N tests' 'P-105: the unit tests run'
	for name in python node; do
		like "$(printf '%s\n' "$err" | sed '1,/^prun: [0-9]* calls/d')" \
		    "test-integration-$name: not run, because build-python failed" \
		    "P-106: test-integration-$name is skipped, and why"
	done
	rm -rf build
}
