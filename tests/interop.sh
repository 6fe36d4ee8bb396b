#!/bin/sh
# Checkpoints and other programs: an independent reader opens what hone writes and finds the same
# weights; hone loads what an independent writer makes of them, and refuses NaN.
set -eu
cd "$(dirname "$0")/.."
. tests/with_program.sh
command -v python3 >/dev/null 2>&1 || { echo "needs python3, for an independent reader"; exit 77; }

fail() { echo "FAIL $*"; exit 1; }
same() { [ -n "$2" ] && [ "$2" = "$3" ] && echo "ok   $1" || fail "$1: '$2' is not '$3'"; }
# SHA-256 of all parameters of a checkpoint in model order, by the independent reader: under w16a8
# behind the mantissas of each tensor its exponent, which the third row of `exponents` tells of
# weights.
weights_sha256() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/storage python3 - "$1" <<'END'
import hashlib, sys, read_safetensors
tensors, metadata = read_safetensors.read(sys.argv[1])
is_integer = metadata["numeric"] == "w16a8"
total = hashlib.sha256()
for place, layer in ((1, "conv2d_0"), (4, "depthwise_0"), (7, "linear_0")):
    for part in ("weight", "bias"):
        tensor = tensors["%s.%s" % (layer, part)]
        total.update(tensor["data"])
        if is_integer:
            assert tensor["dtype"] == ("I16" if part == "weight" else "I32")
            e = tensors["exponents"]
            assert e["dtype"] == "I8" and e["shape"] == [3, 8]
            total.update(e["data"][16 + place:17 + place] if part == "weight" else bytes([256 - 20]))
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

# The same of integers.
sha=$("$hone" train "$work/small.model" --data "$work/data/base" --out "$work/whole" --epochs 2 --validation 0 \
  --numeric w16a8 --json --quiet | text weights_sha256)
for file in best last; do
  python3 tests/storage/read_safetensors.py "$work/whole/$file.safetensors" >"$work/$file.txt"
  same "independent reader, w16a8, $file" "$(weights_sha256 "$work/whole/$file.safetensors")" "$sha"
done
want=$(evaluation "$work/whole")
python3 tests/storage/write_safetensors.py "$work/other.safetensors" --like "$work/whole/best.safetensors"
same "independent writer, w16a8" "$(evaluation "$work/other.safetensors")" "$want"
for wrong in linear_0.weight:7:-32768 depthwise_0.bias:0:-2147483648 exponents:9:61 quiet:3:32; do
  python3 tests/storage/write_safetensors.py "$work/wrong.safetensors" --like "$work/whole/best.safetensors" --put "$wrong"
  code=0
  evaluation "$work/wrong.safetensors" >"$work/out.txt" 2>&1 || code=$?
  same "$wrong is refused" "$code" 4
  grep -q "tensor ${wrong%%:*}, byte [0-9]*: expected integers from" "$work/out.txt" || fail "$(cat "$work/out.txt")"
done
