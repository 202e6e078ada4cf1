#!/usr/bin/env python3
"""Prints 'passed failed skipped' of a ctest log, test by test.

ctest's own closing line counts skipped tests as passed; this does not.
"""
import re
import sys

RESULT = re.compile(r"^\s*\d+/\d+ Test\s+#\d+: .*?(Passed|\*\*\*Skipped|\*\*\*\S.*?|Disabled)\s+[\d.]+ sec")


def count(lines):
    passed = failed = skipped = 0
    for line in lines:
        match = RESULT.match(line)
        if not match:
            continue
        if match.group(1) == "Passed":
            passed += 1
        elif match.group(1) in ("***Skipped", "Disabled"):
            skipped += 1
        else:
            failed += 1
    return passed, failed, skipped


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        counts = count(log)
    # A log without a single result is a run that broke before its first test.
    print(*(counts if sum(counts) else (0, 1, 0)))
