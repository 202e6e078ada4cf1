#!/bin/sh
# build_pages.sh OUT - builds the portal's pages into OUT: pages.pack and pages.cc, for lanemq-portal.
#
# What npm installs stays in portal/web/node_modules until package-lock.json changes; only then the registry is needed.
set -eu
web=$(cd "$(dirname "$0")/.." && pwd)
out=$1
cd "$web"

fail() {
  echo "portal/web: $*" >&2
  echo "            Without pages, for now: cmake -DLANEMQ_BUILD_PAGES=OFF build/PRESET" >&2
  exit 1
}
for program in node npm; do
  command -v $program >/dev/null || fail "$program is missing: ./dev setup"
done
node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || fail "Node $(node --version) is too old: 18 is needed"

# Builds of several presets share the installed packages and the generated types.
exec 9<package.json
flock 9

lock=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ "$(cat node_modules/.lanemq-lock 2>/dev/null || true)" != "$lock" ]; then
  # Scripts of packages are not run: none of them is needed.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$out/npm.log" 2>&1 || {
    tail -n 15 "$out/npm.log" >&2
    fail "npm could not install what package-lock.json names: does the npm registry answer?"
  }
  echo "$lock" >node_modules/.lanemq-lock
fi

modules=node_modules
{
  node $modules/openapi-typescript/bin/cli.js ../openapi.yaml -o src/api/generated/schema.ts
  LANEMQ_PAGES_DIR="$out/dist" node $modules/vite/bin/vite.js build
} >"$out/build.log" 2>&1 || {
  tail -n 30 "$out/build.log" >&2
  fail "the pages do not build"
}
node scripts/pack.mjs "$out/dist" "$out"
