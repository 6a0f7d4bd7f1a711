"""Records as a source gives them, made from payloads, and what they say; texts with mistakes."""

import random
from collections.abc import Sequence

import pyarrow as pa

from telecom_cdr.sources import Records
from telecom_cdr.sources.decode import Decoder
from telecom_cdr.sources.lines import split_lines


def records_of(*payloads: bytes) -> Records:
    """One file whose lines are the payloads."""
    lines = split_lines(b"".join(payload + b"\n" for payload in payloads))
    return Records(
        source_id="file",
        source_partition=0,
        position_key="file",
        first_offset=0,
        next_offset=lines.line_count,
        offsets=pa.array(lines.line_numbers),
        payloads=lines.payloads,
        is_text_start=True,
    )


def decode(batch: Sequence[Records]) -> pa.Table:
    """One batch decoded on its own."""
    with Decoder() as decoder:
        return decoder.decode(batch)


def spoilt(text: str, inserts: str, chance: random.Random) -> str:
    """A text with one to three characters replaced, added or left out."""
    characters = list(text)
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.randrange(len(characters))
        characters[place : place + chance.randrange(2)] = chance.choice(("", chance.choice(inserts)))
    return "".join(characters)
