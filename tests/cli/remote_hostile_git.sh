#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-600, C-601, C-608, C-616, C-640, M-97: repositories and their servers that
# lead elsewhere, ask for what is not theirs, or send too much.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
make_keys || skip_all 'openssl makes no certificates'
serve
plain=$port
serve
other=$port
serve --cert "$keys/server.pem" --key "$keys/server.key" --both
both=$port
at=http://127.0.0.1
TASK_ASSUME_YES=1 TASK_REMOTE_INSECURE=1 GIT_SSL_CAINFO=$keys/ca.pem
export TASK_ASSUME_YES TASK_REMOTE_INSECURE GIT_SSL_CAINFO

# publish NAME: the repository $work/NAME, as NAME.git of the servers
publish()
{
	git -C "$work/$1" add -A && git -C "$work/$1" commit -qm one &&
	    git clone -q --bare "$work/$1" "$www/$1.git"
}
git_repo "$work/r"
echo_page one.yml one
cp "$www/one.yml" "$work/r/Taskfile.yml"
publish r || bail_out 'no repository'

# ---- redirects ----

far=$at:$plain/away/$other/git/r.git
run env TASK_ASSUME_YES=0 LANGUAGE=de "$PRUN" \
    --trusted-hosts "127.0.0.1:$plain" -t "$far" default
is "$status $err" "104 task: Taskfile \"$far\" not trusted by user: it comes \
from \"127.0.0.1:$other\"" 'a trusted host vouches for no other (C-608)'
run env TASK_ASSUME_YES=0 "$PRUN" -t "$far" default \
    --trusted-hosts "127.0.0.1:$plain,127.0.0.1:$other"
is "$status $out" '0 one' 'both are trusted'
rm -rf .task
run env TASK_ASSUME_YES=0 "$PRUN" --trusted-hosts "127.0.0.1:$plain" \
    -t "$at:$plain/to/git/r.git" default
is "$status $out" '0 one' 'a redirect on one host needs no second trust'

down=https://127.0.0.1:$both/down/$plain/git/r.git
for list in '' http:https:ssh:git; do
	: >"$log"
	run env TASK_REMOTE_INSECURE=0 ${list:+GIT_ALLOW_PROTOCOL=$list} \
	    "$PRUN" -t "$down" default
	is "$status" 1 "no redirect leads from https to http${list:+, $list}"
	is "$(grep -c ' /git/' "$log")" 0 'where nothing is asked for (C-601)'
done
run prun -s -t "$down" default
is "$status" 0 'but for --insecure'

# ---- passwords ----

# as another host, which says that it wants one
: >"$log"
run prun -t "$at:$plain/as/eve/$other/lock/r.git" default
like "$(cat "$log")" '* /lock/r.git/info/refs*' 'the other host is asked'
: >"$log"
run prun -t "http://u:geheim@127.0.0.1:$plain/as/eve/$other/lock/r.git" default
isnt "$status" 0 'a redirect has not the password'
is "$(grep -c ' /lock/.* Basic_' "$log")" 0 'which stays at its host (C-640)'
git_repo "$work/sub"
cp "$www/one.yml" "$work/sub/Taskfile.yml"
git -C "$work/sub" submodule --quiet add "$at:$other/git/r.git" s ||
    bail_out 'no submodule'
sed "s,//127,//eve@127,; s,/git/,/lock/," "$work/sub/.gitmodules" \
    >"$work/modules" && cp "$work/modules" "$work/sub/.gitmodules"
publish sub || bail_out 'no repository'
: >"$log"
run prun -t "http://u:geheim@127.0.0.1:$plain/git/sub.git" default
isnt "$status" 0 'neither has a submodule'
like "$(cat "$log")" '* /lock/r.git/info/refs*' 'which was asked for'
is "$(grep ' /lock/' "$log" | sed 's/.* //' | sort -u | tr '\n' ' ')" \
    '- Basic_ZXZlOg== ' 'with what stands in its own address'
run prun -s -t "http://u:geheim@127.0.0.1:$plain/lock/r.git" default
is "$status" 0 'its own host has it'
cat >"$work/gitconfig" <<EOT
[credential]
	helper = "!f() { echo asked \$1 >>$work/helper; }; f"
EOT
run env GIT_CONFIG_GLOBAL="$work/gitconfig" "$PRUN" -s \
    -t "http://u:geheim@127.0.0.1:$plain/lock/r.git" default
is "$status" 0 'with a helper of the user'
[ ! -e "$work/helper" ]
ok $? 'which is not told the password of an address'
for user in u:a%0ab a%0d:b; do
	run prun -t "http://$user@127.0.0.1:$plain/lock/r.git"
	is "$status" 1 'a line break is in no password'
	like "$err" 'failed to clone repository: control character in *' \
	    'which is said'
done

# A token is a user alone; it is no argument either.
listening_git
run env PATH="$work/bin:$PATH" GIT_TERMINAL_PROMPT=0 "$PRUN" \
    -t "http://geheim@127.0.0.1:$plain/lock/r.git" default
like "$(cat "$work/args")" "* http://127.0.0.1:$plain/lock/r.git *" \
    'git is told the address'
unlike "$(cat "$work/args")$err$out" geheim 'without the token (C-640)'

# ---- what is cloned ----

git_repo "$work/private"
echo_page private.yml private
cp "$www/private.yml" "$work/private/Taskfile.yml"
git -C "$work/private" add . && git -C "$work/private" commit -qm one
git_repo "$work/local"
cp "$www/one.yml" "$work/local/Taskfile.yml"
git -C "$work/local" -c protocol.file.allow=always submodule --quiet \
    add "file://$work/private" s || bail_out 'no submodule'
publish local || bail_out 'no repository'
cat >"$work/gitconfig" <<'EOT'
[protocol "file"]
	allow = always
EOT
run env GIT_CONFIG_GLOBAL="$work/gitconfig" "$PRUN" -s \
    -t "$at:$plain/git/local.git//s/Taskfile.yml" default
is "$status" 1 'no submodule is a repository of this machine (C-640)'
unlike "$out" private 'nor is it run'

git_repo "$work/big"
head -c 68000000 /dev/zero | tr '\0' '#' >"$work/big/Taskfile.yml"
publish big || bail_out 'no repository'
it=$at:$plain/git/big.git
run prun -t "$it"
is "$status $err" \
    "103 task: Download of \"$it\" failed: the file is too large" \
    'a file may be as large as one of a web server (C-611)'

# One port, two kinds of connection: what came over one is not the other's.
: >"$log"
taskfile <<EOT
version: '3'
includes:
  a: $at:$both/git/r.git
  b: https://127.0.0.1:$both/git/r.git//Taskfile.yml
EOT
run prun -s a:default b:default
is "$status $(grep -c '/info/refs' "$log")" '0 2' \
    'http and https are two clones (C-601)'

# ---- branches ----

git_repo "$work/refs"
echo "version: '3'
includes: {x: ./d%20/x.yml}" | taskfile "$work/refs/Taskfile.yml"
mkdir "$work/refs/d "
(
	cd "$work/refs" && echo_page x.yml main && cp "$www/x.yml" 'd /' &&
	    git add . && git commit -qm one && echo_page x.yml branch &&
	    cp "$www/x.yml" 'd /' &&
	    for name in 'fix#1' 'a&b' 'p%41' 'a+b'; do
		    git checkout -q -b "$name" main &&
			    cp "$www/x.yml" 'd /' && git commit -qam "$name"
	    done &&
	    for name in fix a pA b; do git branch "$name" main; done &&
	    git checkout -q main && git clone -q --bare . "$www/refs.git"
) || bail_out 'no branches'
for ref in 'fix%231' 'a%26b' 'p%2541' 'a%2Bb'; do
	run prun -s -t "$at:$plain/git/refs.git?ref=$ref" x:default
	is "$status $(printf '%s\n' "$out" | tail -n 1)" '0 branch' \
	    "an include of $ref is of the same branch (C-616)"
done
run prun -s -t "$at:$plain/git/r.git#note" default
is "$status" 0 'a fragment is no part of the repository (C-600)'
for address in git:// ssh:///r.git; do
	run prun -t "$address"
	is "$status $err" "1 failed to clone repository: no host in \
\"${address%//}\"" "$address has no host"
done

# ---- words ----

run prun -t "$at:$plain/say/%1b]0;t%07%1b[31mred%c2%9b1m%0d!/r.git"
is "$status" 1 'a server that says something else'
like "$err" '*remote: ]0;t[31mred1m!*' 'its words are shown (M-97)'
is "$(printf '%s' "$err" | LC_ALL=C tr -d '\n\t -~' | wc -c | tr -d ' ')" 0 \
    'without what a terminal would obey'

done_testing
