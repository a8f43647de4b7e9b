#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may ask the server, and what becomes of requests that are none.  P-1201

. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/serve/lib.sh"
serve_project
exec_driver guard.py
