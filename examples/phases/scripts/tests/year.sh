#!/bin/sh
# SPDX-License-Identifier: MIT
[ "$(sh year.sh 2024)" = 'ANNO MMXXIV' ] || exit
if sh year.sh never 2>/dev/null; then
	exit 1
fi
[ "$(sh year.sh | cut -c1-7)" = 'ANNO MM' ]
