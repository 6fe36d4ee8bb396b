#!/bin/sh
# Runs that are interrupted by Ctrl-C and by kill -9 at many moments, and then resumed, end in the
# files of the run that was left alone. HONE names the program.
set -u
export LC_ALL=C
[ -x "${HONE:-}" ] || { echo "HONE does not name the program hone"; exit 77; }
models=$(cd "$(dirname "$0")/../examples/models" && pwd)
work=$(mktemp -d) || exit 1
child=
trap '[ -z "$child" ] || kill -9 "$child" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

failed=0
fail() { echo "FAIL: $*"; failed=$((failed + 1)); }

"$HONE" synth s --domain base --per-class 30 --test-per-class 2 --quiet >/dev/null || exit 1
# begin ARGUMENT...: starts hone in the background.
begin() {
  "$HONE" "$@" >out 2>err &
  child=$!
}
# finish CODE...: waits for it and compares its exit code.
finish() {
  wait "$child"
  got=$?
  child=
  for code; do [ "$got" = "$code" ] && return; done
  fail "exit code $got instead of $*: $(tail -n 1 err)"
}

# The whole life of a run: started, then SIGNAL after each of the pauses that come round again and
# again, resumed until it has ended.
live() { # COMMAND SIGNAL RUN PAUSE...
  command=$1
  signal=$2
  run=$3
  shift 3
  middle=0
  rounds=0
  while :; do
    for pause; do
      rounds=$((rounds + 1))
      [ "$rounds" -gt 60 ] && { fail "$run does not end"; return; }
      if [ -e "$run/last.safetensors" ]; then
        begin "$command" --resume "$run"
      else
        case $command in
          train) begin train "$models/reference.model" --data s/base --out "$run" $start ;;
          finetune) begin finetune base --data s/base --out "$run" $start ;;
        esac
      fi
      sleep "$pause"
      kill "-$signal" "$child" 2>/dev/null
      wait "$child"
      got=$?
      child=
      grep -q 'resumed after .* and [1-9][0-9]* steps' err && middle=$((middle + 1))
      case $got in
        0 | 7) echo "$run: $rounds rounds, $middle of them from the middle of an epoch"; return ;;
        137) [ "$signal" = KILL ] || fail "$run: killed by SIG$signal" ;;
        130)
          [ "$signal" != KILL ] &&
            grep -q 'interrupted after step .*--resume\|interrupted before the first step' err ||
            fail "$run: no word on how to go on"
          ;;
        *) fail "$run: exit code $got: $(tail -n 1 err)"; return ;;
      esac
    done
  done
}
compare() { # RUN WITH
  for file in results.csv best.safetensors last.safetensors settings.txt; do
    cmp -s "$1/$file" "$2/$file" || fail "$1/$file differs from that of $2"
  done
  ls "$1" | grep -q part && fail "$1 holds a part"
}

base_options="--epochs 16 --batch 8 --micro-batch 3 --normalise set --augment hflip --seed 5"
start=$base_options
"$HONE" train "$models/reference.model" --data s/base --out base $start >base.out 2>err ||
  fail "train: $(cat err)"
live train INT after_int 0.15 0.4 0.25 0.6
compare after_int base
[ "$middle" -gt 0 ] || fail "no round began in the middle of an epoch"
sed -n 's/^weights sha256/&/p' base.out >want
sed -n 's/^weights sha256/&/p' out >got_hash
cmp -s want got_hash || fail "the resumed run prints another sha256"
live train TERM after_term 0.3 0.5
compare after_term base
live train KILL after_kill 0.35 0.5 0.7 0.9
compare after_kill base

start="--epochs 6 --batch 8 --momentum 0 --train-last 2 --seed 6"
"$HONE" finetune base --data s/base --out tuned $start >out 2>err
case $? in 0 | 7) ;; *) fail "finetune: $(cat err)" ;; esac
live finetune INT tuned_int 0.2 0.3
compare tuned_int tuned
live finetune KILL tuned_kill 0.3 0.5
compare tuned_kill tuned

# The same of integers, whose exponents are part of the state.
start="--epochs 6 ${base_options#--epochs 16} --numeric w16a8"
"$HONE" train "$models/reference.model" --data s/base --out whole $start >whole.out 2>err ||
  fail "train: $(cat err)"
live train INT whole_int 0.3 0.6 0.9
compare whole_int whole
live train KILL whole_kill 0.7 1.0
compare whole_kill whole

# A row beyond the last checkpoint, as after a power cut between the two, is dropped.
start=$base_options
begin train "$models/reference.model" --data s/base --out cut $start
sleep 0.4
kill -KILL "$child" 2>/dev/null
finish 0 137
echo '9,9,9,9,9,9,9' >>cut/results.csv
begin train $([ -e cut/last.safetensors ] && echo --resume cut ||
  echo "$models/reference.model" --data s/base --out cut $start)
finish 0
compare cut base

# A kill in the first epoch: the run goes on, and before its first checkpoint it starts again.
start="--epochs 1 --batch 2 --seed 7"
"$HONE" train "$models/reference.model" --data s/base --out one $start >out 2>err || fail "$(cat err)"
begin train "$models/reference.model" --data s/base --out one_kill $start
until [ -e one_kill/last.safetensors ]; do sleep 0.02; done
kill -KILL "$child" 2>/dev/null
finish 0 137
# As after a kill between writing best and last: best is that of the epoch to be done again.
cp one/best.safetensors one_kill/
begin train --resume one_kill
finish 0
compare one_kill one
"$HONE" finetune base --data s/base --out tuned_one $start >out 2>err
begin finetune base --data s/base --out tuned_cut $start
until [ -e tuned_cut/last.safetensors ]; do sleep 0.02; done
kill -KILL "$child" 2>/dev/null
finish 0 7 137
# As after a kill between the first last and the old model as the first best.
[ -e tuned_cut/results.csv ] || rm -f tuned_cut/best.safetensors*
begin finetune --resume tuned_cut
finish 0 7
compare tuned_cut tuned_one

# refuse CODE PATTERN ARGUMENT...: hone ends with CODE, one line that matches PATTERN, and no output.
refuse() {
  want=$1
  pattern=$2
  shift 2
  "$HONE" "$@" >out 2>err
  got=$?
  [ "$got" = "$want" ] && grep -q "^hone: .*$pattern" err && [ "$(grep -c '^hone: ' err)" = 1 ] &&
    [ ! -s out ] || fail "hone $*: exit code $got instead of $want with '$pattern': $(cat err)"
}
accept() {
  "$HONE" "$@" >out 2>err || fail "hone $*: exit code $?: $(cat err)"
}
fresh() { rm -rf r && cp -r small r; }

printf 'input 16x16x1\nconv2d 4 3x3 same | relu | max_pool 4 | flatten\nlinear 6\n' >tiny.model
quick="--epochs 3 --batch 8 --validation 0.2 --quiet"
accept train tiny.model --data s/base --out small $quick

# Damaged metadata, and a place that no run can have. Without the two hashes, as another program may
# write, the values themselves are checked.
change() { # FILE SED-SCRIPT: changes bytes, not their number
  sed "$2" "$1" >changed && mv changed "$1"
}
fresh && change r/best.safetensors 's/clean/cleam/'
refuse 4 'r/best.safetensors: .*expected metadata with sha256 .*, found ' eval r --data s/base
fresh && change r/last.safetensors 's/\("step": *"0*\)[1-9]/\10/'
refuse 4 'r/last.safetensors: .*expected metadata with sha256 .*, found ' train --resume r
unhashed='s/weights_sha256/weights_sha25x/;s/metadata_sha256/metadata_sha25x/'
fresh && change r/last.safetensors "$unhashed"
accept train --resume r
fresh && change r/last.safetensors "$unhashed;s/\(\"step\": *\"0*\)[1-9]/\10/"
refuse 4 'r/last.safetensors: .*expected the place of a run' train --resume r
fresh && change r/last.safetensors "$unhashed;s/\(\"run_state\": *\"[0-9a-f]* [0-9a-f]* \)[0-9a-f]*/\17ff0000000000000/"
refuse 4 'r/last.safetensors: .*expected the state of a run' train --resume r
fresh && change r/last.safetensors "$unhashed;s/\(\"normalise\": *\"\)set/\1sot/"
refuse 4 'r/last.safetensors: normalise: expected a rule' train --resume r
fresh && change r/best.safetensors "$unhashed;s/\(\"normalise\": *\"\)set/\1sot/"
refuse 4 'r/best.safetensors: normalise: expected a rule' predict r s/base/test/pit
fresh && change r/last.safetensors "$unhashed;s/conv2d 4/conv3d 4/"
refuse 4 'r/last.safetensors (model).*conv3d' train --resume r

# Settings and data of a run are those that it began with; the data may have moved.
fresh && sed -i 's/^lr = .*/lr = 0.5/' r/settings.txt
refuse 2 "r/settings.txt: line [0-9]*: expected 'lr = 0.02'.*found 'lr = 0.5'" train --resume r
fresh && cp -r s/base other && mv other/train/pit/000003.pgm other/train/pit/100003.pgm
refuse 3 'expected samples with the names, sizes and labels' train --resume r --data other
fresh && cp -r s/base moved
accept train --resume r --data moved --micro-batch 2
compare r small
accept train --resume r

# What is there is not overwritten.
mkdir lone && cp small/best.safetensors lone/
refuse 2 'found lone/best.safetensors' train tiny.model --data s/base --out lone $quick
mkdir rows && cp small/results.csv rows/
refuse 2 'found rows/results.csv' finetune small --data s/base --out rows $quick
mkdir own && cp small/best.safetensors own/start.safetensors
refuse 2 'expected another folder' finetune own/start.safetensors --data s/base --out ./own/ $quick
refuse 2 'outside the classes' train tiny.model --data s/base/train --out s/base/train/run $quick
refuse 2 'outside the classes' finetune small --data s/base --out s/base/train/pit/run $quick
[ ! -e s/base/train/run ] || fail "a run was made in the data"

# The best checkpoint is the one that the last one tells of.
fresh && rm r/best.safetensors
refuse 4 'r/best.safetensors' train --resume r
fresh && cp base/best.safetensors r/
refuse 4 'r/best.safetensors' train --resume r
accept train tiny.model --data s/base --out twin $quick --seed 2
fresh && cp twin/best.safetensors r/
refuse 4 'r/best.safetensors: expected weights with sha256' train --resume r

# One process a run; the lock of one that was killed is gone.
begin train tiny.model --data s/base --out busy --epochs 100000 --batch 2 --quiet
until [ -e busy/last.safetensors ]; do sleep 0.02; done
refuse 5 'another process is at work' train --resume busy
refuse 5 'another process is at work' train tiny.model --data s/base --out busy $quick
kill -KILL "$child"
finish 137
begin train --resume busy --quiet
sleep 0.3
kill -INT "$child"
finish 130

# Nothing is left of a run that could not write its first checkpoint, or diverged before it had any.
(trap '' XFSZ; ulimit -f 2; exec "$HONE" train tiny.model --data s/base --out full $quick) >out 2>err
[ $? = 5 ] || fail "a file that may not grow is not exit code 5: $(cat err)"
grep -q 'old file' err && fail "a word on an old file where there was none: $(cat err)"
[ ! -e full ] || fail "full was left behind"
accept train tiny.model --data s/base --out full $quick
compare full small
refuse 6 'diverged in .*no model is kept' train tiny.model --data s/base --out full2 $quick --lr 100000
grep -q 'step 0 ' err && fail "the first step is called 0"
[ ! -e full2 ] || fail "full2 was left behind"
refuse 6 'old model is kept' finetune small --data s/base --out full2 $quick --lr 100000
{ echo 'a,b,kind'; for i in 1 2 3 4; do echo "${i}e6,1,low"; echo "${i}e6,2,high"; done; } >large.csv
printf 'input 2\nlinear 2\n' >t.model
refuse 6 'may need --normalise' train t.model --data large.csv --label kind --out full2 --batch 64 \
  --normalise none --validation 0 --quiet
"$HONE" finetune small --data s/base --out gate --lr 0 --epochs 1 --quiet >out 2>err
grep -q 'or the same with a lower validation loss, found neither' err || fail "gate: $(cat err)"

# Blanks at the ends of a value survive the settings file.
ln -s s/base ' blank '
accept train tiny.model --data ' blank ' --out blank $quick
grep -q '^data = " blank "$' blank/settings.txt || fail "no quotes in blank/settings.txt"
accept train --settings blank/settings.txt --out blank2 --quiet
compare blank2 blank
accept train --resume blank

# Ctrl-C while the data is read.
awk 'BEGIN { print "a,b,kind"; for (i = 0; i < 400000; ++i) print i % 97 "," i % 89 "," i % 2 }' >big.csv
for pause in 0.1 0.2 0.4 0.05; do
  begin train t.model --data big.csv --label kind --out never
  sleep "$pause"
  kill -INT "$child"
  wait "$child"
  got=$?
  child=
  grep -q 'before the first step' err && break
  rm -rf never
done
[ "$got" = 130 ] && [ "$(cat err)" = 'hone: interrupted before the first step; nothing was written' ] ||
  fail "interrupted in the data check: exit code $got: $(cat err)"
[ ! -e never ] || fail "never was made"

# The settings file alone repeats the run.
"$HONE" train --settings base/settings.txt --out again --quiet >out 2>err || fail "$(cat err)"
compare again base
[ "$failed" = 0 ] && echo "ok"
[ "$failed" = 0 ]
