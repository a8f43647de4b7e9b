#!/bin/sh
# SPDX-License-Identifier: MIT
# Test sessions over HTTP: what is read of the database, field by field, and what
# is said of bodies.  P-1202, P-1203, P-1204

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/serve/lib.sh"
serve_project
exec_driver sessions.py
