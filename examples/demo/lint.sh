#!/bin/sh
# SPDX-License-Identifier: MIT
# Looks for what a reader trips over: blanks at the end of a line, long lines,
# functions without bounds.
#
#	sh lint.sh FILE…
awk '
	function complain(what) {
		printf "%s:%d: %s\n", FILENAME, FNR, what
		bad = 1
	}
	/[ \t]+$/ { complain("blanks at the end of the line") }
	length($0) > 80 { complain("more than 80 characters") }
	/(^|[^_[:alnum:]])(gets|strcpy|strcat|sprintf) *\(/ {
		complain("a function without bounds")
	}
	END { exit bad }
' "$@"
