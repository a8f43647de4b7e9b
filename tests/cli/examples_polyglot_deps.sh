#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/polyglot, its aggregates written with deps.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_examples.sh"
need_languages
form Taskfile.yml
done_testing
