#!/usr/bin/env bash
# ./dev up - the first half: installs what is missing and builds the programs. The second half, up.py, starts and checks.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# A wrong flag must not cost a build; a machine without Python gets to know after it.
if command -v python3 >/dev/null; then
  python3 "$here/up.py" --parse-only "$@"
  for arg in "$@"; do case $arg in --help | -h) exit 0 ;; esac; done
fi
"$here/setup.sh" run
"$here/build.sh" release programs
exec "$here/up.py" "$@"
