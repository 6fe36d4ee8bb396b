#!/bin/sh
# The whole job on every CPU: the program draws images, trains, fine-tunes and predicts, on each
# kernel table of the host and on ARM under qemu. All must agree in every byte of the images, in the
# SHA-256 of the weights and in the predictions. Prints the table of the README.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
first=
bad=0


cat >"$work/small.model" <<'END'
input 24x24x1
conv2d 8 3x3 same | relu | max_pool 2
residual
  conv2d 16 1x1 | relu6
  depthwise 3x3 same | relu6
  conv2d 8 1x1
add
global_avg_pool | flatten
dropout 0.1
linear 6
END

# try NAME COMMAND...: the whole job with the program that COMMAND runs.
try() {
  name=$1
  shift
  run=$work/run
  rm -rf "$run"
  mkdir "$run"
  "$@" synth "$run/data" --size 24 --per-class 10 --test-per-class 4 --quiet >/dev/null
  images=$(cd "$run/data" && find . -name '*.pgm' | LC_ALL=C sort | xargs cat | sha256sum | cut -c 1-64)
  base=$("$@" train "$work/small.model" --data "$run/data/base" --out "$run/base" --epochs 6 --batch 7 \
    --augment hflip,vflip,shift\ 2,brightness\ 9,contrast\ 9 --json --quiet | text weights_sha256)
  # A fine-tune that is no better keeps the old model: its weights are compared all the same.
  tuned=$("$@" finetune "$run/base" --data "$run/data/moved" --out "$run/tuned" --epochs 3 --batch 7 \
    --micro-batch 3 --json --quiet | text weights_sha256) || [ $? = 7 ]
  tuned=${tuned:-$("$@" inspect "$run/tuned/last.safetensors" --json | text weights_sha256)}
  predictions=$("$@" predict "$run/tuned" "$run/data/moved/test/pit" --json --quiet |
    sed "s|$run||g" | sha256sum | cut -c 1-64)
  printf '| %s | %.16s... | %.16s... |\n' "$name" "$base" "$tuned"
  found="$images $base $tuned $predictions"
  [ -n "$first" ] || first=$found
  [ "$found" = "$first" ] || { echo "FAIL $name: $found, not $first"; bad=1; }
}

echo "| built for | trained weights, SHA-256 | fine-tuned weights, SHA-256 |"
echo "| --- | --- | --- |"
port=$("$hone" --version | sed 's/.*port //')
try "$(uname -m), port $port" "$hone"
[ "$port" = portable ] || try "$(uname -m), port portable" env HONE_ISA=portable "$hone"
for preset in host-clang armv7 aarch64; do
  program=$PWD/build/$preset/bin/hone
  [ -x "$program" ] || { echo "skipped: $preset is not built"; continue; }
  case $preset in
    armv7) try "ARMv7-A, Cortex-A7 (qemu)" qemu-arm -cpu cortex-a7 -L /usr/arm-linux-gnueabihf "$program" ;;
    aarch64) try "AArch64, Cortex-A53 (qemu)" qemu-aarch64 -cpu cortex-a53 -L /usr/aarch64-linux-gnu "$program" ;;
    *) try "$(uname -m), clang" "$program" ;;
  esac
done
exit $bad
