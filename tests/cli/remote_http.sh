#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2119,SC2015
# C-600, C-601, C-610 to C-617, M-10, M-20, M-22, M-24: files of web servers.

. "${abs_srcdir:-.}/tests/cli/lib_remote.sh"
serve
TASK_REMOTE_INSECURE=1 TASK_ASSUME_YES=1
export TASK_REMOTE_INSECURE TASK_ASSUME_YES
echo_page one.yml one

run prun -t "$url/one.yml" default
is "$status" 0 'a root Taskfile from a web server runs'
is "$out" "$(question "$url/one.yml")
Continue? [assuming yes]
one" 'the question is shown, then the output (C-607)'
is "$(requests)" "HEAD /one.yml
GET /one.yml" 'it is looked for, then fetched (C-610)'

run env TASK_REMOTE_INSECURE=0 "$PRUN" -t "$url/one.yml"
is "$status" 105 'http needs --insecure (C-601)'
is "$err" "task: Taskfile \"$url/one.yml\" cannot be downloaded over an \
insecure connection. You can override this by using the --insecure flag" M-22
run env TASK_REMOTE_INSECURE=0 "$PRUN" --offline -t "$url/one.yml"
is "$status" 105 'even offline with a copy (C-601)'
is "$(requests)" '' 'and nothing is asked'

# default names
echo_page sub/taskfile.yaml below
run prun -t "$url/sub" default
like "$out" '*below' 'a folder has the default names (C-610)'
is "$(requests)" "HEAD /sub
HEAD /sub/Taskfile.yml
HEAD /sub/taskfile.yml
HEAD /sub/Taskfile.yaml
HEAD /sub/taskfile.yaml
GET /sub/taskfile.yaml" 'which are tried in their order'
run prun -t "$url/type/html/one.yml"
is "$status $err" "100 task: No Taskfile found at \"$url/type/html/one.yml\"" \
    'a page is no Taskfile (M-10)'
run prun -t "$url/type/plain/one.yml"
is "$status" 0 'plain text may be one'

for code in 403 404 500; do
	run prun -t "$url/status/$code/x.yml"
	is "$status $err" \
	    "100 task: No Taskfile found at \"$url/status/$code/x.yml\"" \
	    "status $code counts as not there (C-610)"
done
requests >/dev/null
run prun -t "$url/status/401/x.yml"
is "$status $err" "103 task: Download of \"$url/status/401/x.yml\" failed \
with status code 401 (Unauthorized)" '401 is said at once (C-613)'
is "$(requests)" 'HEAD /status/401/x.yml' 'no other names are tried'
run prun -t "$url/get/503/one.yml"
is "$status $err" "103 task: Download of \"$url/get/503/one.yml\" failed \
with status code 503 (Service Unavailable)" 'a file that cannot be had (M-20)'
run prun -t http://127.0.0.1:1/x.yml
is "$status $err" '103 task: Download of "http://127.0.0.1:1/x.yml" failed' \
    'a server that is not there (C-611)'

# redirects
run prun -t "$url/to/to/one.yml" default
is "$status" 0 'redirects are followed (C-612)'
like "$out" "Taskfile at \"$url/to/to/one.yml\"" 'the address stays the given'
i=0 far=
while [ $i -lt 12 ]; do
	far=$far/to i=$((i + 1))
done
run prun -t "$url$far/one.yml"
is "$status" 103 'but not for ever'

# time
run prun --timeout 300ms -t "$url/hang/x.yml"
is "$status $err" "108 task: Network connection timed out after 300ms while \
attempting to download Taskfile \"$url/hang/x.yml\"" 'a time limit (C-614)'
run prun --timeout 300ms -t "$url/slow/one.yml"
is "$status" 108 'which counts for the content as well'
taskfile <<EOT
version: '3'
includes:
  far: $url/hang/x.yml
EOT
run prun --timeout 300ms -a
is "$status $err" "108 task: Network connection timed out after 300ms while \
attempting to download Taskfile \"$work/t/Taskfile.yml\"" \
    'the root is named (C-614)'

# includes
page far/a.yml <<'EOT'
version: '3'
includes:
  b: ../near/b.yml
EOT
page near/b.yml <<'EOT'
version: '3'
tasks:
  default:
    dir: sub
    silent: true
    cmds:
    - echo 'TASKFILE={{.TASKFILE}}'
    - echo 'TASKFILE_DIR=[{{.TASKFILE_DIR}}]'
    - echo 'ROOT_DIR=[{{.ROOT_DIR}}]'
    - echo 'TASK_DIR={{.TASK_DIR}}'
EOT
run prun -t "$url/far/a.yml" b:default
is "$(printf '%s\n' "$out" | tail -n 4)" "TASKFILE=$url/near/b.yml
TASKFILE_DIR=[]
ROOT_DIR=[]
TASK_DIR=$work/t/sub" 'relative includes and special variables (C-616, C-617)'
mkdir local
taskfile local/Taskfile.yml <<EOT
version: '3'
includes:
  a:
    taskfile: '{{.WHERE}}/far/a.yml'
    dir: in
EOT
run env WHERE="$url" "$PRUN" -t local/Taskfile.yml a:b:default
is "$(printf '%s\n' "$out" | tail -n 2)" "ROOT_DIR=[$work/t/local]
TASK_DIR=$work/t/local/in/sub" \
    'an address may be a template; tasks run where they are included (C-617)'

taskfile <<EOT
version: '3'
includes:
  x:
    taskfile: $url/none.yml
    optional: true
tasks:
  default: echo local
EOT
run prun
is "$status $err" "100 task: No Taskfile found at \"$url/none.yml\"" \
    'optional does not cover what is not there (C-615)'
run env TASK_REMOTE_INSECURE=0 "$PRUN"
is "$status" 0 'it covers what may not be fetched'

# the repository is that of the working directory
mkdir repo
cd repo || bail_out 'no folder'
git_repo
page gen.yml <<'EOT'
version: '3'
tasks:
  default:
    cmds: [echo made >made.txt]
    generates: [made.txt]
EOT
echo .task >.gitignore
git add .
git commit -qm start
run prun -t "$url/gen.yml" default --commit=made
is "$status" 0 'a remote task may make a commit'
is "$(git log -1 --format=%s) $(git ls-files made.txt)" 'made made.txt' \
    'in the repository that it runs in (C-617)'
cd .. || bail_out 'no folder'

# passwords
run prun -t "http://u:geheim@127.0.0.1:$port/basic/one.yml" default
is "$status" 0 'user and password of an address are sent'
like "$(cat "$log")" 'GET /basic/one.yml - Basic_dTpnZWhlaW0=' 'to the server'
like "$out" "http://u:xxxxx@127.0.0.1:$port/basic/one.yml" \
    'and shown to nobody (C-601)'
unlike "$out$err$(find .task)" geheim 'neither are they in the cache'

run env PRUN_FETCH="$work/none" "$PRUN" -t "$url/one.yml"
is "$status $err" "103 task: Download of \"$url/one.yml\" failed: there is no \
program $work/none" 'without prun-fetch that is said'

done_testing
