#!/usr/bin/env python3
"""Reads ctest's JUnit file: says why each skipped test was skipped, then 'passed failed skipped', test by test.

ctest's own closing line counts skipped tests as passed; this does not. The reasons go to stderr.
`count_tests.py --failures FILE` says instead which tests failed, and the end of what they printed.
"""
import re
import sys
import tempfile
import xml.etree.ElementTree as ElementTree


def is_skip(case, output):
    """ctest takes a test that failed and then skipped for skipped; this does not."""
    skip = case.find("skipped")
    return skip is not None and (skip.get("message") or "").startswith("SKIP_") and "[  FAILED  ]" not in output


def has_failed(case, output):
    """"fail", and "notrun" because its program is missing."""
    status = case.get("status")
    return status not in ("run", "disabled") and not (status == "notrun" and is_skip(case, output))


def count(path):
    """(passed, failed, skipped, {reason: number of tests}) of one run; a run that left no result has failed."""
    try:
        cases = ElementTree.parse(path).getroot().findall("testcase")
    except (OSError, ElementTree.ParseError):
        cases = []
    passed = failed = skipped = 0
    reasons = {}
    for case in cases:
        status = case.get("status")
        output = case.findtext("system-out") or ""
        if status in ("run", "fail") and len(re.findall(r"\[ RUN      \]", output)) > 1:
            shard = {word: int((re.findall(rf"\[  {word} *\] (\d+) tests?\b", output) or ["0"])[-1])
                     for word in ("PASSED", "FAILED", "SKIPPED")}
            passed, skipped = passed + shard["PASSED"], skipped + shard["SKIPPED"]
            failed += max(shard["FAILED"], int(status == "fail"))
            if shard["SKIPPED"]:
                reasons["in shards"] = reasons.get("in shards", 0) + shard["SKIPPED"]
            continue
        if status == "run":
            passed += 1
        elif has_failed(case, output):
            failed += 1
        else:
            skipped += 1
            match = re.search(r"Skipped\n(.*?)\n+\[", output, re.DOTALL)
            last = (output.strip().splitlines() or ["gave no reason"])[-1]
            reason = "disabled" if status == "disabled" else match.group(1).strip() if match else last
            reasons[reason] = reasons.get(reason, 0) + 1
    return (passed, failed, skipped, reasons) if cases else (0, 1, 0, {})


def failures(path, lines=25, most=10):
    """What failed, for the end of a long log: a line each, and the last `lines` lines of output of the first `most`."""
    try:
        cases = ElementTree.parse(path).getroot().findall("testcase")
    except (OSError, ElementTree.ParseError):
        return [f"{path}: no result"]
    told = []
    for case in cases:
        output = case.findtext("system-out") or ""
        if not has_failed(case, output):
            continue
        told.append(f"FAILED: {case.get('name')}")
        if len(told) <= most:
            told[-1] += "".join(f"\n  | {line[:300]}" for line in output.strip().splitlines()[-lines:])
    return told


def self_test():
    sample = """<testsuite><testcase status="run"/><testcase status="fail"/><testcase status="disabled"/>
      <testcase status="notrun"><skipped message="Unable to find executable"/></testcase>
      <testcase status="notrun"><skipped message="SKIP_X"/><system-out>[  FAILED  ] [  SKIPPED ]</system-out></testcase>
      <testcase status="notrun"><skipped message="SKIP_X"/><system-out>a.cc:1: Skipped\nno MySQL here\n\n[  SKIPPED ] X (0 ms)</system-out></testcase>
      <testcase status="run"><system-out>[ RUN      ] a\n[ RUN      ] b\n[ RUN      ] c\n[  PASSED  ] 2 tests.\n[  SKIPPED ] 1 test, listed below:</system-out></testcase>
      <testcase status="fail"><system-out>[ RUN      ] a\n[ RUN      ] b\n[  PASSED  ] 1 test.\n[  FAILED  ] 1 test, listed below:</system-out></testcase>
      <testcase status="fail"><system-out>[ RUN      ] a\n[ RUN      ] b\nSegmentation fault</system-out></testcase>
      </testsuite>"""
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(sample)
        file.flush()
        told = failures(file.name, lines=2)
        assert len(told) == 5 and told[-1].endswith("\n  | [ RUN      ] b\n  | Segmentation fault"), told
        assert count(file.name) == (4, 5, 3, {"disabled": 1, "no MySQL here": 1, "in shards": 1}), count(file.name)
    assert count("/no/such/file") == (0, 1, 0, {})
    print("count_tests: counts what it should")


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        sys.exit(self_test())
    if "--failures" in sys.argv:
        print(*failures(sys.argv[-1]), sep="\n")
        sys.exit()
    *counts, skips = count(sys.argv[1])
    for text, number in skips.items():
        print(f"NOTE: {number} tests skipped: {text}", file=sys.stderr)
    print(*counts)
