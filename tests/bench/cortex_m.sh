#!/bin/sh
# What hone needs on a Cortex-M, without one:  sh tests/bench/cortex_m.sh
#
# 1. Bytes of flash and RAM of whole images that only train: start-up, vectors, trainer, kernels,
#    constants (examples/cortex_m/lean_*.cpp, -Os -flto). Fails above their bars.
# 2. Executed instructions of one training step of the perceptron 16-32-8, and of a small LeNet, in
#    qemu's model of the board: the difference of two runs, by their steps. Instructions, not cycles.
#    Fails if a table, level of optimisation or core ends with other weights.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
here=tests/bench/cortex_m
failed=0

skip() { echo "$*"; exit 77; }
for tool in arm-none-eabi-g++ qemu-system-arm g++ cmake; do
  command -v $tool >/dev/null 2>&1 || skip "needs $tool"
done
echo '#include <cstdint>' | arm-none-eabi-g++ -x c++ -fsyntax-only - 2>/dev/null ||
  skip "needs the C++ headers of arm-none-eabi-g++ (Debian: libstdc++-arm-none-eabi-newlib)"

# build CPU TYPE OPTION TARGET...: into $work/CPU-TYPE.
build() {
  cpu=$1 type=$2 option=$3
  shift 3
  { cmake --preset "$cpu" -B "$work/$cpu-$type" -DCMAKE_BUILD_TYPE="$type" -DHONE_TESTS=OFF \
      -DHONE_EXAMPLES=ON "$option" && cmake --build "$work/$cpu-$type" -j2 --target "$@"; } \
    >"$work/log" 2>&1 || { tail -n 20 "$work/log"; echo "FAIL $cpu: build"; exit 1; }
}

# image CPU NAME WHAT BAR: a line of the table of sizes.
image() {
  set -- "$1" "$3" "$4" $(arm-none-eabi-size "$work/$1-MinSizeRel/examples/cortex_m/$2" | tail -n 1)
  echo "| $2 | $1 | $(($4 + $5)) | $(($5 + $6)) | $3 |"
  [ "$3" = - ] || [ $(($4 + $5)) -le "$3" ] || { echo "FAIL $2: above $3 bytes"; failed=1; }
}

# run CPU TYPE BOARD FLAGS...: instructions of a run of steps.cpp.
run() {
  cpu=$1 type=$2 board=$3
  shift 3
  from=$work/$cpu-$type
  flags=$(sed -n 's/^CMAKE_CXX_FLAGS:STRING=//p' "$from/CMakeCache.txt")
  level=-O3
  [ "$type" = Release ] || level=-Os
  # shellcheck disable=SC2086
  arm-none-eabi-g++ $flags $level -std=c++17 -ffp-contract=off -fno-exceptions -fno-rtti \
    "$@" -I. -Icore/include $here/steps.cpp ports/cortex_m/startup.cpp ports/cortex_m/board.cpp \
    -nostartfiles --specs=nano.specs -Wl,--gc-sections -T ports/cortex_m/mps2.ld -Lports/cortex_m \
    "$from/ports/libhone_ports.a" "$from/core/libhone.a" -o "$work/steps" || exit 1
  qemu-system-arm -M "$board" -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -plugin "$work/count.so" -kernel "$work/steps" \
    >"$work/said" 2>&1
  grep -E '^[0-9a-f]{64}$' "$work/said" >"$work/weights"
  sed -n 's/^instructions //p' "$work/said"
}

# each CPU TYPE BOARD FLAGS...: instructions of one repeat.
each() {
  few=$(run "$@" -DREPEATS=10)
  many=$(run "$@" -DREPEATS=30)
  [ -n "$few" ] && [ -n "$many" ] || { echo "FAIL $*: does not run" >&2; exit 1; }
  echo $(((many - few) / 20))
}

# steps CPU TYPE BOARD KERNELS NAME [FLAG]...: lines of the table of instructions.
steps() {
  cpu=$1 type=$2 board=$3 kernels=$4 name=$5
  shift 5
  for batch in $batches; do
    step=$(each "$cpu" "$type" "$board" -DKERNELS=$kernels -DBATCH=$batch -DSTEP=1 "$@")
    same="$work/weights $batch $*"
    [ -s "$same" ] || cp "$work/weights" "$same"
    { [ -s "$same" ] && cmp -s "$work/weights" "$same"; } ||
      { echo "FAIL $cpu, $kernels, $name, batch $batch: other weights than before"; failed=1; }
    forward=$(each "$cpu" "$type" "$board" -DKERNELS=$kernels -DBATCH=$batch -DSTEP=0 "$@")
    echo "| $cpu | $kernels, $name | $batch | $step | $forward | $((step - forward)) | $((step / batch)) |"
  done
}

images="lean_mlp lean_cnn lean_mlp_integer lean_cnn_integer"
for cpu in cortex-m4 cortex-m3; do
  # shellcheck disable=SC2086
  build $cpu MinSizeRel -DHONE_LTO=ON hone_ports $images
done
echo "| image | core | flash, bytes | RAM without stack | bar |"
echo "| --- | --- | --- | --- | --- |"
image cortex-m4 lean_mlp "perceptron 16-32-8, batch 8" 5120
image cortex-m3 lean_mlp "perceptron 16-32-8, batch 8" -
image cortex-m4 lean_cnn "LeNet 28x28 (W3b1)" 9216
image cortex-m3 lean_cnn "LeNet 28x28 (W3b1)" -
# In integers the bars are those of floats on an M4F, on both cores.
for cpu in cortex-m4 cortex-m3; do
  image $cpu lean_mlp_integer "perceptron 16-32-8, batch 8, w16a8" 5120
  image $cpu lean_cnn_integer "LeNet 28x28 (W3b1), w16a8" 9216
  for name in lean_mlp_integer lean_cnn_integer; do
    sh tests/check_integer_image.sh "$work/$cpu-MinSizeRel/examples/cortex_m/$name" >"$work/log" ||
      { cat "$work/log"; failed=1; }
  done
done
echo

g++ -std=c++17 -O2 -fPIC -shared tests/bench/arm/count_instructions.cpp -o "$work/count.so"
for cpu in cortex-m4 cortex-m3; do build $cpu Release -DHONE_EXAMPLES=OFF hone_ports; done
echo "| core | kernels | batch | instructions a step | forward | loss, backward, update | a sample |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for cpu in cortex-m4 cortex-m3; do
  board=mps2-an386
  [ $cpu = cortex-m4 ] || board=mps2-an385
  batches="1 8"
  steps $cpu Release $board portable "-O3"
  steps $cpu MinSizeRel $board compact "-Os"
  steps $cpu Release $board thumb "-O3, w16a8" -DINTEGER
  steps $cpu MinSizeRel $board compact "-Os, w16a8" -DINTEGER
  batches=1
  steps $cpu Release $board portable "-O3, LeNet" -DLENET
  steps $cpu Release $board portable "-O3, LeNet, w16a8" -DLENET -DINTEGER
  steps $cpu Release $board thumb "-O3, LeNet, w16a8" -DLENET -DINTEGER
done
exit $failed
