#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# --init: a first Taskfile by what lies in the folder (C-090 to C-092).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
mkdir "$work/bin"
ln -s "$PRUN" "$work/bin/task"

# makes FILE…: the Taskfile of a folder with just these, in $out.
makes()
{
	rm -rf "$work/repo"
	mkdir "$work/repo" && cd "$work/repo" || exit 1
	for file in "$@"; do
		mkdir -p "$(dirname "$file")"
		: >"$file"
	done
	[ -e package.json ] && cat >package.json <<'EOT'
{"name": "x", "scripts": {"lint": "eslint .", "test": "vitest", "go": 1}}
EOT
	[ -e pyproject.toml ] && echo '[tool.pytest.ini_options]' >pyproject.toml
	run prun --init
}

# runs WORDS: what a dry run of qa prints, the commands alone.
runs()
{
	prun -n "$@" 2>&1 >/dev/null | sed -n 's/^task: \[.*\] //p'
}

makes go.mod
is "$status|$err" '0|' 'C-090: a first Taskfile'
like "$out" 'Taskfile created: Taskfile.yml*qa-parallel*' 'C-091: said so'
like "$(sed -n 1p Taskfile.yml)" '# yaml-language-server: $schema=/*schema.json' \
    "C-092: prun's schema is in its first line"
schema=$(sed -n '1s/.*schema=//p' Taskfile.yml)
if [ "$abs_srcdir" = "$abs_builddir" ]; then
	[ -s "$schema" ]
	ok $? 'C-092: the schema is there'
else
	skip 'C-092: the schema is there' 'nothing is installed, nor beside it'
fi
is "$(runs qa)" 'go build ./...
go vet ./...
go test ./...' 'C-092: Go'
is "$(runs qa-parallel | sort)" "$(runs qa | sort)" \
    'C-092: side by side the same'
run prun --list
is "$(printf '%s\n' "$out" | grep -c '^\*')" 4 'C-092: build, lint, test and qa'
run prun --lint
is "$status|$err" '0|' 'C-092: with nothing to say against'
cp Taskfile.yml before
run prun --init
is "$status" 101 'C-090: not over a Taskfile'
cmp -s before Taskfile.yml
ok $? 'C-090: which stays as it was'

makes go.mod .golangci.yml
like "$(runs lint)" 'golangci-lint run' 'C-092: a linter that is set up'
makes package.json pnpm-lock.yaml
is "$(runs qa)" 'echo "build: nothing here yet"
pnpm run lint
pnpm run test' 'C-092: Node, by its scripts and its lock file'
makes package.json
like "$(runs test)" 'npm run test' 'C-092: npm without one'
makes pyproject.toml uv.lock
is "$(runs qa)" 'uv run python3 -m build
uv run ruff check .
uv run pytest -q' 'C-092: Python'
makes setup.py .flake8
is "$(runs qa)" 'python3 -m build
flake8
python3 -m unittest' 'C-092: and what it uses'
makes Cargo.toml
like "$(runs test)" 'cargo test' 'C-092: Rust'
makes CMakeLists.txt
like "$(runs qa)" 'cmake -B build && cmake --build build*ctest*' 'C-092: CMake'
makes meson.build
like "$(runs qa)" '*meson compile -C build*meson test*' 'C-092: Meson'
makes Makefile
like "$(runs qa)" 'make*make check' 'C-092: make'
makes a.sh b.sh
is "$(runs lint)" 'shellcheck *.sh' 'C-092: scripts alone'
makes
is "$(prun qa 2>/dev/null)" 'build: nothing here yet
lint: nothing here yet
test: nothing here yet' 'C-092: nothing to go by: it runs, and says so'

# more than one: a list of calls for each
makes go.mod package.json
is "$(runs qa)" 'go build ./...
go vet ./...
npm run lint
go test ./...
npm run test' 'C-092: two languages'
run prun -n qa-parallel
like "$err" '*build, then lint:go, lint:node, test:go, test:node*' \
    'C-092: side by side'
run prun --lint
is "$status" 0 'C-092: what has no desc is a remark'
like "$err" '*remark: task "lint:go" has no desc*' 'D-8: which is told'

# a package.json that is none, one without scripts, and a folder elsewhere
makes go.mod
rm Taskfile.yml
printf '{"scripts": ' >package.json
run prun --init
is "$status $(runs test:node 2>/dev/null)" '0 ' 'C-092: a broken package.json'
mkdir sub && echo >sub/Cargo.toml
run prun --init sub
is "$status $out" "0 Taskfile created: sub/Taskfile.yml
prun --list shows what it has; prun qa-parallel runs the checks side by side" \
    'C-090: another folder'
like "$(cat sub/Taskfile.yml)" '*cargo test*' 'C-092: by what lies there'

rm Taskfile.yml
run "$work/bin/task" --init
like "$(cat Taskfile.yml)" '*taskfile.dev/schema.json*GREETING*' \
    'C-092: under the name task a greeting'
done_testing
