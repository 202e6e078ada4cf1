#!/usr/bin/env bash
# ./dev fmt [--check] - formats the C++ code with clang-format. --check: change nothing, name what would change and fail.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
files() { git ls-files -z '*.cc' '*.h'; }
case ${1:-} in
  '') files | xargs -0 -r clang-format -i ;;
  --check)
    bad=$(files | xargs -0 -r clang-format --dry-run 2>&1 | sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: warning: code should be.*/\1/p' | sort -u)
    [ -z "$bad" ] || { printf '%s: not formatted (./dev fmt does it)\n' $bad; exit 1; }
    ;;
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0" ;;
  *) echo "fmt: unknown option '$1' (try ./dev fmt --help)" >&2; exit 2 ;;
esac
