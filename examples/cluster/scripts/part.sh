#!/bin/sh
# part.sh SEED POINTS: how many points of a square are in its circle.
set -eu
echo "part $1 on ${SLURMD_NODENAME:-this machine}" >&2
awk -v seed="$1" -v points="$2" 'BEGIN {
	srand(seed)
	for (i = 0; i < points; i++) {
		x = rand()
		y = rand()
		in_circle += x * x + y * y <= 1
	}
	print in_circle, points
}'
