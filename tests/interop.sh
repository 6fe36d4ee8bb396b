#!/bin/sh
# Checkpoints and other programs: an independent reader opens what hone writes and finds the same
# weights; hone loads what an independent writer makes of them, and refuses NaN.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
command -v python3 >/dev/null 2>&1 || { echo "needs python3, for an independent reader"; exit 77; }

fail() { echo "FAIL $*"; exit 1; }
same() { [ -n "$2" ] && [ "$2" = "$3" ] && echo "ok   $1" || fail "$1: '$2' is not '$3'"; }
# SHA-256 of all parameters of a checkpoint in model order, by the independent reader.
weights_sha256() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/storage python3 - "$1" <<'END'
import hashlib, sys, read_safetensors
tensors, _ = read_safetensors.read(sys.argv[1])
total = hashlib.sha256()
for layer in ("conv2d_0", "depthwise_0", "linear_0"):
    for part in ("weight", "bias"):
        total.update(tensors["%s.%s" % (layer, part)]["data"])
print(total.hexdigest())
END
}
evaluation() { "$hone" eval "$@" --data "$work/data/base" --json --quiet; }

"$hone" synth "$work/data" --domain base --size 16 --per-class 8 --test-per-class 4 --quiet >/dev/null
cat >"$work/small.model" <<'END'
input 16x16x1
conv2d 5 3x3 same | relu | max_pool 2
depthwise 3x3 | relu6 | flatten
linear 6
END
sha=$("$hone" train "$work/small.model" --data "$work/data/base" --out "$work/run" --epochs 2 --validation 0 \
  --json --quiet | text weights_sha256)
for file in best last; do
  python3 tests/storage/read_safetensors.py "$work/run/$file.safetensors" >"$work/$file.txt"
  same "independent reader, $file" "$(weights_sha256 "$work/run/$file.safetensors")" "$sha"
done
grep -q '^metadata "model"' "$work/last.txt" || fail "no model in the metadata"
grep -q 'optimizer.conv2d_0.weight.velocity' "$work/last.txt" || fail "no velocity in last"
want=$(evaluation "$work/run")

python3 tests/storage/write_safetensors.py "$work/other.safetensors" --like "$work/run/best.safetensors"
same "independent writer, metadata kept" "$(evaluation "$work/other.safetensors")" "$want"
python3 tests/storage/write_safetensors.py "$work/wide.safetensors" --like "$work/run/best.safetensors" --dtype F64
same "independent writer, F64" "$(evaluation "$work/wide.safetensors")" "$want"
# Without hone's metadata the model and the normalisation are the caller's.
python3 tests/storage/write_safetensors.py "$work/bare.safetensors" --like "$work/run/best.safetensors" --no-metadata
rule=$("$hone" inspect "$work/run" --json | text normalise)
same "independent writer, no metadata" \
  "$(evaluation "$work/bare.safetensors" --model "$work/small.model" --normalise "$rule" \
    --classes clean,crack,patch,pit,scratch,stain)" "$want"

# Loaded tensors pass the store floor: a value below 2^-40 is 0, as if it had been written so.
for value in 1e-30 0; do
  python3 tests/storage/write_safetensors.py "$work/tiny$value.safetensors" --like "$work/run/best.safetensors" \
    --put linear_0.weight:0:$value
done
same "a value below the store floor" "$(evaluation "$work/tiny1e-30.safetensors")" "$(evaluation "$work/tiny0.safetensors")"

for value in nan inf; do
  python3 tests/storage/write_safetensors.py "$work/$value.safetensors" --like "$work/run/best.safetensors" \
    --put linear_0.weight:7:$value
  code=0
  evaluation "$work/$value.safetensors" >"$work/out.txt" 2>&1 || code=$?
  same "$value is refused" "$code" 4
  grep -q 'linear_0.weight' "$work/out.txt" || fail "the error does not name the tensor: $(cat "$work/out.txt")"
done
