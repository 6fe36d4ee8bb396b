#!/bin/sh
# usage: check_integer_image.sh IMAGE [OBJDUMP]
# An image that trains in integers contains no arithmetic of floats: no function of soft floats, and
# no instruction of the FPU (`v...`), not even to save its registers.
image=$1 objdump=${2:-arm-none-eabi-objdump}
code=$(mktemp) || exit 1
trap 'rm -f "$code"' EXIT
"$objdump" -d "$image" >"$code" || exit 1
[ "$(grep -c '^[0-9a-f]* <' "$code")" -gt 0 ] || { echo "FAIL $image: no code"; exit 1; }
failed=0
soft='__aeabi_(f|d|cf|cd|i2f|i2d|ui2f|ui2d|l2f|l2d|ul2f|ul2d)[a-z0-9]*'
if grep -E "<($soft|__[a-z]*[sd]f[0-9si]*)>" "$code"; then
  echo "FAIL $image: floats in software"
  failed=1
fi
if grep -E "	v[a-z]+[.a-z0-9]*	" "$code"; then
  echo "FAIL $image: instructions of the FPU"
  failed=1
fi
[ $failed = 0 ] && echo "$image: integers only"
exit $failed
