# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034,SC2154
# For the scripts about git: repositories, and what they look like.  Sourced
# behind lib.sh.

command -v git >/dev/null || skip_all 'git is not installed'

# Hooks take the prun that is on PATH first, and these are tests of another one.
hide_prun()
{
	kept_path=
	old_ifs=$IFS
	IFS=:
	for dir in $PATH; do
		if [ -x "$dir/prun" ]; then
			hidden=$work/without${dir}
			mkdir -p "$hidden" && ln -s "$dir"/* "$hidden"
			rm -f "$hidden/prun"
			dir=$hidden
		fi
		kept_path=$kept_path${kept_path:+:}$dir
	done
	IFS=$old_ifs
	PATH=$kept_path
}
hide_prun

# start_repo: an empty repository in the folder t/r, and there; what git is told
# by HOME's configuration is the tests' own.
start_repo()
{
	git config --global advice.detachedHead false
	git config --global protocol.file.allow always
	rm -rf "$work/t/r" && mkdir -p "$work/t/r" && cd "$work/t/r" ||
	    bail_out 'no folder'
	git_repo
}

# commit_all [MESSAGE]: what the folder holds.
commit_all()
{
	git add -A -- . ':(exclude,glob)**/.task/**' &&
	    git commit -q --allow-empty -m "${1:-start}"
}

# add_remote: a bare repository beside this one, called origin.
add_remote()
{
	rm -rf "$work/t/o.git" && git init -q --bare -b main "$work/t/o.git" &&
	    git remote add origin "$work/t/o.git"
}

commits()
{
	git rev-list --count HEAD 2>/dev/null || echo 0
}

# Names in the last commit, one line: "A new M old".
committed()
{
	git -c core.quotePath=false diff-tree --root --no-renames -r \
	    --no-commit-id --name-status HEAD | tr '\t\n' '  ' | sed 's/ $//'
}

# tree_of: one line for each file with its mode, target or content, then the
# index with its flags; all that is the user's.
tree_of()
{
	# of ls -l the mode and the name: sizes of folders and times may change
	find . -path ./.git -prune -o -path ./.task -prune -o \
	    -exec ls -ld {} + | sed -E 's/^([^ ]+)( +[^ ]+){7} /\1 /' |
	    LC_ALL=C sort
	find . -path ./.git -prune -o -path ./.task -prune -o -type f -print |
	    LC_ALL=C sort | git hash-object --no-filters --stdin-paths
	git ls-files -s -v
	git -c core.quotePath=false status --porcelain=v1 --untracked-files=all
}

# edit FILE SCRIPT: sed -i, which differs from system to system
edit()
{
	sed "$2" "$1" >"$work/edited" && cat "$work/edited" >"$1"
}

# user_edits: every kind of change that is not committed, on a tree that has
# been committed before.
user_edits()
{
	for f in staged unstaged partly mode deleted; do
		printf '1\n2\n3\n4\n5\n6\n7\n8\n9\n' >"$f"
	done
	printf 'ignored*\n' >.gitignore
	ln -s staged link
	commit_all 'before the edits'
	echo a >>staged && git add staged
	echo b >>unstaged
	edit partly 's/^1$/one/' && git add partly
	edit partly 's/^9$/nine/'
	chmod +x mode
	rm deleted
	ln -sf unstaged link
	echo c >'un tracked'
	echo d >ignored
}
