#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2034,SC2016,SC2154 # libraries; text for bash
# C-710, C-711: completion in bash.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
shell=bash
start="bash --noprofile --rcfile $work/rc -i"
prompt='PS1="READY> "'
load='source <(prun --completion bash)'
setup=$load
. "$abs_srcdir/tests/cli/lib_completion.sh"

try_completion
completes 'prun release VERSION=1 STAGE=al\tX' \
    '[prun][release][VERSION=1][STAGE=alphaX]' 'no blank behind a value'

setup="$load; set -u; IFS=:"
completes 'prun bui\t' '[prun][build]' 'with set -u and another IFS'
setup="$load; COMP_WORDBREAKS=\${COMP_WORDBREAKS//[=:]}"
completes 'prun docs:s\t' '[prun][docs:serve]' 'where : breaks no words'
completes 'prun --output=pre\t' '[prun][--output=prefixed]' 'nor ='
setup="TASK_EXE=$work/bin/task; $load; prun() { :; }"
completes './prun bui\t' '[./prun][build]' 'TASK_EXE names the program'

# another program of that name must not be asked
printf '#!/bin/sh\necho wrong\n' >"$work/other"
chmod +x "$work/other"
ln -sf "$work/other" "$work/bin/task"
setup="$load; alias task=prun"
completes 'task bui\t' '[task][build]' 'an alias named task'
setup="$load; alias t='prun -o group'; complete -F _prun t"
completes 't docs:s\t' '[t][docs:serve]' 'an alias with words'

done_testing
