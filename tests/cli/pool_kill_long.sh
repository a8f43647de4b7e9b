#!/bin/sh
# SPDX-License-Identifier: MIT
# Two hundred sessions that are killed at random moments, every second one with
# the gits that it has started, and what the next session finds (P-804, P-805).

. "${abs_srcdir:-.}/tests/cli/lib.sh"
: "${abs_builddir:=$abs_srcdir}"
unit=$abs_builddir/tests/unit/unit
[ -x "$unit" ] || bail_out "no $unit"

# the seed is in the log: POOL_SEED=N tests/unit/unit vcs_pool_kill
POOL_KILLS=${POOL_KILLS:-200} "$unit" vcs_pool_kill >"$work/log" 2>&1
is $? 0 'nothing is left, nothing is lost, and all of the user is as it was'
sed 's/^/# /' "$work/log"

done_testing
