#!/bin/sh
# Runs hone_bench and other programs of the same protocol (README.md) in interleaved rounds and
# prints one markdown table:
#   sh tests/bench/compare.sh [OPTION]... WORKLOAD... -- PROGRAM...
#   --rounds N      rounds of each workload (default 5)
#   --samples N     training samples of an epoch (default: all; W3b1 20000)
#   --epochs N      epochs (default: those of the workload)
#   --best A,B      the peers that ratios are made with: the fastest of these (default: of all)
#   --least         hone_bench a second time, with the plan that needs least memory
# PB_DATA names the folder of the data, HONE_BENCH the program (default build/host/bin/hone_bench).
# A PROGRAM.py is run by PYTHON (default /usr/bin/python3). One that does not know a workload is
# left out of its rounds.
set -u
export LC_ALL=C OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
here=$(cd "$(dirname "$0")" && pwd)
hone=${HONE_BENCH:-$here/../../build/host/bin/hone_bench}
python=${PYTHON:-/usr/bin/python3}

stop() { echo "compare.sh: $*" >&2; exit 2; }
usage() { sed -n '2,/^set -u/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

rounds=5 samples=0 epochs=0 best= least= workloads=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --rounds | --samples | --epochs | --best)
      [ $# -gt 1 ] || usage
      case $1 in --rounds) rounds=$2 ;; --samples) samples=$2 ;; --epochs) epochs=$2 ;; *) best=$2 ;; esac
      shift ;;
    --least) least=yes ;;
    -*) usage ;;
    *) workloads="$workloads $1" ;;
  esac
  shift
done
[ -n "$workloads" ] || usage
[ $# -eq 0 ] || shift
[ -x "$hone" ] || stop "no program at $hone: build the preset host first, or set HONE_BENCH"
for program; do [ -r "$program" ] || stop "no program $program"; done

results=$(mktemp) || exit 1
trap 'rm -f "$results"' EXIT
trap 'exit 1' HUP INT TERM

# run NAME ROUND COMMAND...: one line NAME ROUND key=value... into the results.
run() {
  name=$1 round=$2
  shift 2
  line=$("$@" 2>/dev/null | sed -n 's/^RESULT //p')
  if [ -n "$line" ]; then echo "$name $round $line" >>"$results"
  elif [ "$round" = 1 ]; then echo "compare.sh: $name does not run $work" >&2; fi
}

# The compiler and the flags of the build that the program lies in.
build_of() {
  cache=$(dirname "$(dirname "$1")")/CMakeCache.txt
  [ -r "$cache" ] || { echo "unknown build"; return; }
  value() { sed -n "s/^$1:[A-Z]*=//p" "$cache"; }
  type=$(value CMAKE_BUILD_TYPE)
  flags=$(value CMAKE_CXX_FLAGS)
  flags="$flags $(value "CMAKE_CXX_FLAGS_$(echo "$type" | tr '[:lower:]' '[:upper:]')")"
  echo "$("$(value CMAKE_CXX_COMPILER)" --version | head -n 1), $type:$(echo " $flags" | tr -s ' ')"
}

for work in $workloads; do
  round=0
  while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    n=$samples e=$epochs
    [ "$work" != W3b1 ] || [ "$n" != 0 ] || n=20000
    run hone "$round" "$hone" "$work" "$n" "$e"
    [ -z "$least" ] || run hone-least "$round" env HONE_BENCH_LEAST=1 "$hone" "$work" "$n" "$e"
    for program; do
      case $program in
        *.py) run "$(basename "$program")" "$round" "$python" "$program" "$work" "$n" "$e" ;;
        *) run "$(basename "$program")" "$round" "$program" "$work" "$n" "$e" ;;
      esac
    done
  done
done
[ -s "$results" ] || stop "no program gave a result"

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "CPU: ${cpu:-$(uname -m)}; hone: $(build_of "$hone"); $(date -u +%Y-%m-%d); one thread,"
echo "samples per CPU second, medians of $rounds interleaved rounds."
echo
awk -v best="$best" -f "$here/compare.awk" "$results"
