#!/usr/bin/env bash
# ./dev build [PRESET] [TARGET...] - configures and builds. PRESET: release (default), dev (ASan and UBSan), tsan, clang, fuzz.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
preset=release
case ${1:-} in
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0"; exit 0 ;;
  release | dev | tsan | clang | fuzz) preset=$1; shift ;;
  -*) echo "build: unknown option '$1' (try ./dev build --help)" >&2; exit 2 ;;
esac
log=build/$preset/configure.log
mkdir -p "build/$preset"
cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
exec cmake --build "build/$preset" --parallel "$(nproc)" ${1:+--target "$@"}
