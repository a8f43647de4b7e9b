#!/bin/sh
# SPDX-License-Identifier: MIT
# P-302: the plan is what the run does, over 20,000 random Taskfiles, or
# $PLAN_FILES.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

unit=${abs_builddir:?}/tests/unit/unit
[ -x "$unit" ] || skip_all 'there are no unit tests'
PLAN_FILES=${PLAN_FILES:-20000} "$unit" run/plan >"$work/log" 2>&1
ok $? 'P-302: the plan is what the run does'
note "$(tail -n 150 "$work/log")"
done_testing
