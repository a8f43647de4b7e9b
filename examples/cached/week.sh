#!/bin/sh
# SPDX-License-Identifier: MIT
# week.sh: thirty edits and runs, as a week has them, in the repository that is
# the current folder, and what of it came from the cache.  PRUN is the program.
#
# Pages are edited, branches are left and come back to, changes are taken back,
# trees are cleaned, others' pages are merged.
set -eu
: "${PRUN:=prun}"
runs=0 hits=0 misses=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# step WHAT: runs, and counts.
step()
{
	"$PRUN" -v site >"$log" 2>&1 || {
		cat "$log"
		exit 1
	}
	hit=$(grep -c 'is from the cache' "$log") || :
	miss=$(grep -c 'is not in the cache' "$log") || :
	runs=$((runs + 1)) hits=$((hits + hit)) misses=$((misses + miss))
	printf '%2d  %-36s %2d from the cache, %2d made\n' "$runs" "$1" "$hit" "$miss"
}
# edit PAGE: another sentence.
edit()
{
	echo "Day $runs." >>"pages/$1.txt"
}
save()
{
	git add -A
	git commit -q -m "$1"
}
clean()
{
	git clean -fdxq
}

main=$(git symbolic-ref --short HEAD)
step 'Monday: a tree without anything'
clean
step 'a fresh tree'
edit lakes
step 'a page is edited'
git checkout -q pages
step 'and is as it was'
git checkout -q -b rain
edit rain
save rain
step 'a branch with a page'
git checkout -q "$main"
step 'back to the main branch'
git checkout -q rain
step 'and to the branch'
clean
step 'Tuesday: a fresh tree'
git checkout -q "$main"
clean
step 'one of the main branch'
git merge -q --no-edit rain
step 'the branch is merged'
clean
step 'a fresh tree of that'
edit wells
step 'a page is edited'
git stash -q
step 'and put aside'
git stash pop -q
step 'and taken up again'
save wells
clean
step 'Wednesday: a fresh tree'
git checkout -q HEAD~1
step 'an older commit'
clean
step 'without anything there'
git checkout -q "$main"
step 'the newest one'
rm -rf site
step 'the site is lost'
rm -rf checked words.txt .task
step 'all else is'
echo '# a comment' >>page.awk
step 'Thursday: what makes the pages'
git checkout -q page.awk
step 'is as it was'
clean
step 'a fresh tree'
git checkout -q -b tides HEAD~2
edit tides
save tides
step 'a branch from an older commit'
git checkout -q "$main"
step 'back'
git merge -q --no-edit tides
step 'it is merged'
clean
step 'Friday: a fresh tree'
git revert --no-edit HEAD~1 >/dev/null 2>&1 || git revert --abort
step 'a change is taken back'
clean
step 'a fresh tree of that'
git checkout -q rain
step 'the week ends on a branch'

echo "$runs runs: $hits calls from the cache, $misses made, $((hits * 100 / (hits + misses))) % hits"
