#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a test script with the usual signals at their defaults, which a caller
# in the background may have set aside, and with a bound on its time: one that
# hangs fails.
if env --default-signal=HUP,INT,QUIT,TERM true 2>/dev/null; then
	set -- env --default-signal=HUP,INT,QUIT,TERM "$@"
fi
if timeout -k 5 5 true 2>/dev/null; then
	set -- timeout -k 10 "${TEST_SECONDS:-400}" "$@"
fi
exec "$@"
