#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605: commit_kill.sh with each of its moments.
EVERY=1
. "${abs_srcdir:-.}/tests/cli/commit_kill.sh"
