#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # lib.sh; text for eval
# What takes the dashboard longer (P-1206): every place of it by axe-core, in
# dark and light, wide and narrow; 2,000 calls with everything in their names;
# 100,000 lines; a log that grows by 1 MB a second.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

tests=$abs_srcdir/tests/serve
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
command -v python3 >/dev/null || skip_all 'no python3'
python3 "$tests/dashboard.py" browser >/dev/null || skip_all 'no chromium'

# axe-core is fetched for the test alone.  From a folder where it is already:
# TEST_AXE=FILE.
axe=${TEST_AXE-}
if [ -z "$axe" ] && command -v npm >/dev/null; then
	mkdir "$work/npm"
	(cd "$work/npm" && npm install --silent --no-audit --no-fund \
	    axe-core@4) >"$work/npm.log" 2>&1 &&
	    axe=$work/npm/node_modules/axe-core/axe.min.js
fi

mkdir "$work/shop" && cd "$work/shop" || exit 99
git_repo
cp "$tests/shop.yml" Taskfile.yml
cat >>Taskfile.yml <<'EOT'
  noisy:
    desc: Prints 100,000 lines
    cmds:
      - |
        awk 'BEGIN { for (i = 1; i <= 100000; i++)
          print "GET /api/v1/items/" i " 200 in 13 ms trace=4bf92f3577b34da6" }'
        echo 'src/main.c:10: error: boom'; exit 3
  flood:
    desc: Prints 1 MB a second
    cmds:
      - |
        line=$(printf '%99s' '' | tr ' ' x)
        i=0
        while [ ! -e go ] && [ $i -lt 300 ]; do
          i=$((i + 1))
          yes "$line" | head -n 1000; sleep 0.1
        done
EOT
mkdir -p docs/plans && echo '# plan' >docs/plans/e2e-test-03.md
git add . && git commit -qm first
prun qa >/dev/null 2>&1
prun noisy >/dev/null 2>&1
runs=$(echo "$XDG_STATE_HOME"/prun/*/runs)
python3 "$abs_srcdir/tests/cli/report_big.py" run \
    "$runs/20260101-000000-000001" 2000
mkdir "$work/browser"

server=
at_exit='[ -z "$server" ] || kill "$server" 2>/dev/null'
mkfifo "$work/address"
python3 "$tests/double.py" "$abs_srcdir/src/serve/page" "$PRUN" \
    "$work/shop" >"$work/address" 2>"$work/server.log" &
server=$!
read -r address <"$work/address"
python3 "$tests/dashboard_long.py" "$address" "$work/browser" "$axe" \
    2>"$work/py.log" | tee "$work/tap"
tests_run=$(grep -c '^\(not \)\{0,1\}ok ' "$work/tap")
is "$(cat "$work/py.log")" '' 'looked at to the end'
[ -n "$axe" ] || skip 'axe-core finds nothing' 'no npm, or it was not had'

done_testing
