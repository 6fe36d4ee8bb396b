#!/bin/sh
# usage: same_lines.sh EXPECTED COMMAND...
# Runs the command, which must end with 0 and print exactly the lines of the file EXPECTED: the board
# trains the weights that the PC trains.
expected=$1
shift
printed=$(mktemp) || exit 1
trap 'rm -f "$printed"' EXIT
# qemu prints what the board says to stderr.
"$@" >"$printed" 2>&1 || { code=$?; cat "$printed"; echo "FAIL: exit code $code"; exit 1; }
diff "$expected" "$printed" && cat "$printed"
