#!/bin/sh
# SPDX-License-Identifier: MIT
# P-203, P-108, P-112: 2,000 random nests, or $NESTS; see nests.sh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

python3 "$abs_srcdir/tests/cli/nests.py" "$PRUN" "${NESTS:-2000}" 1000 \
    >log 2>&1
ok $? 'P-203: every nest ends'
note "$(tail -n 150 log)"
done_testing
