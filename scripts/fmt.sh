#!/usr/bin/env bash
# ./dev fmt [--check] - formats the C++ code with clang-format. --check: change nothing, fail when something would change.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
mode=(-i)
case ${1:-} in
  '') ;;
  --check) mode=(--dry-run --Werror) ;;
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "fmt: unknown option '$1' (try ./dev fmt --help)" >&2; exit 2 ;;
esac
git ls-files -z '*.cc' '*.h' | xargs -0 -r clang-format "${mode[@]}"
