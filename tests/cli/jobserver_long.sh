#!/bin/sh
# SPDX-License-Identifier: MIT
# P-206: 200 commands are killed while they hold tokens.
JOBSERVER_KILLS=200
export JOBSERVER_KILLS
. "${abs_srcdir:-.}/tests/cli/jobserver_serve.sh"
