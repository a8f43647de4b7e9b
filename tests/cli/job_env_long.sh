#!/bin/sh
# SPDX-License-Identifier: MIT
# P-108: PATH is the same in each run, so go's test cache, which keys on what a
# test reads of the environment, has its answer in the second one.
. "${abs_srcdir:-.}/tests/cli/lib.sh"

command -v go >/dev/null || skip_all 'go is not installed'

cat >go.mod <<'END'
module example.com/env

go 1.18
END
cat >env_test.go <<'END'
package env

import (
	"os"
	"os/exec"
	"testing"
)

func TestEnv(t *testing.T) {
	exec.LookPath("sh")
	os.Getenv("PRUN_BIN")
	os.Getenv("PRUN_LEVEL")
}
END
taskfile <<'END'
version: '3'
silent: true
tasks:
  test: go test ./...
  outer: '"$PRUN_TO_START" test'
END
GOFLAGS=-mod=mod GOTOOLCHAIN=local GOPROXY=off
export GOFLAGS GOTOOLCHAIN GOPROXY

run prun test
is "$status" 0 'the tests pass'
unlike "$out" '(cached)' 'and are run'
run prun -C 3 test
like "$out" '(cached)' 'P-108 the next run has them from the cache'
run env PRUN_TO_START="$PRUN" "$PRUN" outer
unlike "$out" '(cached)' 'what a test reads of the depth of the run differs there'
run env PRUN_TO_START="$PRUN" "$PRUN" outer
like "$out" '(cached)' 'P-108 and in a run inside of another'
chmod -R u+w "$HOME"
done_testing
