#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens a page, waits until it is there, and takes a picture of it (PPM).
#
#   browser.sh VERSION TEST CHECKPOINT SECONDS
#
# A page is a list of boxes, "x y width height colour", below the name of each
# state in which it can be.
set -eu

page=site/$1/$2.page
picture=build/$1/$2-$3.ppm
# the network, the fonts, the end of all animations
sleep "$4"
awk -v state="[$3]" '
function part(colour, i)
{
	return 16 * (index(digits, substr(colour, i, 1)) - 1) \
	    + index(digits, substr(colour, i + 1, 1)) - 1
}
BEGIN {
	digits = "0123456789abcdef"
	width = 160
	height = 100
	for (i = 0; i < width * height; i++)
		pixel[i] = "255 255 255"
}
/^\[/ { inside = $0 == state }
inside && NF == 5 {
	colour = part($5, 1) " " part($5, 3) " " part($5, 5)
	for (y = $2; y < $2 + $4; y++)
		for (x = $1; x < $1 + $3; x++)
			pixel[y * width + x] = colour
}
END {
	print "P3\n" width, height "\n255"
	for (i = 0; i < width * height; i++)
		print pixel[i]
}' "$page" >"$picture.new"
mv "$picture.new" "$picture"
echo "$2: $3, $1"
