#!/usr/bin/env python3
"""Writes docs/reference: errors.md from common/base/error.h, cli.md from `lanemq --help`.

  scripts/generate_reference.py [--check] [--cli PROGRAM]

--check writes nothing and fails when a page is not what it would be. Without --cli (default:
build/release/bin/lanemq, when it is there) only errors.md is looked at.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
ROW = re.compile(r'X\(k\w+, (\w+), (-?\d+), (k\w+), (k\w+), "([^"]*)"\)')
RETRY = {
    "kNever": "no",
    "kSafe": "yes, at once",
    "kAfterDelay": "yes, after `retry_after_ms` or a back-off",
    "kAfterRefresh": "yes, after reading metadata or offsets again",
}
EFFECT = {"kNone": "no", "kPossible": "**possibly**"}


def errors_page():
    rows = ROW.findall((ROOT / "common" / "base" / "error.h").read_text())
    assert rows, "common/base/error.h has no rows any more"
    lines = [
        "# Errors",
        "",
        "Generated from `common/base/error.h` by `scripts/generate_reference.py`. Numbers below 1000 are Kafka's for the",
        "same notion. A program looks at the code; the message is for people.",
        "",
        "| code | number | retry? | may have taken effect? | meaning |",
        "| --- | ---: | --- | --- | --- |",
    ]
    lines += [f"| `{name}` | {number} | {RETRY[retry]} | {EFFECT[effect]} | {meaning} |"
              for name, number, retry, effect, meaning in rows]
    return "\n".join(lines) + "\n"


def cli_page(program):
    return subprocess.run([program, "--reference"], capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--cli", type=pathlib.Path)
    options = parser.parse_args()
    cli = options.cli or ROOT / "build" / "release" / "bin" / "lanemq"
    pages = {"errors.md": errors_page()}
    if options.cli or cli.exists():
        pages["cli.md"] = cli_page(cli)
    stale = []
    for name, text in pages.items():
        path = PAGES / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote docs/reference/{name}")
    if options.check and stale:
        sys.exit(f"docs/reference is not current: {', '.join(stale)}; run scripts/generate_reference.py")


if __name__ == "__main__":
    main()
