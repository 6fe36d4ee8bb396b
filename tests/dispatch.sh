#!/bin/sh
# Which kernel table the program takes on which CPU, under qemu-user: each must run without an
# instruction that the CPU lacks and give the SHA-256 of this machine. HONE_ISA only lowers the
# choice.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
bad=0
fail() { echo "FAIL $*"; bad=1; }

cat >"$work/small.model" <<'END'
input 16x16x1
conv2d 8 3x3 same | relu | max_pool 2
flatten
linear 20 | relu
dropout 0.2
linear 6
END
"$hone" synth "$work/data" --size 16 --per-class 6 --test-per-class 2 --quiet >/dev/null

port_of() { "$@" --version | sed 's/.*port //'; }
weights_of() {
  rm -rf "$work/run"
  "$@" train "$work/small.model" --data "$work/data/base" --out "$work/run" --epochs 2 --batch 7 \
    --json --quiet | text weights_sha256
}
is_one_of() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

# expect CPU PORTS COMMAND...: the program that COMMAND runs takes one of PORTS and trains the same.
expect() {
  cpu=$1 ports=$2
  shift 2
  port=$(port_of "$@") || { fail "$cpu: does not start"; return; }
  is_one_of "$port" "$ports" || fail "$cpu: port $port, not one of: $ports"
  got=$(weights_of "$@") || { fail "$cpu, port $port: does not train"; return; }
  [ "$got" = "$want" ] || fail "$cpu, port $port: weights $got, not $want"
  echo "$cpu: port $port, weights ${got%"${got#????????????????}"}..."
}

# lowers COMMAND...: each port that HONE_ISA asks for is taken, or refused with a warning and left
# for the best one.
lowers() {
  best=$(HONE_ISA='' port_of "$@")
  for isa in compact portable sse2 sse2_fma avx2 avx512 avx512_vnni neon neon_dot neon32; do
    port=$(HONE_ISA=$isa port_of "$@" 2>/dev/null) || { fail "HONE_ISA=$isa: does not start"; continue; }
    if [ "$port" != "$isa" ]; then
      [ "$port" = "$best" ] || fail "HONE_ISA=$isa: port $port, not $best"
      continue
    fi
    got=$(HONE_ISA=$isa weights_of "$@") || { fail "HONE_ISA=$isa: does not train"; continue; }
    [ "$got" = "$want" ] || fail "HONE_ISA=$isa: weights $got, not $want"
    echo "  HONE_ISA=$isa: taken"
  done
  [ "$(HONE_ISA=portable port_of "$@")" = portable ] || fail "HONE_ISA=portable is not taken"
  [ "$(HONE_ISA=abacus port_of "$@" 2>/dev/null)" = "$best" ] || fail "HONE_ISA=abacus: not $best"
}

unset HONE_ISA
want=$(weights_of "$hone")
expect "this machine" "$(port_of "$hone")" "$hone"
lowers "$hone"

emulated=0
# emulated EMULATOR PROGRAM: true if both are here.
have() { command -v "$1" >/dev/null 2>&1 && [ -x "$2" ]; }

if [ "$(uname -m)" = x86_64 ] && have qemu-x86_64 "$hone"; then
  emulated=1
  expect "x86-64 without AVX, Nehalem" "sse2 portable" qemu-x86_64 -cpu Nehalem "$hone"
  # Its higher tables must stay out of reach.
  for isa in sse2_fma avx2 avx512 avx512_vnni; do
    port=$(HONE_ISA=$isa port_of qemu-x86_64 -cpu Nehalem "$hone" 2>/dev/null) || port=none
    is_one_of "$port" "sse2 portable" || fail "Nehalem with HONE_ISA=$isa: port $port"
  done
  expect "x86-64 with AVX2, all of qemu" "avx2" qemu-x86_64 -cpu max "$hone"
  lowers qemu-x86_64 -cpu max "$hone"
fi

program=build/armv7/bin/hone
if have qemu-arm "$program"; then
  emulated=1
  expect "ARMv7, Cortex-A7" neon32 qemu-arm -cpu cortex-a7 -L /usr/arm-linux-gnueabihf "$program"
  lowers qemu-arm -cpu cortex-a7 -L /usr/arm-linux-gnueabihf "$program"
fi

program=build/aarch64/bin/hone
if have qemu-aarch64 "$program"; then
  emulated=1
  for cpu in cortex-a53 cortex-a72; do
    expect "AArch64, $cpu" neon qemu-aarch64 -cpu $cpu -L /usr/aarch64-linux-gnu "$program"
  done
  expect "AArch64, cortex-a76" neon_dot qemu-aarch64 -cpu cortex-a76 -L /usr/aarch64-linux-gnu "$program"
  lowers qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu "$program"
  lowers qemu-aarch64 -cpu cortex-a76 -L /usr/aarch64-linux-gnu "$program"
fi

[ $bad = 0 ] || exit 1
[ $emulated = 1 ] || { echo "no qemu-user, or no program that it could run"; exit 77; }
