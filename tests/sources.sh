#!/bin/sh
# A source file that no CMakeLists.txt names is never compiled, and a test in it never runs.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0
count=0
for file in $(find core ports examples tests -name '*.cpp' | sort); do
  count=$((count + 1))
  folder=$(dirname "$file")
  while [ ! -f "$folder/CMakeLists.txt" ]; do folder=$(dirname "$folder"); done
  grep -q -E "(^|[ (])${file#"$folder"/}([ )]|\$)" "$folder/CMakeLists.txt" && continue
  echo "FAIL: $file is not named in $folder/CMakeLists.txt"
  failed=1
done
[ "$failed" = 0 ] && echo "ok: $count files"
exit "$failed"
