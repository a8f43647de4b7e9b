#!/bin/sh
# SPDX-License-Identifier: MIT
# Both readers of YAML on 20,000,000 changed texts, or $YAML_TEXTS.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

unit=${abs_builddir:?}/tests/unit/unit
[ -x "$unit" ] || skip_all 'there are no unit tests'
YAML_TEXTS=${YAML_TEXTS:-20000000} "$unit" yaml/quick >"$work/log" 2>&1
ok $? 'what the quick reader of YAML takes, it takes as libyaml does'
note "$(tail -n 20 "$work/log")"
done_testing
