#!/bin/sh
# SPDX-License-Identifier: MIT
# P-704: the tree of a gate is the commit as the user's checkout would have it:
# submodules, sparse checkouts, filters; and nothing of the user's changes.
. "${abs_srcdir:-.}/tests/cli/lib.sh"
. "$abs_srcdir/tests/cli/lib_git.sh"

seen=$work/seen
export seen
# What the tasks see, and what they think of it.
cat >"$work/look" <<'EOT'
find . -name .git -prune -o -name .task -prune -o -print | LC_ALL=C sort
find . -name .git -prune -o -name .task -prune -o -type f -exec cksum {} + |
    LC_ALL=C sort
! grep -r --exclude=Taskfile.yml --exclude-dir=.git broken .
EOT
look()
{
	cat >Taskfile.yml <<-EOT
	version: '3'
	tasks:
	  qa: sh $work/look >\$seen
	EOT
	echo .task >.gitignore
}

# all_of REPO: every byte of the user's, but for objects, which may be added.
all_of()
{
	(cd "$1" && find . -name objects -prune -o -type f -exec cksum {} + |
	    LC_ALL=C sort && find . -name objects -prune -o -print |
	    LC_ALL=C sort)
}

no_receipts()
{
	find "$XDG_STATE_HOME" -path '*/receipts/*' -type f -exec rm {} +
}

# seen_by ARGS…: a push of which no receipt knows; what the tasks saw.
seen_by()
{
	no_receipts
	: >"$seen"
	run git push -q --dry-run "$@"
	sight=$(cat "$seen")
}

# twice NAME STATUS ARGS…: pushes beside a clean tree and beside a dirty one; the
# tasks must see the same, and nothing of the user's may change.
twice()
{
	name=$1 want=$2
	shift 2
	before=$(all_of "$user")
	seen_by "$@"
	clean=$sight
	is "$status" "$want" "$name: the verdict beside a clean tree"
	is "$(all_of "$user")" "$before" 'nothing of the user'\''s has changed'
	echo dirt >dirt
	before=$(all_of "$user")
	seen_by "$@"
	is "$status" "$want" "$name: the same beside a dirty one"
	is "$sight" "$clean" 'where the tasks see the same'
	is "$(all_of "$user")" "$before" 'nothing of the user'\''s has changed'
	rm dirt
}

# Submodules in submodules, one of them never made ready.
start_repo
user=$work/t/r
cd "$work/t" || exit 1
for name in deep sub other; do
	git init -q -b main "$work/from $name"
	(cd "$work/from $name" && echo "$name" >file && commit_all)
done
(cd "$work/from sub" && git submodule -q add "$work/from deep" 'in/the deep' &&
    commit_all deep)
cd "$user" || exit 1
add_remote
look
git submodule -q add "$work/from sub" 'a/sub mod'
git submodule -q add --name no/path "$work/from other" other
git submodule -q update --init --recursive
commit_all
prun --hook install pre-push >/dev/null
twice 'submodules' 0 origin main
like "$clean" './a/sub mod/in/the deep/file' 'also theirs'
submodule_heads() { git submodule status --recursive; }

(cd 'a/sub mod/in/the deep' && echo broken >file && commit_all broken)
(cd 'a/sub mod' && commit_all broken)
commit_all broken
heads=$(submodule_heads)
twice 'a commit of a submodule that fails' 1 origin main
is "$(submodule_heads)" "$heads" 'the submodules are where they were'
for sub in 'a/sub mod' 'a/sub mod/in/the deep' other; do
	is "$(($(git -C "$sub" worktree list | wc -l)))" 1 "of $sub no work tree is left"
done
(cd 'a/sub mod/in/the deep' && git reset -q --hard HEAD~1)
twice 'a fix of a submodule that is not committed' 1 origin main
git reset -q --hard HEAD~1 && git submodule -q update --recursive

# the tree of a gate that was killed
cat >Taskfile.yml <<'EOT'
version: '3'
tasks:
  qa: kill -9 $(cat $seen.pid)
EOT
git commit -qam kill
echo dirt >dirt
printf 'refs/heads/main %s refs/heads/main %s\n' "$(git rev-parse HEAD)" \
    0000000000000000000000000000000000000000 >"$seen.refs"
# shellcheck disable=SC2016 # for the inner one
(sh -c 'echo $$ >$seen.pid; exec "$@" <"$seen.refs"' sh "$PRUN" --hook \
    run pre-push -- origin x) >/dev/null 2>&1
is "$(($(git -C 'a/sub mod' worktree list | wc -l)))" 2 \
    'a gate that was killed leaves its tree'
rm dirt && git reset -q --hard HEAD~1
echo dirt >dirt
run git push -q --dry-run origin main
is "$status" 0 'the next gate passes'
rm dirt
for sub in . 'a/sub mod' 'a/sub mod/in/the deep' other; do
	is "$(($(git -C "$sub" worktree list | wc -l)))" 1 "and clears up in $sub"
done

# As the user has them.
git submodule -q deinit -f other
twice 'a submodule that the user has not' 0 origin main
unlike "$clean" other/file 'is not there'
git checkout -q -b without && git rm -qf 'a/sub mod' && commit_all without
twice 'a branch whose submodule is not checked out' 0 origin main
like "$clean" 'a/sub mod/in/the deep/file' 'has it all the same'
git checkout -q main && git submodule -q update --init --recursive
git update-index --cacheinfo \
    160000,1234567890123456789012345678901234567890,'a/sub mod'
git commit -qm 'not there'
echo dirt >dirt
run git push -q origin main
is "$status" 1 'a commit that is nowhere is refused'
like "$err" '1234567890 of the submodule a/sub mod is not here' 'by name'
rm dirt && git reset -q --hard HEAD~1

# Changes in a submodule that git was told not to see.
git submodule -q update --init --recursive
(cd 'a/sub mod' && echo broken >file && commit_all broken)
commit_all broken
(cd 'a/sub mod' && git update-index --assume-unchanged file && echo fine >file)
run git push -q --dry-run origin main
is "$status" 1 'a hidden change of a submodule hides nothing'
(cd 'a/sub mod' && git update-index --no-assume-unchanged file)
git reset -q --hard HEAD~1 && git submodule -q update --force --recursive

# What somebody else's .gitmodules says is not done.
cp -R "$user" "$work/t/hostile" && cd "$work/t/hostile" || exit 1
git config -f .gitmodules submodule.evil.path evil
git config -f .gitmodules submodule.evil.url "ext::sh -c touch% $work/pwned"
git config -f .gitmodules submodule.evil.update "!touch $work/pwned"
git config -f .gitmodules submodule.../../../x.path out
git config submodule.../../../x.url u
mkdir "$work/t/x" && git init -q --bare "$work/t/x"
git add .gitmodules
git update-index --add --cacheinfo 160000,"$(git rev-parse HEAD)",evil
git update-index --add --cacheinfo 160000,"$(git rev-parse HEAD)",out
git commit -qm hostile
git config submodule.evil.active true
rm -rf evil out
user=$PWD
echo dirt >dirt
seen_by origin main
is "$status" 0 'submodules of a hostile commit are not made'
test ! -e "$work/pwned"
ok $? 'and nothing of it is run'
unlike "$sight" ./evil/ 'not one file'

# Linked work trees have submodules of their own.
user=$work/t/r
cd "$user" || exit 1
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
twice 'a linked work tree without submodules' 0 origin linked
unlike "$clean" 'a/sub mod/file' 'has none'
git submodule -q update --init --recursive 'a/sub mod'
twice 'one with them' 0 origin linked
like "$clean" 'a/sub mod/in/the deep/file' 'has them'
git submodule -q deinit -f --all
no_receipts
prun qa >/dev/null
run git push --dry-run origin linked
like "$err" 'passed before' 'what passed without submodules'
git submodule -q update --init --recursive 'a/sub mod'
run git push --dry-run origin linked
unlike "$err" 'passed before' 'has not passed with them'
cd "$user" && git submodule -q deinit -f --all && git worktree remove -f -f \
    "$work/t/linked"

# Sparse checkouts, filters, line ends.
start_repo
add_remote
user=$work/t/r
look
mkdir -p in/a in/b out
for d in . in in/a in/b out; do echo 1 >$d/file; done
commit_all
prun --hook install pre-push >/dev/null
git sparse-checkout set in/a
twice 'a sparse checkout' 0 origin main
unlike "$clean" ./out/file 'is one in the tree of the gate'
like "$clean" ./in/a/file 'with what is in it'
echo broken >in/a/file && git commit -qam broken
twice 'what fails in it' 1 origin main
git reset -q --hard HEAD~1
git sparse-checkout set --no-cone '/*' '!/in/a/'
twice 'one by patterns' 0 origin main
unlike "$clean" ./in/a/file 'is one, too'
git config extensions.worktreeConfig true
git sparse-checkout set --cone --sparse-index in/b
twice 'one with a configuration and an index of its own' 0 origin main
unlike "$clean" ./out/file 'is one, too'
like "$clean" ./in/b/file 'with what is in it'
git worktree add -q "$work/t/linked" -b linked
cd "$work/t/linked" || exit 1
git sparse-checkout set out
twice 'a linked work tree' 0 origin linked
like "$clean" ./out/file 'that is sparse in its own way'
unlike "$clean" ./in/b/file 'and not in that of the main one'
cd "$user" && git worktree remove -f "$work/t/linked"
git sparse-checkout disable

cat >"$work/shout" <<'EOT'
tr a-z A-Z
EOT
cat >"$work/whisper" <<'EOT'
tr A-Z a-z
EOT
git config filter.shout.smudge "sh $work/shout"
git config filter.shout.clean "sh $work/whisper"
git config filter.shout.required true
printf '*.up filter=shout\n*.win text eol=crlf\n*.id ident\n' >.gitattributes
echo 'abc' >a.up
echo 'a line' >a.win
# shellcheck disable=SC2016 # git's
echo '$Id$' >a.id
commit_all
rm a.up a.win a.id && git checkout -q .
twice 'filters and line ends' 0 origin main
is "$(git cat-file --filters HEAD:a.up)" ABC 'the filter works'

# What git does not see in a tree that it calls clean.
hidden()
{
	is "$(git status --porcelain)" '' "$1: git sees nothing"
	seen_by origin main
	is "$status" 1 "$1 hides nothing"
}
sed 's/^! grep/test ! -x exe \&\& ! grep/' "$work/look" >"$work/look.new"
mv "$work/look.new" "$work/look"
echo >exe && chmod +x exe && commit_all executable
git config core.fileMode false
chmod -x exe
hidden 'a mode with core.fileMode=false'
git config core.fileMode true
git reset -q --hard HEAD~1
git config filter.strip.clean 'sed s/fixed/broken/'
echo 'secret filter=strip' >>.gitattributes
echo fixed >secret
commit_all stripped
hidden 'a clean filter'
git config filter.strip.smudge 'sed s/broken/fixed/'
seen_by origin main
is "$status" 0 'a filter that puts it back is none that hides'
like "$err" 'qa' 'and the check is run'
is "$(printf '%s\n' "$sight" | grep -c secret)" 2 'where it lies'
git reset -q --hard HEAD~1
git config --remove-section filter.strip

# Large files: pointers that the user has filled from what lies here.
mkdir "$work/bin"
cat >"$work/bin/git-lfs" <<'EOT'
#!/bin/sh
# clean and smudge as git-lfs has them; checkout fills all from the store
store=$(git rev-parse --git-common-dir)/lfs
mkdir -p "$store"
case $1 in
clean)
	new=$(mktemp)
	cat >"$new"
	grep -q 'git-lfs.github.com' "$new" && exec cat "$new"
	name=$(cksum <"$new" | tr ' ' -)
	mv "$new" "$store/$name"
	printf 'version https://git-lfs.github.com/spec/v1\n%s\n' "$name" ;;
smudge) cat ;;
checkout)
	git ls-files ':(attr:filter=lfs)' | while read -r file; do
		cp "$store/$(sed -n 2p "$file")" "$file"
	done 2>/dev/null
	git update-index -q --refresh ;;
esac
EOT
chmod +x "$work/bin/git-lfs"
PATH=$work/bin:$PATH
git config filter.lfs.clean 'git-lfs clean'
git config filter.lfs.smudge 'git-lfs smudge --skip'
echo '*.big filter=lfs' >>.gitattributes
echo large >a.big && echo larger >'b c.big'
commit_all big
twice 'large files' 0 origin main
like "$clean" '* 6 ./a.big' 'are there'
git lfs checkout && rm a.big && git checkout -q a.big
echo dirt >dirt
seen_by origin main
like "$sight" '* 7 ./b c.big' 'what the user has filled is filled'
rm 'b c.big' dirt && git checkout -q .
twice 'large files that the user has not filled' 0 origin main
unlike "$clean" '* 6 ./a.big' 'are left as they are'
git reset -q --hard HEAD~1

# A bare repository with work trees, and a folder of hooks in the tree.
git clone -q --bare "$user" "$work/t/bare.git"
git -C "$work/t/bare.git" worktree add -q "$work/t/tree" main
cd "$work/t/tree" || exit 1
user=$work/t/bare.git
git remote set-url origin "$work/t/o.git"
mkdir .hooks && git config core.hooksPath .hooks
prun --hook install pre-push >/dev/null
test -x .hooks/pre-push
ok $? 'hooks in the tree'
commit_all hooks
twice 'a bare repository' 0 origin main
echo broken >file && commit_all broken
twice 'what fails there' 1 origin main
done_testing
