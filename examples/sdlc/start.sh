#!/bin/sh
# SPDX-License-Identifier: MIT
# start.sh [DIR]: a copy of this example in a git repository of its own, with a
# bare repository beside it to push to.  DIR must not be there yet.
set -eu
from=$(cd "$(dirname "$0")" && pwd)
to=${1:-sdlc-example}

mkdir "$to"
cp -R "$from/." "$to"
chmod -R u+w "$to"
rm -rf "$to/out" "$to/.task"
git init -q --bare "$to.git"
cd "$to"
git init -q
git symbolic-ref HEAD refs/heads/main
git add .
git commit -q -m 'Want a greeting'
git remote add origin "$(cd "../${to##*/}.git" && pwd)"
git push -q -u origin main
echo "try:  cd $to && prun sdlc-parallel"
