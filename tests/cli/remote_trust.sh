#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-601, C-607, C-609, C-640, M-21, M-51, M-52: what is asked on a terminal, and
# what a hostile server or repository, or an end at a bad time, must not do.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
serve
TASK_REMOTE_INSECURE=1
export TASK_REMOTE_INSECURE

# on_terminal ADDRESS <DIALOGUE
on_terminal()
{
	cat >"$work/dialogue"
	run python3 "$abs_srcdir/tests/cli/terminal.py" "$work/dialogue" \
	    "$PRUN" -s -t "$1" default
}

# ---- the question, on a terminal ----

echo_page one.yml one
it=$url/one.yml
on_terminal "$it" <<EOT2
< depends on the remote Taskfile at "$it".
< Continue? [y/N]: 
> n\r
EOT2
is "$status" 104 'a no is a no (M-21)'
like "$out" "*Taskfile \"$it\" not trusted by user*" 'which is said'
[ ! -e .task ]
ok $? 'and nothing is kept'
on_terminal "$it" <<EOT2
< [y/N]: 
> \r
EOT2
is "$status" 104 'so is an empty answer'
on_terminal "$it" <<EOT2
< [y/N]: 
> y\r
< one
EOT2
is "$status" 0 'a yes runs it (M-51)'
on_terminal "$it" <<EOT2
< one
- Continue?
EOT2
is "$status" 0 'and is remembered (C-607)'
echo_page one.yml two
on_terminal "$it" <<EOT2
< The Taskfile at "$it" has changed since you last used it!
< [y/N]: 
> n\r
EOT2
is "$status" 104 'what has changed is asked for again (M-52)'
run prun -s --offline -t "$it" default
is "$status $out" '0 one' 'a no leaves the copy that was trusted'

# ---- servers ----

TASK_ASSUME_YES=1
export TASK_ASSUME_YES
run prun -v -t "$url/endless/one.yml"
is "$status" 103 'an endless file is given up (C-611)'
like "$out" 'failed to fetch remote file: the file is too large' 'with -v why'
page html.yml <<'EOT2'
<html>no: [
EOT2
run prun -t "$url/html.yml"
is "$status" 109 'what is no YAML is the error of any Taskfile'
like "$err" "task: Failed to parse $url/html.yml:*" 'with its address'

# names and paths that want to lead elsewhere stay what they are
page names.yml <<'EOT2'
version: '3'
includes:
  '../../up': {taskfile: plain.yml, dir: ../../../up}
tasks:
  '../../../evil': {cmds: [echo ran], sources: [x], generates: [x]}
EOT2
echo_page plain.yml plain
: >x
run prun -s -t "$url/names.yml" '../../../evil'
is "$status" 0 'a task whose name is a path'
is "$(find "$work" -name '*evil*' ! -path '*/logs/*' ! -path '*/.task/*')" '' \
    'is a name in logs and fingerprints'
page local.yml <<'EOT2'
version: '3'
includes: {l: /etc/Taskfile.yml}
EOT2
run prun -s -t "$url/local.yml"
is "$err" "task: No Taskfile found at \"$url/etc/Taskfile.yml\"" \
    'a path in a remote file is one on its server (C-616)'

# ---- passwords ----

page basic/fails.yml <<'EOT2'
version: '3'
tasks: {default: exit 1}
EOT2
cp "$www/basic/fails.yml" "$www/"
secret=http://u:geheim@127.0.0.1:$port/basic/fails.yml
run prun -v -t "$secret" "X=http://v:geheim@h/" default
is "$status" 201 'a task of an address with a password fails'
unlike "$out$err" geheim 'the password is not shown, nor in the words to rerun it'
run prun --failed
unlike "$out$err" geheim 'nor later'
is "$(grep -rl geheim "$HOME" . | grep -v '/logs/')" '' 'nor is it kept (C-601)'

page token.yml <<'EOT2'
version: '3'
tasks:
  default: {deps: [fails], label: '{{.TASKFILE}}'}
  fails: exit 1
EOT2
for address in "http://geheim@127.0.0.1:$port/token.yml" \
    "$url/token.yml?access_token=geheim&x=y"; do
	run prun -t "$address" default "ALSO=$address" </dev/null
	like "$err" "prun: run again what failed:*xxxxx" \
	    'a token is not in the words that run it again'
	is "$(grep -rl geheim "$HOME" . | grep -v '/logs/')" '' \
	    'nor is it kept (C-601)'
done

# ---- an end at a bad time ----

# ended SIGNAL ADDRESS REQUEST: prun gets it once the server was asked
ended()
{
	: >"$log"
	"$PRUN" --timeout 50s -t "$2" >"$work/out" 2>&1 </dev/null &
	pid=$!
	wait_for grep -q "$3" "$log"
	kill -s "$1" "$pid"
	wait "$pid" 2>/dev/null
	status=$?
}
rm -rf .task
for signal in TERM HUP; do
	ended "$signal" "$url/slow/one.yml" 'GET /slow'
	isnt "$status" 0 "$signal ends prun while a file comes"
	[ ! -e .task ]
	ok $? 'nothing half is kept (C-609)'
	ended "$signal" "$url/hang/r.git//one.yml" 'GET /hang'
	isnt "$status" 0 "$signal ends prun while git clones"
	is "$(find "$XDG_CACHE_HOME" -name 'prun-git-*')" '' 'no clone is left'
done

# ---- two runs at once ----

echo_page one.yml one
mkfifo "$work/gate"
fetch_at_once()
{
	read -r _ <"$work/gate" &&
	    "$PRUN" -s -t "$url/meet/2/one.yml" default >"$work/out.$1" 2>&1
}
fetch_at_once 1 &
one=$!
fetch_at_once 2 &
two=$!
exec 7<>"$work/gate"
printf 'go\ngo\n' >&7
wait "$one"
first=$?
wait "$two"
is "$first $?" '0 0' 'two runs fetch the same file at the same time'
exec 7>&-
run prun -s --offline -t "$url/meet/2/one.yml" default
is "$status $out" '0 one' 'and both leave a whole copy'
is "$(find .task/remote -type f | sed 's/.*\.//' | LC_ALL=C sort)" 'checksum
timestamp
yaml' 'and nothing else'

# ---- repositories ----

git_repo "$work/src"
(
	cd "$work/src" || exit 1
	cp "$www/one.yml" real.yml && ln -s real.yml Taskfile.yml &&
	    ln -s "$www/plain.yml" out.yml && ln -s "$www" folder &&
	    git add . && git commit -qm one && git clone -q --bare . "$work/r.git"
) || bail_out 'no repository'
# what ssh would run over there, run here
cat >"$work/ssh" <<'EOT2'
#!/bin/sh
while [ $# -gt 1 ]; do shift; done
exec sh -c "$1"
EOT2
chmod +x "$work/ssh"
GIT_SSH=$work/ssh GIT_SSH_VARIANT=simple
export GIT_SSH GIT_SSH_VARIANT
at=git@host.example:$work/r.git
run prun -s -t "$at" default
is "$status $(printf '%s\n' "$out" | tail -n 1)" '0 one' \
    'the short form of an ssh address; a link in the repository (C-640)'
like "$out" "remote Taskfile at \"ssh://git@host.example$work/r.git\"" \
    'which is asked for in its long form'
run prun -s -t "ssh://git@host.example$work/r.git//real.yml?ref=main" default
is "$status $(printf '%s\n' "$out" | tail -n 1)" '0 one' 'the long form'
for path in out.yml folder/plain.yml; do
	run prun -s -t "$at//$path" default
	is "$status $err" "1 task: \
\"ssh://git@host.example$work/r.git//$path\" leads out of its repository" \
	    "$path: a link out of it is refused"
done

# addresses that git or ssh could take for options
for address in "--upload-pack=touch $work/owned;x.git" \
    "ssh://-oProxyCommand=touch%20$work%2Fowned/x.git" \
    "-oProxyCommand=touch@h:x.git" "git@-oProxyCommand=touch:x.git"; do
	run prun -t "$address"
	isnt "$status" 0 "refused: $address"
done
[ ! -e "$work/owned" ] && [ ! -e owned ]
ok $? 'and none ran anything'

done_testing
