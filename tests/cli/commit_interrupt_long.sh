#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605: commit_interrupt.sh with twenty moments.
EVERY=6
. "${abs_srcdir:-.}/tests/cli/commit_interrupt.sh"
