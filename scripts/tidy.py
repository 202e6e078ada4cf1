#!/usr/bin/env python3
"""House rules a compiler does not know. Runs as the test `tidy`; `--self-test` shows each rule catch a bad sample."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WAITING = ("tests/support/",)
# Pattern, what to use instead, path prefixes where it is allowed.
BANNED = [
    (r"system_clock::now|steady_clock::now", "Clock (common/base/clock.h)", ("common/base/",)),
    (r"sleep_for|sleep_until|\busleep\(|\bsleep\(", "WaitFor in tests, a condition variable elsewhere", WAITING),
    (r"\bs?rand\(|random_device", "Random (common/base/random.h)", ("common/base/",)),
    (r"\bgetenv\(", "an option declared with CLI11", ("common/base/", "tests/support/", "client/cli/")),
    (r"\bFIXME\b", "a TODO with an issue number, or the fix", ()),
    (r"\bTODO(?!\(#\d+\))", "TODO(#issue)", ()),
]
ANYWHERE = [
    (r"/(?:work|home/[a-z]+)/[a-z]", "a path of one machine"),
    (r"\b(deb|registry|security|mirrors?|pypi|index|proxy|snapshot)\.[a-z]+\.(org|com|io|dev)\b", "a package registry's host"),
]
LINES_MAX = {".cc": 400, ".h": 250}


def violations(path, text):
    suffix = pathlib.PurePath(path).suffix
    lines = text.splitlines()
    if suffix in LINES_MAX:
        # A suite is tests in a header; tests are long tables.
        limit = LINES_MAX[suffix] * (2 if path.endswith(("_test.cc", "_suite.h")) else 1)
        if len(lines) > limit:
            yield f"{path}: {len(lines)} lines; over {limit} it wants to be two files"
        for number, line in enumerate(lines, 1):
            for pattern, instead, allowed in BANNED:
                if re.search(pattern, line) and not path.startswith(allowed or ("\0",)):
                    yield f"{path}:{number}: '{line.strip()}': use {instead}"
    if suffix == ".h" and "#pragma once" not in text:
        yield f"{path}: no #pragma once"
    if not path.startswith("scripts/tidy"):
        for number, line in enumerate(lines, 1):
            for pattern, what in ANYWHERE:
                if re.search(pattern, line):
                    yield f"{path}:{number}: names {what}"


def self_test():
    bad = {
        "a.cc": "auto t = std::chrono::steady_clock::now();",
        "b_test.cc": "std::this_thread::sleep_for(1s);",
        "c.cc": "// TODO: later",
        "d.h": "int x;",
        "e.cc": "\n" * 500,
        "f.md": "see /home/" + "somebody/x",
        "g.json": '"resolved": "https://registry.' + 'example.org/thrift.tgz"',
        "h.cc": "// FIXME",
        "broker/i.cc": 'getenv("HOME")',
        "j.cc": "int x = rand();",
    }
    for path, text in bad.items():
        assert list(violations(path, text)), f"{path} must fail"
    assert not list(violations("common/base/clock.cc", "std::chrono::steady_clock::now()"))
    print("tidy: the checker catches what it should")


def main():
    if "--self-test" in sys.argv:
        return self_test()
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    found = []
    for path in files:
        full = ROOT / path
        if full.suffix in (".cc", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".sql", ".thrift", ".json", "") and full.is_file():
            found += violations(path, full.read_text(encoding="utf-8", errors="replace"))
    print("\n".join(found) if found else "tidy: fine")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
