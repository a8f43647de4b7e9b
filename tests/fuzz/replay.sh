#!/bin/sh
# SPDX-License-Identifier: MIT
# The corpus of each fuzz target, inputs that once failed included.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

replay=${abs_builddir:-.}/tests/fuzz/replay
[ -x "$replay" ] || skip_all 'the replay program is not built'
for target in action_result address dotenv glob journal manifest memo \
    number posix regex settings snippet taskfile template yaml; do
	run timeout 120 "$replay" "$target" \
	    "$abs_srcdir/tests/fuzz/corpus/$target"/*
	is "$status" 0 "$target: the corpus passes"
	[ "$status" -eq 0 ] || note "$(tail -n 1 "$work/out")" "$err"
done
run "$replay" nonsense
is "$status" 2 'an unknown target is refused'
done_testing
