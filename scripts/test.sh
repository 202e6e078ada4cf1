#!/usr/bin/env bash
# ./dev test [--quick] [NAME] - installs what is missing, builds, and runs the tests.
#
#   ./dev test              everything: lint, unit tests with sanitizers, unit, integration and end-to-end tests, both engines
#   ./dev test --quick      the same without the sanitizer build
#   ./dev test NAME         only tests whose name matches the regular expression NAME (no sanitizers)
#
# Tests of an engine that is not installed are skipped, loudly, and counted. The last line is the count.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

quick=0 name=
for arg in "$@"; do
  case $arg in
    --help | -h) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --quick) quick=1 ;;
    -*) echo "test: unknown option '$arg' (try ./dev test --help)" >&2; exit 2 ;;
    *) name=$arg quick=1 ;;
  esac
done

scripts/setup.sh test
passed=0 failed=0 skipped=0 started=$SECONDS

# Runs ctest in a build folder and adds up its counts.
run_ctest() {
  local folder=$1 log=$1/ctest.log
  shift
  set +e
  ctest --test-dir "$folder" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log"
  set -e
  local counts
  counts=$(python3 scripts/count_tests.py "$log")
  read -r p f s <<<"$counts"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

step() { echo "== $1 ($((SECONDS - started)) s)"; }

if [ -z "$name" ]; then
  step "format, layers, house rules"
  scripts/lint.sh
fi
step "build release"
scripts/build.sh release
if [ $quick = 0 ]; then
  step "build unit tests with the address and undefined behaviour sanitizers"
  scripts/build.sh dev unit_tests
  step "unit tests with sanitizers"
  run_ctest build/dev -LE 'integration|e2e|lint|perf' -j "$(nproc)"
fi
step "tests"
run_ctest build/release ${name:+-R "$name"} -j "$(nproc)"

step "done"
if [ $skipped -gt 0 ]; then
  echo "NOTE: $skipped tests were SKIPPED; each says why above (an engine that is not installed?)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
