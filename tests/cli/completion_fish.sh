#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # libraries
# C-710, C-711: completion in fish.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
shell=fish
printf '#!/bin/sh\nexec fish --no-config -i -C "source %s"\n' "$work/rc" \
    >"$work/start"
chmod +x "$work/start"
start=$work/start
prompt='function fish_prompt; echo "READY> "; end'
setup='set -g fish_autosuggestion_enabled 0; prun --completion fish | source'
. "$abs_srcdir/tests/cli/lib_completion.sh"

try_completion
shows 'prun \t' 'Make it all' 'descriptions'

shows 'prun \t' "Say \"it's\" [50%] \$HOME \`id\`" 'any text as a description'
printf '#!/bin/sh\necho wrong\n' >"$work/other"
chmod +x "$work/other"
ln -sf "$work/other" "$work/bin/task"
setup="$setup; alias task=prun"
completes 'task bui\t' '[task][build]' 'an alias named task'

done_testing
