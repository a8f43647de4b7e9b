#!/bin/sh
# SPDX-License-Identifier: MIT
# P-702 to P-708: push_states.sh with 5,000 cases.
PUSHES=5000
. "${abs_srcdir:-.}/tests/cli/push_states.sh"
