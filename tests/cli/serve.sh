#!/bin/sh
# SPDX-License-Identifier: MIT
# The runs of a project over HTTP: lists, logs, starting and ending.
# P-1104, P-1201, P-1205

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/serve/lib.sh"
serve_project
exec_driver api.py
