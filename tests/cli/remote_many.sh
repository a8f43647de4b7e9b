#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-607, C-614: several remote files are fetched side by side, and what
# is said about them stays as if they were not.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
serve
TASK_REMOTE_INSECURE=1
export TASK_REMOTE_INSECURE

# include_pages PREFIX N >Taskfile: the pages 1 to N below an address
include_pages()
{
	printf "version: '3'\nincludes:\n"
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		echo "  n$i: $1/$i.yml"
	done
}
i=0
while [ $i -lt 9 ]; do
	i=$((i + 1))
	echo_page $i.yml $i
done

# The server answers none of them before all are asked for.
include_pages "$url/meet/3" 3 | taskfile
run prun -y n3:default n1:default
is "$status" 0 'three files are fetched at the same time'
is "$out" "$(for i in 1 2 3; do
	question "$url/meet/3/$i.yml"
	echo 'Continue? [assuming yes]'
done)
3
1" 'and asked for in the order of the file (C-607)'
include_pages "$url/meet/9" 9 | taskfile
run prun -y --timeout 1s -a
is "$status" 108 'not nine of them'

# An error is that of the first file, even where a later one failed before it.
include_pages "$url/meet/2" 2 >Taskfile.yml
cat >>Taskfile.yml <<EOT2
  bad: $url/status/401/x.yml
EOT2
run prun -y -v -a
is "$status" 103 'a file that fails'
is "$(printf '%s\n' "$out" | sed -n 's/^downloading.*: //p')" \
    "$url/meet/2/1.yml
$url/meet/2/2.yml
$url/status/401/x.yml" 'fails in its turn'
printf "version: '3'\nincludes:\n  a: %s\n  b: %s\n" "$url/get/503/1.yml" \
    "$url/status/401/x.yml" | taskfile
run prun -y -a
like "$err" '*/get/503/1.yml" failed with status code 503*' \
    'the first is the one that is told'

# One that is not trusted ends it; what was on its way is not kept.
include_pages "$url" 3 | taskfile
rm -rf .task
run prun -a
is "$status $err" "104 task: Taskfile \"$url/1.yml\" not trusted by user" \
    'without a yes'
[ ! -e .task ]
ok $? 'nothing is kept, of none'
# one that never answers does not hold back the error of the first
printf "version: '3'\nincludes:\n  a: %s\n  b: %s\n" "$url/status/401/x.yml" \
    "$url/hang/x.yml" | taskfile
run prun -y --timeout 50s -a
is "$status" 103 'nor is a later one waited for'

# What is fresh in the cache is not asked for.
include_pages "$url" 3 | taskfile
run prun -y -a
requests >/dev/null
run prun -y --expiry 1h -a
is "$status $(requests)" '0 ' 'copies that are fresh need no server'
run prun -y --offline -a
is "$status $(requests)" '0 ' 'nor is there one offline'

# repositories
echo_page a.yml a
git_repo "$work/src"
(
	cd "$work/src" && cp "$www/a.yml" . && git add . &&
	    git commit -qm one && git clone -q --bare . "$www/a.git" &&
	    git clone -q --bare . "$www/b.git"
) || bail_out 'no repository'
taskfile <<EOT2
version: '3'
includes:
  a: $url/meet/2/git/a.git//a.yml
  b: $url/meet/2/git/b.git//a.yml
EOT2
run prun -y a:default b:default
is "$status" 0 'two repositories are cloned at the same time'
is "$(find "$XDG_CACHE_HOME" ! -type d)" '' 'no clone is left'
taskfile <<EOT2
version: '3'
includes:
  a: $url/git/a.git//a.yml
  b: $url/git/none.git//a.yml
EOT2
run prun -y a:default
is "$status" 1 'one that is not there'
like "$err" 'failed to clone repository: git exited with 128: *' 'is told'

# A git that needs to ask: on a terminal it may when its turn comes.
mkdir "$work/bin"
cat >"$work/bin/git" <<'EOT2'
#!/bin/sh
[ "$GIT_TERMINAL_PROMPT" != 0 ] || { echo 'nobody to ask' >&2; exit 128; }
PATH=${PATH#*:} exec git "$@"
EOT2
chmod +x "$work/bin/git"
sed -i.bak 's/none.git/b.git/' Taskfile.yml
away='import subprocess, sys
sys.exit(subprocess.run(sys.argv[1:], start_new_session=True).returncode)'
run env PATH="$work/bin:$PATH" python3 -c "$away" "$PRUN" -y b:default
is "$status" 1 'git that must ask has nobody without a terminal'
like "$err" 'failed to clone repository: *nobody to ask' 'which is told'
: >"$work/dialogue"
run env PATH="$work/bin:$PATH" python3 "$abs_srcdir/tests/cli/terminal.py" \
    "$work/dialogue" "$PRUN" -y -s b:default
is "$status" 0 'on a terminal it is asked again'

done_testing
