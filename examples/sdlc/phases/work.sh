# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Read by the scripts of the phases.
set -eu
mkdir -p out

# takes SECONDS: stands for the time that the real work takes, which is mostly
# waiting for somebody else.
takes()
{
	sleep "${PHASE_SECONDS:-$1}"
}
