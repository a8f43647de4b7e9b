#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091 # lib.sh
# prun --mcp (P-1207), asked by a client of the standard library alone.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
command -v python3 >/dev/null || skip_all 'there is no python3'
taskfile <<-'EOT'
version: '3'
silent: true
tasks:
  default: 'true'
  hello: {vars: {WHO: '{{.WHO | default "you"}}'}, cmds: ['echo "hello {{.WHO}}"']}
  more: echo more
  once: {sources: [Taskfile.yml], cmds: ['echo once >>once.out']}
  hold: {aliases: [h], cmds: ['echo one; read -r _ <go; echo "two ✓"']}
  fails:
    desc: It fails
    cmds: ['echo context; echo "main.c:3:1: error: nope" >&2; exit 3']
  garbage: printf 'bytes \377\376\n'
  both: {deps: [fails, garbage]}
  hidden: {internal: true, cmds: ['touch made']}
EOT
echo 'int main;' >main.c
mkfifo go
mkdir other
printf '%s\n' "version: '3'" "tasks: {there: 'true'}" >other/Taskfile.yml
python3 "$abs_srcdir/tests/cli/mcp_client.py"
