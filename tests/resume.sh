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
          [ "$signal" != KILL ] && grep -q 'interrupted after step .*--resume' err ||
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

# The settings file alone repeats the run.
"$HONE" train --settings base/settings.txt --out again --quiet >out 2>err || fail "$(cat err)"
compare again base
[ "$failed" = 0 ] && echo "ok"
[ "$failed" = 0 ]
