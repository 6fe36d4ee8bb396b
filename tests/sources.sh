#!/bin/sh
# A source file that no CMakeLists.txt names is never compiled, and a test in it never runs. What lies
# in a folder beside a script of its name (bench/arm, bench/arm.sh) that script builds. A port's file
# over 400 lines holds more than one thing.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
count=0
fail() { echo "FAIL: $*"; failed=1; }

# True if a script builds FILE: it names it, or all sources of its folder.
has_script() {
  folder=$(dirname "$1")
  while [ "$folder" != . ]; do
    name=${1#"$folder"/}
    [ -f "$folder.sh" ] && grep -q -F -e "/$name" -e "/${name%/*}/*.cpp" "$folder.sh" && return 0
    folder=$(dirname "$folder")
  done
  return 1
}

for file in $(find core ports examples tests -name '*.cpp' | sort); do
  count=$((count + 1))
  folder=$(dirname "$file")
  while [ ! -f "$folder/CMakeLists.txt" ]; do folder=$(dirname "$folder"); done
  grep -q -E "(^|[ (])${file#"$folder"/}([ )]|\$)" "$folder/CMakeLists.txt" && continue
  has_script "$file" || fail "$file is named neither in $folder/CMakeLists.txt nor in a script"
done
for file in $(find ports -type f | sort); do
  lines=$(wc -l <"$file")
  [ "$lines" -le 400 ] || fail "$file has $lines lines"
done
[ "$failed" = 0 ] && echo "ok: $count files"
exit "$failed"
