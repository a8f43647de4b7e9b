#!/bin/sh
# SPDX-License-Identifier: MIT
# The events of runs over HTTP: replayed, live, bounded.  P-1205

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/serve/lib.sh"
serve_project
exec_driver streams.py
