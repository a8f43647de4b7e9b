#!/bin/sh
# SPDX-License-Identifier: MIT
# From the feature wanted to a numbered plan: out/plan.md
. phases/work.sh
takes 0.4
awk '
	NR == 1 { print "# " $0; print ""; next }
	/^- / { print ++n ". " substr($0, 3) }
' feature.txt >out/plan.md
echo "planned $(grep -c '^[0-9]' out/plan.md) steps"
