#!/bin/sh
# Peak memory of training with ten times the images grows by at most 64 bytes an image, for the
# index. HONE names the program.
set -u
export LC_ALL=C
[ -x "${HONE:-}" ] || { echo "HONE does not name the program hone"; exit 77; }
grep -q '^VmHWM:' "/proc/$$/status" 2>/dev/null || { echo "no VmHWM in /proc/PID/status"; exit 77; }
case $("$HONE" --version 2>&1) in hone*) ;; *) echo "$HONE does not run here"; exit 77 ;; esac
work=$(mktemp -d) || exit 1
child=
trap '[ -z "$child" ] || kill -9 "$child" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

few=300   # per class
many=3000 # per class
limit=64  # bytes an image
slack=128 # KiB: pages and blocks of the allocator are not cut to the byte

printf 'input 16x16x1\nconv2d 4 3x3 | relu | max_pool 4\nflatten\nlinear 6\n' >tiny.model
for n in $few $many; do
  "$HONE" synth "s$n" --domain base --size 16 --per-class $n --test-per-class $((n / 10)) --quiet \
    >/dev/null || exit 1
done

# Sets peak, in KiB, of a run with $1 images a class, read when two epochs are done: there is nothing that
# a later epoch does for the first time.
peak_of() {
  "$HONE" train tiny.model --data "s$1/base" --out "run$1" --epochs 1000000 --normalise set \
    --lr 0.001 --quiet >/dev/null 2>"err$1" &
  child=$!
  rows=0
  while [ "$rows" -lt 3 ]; do
    kill -0 "$child" 2>/dev/null || { echo "FAIL: $(cat "err$1")"; exit 1; }
    sleep 0.1
    [ -e "run$1/results.csv" ] && rows=$(wc -l <"run$1/results.csv")
  done
  peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$child/status")
  kill -KILL "$child"
  wait "$child" 2>/dev/null
  child=
}

peak_of $few
small=$peak
peak_of $many
large=$peak
images=$(((many - few) * 6 * 11 / 10))
allowed=$((images * limit / 1024 + slack))
echo "$images more images: peak $small KiB, then $large KiB; allowed: $allowed KiB more"
[ $((large - small)) -le "$allowed" ]
