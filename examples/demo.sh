#!/bin/sh
# From nothing to a fine-tuned defect classifier:  sh examples/demo.sh [DIR]
#
# Builds the program, draws a synthetic set of surface defects, trains the reference network on it,
# shows how it fails once the camera is moved, and fine-tunes it there in 288 KB of RAM. Every run
# ends in the same SHA-256, on every machine.
#
# DIR is your own data: a folder with train/ and test/ that hold one folder per class, or a folder
# of classes. With DIR/base and DIR/moved the second is the moved camera; otherwise the model is
# fine-tuned on DIR itself. Results are in build/demo.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/build/demo
hone=$PWD/build/demo-program/bin/hone
ram=288K

say() { printf '\n== %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

# ---- what building needs
missing=
has cmake || missing="$missing cmake"
has c++ || has g++ || has clang++ || missing="$missing g++"
has make || has ninja || missing="$missing make"
if [ -n "$missing" ]; then
  if has apt-get && [ "$(id -u)" = 0 ]; then
    say "installing$missing"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
  else
    echo "missing here:$missing; on Debian 12: apt-get install$missing" >&2
    exit 1
  fi
fi

say "build"
mkdir -p build
log=$PWD/build/demo-build.log
if ! { cmake -S . -B build/demo-program -DCMAKE_BUILD_TYPE=Release -DHONE_TESTS=OFF -DHONE_EXAMPLES=ON &&
  cmake --build build/demo-program --parallel 2; } >"$log" 2>&1; then
  tail -n 40 "$log"
  exit 1
fi
"$hone" --version
began=$(date +%s)

# ---- data and settings
rm -rf "$out"
mkdir -p "$out"
model=examples/models/reference.model
if [ $# -gt 0 ]; then
  base=$1
  moved=$1
  [ -d "$1" ] || { echo "$1: expected a folder of images" >&2; exit 2; }
  if [ -d "$1/base" ] && [ -d "$1/moved" ]; then
    base=$1/base
    moved=$1/moved
  fi
else
  say "draw the synthetic set: 6 classes of rolled metal, and the same after the camera was moved"
  "$hone" synth "$out/data" --seed 1
  base=$out/data/base
  moved=$out/data/moved
fi

say "train on $base"
"$hone" train "$model" --data "$base" --out "$out/base" --epochs 15 --batch 16 --lr 0.03 --warmup 10% \
  --normalise image --augment hflip,vflip --replace-head --seed 1
say "test"
"$hone" eval "$out/base" --data "$base" | tee "$out/base.txt"

if [ "$moved" != "$base" ]; then
  say "the camera is moved: test of the same model on $moved"
  "$hone" eval "$out/base" --data "$moved" | tee "$out/before.txt"
else
  cp "$out/base.txt" "$out/before.txt"
fi

say "the plan of a fine-tune in $ram of RAM"
tune="--epochs 20 --batch 8 --lr 0.01 --augment hflip,vflip --ram $ram --seed 1"
"$hone" plan "$out/base" --batch 8 --ram $ram
say "fine-tune on $moved"
kept=0
"$hone" finetune "$out/base" --data "$moved" --out "$out/tuned" $tune || kept=$?
case $kept in
  0) ;;
  7) echo "the fine-tune is no better: the old model was kept" ;;
  *) exit "$kept" ;;
esac
say "test after the fine-tune"
"$hone" eval "$out/tuned" --data "$moved" | tee "$out/after.txt"

say "$(($(date +%s) - began)) s after the build; results in build/demo"
echo "base   $(grep -m 1 -i '^accuracy' "$out/base.txt")"
echo "before $(grep -m 1 -i '^accuracy' "$out/before.txt")"
echo "after  $(grep -m 1 -i '^accuracy' "$out/after.txt")"
"$hone" inspect "$out/tuned" --json | sed -n 's/.*"weights_sha256": "\([0-9a-f]*\)".*/weights sha256 of the model kept: \1/p'
