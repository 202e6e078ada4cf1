#!/usr/bin/env python3
"""The README's example is the one that is built, and it runs; the reference pages are current."""

import re
import subprocess
import sys
import unittest

import rig


class ReadmeTest(unittest.TestCase):
    def test_example_is_the_built_one(self):
        readme = (rig.ROOT / "README.md").read_text()
        example = (rig.ROOT / "client" / "examples" / "first_steps.cc").read_text()
        self.assertEqual(re.search(r"```cpp\n(.*?)```", readme, re.DOTALL).group(1), example)
        self.assertLessEqual(len(example.splitlines()), 25)

    def test_links_lead_somewhere(self):
        for link in re.findall(r"\]\(([^)#]+)", (rig.ROOT / "README.md").read_text()):
            self.assertTrue((rig.ROOT / link).exists(), link)

    def test_reference_pages_are_current(self):
        done = subprocess.run([sys.executable, rig.ROOT / "scripts" / "generate_reference.py", "--check",
                               f"--cli={rig.BIN_DIR / 'lanemq'}"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    rig.run_tests()
