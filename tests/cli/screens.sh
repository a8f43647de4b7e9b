#!/bin/sh
# SPDX-License-Identifier: MIT
# The README shows a run as it is: the scene recorded now has the same lines,
# times and paths aside, in whatever order the calls end.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

# shape: what does not change from run to run
shape()
{
	sed -E 's/, waited [0-9.]+m?s//; s/ \(waited [0-9.]+m?s\)//
		s/ +[0-9.]+m?s/ T/g; s/, T of work.*//
		s|~/.local/state/[^ ]*/logs/|LOGS/|; s|~/[^ ]*/0007|LOGS/0007|' | sort
}

# the text of the first block of the README
sed -n '/^```text$/,/^```$/p' "$abs_srcdir/README.md" | sed '1d;/^```$/,$d' |
    shape >want
run python3 "$abs_srcdir/docs/screens/record.py" \
    --scene 'qa side by side, without an edit' "$PRUN" 250
is "$status" 0 'a scene is recorded'
printf '%s\n' "$out" | shape >got
is "$(cat got)" "$(cat want)" 'the README shows what is to be seen'
run python3 "$abs_srcdir/docs/screens/record.py" --scene nothing "$PRUN"
is "$status $err" '1 record.py: no scene nothing' 'a scene that is none'
done_testing
