#!/bin/sh
# SPDX-License-Identifier: MIT
# An empty build/, and tests whose checkpoints are there in both versions.
set -eu

rm -rf build
mkdir -p build/base build/current build/difference build/results
for file in tests/*.txt; do
	test=$(basename "$file" .txt)
	sed -n 's/^\([a-z][a-z]*\).*/\1/p' "$file" | while read -r state; do
		for version in base current; do
			grep -qx "\[$state\]" "site/$version/$test.page" || {
				echo "$version: $test has no [$state]" >&2
				exit 1
			}
		done
	done
done
