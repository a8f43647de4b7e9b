#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: greet [NAME]
case ${1-} in
--help) echo 'usage: greet [NAME]' ;;
'') echo 'Hello, world!' ;;
*) echo "Hello, $1!" ;;
esac
