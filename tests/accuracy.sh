#!/bin/sh
# Accuracy on real data, mean of seeds 1, 2 and 3:  HONE_DATA=DIR sh tests/accuracy.sh
#
# DIR holds neu64, neu64_moved, pcb_cls32 and steel_plates; ../shared/data beside the checkout is
# found by itself. Fashion-MNIST comes from Debian's package dataset-fashion-mnist. A set that is
# not there is skipped by name. Figures are of the checkpoint that the validation part selected;
# test images influence nothing. Fails if a mean is below its bar.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
data=${HONE_DATA:-$PWD/../shared/data}
fashion=${HONE_FASHION:-/usr/share/datasets/fashion-mnist}
ran=0
below=0

# report NAME BAR: mean of the accuracies in $work/figures, percent.
report() {
  ran=1
  awk -v name="$1" -v bar="$2" '
    { sum += 100 * $1; each = each sprintf(" %.1f", 100 * $1) }
    END { mean = sum / NR
          printf "| %s |%s | %.1f %% | %s |\n", name, each, mean, bar == "" ? "" : ">= " bar " %"
          exit bar != "" && mean < bar }' "$work/figures" || below=1
}
skip() { echo "| $1 | skipped: no $2 | | |"; }

# train_and_report NAME BAR SET MODEL EVAL_OPTIONS TRAIN_OPTION...
train_and_report() {
  name=$1 bar=$2 set=$3 model=$4 eval_options=$5
  shift 5
  [ -e "$set" ] || { skip "$name" "$set"; return 0; }
  : >"$work/figures"
  for seed in 1 2 3; do
    "$hone" train "$model" --data "$set" --out "$work/$name-$seed" --seed $seed --quiet "$@" >/dev/null
    accuracy_of "$work/$name-$seed" "$set" $eval_options >>"$work/figures"
  done
  report "$name" "$bar"
}

echo "| set | seeds 1, 2, 3 | mean | bar |"
echo "| --- | --- | --- | --- |"
train_and_report neu64 92 "$data/neu64" examples/models/reference.model "" \
  --epochs 30 --batch 16 --lr 0.02 --normalise image --augment hflip,vflip
train_and_report pcb_cls32 84 "$data/pcb_cls32" examples/models/pcb_cls32.model "" \
  --epochs 80 --batch 16 --lr 0.02 --normalise image --augment hflip,vflip
train_and_report steel_plates 74 "$data/steel_plates" examples/models/steel_plates.model "--label class" \
  --label class --epochs 150 --batch 32 --lr 0.05 --weight-decay 0.003

if [ -e "$fashion/train-images-idx3-ubyte.gz" ]; then
  mkdir "$work/fashion"
  for file in "$fashion"/*.gz; do
    gunzip -c "$file" >"$work/fashion/$(basename "$file" .gz)"
  done
fi
train_and_report fashion_mnist 86 "$work/fashion" examples/models/mlp.model "" \
  --epochs 5 --batch 32 --lr 0.05 --momentum 0 --weight-decay 0 --normalise set

if [ -d "$data/neu64_moved" ] && [ -d "$data/neu64" ]; then
  : >"$work/figures"
  for seed in 1 2 3; do
    accuracy_of "$work/neu64-$seed" "$data/neu64_moved" >>"$work/figures"
  done
  report "neu64 on neu64_moved, before" ""
  : >"$work/figures"
  for seed in 1 2 3; do
    "$hone" finetune "$work/neu64-$seed" --data "$data/neu64_moved" --out "$work/moved-$seed" --quiet \
      --seed $seed --per-class 20 --epochs 60 --batch 8 --lr 0.005 --augment hflip,vflip >/dev/null
    accuracy_of "$work/moved-$seed" "$data/neu64_moved" >>"$work/figures"
  done
  report "neu64_moved, 20 per class" 66
else
  skip "neu64_moved, 20 per class" "$data/neu64_moved"
fi
[ "$ran" = 1 ] || { echo "no data set found: set HONE_DATA"; exit 77; }
[ "$below" = 0 ] || { echo "a mean is below its bar"; exit 1; }
