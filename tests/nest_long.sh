#!/bin/sh
# SPDX-License-Identifier: MIT
# P-203, P-108, P-112: random nests of calls, links and runs end, over 10,000
# of them, or $NESTS.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

unit=${abs_builddir:?}/tests/unit/unit
[ -x "$unit" ] || skip_all 'there are no unit tests'
NESTS=${NESTS:-10000} "$unit" run/nest >"$work/log" 2>&1
ok $? 'P-203: every nest ends'
note "$(tail -n 150 "$work/log")"
done_testing
