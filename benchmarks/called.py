"""Generated files with other numbers called: half of the calls and messages go abroad, spread over many prefixes."""

import re
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_CALLED: Final = re.compile(rb'"(callee_id|receiver_id)": "(?:\+|00)?[0-9]{9,15}"')
_IDENTITY: Final = re.compile(rb'"record_ID": "([^"]+)"')
# A record of the leg that reached a subscriber: its called number is the one served.
_TERMINATING: Final = b'"direction": "mt"'
_DIGITS_BEYOND: Final = 4
_SHORTEST: Final = 11


def redirect(source: Path, target: Path, prefixes: Sequence[str]) -> None:
    """Write the files of `source` into `target`, every second record with a called number of one of the prefixes.

    A record's identity chooses its number, so that copies of it stay copies.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*.jsonl")):
        lines = path.read_bytes().splitlines(keepends=True)
        (target / path.name).write_bytes(b"".join(_redirected(line, prefixes) for line in lines))


def _redirected(line: bytes, prefixes: Sequence[str]) -> bytes:
    identity = _IDENTITY.search(line)
    if identity is None or _TERMINATING in line:
        return line
    chosen, is_kept = divmod(zlib.crc32(identity[1]), 2)
    if is_kept:
        return line
    prefix = prefixes[chosen % len(prefixes)]
    number = f"{prefix}{chosen:010d}"[: max(len(prefix) + _DIGITS_BEYOND, _SHORTEST)]
    return _CALLED.sub(rb'"\1": "+' + number.encode() + b'"', line)
