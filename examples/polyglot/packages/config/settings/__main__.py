# SPDX-License-Identifier: MIT
"""python3 -m settings [FILE]: prints the settings in force as JSON."""

import json
import os
import sys
from pathlib import Path
from typing import List

from .loader import SettingsError, load


def main(arguments: List[str]) -> int:
    """Exit status 2 where the settings cannot be used."""
    path = Path(arguments[0]) if arguments else None
    try:
        values = load(path, os.environ)
    except SettingsError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    print(json.dumps(values, indent=2, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
