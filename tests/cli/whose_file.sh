#!/bin/sh
# SPDX-License-Identifier: MIT
# What another user could put in the way: files that say what prun does, and
# links and files in the place of those that it writes (P-901, P-903).

. "${abs_srcdir:-.}/tests/cli/lib.sh"

taskfile <<-'EOF'
version: '3'
tasks:
  a: {mutex: db, cmds: [echo ran]}
  b: {sources: [Taskfile.yml], cmds: ['find .task -name "*.run" >marks', exit 3]}
EOF
printf '[state]\ndir = %s/state\n' "$work" >prun.ini
git_repo

# ---- links where prun writes: what they name stays as it is ----

run prun -s a
is "$status" 0 'a run makes its locks'
state=$(echo "$work"/state/*)
lock=$(echo "$state"/locks/*)
echo precious >"$work/victim"
rm "$lock"
ln -s "$work/victim" "$lock"
run prun -s a
is "$status $out" '0 ran' 'a link in the place of a lock does not stop the run'
is_file "$work/victim" precious 'and what it names is not written over'
like "$err" 'mutex' 'the run says that the mutex kept nobody out'
rm "$lock"
ln "$work/victim" "$lock"
run prun -s a
is_file "$work/victim" precious 'nor is a file with a second name there'
rm "$lock"
ln -s "$work/new" "$lock"
run prun -s a
[ ! -e "$work/new" ]
ok $? 'nothing is made behind a dangling link'
rm "$lock"
mkfifo "$lock"
run timeout 20 "$PRUN" -s a
is "$status $out" '0 ran' 'nobody waits at a pipe'
rm "$lock"
run prun -s a
is "$status $err" '0 ' 'where all is well nothing is said'

run prun -s b
mark=$(cat marks)
[ -n "$mark" ] && [ ! -e "$mark" ]
ok $? 'D-1 work under way has a mark'
ln -s "$work/victim" "$mark"
run prun -s b
is_file "$work/victim" precious 'what a link in its place names stays'
is "$status $(cat marks) $(ls -A "$mark" 2>/dev/null)" "201 $mark " \
    'the link is gone, work under way had its mark'

# a state folder that is a link to somebody's folder is ours where both are
mkdir "$work/elsewhere"
mv "$state" "$work/elsewhere/moved"
ln -s "$work/elsewhere/moved" "$state"
run prun -s a
is "$status $err" '0 ' 'a link of ours to a folder of ours is one'
rm "$state"

if [ "$(id -u)" != 0 ]; then
	skip 'files of others' 'only root makes them'
	done_testing
	exit
fi

# ---- another user's folder for the state ----

mkdir -p "$state/runs" "$state/locks"
chmod 777 "$state" "$state/runs" "$state/locks"
chown -R 4321:4321 "$state"
run prun -s a
is "$status $out" '0 ran' 'the run goes on without it'
like "$err" "$state" 'and names it'
is "$(find "$state" -type f)" '' 'nothing is written there'
like "$err" 'another user' 'saying why'
is "$(echo "$err" | grep -c "$state")" 1 'once'
rm -r "$state"
mkdir "$state"
mkdir "$work/theirs"
chown 4321:4321 "$work/theirs"
ln -s "$work/theirs" "$state/runs"
run prun -s a
is "$(find "$work/theirs" -type f)" '' 'nor behind a link below ours'
rm "$state/runs"
rm -f "$state"/locks/*
chown 4321:4321 "$state/locks"
run prun -s a
is "$status $(find "$state/locks" -type f)" '0 ' 'nor is a lock of a mutex'
rm -r "$state" "$work/theirs"

# ---- another user's prun.ini ----

chown 4321:4321 prun.ini
run prun -s a
is "$status $out" '0 ran' 'a prun.ini of another user: the run goes on'
like "$err" "prun: $PWD/prun.ini *another user*" 'with a warning that names it'
is "$(echo "$err" | grep -c prun.ini)" 1 'once'
[ ! -e "$work/state" ] || [ -z "$(ls "$work/state")" ]
ok $? 'and without what it says'
SUDO_UID=4321 run prun -s a
is "$err" '' 'it is read where sudo was called by that user'
git config --global --add safe.directory "$PWD"
run prun -s a
is "$err" '' 'and where safe.directory names its folder'
git config --global --add safe.directory ''
run prun -s a
like "$err" 'prun.ini' 'an empty one takes back those before it'
git config --global --add safe.directory "$work/*"
run prun -s a
is "$err" '' 'one with a star counts for what is below'
rm "$HOME/.gitconfig"
mv prun.ini other.ini
chown root:root other.ini
ln -s other.ini prun.ini
run prun -s a
is "$err" '' 'a link of ours to a file of ours is read'
chown -h 4321:4321 prun.ini
run prun -s a
like "$err" 'prun.ini' 'a link of theirs to a file of ours is not'
rm prun.ini
chown 4321:4321 other.ini
ln -s other.ini prun.ini
run prun -s a
like "$err" 'prun.ini' 'nor a link of ours to a file of theirs'
rm prun.ini other.ini

# ---- another user's .git in a folder above ----

mkdir -p "$work/shared/inner"
cp Taskfile.yml "$work/shared/inner"
cd "$work/shared" || exit 99
git_repo
printf '[state]\ndir = %s/captured\n' "$work" >prun.ini
chown -R 4321:4321 .git prun.ini
cd inner || exit 99
run prun -s a
is "$status $out" '0 ran' 'a .git of another user above: the run goes on'
like "$err" "$work/shared/.git *another user*" 'with a warning that names it'
[ ! -e "$work/captured" ]
ok $? 'the prun.ini beside it is not read'
printf '[output]\nmode = nonsense\n' >../prun.ini
run prun -s a
is "$status" 0 'not even for its mistakes'
git config --global --add safe.directory "$work/shared"
run prun -s a
isnt "$status" 0 'safe.directory makes it a repository'
rm "$HOME/.gitconfig" ../prun.ini
chown 4321:4321 "$work/shared"
chown -R root:root ../.git
run prun -s a
like "$err" "another user" 'as does a folder of theirs around a .git of ours'
chown root:root "$work/shared"
echo "gitdir: $work/shared/.git" >.git
chown 4321:4321 .git
run prun -s a
like "$err" "$PWD/.git *another user*" 'and a .git that is a file of theirs'
rm .git

# ---- another user's .taskrc.yml ----

printf 'silent: false\nverbose: true\n' >.taskrc.yml
run prun a
like "$err" 'task: \[a\]*' 'ours is read'
chown 4321:4321 .taskrc.yml
cat >.taskrc.yml <<'EOF'
concurrency: [broken
EOF
run prun -s a
is "$status $out" '0 ran' 'a .taskrc.yml of another user is not read'
like "$err" "prun: $PWD/.taskrc.yml *another user*" 'and named'
is "$(echo "$err" | grep -c taskrc)" 1 'once'
mv .taskrc.yml ..
run prun -s a
like "$err" "$work/shared/.taskrc.yml" 'nor one further up'
git config --global --add safe.directory "$work/shared"
run prun -s a
isnt "$status" 0 'safe.directory holds for it as well'
rm "$HOME/.gitconfig" ../.taskrc.yml
printf 'verbose: true\n' >"$HOME/.taskrc.yml"
chown 4321:4321 "$HOME/.taskrc.yml"
run prun -s a
is "$status" 0 'what the home folder has is the user'"'"'s word'
unlike "$err" 'another user' 'whoever it belongs to'

done_testing
