#!/bin/sh
# SPDX-License-Identifier: MIT
# commit.sh MESSAGE PATH…: how a phase commits that was written before there
# was `commit: true`.  Within a run that ends with a commit of its own, prun
# sets PRUN_NO_COMMIT, and this does nothing.
set -eu
if [ "${PRUN_NO_COMMIT:-}" = 1 ]; then
	exit 0
fi
message=$1
shift
git add -- "$@"
git diff --cached --quiet -- "$@" || git commit -q -m "$message" -- "$@"
