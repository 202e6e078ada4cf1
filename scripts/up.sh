#!/usr/bin/env bash
# ./dev up - the first half: installs what is missing and builds the programs. The second half, up.py, starts and checks.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
for arg in "$@"; do
  case $arg in
    --help | -h) ! command -v python3 >/dev/null || exec "$here/up.py" --help ;;
  esac
done
"$here/setup.sh" run
"$here/build.sh" release programs
exec "$here/up.py" "$@"
