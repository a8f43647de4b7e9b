#!/bin/sh
# SPDX-License-Identifier: MIT
# Each fuzz target for a minute, or for $FUZZ_SECONDS, from the corpus on.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

seconds=${FUZZ_SECONDS:-60}
command -v clang >/dev/null || skip_all 'there is no clang'
make -C "${abs_builddir:?}" fuzz >"$work/make" 2>&1 || {
	sed 's/^/# /' "$work/make"
	bail_out 'the fuzz targets cannot be built'
}
for target in action_result address dotenv glob journal manifest memo \
    number posix regex settings snippet taskfile template yaml; do
	mkdir "$target"
	run timeout $((seconds + 60)) \
	    "$abs_builddir/tests/fuzz/${target}_fuzz" -timeout=10 \
	    -max_total_time="$seconds" -rss_limit_mb=2048 -max_len=4096 \
	    -artifact_prefix="$work/$target-" \
	    "$target" "$abs_srcdir/tests/fuzz/corpus/$target"
	is "$status" 0 "$target: nothing found in $seconds s"
	if [ "$status" -ne 0 ]; then
		note "$(tail -n 30 "$work/err")"
		note "$(od -c "$work/$target"-* | head -n 40)"
	else
		note "$(grep '^Done' "$work/err")"
	fi
done
done_testing
