#!/bin/sh
# SPDX-License-Identifier: MIT
# C-340, C-342, C-343: what git ignores, use_gitignore ignores, and nothing else.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v git >/dev/null || skip_all 'git is not installed'
git init -q --template= .
for d in . a b ab 'a b' a/a a/b a/b/a b/a/b/c a/ab/c 'x[y' 'x/-]'; do
	mkdir -p "$d"
	for f in a b c ab abc xa.c 'x y' '[b' '*' 'b]' é; do
		echo >"$d/f$f"
	done
done
taskfile <<-'EOT'
version: '3'
use_gitignore: true
tasks:
  a: {sources: ['**/f*'], cmds: [{for: sources, cmd: ': x{{.ITEM}}'}]}
EOT

# The patterns of one case are separated by blanks.
while read -r patterns; do
	echo "$patterns" | tr ' ' '\n' >.gitignore
	git -c core.excludesfile= ls-files -o --exclude-standard -z |
	    tr '\0' '\n' | grep -E '(^|/)f[^/]*$' | LC_ALL=C sort >"$work/git"
	run prun --dry a
	printf '%s\n' "$err" | sed -n 's/^.*\[a\] : x//p' |
	    LC_ALL=C sort >"$work/prun"
	is "$(cat "$work/prun")" "$(cat "$work/git")" "as in git: $patterns"
done <<'EOT'
none
f*b
f*[!a-b]c
/f?
a/**/fa
**/b/f*
a**
/a/**
a/b/** !a/b/fa
f[[:alpha:]]b*
f[[:a]b
f[[:nope:]]
f[]b]
f[!]b]
f[a-]
f[a/b]b
f[b
f\*
f\[b
a\/fa
a/**\/fa
**/a/**/b/**/fc
**/**/fab
b*/*/f**c
*b/ !f*
*[y/
x/[-]*]
f?
f??
f[^a-z]*
f[*]
a*/f*a*c
EOT
done_testing
