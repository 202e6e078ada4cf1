#!/usr/bin/env bash
# ./dev ci - what the build server runs: .ci/run, from the current tree.
set -euo pipefail
case ${1:-} in
  '') ;;
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "ci: unknown option '$1' (try ./dev ci --help)" >&2; exit 2 ;;
esac
exec bash "$(dirname "$0")/../.ci/run"
