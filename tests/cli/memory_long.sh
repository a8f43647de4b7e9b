#!/bin/sh
# SPDX-License-Identifier: MIT
# P-403: 1 GiB of output of one task costs no more than 1 MiB.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

cat >measure <<'EOF'
import os, sys
pid = os.fork()
if pid == 0:
    os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
EOF
taskfile <<-'EOF'
version: '3'
tasks:
  big: head -c 1073741824 /dev/zero
EOF
for mode in group interleaved; do
	out=$(python3 measure "$PRUN" -s -o $mode big 2>"$work/err")
	is "${out% *}" 0 "P-403: 1 GiB ($mode)"
	[ "${out#* }" -lt 16384 ]
	ok $? "P-403: costs less than 16 MiB ($mode): ${out#* } KiB"
	log=$(find "$XDG_STATE_HOME" -name '*-big.log')
	is "$(($(wc -c <"$log")))" 1073741824 "P-403: all of it is in the log ($mode)"
	rm -rf "$XDG_STATE_HOME"
done

done_testing
