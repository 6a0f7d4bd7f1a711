"""Writes the larger files of the default catalogue as CSV."""

import sys
from pathlib import Path

from telecom_cdr.reference.default_catalogue.files import write

if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else "sql/reference")):
        print(f"wrote {path}")
