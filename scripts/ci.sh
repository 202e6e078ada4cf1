#!/usr/bin/env bash
# ./dev ci - everything before a release: ./dev test --full (all tests, clang, thread sanitizer). .ci/run is ./dev test alone.
set -euo pipefail
case ${1:-} in
  '') ;;
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "ci: unknown option '$1' (try ./dev ci --help)" >&2; exit 2 ;;
esac
exec "$(dirname "$0")/test.sh" --full
