#!/bin/sh
# docs/CONTRACT.md, implemented a second time in Python with exact fractions, trains the same model on
# the same file: both must print the same SHA-256.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
command -v python3 >/dev/null 2>&1 || { echo "needs python3, for the second implementation"; exit 77; }
bad=0

# samples NAME ROWS FEATURES: numbers from a small generator, three classes.
samples() {
  awk -v rows="$2" -v features="$3" 'BEGIN {
    for (k = 1; k <= features; ++k) printf "f%d,", k
    print "kind"
    s = 12345
    for (i = 0; i < rows; ++i) {
      sum = 0
      for (k = 0; k < features; ++k) {
        s = (s * 1103 + 12347) % 65521
        printf "%.4f,", s / 65521
        sum += s / 65521
      }
      print "class" (sum < features * 0.4 ? 0 : sum < features * 0.6 ? 1 : 2)
    }
  }' >"$work/data/$1.csv"
}

# try ROWS FEATURES HIDDEN P BATCH EPOCHS LR DECAY MOMENTUM SEED
try() {
  rm -rf "$work/data" "$work/run"
  mkdir "$work/data"
  samples train "$1" "$2"
  samples test 3 "$2"
  printf 'input %s | linear %s | relu | dropout %s | linear 3\n' "$2" "$3" "$4" >"$work/model"
  want=$(python3 tests/contract/perceptron.py "$work/data/train.csv" kind "$3" "$4" 0.5 2 "$5" "$6" "$7" "$8" "$9" "${10}")
  got=$("$hone" train "$work/model" --data "$work/data" --label kind --out "$work/run" --validation 0 \
    --normalise "fixed 0.5 2" --schedule constant --batch "$5" --micro-batch 3 --epochs "$6" --lr "$7" \
    --weight-decay "$8" --momentum "$9" --seed "${10}" --json --quiet |
    sed -n 's/.*"weights_sha256": "\([0-9a-f]*\)".*/\1/p')
  if [ "$want" = "$got" ]; then
    echo "ok   $*: $got"
  else
    echo "FAIL $*: hone has $got, the second implementation $want"
    bad=1
  fi
}

try 23 3 5 0.3 4 3 0.05 0.01 0.9 3
try 40 17 11 0.1 7 2 0.1 0.0005 0.5 123456789012345
try 9 1 33 0.5 1 3 0.02 0.1 0.9 7
exit $bad
