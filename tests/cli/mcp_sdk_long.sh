#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2154 # lib.sh
# prun --mcp (P-1207) and the protocol's own client library, in both kinds of
# revisions.  $MCP_PYTHON is a Python that has it; without it is fetched.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
if [ -z "${MCP_PYTHON-}" ]; then
	command -v python3 >/dev/null || skip_all 'there is no python3'
	if ! python3 -m venv "$work/venv" >/dev/null 2>&1 ||
	    ! timeout 300 "$work/venv/bin/pip" install -q 'mcp>=2.3' \
		>"$work/pip" 2>&1; then
		skip_all 'the Python package mcp cannot be had'
	fi
	MCP_PYTHON=$work/venv/bin/python
fi
taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  bad: 'echo oh no; exit 3'
  good: echo fine
  slow: sleep 1000
EOT
timeout 120 "$MCP_PYTHON" "$abs_srcdir/tests/cli/mcp_sdk.py"
