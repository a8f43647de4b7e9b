# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154 # what tests/cli/lib.sh sets
# What the scripts that test the server share, besides tests/cli/lib.sh.

serve_needs()
{
	command -v python3 >/dev/null || skip_all 'no python3'
	[ -n "${PRUN_SERVE-}" ] || [ -x "${PRUN%/*}/prun-serve" ] ||
	    skip_all 'prun-serve was not built'
}

# A project with a run on record.
serve_project()
{
	serve_needs
	taskfile <<-'EOT'
	version: '3'
	tasks:
	  build: {desc: Makes it., cmds: ['echo built']}
	  touch: 'touch touched'
	  fails: {deps: [build], cmds: ['echo what; false']}
	  vars: 'echo "got {{.A}}"'
	  slow: 'echo begun; while [ ! -e go ]; do sleep 0.05; done; echo done'
	  trap: 'trap "" TERM INT; echo begun; while [ ! -e go ]; do sleep 0.05; done'
	  many: {cmds: [{for: {var: N, split: ','}, cmd: 'echo {{.ITEM}}'}], vars: {N: '1,2,3'}}
	  test-plan: 'echo "{{.PLAN_FILE}} {{.BATCH_RANGE}}"'
	EOT
	mkdir dir && ln -s /etc/passwd link && echo '# plan' >plan.md
	prun --silent fails >/dev/null 2>&1
}

# The driver says what it has found, as TAP.
exec_driver()
{
	driver=$1
	shift
	python3 "$abs_srcdir/tests/serve/$driver" "$PRUN" "$@"
	exit $?
}
