#!/usr/bin/env bash
# ./dev bench [--engine mariadb|mysql|all] [--rounds N] [--seconds N] [--only TEXT]
#
# Builds, then prints one table per engine: the raw database's ceiling and LaneMQ in the same run, with durability
# settings. --only: the workloads whose name has TEXT in it. perf/README.md tells what each line measures.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case ${1:-} in --help | -h) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
"$here/setup.sh" test
"$here/build.sh" release lanemq-perf >&2
exec "$here/../build/release/bin/lanemq-perf" "$@"
