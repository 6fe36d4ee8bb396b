#!/bin/sh
# usage: check_isa_symbols.sh NM NAMESPACE OBJECT...
# A weak symbol (inline function, template) in an object compiled for a wide instruction set may be
# the copy that the linker keeps for the whole program: the program then dies on a CPU without it.
# Only names inside the port's own namespace, which no other object has, may be weak.
set -u
export LC_ALL=C
nm=$1
namespace=$2
shift 2
[ $# -gt 0 ] || { echo "FAIL: no objects given"; exit 1; }
failed=0
for object; do
  symbols=$("$nm" -C "$object") || { echo "FAIL: $nm cannot read $object"; exit 1; }
  # Cut the parameters off first: a type of the namespace among them does not make the name its own.
  shared=$(printf '%s\n' "$symbols" | grep -E ' [WVu] ' | sed 's/(.*//' | grep -v -F "$namespace::")
  [ -z "$shared" ] && continue
  echo "FAIL: $object shares with the rest of the program:"
  printf '%s\n' "$shared"
  failed=1
done
[ "$failed" = 0 ] && echo "ok: $# objects, weak symbols only in $namespace"
exit "$failed"
