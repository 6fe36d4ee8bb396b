#!/bin/sh
# usage: check_core_symbols.sh NM ARCHIVE
# Core has no heap, exceptions, I/O, hidden state or libm but sqrt. This reads it off the archive:
# - every symbol that it takes from outside is on the list below (memory and string functions, sqrt,
#   the compiler's integer helpers, and hone::kernels(), which ports/ defines);
# - nothing in it is writable data (constant tables that the loader relocates are fine).
set -u
export LC_ALL=C
nm=$1
archive=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# name|value|class|type|size|line|section, one line a symbol
"$nm" --format=sysv "$archive" >"$work/symbols" || { echo "FAIL: $nm cannot read $archive"; exit 1; }
awk -F'|' 'NF >= 7 { for (i = 1; i <= NF; ++i) gsub(/^ +| +$/, "", $i); print $1 "|" $3 "|" $7 }' \
  "$work/symbols" >"$work/all"
[ -s "$work/all" ] || { echo "FAIL: $archive has no symbols"; exit 1; }

awk -F'|' '$2 != "U" && $2 != "w" { print $1 }' "$work/all" | sort -u >"$work/defined"
awk -F'|' '$2 == "U" || $2 == "w" { print $1 }' "$work/all" | sort -u >"$work/wanted"
comm -13 "$work/defined" "$work/wanted" >"$work/undefined"

cat >"$work/allowed" <<'LIST'
mem(cpy|move|set|cmp|chr)
str(len|cmp|ncmp)
sqrtf?
__assert_fail
_ZN4hone7kernelsEv
__stack_chk_(fail|guard)
_GLOBAL_OFFSET_TABLE_
__aeabi_.*
__(u?div|u?mod|u?divmod|mul|ash[lr]|lshr|clz|ctz|popcount)[sdt]i[234]
LIST
failed=0
grep -E -v -x -f "$work/allowed" "$work/undefined" >"$work/foreign" && {
  echo "FAIL: core uses what it must not (heap, exceptions, I/O, libm, run-time support):"
  while read -r symbol; do
    echo "  $(printf '%s\n' "$symbol" | c++filt 2>/dev/null || printf '%s' "$symbol")   wanted by:" \
      "$("$nm" -A "$archive" | awk -v s="$symbol" '$NF == s && $(NF-1) ~ /^[Uw]$/ { n = split($1, p, ":"); print p[n-1] }' | sort -u | tr '\n' ' ')"
  done <"$work/foreign"
  failed=1
}
awk -F'|' '$2 ~ /^[BbDdCcGgSs]$/ && $3 !~ /^\.data\.rel\.ro/ { print "  " $1 "   in " $3 }' \
  "$work/all" >"$work/writable"
[ -s "$work/writable" ] && {
  echo "FAIL: core has writable data, so it keeps hidden state:"
  cat "$work/writable"
  failed=1
}
[ "$failed" = 0 ] && echo "ok: $(wc -l <"$work/defined") symbols, from outside only:" $(cat "$work/undefined")
exit "$failed"
