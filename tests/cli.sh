#!/bin/sh
# Every command of the program, and every kind of bad input: exit codes, one-line messages, and old
# files left as they were. HONE names the program.
set -u
export LC_ALL=C
[ -x "${HONE:-}" ] || { echo "HONE does not name the program hone"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
models=$here/../examples/models
work=$(mktemp -d) || exit 1
mounted=
trap '[ -z "$mounted" ] || umount "$work/disk"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

checks=0
failed=0
fail() { echo "FAIL: $*"; failed=$((failed + 1)); }

# run CODE PATTERN ARGUMENT...: hone ARGUMENT... ends with CODE; its output matches PATTERN. An
# error is one line on stderr, and nothing on stdout.
run() {
  code=$1
  pattern=$2
  shift 2
  checks=$((checks + 1))
  "$HONE" "$@" >out 2>err
  got=$?
  if [ "$got" != "$code" ]; then
    fail "hone $*: exit code $got instead of $code"; tail -n 3 err; return
  fi
  cat out err >both
  grep -q -e "$pattern" both || { fail "hone $*: no '$pattern' in:"; tail -n 3 both; }
  if [ "$code" != 0 ] && [ "$(grep -c '^hone: ' err)" != 1 ]; then
    fail "hone $*: not one line of error:"; cat err
  fi
  case $code in 0 | 7) ;; *) [ ! -s out ] || fail "hone $*: an error, and output on stdout" ;; esac
}
same() { # NAME FILE FILE
  checks=$((checks + 1))
  cmp -s "$2" "$3" || fail "$1: $2 and $3 differ"
}
has_keys() { # JSON KEY...
  file=$1
  shift
  for key; do
    checks=$((checks + 1))
    grep -q "\"$key\": " "$file" || fail "no key $key in $(head -c 200 "$file")"
  done
}
absent() {
  checks=$((checks + 1))
  [ ! -e "$1" ] || fail "$1 was made"
}
pgm() { # FILE WIDTH HEIGHT GREY: a small picture of one character's grey
  { printf 'P5\n%s %s\n255\n' "$2" "$3"
    pixel=0
    while [ $pixel -lt $(($2 * $3)) ]; do printf '%s' "$4"; pixel=$((pixel + 1)); done; } >"$1"
}

# --- the commands

"$HONE" synth s --size 16 --per-class 12 --test-per-class 4 --quiet >/dev/null || fail "synth"
cat >tiny.model <<'END'
input 16x16x1
conv2d 4 3x3 same | relu | max_pool 4
flatten
linear 6
END
quick="--epochs 2 --batch 8 --normalise image --validation 0.2"

run 0 'hone .*contract 1, port' --version
run 0 'commands:' --help
for command in plan train finetune eval predict inspect synth bench; do
  run 0 '^example:' $command --help
done
run 0 'total bytes' plan tiny.model
run 0 'layers' plan tiny.model --json
has_keys out total_bytes parameter_bytes optimizer_bytes activation_bytes checkpoint_bytes \
  macs_forward macs_step
run 0 'weights sha256: [0-9a-f]' train tiny.model --data s/base --out run $quick
cp out trained
run 0 '' train tiny.model --data s/base --out run_json $quick --json
has_keys out weights_sha256 steps epochs train_loss validation_accuracy total_bytes
sha=$(sed -n 's/^weights sha256: //p' trained)
grep -q "\"weights_sha256\": \"$sha\"" out || fail "--json tells another sha256"
grep -q '[[:cntrl:]]' err && fail "control bytes on a pipe"
run 0 '' train tiny.model --data s/base --out run_quiet $quick --quiet
[ -s err ] && fail "--quiet writes to stderr"
same 'the same run' run/best.safetensors run_quiet/best.safetensors
run 0 "$sha" train tiny.model --data s/base --out run_micro $quick --micro-batch 3
run 0 "$sha" train tiny.model --data s/base --out run_cache $quick --cache --quiet
# A budget changes memory, not one bit of the result.
run 0 "$sha" train tiny.model --data s/base --out run_min $quick --ram min
run 0 "$sha" train tiny.model --data s/base --out run_ram $quick --ram 64K
run 0 "$sha" train tiny.model --data s/base --out run_min3 $quick --ram min --micro-batch 3
run 0 '^1  *least .*picked' plan tiny.model --batch 8 --ram min
run 0 '^8  *fast .*picked' plan tiny.model --batch 8 --ram 1M
checks=$((checks + 1))
[ "$(grep -c ' picked$' out)" = 1 ] || fail "not one plan is picked"
[ "$(grep -cE '^[0-9]+ +(fast|least) ' out)" = 10 ] || fail "not 5 splits of 8, fast and least"
run 0 '' plan tiny.model --batch 8 --ram min --json
has_keys out workspace choices us_per_step picked
run 2 'expected min, or a number of bytes' plan tiny.model --ram less
run 0 "$sha" train --settings run/settings.txt --out run_again
same 'the run repeated from its settings' run/results.csv run_again/results.csv
[ "$(wc -l <run/results.csv)" = 3 ] || fail "results.csv has not a header and two rows"
run 0 'balanced accuracy' eval run --data s/base
run 0 '' eval run/best.safetensors --data s/base --json
has_keys out samples accuracy balanced_accuracy confusion
run 0 'samples: ' eval run --data s/base --part val
run 0 '"probability": ' predict run s/base/test/pit s/base/test/clean/000000.pgm --json
has_keys out file class probability
run 0 'linear_0.weight' inspect run
run 0 '' inspect run/last.safetensors --json
has_keys out tensors name dtype shape min max mean nonfinite metadata

# --- integers

sha=$("$HONE" train tiny.model --data s/base --out whole $quick --numeric w16a8 --json --quiet |
  sed -n 's/.*"weights_sha256": "\([0-9a-f]*\)".*/\1/p')
[ "${#sha}" = 64 ] || fail "no sha256 of a run in w16a8"
run 0 "$sha" train tiny.model --data s/base --out whole_micro $quick --numeric w16a8 --micro-batch 3
grep -q 'numeric w16a8;' err || fail "the start of a run in w16a8 does not say so"
run 0 "$sha" train tiny.model --data s/base --out whole_min $quick --numeric w16a8 --ram min --quiet
run 0 "$sha" train --settings whole/settings.txt --out whole_again --quiet
grep -q '^numeric = w16a8$' whole/settings.txt || fail "no numeric in whole/settings.txt"
run 0 'numeric *w16a8' plan tiny.model --batch 8 --numeric w16a8
run 0 'numeric *w16a8' plan whole --batch 8
run 0 'numeric *f32' plan whole --batch 8 --numeric f32
run 0 '' plan whole --batch 8 --json
has_keys out numeric state_bytes
[ "$(sed -n 's/.*"checkpoint_bytes": \([0-9]*\),.*/\1/p' out)" = "$(wc -c <whole/best.safetensors)" ] ||
  fail "the plan of w16a8 has other checkpoint bytes than its file"
run 0 'conv2d_0.weight  *I16' inspect whole
run 0 'samples: ' eval whole --data s/base
run 0 'samples: ' eval whole --data s/base --numeric f32
run 0 'samples: ' eval run --data s/base --numeric w16a8
run 0 'weights sha256: ' export whole --out whole.safetensors
run 0 'linear_0.weight  *F32 ' inspect whole.safetensors
"$HONE" eval whole --data s/base --numeric f32 >expected
run 0 'samples: ' eval whole.safetensors --data s/base
same "floats of w16a8" out expected
run 5 'expected a new name' export whole --out whole.safetensors
run 2 'expected --out' export whole
run 4 'not a safetensors file' export tiny.model --out no.safetensors
run 5 'no/folder' export whole --out no/folder/a.safetensors
absent no.safetensors
run 0 '"weights_sha256": ' export run --out floats.safetensors --json
run 0 '"probability": ' predict whole s/base/test/pit --json
run 0 '"probability": ' predict whole s/base/test/pit --json --numeric f32
run 2 'predict has no training part' predict run s/base/test/pit --numeric w16a8
run 0 'inference: [1-9]' bench tiny.model --data s/base --batch 8 --seconds 0.1 --numeric w16a8
printf 'input 16x16x1\nflatten\nlinear 6\nmse\n' >squares.model
run 0 'train loss' train squares.model --data s/base --out squares $quick --numeric w16a8 --lr 0.005
# A fine-tune keeps the numeric unless it is told another.
for from in run whole; do
  for to in '' '--numeric f32' '--numeric w16a8'; do
    want=$(sed -n 's/^numeric = //p' $from/settings.txt)
    [ -z "$to" ] || want=${to#--numeric }
    rm -rf changed
    checks=$((checks + 1))
    "$HONE" finetune $from --data s/moved --out changed --epochs 1 --quiet $to >out 2>err
    case $? in 0 | 7) ;; *) fail "finetune $from $to: $(cat err)" ;; esac
    grep -q "^numeric = $want\$" changed/settings.txt || fail "finetune $from $to is not $want"
    run 0 "  $want\$" inspect changed
  done
done
# --verbose tells what happened in the layers; at such a rate no weight changes.
run 0 'linear_0: .*no weight changed in [1-9]' train tiny.model --data s/base --out idle $quick --numeric w16a8 \
  --lr 0.0000001 --momentum 0 --weight-decay 0 --verbose
run 2 "one of f32|w16a8, found 'w16a'; did you mean w16a8" train tiny.model --data s/base --out no --numeric w16a
run 0 'train loss' train tiny.model --data s/base --out narrow $quick --numeric w16a8 --velocity 16
run 0 '^optimizer.linear_0.weight.velocity  *I16 ' inspect narrow/last.safetensors
run 2 'velocity: expected 32' train tiny.model --data s/base --out no --numeric w16a8 --velocity 16 --momentum 0
run 2 'velocity: expected 32' plan tiny.model --velocity 16
run 2 'lr: .*16384.*--numeric f32' train tiny.model --data s/base --out no --numeric w16a8 --lr 20000
run 2 'weight-decay: .*16384' plan tiny.model --numeric w16a8 --weight-decay 20000
run 2 'schedule: .*16384' plan tiny.model --numeric w16a8 --schedule cosine:20000
run 2 'batch: expected at most 16384' plan tiny.model --numeric w16a8 --batch 20000
printf 'input 256x256x1\nconv2d 2 3x3 same | relu | max_pool 16 | flatten\nlinear 2\n' >wide.model
run 4 'wide.model:2:1: conv2d_0: expected at most 32768 positions.*found 65536; use a smaller --batch' \
  plan wide.model --numeric w16a8 --batch 4 --micro-batch 1
run 0 'micro-batch of 4' plan wide.model --numeric w16a8 --batch 4 --ram min
run 4 'expected at most 32768 positions' plan wide.model --numeric w16a8 --batch 4 --ram 100K
printf 'input 2 | linear 65536\n' >many.model
run 4 'many.model:1:11: linear_0: expected at most 65535 classes, found 65536' plan many.model
printf 'input 256x257x1 | global_avg_pool | flatten | linear 2\n' >average.model
run 0 'global_avg_pool_0' plan average.model
run 4 'at most 65536 pixels in a window under w16a8, found 65792; pool before it' plan average.model --numeric w16a8
absent no
# The last byte is a quiet step of the last layer.
cp whole/best.safetensors harmed.safetensors
printf '\005' | dd of=harmed.safetensors bs=1 seek=$(($(wc -c <whole/best.safetensors) - 1)) conv=notrunc 2>dd.out
run 4 'expected exponents and quiet steps with sha256' eval harmed.safetensors --data s/base

# Measuring: numbers for every phase and layer, and nothing written.
files=$(find . | sort)
run 0 'training: [1-9][0-9]* samples/s, batch 8' bench tiny.model --data s/base --batch 8 --seconds 0.1
for line in 'port: ' 'inference: [1-9]' 'total bytes: ' 'data ' 'forward ' 'loss ' 'backward and update ' \
  'conv2d_0 .*16x16x4 .*%$' 'max_pool_0 ' 'linear_0 .*%$' 'slowest: .*conv2d_0'; do
  checks=$((checks + 1))
  grep -q "^$line" out || fail "hone bench: no line '$line'"
done
run 0 '' bench tiny.model --data s/base --momentum 0 --micro-batch 3 --seconds 0.1 --json --quiet
[ -s err ] && fail "--quiet writes to stderr"
has_keys out port peak_gflops train_samples_per_second infer_samples_per_second batch micro_batch \
  total_bytes phases us_per_step layers forward_us backward_us share gflops of_peak slowest
run 0 'linear_0 ' bench tiny.model --data s/base --batch 4 --augment hflip --per-class 3 --cache \
  --seconds 0.05
checks=$((checks + 1))
[ "$files" = "$(find . | sort)" ] || fail "hone bench wrote a file"

# The sizes of the files are those of the plan.
run 0 '' plan tiny.model --data s/base $quick --json
[ "$(sed -n 's/.*"checkpoint_bytes": \([0-9]*\).*/\1/p' out)" = "$(wc -c <run/best.safetensors)" ] ||
  fail "plan does not tell the size of best.safetensors"
[ "$(sed -n 's/.*"last_checkpoint_bytes": \([0-9]*\).*/\1/p' out)" = \
  "$(wc -c <run/last.safetensors)" ] || fail "plan does not tell the size of last.safetensors"

# Fine-tuning: the same classes, other classes, one class fewer.
"$HONE" finetune run --data s/moved --out tuned --epochs 2 --validation 0.2 --quiet >out 2>err
case $? in 0 | 7) ;; *) fail "finetune: $(cat err)" ;; esac
mkdir -p two/bright two/dark
for i in 1 2 3 4; do pgm two/bright/$i.pgm 16 16 z; pgm two/dark/$i.pgm 16 16 '!'; done
run 0 'classes differ' finetune run --data two --out tuned_two --epochs 60 --train-last 1 \
  --normalise none --lr 0.05
run 0 '^bright ' eval tuned_two --data two
run 7 'old model is kept' finetune run --data s/base --out kept --epochs 1 --lr 0
run 0 '' inspect kept --json
run 0 'replace' train tiny.model --help
run 0 'weights sha256' train tiny.model --data two --out headed --epochs 2 --replace-head
run 0 'outputs\|weights sha256' train tiny.model --data two --out square --epochs 2 \
  --replace-head --validation 0 --momentum 0 --decay decoupled --schedule step:1:0.5 --warmup 10%

# A table.
{ echo 'a,b,kind'
  for i in 1 2 3 4 5 6 7 8; do echo "$i,1,low"; echo "$((i + 20)),2,high"; done; } >t.csv
printf 'input 2\nlinear 2 xavier\n' >t.model
run 0 'weights sha256' train t.model --data t.csv --label kind --out table --epochs 20 --lr 0.1
run 0 'accuracy: 100.00 %' eval table --data t.csv
run 0 'line 2: low' predict table t.csv
run 0 'note: t.csv has no test part; all 16 samples are evaluated' eval table --data t.csv
run 0 '' eval table --data t.csv --quiet
[ -s err ] && fail "--quiet writes a note to stderr"
run 0 '' eval run --data s/base
grep -q 'note:' err && fail "a note on data with a test part"

# Its columns are found by name, whatever their order; others than those of the training are named.
awk -F, -v OFS=, '{ print $3, $2, $1 }' t.csv >turned.csv
run 0 'accuracy: 100.00 %' eval table --data turned.csv
run 0 'turned.csv, line 2: low' predict table turned.csv
sed -n 1,5p t.csv | cut -d, -f1,2 >plain.csv
run 0 'plain.csv, line 2: low' predict table plain.csv
run 0 'weights sha256' finetune table --data turned.csv --label kind --out table_tuned --epochs 30
cp table_tuned/best.safetensors tuned_turned.safetensors
rm -r table_tuned
run 0 'weights sha256' finetune table --data t.csv --label kind --out table_tuned --epochs 30
run 0 '' inspect table_tuned --json
grep -q '"columns": "a.u000ab.u000a"' out || fail "no columns in the metadata"
run 0 '' inspect tuned_turned.safetensors --json
grep -q '"columns": "a.u000ab.u000a"' out || fail "fine-tuning with turned columns has another order"
run 0 '' plan table --data turned.csv --label kind --epochs 30 --json
[ "$(sed -n 's/.*"checkpoint_bytes": \([0-9]*\).*/\1/p' out)" = \
  "$(wc -c <table_tuned/best.safetensors)" ] || fail "plan does not tell the size with columns"
sed 's/^a,b,/a,c,/' t.csv >renamed.csv
run 3 "found no 'b', but also 'c'" eval table --data renamed.csv
run 3 "found no 'b', but also 'c'" predict table renamed.csv
run 3 "found no 'b', but also 'c'" finetune table --data renamed.csv --label kind --out no
sed 's/^/9,/; 1s/^9/id/' t.csv >wide.csv
run 3 "found also 'id'" predict table wide.csv
cut -d, -f1,3 t.csv >narrow.csv # as many columns as inputs, one of them the label
run 3 "found no 'b'" predict table narrow.csv
sed '1s/.*/"a ""x""",b,kind/' t.csv >quoted.csv
run 0 'weights sha256' train t.model --data quoted.csv --label kind --out quoted --epochs 20 --lr 0.1
run 0 'quoted.csv, line 2: low' predict quoted quoted.csv
cp t.csv moved.csv
run 0 '' train t.model --data moved.csv --label kind --out table_resumed --epochs 20 --lr 0.1
cp turned.csv moved.csv
run 0 'resumed' train --resume table_resumed
cp renamed.csv moved.csv
run 3 "found no 'b', but also 'c'" train --resume table_resumed

# Colour, BMP, and numbers of 16 bits, each from training to an answer.
colour() { # FILE HEADER PIXEL: 4x4 pixels of three printable bytes
  { printf "$2"
    for pixel in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do printf '%s' "$3"; done; } >"$1"
}
ppm='P6\n4 4\n255\n'
bmp='BM\146\000\000\000\000\000\000\000\066\000\000\000\050\000\000\000\004\000\000\000'
bmp=$bmp'\004\000\000\000\001\000\030\000\000\000\000\000\060\000\000\000'
bmp=$bmp'\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000'
mkdir -p hue/red hue/blue paint/red paint/blue
for i in 1 2 3 4; do
  colour hue/red/$i.ppm "$ppm" 'z!!'; colour hue/blue/$i.ppm "$ppm" '!!z'
  colour paint/red/$i.bmp "$bmp" '!!z'; colour paint/blue/$i.bmp "$bmp" 'z!!' # blue comes first
done
printf 'input 4x4x3\nconv2d 4 3x3 same | relu\nflatten\nlinear 2\n' >colour.model
run 0 'weights sha256' train colour.model --data hue --out hued --epochs 30
run 0 'accuracy: 100.00 %' eval hued --data hue
run 0 'red/1.ppm: red' predict hued hue/red/1.ppm
run 0 'accuracy: 100.00 %' eval hued --data paint
run 0 'weights sha256' train colour.model --data paint --out painted --epochs 30
run 0 'blue/2.bmp: blue' predict painted paint/blue/2.bmp
mkdir words
{ printf '\000\000\010\001\000\000\000\010\000\001\000\001\000\001\000\001'; } \
  >words/train-labels-idx1-ubyte
{ printf '\000\000\013\002\000\000\000\010\000\000\000\002'
  for i in 1 2 3 4; do printf "\\001\\00$i\\002\\000\\377\\37$i\\376\\000"; done; } \
  >words/train-vibration-idx2-short
cp words/train-labels-idx1-ubyte words/test-labels-idx1-ubyte
cp words/train-vibration-idx2-short words/test-vibration-idx2-short
run 0 'weights sha256' train t.model --data words --out worded --epochs 20
run 0 'accuracy: 100.00 %' eval worded --data words
run 0 'samples: 8' eval worded --data \
  words/test-vibration-idx2-short,words/test-labels-idx1-ubyte

# Control bytes in names reach no terminal and make no second line.
escape=$(printf '\033')
mkdir -p "coded/da${escape}rk" coded/bright
for i in 1 2 3 4; do
  cp two/dark/$i.pgm "coded/da${escape}rk/$i.pgm"; cp two/bright/$i.pgm coded/bright/
done
run 0 'weights sha256' train tiny.model --data coded --out coded_run --epochs 2 --replace-head
for command in 'eval coded_run --data coded' 'predict coded_run coded' 'inspect coded_run'; do
  run 0 'da?rk' $command
  grep -q "$escape" both && fail "an escape on stdout: hone $command"
done
run 3 'no?where.pgm' predict run "no
where.pgm"

# A checkpoint of another program: tensors by name, no metadata.
header='{"linear_0.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},'
header=$header'"linear_0.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}'
{ printf "\\$(printf %o ${#header})\\000\\000\\000\\000\\000\\000\\000%s" "$header"
  printf '\000\000\200\077\000\000\000\000\000\000\000\000\000\000\200\077' # 1 0 0 1
  printf '\000\000\000\000\000\000\000\000'; } >foreign.safetensors
printf 'a,b\n3,1\n1,3\n' >rows.csv
run 0 'line 3: class1 88' predict foreign.safetensors rows.csv --model t.model --normalise none
run 0 'line 2: left 88' predict foreign.safetensors rows.csv --model t.model --normalise none \
  --classes left,right
run 0 'samples: 16' eval foreign.safetensors --model t.model --data t.csv --label kind \
  --normalise none
run 2 'none, fixed A B, set, image or columns' predict foreign.safetensors rows.csv --model t.model
run 2 'expected --normalise beside --model' eval foreign.safetensors --model t.model --data t.csv \
  --label kind
run 2 'expected --normalise beside --model' finetune foreign.safetensors --model t.model \
  --data t.csv --label kind --out no
run 2 'found left twice' predict foreign.safetensors rows.csv --model t.model --normalise none \
  --classes left,left
printf 'a,kind\n3,1\n' >labelled.csv # two columns for two inputs, but one is the label
run 3 'expected 2 columns' predict foreign.safetensors labelled.csv --model t.model \
  --normalise none --label kind
run 0 '"shape": .2, 2.' inspect foreign.safetensors --json
run 4 'name its model with --model' predict foreign.safetensors rows.csv
run 4 'checkpoint of another model' eval foreign.safetensors --model tiny.model --data s/base \
  --normalise none
run 0 'weights sha256' finetune foreign.safetensors --model t.model --data t.csv --label kind \
  --out foreign --epochs 30 --normalise columns

# A bar on a terminal, where there is the program script to make one.
if script -qec true /dev/null >/dev/null 2>&1; then
  checks=$((checks + 1))
  script -qec "$HONE train tiny.model --data s/base --out bar $quick" /dev/null >bar.out 2>&1
  grep -q 'ETA.*loss.*accuracy' bar.out || fail "no progress bar on a terminal"
fi

# --- usage: 2

run 2 'found none'
run 2 "found 'trian'; did you mean train" trian
run 2 'did you mean batch' train tiny.model --bacth 3
run 2 'did you mean cosine' train tiny.model --data s/base --out no --schedule cosin
run 2 'did you mean coupled' train tiny.model --data s/base --out no --decay couple
run 2 'did you mean hflip' train tiny.model --data s/base --out no --augment hflp
run 2 'did you mean image' train tiny.model --data s/base --out no --normalise imag
run 2 'expected --data' train tiny.model --out no
run 2 'found no model' train
run 2 'found no file' predict run
run 2 "found '0'" train tiny.model --data s/base --out no --epochs 0
run 2 "found 'x'" train tiny.model --data s/base --out no --lr x
run 2 'found .nan.' train tiny.model --data s/base --out no --lr nan
run 2 'found it twice' train tiny.model --lr 1 --lr 2
run 2 'at most 2' finetune run --data s/base --out no --train-last 3
run 2 '-- *resume run' train tiny.model --data s/base --out run
run 2 'expected only --data' train --resume run --lr 1
run 2 'use hone train' finetune --resume run
printf 'command = train\nmodel = tiny.model\nepohcs = 3\n' >bad.txt
run 2 'line 3.*did you mean epochs' train --settings bad.txt --data s/base --out no
for key in json out settings help resume; do
  printf '%s = yes\n' $key >bad.txt
  run 2 "line 1: .*a settings file may hold, found '$key'" train tiny.model --settings bad.txt
done
printf '\357\273\277epochs = 2\n' >marked.txt
{ printf '\357\273\277'; cat tiny.model; } >marked.model
run 0 'total bytes' plan marked.model --settings marked.txt
run 2 '^hone: --lr: [^,]*, or a number from [^,]*, found 1e-20$' train tiny.model --data s/base \
  --out no --lr 1e-20
run 2 '^hone: --momentum: .*to below 1, found 1$' train tiny.model --data s/base --out no --momentum 1
run 2 '--per-class: expected at least 2' train tiny.model --data s/base --out no --per-class 1
run 2 '--label: expected a CSV' train tiny.model --data s/base --out no --label kind
run 2 '--label: expected a CSV' predict run s/base/test/pit --label kind
run 2 '--classes: expected different' plan tiny.model --classes a,b,b
run 2 'No such file' train --settings nothing.txt --out no
run 2 'No such file' train --resume nothing
absent no

run 2 'expected --data' bench tiny.model
run 2 '--seconds: expected a number from 0.01 to 3600' bench tiny.model --data s/base --seconds 0
run 2 'expected an option of hone bench' bench tiny.model --data s/base --out no
run 2 'expected one model' bench tiny.model t.model --data s/base
absent no

# --- data: 3

run 3 'nothing of that name' train tiny.model --data nowhere --out no
mkdir empty
run 3 'an empty folder' train tiny.model --data empty --out no
cp -r two hole && rm hole/dark/*
run 3 'hole/dark: expected at least one image' train tiny.model --data hole --out no
broken() { rm -rf broken; cp -r two broken; }
broken; head -c 100 two/dark/1.pgm >broken/dark/1.pgm
run 3 'broken/dark/1.pgm: byte .*expected' train tiny.model --replace-head --data broken --out no
broken; echo 'no picture' >broken/dark/1.pgm
run 3 'broken/dark/1.pgm: .*expected a PGM' train tiny.model --replace-head --data broken --out no
broken; printf 'P5\n16 17\n255\n%0256d' 0 >broken/dark/1.pgm
run 3 'broken/dark/1.pgm: .*expected' train tiny.model --replace-head --data broken --out no
broken; printf 'P5\n99999999 99999999\n255\nx' >broken/dark/1.pgm
run 3 'broken/dark/1.pgm: .*expected.*65535' train tiny.model --replace-head --data broken --out no
broken; : >broken/dark/1.pgm
run 3 'broken/dark/1.pgm: .*expected' train tiny.model --replace-head --data broken --out no
broken; mkfifo broken/dark/2.pgm 2>/dev/null || rm broken/dark/2.pgm
broken; mv broken/dark/1.pgm broken/dark/1.pgm.gz
run 3 'gunzip' train tiny.model --replace-head --data broken --out no
cp t.csv t.csv.gz
run 3 'gunzip' train t.model --data t.csv.gz --label kind --out no
bad_table() { # LINE PATTERN
  { cat t.csv; printf '%s\n' "$1"; } >bad.csv
  run 3 "bad.csv: line 18.*$2" train t.model --data bad.csv --label kind --out no
}
bad_table '1,,low' 'empty'
bad_table '1,2' 'found 2'
bad_table '1,x,low' "x"
bad_table '1,nan,low' 'nan'
bad_table '1,-inf,low' 'inf'
bad_table '1,1e999,low' '1e999'
bad_table '1,2,' 'label'
run 2 'did you mean kind' train t.model --data t.csv --label kin --out no
cp -r s/base odd && mkdir odd/test/zebra && cp two/dark/1.pgm odd/test/zebra/
run 3 "label outside the classes.*found 'zebra'" eval run --data odd
run 3 "label outside the classes.*found 'zebra'" train tiny.model --data odd --out no
printf 'a,b,kind\n1,1,middle\n' >other.csv
run 3 "line 2.*label outside the classes.*found 'middle'" eval table --data other.csv
run 3 'expected' predict run s/base/test/pit/000000.pgm broken/dark/1.pgm.gz
run 3 'No such file' predict run nothing.pgm
run 3 'no name behind the comma' train t.model --data values.idx, --out no
tr '\n' '\r' <t.csv >cr.csv
run 3 'expected line ends LF or CRLF' train t.model --data cr.csv --label kind --out no
run 3 'expected line ends LF or CRLF' predict table cr.csv
run 3 'values.idx: No such file' train t.model --data values.idx,labels.idx --out no
run 3 'nothing of that name' bench tiny.model --data nowhere
run 3 'broken/dark/1.pgm' bench tiny.model --data broken --replace-head
absent no

# --- model and checkpoint: 4

bad_model() { # TEXT PATTERN
  printf "$1" >bad.model
  run 4 "bad.model:$2" plan bad.model
}
bad_model 'input 8x8x1\nconv3d 4 3x3\nflatten\nlinear 2\n' '2:1: .*conv3d.*did you mean .conv2d'
bad_model 'input 8x8x1\nlinear 2\n' '2:1: linear_0: expected.*found 8x8x1'
bad_model 'input 8x8x1\nconv2d 4 9x9\nflatten\nlinear 2\n' '2:1: conv2d_0: expected.*found 8x8x1'
bad_model 'input 8x8x1\nconv2d 4 3x3 as a\nmax_pool 2\nadd a\n' '4:1: add_0: expected two inputs'
bad_model '' '1:1'
bad_model 'input 8\nlinear 70000000000\n' '2:8'
run 4 'No such file' plan nothing.model
run 4 'at most 1024 bytes.*the smallest needs' plan tiny.model --ram 1K
run 4 'at most 1024 bytes.*the smallest needs' train tiny.model --data s/base --out no --ram 1K
run 4 'expected 2 outputs.*found 6.*--replace-head' train tiny.model --data two --out no
run 4 'expected 2 outputs.*found 6.*--replace-head' bench tiny.model --data two
run 4 'at most 1024 bytes' bench tiny.model --data s/base --ram 1K
run 4 'No such file' bench nothing.model --data s/base
run 4 'inputs\|values\|columns' train tiny.model --data t.csv --label kind --out no
run 4 'another model' eval run --data s/base --model t.model
head -c 2000 run/best.safetensors >cut.safetensors
run 4 'cut.safetensors: .*expected' eval cut.safetensors --data s/base
head -c 4200 run/best.safetensors >cut.safetensors
run 4 'cut.safetensors: .*byte.*expected' eval cut.safetensors --data s/base
: >cut.safetensors
run 4 'cut.safetensors: byte 0: expected' finetune cut.safetensors --data s/base --out no
cp run/best.safetensors hurt.safetensors
printf '\001\002\003' | dd of=hurt.safetensors bs=1 seek=4300 conv=notrunc 2>/dev/null
run 4 'hurt.safetensors: .*damaged' eval hurt.safetensors --data s/base
run 4 'hurt.safetensors: .*damaged' finetune hurt.safetensors --data two --out no
cp run/best.safetensors hurt.safetensors
printf '\000\000\300\177' | dd of=hurt.safetensors bs=1 seek=4096 conv=notrunc 2>/dev/null
run 4 'hurt.safetensors: .*byte 4096: expected finite numbers' predict hurt.safetensors s/base/test
cp run/best.safetensors hurt.safetensors
printf '}' | dd of=hurt.safetensors bs=1 seek=20 conv=notrunc 2>/dev/null
run 4 'hurt.safetensors: byte [0-9]*: expected' inspect hurt.safetensors
run 4 'No such file' eval nothing.safetensors --data s/base
absent no

# --- divergence: 6, and nothing overwritten

run 6 'diverged' train tiny.model --data s/base --out wild $quick --lr 100000
absent wild
cp -r run before
run 6 'diverged' finetune run --data s/base --out wild2 --lr 100000
same 'the base of a diverged run' run/best.safetensors before/best.safetensors
absent wild2

run 6 'diverged' bench tiny.model --data s/base --lr 100000 --seconds 0.5

# --- an interrupt: 130 and one line, for the commands that write no run

interrupt() { # ARGUMENT...: SIGTERM, sent later where it came before the program had begun
  checks=$((checks + 1))
  for pause in 0.3 1 3; do
    "$HONE" "$@" >out 2>err &
    child=$!
    sleep $pause
    kill -TERM $child 2>/dev/null
    wait $child 2>/dev/null
    got=$?
    [ $got = 143 ] || break
  done
  [ $got = 130 ] && [ ! -s out ] && [ "$(grep -c '^hone: interrupted' err)" = 1 ] ||
    fail "hone $*: interrupted: exit code $got: $(cat out err)"
}
printf 'input 64x64x1\nconv2d 64 3x3 same | relu | conv2d 64 3x3 same | max_pool 8 | flatten\nlinear 6\n' \
  >slow.model
run 0 '' train slow.model --data s/base --out slow --epochs 1 --batch 2 --per-class 1 --validation 0 \
  --lr 0 --normalise none
run 0 '' synth plenty --size 16 --domain base --per-class 150 --test-per-class 1
interrupt synth many --size 256 --per-class 100000
interrupt eval slow --data plenty/base --part train --per-class 0
interrupt predict slow plenty
interrupt bench slow.model --data s/base --seconds 100

# --- storage: 5

run 5 'cannot' train tiny.model --data s/base --out t.csv/run $quick
run 5 'cannot' synth t.csv/s
if [ "$(id -u)" != 0 ]; then
  mkdir locked && chmod 555 locked
  run 5 'Permission denied' train tiny.model --data s/base --out locked/run $quick
else
  run 5 'cannot' train tiny.model --data s/base --out /proc/hone/run $quick
fi
if [ -w /dev/full ]; then
  checks=$((checks + 1))
  "$HONE" plan tiny.model >/dev/full 2>err
  [ $? = 5 ] || fail "a full standard output is not exit code 5"
fi
# A file that may not grow beyond 1 KiB stands for a full disk anywhere; a real one where we may
# mount it.
checks=$((checks + 1))
(trap '' XFSZ; ulimit -f 2; exec "$HONE" train tiny.model --data s/base --out full $quick) \
  >out 2>err
[ $? = 5 ] || fail "a file that may not grow is not exit code 5: $(tail -n 1 err)"
absent full
# Also in the middle of a run, whose last checkpoint then stays as it was.
"$HONE" train tiny.model --data s/base --out long --epochs 100000 --quiet >out 2>err &
child=$!
until [ -e long/last.safetensors ]; do
  kill -0 "$child" 2>/dev/null || { fail "the long run: $(cat err)"; break; }
  sleep 0.1
done
{ kill -KILL "$child" && wait "$child"; } 2>/dev/null
rm -f long/*.part
cp long/last.safetensors last
checks=$((checks + 1))
(trap '' XFSZ; ulimit -f 2; exec "$HONE" train --resume long) >out 2>err
[ $? = 5 ] || fail "a file that may not grow is not exit code 5: $(tail -n 1 err)"
same 'the last checkpoint on a full disk' last long/last.safetensors
cp -r run hurt
printf '\001\002\003' | dd of=hurt/last.safetensors bs=1 seek=9000 conv=notrunc 2>/dev/null
run 4 'hurt/last.safetensors: .*damaged' train --resume hurt
mkdir disk
if mount -t tmpfs -o size=64k none disk 2>/dev/null; then
  mounted=yes
  dd if=/dev/zero of=disk/filler bs=4096 count=14 2>/dev/null
  run 5 'No space left' train tiny.model --data s/base --out disk/run $quick
  absent disk/run
fi
mkdir -p strange/base/train/pit && : >strange/base/train/pit/mine.pgm
run 5 'found mine.pgm' synth strange

for part in $(find . -name '*.part'); do fail "left behind: $part"; done
echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
