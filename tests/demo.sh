#!/bin/sh
# The synthetic set is as hard as it should be, on three seeds: a linear model fails, the reference
# network does not; the moved domain breaks it, and a fine-tune repairs it.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
bad=0

# require WHAT VALUE OPERATOR LIMIT
require() {
  if awk -v a="$2" -v b="$4" "BEGIN { exit !(a $3 b) }"; then
    printf 'ok   %s: %s %s %s\n' "$1" "$2" "$3" "$4"
  else
    printf 'FAIL %s: %s, not %s %s\n' "$1" "$2" "$3" "$4"
    bad=1
  fi
}

"$hone" synth "$work/data" --seed 1 --quiet
printf 'input 64x64x1 | flatten | linear 6\n' >"$work/linear.model"
for seed in 1 2 3; do
  "$hone" train "$work/linear.model" --data "$work/data/base" --out "$work/linear-$seed" --seed $seed \
    --quiet --epochs 10 --batch 16 --lr 0.001 --normalise image --augment hflip,vflip >/dev/null
  require "seed $seed, linear model" "$(accuracy_of "$work/linear-$seed" "$work/data/base")" "<=" 0.60

  "$hone" train examples/models/reference.model --data "$work/data/base" --out "$work/base-$seed" \
    --seed $seed --quiet --epochs 15 --batch 16 --lr 0.03 --warmup 10% --normalise image --augment hflip,vflip >/dev/null
  require "seed $seed, reference network" "$(accuracy_of "$work/base-$seed" "$work/data/base")" ">=" 0.92
  before=$(accuracy_of "$work/base-$seed" "$work/data/moved")
  require "seed $seed, moved camera" "$before" "<=" 0.60

  "$hone" finetune "$work/base-$seed" --data "$work/data/moved" --out "$work/tuned-$seed" --seed $seed \
    --quiet --epochs 20 --batch 8 --lr 0.01 --ram 288K --augment hflip,vflip >/dev/null
  after=$(accuracy_of "$work/tuned-$seed" "$work/data/moved")
  require "seed $seed, fine-tuned, points gained" "$(awk "BEGIN { print $after - $before }")" ">=" 0.20
done
exit $bad
