#!/usr/bin/env bash
# Puts a real MySQL 9 server into a private directory, from Debian's unstable archive, without touching the host system:
# packages are downloaded and unpacked, never installed, and the server runs with its own C library.
#
#   scripts/mysql_private.sh [DIR]     DIR: default $LANEMQ_MYSQL_DIR, else $LANEMQ_CACHE_DIR/mysql-9, else .cache/mysql-9
#
# The mirror is the one this machine's apt uses for Debian, signatures are checked against this machine's Debian
# keyring; $LANEMQ_APT_KEYRING names another one for machines whose keyring is older than the archive's keys. Harmless
# when it is done already; may be interrupted and called again.
# Exit codes: 0 ready, 75 the archive cannot be reached (callers skip MySQL, loudly), 1 anything else.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-${LANEMQ_MYSQL_DIR:-${LANEMQ_CACHE_DIR:-$root/.cache}/mysql-9}}
package=mysql-server-core

fail() {
  echo "mysql_private: $*" >&2
  exit 1
}
unreachable() {
  echo "mysql_private: $* - the MySQL leg of the tests will be SKIPPED" >&2
  exit 75
}

if [ "${1:-}" = --help ]; then sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p}' "$0"; exit 0; fi
if [ -x "$dir/bin/mysqld" ] && "$dir/bin/mysqld" --no-defaults --version >/dev/null 2>&1; then exit 0; fi

mkdir -p "$dir"
dir=$(cd "$dir" && pwd -P)  # The start script below names it.
exec 9>"$dir.lock"
flock 9
if [ -x "$dir/bin/mysqld" ] && "$dir/bin/mysqld" --no-defaults --version >/dev/null 2>&1; then exit 0; fi

mirror=$("$root/scripts/debian_mirror.sh" | awk 'NR == 1 {print $2}')
[ -n "$mirror" ] || unreachable "apt knows no Debian mirror"

work=$dir/work
mkdir -p "$work"/{etc/apt/preferences.d,state/lists/partial,cache/archives/partial,root}
: >"$work/state/status"
keyring=${LANEMQ_APT_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
[ -r "$keyring" ] || fail "cannot read the keyring $keyring (package debian-archive-keyring, or set LANEMQ_APT_KEYRING)"
echo "deb [signed-by=$keyring] $mirror sid main" >"$work/etc/apt/sources.list"
# A configuration of its own: the machine's way to the network (proxies, credentials, certificates), but none of its
# hooks, lists, status or caches.
{
  apt-config dump | grep '^Acquire::' || true
  cat <<EOF
Dir::Etc "$work/etc/apt";
Dir::Etc::netrc "/etc/apt/auth.conf";
Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::State "$work/state";
Dir::State::status "$work/state/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
APT::Architecture "$(dpkg --print-architecture)";
APT::Install-Recommends "false";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
Acquire::Languages "none";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
EOF
} >"$work/apt.conf"
apt() { APT_CONFIG=$work/apt.conf timeout --kill-after=10 900 apt-get -qq "$@"; }

echo "mysql_private: fetching $package from unstable into $dir" >&2
if ! apt update >"$work/update.log" 2>&1; then
  cat "$work/update.log" >&2
  ! grep -qE 'NO_PUBKEY|is not signed' "$work/update.log" || fail "$keyring lacks a key of unstable (see --help)"
  unreachable "the unstable archive does not answer"
fi

# What the server needs: itself and its libraries, not the tools around it.
apt --print-uris --yes install "$package" 2>"$work/plan.log" |
  awk '{print $2}' | sed 's/_.*//' | sort -u >"$work/plan" || { cat "$work/plan.log" >&2; exit 1; }
grep -E "^($package|lib.*|zlib1g)$" "$work/plan" | grep -vE '^lib(perl|gdbm|db5|sasl2-modules)' >"$work/wanted" || true
grep -q "^$package$" "$work/wanted" || fail "unstable has no $package"

mapfile -t wanted <"$work/wanted"
(cd "$work/cache/archives" && apt download "${wanted[@]}" >"$work/download.log" 2>&1) ||
  { cat "$work/download.log" >&2; unreachable "a package could not be downloaded"; }
for deb in "$work"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
find "$work/root/usr/bin" "$work/root/usr/sbin" -type f ! -name mysqld -delete
rm -rf "$work/root/usr/share/"{doc,man,lintian}

rm -rf "$dir/root"
mv "$work/root" "$dir/root"
loader=$(find "$dir/root" -name 'ld-linux*.so.*' | head -n 1)
libs=$(find "$dir/root" -name '*.so*' -printf '%h\n' | sort -u | grep -v plugin | paste -sd:)
mkdir -p "$dir/bin"
cat >"$dir/bin/mysqld.new" <<EOF
#!/bin/sh
# The server with its own C library, so that the host's version does not matter.
exec "$loader" --library-path "$libs" "$dir/root/usr/sbin/mysqld" --no-defaults --basedir="$dir/root/usr" \\
  --lc-messages-dir="$dir/root/usr/share/mysql" --character-sets-dir="$dir/root/usr/share/mysql/charsets" \\
  --plugin-dir="$dir/root/usr/lib/mysql/plugin" --secure-file-priv= "\$@"
EOF
# --no-defaults must be the first argument; callers may give it as well.
sed -i 's|^exec |[ "$1" = --no-defaults ] \&\& shift\nexec |' "$dir/bin/mysqld.new"
chmod +x "$dir/bin/mysqld.new"
mv "$dir/bin/mysqld.new" "$dir/bin/mysqld"
"$dir/bin/mysqld" --version >&2
rm -rf "$work"
