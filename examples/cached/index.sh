#!/bin/sh
# SPDX-License-Identifier: MIT
# index.sh: a list of all pages by title.
set -eu
echo '<!doctype html>'
echo '<title>Waters</title>'
echo '<ul>'
for page in site/*.html; do
	[ "$page" != site/index.html ] || continue
	sed -n "s|<title>\(.*\)</title>|<li><a href=\"${page#site/}\">\1</a>|p" "$page"
done
echo '</ul>'
