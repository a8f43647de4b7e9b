#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares both pictures of a checkpoint: compare.sh TEST CHECKPOINT
#
# Leaves a picture of the difference and a result, whatever it is.  A test says
# how many pixels may differ, and which part does not count.
set -eu

awk -v test="$1" -v state="$2" '
FILENAME ~ /^tests/ {
	if ($1 == state)
		for (i = 2; i < NF; i++)
			if ($i == "pixels")
				most = $(i + 1)
			else if ($i == "ignore") {
				left = $(i + 1)
				top = $(i + 2)
				right = left + $(i + 3)
				bottom = top + $(i + 4)
			}
	next
}
FNR == 2 { width = $1; height = $2 }
FNR <= 3 { next }
FILENAME ~ /base/ { base[FNR] = $0; next }
{
	x = (FNR - 4) % width
	y = int((FNR - 4) / width)
	ignored = x >= left && x < right && y >= top && y < bottom
	if (base[FNR] == $0 || ignored)
		shown[FNR - 4] = 200 + int($1 / 5) " " 200 + int($2 / 5) " " \
		    200 + int($3 / 5)
	else {
		shown[FNR - 4] = "208 32 32"
		pixels++
	}
}
END {
	name = test "-" state
	verdict = pixels + 0 <= most + 0 ? "passed" : "failed"
	print "P3\n" width, height "\n255" >"build/difference/" name ".ppm"
	for (i = 0; i < width * height; i++)
		print shown[i] >"build/difference/" name ".ppm"
	printf("{\"test\": \"%s\", \"checkpoint\": \"%s\", \"pixels\": %d, " \
	    "\"most\": %d, \"verdict\": \"%s\"}\n", test, state, pixels, most,
	    verdict) >"build/results/" name ".json"
	printf("%s: %s: %s, %d pixels differ\n", test, state, verdict, pixels)
}' "tests/$1.txt" "build/base/$1-$2.ppm" "build/current/$1-$2.ppm"
