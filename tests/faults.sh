#!/bin/sh
# Would the tests notice? Builds a copy of the library once per deliberate fault of tests/faults and
# runs the test case that has to fail. Every fault has to be caught.
#   sh tests/faults.sh [NAME]...        e.g. 03-conv-border
# A fault is a sed script whose first line is "# FILE: what is wrong", and whose second names the test
# case: "# caught by FOLDER/test_NAME.cpp: TEST CASE". Only that program is built again and only that
# case run; without a fault it has to pass. Not golden, which notices everything and explains nothing.
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
for tool in cmake make c++; do
  command -v $tool >/dev/null 2>&1 || { echo "needs $tool"; exit 77; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/hone-faults.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Of fault NAME, from its first two lines.
file_of() { sed -n '1s/^# \([^:]*\):.*/\1/p' "tests/faults/$1.sed"; }
program_of() { sed -n '2s/^# caught by \([^:]*\)[.]cpp:.*/\1/p' "tests/faults/$1.sed" | tr / _; }
case_of() { sed -n '2s/^# caught by [^:]*: //p' "tests/faults/$1.sed"; }

build() { cmake --build "$copy/build" --target "$@" >"$copy/log" 2>&1; }
# run_case NAME: a fault may also make a test crash. A comma would separate two cases.
run_case() {
  limit=
  command -v timeout >/dev/null 2>&1 && limit="timeout 600"
  only=$(case_of "$1" | tr , '?')
  $limit "$copy/build/$(program_of "$1")" --abort-after=1 --test-case="$only" >"$copy/log" 2>&1
}

prepare() {
  mkdir -p "$copy/examples"
  cp -R CMakeLists.txt core ports tests "$copy/" && cp -R examples/models "$copy/examples/" || return 1
  # shellcheck disable=SC2046
  if ! cmake -S "$copy/tests/faults" -B "$copy/build" -DHONE_PORTS="$built" >"$copy/log" 2>&1 ||
    ! build $(for name; do program_of "$name"; done | sort -u); then
    tail -n 30 "$copy/log"
    echo "FAIL    the copy without a fault does not build"
    return 1
  fi
  checked='
'
  for name; do
    record=$(sed -n 2p "tests/faults/$name.sed")
    case $checked in *"
$record
"*) continue ;; esac
    checked="$checked$record
"
    run_case "$name" && grep -q 'test cases: *1 |' "$copy/log" && continue
    tail -n 30 "$copy/log"
    echo "FAIL    $name: without a fault, there is no test case \"$(case_of "$name")\" that passes"
    return 1
  done
}

try_fault() {
  name=$1
  fault=tests/faults/$name.sed
  file=$(file_of "$name")
  what=$(sed -n '1s/^# [^:]*: //p' "$fault")
  test=$(case_of "$name")
  if ! sed -f "$fault" "$file" >"$copy/$file"; then
    echo "FAIL    $name: $file cannot be changed"
  elif cmp -s "$file" "$copy/$file"; then
    echo "FAIL    $name: changes nothing in $file"
  elif ! build "$(program_of "$name")"; then
    grep -m 5 'error' "$copy/log"
    echo "FAIL    $name: does not compile, so it proves nothing"
  elif run_case "$name"; then
    echo "MISSED  $name: $what"
  elif grep -q 'ERROR: ' "$copy/log" && grep -qF "TEST CASE:  $test" "$copy/log"; then
    echo "caught  $name ($what) by \"$test\""
  else # it hung, was killed, or did not get so far
    tail -n 5 "$copy/log"
    echo "FAIL    $name: the program ended, but not because \"$test\" failed"
  fi
  cp "$file" "$copy/$file"
}

# try_faults WHERE PORTS NAME...: one after the other, in a copy of their own.
try_faults() {
  copy=$work/$1 built=$2
  shift 2
  [ $# -gt 0 ] || return 0
  prepare "$@" || return
  for name; do try_fault "$name"; done
}

[ $# -gt 0 ] || set -- $(cd tests/faults && ls ./*.sed | sed 's|^\./||; s|\.sed$||')
core= ports=
for name; do
  [ -f "tests/faults/$name.sed" ] || { echo "FAIL: no tests/faults/$name.sed"; exit 1; }
  case $(file_of "$name") in
    ports/*) ports="$ports $name" ;;
    *) core="$core $name" ;;
  esac
done
# Two at a time. Faults of core/ need no port but portable; of ports/shared one port is enough: the
# one that every CPU of the kind runs.
try_faults core none $core >"$work/report.core" &
try_faults ports 'sse2;neon;neon32' $ports >"$work/report.ports" &
wait

cat "$work"/report.*
caught=$(cat "$work"/report.* | grep -c '^caught ')
echo "$caught of $# faults caught"
[ "$caught" = $# ]
