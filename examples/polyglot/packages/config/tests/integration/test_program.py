# SPDX-License-Identifier: MIT
"""The program as others start it: from the archive that the build makes."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Dict, List

ROOT = Path(__file__).resolve().parents[4]
ARCHIVE = ROOT / "build" / "settings.pyz"
EXAMPLE = ROOT / "packages" / "config" / "service.ini"


def start(
    arguments: List[str], added: Dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SERVICE_")}
    return subprocess.run(
        [sys.executable, str(ARCHIVE), *arguments],
        capture_output=True, check=False, text=True, env={**kept, **added},
    )


class Program(unittest.TestCase):
    def test_prints_json(self) -> None:
        done = start([str(EXAMPLE)], {"SERVICE_PORT": "9443"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            json.loads(done.stdout),
            {"host": "example.com", "port": 9443, "timeout": 5, "tls": True},
        )

    def test_says_what_is_wrong(self) -> None:
        done = start([], {"SERVICE_TLS": "maybe"})
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("tls: 'maybe' is neither on nor off", done.stderr)


if __name__ == "__main__":
    unittest.main()
