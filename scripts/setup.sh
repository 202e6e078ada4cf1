#!/usr/bin/env bash
# Installs what is missing of Debian's packages that LaneMQ needs (scripts/packages.txt). Says nothing and takes no
# time when nothing is missing; needs root only when something is.
#
#   ./dev setup [run|test|ci] [--print]
#
#   run      what ./dev up needs: compiler, libraries, MariaDB
#   test     and what ./dev test needs: the other languages' Thrift, clang-format
#   ci       and what ./dev ci and ./dev lint need: clang, clang-tidy, debootstrap (default)
#   --print  only print what is missing, one a line
#
# Exit codes: 0 everything is there, 69 the archive cannot be reached or lacks a package, 77 root is needed, 64 usage.
set -euo pipefail

scripts=$(cd "$(dirname "$0")" && pwd)
level=ci print=
for arg in "$@"; do
  case $arg in
    run | test | ci) level=$arg ;;
    --print) print=1 ;;
    -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "setup: unknown argument '$arg' (see ./dev setup --help)" >&2; exit 64 ;;
  esac
done

case $level in run) groups=run ;; test) groups='run test' ;; ci) groups='run test ci' ;; esac

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
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "setup: root is needed to install: ${missing[*]}" >&2
  echo "       run: sudo ./dev setup $level" >&2
  exit 77
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
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
