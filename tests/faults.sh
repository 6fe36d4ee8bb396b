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

copy=$(mktemp -d "${TMPDIR:-/tmp}/hone-faults.XXXXXX") || exit 1
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
mkdir "$copy/examples"
cp -R CMakeLists.txt core ports tests "$copy/" && cp -R examples/models "$copy/examples/" || exit 1

build() { cmake --build "$copy/build" --target fault_tests --parallel 2 >"$copy/log" 2>&1; }
# Without the golden hashes, which notice everything and explain nothing, and the stack measurement,
# which belongs to the real build. A fault may also make a test crash or hang.
run_tests() {
  limit=
  command -v timeout >/dev/null 2>&1 && limit="timeout 120"
  $limit "$copy/build/fault_tests" --abort-after=1 --test-case-exclude='golden*,stack*' >"$copy/log" 2>&1
}

if ! cmake -S "$copy/tests/faults" -B "$copy/build" >"$copy/log" 2>&1 || ! build; then
  tail -n 30 "$copy/log"
  echo "FAIL: the copy without a fault does not build"
  exit 1
fi
if ! run_tests; then
  tail -n 30 "$copy/log"
  echo "FAIL: the tests fail without a fault"
  exit 1
fi

caught=0
missed=0
[ $# -gt 0 ] || set -- $(cd tests/faults && ls ./*.sed | sed 's|^\./||; s|\.sed$||')
for name; do
  fault=tests/faults/$name.sed
  [ -f "$fault" ] || { echo "FAIL: no $fault"; exit 1; }
  file=$(sed -n '1s/^# \([^:]*\):.*/\1/p' "$fault")
  what=$(sed -n '1s/^# [^:]*: //p' "$fault")
  sed -f "$fault" "$file" >"$copy/$file" || exit 1
  if cmp -s "$file" "$copy/$file"; then
    echo "FAIL    $name: changes nothing in $file"
    missed=$((missed + 1))
    continue
  fi
  if ! build; then
    grep -m 5 'error' "$copy/log"
    echo "FAIL    $name: does not compile, so it proves nothing"
    missed=$((missed + 1))
  elif run_tests; then
    echo "MISSED  $name: $what"
    missed=$((missed + 1))
  else
    test=$(awk '/^TEST CASE:/ { name = $0 } /ERROR/ { print name; exit }' "$copy/log" |
      sed 's/^TEST CASE: *//')
    echo "caught  $name ($what) by \"$test\""
    caught=$((caught + 1))
  fi
  cp "$file" "$copy/$file"
done
echo "$caught faults caught, $missed missed"
[ "$missed" = 0 ]
