#!/bin/sh
# merge.sh PART…: pi from all of them, also in build/pi.
set -eu
awk '{ n += $1; of += $2 } END { printf "%.4f\n", 4 * n / of }' "$@" >build/pi
echo "pi is about $(cat build/pi), from $# parts"
