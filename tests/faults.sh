#!/bin/sh
# Would the tests notice? Builds a copy of the library once per deliberate fault of tests/faults and
# names the first test case that fails. Every fault has to be caught.
#   sh tests/faults.sh [NAME]...        e.g. 03-conv-border
# A fault is a sed script whose first line is "# FILE: what is wrong".
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
for tool in cmake make c++; do
  command -v $tool >/dev/null 2>&1 || { echo "needs $tool"; exit 77; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/hone-faults.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Most of a fault's time is one file to compile and one program to run: each core takes its own
# faults, in a copy of its own.
workers=$(nproc 2>/dev/null || echo 1)
[ "$workers" -le 8 ] || workers=8

build() { cmake --build "$copy/build" --target fault_tests >"$copy/log" 2>&1; }
# Without the golden hashes, which notice everything and explain nothing, and the stack measurement,
# which belongs to the real build. A fault may also make a test crash or hang.
run_tests() {
  limit=
  command -v timeout >/dev/null 2>&1 && limit="timeout 120"
  $limit "$copy/build/fault_tests" --abort-after=1 --test-case-exclude='golden*,stack*' >"$copy/log" 2>&1
}

prepare() {
  mkdir -p "$copy/examples"
  cp -R CMakeLists.txt core ports tests "$copy/" && cp -R examples/models "$copy/examples/" || return 1
  if ! cmake -S "$copy/tests/faults" -B "$copy/build" >"$copy/log" 2>&1 || ! build; then
    tail -n 30 "$copy/log"
    echo "FAIL    the copy without a fault does not build"
    return 1
  fi
  if ! run_tests; then
    tail -n 30 "$copy/log"
    echo "FAIL    the tests fail without a fault"
    return 1
  fi
}

try_fault() {
  name=$1
  fault=tests/faults/$name.sed
  file=$(sed -n '1s/^# \([^:]*\):.*/\1/p' "$fault")
  what=$(sed -n '1s/^# [^:]*: //p' "$fault")
  if ! sed -f "$fault" "$file" >"$copy/$file"; then
    echo "FAIL    $name: $file cannot be changed"
  elif cmp -s "$file" "$copy/$file"; then
    echo "FAIL    $name: changes nothing in $file"
  elif ! build; then
    grep -m 5 'error' "$copy/log"
    echo "FAIL    $name: does not compile, so it proves nothing"
  elif run_tests; then
    echo "MISSED  $name: $what"
  else
    test=$(awk '/^TEST CASE:/ { name = $0 } /ERROR/ { print name; exit }' "$copy/log" |
      sed 's/^TEST CASE: *//')
    echo "caught  $name ($what) by \"$test\""
  fi
  cp "$file" "$copy/$file"
}

# Every `workers`-th fault from the `first` on.
try_faults() {
  first=$1
  shift
  copy=$work/$first
  prepare || return
  i=0
  for name; do
    [ $((i % workers)) != "$first" ] || try_fault "$name"
    i=$((i + 1))
  done
}

[ $# -gt 0 ] || set -- $(cd tests/faults && ls ./*.sed | sed 's|^\./||; s|\.sed$||')
for name; do
  [ -f "tests/faults/$name.sed" ] || { echo "FAIL: no tests/faults/$name.sed"; exit 1; }
done
[ "$workers" -le $# ] || workers=$#
first=0
while [ "$first" -lt "$workers" ]; do
  try_faults "$first" "$@" >"$work/report.$first" &
  first=$((first + 1))
done
wait

cat "$work"/report.*
caught=$(cat "$work"/report.* | grep -c '^caught ')
echo "$caught of $# faults caught"
[ "$caught" = $# ]
