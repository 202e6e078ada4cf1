#!/usr/bin/env bash
# ./dev setup - installs what is missing from Debian's packages (as root), and a private MySQL 9. Harmless when nothing is.
#
#   ./dev setup [--no-mysql]     --no-mysql: leave the private MySQL 9 (tests skip it, loudly)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

with_mysql=1
for arg in "$@"; do
  case $arg in
    --help | -h) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --no-mysql) with_mysql=0 ;;
    *) echo "setup: unknown option '$arg' (try ./dev setup --help)" >&2; exit 2 ;;
  esac
done

# A program that is there from elsewhere is as good as Debian's package of it.
have() {
  case $1 in
    nodejs) command -v node ;;
    npm | git | cmake | ccache | python3) command -v "$1" ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
  esac >/dev/null 2>&1
}

missing=()
while read -r name _; do
  case $name in '' | '#'*) continue ;; esac
  have "$name" || missing+=("$name")
done <"$here/packages.txt"

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "setup: these packages are missing, and installing them needs root: ${missing[*]}" >&2
    echo "setup: run 'sudo ./dev setup', or install them yourself" >&2
    exit 1
  fi
  echo "setup: installing ${#missing[@]} packages: ${missing[*]}" >&2
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  export DEBIAN_FRONTEND=noninteractive
  # No service is started: tests and ./dev up run servers of their own.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f "$log" '$policy EXIT
  fi
  if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "setup: installing failed; is the package archive reachable?" >&2
    exit 1
  fi
fi

if [ $with_mysql = 1 ]; then
  code=0
  "$here/mysql_private.sh" || code=$?
  [ $code = 0 ] || [ $code = 75 ] || exit $code
fi
