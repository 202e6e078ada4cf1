#!/usr/bin/env bash
# ./dev test [--quick|--full] [WHAT] - installs what is missing, builds, and runs the tests.
#
#   ./dev test            everything: lint; unit tests with sanitizers (and without, where those ask less); integration and end-to-end tests, both engines
#   ./dev test --quick    the same, but unit tests without sanitizers: one build less
#   ./dev test --full     the same and: clang with its thread-safety analysis, unit tests under the thread sanitizer
#   ./dev test unit       only that label (unit, integration, e2e, interop, lint), without sanitizers
#   ./dev test NAME       only tests whose name matches the regular expression NAME, without sanitizers
#
# Tests of an engine that is not installed are skipped, loudly, and counted. The last line is the count; the exit code is
# 0 only when nothing failed.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

mode=normal what=''
for arg in "$@"; do
  case $arg in
    --help | -h) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    --quick | --full) mode=${arg#--} ;;
    -*) echo "test: unknown option '$arg' (try ./dev test --help)" >&2; exit 2 ;;
    *) what=$arg mode=quick ;;
  esac
done

passed=0 failed=0 skipped=0 started=$SECONDS failures=''
# The last line, whatever happened; a step that broke counts as a failure.
finish() {
  local code=$?
  [ $code = 0 ] || [ $failed -gt 0 ] || failed=1
  # Once more what failed: who reads the end of a log of thousands of lines must not have to search.
  [ -z "$failures" ] || printf '%s' "$failures"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed = 0 ] || exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM

step() { echo "== $1 ($((SECONDS - started)) s)"; }

# How much of a build was there already: a run from nothing has no hits.
cached() {
  command -v ccache >/dev/null || return 0
  ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit\t/ { hits += $2 } /^cache_miss\t/ { misses = $2 }
    END { print hits + 0, misses + 0 }'
}
read -r hits_before misses_before < <(cached) || true

# Runs ctest in a build folder and adds up its counts, skipped ones apart.
run_ctest() {
  local folder=$1 results=$PWD/$1/ctest.xml code=0 p f s
  shift
  rm -f "$results"
  # Most tests wait more than they compute.
  ctest --test-dir "$folder" --output-on-failure --no-tests=error --output-junit "$results" --test-output-size-passed 1000000 \
    --test-output-size-failed 1000000 -j "$(($(nproc) + 1))" "$@" || code=$?
  read -r p f s < <(python3 scripts/count_tests.py "$results")
  [ $code = 0 ] || [ "$f" -gt 0 ] || f=1
  [ "$f" = 0 ] || failures+="$(python3 scripts/count_tests.py --failures "$results")"$'\n'
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

scripts/setup.sh "$([ $mode = full ] && echo all || echo test)"

case $what in
  # Unit tests run with the sanitizers (unit_plain: without, too), unless those are left out.
  '') [ $mode = quick ] && selection=() target=() || selection=(-LE '^unit$' -E '_NOT_BUILT$') target=(all_but_unit_tests) ;;
  unit) selection=(-L '^unit') target=(unit_tests) ;;
  integration | e2e | interop | lint) selection=(-L "^$what\$") target=() ;;
  *) selection=(-R "$what") target=() ;;
esac
if [ -z "$what" ]; then
  step "format, layers, house rules"
  scripts/lint.sh || { failed=$((failed + 1)); failures+="FAILED: ./dev lint (printed at the beginning)"$'\n'; }
fi
step "build"
scripts/build.sh release "${target[@]}"
if [ $mode != quick ]; then
  step "build unit tests with the address and undefined behaviour sanitizers"
  scripts/build.sh dev unit_tests
  step "unit tests with the address and undefined behaviour sanitizers"
  run_ctest build/dev -L '^unit$'
fi
if [ $mode = full ]; then
  step "build with clang: warnings, thread-safety analysis"
  scripts/build.sh clang
  step "build unit tests with the thread sanitizer"
  scripts/build.sh tsan unit_tests
  step "unit tests with the thread sanitizer"
  run_ctest build/tsan -L '^unit$'
fi
step "tests"
run_ctest build/release "${selection[@]}"
read -r hits misses < <(cached) || true
step "done; compiled $((${misses:-0} - ${misses_before:-0})) files, took $((${hits:-0} - ${hits_before:-0})) from the compiler cache"
