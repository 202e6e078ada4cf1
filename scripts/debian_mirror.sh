#!/usr/bin/env bash
# Prints where this machine's apt gets Debian from: `SUITE URI` a line, this release's own suite first. No host is written
# down anywhere in this tree. Exit code 1 when apt knows no Debian archive.
set -euo pipefail

targets() { apt-get indextargets --format "$1" 'Created-By: Packages' 2>/dev/null; }
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
# An archive is Debian's when its InRelease says so. Before the first `apt-get update` there is none to say so; then it is
# each archive that has this release's suites.
found=$(targets '$(ORIGIN) $(RELEASE) $(REPO_URI)' | awk '$1 == "Debian" {print $2, $3}' | sort -u)
[ -n "$found" ] || found=$(targets '$(RELEASE) $(REPO_URI)' | awk -v r="$release" 'index($1, r) == 1 {print $1, $2}' | sort -u)
grep -E "^$release " <<<"$found"  # Without it there is nothing to build on.
grep -vE "^$release " <<<"$found" || true
