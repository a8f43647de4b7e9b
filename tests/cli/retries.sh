#!/bin/sh
# SPDX-License-Identifier: MIT
# A retry runs the commands, whatever the first attempt left (P-110;
# never-events 9 and 16).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

echo text >in
taskfile <<-'EOF'
version: '3'
tasks:
  status:
    retries: 1
    status: [test -f out]
    cmds: [echo x >>tries, touch out, exit 3]
  both:
    retries: 1
    sources: [in]
    status: [test -f out]
    cmds: [echo x >>tries, touch out, exit 3]
  checksum:
    retries: 1
    sources: [in]
    generates: [out]
    cmds: [echo x >>tries, cp in out, exit 3]
  timestamp:
    retries: 1
    method: timestamp
    sources: [in]
    generates: [out]
    cmds: [echo x >>tries, cp in out, exit 3]
  called: {cmds: [task: status]}
  late:
    retries: 2
    status: [test -f out]
    preconditions: ['echo x >>asked']
    cmds:
      - echo x >>tries
      - touch out
      - test "$(wc -l <tries)" -eq 3
  # what its commands had no part in is asked again
  before:
    retries: 1
    status: [test -f out]
    preconditions: ['{ test -f seen && touch out; } || { touch seen; false; }']
    cmds: [echo x >>tries]
EOF
clean()
{
	rm -rf out tries asked seen .task
}
for t in status both checksum timestamp called; do
	clean
	run "$PRUN" $t
	is "$status" 201 "P-110: $t: it fails in the end"
	is "$(wc -l <tries | tr -d ' ')" 2 "P-110: $t: both attempts run"
	unlike "$out$err" 'up to date' "P-110: $t: neither is up to date"
done
clean
run "$PRUN" late
is "$status" 0 'P-110: one that passes at last has passed'
is "$(wc -l <tries | tr -d ' ')" 3 'P-110: after as many tries as it took'
is "$(wc -l <asked | tr -d ' ')" 3 'P-110: the preconditions hold for each'
clean
run "$PRUN" before
is "$status" 0 'P-110: a retry of a precondition asks on from there'
[ ! -e tries ]
ok $? 'P-110: and what is up to date then is so'

done_testing
