#!/bin/sh
# SPDX-License-Identifier: MIT
# year.sh [YEAR]: a year (this one, if not told) as on a monument.
roman=${ROMAN:-../lib/build/roman}
year=${1:-$(date +%Y)}
digits=$("$roman" "$year") || exit
echo "ANNO $digits"
