#!/bin/sh
# Accuracy of integers against floats on real data, the same settings and seeds for both:
#   HONE_DATA=DIR sh tests/bench/integer_accuracy.sh [OPTION]... [PART]...
#   --seeds N    seeds 1 to N of each part (default: Fashion-MNIST 3, small sets 10, steel_plates 40)
#   --epochs N   epochs of each run (default: those of the part)
# Parts (default: all): mlp mlp_dropout cnn neu64 pcb_cls32 steel_plates mlp_50 mlp_100 finetune decay long.
#
# DIR holds neu64, neu64_moved, pcb_cls32 and steel_plates; ../shared/data beside the checkout is
# found by itself. Fashion-MNIST comes from Debian's package dataset-fashion-mnist. A set that is
# not there is skipped by name. Figures are percent of test images, of the checkpoint that the
# validation part selected. The interval is that of the mean of the differences seed by seed, by
# Student's t. All takes an hour or two.
set -eu
usage() { sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
most_seeds= most_epochs= parts=
while [ $# -gt 0 ]; do
  case $1 in
    --seeds | --epochs)
      case ${2:-} in '' | *[!0-9]* | 0) usage ;; esac
      case $1 in --seeds) most_seeds=$2 ;; *) most_epochs=$2 ;; esac
      shift ;;
    mlp | mlp_dropout | cnn | neu64 | pcb_cls32 | steel_plates | mlp_50 | mlp_100 | finetune | decay | long) parts="$parts $1" ;;
    *) usage ;;
  esac
  shift
done
cd "$(dirname "$0")/../.."
. tests/with_program.sh
data=${HONE_DATA:-$PWD/../shared/data}
packed=${HONE_FASHION:-/usr/share/datasets/fashion-mnist}
fashion=$work/fashion
ran=0

wanted() { case " $parts " in '  ' | *" $1 "*) return 0 ;; *) return 1 ;; esac; }
skip() { echo "| $1 | skipped: no $2 | | | | |"; }
seeds_of() { seq 1 "${most_seeds:-$1}"; }
epochs_of() { echo "${most_epochs:-$1}"; }

# report NAME: a row from $work/figures, a line "F32 W16A8" for each seed; F32 "-": floats did not run.
report() {
  ran=1
  awk -v name="$1" '
    BEGIN { split("12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262", t) }
    { floats += 100 * $1; whole += 100 * $2; d[NR] = 100 * ($2 - $1); sum += d[NR]; alone = $1 == "-"
      each = each sprintf(" %.1f", 100 * $2) }
    END {
      mean = sum / NR
      for (i in d) squares += (d[i] - mean) ^ 2
      half = NR > 1 ? (NR < 11 ? t[NR - 1] : 1.96) * sqrt(squares / (NR - 1) / NR) : 0
      printf "| %s |%s | %s | %.2f | %s | %s |\n", name, each, alone ? "" : sprintf("%.2f", floats / NR),
        whole / NR, alone ? "" : sprintf("%+.2f", mean),
        alone || NR < 2 ? "" : sprintf("%+.2f to %+.2f", mean - half, mean + half)
    }' "$work/figures"
}
# train NUMERIC RUN SEED SET MODEL OPTION...: trains and prints the test accuracy.
train() {
  numeric=$1 run=$2 seed=$3 set=$4 model=$5
  shift 5
  label=
  case $set in *steel_plates) label="--label class" ;; esac
  "$hone" train "$model" --data "$set" --out "$work/$run" --seed "$seed" --numeric "$numeric" --quiet $label "$@" >/dev/null
  accuracy_of "$work/$run" "$set" $label
}
# compare PART NAME SEEDS SET MODEL EPOCHS OPTION...: floats against integers.
compare() {
  part=$1 name=$2 seeds=$3 from=$4 network=$5 epochs=$6
  shift 6
  wanted "$part" || return 0
  [ -e "$from" ] || { skip "$name" "$from"; return 0; }
  : >"$work/figures"
  for s in $(seeds_of "$seeds"); do
    floats=$(train f32 "$part-f32-$s" "$s" "$from" "$network" --epochs "$(epochs_of "$epochs")" "$@")
    whole=$(train w16a8 "$part-w16a8-$s" "$s" "$from" "$network" --epochs "$(epochs_of "$epochs")" "$@")
    echo "$floats $whole" >>"$work/figures"
  done
  report "$name"
}
# alone PART NAME MODEL EPOCHS OPTION...: integers only, on Fashion-MNIST.
alone() {
  part=$1 name=$2 network=$3 epochs=$4
  shift 4
  wanted "$part" || return 0
  [ -e "$fashion" ] || { skip "$name" "$packed"; return 0; }
  : >"$work/figures"
  for s in $(seeds_of 3); do
    echo "- $(train w16a8 "$part-$s" "$s" "$fashion" "$network" --epochs "$(epochs_of "$epochs")" "$@")" >>"$work/figures"
  done
  report "$name"
}
# tune NUMERIC BATCH RATE: neu64 in floats, fine-tuned to the moved camera; prints the test accuracy.
tune() {
  code=0
  rm -rf "$work/tuned"
  "$hone" finetune "$work/base-$s" --data "$data/neu64_moved" --out "$work/tuned" --numeric "$1" --seed "$s" --quiet \
    --per-class 20 --epochs "$(epochs_of 60)" --batch "$2" --lr "$3" --augment hflip,vflip >/dev/null 2>&1 || code=$?
  case $code in 0 | 7) accuracy_of "$work/tuned" "$data/neu64_moved" ;; *) echo "finetune: exit code $code" >&2; exit 1 ;; esac
}

model() { printf '%s\n' "$2" >"$work/$1.model"; }
model mlp 'input 784 | linear 128 | relu | linear 10'
model mlp_dropout 'input 784 | linear 256 | relu | dropout 0.2 | linear 128 | relu | dropout 0.2 | linear 10'
model cnn 'input 28x28x1 | conv2d 8 3x3 same | relu | max_pool 2 | conv2d 16 3x3 same | relu | max_pool 2 | flatten |
linear 64 | relu | linear 10'
model mlp_50 'input 784 | linear 100 | relu | linear 50 | relu | linear 10'
model mlp_100 'input 784 | linear 200 | relu | linear 100 | relu | linear 50 | relu | linear 10'
if [ -e "$packed/train-images-idx3-ubyte.gz" ]; then
  mkdir "$fashion"
  for file in "$packed"/*.gz; do gunzip -c "$file" >"$fashion/$(basename "$file" .gz)"; done
fi

echo "| set, model | seeds, w16a8 | f32 | w16a8 | difference | 95 % interval |"
echo "| --- | --- | --- | --- | --- | --- |"
compare mlp "Fashion-MNIST 784-128-10" 3 "$fashion" "$work/mlp.model" 6 \
  --batch 64 --lr 0.1 --momentum 0 --weight-decay 0
compare mlp_dropout "Fashion-MNIST 784-256-128-10, dropout, decay" 3 "$fashion" "$work/mlp_dropout.model" 3 \
  --batch 64 --lr 0.1 --momentum 0 --weight-decay 0.0005
compare cnn "Fashion-MNIST conv8-conv16-64-10" 3 "$fashion" "$work/cnn.model" 3 --batch 64 --lr 0.02
compare neu64 "neu64" 10 "$data/neu64" examples/models/reference.model 30 \
  --batch 16 --lr 0.02 --normalise image --augment hflip,vflip
compare pcb_cls32 "pcb_cls32" 10 "$data/pcb_cls32" examples/models/pcb_cls32.model 80 \
  --batch 16 --lr 0.02 --normalise image --augment hflip,vflip
compare steel_plates "steel_plates" 40 "$data/steel_plates" examples/models/steel_plates.model 150 \
  --batch 32 --lr 0.05 --weight-decay 0.003
alone mlp_50 "Fashion-MNIST 784-100-50-10, 15 epochs" "$work/mlp_50.model" 15 --batch 64 --lr 0.02
alone mlp_100 "Fashion-MNIST 784-200-100-50-10, 15 epochs" "$work/mlp_100.model" 15 --batch 64 --lr 0.02

if wanted finetune; then
  if [ -d "$data/neu64_moved" ] && [ -d "$data/neu64" ]; then
    : >"$work/batch1"
    : >"$work/batch8"
    for s in $(seeds_of 10); do
      train f32 "base-$s" "$s" "$data/neu64" examples/models/reference.model --epochs "$(epochs_of 30)" \
        --batch 16 --lr 0.02 --normalise image --augment hflip,vflip >/dev/null
      echo "$(tune f32 1 0.0006) $(tune w16a8 1 0.0006)" >>"$work/batch1"
      echo "$(tune f32 8 0.005) $(tune w16a8 8 0.005)" >>"$work/batch8"
    done
    for batch in 1 8; do
      cp "$work/batch$batch" "$work/figures"
      report "neu64 (f32) to neu64_moved, batch $batch"
    done
  else
    skip "neu64 to neu64_moved" "$data/neu64_moved"
  fi
fi
# norm CHECKPOINT: of all weights, as floats.
norm() {
  rm -f "$work/floats"
  "$hone" export "$1" --out "$work/floats" >/dev/null
  "$hone" inspect "$work/floats" | awk '/\.weight / {
    dims = $0
    gsub(/.*\[|\].*/, "", dims)
    count = split(dims, d, ", ")
    n = 1
    for (i = 1; i <= count; i++) n *= d[i]
    squares += n * $(NF - 1) ^ 2
  } END { print sqrt(squares) }'
}
if wanted decay && [ -e "$fashion" ]; then
  ran=1
  echo
  echo "| weight decay 0.002, 784-128-10, seed | f32: norm without, with | w16a8: norm without, with | of what f32 lost |"
  echo "| --- | --- | --- | --- |"
  for s in $(seeds_of 3); do
    for numeric in f32 w16a8; do
      for rate in 0 0.002; do
        train $numeric "decay-$numeric-$rate-$s" "$s" "$fashion" "$work/mlp.model" --epochs "$(epochs_of 4)" \
          --batch 64 --lr 0.1 --momentum 0 --weight-decay $rate >/dev/null
        norm "$work/decay-$numeric-$rate-$s/last.safetensors"
      done
    done | awk -v seed="$s" '{ n[NR] = $1 } END {
      printf "| %s | %.3f %.3f | %.3f %.3f | %.1f %% |\n", seed, n[1], n[2], n[3], n[4], 100 * (n[3] - n[4]) / (n[1] - n[2]) }'
  done
fi

# Steps at batch 1 until nothing can drift any more: the range of 16-bit weights, layers that stand still.
if wanted long && [ -e "$data/steel_plates" ]; then
  ran=1
  echo
  echo "| steel_plates at batch 1, seed | steps | f32 | w16a8 | largest mantissa | steps of the epoch in the middle in which no weight of a layer changed |"
  echo "| --- | --- | --- | --- | --- | --- |"
  for s in $(seeds_of 3); do
    for numeric in f32 w16a8; do
      "$hone" train examples/models/steel_plates.model --data "$data/steel_plates" --label class --out "$work/long-$numeric-$s" \
        --seed "$s" --numeric $numeric --epochs "$(epochs_of 100)" --batch 1 --lr 0.0015 --verbose >/dev/null 2>"$work/log"
    done
    last=$(awk '/^epoch / { split($2, e, "/"); half = 2 * e[1] >= e[2]; if (!half) found = "" } /no weight changed/ && !half {
      count = $0
      sub(/.*no weight changed in /, "", count)
      found = found $1 " " count "; " } END { print found ? found : "none" }' "$work/log")
    largest=$("$hone" inspect "$work/long-w16a8-$s/last.safetensors" | awk '/\.weight / && $2 == "I16" {
      for (i = NF - 4; i <= NF - 3; i++) { m = $i < 0 ? -$i : +$i; if (m > most) most = m } } END { print most }')
    steps=$("$hone" inspect "$work/long-w16a8-$s/last.safetensors" | awk '/^step:/ { getline; print +$1 }')
    printf '| %s | %s | %.1f | %.1f | %s | %s |\n' "$s" "$steps" \
      "$(accuracy_of "$work/long-f32-$s/last.safetensors" "$data/steel_plates" --label class | awk '{ print 100 * $1 }')" \
      "$(accuracy_of "$work/long-w16a8-$s/last.safetensors" "$data/steel_plates" --label class | awk '{ print 100 * $1 }')" \
      "$largest" "$last"
  done
fi
[ "$ran" = 1 ] || { echo "no data set found: set HONE_DATA"; exit 77; }
