#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/polyglot, its aggregates written with parallel: true (P-102).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
need_languages
form Taskfile.parallel.yml
done_testing
