#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the unit tests and makes one TAP stream of what their groups print.
# Arguments go to the program: `tests/unit/unit.sh map`.

unit=${UNIT:-tests/unit/unit}
fifo=$(mktemp -d "${TMPDIR:-/tmp}/prun-unit.XXXXXX") || exit 99
trap 'rm -rf "$fifo"' EXIT

{
	CMOCKA_MESSAGE_OUTPUT=TAP "$unit" "$@" 2>"$fifo/stderr"
	echo "# status $?"
} | awk '
	function flush(group,    i) {
		for (i = 1; i <= lines; i++) {
			if (result[i] == "")
				print line[i]
			else
				print result[i] " " ++n " - " group line[i]
		}
		lines = 0
		open = 0
	}
	/^1\.\./ { open = 1; next }
	/^# (not )?ok - / && open {
		sub(/^# (not )?ok - /, "")
		flush($0 ": ")
		next
	}
	/^# status / { status = $3; next }
	{ result[++lines] = ""; line[lines] = $0 }
	/^(not )?ok [0-9]+ / {
		# cmocka calls a skipped test "not ok"
		result[lines] = /^ok|^not ok [0-9]+ # SKIP/ ? "ok" : "not ok"
		sub(/^(not )?ok [0-9]+ (- )?/, "", line[lines])
		failed += result[lines] != "ok"
	}
	END {
		if (lines)
			flush("")
		print "1.." n + 0
		if (status != 0 && (!failed || open))
			print "Bail out! the unit tests ended with status " status
	}'
sed 's/^/# /' "$fifo/stderr"
