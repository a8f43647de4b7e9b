#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # libraries
# C-710, C-711: completion in zsh.

. "${abs_srcdir:-.}/tests/cli/lib.sh"
shell=zsh
mkdir "$work/zsh"
echo 'source "$ZDOTDIR/../rc"' >"$work/zsh/.zshrc"
start="env ZDOTDIR=$work/zsh zsh -d -i"
prompt='PS1="READY> "'
begin='bindkey -e; autoload -U compinit; compinit -D -u'
load='source <(prun --completion zsh)'
setup="$begin; $load"
. "$abs_srcdir/tests/cli/lib_completion.sh"

try_completion
completes 'prun release VERSION=1 STAGE=al\tX' \
    '[prun][release][VERSION=1][STAGE=alphaX]' 'no blank behind a value'
shows 'prun \t\t' 'Make it all' 'descriptions'

setup="fpath=($abs_srcdir/completions \$fpath); $begin"
completes 'prun bui\t' '[prun][build]' 'from a folder of fpath'
completes 'task bui\t' '[task][build]' 'for both names'
setup="$setup; zstyle ':completion:*:*:prun:*' show-aliases false"
completes 'prun bl\tX' '[prun][blX]' 'no aliases where they are not wanted'

shows 'prun \t\t' "Say \"it's\" [50%] \$HOME \`id\`" 'any text as a description'
printf '#!/bin/sh\necho wrong\n' >"$work/other"
chmod +x "$work/other"
ln -sf "$work/other" "$work/bin/task"
setup="$begin; $load; alias task=prun"
completes 'task bui\t' '[task][build]' 'an alias named task'

done_testing
