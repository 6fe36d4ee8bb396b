#!/bin/sh
# Every test of the project, in one command:  sh tests/run.sh [STEP]...
#
# Steps are the CMake presets (configure, build and test each) and the scripts of tests/ and
# tests/bench/ named below; without arguments all of them run. On Debian, as root, missing packages
# are installed, but not those for Cortex-M, which take 2.4 GB (.ci/run installs them). Elsewhere
# they are named, and what the machine cannot do is skipped by name. Logs are in build/logs. The last
# line counts: each test of each preset is one, each script is one.
# A script tells its result by exit code: 0 passed, 77 skipped (last line says why), else failed.
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1

presets="host host-clang host-o0 host-sanitize armv7 aarch64 cortex-m4 cortex-m3"
scripts="sources contract dispatch same_bits interop resume cli memory demo accuracy arm cortex_m faults"
logs=$PWD/build/logs
HONE=$PWD/build/host/bin/hone
export HONE

passed=0
failed=0
skipped=0
start=$(date +%s)

say() { printf '%s\n' "$*"; }
seconds_since() { echo $(($(date +%s) - $1)); }
has() { command -v "$1" >/dev/null 2>&1; }
contains() { case " $1 " in *" $2 "*) return 0 ;; *) return 1 ;; esac; }

has_doctest() {
  [ -f /usr/include/doctest/doctest.h ] || [ -f /usr/local/include/doctest/doctest.h ]
}

# Debian has the headers of C++ for Cortex-M in a package of their own, 1.6 GB.
has_cortex_m_headers() {
  echo '#include <cstdint>' | arm-none-eabi-g++ -x c++ -fsyntax-only - 2>/dev/null
}

# Packages (Debian's names) that step $1 lacks on this machine.
lacking() {
  for tool in cmake make; do has $tool || echo $tool; done
  has_doctest || echo doctest-dev
  case $1 in
    arm)
      has g++ || echo g++
      has llvm-mca || echo llvm
      lacking armv7
      lacking aarch64
      ;;
    host | host-o0 | host-sanitize) has g++ || echo g++ ;;
    host-clang) has clang++ || echo clang ;;
    armv7)
      has arm-linux-gnueabihf-g++ || echo g++-arm-linux-gnueabihf
      has qemu-arm || has qemu-arm-static || echo qemu-user
      ;;
    aarch64)
      has aarch64-linux-gnu-g++ || echo g++-aarch64-linux-gnu
      has qemu-aarch64 || has qemu-aarch64-static || echo qemu-user
      ;;
    cortex*)
      has arm-none-eabi-g++ || printf '%s\n' gcc-arm-none-eabi libnewlib-arm-none-eabi
      has_cortex_m_headers || echo libstdc++-arm-none-eabi-newlib
      has qemu-system-arm || echo qemu-system-arm
      ;;
  esac
}

install_missing() {
  missing=$( (for step in $presets arm; do contains "$wanted" "$step" && lacking "$step"; done
    has python3 || echo python3) | grep -v -e arm-none-eabi -e qemu-system | sort -u | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if has apt-get && [ "$(id -u)" = 0 ]; then
    say "== installing: $missing"
    if DEBIAN_FRONTEND=noninteractive apt-get update >"$logs/install.log" 2>&1 &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing \
        >>"$logs/install.log" 2>&1; then
      return 0
    fi
    tail -n 5 "$logs/install.log"
  fi
  say "== missing here; on Debian 12: apt-get install $missing"
}

# True if cmake knows workflow presets, that is 3.25 or later.
cmake_is_recent() {
  cmake --version | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 3 || v[1] == 3 && v[2] >= 25) }'
}

# Reads a ctest log: adds its tests to the counts, prints those that did not pass.
count_tests() {
  grep -E '^ *[0-9]+/[0-9]+ Test +#[0-9]+:' "$1" >"$1.tests"
  ok=$(grep -c -E ' Passed +[0-9.]+ sec' "$1.tests")
  skip=$(grep -c -E '\*\*\*(Skipped|Not Run \(Disabled\))' "$1.tests")
  all=$(wc -l <"$1.tests")
  bad=$((all - ok - skip))
  grep -v -E ' Passed +[0-9.]+ sec' "$1.tests"
  rm -f "$1.tests"
  passed=$((passed + ok))
  skipped=$((skipped + skip))
  failed=$((failed + bad))
}

run_preset() {
  preset=$1
  need=$(lacking "$preset" | tr '\n' ' ')
  [ -n "$need" ] || cmake_is_recent || need="cmake-3.25-or-later "
  if [ -n "$need" ]; then
    # Without the host build nothing at all has been tested: that is no success.
    if [ "$preset" = host ]; then
      failed=$((failed + 1))
      say "FAILED  $preset: needs $need"
    else
      skipped=$((skipped + 1))
      say "SKIPPED $preset: needs $need"
    fi
    return
  fi
  say "== $preset"
  began=$(date +%s)
  log=$logs/$preset.log
  # --fresh: cached settings of an earlier run, or of another compiler, must not decide this one.
  cmake --workflow --preset "$preset" --fresh >"$log" 2>&1
  code=$?
  bad=0
  all=0
  count_tests "$log"
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then # it did not get as far as a failing test
    failed=$((failed + 1))
    bad=1
    say "FAILED  $preset: configure or build"
  fi
  if [ "$bad" != 0 ]; then
    say "-- end of $log"
    tail -n 60 "$log"
  fi
  say "-- $preset: $all tests, $bad failed, $(seconds_since "$began") s"
}

run_script() {
  script=$1
  log=$logs/$script.log
  began=$(date +%s)
  file=tests/$script.sh
  [ -f "$file" ] || file=tests/bench/$script.sh
  say "== $file"
  sh "$file" >"$log" 2>&1
  code=$?
  case $code in
    0)
      passed=$((passed + 1))
      say "-- $script: passed, $(seconds_since "$began") s"
      ;;
    77)
      skipped=$((skipped + 1))
      say "SKIPPED $script: $(tail -n 1 "$log")"
      ;;
    *)
      failed=$((failed + 1))
      say "FAILED  $script (exit code $code), $(seconds_since "$began") s; end of $log"
      tail -n 60 "$log"
      ;;
  esac
}

for step; do
  contains "$presets $scripts" "$step" ||
    { say "unknown step '$step'; there are: $presets $scripts"; exit 2; }
done
wanted=${*:-$presets $scripts}

mkdir -p "$logs" || exit 1
install_missing
for preset in $presets; do
  contains "$wanted" "$preset" && run_preset "$preset"
done
for script in $scripts; do
  contains "$wanted" "$script" && run_script "$script"
done

say "== $(seconds_since "$start") s in all"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
