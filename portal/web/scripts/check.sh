#!/bin/sh
# check.sh [types|unit] - what the compiler and the formatter say of the pages' source; the tests of what is pure.
# After ./dev build, which installs what is needed.
set -eu
cd "$(dirname "$0")/.."
if [ ! -d node_modules/typescript ]; then
  echo "SKIPPED LOUDLY: the packages of portal/web/package-lock.json are not installed: ./dev build"
  exit 77
fi
case ${1:-types} in
  types)
    # Against the description of the API as it is now.
    exec 9<package.json
    flock 9
    node node_modules/openapi-typescript/bin/cli.js ../openapi.yaml -o src/api/generated/schema.ts >/dev/null
    node node_modules/typescript/bin/tsc --noEmit
    node node_modules/prettier/bin/prettier.cjs --check --log-level warn .
    ;;
  unit) exec node node_modules/vitest/vitest.mjs run ;;
  *) echo "check.sh: types or unit" >&2; exit 2 ;;
esac
