#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605: commit_states.sh with 500 states and 300 kills.
STATES=500
KILLS=300
. "${abs_srcdir:-.}/tests/cli/commit_states.sh"
