#!/bin/sh
# SPDX-License-Identifier: MIT
# P-605: prun killed at any moment leaves the whole commit or none, the user's
# edits as they were, and no lock of ours (never-events 17, 22).  Every EVERYth
# of the moments; commit_kill_long.sh takes all.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"
. "$abs_srcdir/tests/cli/lib_kill.sh"

make_template <<'EOT'
version: '3'
tasks:
  write:
    commit: {push: true}
    cmds: ['echo 1 >fresh; echo run >>tracked; rm -f removed; mkdir -p fresh2; echo 1 >fresh2/fresh']
EOT
moments write
is "$status $(committed)" '0 A fresh A fresh2/fresh D removed M tracked' \
    'without a kill the commit is made'
is "$(git -C "$work/t/o.git" rev-parse main)" "$(git rev-parse HEAD)" \
    'and pushed'
total=$(wc -l <"$work/moments")
[ "$total" -ge 50 ]
ok $? "there are at least 50 moments ($total)"
like "$(cat "$work/moments")" 'hook post-receive 1' 'up to the end of the push'

# whole_or_none: says what is wrong, if anything.
whole_or_none()
{
	[ -e "$strike/done" ] || echo 'was not struck'
	case $(git rev-list --count "$start"..HEAD) in
	0)
		[ "$(git rev-parse HEAD)" = "$start" ] || echo 'another HEAD'
		case $(git status --porcelain -uall fresh fresh2/fresh tracked removed) in
		' D removed
 M tracked
?? fresh
?? fresh2/fresh' | '') ;;
		*) git status --porcelain ;;
		esac
		;;
	1)
		[ "$(committed)" = 'A fresh A fresh2/fresh D removed M tracked' ] ||
		    echo "half a commit: $(committed)"
		git log -1 --format=%b | grep -q '^Prun-Run: ' ||
		    echo 'half a message'
		[ -z "$(git status --porcelain -uall fresh fresh2/fresh tracked removed)" ] ||
		    echo 'the index is not that of the commit'
		;;
	*) echo 'more than one commit' ;;
	esac
	tree_of | grep -v '^[0-9a-f]*$' | user_part >"$work/now"
	printf '%s\n' "$edits" | grep -v '^[0-9a-f]*$' | user_part >"$work/then"
	diff "$work/then" "$work/now"
	for f in staged unstaged partly mode 'un tracked' ignored; do
		cmp "$work/t/first/$f" "$f"
	done
	ls .git/index.lock .git/HEAD.lock .git/refs/heads/*.lock 2>/dev/null
	git fsck --no-dangling --no-progress 2>&1
	case $(git -C "$work/t/o.git" rev-parse main) in
	"$start" | "$(git rev-parse HEAD)") ;;
	*) echo 'the remote has something else' ;;
	esac
}

awk -v every="${EVERY:-6}" 'NR % every == 0' "$work/moments" >"$work/chosen"
while read -r moment; do
	strike_at KILL "$moment" write
	is "$(whole_or_none)" '' "killed at: $moment"
done <"$work/chosen"

# the next run finds nothing in its way
strike_at KILL 'hook pre-commit 1' write
echo none >"$strike/moment"
echo more >later
run prun write
is "$status" 0 'the run after a kill goes through'
done_testing
