#!/usr/bin/env bash
# Proves that the README's two commands work on a machine that has nothing: makes a bare root of this Debian release with
# debootstrap, clones the committed tree into it, and runs ./dev there. Needs root and the package archive.
#
#   scripts/check_bare_root.sh [--keep] [--limit MINUTES] ['DEV COMMAND'...]
#
#   DEV COMMAND  what to run after ./dev, in this order; default: 'up' 'down' 'test'. For the package list alone:
#                scripts/check_bare_root.sh 'setup test' 'build'
#   --keep       leave the root behind (its path is printed); it is removed otherwise
#   --limit N    each command may take N minutes; default 60
#
# The steps run in mount and process namespaces of their own: when the check ends, whatever way, their processes and
# mounts are gone. The network is the machine's. The fresh root is kept in $LANEMQ_CACHE_DIR (default .cache) and copied
# each time. Logs: .cache/bare-root/log. Exit code 0 when every command succeeded; 75 when the archive does not answer.
set -euo pipefail

repo=$(cd "$(dirname "$0")/.." && pwd)
cache=${LANEMQ_CACHE_DIR:-$repo/.cache}/bare-root
keep='' limit=60 commands=()

# Inside the namespaces: mounts, then the commands; prints the summary.
if [ "${1:-}" = --inside ]; then
  target=$2 limit=$3 logs=$4
  shift 4
  mount -t proc proc "$target/proc"
  for dir in dev dev/pts dev/shm; do mount --bind "/$dir" "$target/$dir"; done
  result=0 summary=()
  for command in "$@"; do
    log=$logs/${command//[^a-z0-9]/_}.log started=$SECONDS code=0
    echo "bare root: ./dev $command (log: $log)"
    # shellcheck disable=SC2086 # The command is words.
    timeout --kill-after=30 "${limit}m" chroot "$target" /usr/bin/env -i HOME=/root USER=root LANG=C.UTF-8 TERM=dumb \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
      NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
      /bin/sh -c "cd /root/lanemq && ./dev $command" >"$log" 2>&1 </dev/null || code=$?
    summary+=("$(printf '%-8s %5d s  ./dev %s  | %s' "$([ $code = 0 ] && echo ok || echo "exit $code")" \
      $((SECONDS - started)) "$command" "$(grep -v '^$' "$log" | tail -n 1)")")
    [ $code = 0 ] || { result=1; tail -n 30 "$log" | sed 's/^/    /'; break; }
  done
  printf '%s\n' "== bare root summary" "${summary[@]}"
  exit $result
fi

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    --keep) keep=1 ;;
    --limit) limit=$2; shift ;;
    -*) echo "check_bare_root: unknown option '$1' (see --help)" >&2; exit 2 ;;
    *) commands+=("$1") ;;
  esac
  shift
done
[ ${#commands[@]} -gt 0 ] || commands=(up down test)
[ "$(id -u)" = 0 ] || { echo "check_bare_root: needs root (chroot)" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "check_bare_root: run ./dev setup first (debootstrap)" >&2; exit 69; }
[ -z "$(git -C "$repo" status --porcelain)" ] || echo "check_bare_root: NOTE: changes that are not committed are not checked" >&2

mkdir -p "$cache/log"
exec 9>"$cache/lock"
flock 9
read -r suite mirror < <("$repo/scripts/debian_mirror.sh") || { echo "check_bare_root: apt knows no Debian mirror" >&2; exit 75; }
fresh=$cache/$suite
if [ ! -d "$fresh" ]; then
  echo "check_bare_root: debootstrap $suite into $fresh" >&2
  rm -rf "$fresh.half"
  timeout --kill-after=30 1200 debootstrap --variant=minbase "$suite" "$fresh.half" "$mirror" >"$cache/log/debootstrap.log" 2>&1 ||
    { tail -n 20 "$cache/log/debootstrap.log" >&2; rm -rf "$fresh.half"; exit 75; }
  rm -rf "$fresh.half/var/cache/apt/archives/"*.deb
  mv "$fresh.half" "$fresh"
fi

target=$(mktemp -d "${TMPDIR:-/tmp}/lanemq-bare-root.XXXXXX")
if [ -n "$keep" ]; then trap 'echo "check_bare_root: the root is in $target" >&2' EXIT; else trap 'rm -rf "$target"' EXIT; fi
cp -a --reflink=auto "$fresh/." "$target/"

# The machine's way to the archive: mirrors, proxies, name service and certificates of its own.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
"$repo/scripts/debian_mirror.sh" | awk -v k=$keyring '{print "deb [signed-by=" k "] " $2 " " $1 " main"}' >"$target/etc/apt/sources.list"
apt-config dump | grep '^Acquire::' >"$target/etc/apt/apt.conf.d/90lanemq-bare-root" || true
cp /etc/resolv.conf /etc/hosts "$target/etc/"
mkdir -p "$target/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt "$target/usr/local/share/ca-certificates/" 2>/dev/null || true
git clone -q --no-local "$repo" "$target/root/lanemq"

unshare --mount --pid --fork --kill-child "$0" --inside "$target" "$limit" "$cache/log" "${commands[@]}"
