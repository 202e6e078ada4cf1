#!/usr/bin/env bash
# ./dev lint - format, layers and house rules; seconds. The same checks run as tests with the label `lint`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in
  '') ;;
  --help | -h) sed -n '2s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "lint: unknown option '$1' (try ./dev lint --help)" >&2; exit 2 ;;
esac
"$here/fmt.sh" --check
python3 "$here/check_layers.py"
python3 "$here/tidy.py"
