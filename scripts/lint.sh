#!/usr/bin/env bash
# ./dev lint [--clang-tidy [FILE...]] - format, layers and house rules; seconds. The same checks run in ./dev test.
#
#   --clang-tidy   clang-tidy as well, on the named files, else on every source file: minutes
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
with_tidy=''
case ${1:-} in
  '') ;;
  --help | -h) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
  --clang-tidy) with_tidy=1; shift ;;
  *) echo "lint: unknown option '$1' (try ./dev lint --help)" >&2; exit 2 ;;
esac
result=0
"$here/fmt.sh" --check || result=1
python3 "$here/check_layers.py" || result=1
python3 "$here/tidy.py" || result=1
[ -n "$with_tidy" ] && [ $result = 0 ] || exit $result

"$here/setup.sh" all --no-mysql
"$here/build.sh" clang  # Generated headers must be there, and compile_commands.json.
if [ $# -gt 0 ]; then printf '%s\0' "$@"; else git ls-files -z '*.cc'; fi |
  xargs -0 -r -n 1 -P "$(nproc)" clang-tidy --quiet -p build/clang
