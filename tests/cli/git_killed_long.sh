#!/bin/sh
# SPDX-License-Identifier: MIT
# P-601, P-703, P-704: git_killed.sh with a git that is killed, that aborts, and
# that is not there.
HOWS='killed aborted absent'
. "${abs_srcdir:-.}/tests/cli/git_killed.sh"
