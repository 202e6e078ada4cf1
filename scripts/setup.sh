#!/usr/bin/env bash
# ./dev setup - installs what is missing of Debian's packages that LaneMQ needs (scripts/packages.txt), and a private
# MySQL 9. Says nothing and takes no time when nothing is missing; needs root only when a package is.
#
#   ./dev setup [run|test|all] [--no-mysql] [--print]
#
#   run         what ./dev up needs: compiler, libraries, Node and npm for the portal's pages, MariaDB
#   test        and what ./dev test needs: the other languages' Thrift, a browser, clang-format, MySQL 9
#   all         and clang, clang-tidy, debootstrap: the other presets and scripts/check_bare_root.sh (default)
#   --no-mysql  leave MySQL 9 (its tests are skipped, loudly)
#   --print     only print the missing packages, one a line
#
# Exit codes: 0 everything is there, 69 the archive cannot be reached or lacks a package, 77 root is needed, 2 usage.
set -euo pipefail

scripts=$(cd "$(dirname "$0")" && pwd)
level=all print='' mysql=1
for arg in "$@"; do
  case $arg in
    run | test | all) level=$arg ;;
    --no-mysql) mysql= ;;
    --print) print=1 ;;
    -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "setup: unknown option '$arg' (try ./dev setup --help)" >&2; exit 2 ;;
  esac
done

case $level in run) groups=run ;; test) groups='run test' ;; all) groups='run test all' ;; esac

command -v dpkg-query >/dev/null || {
  echo "setup: this is not Debian; install the equivalents of scripts/packages.txt yourself" >&2
  exit 69
}

wanted=() missing=()
while read -r group package _; do
  [[ " $groups " == *" $group "* ]] || continue
  [[ $package == *'|'* ]] && command -v "${package#*|}" >/dev/null && continue
  wanted+=("${package%|*}")
done < <(sed 's/#.*//; /^[[:space:]]*$/d' "$scripts/packages.txt")

installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]}" 2>/dev/null || true)"
for package in "${wanted[@]}"; do
  [[ $installed == *" installed=$package "* ]] || missing+=("$package")
done
if [ -n "$print" ]; then
  [ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
  exit 0
fi

# The MySQL leg of the tests is skipped, loudly, where unstable cannot be reached.
mysql() {
  [ -n "$mysql" ] && [ "$level" != run ] || return 0
  local code=0
  "$scripts/mysql_private.sh" || code=$?
  [ $code = 75 ] || return $code
}
if [ ${#missing[@]} -eq 0 ]; then
  mysql
  exit
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "setup: root is needed to install: ${missing[*]}" >&2
  echo "       run: sudo ./dev setup $level" >&2
  exit 77
fi

log=$(mktemp)
# Programs are wanted, not services: Debian starts a daemon when it installs one, unless the machine's policy says no.
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ]; then policy=''; else printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"; fi
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 timeout --kill-after=10 1800 apt-get -qq --yes \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o Acquire::http::Timeout=30 \
    -o Acquire::https::Timeout=30 "$@" >>"$log" 2>&1 </dev/null
}
install() { apt install --no-install-recommends "${missing[@]}"; }

echo "setup: installing ${#missing[@]} packages: ${missing[*]}" >&2
# The lists of a fresh machine are empty and those of an old one are stale: read them again when they do not do.
if ! install && { ! apt update || ! install; }; then
  tail -n 40 "$log" >&2
  echo "setup: apt-get could not install the packages above (is the network there? has the mirror moved?)" >&2
  exit 69
fi
mysql
