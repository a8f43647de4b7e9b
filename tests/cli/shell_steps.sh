#!/bin/sh
# SPDX-License-Identifier: MIT
# Snippets that prun runs without a shell (L-210, P-904): the same comes of each
# as of bash.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v python3 >/dev/null || skip_all 'python3 compares'
command -v bash >/dev/null || skip_all 'there is no bash'

run python3 "$abs_srcdir/tests/shell/compare.py" "$PRUN" \
    "$abs_srcdir/tests/shell/snippets.txt"
is "$status" 0 'bash and prun come to the same'
[ "$status" -eq 0 ] || note "$(grep -A8 '^not ok' "$work/out")"
done_testing
