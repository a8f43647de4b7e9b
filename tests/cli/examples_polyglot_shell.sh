#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/polyglot, its aggregates written as in a shell (P-103).
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
need_languages
form Taskfile.shell.yml
done_testing
