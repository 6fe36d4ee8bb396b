#!/bin/sh
# What hone's kernels need on ARM, without an ARM machine:  sh tests/bench/arm.sh
#
# 1. The hot loops of ports/shared as gcc compiles them for AArch64, in llvm-mca's models: cycles a
#    turn, and for product tiles the share of peak, that is the cycles of the same multiply-adds
#    alone. Fails if a tile keeps a sum on the stack or misses its bar.
# 2. Executed instructions of one training step under qemu-user, in a static program: the difference
#    of two runs, by their steps, in floats and in integers (w16a8, goal: at most 0.8 of the floats
#    for a batch). Goals are no bars: no failure.
# An in-order model of llvm-mca 14 lets no instruction overtake a slower one at its end, so loads and
# the branch wait for multiply-adds as they do on no real core: its shares are low ones. That of the
# A55 has two multiply-adds a cycle, twice what that core is said to have.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
here=tests/bench/arm
failed=0
skipped=

has() { command -v "$1" >/dev/null 2>&1; }
skip() { skipped="${skipped:+$skipped; }$*"; echo "skipped: $*"; }

# cycles CPU FILE: of a turn, of the loop between the marks in FILE.
cycles() {
  "$mca" -mtriple=aarch64 -mcpu="$1" -iterations=1000 "$2" 2>/dev/null |
    awk '/^Total Cycles:/ { printf "%.1f", $3 / 1000 }'
}

# The least share of peak, in percent, that a product tile may have on a CPU.
bar_of() {
  case $1,$2 in
    *,cortex-a53) echo 59 ;;
    *,cortex-a72) echo 97 ;;
    *) echo 0 ;;
  esac
}

# kernel NAME: a line of the table for the hot loop of a function in $work/kernels.s.
kernel() {
  loop=$work/$1.loop.s
  awk -v name="$1" -f $here/hot_loop.awk "$work/kernels.s" >"$loop" ||
    { echo "FAIL $1: no loop found"; failed=1; return; }
  terms=$(grep -c '	fmla	' "$loop") || true
  if grep -q '\[sp' "$loop"; then
    echo "FAIL $1: uses the stack"
    failed=1
  fi
  line="| $1 | $terms | $(grep -c '^	' "$loop") |"
  for cpu in cortex-a53 cortex-a55 cortex-a72; do
    turn=$(cycles $cpu "$loop")
    case $1 in
      *_tile)
        { echo "# LLVM-MCA-BEGIN"
          seq 0 15 | sed 's/.*/	fmla v&.4s, v30.4s, v31.4s/'
          echo "# LLVM-MCA-END"; } >"$work/alone.s"
        share=$(awk -v alone="$(cycles $cpu "$work/alone.s")" -v n="$terms" -v turn="$turn" \
          'BEGIN { printf "%.1f", 100 * alone / 16 * n / turn }')
        line="$line $turn ($share %) |"
        bar=$(bar_of "$1" $cpu)
        awk -v share="$share" -v bar="$bar" 'BEGIN { exit !(share < bar) }' &&
          { echo "FAIL $1: $share % of peak on $cpu, bar $bar %"; failed=1; }
        ;;
      *) line="$line $turn |" ;;
    esac
  done
  echo "$line"
}

kernels() {
  mca=
  for tool in llvm-mca llvm-mca-14; do ! has $tool || mca=$tool; done
  [ -n "$mca" ] || { skip "no llvm-mca (Debian: llvm)"; return; }
  has aarch64-linux-gnu-g++ || { skip "no aarch64-linux-gnu-g++"; return; }
  echo "| hot loop | fmla | instructions | Cortex-A53: cycles (of peak) | A55 | A72 |"
  echo "| --- | --- | --- | --- | --- | --- |"
  for part in $here/kernels/*.cpp; do
    # The flags of the port neon (ports/CMakeLists.txt) in the preset aarch64.
    tile_flags=-fno-move-loop-invariants
    case $part in */update.cpp) tile_flags= ;; esac
    aarch64-linux-gnu-g++ -std=c++17 -O3 -DNDEBUG -mcpu=cortex-a53 -ffp-contract=off \
      -fno-math-errno -fno-exceptions -fno-rtti -fira-region=all $tile_flags -DHONE_LEAF_NS=neon -Iports/neon -I. -Icore \
      -Icore/include -S "$part" -o "$work/kernels.s"
    for name in $(sed -n 's/^extern "C".* \([a-z_]*\)(.*/\1/p' "$part"); do kernel "$name"; done
  done
}

# count COMMAND...: instructions that it executed.
count() { "$@" 2>&1 >/dev/null | sed -n 's/^instructions //p'; }

# each BATCH COMMAND... [NUMERIC]: sets `each` to the instructions for a sample; 0: it does not run.
each() {
  batch=$1 numeric=$2
  shift 2
  # shellcheck disable=SC2086
  few=$(count "$@" 4 $numeric)
  # shellcheck disable=SC2086
  many=$(count "$@" 24 $numeric)
  [ -n "$few" ] && [ -n "$many" ] && each=$(((many - few) / 20 / batch)) || each=0
}

# steps WORKLOAD BATCH BAR COMMAND...: a line of the table, instructions for a sample of both numerics.
steps() {
  workload=$1 batch=$2 bar=$3
  shift 3
  each "$batch" "" "$@" "$workload"
  f32=$each
  each "$batch" w16a8 "$@" "$workload"
  [ "$f32" != 0 ] && [ "$each" != 0 ] || { echo "FAIL $workload: does not run"; failed=1; return; }
  ratio=$(awk -v a="$each" -v b="$f32" 'BEGIN { printf "%.2f", a / b }')
  port=$("$@" "$workload" 1 2>/dev/null | sed 's/ batch.*//')
  echo "| $workload | $target, $port | $f32 | $bar | $each | $ratio |"
}

# instructions TARGET COMPILER EMULATOR "CPUS" BAR_OF_W3B1: CPUs that take different ports.
instructions() {
  target=$1
  has "$2" || { skip "no $2"; return; }
  has "$3" || { skip "no $3 (Debian: qemu-user)"; return; }
  "$3" -cpu "${4%% *}" -plugin "$work/count.so" /bin/true 2>&1 | grep -q '[Pp]lugin' &&
    { skip "this $3 loads no plugins"; return; }
  build=build/$target
  [ -f "$build/CMakeCache.txt" ] || build=$work/$target
  cmake --preset "$target" -B "$build" >"$work/log" 2>&1 &&
    cmake --build "$build" --target hone_ports -j2 >>"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; echo "FAIL $target: build"; failed=1; return; }
  flags=$(sed -n 's/^CMAKE_CXX_FLAGS:STRING=//p' "$build/CMakeCache.txt")
  # shellcheck disable=SC2086
  "$2" $flags -std=c++17 -O2 -static -I. -Icore/include $here/steps.cpp tests/bench/workloads.cpp \
    $(find "$build/" -name libhone_ports.a) $(find "$build/" -name libhone.a) -o "$work/$target.steps"
  for cpu in $4; do
    run="$3 -cpu $cpu -plugin $work/count.so $work/$target.steps"
    steps W1b32 32 - $run
    steps W2b64 64 - $run
    steps W3b16 16 - $run
    steps W3b1 1 "$5" $run
    steps W1b1 1 - $run
  done
}

kernels
echo
if has g++ && g++ -std=c++17 -O2 -fPIC -shared $here/count_instructions.cpp -o "$work/count.so"; then
  echo "| workload | built for | f32: instructions a sample | goal | w16a8 | of f32 |"
  echo "| --- | --- | --- | --- | --- | --- |"
  instructions aarch64 aarch64-linux-gnu-g++ qemu-aarch64 "cortex-a53 cortex-a76" 480000
  instructions armv7 arm-linux-gnueabihf-g++ qemu-arm cortex-a7 620000
else
  skip "no g++"
fi
[ $failed = 0 ] || exit 1
[ -z "$skipped" ] || { echo "$skipped"; exit 77; }
