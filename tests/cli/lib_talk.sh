# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts that talk to prun on a terminal.  Sourced behind lib.sh.

python3 -c 'import pty' 2>/dev/null || skip_all 'no python3 with pty'
TERM=xterm
export TERM
unset NO_COLOR

# talk STATUS NAME OPTIONS WORD… <DIALOGUE: prun WORD… on a terminal, with OPTIONS
# of terminal.py in one word; what came is in $out.
talk()
{
	want=$1 name=$2 options=$3
	shift 3
	cat >"$work/dialogue"
	# shellcheck disable=SC2086 # several options
	run python3 "$abs_srcdir/tests/cli/terminal.py" $options \
	    "$work/dialogue" "$PRUN" "$@"
	is "$status" "$want" "$name"
	[ "$status" -eq "$want" ] || note "$out $err"
}
