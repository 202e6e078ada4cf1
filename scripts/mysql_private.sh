#!/usr/bin/env bash
# Puts a real MySQL 9 server into a private directory, from Debian's unstable archive, without touching the host system:
# packages are downloaded and unpacked, never installed, and the server runs with its own C library.
#
#   scripts/mysql_private.sh [DIR]     DIR: default $LANEMQ_MYSQL_DIR, else $LANEMQ_CACHE_DIR/mysql-9, else .cache/mysql-9
#
# The mirror is the one this machine's apt uses for Debian. Harmless when it is done already; may be interrupted.
# Exit codes: 0 ready, 75 the archive cannot be reached (callers skip MySQL, loudly), 1 anything else.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-${LANEMQ_MYSQL_DIR:-${LANEMQ_CACHE_DIR:-$root/.cache}/mysql-9}}
package=mysql-server-core

unreachable() {
  echo "mysql_private: $* - the MySQL leg of the tests will be SKIPPED" >&2
  exit 75
}

if [ "${1:-}" = --help ]; then sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0; fi
if [ -x "$dir/bin/mysqld" ] && "$dir/bin/mysqld" --no-defaults --version >/dev/null 2>&1; then exit 0; fi

mkdir -p "$dir"
exec 9>"$dir.lock"
flock 9
if [ -x "$dir/bin/mysqld" ] && "$dir/bin/mysqld" --no-defaults --version >/dev/null 2>&1; then exit 0; fi

# The first archive of this machine that carries Debian itself: its InRelease says "Origin: Debian".
mirror=$(apt-get indextargets --format '$(SITE)|$(ORIGIN)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  awk -F'|' '$2 == "Debian" && $3 !~ /security/ {print $3; exit}')
[ -n "$mirror" ] || unreachable "apt knows no Debian mirror (run apt-get update)"

work=$dir/work
mkdir -p "$work"/{etc/apt/preferences.d,etc/apt/apt.conf.d,etc/apt/trusted.gpg.d,state/lists/partial,cache/archives/partial,root}
: >"$work/state/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] $mirror sid main" >"$work/etc/apt/sources.list"
apt=(-o "Dir::Etc=$work/etc/apt" -o "Dir::Etc::sourceparts=-" -o "Dir::State=$work/state"
  -o "Dir::State::status=$work/state/status" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=root"
  -o "APT::Architecture=$(dpkg --print-architecture)" -o "Acquire::Retries=3" -o "Acquire::Languages=none"
  -o "Acquire::http::Timeout=30" -o "APT::Install-Recommends=false" -o "APT::Get::List-Cleanup=false")
# The machine's own proxy settings still hold: the private tree sees its apt.conf.
cp -r /etc/apt/apt.conf.d/. "$work/etc/apt/apt.conf.d/" 2>/dev/null || true
[ -f /etc/apt/apt.conf ] && cp /etc/apt/apt.conf "$work/etc/apt/"

echo "mysql_private: fetching $package from unstable into $dir" >&2
apt-get "${apt[@]}" -qq update >"$work/update.log" 2>&1 || { cat "$work/update.log" >&2; unreachable "the unstable archive does not answer"; }

# What the server needs: itself and its libraries, not the tools around it.
apt-get "${apt[@]}" -qq --print-uris --yes install "$package" 2>"$work/plan.log" |
  awk '{print $2}' | sed 's/_.*//' | sort -u >"$work/plan" || { cat "$work/plan.log" >&2; exit 1; }
grep -E "^($package|lib.*|zlib1g)$" "$work/plan" | grep -vE '^lib(perl|gdbm|db5|sasl2-modules)' >"$work/wanted" || true
grep -q "^$package$" "$work/wanted" || { echo "mysql_private: unstable has no $package" >&2; exit 1; }

(cd "$work/cache/archives" && xargs -a "$work/wanted" apt-get "${apt[@]}" -qq download >"$work/download.log" 2>&1) ||
  { cat "$work/download.log" >&2; unreachable "a package could not be downloaded"; }
for deb in "$work"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$work/root"; done

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
